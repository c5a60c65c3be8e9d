// A mutable table as a value: pages with copy-on-write. The copy costs one reference; the first write
// to a page after a copy clones that page (about 1 KB) and its path, later writes go in place. For the
// ledger, process queues, and any table that may grow with the run.
//
// Reading is `array[i]`; writing is `array.edit(i)`, spelled out because it may clone. A reference from
// `edit` is good until the array is next copied, resized or edited.
// Threads: different copies may be used by different threads; one copy only by one writer.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sim/canonical.hpp"
#include "sim/check.hpp"
#include "sim/shared_tree.hpp"

namespace brokersim::sim {

/// A page with its header stays below 1 KB: cheap to clone, and of a size that allocators recycle fast.
template <class T>
inline constexpr unsigned default_page =
    sizeof(T) > 240 ? 4U : static_cast<unsigned>(std::bit_floor(std::size_t{984} / sizeof(T)));

template <class T, unsigned page = default_page<T>>
class PagedArray {
  static_assert(page >= 2 && (page & (page - 1)) == 0, "the page size is a power of two");
  static_assert(Page<T>::bytes_for(page) <= 65536, "no flat array above 64 KB");

 public:
  PagedArray() = default;
  explicit PagedArray(std::size_t size, T value = {}) { resize(size, value); }
  PagedArray(const PagedArray&) = default;
  PagedArray& operator=(const PagedArray&) = default;
  PagedArray(PagedArray&& other) noexcept
      : tree_(std::move(other.tree_)), size_(std::exchange(other.size_, 0)) {}
  PagedArray& operator=(PagedArray&& other) noexcept {
    std::swap(tree_, other.tree_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~PagedArray() = default;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  const T& operator[](std::size_t i) const {
    check(i < size_, "an index outside the array");
    return tree_.page(i / page)->records()[i % page];
  }
  const T& back() const { return (*this)[size_ - 1]; }

  T& edit(std::size_t i) {
    check(i < size_, "an index outside the array");
    return tree_.edit(i / page)->records()[i % page];
  }

  void push_back(T value) {
    if (size_ % page == 0) tree_.put(size_ / page, fresh_page(T{}));
    ++size_;
    edit(size_ - 1) = value;
  }

  void pop_back() {
    check(!empty(), "pop_back of an empty array");
    resize(size_ - 1);
  }

  void clear() { resize(0); }

  /// New elements are copies of `value`.
  void resize(std::size_t size, T value = {}) {
    if (size < size_) tree_.drop_from(pages_for(size));
    for (; size_ < size && size_ % page != 0; ++size_) place(size_, value);
    for (; size_ < size; size_ += page) tree_.put(size_ / page, fresh_page(value));
    size_ = size;
  }

  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < size_; i += page) {
      const T* records = tree_.page(i / page)->records();
      for (std::size_t k = 0; k < page && i + k < size_; ++k) f(records[k]);
    }
  }

  /// Memory reachable from this array, whether shared with copies or not.
  std::size_t bytes() const { return sizeof(*this) + tree_.bytes(); }

  friend bool operator==(const PagedArray& a, const PagedArray& b) {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i)
      if (!(a[i] == b[i])) return false;
    return true;
  }

  friend void canonical(CanonicalWriter& writer, const PagedArray& array) { array.write_canonical(writer); }

 private:
  static std::size_t pages_for(std::size_t size) { return (size + page - 1) / page; }

  /// All records of a page are alive, also those beyond the size.
  static Page<T>* fresh_page(const T& value) {
    auto* made = Page<T>::make(page);
    std::uninitialized_fill_n(made->records(), page, value);
    made->extent = page;
    return made;
  }

  void place(std::size_t i, const T& value) { tree_.edit(i / page)->records()[i % page] = value; }

  /// Whole pages stand by their digests where the elements carry no time; a page's digest is kept until
  /// the next write to it, so a large table costs what changed.
  void write_canonical(CanonicalWriter& writer) const {
    writer.word(size_);
    if (!is_time_free<T> || !writer.digests())
      return for_each([&](const T& element) { writer.write(element); });
    const std::size_t whole = size_ / page;
    tree_.digests(
        0, whole, [](const Page<T>* full) { return digest_of(full); },
        [&](Digest part) { writer.word(part.low), writer.word(part.high); });
    for (std::size_t i = whole * page; i < size_; ++i) writer.write((*this)[i]);
  }

  static Digest digest_of(const Page<T>* full) {
    CanonicalWriter writer{SimTime{}};
    for (std::size_t i = 0; i < page; ++i) writer.write(full->records()[i]);
    return writer.digest();
  }

  SharedTree<T, page> tree_;
  std::size_t size_ = 0;
};

}  // namespace brokersim::sim
