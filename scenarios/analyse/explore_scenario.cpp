#include "scenarios/analyse/explore_scenario.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "model/ledger/judge.hpp"
#include "scenarios/analyse/plan_places.hpp"
#include "scenarios/analyse/shortest_path.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/run/seed_run.hpp"
#include "sim/follow.hpp"

namespace brokersim::scenarios {

namespace {

using model::Config;
using model::ExplorableModel;
using model::Model;
using model::ledger::Class;
using WorldState = sim::State<Model>;

/// The canonical form does not hold how far away a time is that the file names: states that differ in nothing
/// else have different futures.
bool names_times(const Config& config) {
  return std::any_of(config.producers.begin(), config.producers.end(),
                     [](const model::ProducerConfig& producer) { return producer.deliver_at.has_value(); });
}

sim::ExploreOptions options_of(const ExploreRequest& request) {
  sim::ExploreOptions options;
  options.faults_max = request.crashes;
  options.merge = request.merge;
  options.states_max = request.states_max;
  options.depth_max = request.depth_max;
  options.start_seed = sim::Seed(request.seed);
  if (request.horizon) options.horizon = sim::SimTime{} + *request.horizon;
  options.first_answers = request.first_answers;
  options.graph = true;
  options.listener = request.listener;
  options.cancel = request.cancel;
  return options;
}

void judge_all(const WorldState& state, const Config& config, const model::ledger::Evidence& evidence,
               ExploredPlan& outcome) {
  model::ledger::Inventory inventory;
  const bool drained = ExplorableModel::is_over(state, config);  // else the horizon has cut it
  model::ledger::take_inventory(state.world, config, evidence, drained, inventory);
  for (std::size_t group = 0; group < model::ledger::judged_groups(config); ++group) {
    for (std::size_t intent = 0; intent < state.world.verdict.size(); ++intent) {
      if (!model::ledger::is_judged(evidence, inventory, intent, group)) continue;
      outcome.judged.push_back(
          {intent, group, model::ledger::judge(state.world, config, evidence, inventory, intent, group)});
    }
  }
}

/// Goes along the path once more, this time with somebody who listens.
void replay(const Config& config, sim::Seed seed, const Plan& path, ExploredPlan& outcome) {
  model::ledger::Evidence evidence;
  evidence.reset(config);
  const auto nothing = [](const auto&...) {};
  const WorldState end =
      sim::follow<Model, ExplorableModel>(config, seed, path, nothing, {&evidence, nullptr});
  outcome.ended = end.now;
  judge_all(end, config, evidence, outcome);
}

// ------------------------------------------------------------------------------ as a run

/// The numbers that a run of one seed must come to.
std::vector<GroupCounts> counts_of(const Config& config, const ExploredPlan& outcome) {
  std::vector<GroupCounts> groups(model::ledger::judged_groups(config));
  for (const JudgedIntent& judged : outcome.judged) {
    GroupCounts& counts = groups[judged.group];
    ++counts[static_cast<Count>(static_cast<std::size_t>(Count::processed) +
                                static_cast<std::size_t>(judged.outcome.outcome))];
    counts[Count::duplicated] += judged.outcome.duplicated ? 1 : 0;
    counts[Count::vanished] += judged.outcome.vanished ? 1 : 0;
  }
  return groups;
}

constexpr std::array reproduced_counts{Count::processed,   Count::ghost,      Count::dead_lettered,
                                       Count::stuck,       Count::lost,       Count::failed,
                                       Count::rolled_back, Count::duplicated, Count::vanished};

bool same_counts(const std::vector<GroupCounts>& wanted, const std::vector<GroupCounts>& found) {
  for (std::size_t group = 0; group < wanted.size(); ++group) {
    for (const Count count : reproduced_counts) {
      if (group >= found.size() || wanted[group][count] != found[group][count]) return false;
    }
  }
  return true;
}

Config with_faults(const Config& world, const std::vector<PlannedFault>& faults) {
  Config config = world;
  config.faults.clear();
  for (const PlannedFault& fault : faults) config.faults.push_back(fault.fault);
  return config;
}

bool reproduces(const Config& world, std::uint64_t seed, const ExploredPlan& outcome) {
  SeedRunner runner(std::make_shared<const Config>(with_faults(world, outcome.faults)));
  return same_counts(counts_of(world, outcome), runner.run(sim::Seed(seed)).groups);
}

/// The trigger of each fault, by the digits of `combination`; false when there are no more combinations.
bool choose(const std::vector<FaultPlaces>& places, std::size_t combination, ExploredPlan& outcome,
            const Config& config) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t count = places[i].triggers.size();
    PlannedFault& fault = outcome.faults[i];
    fault.fault.trigger = places[i].triggers[combination % count];
    combination /= count;
    fault.text = fault_text(config, fault.fault.action) + " " + place_text(config, places[i].place, fault.at);
  }
  return combination == 0;
}

/// Takes the first way of saying the plan that a run shows to be right; else the first.
void say_plan(const Config& config, std::uint64_t seed, const Plan& path, ExploredPlan& outcome) {
  const auto places = fault_places(config, sim::Seed(seed), path);
  std::size_t fault = 0;
  for (const PathStep& step : steps_of(config, sim::Seed(seed), path)) {
    if (step.is_fault) outcome.faults.push_back({config.faults[step.fault], places[fault++].at, {}});
  }
  for (std::size_t i = 0; choose(places, i, outcome, config); ++i) {
    outcome.reproduced = reproduces(config, seed, outcome);
    if (outcome.reproduced || places.empty()) return;
  }
  choose(places, 0, outcome, config);
}

/// The draws on a path that were no foregone conclusion.
std::vector<std::string> answers_on(const Config& config, sim::Seed seed, const Plan& path) {
  std::vector<std::string> texts;
  std::size_t step = 0;
  const auto see = [&](const WorldState&, sim::SimTime at, const model::Event& event, bool) {
    const auto& answers = path[++step].answers;
    std::string numbers;
    for (const std::uint32_t answer : answers)
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(answer);
    if (answers.empty()) return;
    texts.push_back(std::string(model::to_string(model::name_of(event))) + " at " + short_time(at.ns) +
                    ": answer " + numbers);
  };
  sim::follow<Model, ExplorableModel>(config, seed, path, see);
  return texts;
}

using Blame = std::vector<std::array<model::ledger::Cause, 3>>;

/// What is said of each message; two plans to one outcome that differ in it differ in their causes.
Blame blame_of(const ExploredPlan& plan) {
  Blame blame;
  for (const auto& [intent, group, outcome] : plan.judged)
    blame.push_back({outcome.cause, outcome.duplicate_cause, outcome.vanished_cause});
  return blame;
}

/// Worlds hold no causes, so that one outcome may have several: each fault is asked for its own shortest
/// plan.
class PlanFinder {
 public:
  PlanFinder(const Config& config, std::uint64_t seed, const sim::StateGraph<ExplorableModel::Outcome>& graph)
      : config_(config), seed_(seed) {
    const auto count = static_cast<std::uint32_t>(graph.outcomes.size());
    paths_.push_back(shortest_paths(graph.edges, graph.states, count));
    for (std::size_t fault = 0; fault < config.faults.size(); ++fault)
      paths_.push_back(
          shortest_paths_with(static_cast<std::int32_t>(fault), graph.edges, graph.states, count));
  }

  void find(std::uint32_t number, ExploredOutcome& outcome) const {
    replay(config_, sim::Seed(seed_), paths_[0][number], outcome);
    finish(paths_[0][number], outcome);
    if (!outcome.is_bad()) return;
    std::set<Blame> known{blame_of(outcome)};
    for (std::size_t i = 1; i < paths_.size(); ++i) {
      const Plan& path = paths_[i][number];
      if (path.empty()) continue;
      ExploredPlan plan;
      replay(config_, sim::Seed(seed_), path, plan);
      if (!known.insert(blame_of(plan)).second) continue;
      finish(path, plan);
      outcome.by_other_causes.push_back(std::move(plan));
    }
  }

 private:
  void finish(const Plan& path, ExploredPlan& plan) const {
    plan.answers = answers_on(config_, sim::Seed(seed_), path);
    say_plan(config_, seed_, path, plan);
  }

  const Config& config_;
  std::uint64_t seed_;
  std::vector<std::vector<Plan>> paths_;  ///< the shortest of all, then those that begin with each fault
};

}  // namespace

bool ExploredPlan::is_bad() const { return verdict() != "fine"; }

std::string ExploredPlan::verdict() const {
  std::string text;
  const auto say = [&](bool some, std::string_view word) {
    if (some) text.append(text.empty() ? "" : ", ").append(word);
  };
  const auto has = [&](Class which) {
    return std::any_of(judged.begin(), judged.end(),
                       [&](const JudgedIntent& j) { return j.outcome.outcome == which; });
  };
  for (const Class which : {Class::lost, Class::ghost, Class::dead_lettered, Class::stuck})
    say(has(which), model::ledger::class_names[static_cast<std::size_t>(which)]);
  const auto flag = [&](bool model::ledger::Outcome::* which) {
    return std::any_of(judged.begin(), judged.end(), [&](const JudgedIntent& j) { return j.outcome.*which; });
  };
  say(flag(&model::ledger::Outcome::duplicated), "duplicated");
  say(!has(Class::lost) && flag(&model::ledger::Outcome::vanished), "vanished");
  return text.empty() ? "fine" : text;
}

ExploreResult explore_scenario(const Config& config, const ExploreRequest& request) {
  ExploreResult result{small_world(config, request.faults, request.restore_after), {}};
  const Config& world = result.world.config;
  sim::ExploreOptions options = options_of(request);
  if (options.merge && names_times(world)) {
    options.merge = false;
    result.world.notes.push_back(
        "no state counts as met again: a deliver_at is a time, and how far away it is does not show in them");
  }
  const auto explored = sim::explore<Model, ExplorableModel>(world, options);
  result.states = explored.states;
  result.merged = explored.merged;
  result.livelocks = explored.livelocks;
  result.plans = explored.plan_count();
  const PlanFinder finder(world, request.seed, explored.graph);
  for (const auto& [intents, number] : explored.graph.outcomes) {
    ExploredOutcome outcome;
    outcome.intents = intents;
    outcome.plans = explored.plans.at(intents);
    finder.find(number, outcome);
    result.outcomes.push_back(std::move(outcome));
    if (request.planned) request.planned(result.outcomes.size(), explored.graph.outcomes.size());
  }
  std::stable_sort(result.outcomes.begin(), result.outcomes.end(), [](const auto& a, const auto& b) {
    return std::pair(a.is_bad(), b.plans) < std::pair(b.is_bad(), a.plans);
  });
  return result;
}

Scenario counterexample(const Scenario& original, const ExploreResult& result, const ExploredPlan& plan) {
  Scenario scenario = original;
  scenario.title = original.title + ": " + plan.verdict();
  scenario.question = "How does the message come to be " + plan.verdict() + "?";
  scenario.description = "The shortest plan that an exploration found to this plan.";
  for (const PlannedFault& fault : plan.faults) scenario.description += " " + fault.text + ".";
  scenario.config = with_faults(result.world.config, plan.faults);
  scenario.seeds = 1;
  scenario.expect.clear();
  const auto counts = counts_of(scenario.config, plan);
  for (std::size_t group = 0; group < counts.size(); ++group) {
    for (const Count count : reproduced_counts) {
      if (counts[group][count] == 0) continue;
      Expectation expectation;
      expectation.count = count;
      if (!model::ledger::is_log(scenario.config, group)) expectation.group = scenario.config.groups[group];
      const auto number = static_cast<double>(counts[group][count]);
      expectation.every_seed = Interval{number, number};
      expectation.because = "found by exploration";
      scenario.expect.push_back(std::move(expectation));
    }
  }
  return scenario;
}

}  // namespace brokersim::scenarios
