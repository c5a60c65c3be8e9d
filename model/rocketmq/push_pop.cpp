// A consumer in MessageRequestMode POP: DefaultMQPushConsumerImpl.popMessage and
// ConsumeMessagePopConcurrentlyService.
//
// It has one pop request per topic and broker, no offsets, and nothing that a rebalance could take away. All
// that it tells the broker is asynchronous: whether an ack has arrived it only logs.
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr Duration settle_timeout = 3_s;  // ASYNC_TIMEOUT

/// popDelayLevel, in seconds.
constexpr std::array<std::int32_t, 16> delay_levels{10,  30,  60,  120, 180,  240,  300,  360,
                                                    420, 480, 540, 600, 1200, 1800, 3600, 7200};

std::int32_t delay_at(std::size_t level) { return delay_levels[std::min(level, delay_levels.size() - 1)]; }

WallTime wall(const Push& push) { return host::wall_clock(push.world, push.self.process, push.context); }

/// ConsumeRequest.isPopTimeout: by this host's clock, and popTime is of the broker's.
bool is_timed_out(const Push& push, const PoppedList& list) {
  const std::int64_t popped = list.messages.front().key.popped.value;
  return wall(push).value - popped >= list.invisible_ms * millisecond;
}

void fewer_wait(const Push& push, const ConsumeThread& thread, std::size_t by) {
  if (thread.dropped) return;
  push.memory.queues[thread.slot].unacknowledged -= static_cast<std::int32_t>(by);
  pull_if_room(push, thread.slot);
}

/// The next messages of the pool's queue, consumeMessageBatchMaxSize of one pop.
PoppedList next_portion(const Push& push) {
  std::vector<PoppedList>& waiting = push.memory.popped;
  PoppedList& first = waiting.front();
  const auto most = static_cast<std::size_t>(push.settings().consumeMessageBatchMaxSize);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, first.messages.size()));
  PoppedList portion = first;
  portion.messages.assign(first.messages.begin(), first.messages.begin() + count);
  first.messages.erase(first.messages.begin(), first.messages.begin() + count);
  if (first.messages.empty()) waiting.erase(waiting.begin());
  return portion;
}

void record_ignored(const Push& push, const PoppedList& list) {
  for (const PoppedMessage& message : list.messages)
    push.record(RecordKind::result_ignored, message.intent, push.at_me());
}

void record_aborted(const Push& push, const PoppedList& list) {
  for (const PoppedMessage& message : list.messages)
    push.record(RecordKind::pop_aborted, message.intent, push.at_me());
}

/// What POP_CK says of a message.
Payload settlement(PayloadKind kind, const PoppedList& list, const PoppedMessage& message) {
  Payload request;
  request.kind = kind;
  request.topic = message.key.topic;
  request.queue = message.key.queue;
  request.intent = message.intent;
  request.offset = message.offset();
  request.record = static_cast<std::uint32_t>(message.key.popped.value / millisecond);
  request.size = static_cast<std::uint32_t>(list.invisible_ms);
  request.attempt = list.revive_queue;
  request.sequence = message.place;
  return request;
}

void settle(const Push& push, const PoppedList& list, Payload request) {
  const std::int32_t master = address_in_publish(push, list.broker);
  if (master >= 0) {
    call(push, CallFor::pop_settle, static_cast<std::uint16_t>(master), request, settle_timeout);
    return;
  }
  refresh_route(push, request.topic);
  push.record(RecordKind::pop_unsettled, request.intent, push.at_me());
}

void change_invisible_time(const Push& push, const PoppedList& list, const PoppedMessage& message,
                           std::size_t level) {
  Payload request = settlement(PayloadKind::change_invisible_time, list, message);
  request.sequence |= static_cast<std::uint32_t>(delay_at(level)) << 8;
  settle(push, list, request);
}

void drop(const Push& push, const PoppedList& list, const PoppedMessage& message) {
  push.record(RecordKind::pop_dropped, message.intent, push.at_me());
  settle(push, list, settlement(PayloadKind::ack_message, list, message));
}

/// checkNeedAckOrDelay: nobody makes a dead letter of it. Four hours old it is acknowledged, and gone;
/// younger it comes once more, and drop_exhausted meets it. False: it is younger than the first level, and
/// the index of -1 ends the thread's task with an exception.
bool give_up_or_delay(const Push& push, const PoppedList& list, const PoppedMessage& message) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t age = (wall(push).value - message.born.value) / millisecond * millisecond;
  if (age > delay_levels.back() * second * 2) {
    drop(push, list, message);
    return true;
  }
  std::size_t level = delay_levels.size();
  while (level > 0 && age < delay_levels[level - 1] * second) --level;
  if (level == 0) return false;
  change_invisible_time(push, list, message, level);
  return true;
}

/// DefaultMQPushConsumerImpl.processPopResult: what has been revived more than maxReconsumeTimes times never
/// gets to the listener.
void drop_exhausted(const Push& push, PoppedList& list) {
  const auto is_exhausted = [&](const PoppedMessage& m) { return m.times > max_reconsume_times(push); };
  for (const PoppedMessage& message : list.messages) {
    if (is_exhausted(message)) drop(push, list, message);
  }
  std::erase_if(list.messages, is_exhausted);
}

bool fail(const Push& push, const PoppedList& list, const PoppedMessage& message) {
  if (message.times >= max_reconsume_times(push)) return give_up_or_delay(push, list, message);
  const std::int32_t asked = push.config.work.delay_level;
  change_invisible_time(push, list, message, asked == 0 ? message.times : static_cast<std::size_t>(asked));
  return true;
}

/// How many of the list's messages are acknowledged: ackIndex + 1.
std::size_t acknowledged(const ConsumeThread& thread) {
  if (thread.result == ConsumeResult::success) return thread.messages.size();
  return thread.result == ConsumeResult::behind_ack_index ? thread.acknowledged : 0;
}

/// processConsumeResult.
void settle_all(const Push& push, const ConsumeThread& thread) {
  const PoppedList& list = thread.popped;
  const std::size_t good = acknowledged(thread);
  std::size_t settled = 0;
  for (bool goes_on = true; goes_on && settled < list.messages.size(); ++settled) {
    const PoppedMessage& message = list.messages[settled];
    if (settled < good) {
      settle(push, list, settlement(PayloadKind::ack_message, list, message));
    } else {
      goes_on = fail(push, list, message);
    }
  }
  fewer_wait(push, thread, settled);
}

}  // namespace

Payload pop_request(const Push& push, PushQueue& queue) {
  queue.opaque = push.memory.next_opaque++;
  const bool from_last = push.settings().consumeFromWhere == ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  Payload request;
  request.kind = PayloadKind::pop_message;
  request.topic = queue.topic;
  request.queue = any_queue;
  request.group = push.config.group.value;
  request.opaque = queue.opaque;
  request.size = static_cast<std::uint32_t>(push.settings().popBatchNums);
  request.record = static_cast<std::uint32_t>(push.settings().popInvisibleTime.ns / millisecond);
  request.sequence = from_last ? 1 : 0;
  request.offset = wall(push).value;
  return request;
}

bool pop_is_throttled(const Push& push, const PushQueue& queue) {
  return queue.unacknowledged > push.settings().popThresholdForQueue;
}

void pop_answered(const Push& push, std::uint32_t slot, const Payload& answer) {
  if (answer.status == Status::PULL_NOT_FOUND) return pull_later(push, slot, {});
  const PopBatch batch = push.world.pop_batches[answer.size];
  release_payload(push.world, answer);
  PushQueue& queue = push.memory.queues[slot];
  PoppedList list{slot,          queue.generation, queue.broker, batch.revive_queue, batch.invisible_ms,
                  batch.messages};
  drop_exhausted(push, list);
  if (list.messages.empty()) return pull_later(push, slot, {});
  queue.unacknowledged += static_cast<std::int32_t>(list.messages.size());
  submit_popped(push, std::move(list));
  const Duration woken =
      wakeup_latency(push, std::uint64_t{queue.topic.value} << 32 | queue.broker, queue.opaque);
  pull_later(push, slot, push.settings().pullInterval + woken);
}

void abort_popped(const Push& push, std::uint32_t slot) {
  for (const PoppedList& list : push.memory.popped) {
    if (list.slot == slot) record_aborted(push, list);
  }
  std::erase_if(push.memory.popped, [&](const PoppedList& list) { return list.slot == slot; });
}

/// ConsumeRequest.run up to the listener's call. What has waited here beyond its invisible time is left to
/// whoever gets it next.
bool take_popped(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  PoppedList list = next_portion(push);
  const PushQueue& queue = push.memory.queues[list.slot];
  thread = ConsumeThread{};
  thread.topic = queue.topic;
  thread.broker = queue.broker;
  thread.queue = queue.queue;
  thread.slot = list.slot;
  thread.life = queue.generation;
  for (const PoppedMessage& message : list.messages)
    thread.messages.push_back({message.offset(), {message.intent, 0, 0, message.times, true}});
  thread.popped = std::move(list);
  if (!is_timed_out(push, thread.popped)) return true;
  record_aborted(push, thread.popped);
  const ConsumeThread over = std::exchange(thread, ConsumeThread{});
  fewer_wait(push, over, over.messages.size());
  return false;
}

void pop_returned(const Push& push, std::uint32_t number) {
  const ConsumeThread& thread = push.memory.threads[number];
  if (thread.dropped) return;  // record_results has told
  if (!is_timed_out(push, thread.popped)) return settle_all(push, thread);
  record_ignored(push, thread.popped);
  fewer_wait(push, thread, thread.messages.size());
}

void pop_settled(const Push& push, const PushCall& call, const Payload* answer) {
  if (answer != nullptr && answer->status == Status::SEND_OK) return;
  push.record(RecordKind::pop_unsettled, call.request.intent, push.at_me());
}

}  // namespace brokersim::model::rocketmq
