// The only file (with its .cpp) in which a draw does floating-point arithmetic (docs/architecture.md, rule
// 11). Results are the same to the last bit for every compiler, level of optimisation and processor, because
// nothing is used but IEEE double + - * / and sqrt (all correctly rounded), comparisons, conversions and bit
// casts: no libm, no fused multiply-add, no extended precision. (`unit` and `open_unit` of random.hpp are
// exact and need no such care.)
//
// Bounds on the error, against the true value (tests/sim/distribution_test.cpp compares with long double
// libm):
//   log, exp             2 ulp
//   inverse_normal_cdf   2e-15 relative, 2e-16 absolute near the median (Wichura 1988: about 1e-16 by
//                        itself)
//   normal_cdf           32 ulp for x >= 0: the rounding of x^2 / 2 in the exponent; enters draws
//                        only through the part kept of a normal distribution
#pragma once

#include <cstddef>
#include <vector>

#include "sim/exponential.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

namespace portable {

/// Natural logarithm of a positive normal number.
double log(double x);

/// e^x; 0 where the result would be subnormal (x < -708.39), infinity where it would overflow (x > 709.78).
double exp(double x);

/// The x with normal_cdf(x) = p, for 0 < p < 1: algorithm AS 241 (PPND16).
double inverse_normal_cdf(double p);

/// The probability that a standard normal variate is below x, for x >= 0.
double normal_cdf(double x);

/// Nanoseconds as a span, rounded to the nearest, not below 0 and not above longest_draw.
Duration to_duration(double ns);

// Inverses of the *upper* tail: the span that is exceeded with probability `tail`, 0 < tail < 1. The tail
// instead of the cumulative probability because that is where small numbers, hence all digits, are needed.
Duration uniform(double tail, Duration low, Duration high);
Duration exponential(double tail, Duration mean);
/// Normal given that it is not negative; `kept` is normal_cdf(mean / deviation), the part that is left.
Duration truncated_normal(double tail, Duration mean, Duration deviation, double kept);
Duration lognormal(double tail, Duration median, double sigma);
Duration pareto(double tail, Duration minimum, double shape);
/// Which of `count` equally likely values in increasing order: the smallest whose rank / count reaches 1 -
/// tail.
std::size_t step(double tail, std::size_t count);

/// normal_cdf(mean / deviation); 1 when the deviation is 0.
double kept_of_normal(Duration mean, Duration deviation);

// Means, for reports and analytical models.
Duration mean_of_truncated_normal(Duration mean, Duration deviation, double kept);
Duration mean_of_lognormal(Duration median, double sigma);
/// Infinite, hence longest_draw, for shape <= 1.
Duration mean_of_pareto(Duration minimum, double shape);
/// Of at least one value, added as whole numbers, so that the order does not matter.
Duration mean_of(const std::vector<Duration>& values);

}  // namespace portable
}  // namespace brokersim::sim
