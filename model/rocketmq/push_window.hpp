// The messages that a process queue holds (ProcessQueue.msgTreeMap), by queue offset.
//
// Contract
//   Messages come with rising offsets and go in any order; finding one, adding and removing cost O(1).
//   A ring of places, of which offset o has the one at o modulo the capacity. It grows by doubling, and pages
//   are copied on write, so that a copy of the world costs a reference however full the queue is.
//   `end` is queueOffsetMax + 1: it stays when the last message goes.
#pragma once

#include <cstdint>
#include <tuple>

#include "model/ids.hpp"
#include "sim/paged_array.hpp"

namespace brokersim::model::rocketmq {

/// A message as a consumer has got it.
struct HeldMessage {
  IntentId intent = no_intent;  ///< none: the place is free
  std::uint32_t record = 0;     ///< its number in the broker's log (commitLogOffset)
  std::uint32_t size = 0;       ///< of the body, bytes
  std::uint32_t times = 0;      ///< getReconsumeTimes
  bool waits = true;            ///< WAIT among its properties
};

constexpr auto fields(const HeldMessage& message) {
  const auto& [intent, record, size, times, waits] = message;
  return std::tuple(intent, record, size, times, waits);
}

struct ProcessWindow {
  sim::PagedArray<HeldMessage> places;
  std::int64_t first = 0;  ///< of the messages held, if any
  std::int64_t end = 0;    ///< behind the last one ever held
  std::int64_t count = 0;
  std::int64_t bytes = 0;  ///< of their bodies

  bool empty() const { return count == 0; }
  bool contains(std::int64_t offset) const;
  const HeldMessage& at(std::int64_t offset) const { return places[place_of(offset)]; }
  HeldMessage& edit(std::int64_t offset) { return places.edit(place_of(offset)); }
  /// `offset` lies at or behind `end`.
  void put(std::int64_t offset, const HeldMessage& message);
  /// Nothing happens if it is not held (any more).
  void remove(std::int64_t offset);
  /// ProcessQueue.getMaxSpan.
  std::int64_t span() const;

 private:
  std::size_t place_of(std::int64_t offset) const {
    return static_cast<std::size_t>(offset) & (places.size() - 1);
  }
  void grow_to(std::int64_t messages);
};

constexpr auto fields(const ProcessWindow& window) {
  const auto& [places, first, end, count, bytes] = window;
  return std::tie(places, first, end, count, bytes);
}

}  // namespace brokersim::model::rocketmq
