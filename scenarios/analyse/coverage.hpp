// Which rows of the protocols' tables runs take, in which version of the brokers and clients, and which run
// is the first to take each. The monitors of the runs count (model/rocketmq/monitors.hpp).
//
//   Coverage coverage;
//   cover(coverage, {"my.json", "", 1}, config, seeds);     // throws the BugError of an unknown transition
//   if (!coverage.complete()) ...
//
// A row of both versions counts once it is taken in both.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/rocketmq/monitors.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::scenarios {

/// One seed of a scenario file.
struct CoveringRun {
  std::string file;
  std::string as;  ///< `--set cluster.version=` this; empty: the file's own version
  std::uint64_t seed = 1;

  auto operator<=>(const CoveringRun&) const = default;
};

class Coverage {
 public:
  using FirstRuns = std::array<std::optional<CoveringRun>, model::rocketmq::profile_names.size()>;

  Coverage();
  /// What one run has taken.
  void add(const CoveringRun& run, const model::rocketmq::Monitors::Hits& taken);

  const std::vector<model::rocketmq::CoveredTable>& tables() const { return tables_; }
  /// Per version: the run that was added first of those that took the row.
  const FirstRuns& first(std::size_t table, std::size_t row) const { return first_[table][row]; }
  bool complete() const;

 private:
  std::vector<model::rocketmq::CoveredTable> tables_;
  std::vector<std::vector<FirstRuns>> first_;
};

/// Runs so many seeds from that of `from` on.
void cover(Coverage& coverage, CoveringRun from, const std::shared_ptr<const model::Config>& config,
           std::int64_t seeds, const std::function<void(std::int64_t)>& progress = {});

/// The version of RocketMQ that the scenario is not of, to run it under that one too.
std::string_view other_version(const model::Config& config);

/// A row without its source and note: what tells it from the other rows of its table.
std::string row_key(const model::rocketmq::CoveredTable& table,
                    const model::rocketmq::CoveredTable::Row& row);

}  // namespace brokersim::scenarios
