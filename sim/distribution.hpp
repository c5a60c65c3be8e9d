// How long something takes when that is not fixed: a plain value that stands wherever a duration may.
//
// - `sample(bits)` turns exactly one random word into one span by inverting the distribution function, so
//   equal words under two configurations mean equally lucky draws (common random numbers). It increases
//   with the word (or stays): certainly for constant, uniform, exponential and empirical; for normal,
//   lognormal and Pareto up to the rounding of their elementary functions (two almost equal words may swap
//   neighbouring nanoseconds).
// - A span is never negative and never above `longest_draw` (100 years). A normal distribution is
//   *conditioned* on not being negative (its density is cut at 0 and scaled up), so that there is no heap
//   of draws at exactly 0.
// - An empirical distribution is the plain step function of its samples: it gives only values that were
//   observed, and its mean is exactly theirs.
// - The arithmetic is in exponential.hpp (whole numbers) and portable_math.cpp (doubles); all that is
//   computed here is 1 - probability. The quantiles of an exponential distribution come from the latter; they
//   agree with its draws to within a nanosecond or 2^-50 of the span.
// Parameters are checked where files are read; a senseless one that gets here is a bug (BugError).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/exponential.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

class Distribution {
 public:
  enum class Kind : std::uint8_t { constant, uniform, exponential, normal, lognormal, pareto, empirical };

  /// Always 0.
  Distribution() : Distribution(constant({})) {}
  static Distribution constant(Duration value);
  /// Each nanosecond from low to high, both included.
  static Distribution uniform(Duration low, Duration high);
  static Distribution exponential(Duration mean);
  /// Mean and deviation *before* the cut at 0; `mean()` is that after it.
  static Distribution normal(Duration mean, Duration deviation);
  /// median * e^(sigma * standard normal).
  static Distribution lognormal(Duration median, double sigma);
  /// P(longer than t) = (minimum / t)^shape.
  static Distribution pareto(Duration minimum, double shape);
  static Distribution empirical(std::vector<Duration> samples);

  Duration sample(std::uint64_t bits) const {
    if (kind_ == Kind::exponential) return exponential_of(bits, first_);
    return sample_otherwise(bits);
  }

  /// The span that is not exceeded with this probability. 0 and 1 give the extremes that `sample` can reach
  /// (probabilities 2^-53 and 1 - 2^-53).
  Duration quantile(double probability) const;
  Duration mean() const;

  /// What stands for the distribution when every outcome is enumerated: the value of a constant, else the 5
  /// %, 50 % and 95 % quantiles, increasing and without repetition. Computed once, on construction.
  std::vector<Duration> representative() const {
    return {branches_.begin(), branches_.begin() + branch_count_};
  }
  std::uint32_t branch_count() const { return branch_count_; }
  /// representative()[index] without the vector.
  Duration branch(std::uint32_t index) const { return branches_[index]; }

  Kind kind() const { return kind_; }
  bool is_constant() const { return kind_ == Kind::constant; }
  /// The first parameter: value, low, mean, median or minimum (0 for empirical).
  Duration first() const { return first_; }
  /// The second parameter if it is a span: high or deviation, else 0.
  Duration second() const { return second_; }
  /// The second parameter if it is a plain number: sigma or shape, else 0.
  double shape() const { return shape_; }
  /// The samples in increasing order; empty unless empirical.
  const std::vector<Duration>& samples() const { return samples_; }

  bool operator==(const Distribution&) const = default;

 private:
  Distribution(Kind kind, Duration first, Duration second, double shape, std::vector<Duration> samples = {});
  Duration sample_otherwise(std::uint64_t bits) const;
  void find_branches();
  Duration exceeded_with(double tail) const;

  Kind kind_;
  std::uint8_t branch_count_ = 0;
  Duration first_;
  Duration second_;
  double shape_;
  double kept_ = 1.0;  // of a normal distribution: the part above 0
  std::array<Duration, 3> branches_{};
  std::vector<Duration> samples_;
};

/// Exact and as short as exact can be: `250us`, `1.5ms`, `3s`, `10min`, `1h`. The unit that needs the
/// fewest digits; among equals one that needs no fraction, then the largest.
std::string to_string(Duration duration);

/// As scenario files spell it: `3s`, `uniform(0.2ms, 0.6ms)`, `lognormal(2ms, 0.5)`, `empirical(1ms, 4ms)`.
std::string to_string(const Distribution& distribution);

}  // namespace brokersim::sim
