#include "scenarios/run/statistics.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>

namespace brokersim::scenarios {

double student_t_95(std::int64_t degrees_of_freedom) {
  // Fisher and Yates; beyond 30 the first terms of the expansion about the normal point suffice (4 digits).
  static constexpr std::array<double, 31> table{0,     12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                                2.306, 2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
                                                2.120, 2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069,
                                                2.064, 2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
  if (degrees_of_freedom <= 30)
    return table[static_cast<std::size_t>(std::max<std::int64_t>(degrees_of_freedom, 0))];
  constexpr double z = 1.959964;
  const double n = static_cast<double>(degrees_of_freedom);
  return z + (z * z * z + z) / (4 * n) + (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
}

std::int64_t quantile(const Histogram& histogram, double q) {
  const auto total = static_cast<double>(histogram.total());
  const auto rank = static_cast<std::int64_t>(std::ceil(q * total - 1e-9)) - 1;
  return histogram.ordered(std::clamp<std::int64_t>(rank, 0, histogram.total() - 1));
}

Summary summarise(const Histogram& histogram) {
  Summary summary;
  if (histogram.empty()) return summary;
  const auto bins = static_cast<Eigen::Index>(histogram.bins().size());
  Eigen::ArrayXd values(bins), weights(bins);
  Eigen::Index i = 0;
  for (const auto& [value, times] : histogram.bins()) {
    values(i) = static_cast<double>(value);
    weights(i++) = static_cast<double>(times);
  }
  const double n = static_cast<double>(histogram.total());
  summary.seeds = histogram.total();
  summary.mean = (values * weights).sum() / n;
  const double variance = n > 1 ? (weights * (values - summary.mean).square()).sum() / (n - 1) : 0;
  const double half = student_t_95(histogram.total() - 1) * std::sqrt(variance / n);
  // No count is negative, so neither is its mean.
  summary.mean_low = histogram.min() < 0 ? summary.mean - half : std::max(0.0, summary.mean - half);
  summary.mean_high = summary.mean + half;
  summary.predicted_low = quantile(histogram, 0.025);
  summary.predicted_high = quantile(histogram, 0.975);
  summary.min = histogram.min();
  summary.median = quantile(histogram, 0.5);
  summary.max = histogram.max();
  return summary;
}

}  // namespace brokersim::scenarios
