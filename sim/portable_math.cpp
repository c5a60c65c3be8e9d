#include "sim/portable_math.hpp"

#include <array>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/random.hpp"

#if defined(__FAST_MATH__)
#error "Draws must be the same on every machine: compile without -ffast-math."
#endif
#if FLT_EVAL_METHOD != 0
#error "Draws must be the same on every machine: doubles must be computed as doubles (on x86 use SSE2)."
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF  // gcc has no such pragma and relies on -ffp-contract=off; a test notices its
                              // absence
#endif

namespace brokersim::sim::portable {
namespace {

static_assert(std::numeric_limits<double>::is_iec559);

/// c[0] + c[1] x + c[2] x^2 + ...: the even and the odd powers apart, so that two chains run side by side.
/// Written as a recursion, which both compilers unroll; the order of operations is the same in any case.
template <std::size_t First, std::size_t N>
constexpr double every_second(double square, const std::array<double, N>& c) {
  if constexpr (First + 2 >= N)
    return c[First];
  else
    return every_second<First + 2>(square, c) * square + c[First];
}
template <std::size_t N>
constexpr double polynomial(double x, const std::array<double, N>& c) {
  const double square = x * x;
  return every_second<1>(square, c) * x + every_second<0>(square, c);
}

// ln 2 in two parts: the first has 32 significant bits, so that its product with an exponent is exact.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

constexpr double as_double(Duration d) { return static_cast<double>(d.ns); }

/// 2^exponent for -1022 <= exponent <= 1023.
double power_of_two(std::int64_t exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

}  // namespace

namespace {

// With s = f / (2 + f) and z = s^2:
//   log(1 + f) = 2 atanh(s) = 2s + s (2/3 z + 2/5 z^2 + ...) = f - f^2/2 + s (f^2/2 + 2/3 z + 2/5 z^2 + ...).
// The last form (that of fdlibm) keeps the rounding errors below the large exact term f. For sqrt(1/2) <= 1
// + f < sqrt(2) z is below 0.0295, so the first term left out, 2/23 z^11, is below 2^-59.
constexpr double series_log(double f) {
  constexpr std::array series{2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                              2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double half_square = 0.5 * f * f;
  return f - (half_square - s * (half_square + z * polynomial(z, series)));
}

// The interval from about 0.707 to 1.414 in 128 parts by the leading bits; 1 is the centre of part 75, so
// that there the table is exact (logarithm 0) and log(x) keeps all its digits near 1.
constexpr int part_shift = 45;
constexpr std::uint64_t first_part = 0x3FE6'9000'0000'0000;

struct Part {
  double centre = 0.0, inverse = 0.0, logarithm = 0.0;
};

constexpr Part part_around(std::uint64_t index) {
  const std::uint64_t half = 1ULL << (part_shift - 1);
  const double centre = std::bit_cast<double>(first_part + (index << part_shift) + half);
  return {centre, 1.0 / centre, series_log(centre - 1.0)};
}

constexpr std::array<Part, 128> make_parts() {
  std::array<Part, 128> parts;
  for (std::uint64_t index = 0; index < parts.size(); ++index) parts[index] = part_around(index);
  return parts;
}

constexpr std::array<Part, 128> parts = make_parts();  // computed by the compiler, hence without contraction
static_assert(parts[75].centre == 1.0 && parts[75].logarithm == 0.0);

}  // namespace

// x = 2^k z with z in the part around c: log(x) = k ln 2 + log(c) + log(1 + r) with r = (z - c) / c, |r| <
// 2^-7.9. z - c is exact. The series ends with r^7 / 7; the next term is below 2^-58 of r.
double log(double x) {
  static constexpr std::array series{-1.0 / 2, 1.0 / 3, -1.0 / 4, 1.0 / 5, -1.0 / 6, 1.0 / 7};
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t distance = bits - first_part;
  const std::int64_t exponent = static_cast<std::int64_t>(distance) >> 52;
  const Part& part = parts[distance >> part_shift & 127];
  const double z = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(exponent) << 52));

  const double k = static_cast<double>(exponent);
  const double r = (z - part.centre) * part.inverse;
  const double base = k * ln2_high + part.logarithm;
  const double high = base + r;
  const double low = ((base - high) + r) + k * ln2_low;  // what the sum above rounded away
  return high + (low + r * r * polynomial(r, series));
}

// x = k ln 2 + r with |r| < 0.35; the Taylor series of e^r up to r^13 / 13!, whose remainder is below
// 2^-57.
double exp(double x) {
  static constexpr std::array series{1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,
                                     1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                                     1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  constexpr double inverse_ln2 = 0x1.71547652b82fep0;
  if (x > 0x1.62e42fefa39efp9) return std::numeric_limits<double>::infinity();
  if (x < -0x1.6232bdd7abcd2p9) return 0.0;
  const auto k = static_cast<std::int64_t>(x * inverse_ln2 + (x < 0 ? -0.5 : 0.5));
  const double high = x - static_cast<double>(k) * ln2_high;
  const double low = static_cast<double>(k) * ln2_low;
  const double r = high - low;
  const double rest = ((high - r) - low) + r * r * polynomial(r, series);
  const std::int64_t half = k / 2;  // in two factors, because 2^1024 is not a double
  return (1.0 + (r + rest)) * power_of_two(half) * power_of_two(k - half);
}

// M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 37
// (1988).
double inverse_normal_cdf(double p) {
  static constexpr std::array a{3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static constexpr std::array b{1.0,
                                4.2313330701600911252e+1,
                                6.8718700749205790830e+2,
                                5.3941960214247511077e+3,
                                2.1213794301586595867e+4,
                                3.9307895800092710610e+4,
                                2.8729085735721942674e+4,
                                5.2264952788528545610e+3};
  static constexpr std::array c{1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr std::array d{1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9};
  static constexpr std::array e{6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr std::array f{1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(r, a) / polynomial(r, b);
  }
  const double r = std::sqrt(-log(q < 0 ? p : 1.0 - p));  // IEEE 754 requires sqrt to be correctly rounded
  const double x = r <= 5.0 ? polynomial(r - 1.6, c) / polynomial(r - 1.6, d)
                            : polynomial(r - 5.0, e) / polynomial(r - 5.0, f);
  return q < 0 ? -x : x;
}

namespace {

double normal_density(double x) {
  constexpr double inverse_root_two_pi = 0x1.9884533d43651p-2;
  return inverse_root_two_pi * exp(-0.5 * x * x);
}

}  // namespace

// 1/2 + density(x) (x + x^3/3 + x^5/(3*5) + ...): all terms positive, so nothing cancels (Marsaglia 2004).
double normal_cdf(double x) {
  if (x > 8.3) return 1.0;  // the rest is below 2^-54
  double term = x, sum = x;
  for (double odd = 3.0; term > sum * 0x1p-60; odd += 2.0) {
    term = term * x * x / odd;
    sum += term;
  }
  return 0.5 + sum * normal_density(x);
}

Duration to_duration(double ns) {
  if (!(ns > 0.0)) return {0};
  if (ns >= as_double(longest_draw)) return longest_draw;
  return {static_cast<std::int64_t>(ns + 0.5)};
}

Duration uniform(double tail, Duration low, Duration high) {
  return to_duration(as_double(high) - tail * as_double(high - low));
}

Duration exponential(double tail, Duration mean) { return to_duration(as_double(mean) * -log(tail)); }

Duration truncated_normal(double tail, Duration mean, Duration deviation, double kept) {
  return to_duration(as_double(mean) - as_double(deviation) * inverse_normal_cdf(tail * kept));
}

Duration lognormal(double tail, Duration median, double sigma) {
  return to_duration(as_double(median) * exp(-sigma * inverse_normal_cdf(tail)));
}

Duration pareto(double tail, Duration minimum, double shape) {
  return to_duration(as_double(minimum) * exp(-log(tail) / shape));
}

// ceil((1 - tail) * count) - 1, without a ceil.
std::size_t step(double tail, std::size_t count) {
  const auto above = static_cast<std::size_t>(tail * static_cast<double>(count));
  return above >= count ? 0 : count - 1 - above;
}

double kept_of_normal(Duration mean, Duration deviation) {
  return deviation.ns == 0 ? 1.0 : normal_cdf(as_double(mean) / as_double(deviation));
}

// E[X | X >= 0] = mean + deviation * density(mean / deviation) / P(X >= 0).
Duration mean_of_truncated_normal(Duration mean, Duration deviation, double kept) {
  if (deviation.ns == 0) return mean;
  const double excess = normal_density(as_double(mean) / as_double(deviation)) / kept;
  return to_duration(as_double(mean) + as_double(deviation) * excess);
}

Duration mean_of_lognormal(Duration median, double sigma) {
  return to_duration(as_double(median) * exp(0.5 * sigma * sigma));
}

Duration mean_of_pareto(Duration minimum, double shape) {
  return shape <= 1.0 ? longest_draw : to_duration(as_double(minimum) * shape / (shape - 1.0));
}

Duration mean_of(const std::vector<Duration>& values) {
  Wide sum = 0;
  for (const Duration value : values) sum += static_cast<Wide>(value.ns);
  return {static_cast<std::int64_t>(sum / values.size())};
}

}  // namespace brokersim::sim::portable
