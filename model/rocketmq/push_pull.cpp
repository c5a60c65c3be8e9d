// PullMessageService and DefaultMQPushConsumerImpl.pullMessage: one pull request per process queue, which
// goes round and round. What follows an answer is an event of its own, so a crash may fall between the
// messages' arrival and the next pull, which carries an offset to the broker.
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration after_flow_control = 50_ms;  // PULL_TIME_DELAY_MILLS_WHEN_CACHE_FLOW_CONTROL
constexpr Duration before_correction_4_9 =
    10_s;  // DefaultMQPushConsumerImpl.pullMessage (4.9.8), OFFSET_ILLEGAL
constexpr std::int64_t mebibyte = 1024 * 1024;

PushEvent about(const PushQueue& queue, std::uint32_t slot, PushOn on) {
  return {.on = on, .broker = queue.broker, .slot = slot, .generation = queue.generation};
}

/// Keys the draws that belong to one queue of one topic.
std::uint64_t draws_of(const PushQueue& queue) {
  return std::uint64_t{queue.topic.value} << 32 | std::uint64_t{queue.broker} << 16 | queue.queue;
}

bool is_throttled(const Push& push, const PushQueue& queue) {
  const PushConsumerSettings& settings = push.settings();
  return queue.held.count > settings.pullThresholdForQueue ||
         queue.held.bytes / mebibyte > settings.pullThresholdSizeForQueue ||
         queue.held.span() > settings.consumeConcurrentlyMaxSpan;
}

/// A pull from a slave takes no offset along (PullAPIWrapper.pullKernelImpl: clearCommitOffsetFlag).
bool carries_offset(const PushQueue& queue) { return queue.committed > 0 && queue.from == queue.broker; }

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
  if (carries_offset(queue)) {
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
  const Payload request = pull_request(push, queue);
  const auto subject =
      sim::subject(sim::subject(push.life(), draws_of(queue)), static_cast<std::uint64_t>(queue.next));
  if (!send_now(push, queue.from, request, subject)) return pull_later(push, slot, after_exception(push));
  queue.state = PullState::pulling;
  if (carries_offset(queue)) queue.dirty = false;
  PushEvent timeout = about(queue, slot, PushOn::call_timeout);
  timeout.generation = queue.opaque;
  queue.timer = push.context.arm(push.self.pull_lane, push.event(timeout));
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
  if (batch.count > 0) submit(push, {slot, first, answer.offset, {}});
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

/// PullMessageService of 4.9 is one thread, which awaits each connect (getAndCreateChannel): pulls to all
/// other brokers wait behind it. 5.x connects asynchronously.
bool pull_thread_waits(const Push& push) {
  const auto connects = [](const PushQueue& queue) {
    return queue.used && queue.state == PullState::connecting;
  };
  const auto& queues = push.memory.queues;
  return push.is_4_9() && std::any_of(queues.begin(), queues.end(), connects);
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
  if (is_throttled(push, queue)) {
    queue.state = PullState::throttled;
    queue.throttled_since = push.now();
    return;
  }
  const std::int32_t address = address_in_subscribe(push, queue.broker);
  if (address < 0) return find_nobody(push, event.slot);
  queue.from = static_cast<std::uint16_t>(address);
  if (push.memory.channels[queue.from].open) return send_pull(push, event.slot);
  queue.state = PullState::connecting;
  connect(push, queue.from);
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
  persist(push, queue);
  remove_queue(push, event.slot);
  if (!push.is_4_9()) rebalance_wakeup(push);
}

}  // namespace brokersim::model::rocketmq
