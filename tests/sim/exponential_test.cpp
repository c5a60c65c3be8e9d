// Goal: the integer logarithm behind exponential draws keeps the bounds that its header states, and draws
// never decrease with the word. Method: long double libm as the reference, over random words, words close to
// both ends, and both sides of every border at which the table's part or the power of two changes.
#include "sim/exponential.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/portable_math.hpp"
#include "sim/random.hpp"
#include "sim/types.hpp"
#include "tests/catch.hpp"

using namespace brokersim::sim;
using namespace brokersim::sim::literals;

namespace {

constexpr std::uint64_t cells = 1ULL << 52;

std::uint64_t word_of_cell(std::uint64_t cell) { return cell << 12; }

/// -ln(tail) of a cell, from the side on which no digits cancel.
long double expected(std::uint64_t cell) {
  const long double below = (static_cast<long double>(cell) + 0.5L) * 0x1p-52L;
  return cell < cells / 2 ? -std::log1p(-below)
                          : -std::log((static_cast<long double>(cells - cell) - 0.5L) * 0x1p-52L);
}

/// The error as a part of what the header allows.
long double error_of(std::uint64_t cell) {
  const auto found = exponential_draw::minus_logarithm_of_tail_q58(word_of_cell(cell));
  const std::uint64_t tail_q53 = 2 * (cells - 1 - cell) + 1;
  const auto e = static_cast<long double>(std::countl_zero(tail_q53) - 11);
  const long double allowed = 0x1p-55L + e * 0x1p-59L;
  return std::abs(static_cast<long double>(found) * 0x1p-58L - expected(cell)) / allowed;
}

/// The last cell before each border: tails (256 + part) / 512 / 2^e, where the next part or power begins.
std::vector<std::uint64_t> cells_before_borders() {
  std::vector<std::uint64_t> all;
  for (unsigned e = 0; e < 43; ++e)
    for (std::uint64_t part = 256; part < 512; ++part) {
      const std::uint64_t tail_in_cells = part << 43 >> e;
      all.push_back(cells - tail_in_cells - 1);
    }
  return all;
}

std::uint64_t logarithm(std::uint64_t cell) {
  return exponential_draw::minus_logarithm_of_tail_q58(word_of_cell(cell));
}

}  // namespace

TEST_CASE("the integer logarithm is as exact as its header says", "[exponential]") {
  long double worst = 0;
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    const std::uint64_t cell = keyed_bits(7, {1, i, 0}) >> 12;
    const unsigned shift = static_cast<unsigned>(i % 52);
    for (const std::uint64_t one : {cell, cell >> shift, cells - 1 - (cell >> shift)})
      worst = std::max(worst, error_of(one));
  }
  for (const std::uint64_t cell : cells_before_borders())
    for (const std::uint64_t one : {cell, cell + 1}) worst = std::max(worst, error_of(one));
  CAPTURE(static_cast<double>(worst));
  CHECK(worst < 1);
  CHECK(worst > 0.01L);  // else the reference is not what was measured
}

TEST_CASE("the logarithm grows from each cell to the next, across every border too", "[exponential]") {
  for (const std::uint64_t border : cells_before_borders())
    for (std::uint64_t cell = border < 3 ? 0 : border - 3; cell < std::min(border + 3, cells - 1); ++cell)
      REQUIRE(logarithm(cell) < logarithm(cell + 1));
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const std::uint64_t cell = keyed_bits(8, {1, i, 0}) >> 12;
    if (cell + 1 < cells) REQUIRE(logarithm(cell) < logarithm(cell + 1));
  }
}

TEST_CASE("only the upper 52 bits of a word matter", "[exponential]") {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t word = keyed_bits(9, {1, i, 0});
    CHECK(exponential_of(word, 1_h) == exponential_of(word & ~0xFFFULL, 1_h));
    CHECK(exponential_of(word, 1_h) == exponential_of(word | 0xFFFULL, 1_h));
  }
}

TEST_CASE("spans are rounded to the nearest nanosecond", "[exponential]") {
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const std::uint64_t word = keyed_bits(10, {1, i, 0});
    const long double exact = 1e6L * expected(word >> 12);
    REQUIRE(std::abs(static_cast<long double>(exponential_of(word, 1_ms).ns) - exact) < 0.500001L);
  }
}

TEST_CASE("integer draws agree with the inverse that quantiles are made of", "[exponential]") {
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const std::uint64_t word = keyed_bits(12, {1, i, 0});
    const Duration drawn = exponential_of(word, 1_h);
    const Duration inverted = portable::exponential(1.0 - open_unit(word), 1_h);
    REQUIRE(std::abs(drawn.ns - inverted.ns) <= 1);
  }
}

TEST_CASE("the extremes of an exponential span are 0 and a hundred years", "[exponential]") {
  CHECK(exponential_of(0, 1_h) == 0_ns);
  CHECK(exponential_of(~0ULL, Duration{0}) == 0_ns);
  CHECK(exponential_of(~0ULL, 1_s) ==
        36'736'800'570_ns);  // the smallest tail is 2^-53; 53 ln 2 = 36.73680056968
  CHECK(exponential_of(~0ULL, longest_draw) == longest_draw);
  CHECK(exponential_of(~0ULL, longest_draw / 37) < longest_draw);
  CHECK(exponential_of(~0ULL, longest_draw / 36) == longest_draw);
}
