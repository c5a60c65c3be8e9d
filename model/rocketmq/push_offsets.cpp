// RemoteBrokerOffsetStore: how far this consumer is in each of its queues, told to the broker one-way every
// persistConsumerOffsetInterval and with each pull.
//
// The real client sends every offset every 5 s. Only one that the broker may not have is an event here: it
// has changed, the queue has just been assigned, or the channel has been lost since.
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_persist = 10_s;  // MQClientInstance.startScheduledTask

void arm_persist(const Push& push) {
  ServiceTimer& timer = push.memory.persist_timer;
  if (timer.armed) return;
  const SimTime due = next_on_grid(push.memory.since + first_persist,
                                   push.settings().persistConsumerOffsetInterval, push.now());
  arm(push, timer, due, {.on = PushOn::persist});
}

bool is_dirty(const PushQueue& queue) { return queue.used && queue.dirty && queue.committed >= 0; }

/// findBrokerAddressInSubscribe(brokerName, MASTER_ID, false).
bool is_reachable(const Push& push, const PushQueue& queue) {
  const std::int32_t address = address_in_subscribe(push, queue.broker);
  return address >= 0 && push.memory.channels[static_cast<std::size_t>(address)].open;
}

/// The first dirty queue from `slot` on whose broker can be reached.
std::uint32_t next_dirty(const Push& push, std::uint32_t slot) {
  const auto& queues = push.memory.queues;
  while (slot < queues.size() && !(is_dirty(queues[slot]) && is_reachable(push, queues[slot]))) ++slot;
  return slot;
}

/// One queue per event: a crash may fall between two of them.
void persist_from(const Push& push, std::uint32_t first) {
  const std::uint32_t slot = next_dirty(push, first);
  if (slot < push.memory.queues.size()) persist(push, push.memory.queues[slot]);
  if (next_dirty(push, slot + 1) < push.memory.queues.size()) {
    push.schedule({}, {.on = PushOn::persist, .slot = slot + 2});
    return;
  }
  for (const PushQueue& queue : push.memory.queues) {
    if (!is_dirty(queue)) continue;
    const std::int32_t address = address_in_subscribe(push, queue.broker);
    // getAndCreateChannel; the next round finds it open
    if (address >= 0) connect(push, static_cast<std::uint16_t>(address));
    arm_persist(push);
  }
}

/// persistAll sends every offset each time. Where that may count it is an event: with a stand-in
/// (count_commit), and where another master, or the same after it was a slave, may not have the offset.
void commit_all_again(const Push& push) {
  for (PushQueue& queue : push.memory.queues) {
    if (queue.used && push.all().brokers[queue.broker].is_found_by_route()) mark_dirty(push, queue);
  }
}

}  // namespace

void mark_dirty(const Push& push, PushQueue& queue) {
  if (queue.committed < 0) return;
  queue.dirty = true;
  arm_persist(push);
}

void update_offset(const Push& push, PushQueue& queue, std::int64_t offset, bool increase_only) {
  if (offset == queue.committed || (increase_only && offset < queue.committed)) return;
  queue.committed = offset;
  mark_dirty(push, queue);
}

bool persist(const Push& push, PushQueue& queue) {
  if (queue.committed < 0) return true;
  if (push.is_broadcasting()) return write_local_offset(push, queue), true;
  const std::int32_t address = address_in_subscribe(push, queue.broker);
  if (address < 0) return false;
  Payload request;
  request.kind = PayloadKind::update_consumer_offset;
  request.oneway = true;
  request.topic = queue.topic;
  request.queue = queue.queue;
  request.group = push.config.group.value;
  request.offset = queue.committed;
  request.opaque = push.memory.next_opaque++;
  const auto flow = std::uint64_t{queue.topic.value} << 32 | std::uint64_t{queue.broker} << 16 | queue.queue;
  if (!send_now(push, static_cast<std::uint16_t>(address), request, sim::subject(push.life(), flow)))
    return false;
  queue.dirty = false;
  return true;
}

void on_persist(const Push& push, const PushEvent& event) {
  if (event.slot != 0) return persist_from(push, event.slot - 1);
  if (!fired(push.memory.persist_timer, event)) return;
  commit_all_again(push);
  if (!scheduled_thread_waits(push)) return persist_all_offsets(push);
  push.memory.beats.holds_persist = true;
}

void persist_all_offsets(const Push& push) {
  push.is_broadcasting() ? write_local_offsets(push) : persist_from(push, 0);
}

}  // namespace brokersim::model::rocketmq
