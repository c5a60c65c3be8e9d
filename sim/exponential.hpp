// An exponential span from one random word in whole numbers alone: the same on every machine by nature, and
// sooner there than through doubles, for whose conversions a simulated event would wait.
//
// The word's upper 52 bits name one of 2^52 equal cells, and its middle is the probability `tail` that the
// span is exceeded (as `1 - open_unit(bits)` of random.hpp). With tail = m / 2^e and 1/2 <= m < 1
//   -ln tail = e ln 2 + ln f - ln(1 + r)  where  r = m f - 1  is exact and |r| below 2^-8.9,
// f being one of 256 factors of 16 bits close to 1/m. ln(1 + r) is its series up to r^5/5.
//
// Contract: -ln tail is off by less than 2^-55 + e 2^-59. Cells are 2^-52 apart, so a larger word never gives
// a shorter span (tests/sim/exponential_test.cpp: against long double, and over all borders of the table).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "sim/random.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

/// The longest span that a draw may give: 100 years of 365.25 days. Heavy tails saturate here; a third of
/// the range of SimTime, so that now + longest does not overflow during the first 190 years.
inline constexpr Duration longest_draw{3'155'760'000'000'000'000};

namespace exponential_draw {

// Below, `q58` says that a whole number stands for itself divided by 2^58.

struct Factor {
  std::uint64_t q15;
  std::uint64_t logarithm_q58;
};
extern const std::array<Factor, 256> factors;  // by the 8 bits of m below its leading one

inline constexpr std::uint64_t ln_2_q58 = 0x02C5C85FDF473DE7;

__extension__ using SignedWide = __int128;

/// Of a qA and a qB number: their product, q(A + B - 64).
constexpr std::int64_t high_product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<SignedWide>(a) * b >> 64);
}

/// -ln(1 + r) = -r + r^2 (1/2 - r/3 + r^2 (1/4 - r/5)).
constexpr std::int64_t minus_logarithm_q58(std::int64_t r_q68) {
  constexpr std::int64_t half_q63 = std::int64_t{1} << 62, quarter_q63 = half_q63 / 2;
  constexpr std::int64_t third_q59 = (std::int64_t{1} << 59) / 3, fifth_q59 = (std::int64_t{1} << 59) / 5;
  const std::int64_t square_q72 = high_product(r_q68, r_q68);
  const std::int64_t low_q63 = half_q63 - high_product(r_q68, third_q59);
  const std::int64_t high_q63 = quarter_q63 - high_product(r_q68, fifth_q59);
  const std::int64_t sum_q63 = low_q63 + (high_product(square_q72, high_q63) >> 8);
  return (high_product(square_q72, sum_q63) >> 13) - (r_q68 >> 10);
}

inline std::uint64_t minus_logarithm_of_tail_q58(std::uint64_t bits) {
  const std::uint64_t tail_q53 = ~bits >> 11 | 1;
  const auto e = static_cast<unsigned>(std::countl_zero(tail_q53)) - 11;
  const std::uint64_t m_q53 = tail_q53 << e;
  const Factor& factor = factors[m_q53 >> 44 & 255];
  const auto r_q68 = static_cast<std::int64_t>(m_q53 * factor.q15);  // the 1 of 1 + r is beyond the 64 bits
  return e * ln_2_q58 + factor.logarithm_q58 + static_cast<std::uint64_t>(minus_logarithm_q58(r_q68));
}

}  // namespace exponential_draw

/// The span of an exponential distribution that belongs to this word. The mean is at most longest_draw.
inline Duration exponential_of(std::uint64_t bits, Duration mean) {
  static_assert(longest_draw.ns % 64 == 0);
  const std::uint64_t factor_q58 = exponential_draw::minus_logarithm_of_tail_q58(bits);
  const Wide ns_q58 = static_cast<Wide>(factor_q58) * static_cast<std::uint64_t>(mean.ns) + (Wide{1} << 57);
  if (static_cast<std::uint64_t>(ns_q58 >> 64) >= longest_draw.ns / 64) [[unlikely]]
    return longest_draw;
  return {static_cast<std::int64_t>(ns_q58 >> 58)};
}

}  // namespace brokersim::sim
