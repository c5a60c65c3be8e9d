// RebalanceImpl.processQueueTable: the queues that a push consumer has, each in a slot.
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

/// The slot of the process queue; -1: there is none.
std::int64_t slot_of(const Push& push, TopicId topic, QueuePlace place) {
  const auto& queues = push.memory.queues;
  for (std::size_t slot = 0; slot < queues.size(); ++slot) {
    const PushQueue& queue = queues[slot];
    if (queue.used && queue.topic == topic && QueuePlace{queue.broker, queue.queue} == place)
      return static_cast<std::int64_t>(slot);
  }
  return -1;
}

std::uint32_t new_slot(const Push& push) {
  auto& queues = push.memory.queues;
  std::uint32_t slot = 0;
  while (slot < queues.size() && queues[slot].used) ++slot;
  if (slot == queues.size()) queues.emplace_back();
  return slot;
}

void record_queue(const Push& push, RecordKind kind, const PushQueue& queue, std::int64_t offset) {
  const std::int64_t place = place_of(queue) | std::int64_t{queue.topic.value} << 32;
  push.context.record(make_record(kind, push.self.process.value, place, offset));
}

/// What is in work goes on, and its results are ignored (ProcessQueue.dropped).
void remove_queue(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  push.context.cancel(queue.timer);
  for (const LocalRetry& retry : queue.retries) push.context.cancel(retry.timer);
  std::erase_if(push.memory.pending, [&](const PendingMessages& pending) { return pending.slot == slot; });
  abort_popped(push, slot);
  std::erase(push.memory.rebalance.added, slot);
  std::erase(push.memory.pull_queue, slot);
  for (ConsumeThread& thread : push.memory.threads) {
    if (thread.state != ThreadState::free && thread.slot == slot) thread.dropped = true;
  }
  const std::int64_t ends_at = queue.committed < 0 ? queue.held.first : queue.committed;
  record_queue(push, RecordKind::queue_revoked, queue, ends_at);
  queue = PushQueue{};
  while (!push.memory.queues.empty() && !push.memory.queues.back().used) push.memory.queues.pop_back();
  if (push.memory.rebalance.releasing == slot + 1) release_goes_on(push);
  pull_thread_goes_on(push);
}

}  // namespace brokersim::model::rocketmq
