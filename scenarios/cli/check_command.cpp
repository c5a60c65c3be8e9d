#include <cstdio>

#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"

namespace brokersim::cli {

int check(const CheckOptions& options) {
  bool good = true;
  for (const auto& file : scenario_files(options.paths)) {
    const auto scenario = load(file, options.sets);
    good = good && scenario.has_value();
    if (!scenario) continue;
    if (options.effective)
      std::fputs(scenarios::effective_json(*scenario).c_str(), stdout);
    else
      std::printf("%s: good\n", file.c_str());
  }
  return good ? all_hold : bad_input;
}

}  // namespace brokersim::cli
