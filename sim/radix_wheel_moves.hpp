// How entries move through a RadixWheel: copied, appended, taken, and spread from an opened bucket to the
// levels below. The second half of sim/radix_wheel.hpp, which includes it; never include it alone.
#pragma once

#include "sim/radix_wheel.hpp"

namespace brokersim::sim {

template <class Event>
RadixWheel<Event>& RadixWheel<Event>::operator=(const RadixWheel& other) {
  if (this == &other) return *this;
  base_ = other.base_;
  size_ = other.size_;
  if (other.is_sparse()) return copy_used(other);
  levels_ = other.levels_;
  occupied_ = other.occupied_;
  free_ = other.free_;
  free_count_ = other.free_count_;
  pool_ = other.pool_;
  for (std::uint32_t levels = levels_; levels != 0; levels &= levels - 1) {
    const auto first = static_cast<std::size_t>(std::countr_zero(levels)) * slots;
    std::memcpy(&last_chunk_[first], &other.last_chunk_[first], slots * sizeof(last_chunk_[0]));
  }
  return *this;
}

template <class Event>
RadixWheel<Event>& RadixWheel<Event>::copy_used(const RadixWheel& other) {
  levels_ = other.levels_;
  occupied_ = other.occupied_;
  free_ = none;
  free_count_ = 0;
  const std::size_t used = other.pool_.size() - other.free_count_;
  if (pool_.capacity() < used) {
    pool_.clear();
    pool_.reserve(used + used / 4 + 4);
  }
  pool_.resize(used);
  std::uint32_t next = 0;
  other.for_each_bucket([&](std::uint32_t bucket) {
    const std::uint32_t first = next;
    const std::uint32_t last = other.last_chunk_[bucket];
    for (std::uint32_t from = other.pool_[last].next;; from = other.pool_[from].next) {
      pool_[next].copy_used(other.pool_[from]);
      pool_[next].next = next + 1;
      ++next;
      if (from == last) break;
    }
    pool_[next - 1].next = first;
    last_chunk_[bucket] = next - 1;
  });
  return *this;
}

template <class Event>
template <class... Parts>
inline void RadixWheel<Event>::append(std::uint32_t bucket, SimTime at, const Parts&... parts) {
  if (!is_occupied(bucket))
    begin_bucket(bucket);
  else if (pool_[last_chunk_[bucket]].end == chunk_entries) [[unlikely]]
    append_chunk(bucket);
  Chunk& last = pool_[last_chunk_[bucket]];
  // Member by member, here and wherever an entry is read: mixing these with copies of whole entries
  // defeats store forwarding and costs 1-2 ns per event (g++ 12).
  Entry& entry = last.entries[last.end++];
  entry.at = at;
  entry.event = Event{parts...};
}

template <class Event>
inline void RadixWheel<Event>::begin_bucket(std::uint32_t bucket) {
  const std::uint32_t chunk = take_chunk();
  pool_[chunk].next = chunk;
  last_chunk_[bucket] = chunk;
  set_occupied(bucket);
}

template <class Event>
[[gnu::noinline]] void RadixWheel<Event>::append_chunk(std::uint32_t bucket) {
  const std::uint32_t chunk = take_chunk();
  Chunk& last = pool_[last_chunk_[bucket]];
  pool_[chunk].next = last.next;
  last.next = chunk;
  last_chunk_[bucket] = chunk;
}

template <class Event>
inline void RadixWheel<Event>::drop_front(std::uint32_t bucket, std::uint32_t first) {
  const std::uint32_t last = last_chunk_[bucket];
  --size_;
  if (++pool_[first].begin < pool_[first].end) return;
  if (first == last)
    set_empty(bucket);
  else
    pool_[last].next = pool_[first].next;
  release_chunk(first);
}

template <class Event>
template <class F>
inline void RadixWheel<Event>::drain(std::uint32_t bucket, F f) {
  const std::uint32_t last = last_chunk_[bucket];
  std::uint32_t chunk = pool_[last].next;
  set_empty(bucket);
  for (bool more = true; more;) {
    more = chunk != last;
    for (std::uint32_t i = pool_[chunk].begin; i < pool_[chunk].end; ++i) {
      // Copied out, because f may let the pool grow.
      const SimTime at = pool_[chunk].entries[i].at;
      const Event event = pool_[chunk].entries[i].event;
      f(at, event);
    }
    const std::uint32_t next = pool_[chunk].next;
    release_chunk(chunk);
    chunk = next;
  }
}

template <class Event>
template <class Dead>
inline void RadixWheel<Event>::open(std::uint32_t bucket, SimTime time, Entry* out, Dead dead) {
  base_ = static_cast<std::uint64_t>(time.ns);
  drain(bucket, [&](SimTime at, const Event& event) {
    if (dead(event)) {
      --size_;
    } else if (out != nullptr && at == time) {
      out->at = at;
      out->event = event;
      out = nullptr;
      --size_;
    } else {
      append(bucket_of(at), at, event);
    }
  });
}

template <class Event>
template <class Dead>
inline auto RadixWheel<Event>::take_front(std::uint32_t bucket, std::uint32_t first, SimTime stop, Entry& out,
                                          Dead dead) -> Taken {
  const Entry& front = pool_[first].entries[pool_[first].begin];
  const bool is_dead = dead(front.event);
  if (!is_dead) {
    if (front.at > stop) return Taken::nothing;
    out.at = front.at;
    out.event = front.event;
    base_ = static_cast<std::uint64_t>(front.at.ns);
  }
  drop_front(bucket, first);
  return is_dead ? Taken::dead : Taken::living;
}

template <class Event>
template <class Dead>
inline bool RadixWheel<Event>::pop_until(SimTime stop, Entry& out, Dead dead) {
  while (levels_ != 0) {
    const std::uint32_t bucket = first_bucket();
    const std::uint32_t last = last_chunk_[bucket];
    const Chunk& chunk = pool_[last];
    Taken taken = Taken::dead;
    // A lone entry, the common case, is reached without waiting for the link to the first chunk: 2 ns.
    if (chunk.next == last && chunk.begin + 1 == chunk.end) {
      taken = take_front(bucket, last, stop, out, dead);
    } else if (bucket < slots) {
      taken = take_front(bucket, chunk.next, stop, out, dead);
    } else if (bucket_start(bucket) > stop) {
      return false;
    } else if (const auto earliest = earliest_in(bucket, dead)) {
      if (*earliest > stop) return false;
      open(bucket, *earliest, &out, dead);
      return true;
    } else {
      drain(bucket, [this](SimTime, const Event&) { --size_; });
    }
    if (taken != Taken::dead) return taken == Taken::living;
  }
  return false;
}

template <class Event>
template <class Dead>
void RadixWheel<Event>::advance(SimTime to, Dead dead) {
  check(to >= floor(), "the event queue cannot go back in time");
  while (levels_ != 0) {
    const std::uint32_t bucket = first_bucket();
    if (bucket_start(bucket) > to) break;
    const auto earliest = earliest_in(bucket, dead);
    check(!earliest || *earliest >= to, "the event queue cannot advance past a pending event");
    if (earliest) {
      if (bucket >= slots) open(bucket, to, nullptr, dead);
      break;
    }
    drain(bucket, [this](SimTime, const Event&) { --size_; });
  }
  base_ = static_cast<std::uint64_t>(to.ns);
}

template <class Event>
template <class Dead>
std::optional<SimTime> RadixWheel<Event>::next_time(Dead dead) const {
  for (std::uint32_t levels = levels_; levels != 0; levels &= levels - 1) {
    const auto level = static_cast<std::uint32_t>(std::countr_zero(levels));
    for (std::uint64_t rest = occupied_[level]; rest != 0; rest &= rest - 1) {
      const auto slot = static_cast<std::uint32_t>(std::countr_zero(rest));
      if (const auto earliest = earliest_in(level * slots + slot, dead)) return earliest;
    }
  }
  return std::nullopt;
}

template <class Event>
template <class Predicate>
std::size_t RadixWheel<Event>::erase_if(Predicate remove) {
  const std::size_t before = size_;
  for_each_bucket([&](std::uint32_t bucket) {
    drain(bucket, [&](SimTime at, const Event& event) {
      if (remove(event))
        --size_;
      else
        append(bucket, at, event);
    });
  });
  return before - size_;
}

}  // namespace brokersim::sim
