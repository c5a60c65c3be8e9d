// Numbers with a meaning: what may be combined, and what may not.
#include "sim/types.hpp"

#include <type_traits>

#include "tests/catch.hpp"

namespace {

using namespace brokersim::sim;
using namespace brokersim::sim::literals;

using Offset = Strong<struct OffsetTag>;
using Epoch = Strong<struct EpochTag, std::int32_t>;

template <class A, class B>
concept Addable = requires(A a, B b) { a + b; };
template <class A, class B>
concept Subtractable = requires(A a, B b) { a - b; };
template <class A, class B>
concept Comparable = requires(A a, B b) { a == b; };

static_assert(std::is_same_v<decltype(SimTime{} - SimTime{}), Duration>);
static_assert(std::is_same_v<decltype(SimTime{} + Duration{}), SimTime>);
static_assert(!Addable<SimTime, SimTime>);
static_assert(!Subtractable<Duration, SimTime>);
static_assert(!Comparable<SimTime, Duration>);
static_assert(!Comparable<Offset, Epoch>);
static_assert(!std::is_convertible_v<std::int64_t, Offset>);
static_assert(!std::is_convertible_v<Offset, std::int64_t>);
static_assert(std::is_trivially_copyable_v<Offset> && sizeof(Offset) == 8 && sizeof(Epoch) == 4);

TEST_CASE("literals are nanoseconds", "[types]") {
  CHECK((1_us).ns == 1'000);
  CHECK((1_ms).ns == 1'000'000);
  CHECK((2_s).ns == 2'000'000'000);
  CHECK(1_min == 60_s);
  CHECK(1_h == 60_min);
}

TEST_CASE("durations add, scale and divide", "[types]") {
  CHECK(3_ms - 5_ms == -(2_ms));
  CHECK(10_ms / 3_ms == 3);
  CHECK(10_ms % 3_ms == 1_ms);
  CHECK(10_ms / 4 == 2500_us);
  CHECK(3_ms * 4 == 12_ms);
}

TEST_CASE("points of time are ordered and move by durations", "[types]") {
  const SimTime start{100};
  CHECK(start + 5_ns == SimTime{105});
  CHECK(start - 5_ns < start);
  CHECK(SimTime{105} - start == 5_ns);
  CHECK(start < SimTime::max());
}

TEST_CASE("strong numbers step and measure", "[types]") {
  Offset next{7};
  CHECK((++next).value == 8);
  CHECK(next + 3 == Offset{11});
  CHECK(Offset{11} - next == 3);
  CHECK(Epoch{1} < Epoch{2});
}

}  // namespace
