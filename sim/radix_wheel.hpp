// RadixWheel: the event queue. A 64-ary radix wheel on int64 nanoseconds whose buckets are chains of
// small chunks in one flat pool.
//
// Contract
//   Order      total and exact: (time, push sequence). Ties pop first in, first out, at whatever level
//              of the wheel they were pushed. No sequence number is stored: all entries of one instant
//              are always in one bucket, every bucket keeps push order, and opening a bucket keeps it too.
//   Monotone   push(at) needs at >= floor(), the time of the last popped entry; anything else is a BugError.
//   Peeking    next_time() and a pop_until() that answers false leave floor() where it was, so whatever
//              is injected next at floor() or later still pops in order.
//   Values     copying is forking: one memcpy of the used pool prefix and of the levels in use. Assigning
//              into a wheel of sufficient capacity does not allocate. Where the pool is mostly unused (few
//              events, or after a burst) only what is in use is copied, packed. A moved-from wheel may be
//              assigned, cleared, destroyed.
//   Cost       push and pop are O(1) amortised, at most 11 moves per entry (one per level), 2-4 in practice.
//              A failing peek costs at most the length of the first bucket.
//
// HeapQueue (heap_queue.hpp) has the same interface and is the test oracle. Why a wheel, why chunks, and
// the measurements: docs/decisions/0003-radix-wheel.md.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <vector>

#include "sim/check.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

/// The predicate of a queue in which nothing is ever a tombstone.
struct NoTombstones {
  template <class Event>
  constexpr bool operator()(const Event&) const {
    return false;
  }
};

template <class Event>
class RadixWheel {
  static_assert(std::is_trivially_copyable_v<Event>, "copies of a queue are memory copies");

 public:
  struct Entry {
    SimTime at;
    Event event;
  };

  RadixWheel() = default;
  RadixWheel(const RadixWheel& other) { *this = other; }
  RadixWheel(RadixWheel&&) = default;
  RadixWheel& operator=(RadixWheel&&) = default;
  RadixWheel& operator=(const RadixWheel& other);

  /// The time of the last popped entry, or what advance() set: nothing may be pushed before it.
  SimTime floor() const { return {static_cast<std::int64_t>(base_)}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const { return sizeof(*this) + pool_.capacity() * sizeof(Chunk); }

  void push(SimTime at, const Event& event) { emplace(at, event); }
  /// push(at, Event{parts...}), built in place.
  template <class... Parts>
  void emplace(SimTime at, const Parts&... parts) {
    check(at >= floor(), "an event was pushed before the time of the last popped one");
    append(bucket_of(at), at, parts...);
    ++size_;
  }

  /// Pops the first entry if its time is at most `stop`.
  bool pop_until(SimTime stop, Entry& out) { return pop_until(stop, out, NoTombstones{}); }

  /// The same, passing over entries for which `dead(event)`: they are dropped on the way (some, perhaps
  /// later) and never move the floor. size() counts the ones not dropped yet.
  template <class Dead>
  bool pop_until(SimTime stop, Entry& out, Dead dead);

  /// Moves the floor to `to`, because something outside this queue happened then.
  /// Precondition: no living entry is earlier.
  template <class Dead = NoTombstones>
  void advance(SimTime to, Dead dead = {});

  /// The time of the first (living) entry. Reads the whole first bucket.
  template <class Dead = NoTombstones>
  std::optional<SimTime> next_time(Dead dead = {}) const;

  /// Calls f(SimTime, const Event&) bucket by bucket: an order that depends on the contents alone.
  template <class F>
  void for_each(F f) const {
    for_each_bucket([&](std::uint32_t bucket) {
      for_each_in(bucket, [&](const Entry& entry) { f(entry.at, entry.event); });
    });
  }

  /// All entries in the order in which they would pop.
  std::vector<Entry> sorted() const {
    std::vector<Entry> all;
    all.reserve(size_);
    for_each([&](SimTime at, const Event& event) { all.push_back({at, event}); });
    std::stable_sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
    return all;
  }

  /// Removes the entries for which `remove(event)`; the others keep their order. Answers how many.
  template <class Predicate>
  std::size_t erase_if(Predicate remove);

  /// Empties the wheel, keeps its storage and its floor.
  void clear() {
    levels_ = 0;
    occupied_ = {};
    forget_chunks();
    size_ = 0;
  }

 private:
  static constexpr unsigned digit_bits = 6;
  static constexpr std::uint32_t slots = 1U << digit_bits;
  static constexpr std::uint32_t level_count = 11;  // 66 bits hold a 64-bit time
  static constexpr std::uint32_t none = ~0U;
  // 21 entries of 24 bytes and the header fill 512 bytes. Short chunks lose with many pending events (a
  // cache miss per chunk); what long ones waste is not copied (copy_used).
  static constexpr std::size_t chunk_bytes = 512;
  static constexpr std::uint32_t chunk_entries =
      static_cast<std::uint32_t>(std::max<std::size_t>(2, (chunk_bytes - 8) / sizeof(Entry)));

  struct Chunk {
    std::uint32_t next = none;  // of the last chunk of a chain: the first one
    std::uint16_t begin = 0;
    std::uint16_t end = 0;
    std::array<Entry, chunk_entries> entries;

    void copy_used(const Chunk& other) {
      begin = 0;
      end = static_cast<std::uint16_t>(other.end - other.begin);
      std::copy(&other.entries[other.begin], &other.entries[0] + other.end, &entries[0]);
    }
  };
  static_assert(std::is_trivially_copyable_v<Chunk>);

  /// The bucket of a time: the highest base-64 digit in which it differs from the floor, and that digit.
  std::uint32_t bucket_of(SimTime at) const {
    const auto time = static_cast<std::uint64_t>(at.ns);
    const auto level = (static_cast<unsigned>(std::bit_width((time ^ base_) | 1)) - 1) / digit_bits;
    return level * slots + (static_cast<std::uint32_t>(time >> (level * digit_bits)) & (slots - 1));
  }
  /// The earliest time that belongs into a bucket; at level 0 the only one.
  SimTime bucket_start(std::uint32_t bucket) const {
    const unsigned shift = bucket / slots * digit_bits;
    const std::uint64_t above = base_ >> shift >> digit_bits << digit_bits;
    return {static_cast<std::int64_t>((above | bucket % slots) << shift)};
  }
  std::uint32_t first_bucket() const {
    const auto level = static_cast<std::uint32_t>(std::countr_zero(levels_));
    return level * slots + static_cast<std::uint32_t>(std::countr_zero(occupied_[level]));
  }
  bool is_occupied(std::uint32_t bucket) const {
    return (occupied_[bucket / slots] >> (bucket % slots) & 1) != 0;
  }
  void set_occupied(std::uint32_t bucket) {
    occupied_[bucket / slots] |= std::uint64_t{1} << (bucket % slots);
    levels_ |= 1U << (bucket / slots);
  }
  void set_empty(std::uint32_t bucket) {
    std::uint64_t& level = occupied_[bucket / slots];
    level &= ~(std::uint64_t{1} << (bucket % slots));
    // No branch: whether this was the level's last bucket cannot be predicted.
    levels_ &= ~(static_cast<std::uint32_t>(level == 0) << (bucket / slots));
  }

  // Unused chunks are empty: a bucket can begin with one at once, inline. Growing is rare and stays out of
  // the way of that path, which saved 3-4 ns per event.
  [[gnu::noinline]] void add_chunk() {
    pool_.emplace_back();
    release_chunk(static_cast<std::uint32_t>(pool_.size() - 1));
  }
  std::uint32_t take_chunk() {
    if (free_ == none) [[unlikely]]
      add_chunk();
    const std::uint32_t chunk = free_;
    free_ = pool_[chunk].next;
    --free_count_;
    return chunk;
  }
  void release_chunk(std::uint32_t chunk) {
    pool_[chunk].begin = pool_[chunk].end = 0;
    pool_[chunk].next = free_;
    free_ = chunk;
    ++free_count_;
  }
  void forget_chunks() {
    pool_.clear();
    free_ = none;
    free_count_ = 0;
  }

  template <class... Parts>
  void append(std::uint32_t bucket, SimTime at, const Parts&... parts);
  void begin_bucket(std::uint32_t bucket);
  void append_chunk(std::uint32_t bucket);
  void drop_front(std::uint32_t bucket, std::uint32_t first);

  enum class Taken : std::uint8_t { nothing, dead, living };
  /// Takes the first entry of a bucket whose entries are in order: a lone one, or any at level 0.
  template <class Dead>
  Taken take_front(std::uint32_t bucket, std::uint32_t first, SimTime stop, Entry& out, Dead dead);

  /// Empties a bucket and hands its entries to f(SimTime, const Event&) in order. f may fill any bucket, this
  /// one too.
  template <class F>
  void drain(std::uint32_t bucket, F f);

  /// Opens a bucket above level 0 at `time`, the new floor. Its living entries go to lower levels, except
  /// the first one of that very time, which goes to `out` if there is one.
  template <class Dead>
  void open(std::uint32_t bucket, SimTime time, Entry* out, Dead dead);

  template <class F>
  void for_each_bucket(F f) const {
    for (std::uint32_t levels = levels_; levels != 0; levels &= levels - 1) {
      const auto level = static_cast<std::uint32_t>(std::countr_zero(levels));
      for (std::uint64_t rest = occupied_[level]; rest != 0; rest &= rest - 1)
        f(level * slots + static_cast<std::uint32_t>(std::countr_zero(rest)));
    }
  }
  template <class F>
  void for_each_in(std::uint32_t bucket, F f) const {
    std::uint32_t at = last_chunk_[bucket];
    do {
      at = pool_[at].next;
      for (std::uint32_t i = pool_[at].begin; i < pool_[at].end; ++i) f(pool_[at].entries[i]);
    } while (at != last_chunk_[bucket]);
  }
  template <class Dead>
  std::optional<SimTime> earliest_in(std::uint32_t bucket, Dead dead) const {
    SimTime earliest = SimTime::max();
    bool found = false;
    for_each_in(bucket, [&](const Entry& entry) {
      if (dead(entry.event)) return;
      earliest = std::min(earliest, entry.at);
      found = true;
    });
    return found ? std::optional(earliest) : std::nullopt;
  }
  bool is_sparse() const { return size_ * 2 < pool_.size() * chunk_entries; }
  RadixWheel& copy_used(const RadixWheel& other);

  std::uint64_t base_ = 0;
  std::size_t size_ = 0;
  std::uint32_t levels_ = 0;  // which levels have an occupied bucket
  std::uint32_t free_ = none;
  std::size_t free_count_ = 0;
  std::array<std::uint64_t, level_count> occupied_{};
  std::array<std::uint32_t, level_count * slots> last_chunk_{};  // meaningful for occupied buckets only
  std::vector<Chunk> pool_;
};

}  // namespace brokersim::sim

#include "sim/radix_wheel_moves.hpp"  // the definitions of its longer members
