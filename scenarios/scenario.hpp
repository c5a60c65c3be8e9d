// A scenario file as the verbs see it: the configuration of the model, what is expected of it, and
// how many seeds answer the question. Reading checks everything and reports all problems at once.
//
//   Scenario s = load_scenario("power_loss.json");          // throws ScenarioError
//   Scenario t = read_scenario(text, "power_loss.json", {{"cluster.brokers.*.config.flushDiskType",
//   "SYNC_FLUSH"}});
//
// The grammar is docs/scenario-format.md; editors complete it from scenarios/schema.json.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/ledger/cause.hpp"
#include "scenarios/run/counts.hpp"

namespace brokersim::scenarios {

/// The version of the grammar that this program reads and writes.
inline constexpr std::int64_t schema_version = 1;

/// From low to high, both included. An open end is infinite.
struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  bool contains(double value) const { return low <= value && value <= high; }
  bool operator==(const Interval&) const = default;
};

/// One entry of `expect`. All of its parts must hold.
struct Expectation {
  /// What is counted; nothing: only the window is expected.
  std::optional<Count> count;
  std::string group;  ///< of which consumer group; empty: of all that is judged (ledger/judge.hpp)
  /// Every counted intent must carry this cause; none: any.
  model::ledger::Cause cause = model::ledger::Cause::none;

  std::optional<Interval> every_seed;              ///< `7`, `{"exactly": 7}`, `[3, 9]`
  std::optional<Interval> mean, median, min, max;  ///< of the counts over the seeds
  /// Counts of real incidents: each must lie inside the 95 % prediction interval over the seeds.
  std::vector<std::int64_t> measured;

  /// Bounds of the exposure of every counted intent, over all seeds (`window`).
  std::optional<model::Duration> window_min, window_max;

  std::string because;  ///< why it must be so: a document, a class, a calculation
  std::string pointer;  ///< where it stands in the file, "/expect/0"

  bool operator==(const Expectation&) const = default;
};

struct Scenario {
  std::string path;  ///< of the file; messages begin with it
  std::string title, question, source, description;
  model::Config config;
  std::vector<Expectation> expect;
  std::int64_t seeds = 100;  ///< unless the command line says otherwise
  /// Of each process, by name: what its `config` block sets, also where that is the default.
  std::map<std::string, std::vector<std::string>> settings_set;
};

/// What is wrong, or only doubtful (`warning`), at one place of a file.
struct Problem {
  std::string pointer;     ///< JSON pointer (RFC 6901); empty: the whole file
  std::string message;     ///< what is wrong there
  std::string suggestion;  ///< `did you mean "flushDiskType"?`, or what is allowed; may be empty
  bool warning = false;

  bool operator==(const Problem&) const = default;
};

/// One line: pointer, message, suggestion.
std::string to_string(const Problem& problem);

/// The file cannot be used; `what()` lists every problem.
class ScenarioError : public std::runtime_error {
 public:
  ScenarioError(const std::string& path, std::vector<Problem> all);
  std::vector<Problem> problems;  ///< at least one; warnings found on the way are among them
};

/// `--set path=value`. The path is dotted (`producers.0.threads`, `cluster.brokers.*.config.flushDiskType`)
/// or a JSON pointer; an array's element is named by its number, its "name", or `*` for all. The value is
/// JSON, or else taken as a string; where a text is wanted, a number or a flag is the text that was typed.
struct Override {
  std::string path;
  std::string value;
};

/// Throws ScenarioError with all problems. Warnings are added to `warnings` if there is one.
Scenario read_scenario(std::string_view text, std::string path, std::span<const Override> overrides = {},
                       std::vector<Problem>* warnings = nullptr);

/// The same for a file; one that cannot be read is a ScenarioError too.
Scenario load_scenario(const std::string& path, std::span<const Override> overrides = {},
                       std::vector<Problem>* warnings = nullptr);

/// The scenario as a file with every default filled in; it reads back to the same configuration.
std::string effective_json(const Scenario& scenario);

}  // namespace brokersim::scenarios
