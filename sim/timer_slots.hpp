// TimerSlots: who is alive among the timers. A timer is a slot and a generation; to cancel one is to free its
// slot, and whatever still carries the old generation is stale from then on.
//
// Contract
//   Lowest free slot first, so that equal situations get equal slots (docs/architecture.md, rule 1).
//   Generations come from one counter: they tell reuses of a slot apart and are no part of a canonical form.
//   acquire and release are O(1) for practical purposes: two levels of 64-way bitmaps, so a summary word
//   covers 4096 slots. The table is as long as the highest living slot, so copies stay small after a burst.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace brokersim::sim {

/// Names one armed timer; the default one is 'none' and can be cancelled without effect.
struct TimerId {
  static constexpr std::uint32_t no_slot = ~0U;
  std::uint32_t slot = no_slot;
  std::uint32_t generation = 0;

  friend constexpr bool operator==(const TimerId&, const TimerId&) = default;
};

class TimerSlots {
 public:
  /// `home` is the caller's: where the timer waits.
  TimerId acquire(std::uint32_t home) {
    if (++last_generation_ == 0) ++last_generation_;  // 0 marks a free slot
    const std::uint32_t slot = free_count_ == 0 ? append() : take_lowest_free();
    slots_[slot] = {last_generation_, home};
    return {slot, last_generation_};
  }
  bool is_live(TimerId id) const {
    return id.slot < slots_.size() && slots_[id.slot].generation == id.generation && id.generation != 0;
  }
  /// Precondition: the slot is in use.
  std::uint32_t home(std::uint32_t slot) const { return slots_[slot].home; }

  /// Precondition: the slot is in use.
  void release(std::uint32_t slot) {
    slots_[slot].generation = 0;
    mark_free(slot);
    while (!slots_.empty() && slots_.back().generation == 0) drop_last();
  }

  std::size_t size() const { return slots_.size() - free_count_; }
  std::size_t bytes() const {
    return slots_.capacity() * sizeof(Slot) +
           (free_.capacity() + summary_.capacity()) * sizeof(std::uint64_t);
  }

 private:
  struct Slot {
    std::uint32_t generation = 0;
    std::uint32_t home = 0;
  };

  std::uint32_t append() {
    const auto slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
    if (slot / 64 == free_.size()) free_.push_back(0);
    if (slot / 4096 == summary_.size()) summary_.push_back(0);
    return slot;
  }
  std::uint32_t take_lowest_free() {
    std::size_t group = 0;
    while (summary_[group] == 0) ++group;
    const std::size_t word = group * 64 + static_cast<std::size_t>(std::countr_zero(summary_[group]));
    const auto slot =
        static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(free_[word]));
    mark_used(slot);
    return slot;
  }
  void mark_free(std::uint32_t slot) {
    free_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    summary_[slot / 4096] |= std::uint64_t{1} << (slot / 64 % 64);
    ++free_count_;
  }
  void mark_used(std::uint32_t slot) {
    free_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    if (free_[slot / 64] == 0) summary_[slot / 4096] &= ~(std::uint64_t{1} << (slot / 64 % 64));
    --free_count_;
  }
  void drop_last() {
    const auto slot = static_cast<std::uint32_t>(slots_.size() - 1);
    mark_used(slot);
    slots_.pop_back();
    if (slot % 64 == 0) free_.pop_back();
    if (slot % 4096 == 0) summary_.pop_back();
  }

  std::vector<Slot> slots_;
  std::vector<std::uint64_t> free_;     // one bit per slot
  std::vector<std::uint64_t> summary_;  // one bit per word of free_ that is not 0
  std::size_t free_count_ = 0;
  std::uint32_t last_generation_ = 0;
};

}  // namespace brokersim::sim
