#include "sim/exponential.hpp"

namespace brokersim::sim::exponential_draw {
namespace {

/// ln x for 1 <= x < 2, to within one unit: 2 (s + s^3/3 + s^5/5 + ...) with s = (x - 1) / (x + 1) < 1/3,
/// whose terms are below 2^-64 from s^41 on.
constexpr std::uint64_t logarithm_q58(std::uint64_t x_q15) {
  constexpr Wide one_q15 = 1 << 15;
  const Wide s_q64 = ((x_q15 - one_q15) << 64) / (x_q15 + one_q15);
  const Wide square_q64 = s_q64 * s_q64 >> 64;
  Wide power_q64 = s_q64, sum_q64 = 0;
  for (unsigned odd = 1; odd < 43; odd += 2) {
    sum_q64 += power_q64 / odd;
    power_q64 = power_q64 * square_q64 >> 64;
  }
  return static_cast<std::uint64_t>((sum_q64 + 16) >> 5);  // twice the sum
}

/// One over the middle of the part of m that begins with a 1 and these 8 bits. The last part is measured from
/// its end, 1: the logarithm of a tail close to 1 must not be the difference of two large numbers.
constexpr std::uint64_t factor_q15(std::uint64_t part) {
  const std::uint64_t middle_q10 = 2 * (256 + part) + 1;
  return part == 255 ? 1 << 15 : ((1 << 26) / middle_q10 + 1) / 2;
}

constexpr std::array<Factor, 256> make_factors() {
  std::array<Factor, 256> all{};
  for (std::uint64_t part = 0; part < all.size(); ++part)
    all[part] = {factor_q15(part), logarithm_q58(factor_q15(part))};
  return all;
}

}  // namespace

constinit const std::array<Factor, 256> factors = make_factors();

}  // namespace brokersim::sim::exponential_draw
