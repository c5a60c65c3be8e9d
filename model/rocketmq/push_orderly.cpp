// ConsumeMessageOrderlyService: one ConsumeRequest per process queue, which takes list after list until
// nothing is left, its lock is gone, a list fails, or it has gone on for 60 s.
//
//   take_orderly -> enter -> next_list -> [work, effect]* -> orderly_returned -> SUCCESS: next_list
//                      |         |                                             '-> failed: again after a
//                      while, or |         '- 60 s, no lock: later                           sent to %RETRY%
//                      and from there
//                      '- another thread has a message of this queue: in_line      to %DLQ%: next_list
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration max_time_consume_continuously = 60_s;  // MAX_TIME_CONSUME_CONTINUOUSLY
constexpr Duration without_lock = 100_ms;                 // ConsumeRequest.run, before its loop ...
constexpr Duration lock_lost = 10_ms;                     // ... and within
constexpr Duration let_others = 10_ms;
constexpr Duration suspend_least = 10_ms, suspend_most = 30_s;  // submitConsumeRequestLater

bool is_of(const ConsumeThread& thread, TopicId topic, QueuePlace place) {
  return thread.state != ThreadState::free && thread.topic == topic &&
         QueuePlace{thread.broker, thread.queue} == place;
}

/// MessageQueueLock: another thread is in the ConsumeRequest of this queue, perhaps one of an earlier process
/// queue.
bool is_occupied(const Push& push, std::uint32_t number) {
  const ConsumeThread& me = push.memory.threads[number];
  for (std::uint32_t other = 0; other < clean_thread(push); ++other) {
    const ConsumeThread& thread = push.memory.threads[other];
    const bool has_it =
        is_of(thread, me.topic, {me.broker, me.queue}) && thread.state != ThreadState::in_line;
    if (other != number && has_it) return true;
  }
  return false;
}

void set_run(const Push& push, const ConsumeThread& thread, OrderlyRun run) {
  const std::int64_t slot = slot_of_thread(push, thread);
  if (slot >= 0) push.memory.queues[static_cast<std::size_t>(slot)].orderly.run = run;
}

void next_in_line(const Push& push, TopicId topic, QueuePlace place);

/// The ConsumeRequest ends, and with it the thread's hold on the queue.
void leave(const Push& push, std::uint32_t number, OrderlyRun run) {
  ConsumeThread& thread = push.memory.threads[number];
  set_run(push, thread, run);
  const TopicId topic = thread.topic;
  const QueuePlace place{thread.broker, thread.queue};
  thread_over(push, thread);
  next_in_line(push, topic, place);
}

/// ProcessQueue.takeMessages. Between two lists nothing is in consumingMsgOrderlyTreeMap.
void take_messages(const Push& push, ConsumeThread& thread, const PushQueue& queue) {
  const auto most = static_cast<std::size_t>(push.settings().consumeMessageBatchMaxSize);
  thread.messages.clear();
  for (std::int64_t offset = queue.held.first; thread.messages.size() < most; ++offset) {
    if (!queue.held.contains(offset)) return;
    thread.messages.push_back({offset, queue.held.at(offset)});
  }
}

/// The body of the loop of ConsumeRequest.run.
void next_list(const Push& push, std::uint32_t number, bool wakes) {
  ConsumeThread& thread = push.memory.threads[number];
  if (thread.dropped) return leave(push, number, OrderlyRun::idle);
  PushQueue& queue = push.memory.queues[thread.slot];
  if (!holds_lock(push, queue)) {
    lock_later(push, thread.slot, lock_lost);
    return leave(push, number, OrderlyRun::later);
  }
  if (push.now() - thread.begun > max_time_consume_continuously) {
    consume_later(push, thread.slot, let_others);
    return leave(push, number, OrderlyRun::later);
  }
  take_messages(push, thread, queue);
  if (thread.messages.empty()) return leave(push, number, OrderlyRun::idle);
  thread.at = 0;
  begin_listener(push, number, wakes ? woken_after(push, number) : Duration{});
}

/// ConsumeRequest.run, once it has the queue.
void enter(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  thread.state = ThreadState::working;
  thread.begun = push.now();
  if (!thread.dropped && !holds_lock(push, push.memory.queues[thread.slot])) {
    lock_later(push, thread.slot, without_lock);
    return leave(push, number, OrderlyRun::later);
  }
  next_list(push, number, true);
}

/// ProcessQueue.commit: what has been taken leaves; and the offset is what follows it, unless the queue has
/// been taken away meanwhile.
void commit(const Push& push, const ConsumeThread& thread) {
  const std::int64_t slot = slot_of_thread(push, thread);
  if (slot < 0) return;
  PushQueue& queue = push.memory.queues[static_cast<std::size_t>(slot)];
  for (const TakenMessage& taken : thread.messages) queue.held.remove(taken.offset);
  if (thread.dropped) return;
  update_offset(push, queue, thread.messages.back().offset + 1, false);
  pull_if_room(push, thread.slot);
}

/// Who waits for the queue that a thread has left goes on.
void next_in_line(const Push& push, TopicId topic, QueuePlace place) {
  for (std::uint32_t number = 0; number < clean_thread(push); ++number) {
    const ConsumeThread& thread = push.memory.threads[number];
    if (is_of(thread, topic, place) && thread.state == ThreadState::in_line && !is_occupied(push, number))
      return enter(push, number);
  }
}

Duration suspended_for(const Push& push) {
  return std::clamp(push.settings().suspendCurrentQueueTimeMillis, suspend_least, suspend_most);
}

bool is_given_up(const Push& push, const TakenMessage& taken) {
  return static_cast<std::int64_t>(taken.message.times) >= max_reconsume_times(push);
}

/// makeMessageToConsumeAgain, for the whole list, also for what a broker has taken for the dead-letter queue.
void consume_again(const Push& push, std::uint32_t number) {
  const ConsumeThread& thread = push.memory.threads[number];
  if (thread.dropped) return leave(push, number, OrderlyRun::idle);
  PushQueue& queue = push.memory.queues[thread.slot];
  for (const TakenMessage& taken : thread.messages) {
    if (taken.kept) ++queue.held.edit(taken.offset).times;
  }
  consume_later(push, thread.slot, suspended_for(push));
  leave(push, number, OrderlyRun::later);
}

}  // namespace

std::int64_t slot_of_thread(const Push& push, const ConsumeThread& thread) {
  const auto& queues = push.memory.queues;
  for (std::size_t slot = 0; slot < queues.size(); ++slot) {
    if (queues[slot].used && queues[slot].generation == thread.life) return static_cast<std::int64_t>(slot);
  }
  return -1;
}

void orderly_put(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  if (queue.held.empty() || queue.orderly.run != OrderlyRun::idle) return;
  queue.orderly.run = OrderlyRun::queued;
  submit(push, {slot, 0, 0, {}});
}

void take_orderly(const Push& push, std::uint32_t number) {
  const std::uint32_t slot = push.memory.pending.front().slot;
  push.memory.pending.erase(push.memory.pending.begin());
  PushQueue& queue = push.memory.queues[slot];
  queue.orderly.run = OrderlyRun::running;
  ConsumeThread& thread = push.memory.threads[number];
  thread = ConsumeThread{};
  thread.state = ThreadState::in_line;
  thread.topic = queue.topic;
  thread.broker = queue.broker;
  thread.queue = queue.queue;
  thread.slot = slot;
  thread.life = queue.generation;
  if (!is_occupied(push, number)) enter(push, number);
}

/// The listener's consumeLock is free: a rebalance may wait for it. Then processConsumeResult.
void orderly_returned(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  thread.at = 0;
  const std::int64_t slot = slot_of_thread(push, thread);
  if (slot >= 0 && push.memory.rebalance.releasing == static_cast<std::uint32_t>(slot) + 1)
    release_goes_on(push);
  if (thread.result != ConsumeResult::success) return orderly_next_message(push, number);
  if (push.config.work.acknowledge == Acknowledge::hand_off) hand_off(push, thread);
  commit(push, thread);
  next_list(push, number, false);
}

/// Of those that have reached the maximum each is sent, also if the queue has been taken away meanwhile.
void orderly_next_message(const Push& push, std::uint32_t number) {
  ConsumeThread& thread = push.memory.threads[number];
  for (; thread.at < thread.messages.size(); ++thread.at) {
    if (is_given_up(push, thread.messages[thread.at]))
      return begin_sending(push, number, ConsumeResult::send_back_refused);
    thread.messages[thread.at].kept = true;
  }
  const auto is_kept = [](const TakenMessage& taken) { return taken.kept; };
  if (std::any_of(thread.messages.begin(), thread.messages.end(), is_kept))
    return consume_again(push, number);
  commit(push, thread);
  next_list(push, number, false);
}

}  // namespace brokersim::model::rocketmq
