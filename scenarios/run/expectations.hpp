// Holds a batch against the `expect` list of its scenario.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/run/batch.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::scenarios {

struct Finding {
  bool holds = true;
  std::string claim;     ///< `vanished in every seed = 0`, `mean of lost in [300, 500]`
  std::string observed;  ///< `404.2`
  /// A seed that shows it: the first that breaks an every-seed claim, else one with an extreme count.
  std::optional<std::uint64_t> seed;
};

class ExpectationCheck {
 public:
  explicit ExpectationCheck(const Scenario& scenario);

  /// Every result, in the order of the seeds.
  void see(const SeedResult& result);
  /// After the batch: one finding per condition.
  std::vector<Finding> findings() const;

 private:
  /// One expectation for one consumer group, and what the seeds so far say to it.
  struct Claim {
    Expectation wanted;
    std::size_t group = 0;
    std::string subject;  ///< `vanished`, `lost of group billing`
    Histogram values;
    std::optional<std::uint64_t> breaks_every;
    std::int64_t broken_value = 0;
    std::int64_t smallest = 0, largest = 0;
    std::uint64_t smallest_seed = 0, largest_seed = 0;
    std::optional<std::uint64_t> other_cause_seed;
    std::int64_t window_min = -1, window_max = -1;  ///< ns; -1: none yet
    std::uint64_t window_min_seed = 0, window_max_seed = 0;
  };
  void add_claim(const Expectation& wanted, std::size_t group, const std::string& shown_group);
  static void see(Claim& claim, const SeedResult& result);
  static void see_value(Claim& claim, std::int64_t value, std::uint64_t seed);
  static void see_windows(Claim& claim, const GroupCounts& counts, std::uint64_t seed);
  static void add_findings(const Claim& claim, std::vector<Finding>& found);
  static void add_count_findings(const Claim& claim, std::vector<Finding>& found);
  static void add_window_findings(const Claim& claim, std::vector<Finding>& found);

  std::vector<Claim> claims_;
};

}  // namespace brokersim::scenarios
