// What worlds share: reference-counted chunks. Copies of one world live on different threads, so the
// count is atomic; it is intrusive, and "is it mine alone" is an acquire load of it that pairs with the
// release of whoever let go last (`shared_ptr::use_count()` gives no such promise and is a data race).
//
// A chunk that has more than one owner is never written. A page holds records; a branch holds 16
// children. Both keep the digest of their content once somebody asked for it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

#include "sim/hash.hpp"

namespace brokersim::sim {

class Chunk {
 public:
  explicit Chunk(unsigned height) : level(static_cast<std::uint16_t>(height)) {}
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  bool is_unique() const { return owners_.load(std::memory_order_acquire) == 1; }
  void acquire() { owners_.fetch_add(1, std::memory_order_relaxed); }
  /// True for the last owner, who must destroy the chunk. A sole owner needs no locked operation.
  [[nodiscard]] bool release() { return is_unique() || owners_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  /// Two threads may compute the digest of a shared chunk at once: both store the same words. Zero
  /// means "not computed"; a digest that really holds a zero is just computed again.
  Digest kept_digest() const {
    return {digest_low_.load(std::memory_order_relaxed), digest_high_.load(std::memory_order_relaxed)};
  }
  void keep_digest(Digest digest) const {
    digest_low_.store(digest.low, std::memory_order_relaxed);
    digest_high_.store(digest.high, std::memory_order_relaxed);
  }
  /// Before every write to a chunk that one owns alone. Both words go, so that a later reader never
  /// pairs a new word with an old one.
  void forget_digest() { keep_digest({}); }

 private:
  std::atomic<std::uint32_t> owners_{1};

 public:
  /// 0 for a page, else the height of the branch above its pages.
  const std::uint16_t level;
  /// How many leading records or child slots hold something.
  std::uint16_t extent = 0;

 private:
  mutable std::atomic<std::uint64_t> digest_low_{0};
  mutable std::atomic<std::uint64_t> digest_high_{0};
};

/// Inner node of the tree of pages.
struct Branch : Chunk {
  static constexpr unsigned bits = 4;
  static constexpr std::size_t width = 1U << bits;

  using Chunk::Chunk;
  std::array<Chunk*, width> children{};
};

/// Up to `capacity` records behind one header, in one allocation.
template <class T>
struct Page : Chunk {
  static_assert(std::is_trivially_copyable_v<T>, "records on shared pages must be trivially copyable");
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "over-aligned records are not supported");

  static constexpr std::size_t header_bytes = (sizeof(Chunk) + alignof(T) - 1) / alignof(T) * alignof(T);
  static constexpr std::size_t bytes_for(std::size_t capacity) { return header_bytes + capacity * sizeof(T); }

  static Page* make(std::size_t capacity) { return new (::operator new(bytes_for(capacity))) Page; }

  /// A page of one's own with the first `count` records of this one.
  Page* clone(std::size_t count, std::size_t capacity) const {
    Page* copy = make(capacity);
    std::uninitialized_copy_n(records(), count, copy->records());
    copy->extent = static_cast<std::uint16_t>(count);
    return copy;
  }

  T* records() { return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(this) + header_bytes); }
  const T* records() const {
    return reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(this) + header_bytes);
  }

  static void release(Page* page) {
    if (page != nullptr && page->Chunk::release()) ::operator delete(page);
  }

 private:
  Page() : Chunk(0) {}
};

}  // namespace brokersim::sim
