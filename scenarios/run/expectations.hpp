// Holds a batch against the `expect` list of its scenario.
#pragma once

#include <cstdint>
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
  std::string pointer = {};  ///< of the expectation in the file, "/expect/0"
  /// In that seed the first intent that is counted (and should not be, or shows how many are); if there is
  /// one.
  std::optional<std::uint32_t> message = {};
  std::string group = {};  ///< the consumer group that it is about; empty: the log
};

class ExpectationCheck {
 public:
  explicit ExpectationCheck(const Scenario& scenario);

  /// Every result, in the order of the seeds.
  void see(const SeedResult& result);
  /// After the batch: one finding per condition.
  std::vector<Finding> findings() const;

 private:
  /// A seed, and one message of it.
  struct Witness {
    std::uint64_t seed = 0;
    std::uint32_t message = 0;  ///< plus one; 0: none

    std::optional<std::uint32_t> intent() const {
      return message == 0 ? std::nullopt : std::optional(message - 1);
    }
  };
  /// One expectation for one consumer group, and what the seeds so far say to it.
  struct Claim {
    Expectation wanted;
    std::size_t group = 0;
    std::string subject;  ///< `vanished`, `lost of group billing`
    Histogram values;
    std::string group_name;
    std::optional<Witness> breaks_every;
    std::int64_t broken_value = 0;
    std::int64_t smallest = 0, largest = 0;
    Witness smallest_in, largest_in;
    std::optional<Witness> other_cause;
    std::int64_t window_min = -1, window_max = -1;  ///< ns; -1: none yet
    Witness window_min_in, window_max_in;
  };
  void add_claim(const Expectation& wanted, std::size_t group, const std::string& group_name,
                 bool shows_group);
  static void see(Claim& claim, const SeedResult& result);
  static void see_value(Claim& claim, std::int64_t value, const Witness& witness);
  static Finding finding(bool holds, std::string claim, std::string observed,
                         const std::optional<Witness>& witness);
  static void see_windows(Claim& claim, const GroupCounts& counts, std::uint64_t seed);
  static void add_findings(const Claim& claim, std::vector<Finding>& found);
  static void add_count_findings(const Claim& claim, std::vector<Finding>& found);
  static void add_window_findings(const Claim& claim, std::vector<Finding>& found);

  std::vector<Claim> claims_;
};

}  // namespace brokersim::scenarios
