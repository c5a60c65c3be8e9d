#include "scenarios/analyse/plan_places.hpp"

#include <limits>
#include <optional>

#include "scenarios/analyse/small_world.hpp"
#include "scenarios/report/format.hpp"
#include "sim/follow.hpp"

namespace brokersim::scenarios {

namespace {

using model::Config;
using model::Event;
using model::EventName;
using model::ExplorableModel;
using model::FaultConfig;
using model::FaultTrigger;
using model::Model;
using model::SimTime;
using model::TriggerKind;
using WorldState = sim::State<Model>;

bool is_of_faults(EventName name) {
  return name == EventName::fault_strike || name == EventName::fault_restore || name == EventName::fault_heal;
}

FaultTrigger on_event(const PathStep& step, bool before, std::int64_t nth) {
  FaultTrigger trigger;
  trigger.kind = TriggerKind::on_event;
  trigger.event = static_cast<std::uint16_t>(step.name);
  trigger.any_actor = is_of_faults(step.name);
  trigger.actor = step.actor;
  trigger.nth = nth;
  trigger.before = before;
  return trigger;
}

FaultTrigger at_time(SimTime time) {
  FaultTrigger trigger;
  trigger.kind = TriggerKind::at_time;
  trigger.time = model::Distribution::constant(time - SimTime{});
  return trigger;
}

/// Where a fault stands among the steps of its path; -1: there is none.
struct Neighbours {
  std::ptrdiff_t fault = 0, before = -1, after = -1;
};

std::vector<Neighbours> faults_among(const std::vector<PathStep>& steps) {
  std::vector<Neighbours> all;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].is_fault) continue;
    Neighbours place{static_cast<std::ptrdiff_t>(i)};
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (steps[k].is_fault) continue;
      if (k < i) place.before = static_cast<std::ptrdiff_t>(k);
      if (k > i && place.after < 0) place.after = static_cast<std::ptrdiff_t>(k);
    }
    all.push_back(place);
  }
  return all;
}

/// A fault that never strikes counts how often its event has happened: not every event of a name is one that
/// a trigger sees (a stale one, bytes for a dead process).
void probe(Config& config, const std::optional<FaultTrigger>& trigger) {
  FaultConfig fault;
  fault.trigger = trigger ? *trigger : at_time(SimTime{});
  fault.trigger.nth = std::numeric_limits<std::int64_t>::max();
  if (!trigger) fault.trigger.kind = TriggerKind::process, fault.trigger.until = model::Duration{-1};
  config.faults.push_back(fault);
}

/// How often the neighbours of a fault had happened when it struck.
struct Counted {
  std::int64_t earlier = 0;  ///< that of the event before, without that event itself
  std::int64_t before = 0;   ///< with it
  std::int64_t after = 0;    ///< that of the event after, which has not happened yet
};

std::vector<Counted> count_neighbours(const Config& config, sim::Seed seed,
                                      std::span<const sim::StateGraphEdge> path,
                                      const std::vector<PathStep>& steps,
                                      const std::vector<Neighbours>& places) {
  Config probed = config;
  for (const Neighbours& place : places) {
    const auto trigger = [&](std::ptrdiff_t step, bool before) {
      return step < 0 ? std::optional<FaultTrigger>()
                      : on_event(steps[static_cast<std::size_t>(step)], before, 1);
    };
    probe(probed, trigger(place.before, false));
    probe(probed, trigger(place.after, true));
  }
  std::vector<Counted> counted(places.size());
  std::ptrdiff_t step = 0;
  const auto see = [&](const WorldState& state, SimTime, const Event&, bool) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto* seen = &state.world.faults.states[config.faults.size() + 2 * i];
      if (step == places[i].before) counted[i].earlier = seen[0].seen;
      if (step == places[i].fault) counted[i].before = seen[0].seen, counted[i].after = seen[1].seen;
    }
    ++step;
  };
  sim::follow<Model, ExplorableModel>(probed, seed, path, see);
  return counted;
}

std::string ordinal(std::int64_t number) {
  const std::int64_t tens = number % 100 / 10, ones = number % 10;
  const char* ending = tens == 1 ? "th" : ones == 1 ? "st" : ones == 2 ? "nd" : ones == 3 ? "rd" : "th";
  return std::to_string(number) + ending;
}

}  // namespace

std::vector<PathStep> steps_of(const Config& config, sim::Seed seed,
                               std::span<const sim::StateGraphEdge> path) {
  std::vector<PathStep> steps;
  const auto see = [&](const WorldState&, SimTime at, const Event& event, bool is_fault) {
    PathStep step{at, model::name_of(event), event.target, is_fault, 0};
    if (is_fault) step.fault = std::get<model::faults::Event>(event.body).fault;
    steps.push_back(step);
  };
  sim::follow<Model, ExplorableModel>(config, seed, path, see);
  return steps;
}

std::vector<FaultPlaces> fault_places(const Config& config, sim::Seed seed,
                                      std::span<const sim::StateGraphEdge> path) {
  const auto steps = steps_of(config, seed, path);
  const auto places = faults_among(steps);
  const auto counted = count_neighbours(config, seed, path, steps, places);
  std::vector<FaultPlaces> all;
  for (std::size_t i = 0; i < places.size(); ++i) {
    FaultPlaces found{steps[static_cast<std::size_t>(places[i].fault)].at, {}, {}};
    if (places[i].before >= 0 && counted[i].before > counted[i].earlier)
      found.triggers.push_back(
          on_event(steps[static_cast<std::size_t>(places[i].before)], false, counted[i].before));
    if (places[i].after >= 0)
      found.triggers.push_back(
          on_event(steps[static_cast<std::size_t>(places[i].after)], true, counted[i].after + 1));
    // A run waits for no event once the workload is done, but it does for a time. A fault at a time comes
    // before what else is due then.
    found.triggers.push_back(at_time(found.at + sim::Duration{1}));
    found.triggers.push_back(at_time(found.at));
    found.place = found.triggers.front();
    all.push_back(std::move(found));
  }
  return all;
}

std::string place_text(const Config& config, const FaultTrigger& trigger, SimTime at) {
  const std::string time = "at " + short_time(at.ns);
  if (trigger.kind != TriggerKind::on_event) return time;
  std::string text = trigger.before ? "just before the " : "just after the ";
  text += ordinal(trigger.nth) + " " + std::string(model::to_string(static_cast<EventName>(trigger.event)));
  if (!trigger.any_actor) text += " of " + process_name(config, trigger.actor);
  return text + " (" + time + ")";
}

}  // namespace brokersim::scenarios
