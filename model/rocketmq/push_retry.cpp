// DefaultMQPushConsumerImpl.sendMessageBack: what the listener failed on goes back to the broker, which
// delays it; if that cannot be known to have worked, the client sends it to %RETRY%group itself; if that
// fails too, it is consumed again here after 5 s and its offset is not passed meanwhile. cleanExpireMsg takes
// the same way.
#include "model/rocketmq/push_internal.hpp"
#include "model/rocketmq/put_status.hpp"
#include "model/rocketmq/retry_levels.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration send_back_timeout = 5_s;     // consumerSendMessageBack
constexpr Duration resend_timeout = 3_s;        // DefaultMQProducer.sendMsgTimeout, for all tries
constexpr std::uint8_t resends_most = 3;        // 1 + retryTimesWhenSendFailed
constexpr Duration before_resubmit = 5_s;       // submitConsumeRequestLater
constexpr std::uint8_t expiry_delay_level = 3;  // ProcessQueue.cleanExpiredMsg
constexpr std::uint8_t expired_most = 16;       // of one process queue in one round

TakenMessage& current(ConsumeThread& thread) { return thread.messages[thread.at]; }

bool is_clean(const Push& push, std::uint32_t thread) { return thread == clean_thread(push); }

void clean_next(const Push& push);
void begin_resend(const Push& push, std::uint32_t number, ConsumeResult why);

/// 5.x looks whether cleanExpireMsg has been faster (ConsumeMessageConcurrentlyService.processConsumeResult).
bool is_skipped(const Push& push, const ConsumeThread& thread) {
  if (push.is_4_9() || thread.dropped) return false;
  return !push.memory.queues[thread.slot].held.contains(thread.messages[thread.at].offset);
}

void call_send_back(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  // "The broker not exist": MQClientException, and the normal send is next.
  const std::int32_t address = address_in_publish(push, thread.broker);
  if (address < 0) return begin_resend(push, number, ConsumeResult::send_back_refused);
  const TakenMessage& taken = current(thread);
  thread.state = ThreadState::sending_back;
  Payload request;
  request.kind = PayloadKind::send_back;
  request.topic = thread.topic;
  request.queue = thread.queue;
  request.intent = taken.message.intent;
  request.size = taken.message.size;
  request.record = taken.message.record;
  request.offset = taken.offset;
  const std::int32_t asked = is_clean(push, number) ? expiry_delay_level : push.config.work.delay_level;
  request.attempt = static_cast<std::uint8_t>(static_cast<std::int8_t>(asked));
  request.sequence = static_cast<std::uint32_t>(max_reconsume_times(push));
  thread.opaque =
      call(push, CallFor::send_back, static_cast<std::uint16_t>(address), request, send_back_timeout, number);
}

/// submitConsumeRequestLater: what is left of the list stays together.
void retry_locally(const Push& push, const ConsumeThread& thread) {
  PushQueue& queue = push.memory.queues[thread.slot];
  LocalRetry retry;
  IntentId first = no_intent;
  for (const TakenMessage& taken : thread.messages) {
    if (!taken.kept || !queue.held.contains(taken.offset)) continue;
    ++queue.held.edit(taken.offset).times;
    if (retry.offsets.empty()) first = taken.message.intent;
    retry.offsets.push_back(taken.offset);
  }
  if (retry.offsets.empty()) return;
  const PushEvent again{.on = PushOn::resubmit,
                        .broker = queue.broker,
                        .slot = thread.slot,
                        .generation = queue.generation,
                        .intent = first};
  retry.timer = push.context.arm(before_resubmit, push.event(again));
  queue.retries.push_back(std::move(retry));
}

/// All messages of the list have been dealt with.
void finish(const Push& push, ConsumeThread& thread) {
  if (!thread.dropped) {
    retry_locally(push, thread);
    settle(push, thread);
  }
  thread_over(push, thread);
}

void next_message(const Push& push, std::uint32_t number) {
  if (is_clean(push, number)) return clean_next(push);
  if (push.is_orderly()) return orderly_next_message(push, number);
  ConsumeThread& thread = push.memory.threads[number];
  while (thread.at < thread.messages.size() && is_skipped(push, thread)) ++thread.at;
  thread.at == thread.messages.size() ? finish(push, thread) : call_send_back(push, number);
}

void brought_home(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  if (push.is_orderly()) push.record(RecordKind::given_up, current(thread).message.intent, push.at_me());
  if (is_clean(push, number)) {
    push.record(RecordKind::consume_expired, current(thread).message.intent, push.at_me());
    // No offset is stored here: that is left to whoever removes the next message.
    if (!thread.dropped && push.memory.queues[thread.slot].held.first == current(thread).offset) {
      push.memory.queues[thread.slot].held.remove(current(thread).offset);
      pull_if_room(push, thread.slot);
    }
  }
  ++thread.at;
  next_message(push, number);
}

/// DefaultMQProducerImpl.selectOneMessageQueue: not the broker that has just failed, if there is another.
std::optional<std::uint16_t> resend_broker(const Push& push, const ConsumeThread& thread) {
  std::vector<std::uint16_t> known;
  for (std::uint16_t b = 0; b < push.brokers(); ++b) {
    if (push.memory.retry_route[b] != 0) known.push_back(b);
  }
  if (known.size() > 1 && thread.resends > 0) std::erase(known, thread.resend_broker);
  if (known.empty()) return std::nullopt;
  const auto key = sim::DrawKey::of(Purpose::chosen_broker, push.life(), push.memory.next_opaque);
  return known[push.context.choices().pick(key, static_cast<std::uint32_t>(known.size()))];
}

void not_brought_home(const Push& push, std::uint32_t number, ConsumeResult why) {
  ConsumeThread& thread = push.memory.threads[number];
  push.record(RecordKind::send_back_failed, current(thread).message.intent,
              static_cast<std::int64_t>(why) | push.at_me());
  current(thread).kept = true;
  ++thread.at;
  next_message(push, number);
}

/// Message.setDelayTimeLevel(3 + reconsumeTimes); more levels than there are count as the highest.
std::uint8_t delay_level_of(const HeldMessage& message) {
  constexpr std::uint32_t level_most = 127;
  return static_cast<std::uint8_t>(std::min(first_retry_level + message.times, level_most));
}

/// sendMessageBackAsNormalMessage, one try of DefaultMQProducerImpl.sendDefaultImpl. An orderly consumer
/// of 4.9 does not count up (ConsumeMessageOrderlyService.sendMessageBack).
void resend(const Push& push, std::uint32_t number, ConsumeResult why) {
  ConsumeThread& thread = push.memory.threads[number];
  const Duration left = thread.deadline - push.now();
  const std::optional<std::uint16_t> broker = resend_broker(push, thread);
  if (!broker || thread.resends == resends_most || left <= Duration{})
    return not_brought_home(push, number, why);
  thread.state = ThreadState::resending;
  thread.resend_broker = *broker;
  const HeldMessage& message = current(thread).message;
  Payload request;
  request.kind = PayloadKind::send_request;
  request.topic = push.retry();
  request.intent = message.intent;
  request.size = message.size;
  request.attempt = delay_level_of(message);
  ++thread.resends;
  request.record = message.times + (push.is_orderly() && push.is_4_9() ? 0U : 1U);
  request.sequence = static_cast<std::uint32_t>(max_reconsume_times(push));
  if (!message.waits) request.mark = Mark::no_wait;
  request.offset = host::wall_clock(push.world, push.self.process, push.context).value;
  const bool moves = push.all().brokers[*broker].is_found_by_route();
  const std::int32_t address = moves ? address_in_publish(push, *broker) : std::int32_t{*broker};
  if (address < 0) return not_brought_home(push, number, why);
  thread.opaque = call(push, CallFor::resend, static_cast<std::uint16_t>(address), request, left, number);
}

void begin_resend(const Push& push, std::uint32_t number, ConsumeResult why) {
  push.record(RecordKind::send_back_failed, current(push.memory.threads[number]).message.intent,
              static_cast<std::int64_t>(why) | push.at_me());
  begin_sending(push, number, why);
}

ConsumeResult why_not(bool timed_out) {
  return timed_out ? ConsumeResult::send_back_timed_out : ConsumeResult::send_back_refused;
}

// ------------------------------------------------------------------------------------- expiry

/// Since when the message is in a listener; none: it waits, or is gone from there.
std::optional<SimTime> consumed_since(const Push& push, std::uint32_t slot, std::int64_t offset) {
  for (std::uint32_t number = 0; number < clean_thread(push); ++number) {
    const ConsumeThread& thread = push.memory.threads[number];
    if (thread.state == ThreadState::free || thread.dropped || thread.slot != slot) continue;
    const auto& messages = thread.messages;
    const auto is_it = [&](const TakenMessage& taken) { return taken.offset == offset; };
    if (std::any_of(messages.begin(), messages.end(), is_it)) return thread.begun;
  }
  return std::nullopt;
}

bool has_expired(const Push& push, std::uint32_t slot) {
  const PushQueue& queue = push.memory.queues[slot];
  if (!queue.used || queue.held.empty()) return false;
  const std::optional<SimTime> since = consumed_since(push, slot, queue.held.first);
  return since && push.now() - *since > push.settings().consumeTimeout;
}

/// A listener has something of a process queue in its hands.
bool holds_back(const Push& push, const ConsumeThread& thread) {
  if (thread.state == ThreadState::free || thread.dropped) return false;
  const ProcessWindow& held = push.memory.queues[thread.slot].held;
  const auto is_held = [&](const TakenMessage& taken) { return held.contains(taken.offset); };
  return std::any_of(thread.messages.begin(), thread.messages.end(), is_held);
}

void expire(const Push& push, std::uint32_t slot) {
  const PushQueue& queue = push.memory.queues[slot];
  ConsumeThread& thread = push.memory.threads[clean_thread(push)];
  thread = ConsumeThread{};
  thread.topic = queue.topic;
  thread.broker = queue.broker;
  thread.queue = queue.queue;
  thread.slot = slot;
  thread.messages.push_back({queue.held.first, queue.held.at(queue.held.first)});
  call_send_back(push, clean_thread(push));
}

/// ConsumeMessageConcurrentlyService.cleanExpireMsg: on with this process queue, or with the next.
void clean_next(const Push& push) {
  PushConsumer::Memory& memory = push.memory;
  memory.threads[clean_thread(push)] = ConsumeThread{};
  for (; memory.clean_slot < memory.queues.size(); ++memory.clean_slot, memory.clean_done = 0) {
    if (memory.clean_done >= expired_most || !has_expired(push, memory.clean_slot)) continue;
    ++memory.clean_done;
    return expire(push, memory.clean_slot);
  }
  memory.clean_slot = 0;
  arm_clean(push);
}

}  // namespace

/// The producer of the client instance asks for the route by itself (tryToFindTopicPublishInfo).
void begin_sending(const Push& push, std::uint32_t number, ConsumeResult why) {
  ConsumeThread& thread = push.memory.threads[number];
  if (!knows_retry_route(push)) fetch_retry_route(push);
  thread.resends = 0;
  thread.deadline = push.now() + resend_timeout;
  resend(push, number, why);
}

void send_back(const Push& push, std::uint32_t thread) {
  push.memory.threads[thread].at = push.memory.threads[thread].acknowledged;
  next_message(push, thread);
}

void send_back_over(const Push& push, const PushCall& call, const Payload* answer, bool timed_out) {
  const bool done = answer != nullptr && answer->status == Status::SEND_OK;
  done ? brought_home(push, call.owner) : begin_resend(push, call.owner, why_not(timed_out));
}

/// A time-out has spent the time of all tries.
void resend_over(const Push& push, const PushCall& call, const Payload* answer, bool timed_out) {
  if (answer != nullptr && is_stored(answer->status)) return brought_home(push, call.owner);
  resend(push, call.owner, why_not(timed_out));
}

void on_resubmit(const Push& push, const PushEvent& event) {
  if (event.slot >= push.memory.queues.size()) return;
  PushQueue& queue = push.memory.queues[event.slot];
  if (!queue.used || queue.generation != event.generation || queue.retries.empty()) return;
  std::vector<std::int64_t> offsets = std::move(queue.retries.front().offsets);
  queue.retries.erase(queue.retries.begin());
  const auto count = static_cast<std::int64_t>(offsets.size());
  submit(push, {event.slot, 0, count, std::move(offsets)});
}

/// Rounds that can find nothing are no events: the next that can is the first after the message that has been
/// in a listener for longest may have expired.
void arm_clean(const Push& push) {
  if (push.is_orderly() || push.is_pop()) return;  // ProcessQueue.cleanExpiredMsg
  PushConsumer::Memory& memory = push.memory;
  if (memory.clean_timer.armed || memory.threads[clean_thread(push)].state != ThreadState::free) return;
  const Duration timeout = push.settings().consumeTimeout;
  SimTime first = SimTime::max();
  for (const ConsumeThread& thread : memory.threads) {
    // One that is over its time already was not the head of its queue, or could not be sent back.
    if (holds_back(push, thread)) first = std::min(first, std::max(thread.begun, push.now() - timeout));
  }
  if (first == SimTime::max()) return;
  arm(push, memory.clean_timer, next_on_grid(memory.since + timeout, timeout, first + timeout),
      {.on = PushOn::clean_expired});
}

void disarm_clean(const Push& push) {
  const auto& threads = push.memory.threads;
  const auto holds = [&](const ConsumeThread& thread) { return holds_back(push, thread); };
  if (std::none_of(threads.begin(), threads.end(), holds)) disarm(push, push.memory.clean_timer);
}

void on_clean_expired(const Push& push, const PushEvent& event) {
  if (!fired(push.memory.clean_timer, event)) return;
  push.memory.clean_slot = 0;
  push.memory.clean_done = 0;
  clean_next(push);
}

}  // namespace brokersim::model::rocketmq
