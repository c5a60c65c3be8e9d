// Agenda: everything that is going to happen, as one copyable value: plain events, one-shot timers that can
// be cancelled, and lanes of timers with a constant delay (send time-outs, flushes, heartbeats).
//
// Contract
//   Order      by time. At one instant: first plain events and one-shot timers in the order they were added,
//              then lane timers by lane and in each lane in arming order. What the handler of a lane timer
//              adds at that same instant therefore comes before the next lane timer. The order is a function
//              of what is alive: cancelled timers and copies made in between never change it.
//   Monotone   nothing may be added before floor(), the time of the last event returned. A pop_until() that
//              answers false leaves the floor where it was, stale timers or not.
//   Timers     arm() answers an id of the lowest free slot; cancel() is O(1) and answers false if the timer
//              has fired or was cancelled. A cancelled timer is never reported. A timer has fired as soon as
//              pop_until() returned it, so its handler finds it dead and may get the same slot again.
//   Cost       a plain event costs its queue operation and 1-2 ns. Tombstones of one-shot timers are dropped
//              when met, and all at once when they outnumber half of the queue. Lane timers never enter the
//              queue: no queue operation per timer, fired or cancelled. The earliest lane is found by looking
//              at all of them, so lanes are for tens of delays, not thousands.
//   Time       `now` is the caller's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "sim/check.hpp"
#include "sim/radix_wheel.hpp"
#include "sim/timer_lane.hpp"
#include "sim/timer_slots.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

using LaneId = Strong<struct LaneTag, std::uint32_t>;

template <class Event, template <class> class Queue = RadixWheel>
class Agenda {
  static_assert(std::is_trivially_copyable_v<Event>);

 public:
  struct Entry {
    SimTime at;
    Event event;
  };

  /// A plain event: cannot be cancelled.
  void at(SimTime time, const Event& event) { queue_.emplace(time, event, TimerId{}); }

  /// A one-shot timer.
  TimerId arm(SimTime time, const Event& event) {
    check(time >= floor(), "a timer was armed before the time of the last event");
    const TimerId id = slots_.acquire(in_queue);
    queue_.emplace(time, event, id);
    return id;
  }

  /// A new lane; lanes stay.
  LaneId add_lane(Duration delay) {
    lanes_.emplace_back(delay);
    lane_heads_.push_back(SimTime::max());
    return LaneId(static_cast<std::uint32_t>(lanes_.size() - 1));
  }

  /// A timer of this lane's delay.
  TimerId arm(LaneId lane, SimTime now, const Event& event);

  bool cancel(TimerId id);
  bool is_armed(TimerId id) const { return slots_.is_live(id); }

  /// The next living event, if its time is at most `stop`.
  bool pop_until(SimTime stop, Entry& out);

  /// The time of the next living event; exact, but not free: it may read a whole bucket of the wheel.
  std::optional<SimTime> next_time() const {
    std::optional<SimTime> next = queue_.next_time(stale_in_queue());
    for (const TimerLane<Item>& lane : lanes_)
      if (lane.live() != 0 && (!next || lane.next_time() < *next)) next = lane.next_time();
    return next;
  }

  SimTime floor() const { return queue_.floor(); }
  /// Living events and timers.
  std::size_t size() const { return queue_.size() - stale_ + lane_live_; }
  bool empty() const { return size() == 0; }

  /// Calls f(SimTime, const Event&) for whatever is alive, in an order that equal histories share.
  template <class F>
  void for_each_live(F f) const {
    const auto stale = stale_in_queue();
    queue_.for_each([&](SimTime time, const Pending& pending) {
      if (!stale(pending)) f(time, pending.event);
    });
    for_each_lane_timer(f);
  }

  /// Whatever is alive, in firing order.
  std::vector<Entry> sorted_live() const;

  /// Living and stale entries of the queue: what memory and copies pay for.
  std::size_t queue_size() const { return queue_.size(); }
  std::size_t bytes() const {
    std::size_t total = queue_.bytes() + slots_.bytes() + sizeof(*this) - sizeof(queue_);
    for (const TimerLane<Item>& lane : lanes_) total += sizeof(lane) + sizeof(SimTime) + lane.bytes();
    return total;
  }

 private:
  struct Pending {
    Event event;
    TimerId timer;  // none: a plain event
  };
  using Item = typename Queue<Pending>::Entry;
  static constexpr std::uint32_t in_queue = ~0U;  // the home of one-shot timers; others live in a lane

  auto stale_in_queue() const {
    return [this](const Pending& p) { return p.timer.slot != TimerId::no_slot && !slots_.is_live(p.timer); };
  }
  auto stale_in_lane() const {
    return [this](const Item& item) { return !slots_.is_live(item.event.timer); };
  }
  template <class F>
  void for_each_lane_timer(F f) const {
    const auto stale = stale_in_lane();
    for (const TimerLane<Item>& lane : lanes_)
      lane.for_each([&](const Item& item) {
        if (!stale(item)) f(item.at, item.event.event);
      });
  }

  bool pop_queue(SimTime stop, Entry& out);
  bool pop_living(SimTime stop, Item& out);
  void pop_lane(Entry& out);
  void find_next_lane();

  Queue<Pending> queue_;
  TimerSlots slots_;
  std::size_t stale_ = 0;  // cancelled timers that are still in the queue
  std::vector<TimerLane<Item>> lanes_;
  std::vector<SimTime> lane_heads_;  // of each lane the first living timer's time, or max
  std::size_t lane_live_ = 0;
  // No lane timer is earlier than next_lane_time_, and at that time no lane before next_lane_ has one.
  // After a cancellation both may be too early; pop_until() notices.
  SimTime next_lane_time_ = SimTime::max();
  std::uint32_t next_lane_ = 0;
};

template <class Event, template <class> class Queue>
TimerId Agenda<Event, Queue>::arm(LaneId lane, SimTime now, const Event& event) {
  check(now >= floor(), "a timer was armed before the time of the last event");
  TimerLane<Item>& timers = lanes_[lane.value];
  const SimTime time = now + timers.delay();
  const TimerId id = slots_.acquire(lane.value);
  timers.push({time, {event, id}});
  ++lane_live_;
  if (timers.live() != 1) return id;
  lane_heads_[lane.value] = time;
  if (time < next_lane_time_ || (time == next_lane_time_ && lane.value < next_lane_)) {
    next_lane_time_ = time;
    next_lane_ = lane.value;
  }
  return id;
}

template <class Event, template <class> class Queue>
bool Agenda<Event, Queue>::cancel(TimerId id) {
  if (!slots_.is_live(id)) return false;
  const std::uint32_t home = slots_.home(id.slot);
  slots_.release(id.slot);
  if (home != in_queue) {
    lanes_[home].bury(stale_in_lane());
    lane_heads_[home] = lanes_[home].next_time();
    --lane_live_;
    return true;
  }
  ++stale_;
  if (stale_ > 32 && stale_ > queue_.size() / 2) {
    queue_.erase_if(stale_in_queue());
    stale_ = 0;
  }
  return true;
}

template <class Event, template <class> class Queue>
inline bool Agenda<Event, Queue>::pop_until(SimTime stop, Entry& out) {
  for (;;) {
    if (pop_queue(std::min(stop, next_lane_time_), out)) return true;
    if (lane_live_ == 0) {
      if (next_lane_time_ == SimTime::max()) return false;
      next_lane_time_ = SimTime::max();
    } else if (next_lane_time_ > stop) {
      return false;
    } else if (lane_heads_[next_lane_] == next_lane_time_) {
      pop_lane(out);
      return true;
    } else {
      find_next_lane();
    }
  }
}

template <class Event, template <class> class Queue>
inline bool Agenda<Event, Queue>::pop_queue(SimTime stop, Entry& out) {
  Item item;
  if (stale_ == 0 ? !queue_.pop_until(stop, item) : !pop_living(stop, item)) return false;
  if (item.event.timer.slot != TimerId::no_slot) slots_.release(item.event.timer.slot);
  out.at = item.at;
  out.event = item.event.event;
  return true;
}

template <class Event, template <class> class Queue>
[[gnu::noinline]] bool Agenda<Event, Queue>::pop_living(SimTime stop, Item& out) {
  const std::size_t before = queue_.size();
  const bool found = queue_.pop_until(stop, out, stale_in_queue());
  stale_ -= before - queue_.size() - (found ? 1 : 0);
  return found;
}

template <class Event, template <class> class Queue>
void Agenda<Event, Queue>::pop_lane(Entry& out) {
  const std::size_t before = queue_.size();
  queue_.advance(next_lane_time_, stale_in_queue());
  stale_ -= before - queue_.size();
  TimerLane<Item>& timers = lanes_[next_lane_];
  const Item item = timers.pop(stale_in_lane());
  slots_.release(item.event.timer.slot);
  --lane_live_;
  lane_heads_[next_lane_] = timers.next_time();
  find_next_lane();
  out.at = item.at;
  out.event = item.event.event;
}

template <class Event, template <class> class Queue>
inline void Agenda<Event, Queue>::find_next_lane() {
  const auto first = std::min_element(lane_heads_.begin(), lane_heads_.end());
  next_lane_time_ = *first;
  next_lane_ = static_cast<std::uint32_t>(first - lane_heads_.begin());
}

template <class Event, template <class> class Queue>
std::vector<typename Agenda<Event, Queue>::Entry> Agenda<Event, Queue>::sorted_live() const {
  std::vector<Entry> all;
  all.reserve(size());
  const auto stale = stale_in_queue();
  for (const Item& item : queue_.sorted())
    if (!stale(item.event)) all.push_back({item.at, item.event.event});
  for_each_lane_timer([&](SimTime time, const Event& event) { all.push_back({time, event}); });
  std::stable_sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
  return all;
}

}  // namespace brokersim::sim
