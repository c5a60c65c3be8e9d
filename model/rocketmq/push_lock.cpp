// Locks of an orderly consumer's queues, and the one scheduled thread of its ConsumeMessageOrderlyService.
//
// - lockMQPeriodically: 1 s after the start, then each 20 s: LOCK_BATCH_MQ of all its queues, broker by
// broker.
// - tryLockLaterAndReconsume: a queue without its lock: LOCK_BATCH_MQ, then consume (10 ms) or look again (3
// s).
// - submitConsumeRequestLater.
//
// The thread awaits the answer to each LOCK_BATCH_MQ (1 s): while a broker is silent, whatever comes due
// waits. A queue that is given up is unlocked one-way (RebalancePushImpl).
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_lock_all = 1_s;                     // ConsumeMessageOrderlyService.start
constexpr Duration rebalance_lock_interval = 20_s;           // ProcessQueue.REBALANCE_LOCK_INTERVAL
constexpr Duration lock_max_live_time = 30_s;                // ProcessQueue.REBALANCE_LOCK_MAX_LIVE_TIME
constexpr Duration unlock_delay = 20_s;                      // UNLOCK_DELAY_TIME_MILLS (4.9: unlockDelay)
constexpr Duration after_lock = 10_ms, after_refusal = 3_s;  // tryLockLaterAndReconsume

OrderlyService& service_of(const Push& push) { return push.memory.orderly; }

PushOn event_of(OrderlyJob job) {
  if (job == OrderlyJob::lock) return PushOn::lock_later;
  return job == OrderlyJob::consume ? PushOn::consume_later : PushOn::unlock_later;
}

OrderlyTask task_of(const PushQueue& queue, std::uint32_t slot, OrderlyJob job) {
  OrderlyTask task;
  task.used = true;
  task.job = job;
  task.topic = queue.topic;
  task.broker = queue.broker;
  task.queue = queue.queue;
  task.slot = slot;
  task.generation = queue.generation;
  return task;
}

void schedule_task(const Push& push, OrderlyTask task, Duration delay) {
  std::vector<OrderlyTask>& later = service_of(push).later;
  const auto free = std::find_if(later.begin(), later.end(), [](const OrderlyTask& t) { return !t.used; });
  const auto slot = static_cast<std::uint32_t>(free - later.begin());
  if (free == later.end()) later.emplace_back();
  task.ticket = service_of(push).next_ticket++;
  const PushEvent due{.on = event_of(task.job), .slot = slot, .generation = task.ticket};
  task.timer = push.context.arm(delay, push.event(due));
  later[slot] = task;
}

/// The process queue of a task, if it is still there and not given up; null: it is not.
PushQueue* queue_of_task(const Push& push, const OrderlyTask& task) {
  if (task.slot >= push.memory.queues.size()) return nullptr;
  PushQueue& queue = push.memory.queues[task.slot];
  return queue.used && queue.generation == task.generation && !queue.orderly.dropped ? &queue : nullptr;
}

/// submitConsumeRequest: of a queue that has been given up nothing becomes.
void consume(const Push& push, const OrderlyTask& task) {
  PushQueue* queue = queue_of_task(push, task);
  if (queue == nullptr) return;
  queue->orderly.run = OrderlyRun::queued;
  submit(push, {task.slot, 0, 0, {}});
}

/// buildProcessQueueTableByBrokerName. 4.9 takes along what it has given up and not released yet.
std::vector<TopicQueue> queues_at(const Push& push, std::uint16_t broker) {
  std::vector<TopicQueue> names;
  for (const PushQueue& queue : push.memory.queues) {
    if (queue.used && queue.broker == broker && (push.is_4_9() || !queue.orderly.dropped))
      names.push_back({queue.topic, queue.queue});
  }
  return names;
}

void thread_free(const Push& push);

void lock_one_over(const Push& push, const OrderlyTask& task, bool locked) {
  if (queue_of_task(push, task) != nullptr)
    consume_later(push, task.slot, locked ? after_lock : after_refusal);
  thread_free(push);
}

/// lockAll: the next broker that this consumer has queues of.
void lock_at(const Push& push, std::uint16_t broker) {
  for (; broker < push.brokers(); ++broker) {
    std::vector<TopicQueue> names = queues_at(push, broker);
    const std::int32_t address = address_in_publish(push, broker);
    if (names.empty() || address < 0) continue;
    service_of(push).broker = broker;
    call_lock(push, CallFor::lock_all, static_cast<std::uint16_t>(address), std::move(names));
    return;
  }
  thread_free(push);
}

/// The thread takes the task up. True: it waits for an answer.
bool run_task(const Push& push, const OrderlyTask& task) {
  if (task.job == OrderlyJob::consume) return consume(push, task), false;
  OrderlyService& service = service_of(push);
  service.waits = true;
  service.task = task;
  if (task.job == OrderlyJob::lock_all) {
    lock_at(push, 0);
    return service.waits;
  }
  const std::int32_t address = address_in_publish(push, task.broker);
  if (address < 0) {
    lock_one_over(push, task, false);
  } else {
    call_lock(push, CallFor::lock_one, static_cast<std::uint16_t>(address), {{task.topic, task.queue}});
  }
  return service.waits;
}

void run_or_hold(const Push& push, const OrderlyTask& task) {
  if (service_of(push).waits)
    service_of(push).held.push_back(task);
  else
    run_task(push, task);
}

void thread_free(const Push& push) {
  OrderlyService& service = service_of(push);
  service.waits = false;
  service.task = OrderlyTask{};
  service.broker = 0;
  while (!service.waits && !service.held.empty()) {
    const OrderlyTask next = service.held.front();
    service.held.erase(service.held.begin());
    run_task(push, next);
  }
}

void set_locked(const Push& push, std::uint32_t slot) {
  OrderlyQueue& orderly = push.memory.queues[slot].orderly;
  orderly.locked = true;
  orderly.locked_at = push.now();
  pull_if_locked(push, slot);
}

bool has(const std::vector<TopicQueue>& names, const PushQueue& queue) {
  return std::find(names.begin(), names.end(), TopicQueue{queue.topic, queue.queue}) != names.end();
}

/// What the answer says of each queue of this broker that was asked for. lockAll believes a refusal; lock
/// leaves the queue as it is.
void note_locks(const Push& push, const PushCall& call, const std::vector<TopicQueue>& locked) {
  for (std::uint32_t slot = 0; slot < push.memory.queues.size(); ++slot) {
    PushQueue& queue = push.memory.queues[slot];
    if (!queue.used || queue.broker != master_of(push.all(), call.broker) || !has(call.queues, queue))
      continue;
    if (has(locked, queue)) {
      set_locked(push, slot);
    } else if (call.what == CallFor::lock_all) {
      queue.orderly.locked = false;
    }
  }
}

}  // namespace

bool holds_lock(const Push& push, const PushQueue& queue) {
  return queue.orderly.locked && push.now() - queue.orderly.locked_at <= lock_max_live_time;
}

/// lockAll without a queue does nothing, so it is no event.
void arm_lock_all(const Push& push) {
  ServiceTimer& timer = service_of(push).lock_timer;
  const auto& queues = push.memory.queues;
  const bool any = std::any_of(queues.begin(), queues.end(), [](const PushQueue& q) { return q.used; });
  if (timer.armed || !any) return;
  const SimTime first = push.memory.since + first_lock_all;
  arm(push, timer, next_on_grid(first, rebalance_lock_interval, push.now()), {.on = PushOn::lock_all});
}

void on_lock_all(const Push& push, const PushEvent& event) {
  if (!fired(service_of(push).lock_timer, event)) return;
  arm_lock_all(push);
  OrderlyTask all;
  all.used = true;
  run_or_hold(push, all);
}

void lock_later(const Push& push, std::uint32_t slot, Duration delay) {
  schedule_task(push, task_of(push.memory.queues[slot], slot, OrderlyJob::lock), delay);
}

void consume_later(const Push& push, std::uint32_t slot, Duration delay) {
  schedule_task(push, task_of(push.memory.queues[slot], slot, OrderlyJob::consume), delay);
}

bool is_stale_task(const OrderlyService& service, const PushEvent& event) {
  const auto& later = service.later;
  return event.slot >= later.size() || !later[event.slot].used ||
         later[event.slot].ticket != event.generation;
}

void on_orderly_task(const Push& push, const PushEvent& event) {
  std::vector<OrderlyTask>& later = service_of(push).later;
  if (is_stale_task(service_of(push), event)) return;
  const OrderlyTask task = later[event.slot];
  later[event.slot] = OrderlyTask{};
  while (!later.empty() && !later.back().used) later.pop_back();
  if (task.job == OrderlyJob::unlock) return unlock(push, task.broker, {{task.topic, task.queue}});
  run_or_hold(push, task);
}

void lock_over(const Push& push, const PushCall& call, const Payload* answer) {
  const OrderlyTask task = service_of(push).task;
  bool locked = false;
  if (answer != nullptr) {
    const std::vector<TopicQueue> names = push.world.queue_sets.slots[answer->size].queues;
    release_payload(push.world, *answer);
    note_locks(push, call, names);
    locked = !names.empty();
  }
  if (call.what == CallFor::lock_all)
    return lock_at(push, static_cast<std::uint16_t>(service_of(push).broker + 1));
  lock_one_over(push, task, locked);
}

bool is_in_listener(const Push& push, std::uint32_t slot) {
  const auto& threads = push.memory.threads;
  const std::uint32_t generation = push.memory.queues[slot].generation;
  return std::any_of(threads.begin(), threads.end(), [&](const ConsumeThread& thread) {
    const bool holds = thread.state == ThreadState::working || thread.state == ThreadState::stuck;
    return holds && thread.life == generation && !thread.messages.empty();
  });
}

/// Its pulls end, and the result of a listener that has a message of it will be ignored.
void drop_queue(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  if (std::exchange(queue.orderly.dropped, true)) return;
  push.context.cancel(queue.timer);
  queue.state = PullState::over;
  std::erase_if(push.memory.pending, [&](const PendingMessages& pending) { return pending.slot == slot; });
  for (ConsumeThread& thread : push.memory.threads) {
    if (thread.state != ThreadState::free && thread.life == queue.generation) thread.dropped = true;
  }
  for (OrderlyTask& task : service_of(push).later) {
    // What is to be locked is, given up or not.
    if (!task.used || task.generation != queue.generation || task.job != OrderlyJob::consume) continue;
    push.context.cancel(task.timer);
    task = OrderlyTask{};
  }
  pull_thread_goes_on(push);
}

void release_queue(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  persist(push, queue);
  const OrderlyTask task = task_of(queue, slot, OrderlyJob::unlock);
  const bool has_temp_message = !queue.held.empty();
  remove_queue(push, slot);
  if (push.is_4_9() && has_temp_message) return schedule_task(push, task, unlock_delay);
  unlock(push, task.broker, {{task.topic, task.queue}});
}

void unlock(const Push& push, std::uint16_t set, std::vector<TopicQueue> queues) {
  const bool is_found = push.all().brokers[set].is_found_by_route();
  const std::int32_t address = is_found ? address_in_publish(push, set) : std::int32_t{set};
  if (address < 0) return;
  const auto broker = static_cast<std::uint16_t>(address);
  if (queues.empty() || !push.memory.channels[broker].open) return;
  Payload request;
  request.kind = PayloadKind::unlock_batch;
  request.oneway = true;
  request.group = push.config.group.value;
  request.record = push.world.processes[push.self.process.value].incarnation.value;
  request.opaque = push.memory.next_opaque++;
  request.size = push.world.queue_sets.take();
  push.world.queue_sets.slots[request.size].queues = std::move(queues);
  const auto subject = sim::subject(push.life(), static_cast<std::uint64_t>(request.kind) << 32 | broker);
  if (!send_now(push, broker, request, subject)) release_payload(push.world, request);
}

void unlock_all(const Push& push) {
  for (std::uint16_t broker = 0; broker < push.brokers(); ++broker)
    unlock(push, broker, queues_at(push, broker));
}

void forget_orderly(const Push& push) {
  for (const OrderlyTask& task : service_of(push).later) push.context.cancel(task.timer);
}

}  // namespace brokersim::model::rocketmq
