// ConsumeMessageConcurrentlyService: the pool of consume threads, the listener, and its results.
//
// clang-format off
//   after_work    [work, effect]* -> result                 the effect of each message is an event, then the result
//   before_work   result -> [work, effect]*                 on the same thread
//   hand_off      result, and the thread is free;           [work, effect] of each message elsewhere
// clang-format on
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

bool works_behind(const Push& push) { return push.config.work.acknowledge != Acknowledge::after_work; }

/// One delivery. Its life keys the draws too: the same message may come again with the same reconsumeTimes.
sim::DrawKey key_of(const Push& push, Purpose purpose, const ConsumeThread& thread,
                    const TakenMessage& taken) {
  const std::uint64_t who = sim::subject(push.config.group.value, taken.message.intent.value);
  std::uint64_t life = sim::subject(push.life(), thread.life);
  if (taken.message.times > 0xff) life = sim::subject(life, taken.message.times);
  const std::uint64_t which = static_cast<std::uint64_t>(taken.offset) << 8 | (taken.message.times & 0xff);
  return sim::DrawKey::of(purpose, sim::subject(who, life), which);
}

bool will_fail(const Push& push, const ConsumeThread& thread, const TakenMessage& taken) {
  const WorkConfig& work = push.config.work;
  sim::Choices& choices = push.context.choices();
  const std::uint64_t who = sim::subject(push.config.group.value, taken.message.intent.value);
  if (choices.chance(sim::DrawKey::of(Purpose::poison, who), work.poison_chance)) return true;
  if (taken.message.times < static_cast<std::uint32_t>(work.fails_first)) return true;
  return choices.chance(key_of(push, Purpose::work_failure, thread, taken), work.fail_chance);
}

Duration work_time(const Push& push, const ConsumeThread& thread, const TakenMessage& taken) {
  return push.context.choices().duration(key_of(push, Purpose::work_time, thread, taken),
                                         push.config.work.time);
}

ConsumeResult failure_of(const Push& push) {
  switch (push.config.work.fail_result) {
    case FailResult::reconsume_later: return ConsumeResult::reconsume_later;
    case FailResult::exception: return ConsumeResult::exception;
    case FailResult::null: return ConsumeResult::null;
    case FailResult::ack_index: return ConsumeResult::behind_ack_index;
    case FailResult::never: return ConsumeResult::never;
    case FailResult::suspend: return ConsumeResult::suspend_queue;
  }
  return ConsumeResult::reconsume_later;
}

bool has_effect(const Push& push, const TakenMessage& taken) {
  return !taken.fails || push.config.work.applied_when_failing;
}

void apply_effect(const Push& push, IntentId intent) {
  const int times = push.world.verdict.apply(push.config.group, intent);
  push.record(RecordKind::processed, intent, times | push.at_me());
}

PushEvent of_thread(PushOn on, std::uint32_t thread, IntentId intent = no_intent) {
  return {.on = on, .slot = thread, .intent = intent};
}

/// The listener never returns: its thread is lost to the pool.
void get_stuck(const Push& push, ConsumeThread& thread) {
  thread.state = ThreadState::stuck;
  const auto never = static_cast<std::int64_t>(ConsumeResult::never) | push.at_me();
  if (works_behind(push)) return;
  for (const TakenMessage& taken : thread.messages)
    push.record(RecordKind::consume_result, taken.message.intent, never);
}

/// The next message of the list, in the listener.
void work_on(const Push& push, std::uint32_t number, Duration woken = {}) {
  ConsumeThread& thread = push.memory.threads[number];
  const TakenMessage& taken = thread.messages[thread.at];
  push.schedule(woken + work_time(push, thread, taken),
                of_thread(PushOn::worked, number, taken.message.intent));
}

void listener_returns(const Push& push, std::uint32_t number, ConsumeResult result, Duration after = {}) {
  push.memory.threads[number].result = result;
  push.schedule(after, of_thread(PushOn::returned, number));
}

/// ConsumeRequest.run up to the listener's call.
void run(const Push& push, std::uint32_t number) {
  push.memory.threads[number].state = ThreadState::working;
  push.memory.threads[number].begun = push.now();
  begin_listener(push, number, woken_after(push, number));
}

std::int64_t offset_at(const PendingMessages& pending, std::int64_t place) {
  return pending.offsets.empty() ? place : pending.offsets[static_cast<std::size_t>(place)];
}

/// The next ConsumeRequest of the pool's queue, consumeMessageBatchMaxSize messages of one pull.
void take(const Push& push, ConsumeThread& thread) {
  PendingMessages& pending = push.memory.pending.front();
  const PushQueue& queue = push.memory.queues[pending.slot];
  thread = ConsumeThread{};
  thread.topic = queue.topic;
  thread.broker = queue.broker;
  thread.queue = queue.queue;
  thread.slot = pending.slot;
  thread.life = queue.generation;
  const auto most = static_cast<std::size_t>(push.settings().consumeMessageBatchMaxSize);
  for (; pending.next < pending.end && thread.messages.size() < most; ++pending.next) {
    const std::int64_t offset = offset_at(pending, pending.next);
    // Gone meanwhile: cleanExpireMsg has sent it back before its turn came.
    if (!queue.held.contains(offset)) continue;
    thread.messages.push_back({offset, queue.held.at(offset)});
  }
  if (pending.next == pending.end) push.memory.pending.erase(push.memory.pending.begin());
}

bool something_waits(const Push& push) { return !push.memory.pending.empty() || !push.memory.popped.empty(); }

/// Free threads take what waits.
void occupy_threads(const Push& push) {
  for (std::uint32_t number = 0; number < clean_thread(push) && something_waits(push); ++number) {
    ConsumeThread& thread = push.memory.threads[number];
    while (thread.state == ThreadState::free && something_waits(push)) {
      if (push.is_pop()) {
        if (take_popped(push, number)) run(push, number);
        continue;
      }
      if (push.is_orderly()) {
        take_orderly(push, number);
        continue;
      }
      take(push, thread);
      if (thread.messages.empty()) continue;
      run(push, number);
    }
  }
}

/// Acknowledge::before_work: the thread goes on with the effects.
void work_behind(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  const TakenMessage& taken = thread.messages[thread.at];
  thread.state = ThreadState::behind;
  push.schedule(work_time(push, thread, taken),
                of_thread(PushOn::handed_off_worked, number, taken.message.intent));
}

}  // namespace

void hand_off(const Push& push, const ConsumeThread& thread) {
  for (const TakenMessage& taken : thread.messages) {
    ++push.memory.handed_off;
    PushEvent worked = of_thread(PushOn::handed_off_worked, clean_thread(push), taken.message.intent);
    worked.broker = has_effect(push, taken) ? 0 : 1;
    push.schedule(work_time(push, thread, taken), worked);
  }
}

namespace {

void go_on_behind(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  if (push.config.work.acknowledge == Acknowledge::hand_off) {
    hand_off(push, thread);
    return thread_over(push, thread);
  }
  thread.at = 0;
  work_behind(push, number);
}

/// The effect of work that was acknowledged before, or that it has failed.
void end_behind(const Push& push, IntentId intent, bool applied) {
  applied ? apply_effect(push, intent) : push.record(RecordKind::work_failed, intent, push.at_me());
}

/// Up to ackIndex it is success.
ConsumeResult result_of(const ConsumeThread& thread, std::size_t message) {
  const bool splits = thread.result == ConsumeResult::behind_ack_index;
  return splits && message < thread.acknowledged ? ConsumeResult::success : thread.result;
}

void record_results(const Push& push, const ConsumeThread& thread) {
  for (std::size_t i = 0; i < thread.messages.size(); ++i) {
    const IntentId intent = thread.messages[i].message.intent;
    const auto result = static_cast<std::int64_t>(result_of(thread, i));
    push.record(RecordKind::consume_result, intent, result | push.at_me());
    if (thread.dropped) push.record(RecordKind::result_ignored, intent, push.at_me());
    if (works_behind(push)) push.record(RecordKind::effect_behind, intent, push.at_me());
  }
}

}  // namespace

/// The pull's thread submits the list, and goes on with its next pull before a thread of the pool has woken.
Duration woken_after(const Push& push, std::uint32_t number) {
  const ConsumeThread& thread = push.memory.threads[number];
  const IntentId first = thread.messages.front().message.intent;
  return wakeup_latency(push, std::uint64_t{1} << 48 | number, first.value);
}

void begin_listener(const Push& push, std::uint32_t number, Duration woken) {
  ConsumeThread& thread = push.memory.threads[number];
  for (TakenMessage& taken : thread.messages) {
    const IntentId intent = taken.message.intent;
    push.record(RecordKind::delivered, intent, taken.offset);
    push.record(RecordKind::consume_begun, intent,
                push.self.process.value | std::int64_t{taken.message.times} << 16);
    taken.fails = will_fail(push, thread, taken);
  }
  arm_clean(push);
  if (!works_behind(push)) return work_on(push, number, woken);
  listener_returns(push, number, ConsumeResult::success, woken);
}

void submit(const Push& push, const PendingMessages& messages) {
  push.memory.pending.push_back(messages);
  occupy_threads(push);
}

void submit_popped(const Push& push, PoppedList list) {
  push.memory.popped.push_back(std::move(list));
  occupy_threads(push);
}

void thread_over(const Push& push, ConsumeThread& thread) {
  thread = ConsumeThread{};
  occupy_threads(push);
  disarm_clean(push);
}

/// The listener has worked on one message. At the first failure it gives up the whole list.
void on_worked(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  const TakenMessage& taken = thread.messages[thread.at];
  if (has_effect(push, taken)) apply_effect(push, taken.message.intent);
  if (taken.fails && failure_of(push) == ConsumeResult::never) return get_stuck(push, thread);
  if (taken.fails) {
    if (failure_of(push) == ConsumeResult::behind_ack_index) thread.acknowledged = thread.at;
    return listener_returns(push, number, failure_of(push));
  }
  ++thread.at;
  if (thread.at < thread.messages.size()) return work_on(push, number);
  listener_returns(push, number, ConsumeResult::success);
}

/// The rest of ConsumeRequest.run, and processConsumeResult unless the process queue has been dropped.
void on_returned(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  record_results(push, thread);
  if (push.is_orderly()) return orderly_returned(push, number);
  if (push.is_pop()) {
    pop_returned(push, number);
    return works_behind(push) ? go_on_behind(push, number) : thread_over(push, thread);
  }
  const bool failed = thread.result != ConsumeResult::success;
  // BROADCASTING, the message consume failed, drop it
  if (!thread.dropped && failed && !push.is_broadcasting()) return send_back(push, number);
  if (!thread.dropped) settle(push, thread);
  works_behind(push) ? go_on_behind(push, number) : thread_over(push, thread);
}

/// ProcessQueue.removeMessage answers nothing if the map was empty before, else what is smallest now, or what
/// follows the largest ever held.
void settle(const Push& push, ConsumeThread& thread) {
  if (thread.dropped) return;
  PushQueue& queue = push.memory.queues[thread.slot];
  if (queue.held.empty()) return;
  for (const TakenMessage& taken : thread.messages) {
    if (!taken.kept) queue.held.remove(taken.offset);
  }
  update_offset(push, queue, queue.held.empty() ? queue.held.end : queue.held.first, true);
  pull_if_room(push, thread.slot);
}

void on_worked_behind(const Push& push, const PushEvent& event) {
  if (event.slot == clean_thread(push)) {
    --push.memory.handed_off;
    return end_behind(push, event.intent, event.broker == 0);
  }
  ConsumeThread& thread = push.memory.threads[event.slot];
  const TakenMessage& taken = thread.messages[thread.at];
  const bool never_ends = taken.fails && failure_of(push) == ConsumeResult::never;
  if (!never_ends || has_effect(push, taken)) end_behind(push, taken.message.intent, has_effect(push, taken));
  if (never_ends) return get_stuck(push, thread);
  ++thread.at;
  thread.at < thread.messages.size() ? work_behind(push, event.slot) : thread_over(push, thread);
}

}  // namespace brokersim::model::rocketmq
