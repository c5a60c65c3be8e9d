// Statistics of a count over seeds.
#pragma once

#include <cstdint>

#include "scenarios/run/histogram.hpp"

namespace brokersim::scenarios {

struct Summary {
  std::int64_t seeds = 0;
  double mean = 0;
  /// Where the true mean lies (Student's t, 95 %). Equal to the mean with one seed.
  double mean_low = 0, mean_high = 0;
  /// Where one real incident should fall: the 2.5 % and 97.5 % quantiles over the seeds.
  std::int64_t predicted_low = 0, predicted_high = 0;
  std::int64_t min = 0, median = 0, max = 0;
};

/// Of an empty histogram: all zero.
Summary summarise(const Histogram& histogram);

/// The smallest value that at least the fraction `q` of the seeds does not exceed.
std::int64_t quantile(const Histogram& histogram, double q);

/// Two-sided 95 % point of Student's t distribution.
double student_t_95(std::int64_t degrees_of_freedom);

}  // namespace brokersim::scenarios
