#include <algorithm>
#include <cstdio>

#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "scenarios/report/explain.hpp"
#include "scenarios/run/seed_run.hpp"

namespace brokersim::cli {

namespace {

std::optional<std::size_t> number_of(const model::Config& config, const std::string& group) {
  if (group.empty()) return std::nullopt;
  const auto found = std::find(config.groups.begin(), config.groups.end(), group);
  if (found == config.groups.end()) throw UsageError("--group " + group + ": the scenario has no such group");
  return static_cast<std::size_t>(found - config.groups.begin());
}

/// The verdict of one group alone, if one was named.
void keep_only(const std::optional<std::size_t>& group, scenarios::Outcomes& outcomes) {
  if (!group) return;
  for (std::size_t g = 0; g < outcomes.size(); ++g) {
    if (g != *group) outcomes[g].reset();
  }
}

}  // namespace

int explain(const ExplainOptions& options) {
  const auto scenario = load(options.path, options.sets);
  if (!scenario) return bad_input;
  const auto config = std::make_shared<const model::Config>(scenario->config);
  const auto group = number_of(*config, options.group);
  scenarios::Story story(*config, options.message, group);
  scenarios::SeedRunner runner(config);
  runner.watch(options.message);
  runner.run(sim::Seed(options.seed), story);
  if (options.message >= story.messages()) throw no_such_message(options.message, story.messages());
  scenarios::Outcomes outcomes = runner.outcomes();
  keep_only(group, outcomes);
  if (group && !outcomes[*group])
    throw UsageError("--group " + options.group + ": it does not read the topic of this message");
  const scenarios::ExplainHead head{options.path, scenario->title, options.seed};
  const std::string text = options.json ? explain_json(head, *config, story, outcomes)
                                        : explain_text(head, *config, story, outcomes);
  std::fputs(text.c_str(), stdout);
  return all_hold;
}

}  // namespace brokersim::cli
