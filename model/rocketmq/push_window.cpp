#include "model/rocketmq/push_window.hpp"

#include <algorithm>

#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

bool ProcessWindow::contains(std::int64_t offset) const {
  return count > 0 && offset >= first && offset < end && at(offset).intent != no_intent;
}

std::int64_t ProcessWindow::span() const {
  if (count == 0) return 0;
  std::int64_t last = end - 1;
  while (at(last).intent == no_intent) --last;
  return last - first;
}

void ProcessWindow::grow_to(std::int64_t messages) {
  constexpr std::size_t least = 32;
  std::size_t capacity = std::max(least, places.size());
  while (capacity < static_cast<std::size_t>(messages)) capacity *= 2;
  if (capacity == places.size()) return;
  sim::PagedArray<HeldMessage> larger(capacity);
  for (std::int64_t offset = first; count > 0 && offset < end; ++offset) {
    if (at(offset).intent != no_intent)
      larger.edit(static_cast<std::size_t>(offset) & (capacity - 1)) = at(offset);
  }
  places = std::move(larger);
}

void ProcessWindow::put(std::int64_t offset, const HeldMessage& message) {
  sim::check(count == 0 || offset >= end, "a process queue got an offset that it has held before");
  if (count == 0) first = offset;
  grow_to(offset + 1 - first);
  places.edit(place_of(offset)) = message;
  end = offset + 1;
  ++count;
  bytes += message.size;
}

void ProcessWindow::remove(std::int64_t offset) {
  if (!contains(offset)) return;
  bytes -= at(offset).size;
  edit(offset) = HeldMessage{};
  --count;
  if (count == 0) {
    first = end;
    return;
  }
  while (at(first).intent == no_intent) ++first;
}

}  // namespace brokersim::model::rocketmq
