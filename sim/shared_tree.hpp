// A persistent 16-way radix tree of pages: page number -> page. The copy is one reference however many
// pages there are; the first write through a shared path clones the path, later writes go in place. Each
// child of a cloned branch costs two atomic operations, so wider branches read faster and fork slower:
// 64 children took twice as long for a copy with one edit, and four times for a kept digest.
// `SealedLog` and `PagedArray` stand on it; nothing else should.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "sim/shared_chunk.hpp"

namespace brokersim::sim {

template <class T, unsigned page_size>
class SharedTree {
 public:
  using PageOf = Page<T>;

  SharedTree() = default;
  SharedTree(const SharedTree& other) : root_(other.root_) { acquire(root_); }
  SharedTree(SharedTree&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
  SharedTree& operator=(const SharedTree& other) {
    acquire(other.root_);
    release(std::exchange(root_, other.root_));
    return *this;
  }
  SharedTree& operator=(SharedTree&& other) noexcept {
    std::swap(root_, other.root_);
    return *this;
  }
  ~SharedTree() { release(root_); }

  /// The page must be there.
  const PageOf* page(std::size_t number) const {
    const Chunk* node = root_;
    for (unsigned level = node->level; level > 0; --level) node = branch(node)->children[slot(number, level)];
    return static_cast<const PageOf*>(node);
  }

  /// The page, owned by this tree alone and free to be written; forgets the digests above it.
  PageOf* edit(std::size_t number) {
    Chunk** place = &root_;
    for (unsigned level = root_->level;; --level) {
      own(*place);
      if (level == 0) return static_cast<PageOf*>(*place);
      place = &branch(*place)->children[slot(number, level)];
    }
  }

  /// Puts a page, whose reference the tree takes over, where none is.
  void put(std::size_t number, PageOf* page) {
    grow(number);
    Chunk** place = &root_;
    for (unsigned level = root_ == nullptr ? 0 : root_->level; level > 0; --level) {
      if (*place == nullptr) *place = new Branch(level);
      own(*place);
      Branch* parent = branch(*place);
      const std::size_t index = slot(number, level);
      if (index >= parent->extent) parent->extent = static_cast<std::uint16_t>(index + 1);
      place = &parent->children[index];
    }
    *place = page;
  }

  /// Lets go of every page from `number` on.
  void drop_from(std::size_t number) {
    if (number == 0)
      release(std::exchange(root_, nullptr));
    else if (root_ != nullptr && number < capacity(root_))
      drop_suffix(root_, number);
  }

  /// Lets go of every page before `number`; the others keep their numbers.
  void drop_before(std::size_t number) {
    if (root_ == nullptr || number == 0) return;
    if (number >= capacity(root_))
      release(std::exchange(root_, nullptr));
    else
      drop_prefix(root_, number);
  }

  /// Calls sink(digest) for the largest whole subtrees that make up the pages [first, last), in order.
  /// The cut depends on the two numbers alone, so equal contents give equal calls. Digests of pages are
  /// made by `digest_of_page(page)` where none is kept.
  template <class DigestOfPage, class Sink>
  void digests(std::size_t first, std::size_t last, DigestOfPage&& digest_of_page, Sink&& sink) const {
    if (first < last) visit(root_, 0, first, last, digest_of_page, sink);
  }

  /// Memory reachable from here, whether shared or not.
  std::size_t bytes() const { return bytes_below(root_); }

 private:
  static Branch* branch(Chunk* node) { return static_cast<Branch*>(node); }
  static const Branch* branch(const Chunk* node) { return static_cast<const Branch*>(node); }
  static std::size_t slot(std::size_t number, unsigned level) {
    return (number >> (Branch::bits * (level - 1))) % Branch::width;
  }
  /// How many pages a subtree of this height has room for.
  static std::size_t capacity(unsigned level) { return std::size_t{1} << (Branch::bits * level); }
  static std::size_t capacity(const Chunk* node) { return capacity(node->level); }

  static void acquire(Chunk* node) {
    if (node != nullptr) node->acquire();
  }

  static void release(Chunk* node) {
    if (node == nullptr || !node->release()) return;
    if (node->level == 0) return ::operator delete(static_cast<PageOf*>(node));
    Branch* parent = branch(node);
    for (std::size_t i = 0; i < parent->extent; ++i) release(parent->children[i]);
    delete parent;
  }

  /// Makes `node` this tree's alone. Its parent already is, else the count would say nothing.
  static void own(Chunk*& node) {
    if (node->is_unique()) [[likely]]
      return node->forget_digest();
    release(std::exchange(node, node->level == 0 ? clone_page(node) : clone_branch(branch(node))));
  }

  static Chunk* clone_page(const Chunk* node) {
    return static_cast<const PageOf*>(node)->clone(node->extent, page_size);
  }

  static Chunk* clone_branch(const Branch* original) {
    auto* copy = new Branch(original->level);
    copy->extent = original->extent;
    for (std::size_t i = 0; i < copy->extent; ++i) acquire(copy->children[i] = original->children[i]);
    return copy;
  }

  /// Adds levels until the tree has room for the page; an empty tree gets one root of the right height.
  void grow(std::size_t number) {
    unsigned level = root_ == nullptr ? 0 : root_->level;
    if (root_ == nullptr) {
      while (number >= capacity(level)) ++level;
      if (level > 0) root_ = new Branch(level);
    }
    for (; number >= capacity(level); ++level) {
      auto* parent = new Branch(level + 1);
      parent->children[0] = root_;
      parent->extent = 1;
      root_ = parent;
    }
  }

  /// Keeps the first `number` pages of a subtree that has more than that, `number` > 0.
  static void drop_suffix(Chunk*& node, std::size_t number) {
    if (node == nullptr || node->level == 0) return;
    own(node);
    Branch* parent = branch(node);
    const std::size_t room = capacity(parent->level - 1U);
    const std::size_t kept = (number + room - 1) / room;
    for (std::size_t i = kept; i < parent->extent; ++i) release(std::exchange(parent->children[i], nullptr));
    parent->extent = static_cast<std::uint16_t>(std::min<std::size_t>(parent->extent, kept));
    if (number % room != 0) drop_suffix(parent->children[kept - 1], number % room);
  }

  /// Lets go of the first `number` pages of a subtree, `number` < its capacity.
  static void drop_prefix(Chunk*& node, std::size_t number) {
    if (node == nullptr || node->level == 0 || number == 0) return;
    own(node);
    Branch* parent = branch(node);
    const std::size_t room = capacity(parent->level - 1U);
    for (std::size_t i = 0; i < std::min<std::size_t>(number / room, parent->extent); ++i)
      release(std::exchange(parent->children[i], nullptr));
    drop_prefix(parent->children[number / room], number % room);
  }

  template <class DigestOfPage, class Sink>
  static void visit(const Chunk* node, std::size_t begin, std::size_t first, std::size_t last,
                    DigestOfPage& digest_of_page, Sink& sink) {
    const std::size_t end = begin + capacity(node);
    if (end <= first || begin >= last) return;
    if (first <= begin && end <= last) return sink(digest(node, digest_of_page));
    const std::size_t room = capacity(node->level - 1U);
    for (const Chunk* child : branch(node)->children) {
      if (child != nullptr) visit(child, begin, first, last, digest_of_page, sink);
      begin += room;
    }
  }

  /// Of a whole subtree.
  template <class DigestOfPage>
  static Digest digest(const Chunk* node, DigestOfPage& digest_of_page) {
    const Digest kept = node->kept_digest();
    if (kept.low != 0 && kept.high != 0) return kept;
    const Digest made = node->level == 0 ? digest_of_page(static_cast<const PageOf*>(node))
                                         : digest_of_children(branch(node), digest_of_page);
    node->keep_digest(made);
    return made;
  }

  template <class DigestOfPage>
  static Digest digest_of_children(const Branch* parent, DigestOfPage& digest_of_page) {
    StateHash hash;
    for (const Chunk* child : parent->children) {
      const Digest part = digest(child, digest_of_page);
      hash.word(part.low);
      hash.word(part.high);
    }
    return hash.digest();
  }

  static std::size_t bytes_below(const Chunk* node) {
    if (node == nullptr) return 0;
    if (node->level == 0) return PageOf::bytes_for(page_size);
    std::size_t sum = sizeof(Branch);
    for (const Chunk* child : branch(node)->children) sum += bytes_below(child);
    return sum;
  }

  Chunk* root_ = nullptr;
};

}  // namespace brokersim::sim
