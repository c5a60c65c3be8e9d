#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "scenarios/analyse/explore_report.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "scenarios/read/quantities.hpp"

namespace brokersim::cli {

namespace {

namespace fs = std::filesystem;

std::atomic<bool> interrupted{false};

/// `one-transaction.json  40960 states, 1203 met again` on stderr: rewritten in place on a terminal,
/// elsewhere a line each ten seconds.
class Progress final : public sim::ExploreListener {
 public:
  explicit Progress(std::string name) : name_(std::move(name)), is_terminal_(::isatty(STDERR_FILENO) != 0) {}
  ~Progress() override {
    if (is_terminal_) std::fprintf(stderr, "\r\033[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void on_progress(std::uint64_t states, std::uint64_t merged) override {
    say(std::to_string(states) + " states, " + std::to_string(merged) + " met again");
  }
  void on_planned(std::size_t done, std::size_t outcomes) {
    say("shortest plans of " + std::to_string(done) + "/" + std::to_string(outcomes) + " outcomes");
  }

 private:
  using Clock = std::chrono::steady_clock;

  void say(const std::string& text) {
    if (!is_terminal_ && Clock::now() < next_) return;
    next_ = Clock::now() + std::chrono::seconds(10);
    std::fprintf(stderr, is_terminal_ ? "\r\033[K%s  %s" : "%s  %s\n", name_.c_str(), text.c_str());
  }

  std::string name_;
  bool is_terminal_;
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(10);
};

model::Duration duration(const std::string& option, const std::string& text) {
  const auto parsed = scenarios::read::parse_duration(text);
  if (!parsed.value) throw UsageError(option + " " + text + ": " + parsed.message);
  if (*parsed.value < model::Duration{}) throw UsageError(option + " " + text + ": is negative");
  return *parsed.value;
}

scenarios::ExploreRequest request_of(const ExploreOptions& options) {
  scenarios::ExploreRequest request;
  request.crashes = options.crashes;
  request.faults = options.faults;
  if (!options.restore_after.empty())
    request.restore_after = duration("--restore-after", options.restore_after);
  request.seed = options.seed;
  request.merge = !options.no_merge;
  request.first_answers = options.first_answers;
  if (!options.horizon.empty()) request.horizon = duration("--horizon", options.horizon);
  request.states_max = options.states_max;
  request.cancel = &interrupted;
  return request;
}

/// "one-transaction-2-duplicated.json"
std::string file_name(const std::string& path, const std::string& number, std::string verdict) {
  for (char& c : verdict) {
    if (c == ',' || c == ' ') c = '-';
  }
  return fs::path(path).stem().string() + "-" + number + "-" + verdict + ".json";
}

/// Writes a plan that a run can be made to come to; says where, or nothing.
std::string save(const ExploreOptions& options, const std::string& number,
                 const scenarios::Scenario& scenario, const scenarios::ExploreResult& result,
                 const scenarios::ExploredPlan& plan) {
  if (!plan.is_bad() || !plan.reproduced) return {};
  const std::string path =
      (fs::path(options.save) / file_name(options.path, number, plan.verdict())).string();
  std::ofstream file(path);
  file << scenarios::effective_json(scenarios::counterexample(scenario, result, plan));
  if (!file.flush()) throw UsageError("--save: " + path + " could not be written");
  return path;
}

/// Of every outcome the shortest plan, then those by other causes: 2, 2b, 2c ...
scenarios::SavedPlans save_all(const ExploreOptions& options, const scenarios::Scenario& scenario,
                               const scenarios::ExploreResult& result) {
  if (options.save.empty()) return {};
  std::error_code error;
  fs::create_directories(options.save, error);
  scenarios::SavedPlans saved(result.outcomes.size());
  for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
    const auto& outcome = result.outcomes[i];
    saved[i].push_back(save(options, std::to_string(i), scenario, result, outcome));
    char letter = 'a';
    for (const auto& plan : outcome.by_other_causes)
      saved[i].push_back(save(options, std::to_string(i) + ++letter, scenario, result, plan));
  }
  return saved;
}

}  // namespace

int explore(const ExploreOptions& options) {
  const auto scenario = load(options.path, options.sets);
  if (!scenario) return bad_input;
  std::signal(SIGINT, [](int) { interrupted = true; });
  try {
    scenarios::ExploreRequest request = request_of(options);
    scenarios::ExploreResult result;
    {
      Progress progress(options.path);
      request.listener = &progress;
      request.planned = [&](std::size_t done, std::size_t outcomes) { progress.on_planned(done, outcomes); };
      result = scenarios::explore_scenario(scenario->config, request);
    }
    const auto files = save_all(options, *scenario, result);
    const scenarios::ExploreHead head{options.path, scenario->title, repeated(options.sets), options.seed,
                                      options.crashes};
    std::fputs((options.json ? explore_json(head, result, files) : explore_text(head, result, files)).c_str(),
               stdout);
  } catch (const scenarios::NotExplorable& reason) {
    throw UsageError(reason.what());
  }
  return all_hold;
}

}  // namespace brokersim::cli
