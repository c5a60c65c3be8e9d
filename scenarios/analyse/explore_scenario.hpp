// `explore`: every crash point of a small scenario, what can become of its messages, and for each outcome the
// shortest plan that leads there, written as faults that `run` understands.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/explorable.hpp"
#include "model/ledger/outcome.hpp"
#include "scenarios/analyse/small_world.hpp"
#include "scenarios/scenario.hpp"
#include "sim/explore.hpp"

namespace brokersim::scenarios {

struct ExploreRequest {
  int crashes = 1;                               ///< up to so many faults in one run
  std::vector<std::string> faults;               ///< see small_world
  std::optional<model::Duration> restore_after;  ///< then a fault is undone; none: see small_world
  std::uint64_t seed = 1;                        ///< draws the phases of the services
  bool merge = true;  ///< equal states are explored once; never where they are not known by their form
  bool first_answers = false;  ///< other draws: only the first of their answers
  std::optional<model::Duration> horizon;
  std::uint64_t states_max = 10'000'000;
  std::size_t depth_max = 5'000;
  sim::ExploreListener* listener = nullptr;
  /// Hears, when all states are known, for how many of the outcomes their plans have been looked for.
  std::function<void(std::size_t done, std::size_t outcomes)> planned;
  const std::atomic<bool>* cancel = nullptr;
};

/// One fault of a plan.
struct PlannedFault {
  model::FaultConfig fault;  ///< with a trigger that makes it strike there in a run
  model::SimTime at;
  std::string text;  ///< "kill broker-a just after the 2nd broker.op_batch of broker-a"
};

/// What became of one intent in the eyes of one judged group (ledger/judge.hpp).
struct JudgedIntent {
  std::size_t intent = 0, group = 0;
  model::ledger::Outcome outcome;
};

/// One complete run, and what became of its messages.
struct ExploredPlan {
  std::vector<JudgedIntent> judged;
  std::vector<PlannedFault> faults;
  std::vector<std::string> answers;  ///< draws on it that had several answers, and which one was given
  model::SimTime ended;
  bool reproduced = false;  ///< a run with these faults and this seed comes to the same counts

  /// "fine", or what is wrong, e.g. "duplicated" or "lost, duplicated".
  std::string verdict() const;
  bool is_bad() const;
};

/// With the shortest of its plans: fewest faults, then fewest events.
struct ExploredOutcome : ExploredPlan {
  model::ExplorableModel::Outcome intents;
  std::uint64_t plans = 0;
  /// Of a bad one: plans by which it has other causes, each the shortest that begins with its fault.
  std::vector<ExploredPlan> by_other_causes;
};

struct ExploreResult {
  SmallWorld world;
  std::vector<ExploredOutcome> outcomes;  ///< the good ones first, then by falling number of plans
  std::uint64_t states = 0, merged = 0, livelocks = 0, plans = 0;
};

/// Throws NotExplorable, sim::Cancelled, or sim::BugError (also where a limit is reached).
ExploreResult explore_scenario(const model::Config& config, const ExploreRequest& request);

/// A plan as a scenario of its own: `run` it with the seed of the exploration.
Scenario counterexample(const Scenario& original, const ExploreResult& result, const ExploredPlan& plan);

}  // namespace brokersim::scenarios
