// The values behind a push consumer: which queues are whose, and what a process queue holds.
#include "model/rocketmq/push_internal.hpp"
#include "tests/catch.hpp"

namespace brokersim::model {

TEST_CASE("push: AllocateMessageQueueAveragely") {
  using rocketmq::share_of;
  using Share = std::pair<std::size_t, std::size_t>;
  CHECK(share_of(4, 2, 0) == Share{0, 2});
  CHECK(share_of(4, 2, 1) == Share{2, 2});
  CHECK(share_of(8, 3, 0) == Share{0, 3});
  CHECK(share_of(8, 3, 1) == Share{3, 3});
  CHECK(share_of(8, 3, 2) == Share{6, 2});
  CHECK(share_of(2, 3, 1) == Share{1, 1});
  CHECK(share_of(2, 3, 2).second == 0);
}

TEST_CASE("push: a process window holds offsets in a ring") {
  rocketmq::ProcessWindow window;
  window.first = window.end = 100;
  CHECK(window.empty());
  for (std::uint32_t i = 0; i < 40; ++i) window.put(100 + i, {IntentId(i), i, 10, 0});
  CHECK(window.count == 40);
  CHECK(window.bytes == 400);
  CHECK(window.span() == 39);
  window.remove(101);
  CHECK(window.first == 100);
  window.remove(100);
  CHECK(window.first == 102);
  CHECK_FALSE(window.contains(101));
  CHECK(window.contains(139));
  CHECK(window.at(139).intent == IntentId(39));
  for (std::int64_t offset = 102; offset < 140; ++offset) window.remove(offset);
  CHECK(window.empty());
  CHECK(window.end == 140);
  CHECK(window.bytes == 0);
}

}  // namespace brokersim::model
