// Field lists: every field is visited in order, equality sees each, and the markers are transparent.
// That a forgotten member does not compile is shown in must_not_compile/.
#include "sim/fields.hpp"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "sim/types.hpp"
#include "tests/catch.hpp"

namespace {

using namespace brokersim::sim;

struct Partition {
  std::int64_t high_watermark = 0;
  std::int32_t epoch = 0;
  bool fenced = false;
  Uncounted<std::uint64_t> draws{};
};
constexpr auto fields(const Partition& p) {
  const auto& [high_watermark, epoch, fenced, draws] = p;
  return std::tie(high_watermark, epoch, fenced, draws);
}

struct OutOfOrder {
  bool small = false;
  std::int64_t large = 0;
  bool last = false;
};
constexpr auto fields(const OutOfOrder& t) {
  const auto& [small, large, last] = t;
  return std::tie(large, small, last);  // As if `last` sat in the padding: 16 bytes, not 24.
}

class Hidden {
 public:
  explicit Hidden(int v) : value_(v) {}
  friend auto fields(const Hidden& h) { return std::tie(h.value_); }

 private:
  int value_;
};

struct Nothing {};
constexpr auto fields(const Nothing&) { return std::tuple<>{}; }

struct NoList {
  int value = 0;
};

static_assert(HasFields<Partition> && HasFields<Hidden> && HasFields<Nothing>);
static_assert(!HasFields<NoList> && !HasFields<int>);
static_assert(fields_cover_object<Partition> && fields_cover_object<Hidden> && fields_cover_object<Nothing>);
static_assert(!fields_cover_object<OutOfOrder>);
static_assert(std::is_trivially_copyable_v<Partition>);

TEST_CASE("each field is visited once and in order", "[fields]") {
  const Partition partition{7, 3, true, 9};
  std::vector<std::int64_t> seen;
  for_each_field(partition, [&](const auto& field) { seen.push_back(static_cast<std::int64_t>(field)); });
  CHECK(seen == std::vector<std::int64_t>{7, 3, 1, 9});
}

TEST_CASE("field-wise equality sees every field, uncounted ones too", "[fields]") {
  const Partition partition{7, 3, true, 9};
  CHECK(equal_fields(partition, Partition{7, 3, true, 9}));
  CHECK_FALSE(equal_fields(partition, Partition{8, 3, true, 9}));
  CHECK_FALSE(equal_fields(partition, Partition{7, 4, true, 9}));
  CHECK_FALSE(equal_fields(partition, Partition{7, 3, false, 9}));
  CHECK_FALSE(equal_fields(partition, Partition{7, 3, true, 10}));
}

TEST_CASE("an uncounted number is used like a number", "[fields]") {
  Uncounted<std::uint64_t> draws;
  CHECK(draws == 0U);
  ++draws.value;
  draws = draws + 5;
  CHECK(draws == 6U);
  const std::uint64_t plain = draws;
  CHECK(plain == 6U);
}

TEST_CASE("an uncounted object is reached through the arrow", "[fields]") {
  Uncounted<std::string> why{"flush"};
  why->append("ed");
  CHECK(*why == "flushed");
}

}  // namespace
