#include "model/rocketmq/batch.hpp"

#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

std::uint32_t BatchPool::take() {
  std::uint32_t slot = 0;
  while (slot < slots.size() && slots[slot].used) ++slot;
  if (slot == slots.size()) slots.emplace_back();
  slots[slot] = Batch{};
  slots[slot].used = true;
  return slot;
}

void BatchPool::release(std::uint32_t slot) {
  sim::check(slot < slots.size() && slots[slot].used, "a batch was released that nobody holds");
  slots[slot].used = false;
}

std::uint32_t MemberListPool::take() {
  std::uint32_t slot = 0;
  while (slot < slots.size() && slots[slot].used) ++slot;
  if (slot == slots.size()) slots.emplace_back();
  slots[slot].used = true;
  return slot;
}

void MemberListPool::release(std::uint32_t slot) {
  sim::check(slot < slots.size() && slots[slot].used, "a list of members was released that nobody holds");
  slots[slot] = MemberList{};
}

std::uint32_t QueueSetPool::take() {
  std::uint32_t slot = 0;
  while (slot < slots.size() && slots[slot].used) ++slot;
  if (slot == slots.size()) slots.emplace_back();
  slots[slot].used = true;
  return slot;
}

void QueueSetPool::release(std::uint32_t slot) {
  sim::check(slot < slots.size() && slots[slot].used, "a set of queues was released that nobody holds");
  slots[slot] = QueueSet{};
}

}  // namespace brokersim::model::rocketmq
