// What an exploration found, for people and for programs.
#pragma once

#include <string>

#include "scenarios/analyse/explore_scenario.hpp"

namespace brokersim::scenarios {

struct ExploreHead {
  std::string file, title, overrides;
  std::uint64_t seed = 1;
  int crashes = 1;
};

/// `files[i]`: where the counterexample of outcome i was saved; empty: nowhere.
std::string explore_text(const ExploreHead& head, const ExploreResult& result,
                         const std::vector<std::string>& files);
std::string explore_json(const ExploreHead& head, const ExploreResult& result,
                         const std::vector<std::string>& files);

}  // namespace brokersim::scenarios
