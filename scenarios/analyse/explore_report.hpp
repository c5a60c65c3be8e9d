// What an exploration found, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "scenarios/analyse/explore_scenario.hpp"

namespace brokersim::scenarios {

struct ExploreHead {
  std::string file, title, overrides;
  std::uint64_t seed = 1;
  int crashes = 1;
};

/// Where the plans of each outcome were saved as scenario files: the shortest first, then those by other
/// causes; an empty text or a missing one: nowhere.
using SavedPlans = std::vector<std::vector<std::string>>;

std::string explore_text(const ExploreHead& head, const ExploreResult& result, const SavedPlans& saved);
std::string explore_json(const ExploreHead& head, const ExploreResult& result, const SavedPlans& saved);

}  // namespace brokersim::scenarios
