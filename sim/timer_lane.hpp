// TimerLane: timers of one constant delay. Armed in order of time they also expire in that order, so a flat
// queue is enough: arming appends, firing takes the front, cancelling costs nothing until half are stale.
//
// Contract
//   The front is always alive: stale entries before the first living one go at once, those behind it when
//   they outnumber the living. So the memory is bounded by the peak of living timers, and copies move
//   living and at most as many stale entries.
//   Who is alive is told by `dead(item)`; the lane only keeps the count.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "sim/check.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

/// `Item` has a member `at`.
template <class Item>
class TimerLane {
  static_assert(std::is_trivially_copyable_v<Item>);

 public:
  explicit TimerLane(Duration delay) : delay_(delay) {}
  TimerLane(const TimerLane& other) { *this = other; }
  TimerLane(TimerLane&&) = default;
  TimerLane& operator=(TimerLane&&) = default;
  TimerLane& operator=(const TimerLane& other) {
    if (this == &other) return *this;
    delay_ = other.delay_;
    live_ = other.live_;
    items_.assign(other.items_.begin() + static_cast<std::ptrdiff_t>(other.head_), other.items_.end());
    head_ = 0;
    return *this;
  }

  Duration delay() const { return delay_; }
  std::size_t live() const { return live_; }
  SimTime next_time() const { return live_ == 0 ? SimTime::max() : items_[head_].at; }
  std::size_t bytes() const { return items_.capacity() * sizeof(Item); }

  void push(const Item& item) {
    check(live_ == 0 || item.at >= items_.back().at, "a lane's timers must be armed in order of time");
    if (items_.size() == items_.capacity() && head_ > items_.size() / 2) forget_front();
    items_.push_back(item);
    ++live_;
  }

  /// Takes the front, which must exist, and what is stale behind it.
  template <class Dead>
  Item pop(Dead dead) {
    const Item item = items_[head_++];
    --live_;
    trim(dead);
    return item;
  }

  /// One timer of this lane died.
  template <class Dead>
  void bury(Dead dead) {
    --live_;
    trim(dead);
    if (items_.size() - head_ <= 2 * live_ + 16) return;
    forget_front();
    std::erase_if(items_, dead);
  }

  template <class F>
  void for_each(F f) const {
    for (std::size_t i = head_; i < items_.size(); ++i) f(items_[i]);
  }

 private:
  template <class Dead>
  void trim(Dead dead) {
    while (head_ < items_.size() && dead(items_[head_])) ++head_;
    if (head_ == items_.size()) items_.clear(), head_ = 0;
  }
  void forget_front() {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }

  Duration delay_;
  std::size_t live_ = 0;
  std::size_t head_ = 0;
  std::vector<Item> items_;
};

}  // namespace brokersim::sim
