#include <cstdio>

#include "scenarios/analyse/coverage.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"

namespace brokersim::cli {

int coverage(const CoverageOptions& options) {
  std::vector<scenarios::Scenario> scenarios;
  const auto files = scenario_files(options.paths);
  for (const auto& file : files) {
    if (auto scenario = load(file, options.sets)) scenarios.push_back(std::move(*scenario));
  }
  if (scenarios.size() != files.size()) return bad_input;
  std::vector<model::rocketmq::CoveredTable> tables;
  for (const scenarios::Scenario& scenario : scenarios) {
    const auto config = std::make_shared<const model::Config>(scenario.config);
    scenarios::add(tables, scenarios::cover(config, 1, options.seeds.value_or(scenario.seeds)));
  }
  std::fputs(scenarios::coverage_text(tables, options.uncovered).c_str(), stdout);
  return all_hold;
}

}  // namespace brokersim::cli
