// PullMessageService and DefaultMQPushConsumerImpl.pullMessage: one pull request per process queue, which
// goes round and round. What follows an answer is an event of its own, so a crash may fall between the
// messages' arrival and the next pull, which carries an offset to the broker.
#include "model/rocketmq/push_internal.hpp"
#include "model/rocketmq/remoting_times.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration after_flow_control = 50_ms;  // PULL_TIME_DELAY_MILLS_WHEN_CACHE_FLOW_CONTROL
constexpr Duration before_correction_4_9 =
    10_s;  // DefaultMQPushConsumerImpl.pullMessage (4.9.8), OFFSET_ILLEGAL
/// PullAPIWrapper.popAsync: the poll time and 10 s; and the second of grace of scanResponseTable.
constexpr Duration pop_timeout = 26_s;
constexpr std::int64_t mebibyte = 1024 * 1024;

PushEvent about(const PushQueue& queue, std::uint32_t slot, PushOn on) {
  return {.on = on, .broker = queue.broker, .slot = slot, .generation = queue.generation};
}

/// Keys the draws that belong to one queue of one topic.
std::uint64_t draws_of(const PushQueue& queue) {
  return std::uint64_t{queue.topic.value} << 32 | std::uint64_t{queue.broker} << 16 | queue.queue;
}

bool is_throttled(const Push& push, const PushQueue& queue) {
  if (push.is_pop()) return pop_is_throttled(push, queue);
  const PushConsumerSettings& settings = push.settings();
  return queue.held.count > settings.pullThresholdForQueue ||
         queue.held.bytes / mebibyte > settings.pullThresholdSizeForQueue ||
         (!push.is_orderly() && queue.held.span() > settings.consumeConcurrentlyMaxSpan);
}

/// A pull from a slave takes no offset along (PullAPIWrapper.pullKernelImpl: clearCommitOffsetFlag). Whoever
/// the route shows at brokerId 0 is none.
bool carries_offset(const Push& push, const PushQueue& queue) {
  const bool moves = push.all().brokers[queue.broker].is_found_by_route();
  const std::int32_t master = moves ? address_in_publish(push, queue.broker) : std::int32_t{queue.broker};
  return queue.committed > 0 && queue.from == master && !push.is_broadcasting();
}

Payload pull_request(const Push& push, PushQueue& queue) {
  queue.opaque = push.memory.next_opaque++;
  Payload request;
  request.kind = PayloadKind::pull_request;
  request.topic = queue.topic;
  request.queue = queue.queue;
  request.opaque = queue.opaque;
  request.size = static_cast<std::uint32_t>(push.settings().pullBatchSize);
  request.offset = queue.next;
  request.group = push.config.group.value;
  if (carries_offset(push, queue)) {
    request.mark = Mark::commits;
    request.sequence = static_cast<std::uint32_t>(queue.committed);
  }
  return request;
}

/// DefaultMQPushConsumerImpl declares 3 s, but its constructor asks the configuration (1 s).
Duration after_exception(const Push& push) { return push.settings().pullTimeDelayMillsWhenException; }

/// onException.
void failed(const Push& push, std::uint32_t slot) {
  mark_dirty(push, push.memory.queues[slot]);
  pull_later(push, slot, after_exception(push));
}

/// pullKernelImpl: looks for the route once more, then "The broker not exist".
void find_nobody(const Push& push, std::uint32_t slot) {
  refresh_route(push, push.memory.queues[slot].topic);
  failed(push, slot);
}

/// The offset that goes along is as good as persisted, unless the channel breaks (pulls_disconnected) or the
/// broker refuses the pull (failed).
void send_pull(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  const Payload request = push.is_pop() ? pop_request(push, queue) : pull_request(push, queue);
  const auto subject =
      sim::subject(sim::subject(push.life(), draws_of(queue)), static_cast<std::uint64_t>(queue.next));
  if (!send_now(push, queue.from, request, subject)) return pull_later(push, slot, after_exception(push));
  queue.state = PullState::pulling;
  if (carries_offset(push, queue)) queue.dirty = false;
  PushEvent timeout = about(queue, slot, PushOn::call_timeout);
  timeout.generation = queue.opaque;
  queue.timer = push.is_pop() ? push.context.arm(pop_timeout, push.event(timeout))
                              : push.context.arm(push.self.pull_lane, push.event(timeout));
}

/// PullMessageService is a thread of its own, which the callback of the last answer wakes.
Duration next_pull(const Push& push, const PushQueue& queue) {
  return push.settings().pullInterval +
         wakeup_latency(push, draws_of(queue), static_cast<std::uint64_t>(queue.next));
}

void on_found(const Push& push, std::uint32_t slot, const Payload& answer) {
  const Batch batch = push.world.batches[answer.size];
  release_payload(push.world, answer);
  PushQueue& queue = push.memory.queues[slot];
  queue.next = answer.offset;
  const std::int64_t first = answer.offset - batch.count;
  for (std::uint8_t i = 0; i < batch.count; ++i) {
    queue.held.put(first + i,
                   {batch.intents[i], batch.records[i], batch.sizes[i], batch.times[i], batch.waits[i]});
  }
  if (push.is_orderly()) {
    orderly_put(push, slot);
  } else if (batch.count > 0) {
    submit(push, {slot, first, answer.offset, {}});
  }
  pull_later(push, slot, batch.count == 0 ? Duration{} : next_pull(push, queue));
}

/// NO_NEW_MSG and NO_MATCHED_MSG: correctTagsOffset, so a group that has nothing to read commits its position
/// all the same.
void on_nothing(const Push& push, std::uint32_t slot, const Payload& answer) {
  PushQueue& queue = push.memory.queues[slot];
  queue.next = answer.offset;
  if (queue.held.empty()) update_offset(push, queue, answer.offset, true);
  pull_later(push, slot, {});
}

/// OFFSET_ILLEGAL: the process queue is dropped, the broker's offset stored, and a rebalance takes the queue
/// again.
void on_moved(const Push& push, std::uint32_t slot, const Payload& answer) {
  PushQueue& queue = push.memory.queues[slot];
  if (answer.offset > queue.next) {
    push.context.record(make_record(RecordKind::queue_skipped, push.self.process.value, place_of(queue),
                                    answer.offset - queue.next));
  }
  queue.next = answer.offset;
  if (push.is_orderly()) drop_queue(push, slot);
  queue.state = PullState::correcting;
  std::erase_if(push.memory.pending, [&](const PendingMessages& pending) { return pending.slot == slot; });
  for (ConsumeThread& thread : push.memory.threads) {
    if (thread.state != ThreadState::free && thread.slot == slot) thread.dropped = true;
  }
  for (const LocalRetry& retry : queue.retries) push.context.cancel(retry.timer);
  queue.retries.clear();
  queue.held = ProcessWindow{};
  const Duration delay = push.is_4_9() ? before_correction_4_9 : Duration{};
  queue.timer = push.context.arm(delay, push.event(about(queue, slot, PushOn::fix_offset)));
}

/// PullMessageService is one thread, which awaits the offset of an orderly queue (computePullFromWhere) and,
/// in 4.9, each connect (getAndCreateChannel; 5.x connects asynchronously): all other pulls wait behind it.
bool pull_thread_waits(const Push& push) {
  if (!push.is_4_9() && !push.is_orderly()) return false;
  const auto holds = [&](const PushQueue& queue) {
    return queue.used &&
           (queue.state == PullState::asking || (push.is_4_9() && queue.state == PullState::connecting));
  };
  const auto& queues = push.memory.queues;
  return std::any_of(queues.begin(), queues.end(), holds);
}

/// It has to wait for room, or for its lock.
void look_later(const Push& push, PushQueue& queue, PullState why) {
  queue.state = why;
  queue.throttled_since = push.now();
}

void pull_now(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  // A pop goes to the master only.
  const std::int32_t address =
      push.is_pop() ? address_in_publish(push, queue.broker) : address_in_subscribe(push, queue.broker);
  if (address < 0) return find_nobody(push, slot);
  queue.from = static_cast<std::uint16_t>(address);
  if (push.memory.channels[queue.from].open) return send_pull(push, slot);
  queue.state = PullState::connecting;
  connect(push, queue.from);
}

// ------------------------------------------------------------------------------------- orderly

void ask_where_to_begin(const Push& push, std::uint32_t slot, CallFor what) {
  PushQueue& queue = push.memory.queues[slot];
  const bool for_max = what == CallFor::pull_max_offset;
  Payload request;
  request.kind = for_max ? PayloadKind::get_max_offset : PayloadKind::query_consumer_offset;
  request.topic = queue.topic;
  request.queue = queue.queue;
  queue.state = PullState::asking;
  const std::int32_t address =
      for_max ? address_in_publish(push, queue.broker) : address_in_subscribe(push, queue.broker);
  const bool moves = push.all().brokers[queue.broker].is_found_by_route();
  if (moves && address < 0) return failed(push, slot);
  const auto asked = moves ? static_cast<std::uint16_t>(address) : queue.broker;
  queue.opaque = call(push, what, asked, request, for_max ? admin_timeout : offset_timeout);
}

/// Whoever had the queue before may have stored an offset since it was assigned.
void begin_at(const Push& push, std::uint32_t slot, std::int64_t offset, bool is_stored) {
  PushQueue& queue = push.memory.queues[slot];
  queue.orderly.previously_locked = true;
  if (is_stored) queue.committed = offset;
  if (queue.next != offset) {
    const std::int64_t place = place_of(queue) | std::int64_t{queue.topic.value} << 32;
    push.context.record(make_record(RecordKind::queue_assigned, push.self.process.value, place, offset));
  }
  queue.next = queue.held.first = queue.held.end = offset;
  pull_now(push, slot);
}

/// The slot of the queue that this call is for; -1: it has been given up.
std::int64_t slot_that_asks(const Push& push, std::uint32_t opaque) {
  const auto& queues = push.memory.queues;
  for (std::size_t slot = 0; slot < queues.size(); ++slot) {
    const bool asks = queues[slot].used && queues[slot].state == PullState::asking;
    if (asks && queues[slot].opaque == opaque) return static_cast<std::int64_t>(slot);
  }
  return -1;
}

void where_to_begin(const Push& push, std::uint32_t slot, const PushCall& call, const Payload* answer) {
  const bool unknown = answer != nullptr && answer->status == Status::QUERY_NOT_FOUND;
  const bool known = answer != nullptr && answer->status == Status::SEND_OK;
  if (!known && !unknown) return failed(push, slot);
  if (known) return begin_at(push, slot, answer->offset, call.what == CallFor::pull_offset);
  const bool from_last = push.settings().consumeFromWhere == ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  const bool is_retry = push.memory.queues[slot].topic == push.retry();
  if (from_last && !is_retry) return ask_where_to_begin(push, slot, CallFor::pull_max_offset);
  begin_at(push, slot, 0, false);
}

/// The slot whose pull this answers; -1: nobody waits for it.
std::int64_t slot_of_pull(const Push& push, std::uint16_t broker, std::uint32_t opaque) {
  const auto& queues = push.memory.queues;
  for (std::size_t slot = 0; slot < queues.size(); ++slot) {
    const PushQueue& queue = queues[slot];
    const bool waits = queue.used && queue.state == PullState::pulling;
    if (waits && queue.from == broker && queue.opaque == opaque) return static_cast<std::int64_t>(slot);
  }
  return -1;
}

}  // namespace

void pull_later(const Push& push, std::uint32_t slot, Duration delay) {
  PushQueue& queue = push.memory.queues[slot];
  push.context.cancel(queue.timer);
  queue.state = PullState::resting;
  queue.timer = push.context.arm(delay, push.event(about(queue, slot, PushOn::pull)));
}

void pull_offset_over(const Push& push, const PushCall& call, const Payload* answer) {
  const std::int64_t slot = slot_that_asks(push, call.request.opaque);
  if (slot >= 0) where_to_begin(push, static_cast<std::uint32_t>(slot), call, answer);
  pull_thread_goes_on(push);
}

/// Looks each pullTimeDelayMillsWhenException; the looks that find no lock are no events.
void pull_if_locked(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  if (queue.state != PullState::unlocked) return;
  const Duration interval = std::max(after_exception(push), Duration{1});
  const SimTime first = queue.throttled_since + interval;
  pull_later(push, slot, next_on_grid(first, interval, push.now()) - push.now());
}

void pull_thread_goes_on(const Push& push) {
  if (pull_thread_waits(push)) return;
  for (const std::uint32_t slot : std::exchange(push.memory.pull_queue, {})) pull_later(push, slot, {});
}

void on_pull(const Push& push, const PushEvent& event) {
  if (event.slot >= push.memory.queues.size()) return;
  PushQueue& queue = push.memory.queues[event.slot];
  if (!queue.used || queue.generation != event.generation || queue.state != PullState::resting) return;
  if (pull_thread_waits(push)) {
    queue.state = PullState::queued;
    push.memory.pull_queue.push_back(event.slot);
    return;
  }
  queue.orderly.pulled_at = push.is_orderly() ? push.now() : SimTime::max();
  if (is_throttled(push, queue)) return look_later(push, queue, PullState::throttled);
  if (!push.is_orderly()) return pull_now(push, event.slot);
  if (!queue.orderly.locked) return look_later(push, queue, PullState::unlocked);
  if (!queue.orderly.previously_locked) return ask_where_to_begin(push, event.slot, CallFor::pull_offset);
  pull_now(push, event.slot);
}

/// Looks each 50 ms; the looks that find no room are no events.
void pull_if_room(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  if (queue.state != PullState::throttled || is_throttled(push, queue)) return;
  const SimTime first = queue.throttled_since + after_flow_control;
  pull_later(push, slot, next_on_grid(first, after_flow_control, push.now()) - push.now());
}

void on_pull_response(const Push& push, std::uint16_t broker, const Payload& answer) {
  const std::int64_t found = slot_of_pull(push, broker, answer.opaque);
  if (found < 0) return release_payload(push.world, answer);
  const auto slot = static_cast<std::uint32_t>(found);
  push.context.cancel(push.memory.queues[slot].timer);
  const bool popped = answer.status == Status::PULL_FOUND || answer.status == Status::PULL_NOT_FOUND;
  if (push.is_pop()) return popped ? pop_answered(push, slot, answer) : failed(push, slot);
  if (answer.status == Status::PULL_FOUND) return on_found(push, slot, answer);
  if (answer.status == Status::PULL_OFFSET_MOVED) return on_moved(push, slot, answer);
  const bool nothing =
      answer.status == Status::PULL_NOT_FOUND || answer.status == Status::PULL_RETRY_IMMEDIATELY;
  nothing ? on_nothing(push, slot, answer) : failed(push, slot);
}

/// An asynchronous call: its channel stays open.
void on_pull_timeout(const Push& push, const PushEvent& event) {
  if (event.slot >= push.memory.queues.size()) return;
  const PushQueue& queue = push.memory.queues[event.slot];
  if (queue.used && waits_for_time_out(queue) && queue.opaque == event.generation) failed(push, event.slot);
}

void pulls_connected(const Push& push, std::uint16_t broker) {
  for (std::uint32_t slot = 0; slot < push.memory.queues.size(); ++slot) {
    const PushQueue& queue = push.memory.queues[slot];
    if (queue.used && queue.from == broker && queue.state == PullState::connecting)
      pull_later(push, slot, {});
  }
  pull_thread_goes_on(push);
}

void pulls_disconnected(const Push& push, std::uint16_t broker) {
  for (std::uint32_t slot = 0; slot < push.memory.queues.size(); ++slot) {
    PushQueue& queue = push.memory.queues[slot];
    if (!queue.used || queue.from != broker) continue;
    const bool waits = queue.state == PullState::connecting || queue.state == PullState::pulling;
    waits ? failed(push, slot) : mark_dirty(push, queue);
  }
  pull_thread_goes_on(push);
}

/// updateAndFreezeOffset, persist, removeProcessQueue, and (5.x) rebalanceImmediately.
void on_fix_offset(const Push& push, const PushEvent& event) {
  if (event.slot >= push.memory.queues.size()) return;
  PushQueue& queue = push.memory.queues[event.slot];
  if (!queue.used || queue.generation != event.generation || queue.state != PullState::correcting) return;
  queue.committed = queue.next;
  // A listener that still holds the lock keeps it from being given back; the same client gets it again.
  if (push.is_orderly() && !is_in_listener(push, event.slot)) {
    release_queue(push, event.slot);
  } else {
    persist(push, queue);
    remove_queue(push, event.slot);
  }
  if (!push.is_4_9()) rebalance_wakeup(push);
}

}  // namespace brokersim::model::rocketmq
