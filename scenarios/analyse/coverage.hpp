// Which rows of the protocols' tables scenarios take, as the monitors of the runs count them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/rocketmq/monitors.hpp"

namespace brokersim::scenarios {

/// Runs these seeds and returns the tables with their hits. Throws the sim::BugError of a transition that no
/// table knows.
std::vector<model::rocketmq::CoveredTable> cover(const std::shared_ptr<const model::Config>& config,
                                                 std::uint64_t first_seed, std::int64_t seeds);

void add(std::vector<model::rocketmq::CoveredTable>& sum,
         const std::vector<model::rocketmq::CoveredTable>& more);

/// Each table with the hits of its rows, or only the rows that were never taken.
std::string coverage_text(const std::vector<model::rocketmq::CoveredTable>& tables, bool only_uncovered);

}  // namespace brokersim::scenarios
