// An append-only log of records as a value. Full chunks are sealed: immutable and shared by all copies;
// a copy costs two references however long the log is, and whoever appends next to a shared open chunk
// (fewer than `chunk` records) clones it. No copy ever sees what another one does.
//
// Positions are absolute. `truncate(n)` drops the suffix and *reuses* its positions, as a broker does
// after recovery; `drop_front(n)` drops the prefix (retention), and positions stay.
// Threads: different copies may be used by different threads; one copy only by one writer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

#include "sim/canonical.hpp"
#include "sim/check.hpp"
#include "sim/shared_tree.hpp"

namespace brokersim::sim {

template <class T, unsigned chunk = 64>
class SealedLog {
  static_assert(chunk >= 2 && (chunk & (chunk - 1)) == 0, "the chunk size is a power of two");
  static_assert(Page<T>::bytes_for(chunk) <= 65536, "no flat array above 64 KB");

 public:
  class Iterator;
  class Range;

  SealedLog() = default;
  SealedLog(const SealedLog& other)
      : tree_(other.tree_),
        open_(other.open_),
        open_room_(other.open_room_),
        begin_(other.begin_),
        end_(other.end_) {
    if (open_ != nullptr) open_->acquire();
  }
  SealedLog(SealedLog&& other) noexcept { swap(other); }
  SealedLog& operator=(const SealedLog& other) {
    if (other.open_ != nullptr) other.open_->acquire();
    Page<T>::release(std::exchange(open_, other.open_));
    open_room_ = other.open_room_;
    tree_ = other.tree_;
    begin_ = other.begin_;
    end_ = other.end_;
    return *this;
  }
  SealedLog& operator=(SealedLog&& other) noexcept { return swap(other), *this; }
  ~SealedLog() { Page<T>::release(open_); }

  /// Returns the position of the new record.
  std::size_t append(T record) {
    const std::size_t offset = end_ % chunk;
    if (offset >= open_room_ || !open_->is_unique()) [[unlikely]]
      make_open_page(offset);
    std::construct_at(open_->records() + offset, record);
    open_->extent = static_cast<std::uint16_t>(offset + 1);
    if (offset + 1 == chunk) [[unlikely]]
      seal();
    return end_++;
  }

  const T& operator[](std::size_t position) const {
    check(position >= begin_ && position < end_, "a log position that holds no record");
    return chunk_records(position)[position % chunk];
  }
  const T& front() const { return (*this)[begin_]; }
  const T& back() const { return (*this)[end_ - 1]; }

  std::size_t begin_index() const { return begin_; }
  /// The position of the next record.
  std::size_t end_index() const { return end_; }
  /// How many records there are: `end_index()` as long as nothing was dropped at the front.
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  /// Drops all records from `position` on; the next append takes that position.
  void truncate(std::size_t position) {
    if (position >= end_) return;
    check(position >= begin_, "a log cannot be truncated before its first record");
    if (position / chunk != end_ / chunk) reopen(position);
    end_ = position;
  }

  /// Drops all records before `position`.
  void drop_front(std::size_t position) {
    if (position <= begin_) return;
    check(position <= end_, "a log cannot drop records that it does not have");
    tree_.drop_before(position / chunk);
    begin_ = position;
  }

  /// The records [first, last) for a range-for.
  Range range(std::size_t first, std::size_t last) const {
    check(first >= begin_ && first <= last && last <= end_, "a range outside the log");
    return {Iterator(this, first), Iterator(this, last)};
  }
  Iterator begin() const { return Iterator(this, begin_); }
  Iterator end() const { return Iterator(this, end_); }

  /// Memory reachable from this log, whether shared with copies or not.
  std::size_t bytes() const {
    return sizeof(*this) + tree_.bytes() + (open_ == nullptr ? 0 : Page<T>::bytes_for(open_room_));
  }

  friend bool operator==(const SealedLog& a, const SealedLog& b) {
    return a.begin_ == b.begin_ && a.end_ == b.end_ && std::equal(a.begin(), a.end(), b.begin());
  }

  friend void canonical(CanonicalWriter& writer, const SealedLog& log) { log.write_canonical(writer); }

 private:
  const T* chunk_records(std::size_t position) const {
    const std::size_t number = position / chunk;
    return number == end_ / chunk ? open_->records() : tree_.page(number)->records();
  }

  /// A page of one's own with room for the record at `offset`; a small log has a small open page.
  void make_open_page(std::size_t offset) {
    std::size_t room = std::min(chunk, 8U);
    while (room <= offset) room *= 2;
    Page<T>* page = offset == 0 ? Page<T>::make(room) : open_->clone(offset, room);
    Page<T>::release(std::exchange(open_, page));
    open_room_ = static_cast<std::uint32_t>(room);
  }

  void seal() {
    open_->forget_digest();
    tree_.put(end_ / chunk, std::exchange(open_, nullptr));
    open_room_ = 0;
  }

  /// Makes the sealed chunk around `position` the open one again.
  void reopen(std::size_t position) {
    const std::size_t number = position / chunk;
    Page<T>* page = nullptr;
    if (position % chunk != 0) {
      page = const_cast<Page<T>*>(tree_.page(number));
      page->acquire();
    }
    Page<T>::release(std::exchange(open_, page));
    open_room_ = page == nullptr ? 0 : chunk;
    tree_.drop_from(number);
  }

  void swap(SealedLog& other) noexcept {
    std::swap(tree_, other.tree_);
    std::swap(open_, other.open_);
    std::swap(open_room_, other.open_room_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  /// Whole sealed chunks stand by their kept digests where the records carry no time.
  void write_canonical(CanonicalWriter& writer) const {
    writer.word(begin_);
    writer.word(end_);
    const std::size_t first_whole = (begin_ + chunk - 1) / chunk, last_whole = end_ / chunk;
    if (!is_time_free<T> || !writer.digests() || first_whole >= last_whole)
      return write_records(writer, begin_, end_);
    write_records(writer, begin_, first_whole * chunk);
    tree_.digests(
        first_whole, last_whole, [](const Page<T>* page) { return digest_of(page); },
        [&](Digest part) { writer.word(part.low), writer.word(part.high); });
    write_records(writer, last_whole * chunk, end_);
  }

  void write_records(CanonicalWriter& writer, std::size_t first, std::size_t last) const {
    for (const T& record : range(first, last)) writer.write(record);
  }

  static Digest digest_of(const Page<T>* page) {
    CanonicalWriter writer{SimTime{}};
    for (std::size_t i = 0; i < chunk; ++i) writer.write(page->records()[i]);
    return writer.digest();
  }

  SharedTree<T, chunk> tree_;
  Page<T>* open_ = nullptr;
  std::uint32_t open_room_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Forward iteration that looks a chunk up once.
template <class T, unsigned chunk>
class SealedLog<T, chunk>::Iterator {
 public:
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using reference = const T&;
  using pointer = const T*;
  using iterator_category = std::forward_iterator_tag;

  Iterator() = default;
  Iterator(const SealedLog* log, std::size_t position) : log_(log), position_(position) { find_chunk(); }
  reference operator*() const { return records_[position_ % chunk]; }
  pointer operator->() const { return &**this; }
  Iterator& operator++() {
    if (++position_ % chunk == 0) find_chunk();
    return *this;
  }
  Iterator operator++(int) { return std::exchange(*this, Iterator(log_, position_ + 1)); }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.position_ == b.position_; }

 private:
  void find_chunk() { records_ = position_ < log_->end_ ? log_->chunk_records(position_) : nullptr; }

  const SealedLog* log_ = nullptr;
  std::size_t position_ = 0;
  const T* records_ = nullptr;
};

template <class T, unsigned chunk>
class SealedLog<T, chunk>::Range {
 public:
  Range(Iterator first, Iterator last) : first_(first), last_(last) {}
  Iterator begin() const { return first_; }
  Iterator end() const { return last_; }

 private:
  Iterator first_, last_;
};

}  // namespace brokersim::sim
