// What is too large for a Payload travels in slots of pools. A slot is the lowest free one, so that equal
// worlds have equal slots.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

/// T has a member `used`; all free ones are alike.
template <class T>
struct Pool {
  std::vector<T> slots;

  /// An empty one, marked used.
  std::uint32_t take() {
    std::uint32_t slot = 0;
    while (slot < slots.size() && slots[slot].used) ++slot;
    if (slot == slots.size()) slots.emplace_back();
    slots[slot] = T{};
    slots[slot].used = true;
    return slot;
  }
  void release(std::uint32_t slot) {
    sim::check(slot < slots.size() && slots[slot].used, "a slot was released that nobody holds");
    slots[slot] = T{};
  }
  T& operator[](std::uint32_t slot) { return slots[slot]; }
  const T& operator[](std::uint32_t slot) const { return slots[slot]; }
};

template <class T>
constexpr auto fields(const Pool<T>& pool) {
  const auto& [slots] = pool;
  return std::tie(slots);
}

}  // namespace brokersim::model::rocketmq
