// HeapQueue: the plain event queue, a binary heap of (time, push sequence). Same interface and same
// contract as RadixWheel (radix_wheel.hpp), so obviously right that tests take its word. Not for use in
// models: it is 2 to 10 times slower.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/check.hpp"
#include "sim/radix_wheel.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

template <class Event>
class HeapQueue {
 public:
  struct Entry {
    SimTime at;
    Event event;
  };

  SimTime floor() const { return floor_; }
  std::size_t size() const { return heap_.size(); }
  bool empty() const { return heap_.empty(); }
  std::size_t bytes() const { return sizeof(*this) + heap_.capacity() * sizeof(Node); }

  void push(SimTime at, const Event& event) { emplace(at, event); }
  template <class... Parts>
  void emplace(SimTime at, const Parts&... parts) {
    check(at >= floor_, "an event was pushed before the time of the last popped one");
    heap_.push_back({at, next_sequence_++, Event{parts...}});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  bool pop_until(SimTime stop, Entry& out) { return pop_until(stop, out, NoTombstones{}); }

  template <class Dead>
  bool pop_until(SimTime stop, Entry& out, Dead dead) {
    while (!heap_.empty() && dead(heap_.front().event)) drop_front();
    if (heap_.empty() || heap_.front().at > stop) return false;
    out = {heap_.front().at, heap_.front().event};
    floor_ = out.at;
    drop_front();
    return true;
  }

  template <class Dead = NoTombstones>
  void advance(SimTime to, Dead dead = {}) {
    check(to >= floor_, "the event queue cannot go back in time");
    while (!heap_.empty() && heap_.front().at < to) {
      check(dead(heap_.front().event), "the event queue cannot advance past a pending event");
      drop_front();
    }
    floor_ = to;
  }

  template <class Dead = NoTombstones>
  std::optional<SimTime> next_time(Dead dead = {}) const {
    std::optional<SimTime> earliest;
    for (const Node& node : heap_)
      if (!dead(node.event) && (!earliest || node.at < *earliest)) earliest = node.at;
    return earliest;
  }

  template <class F>
  void for_each(F f) const {
    for (const Node& node : heap_) f(node.at, node.event);
  }

  std::vector<Entry> sorted() const {
    std::vector<Node> nodes = heap_;
    std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) { return later(b, a); });
    std::vector<Entry> all;
    for (const Node& node : nodes) all.push_back({node.at, node.event});
    return all;
  }

  template <class Predicate>
  std::size_t erase_if(Predicate remove) {
    const std::size_t erased = std::erase_if(heap_, [&](const Node& node) { return remove(node.event); });
    std::make_heap(heap_.begin(), heap_.end(), later);
    return erased;
  }

  void clear() { heap_.clear(); }

 private:
  struct Node {
    SimTime at;
    std::uint64_t sequence;
    Event event;
  };
  static bool later(const Node& a, const Node& b) {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
  }
  void drop_front() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
  }

  SimTime floor_;
  std::uint64_t next_sequence_ = 0;
  std::vector<Node> heap_;
};

}  // namespace brokersim::sim
