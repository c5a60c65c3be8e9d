// What an exploration is compared with: the whole run again from the start, for every place of one fault and
// every combination of answers. It knows nothing of states, graphs or merging.
#pragma once

#include <map>
#include <set>

#include "model/explorable.hpp"
#include "sim/explore.hpp"

namespace brokersim::model::brute {

using Plans = std::map<ExplorableModel::Outcome, std::uint64_t>;

/// Which events are places for a fault: all of them, or only those that are not stale.
enum class Places { all, living };

inline bool pop(sim::State<Model>& state, sim::Agenda<Event>::Entry& next, const Config& config,
                Places places) {
  if (places == Places::all) return state.agenda.pop_until(SimTime::max(), next);
  return sim::pop_living<Model, ExplorableModel>(state, next, config);
}

/// One run from the start, with this fault before the event of this number (one more than there are: after
/// the last; negative: never). False if the run is shorter still.
inline bool run_once(const Config& config, sim::Seed phases, sim::Choices& choices, int place,
                     std::uint16_t fault, Places places, Plans& plans) {
  sim::Choices drawn = sim::Choices::draw(phases);
  auto state = sim::initial_state<Model>(config, drawn);
  sim::Agenda<Event>::Entry next;
  bool struck = place < 0;
  for (int event = 0;; ++event) {
    if (event == place) {
      sim::execute<Model>(state, state.now, strike_of(fault), config, choices);
      struck = true;
    }
    if (ExplorableModel::is_over(state, config) || !pop(state, next, config, places)) break;
    sim::execute<Model>(state, next.at, next.event, config, choices);
  }
  if (struck) ++plans[ExplorableModel::outcome(state.world, config)];
  return struck;
}

/// Every run with one fault at the most.
inline Plans every_run(const Config& config, sim::Seed phases, Places places = Places::living) {
  Plans plans;
  const auto run_all = [&](int place, std::uint16_t fault) {
    sim::Choices choices = sim::Choices::enumerate();
    bool long_enough = false;
    do long_enough = run_once(config, phases, choices.rewind(), place, fault, places, plans) || long_enough;
    while (choices.advance());
    return long_enough;
  };
  run_all(-1, 0);
  for (std::uint16_t fault = 0; fault < config.faults.size(); ++fault) {
    for (int place = 0; run_all(place, fault); ++place) {
    }
  }
  return plans;
}

inline std::set<ExplorableModel::Outcome> outcomes(const Plans& plans) {
  std::set<ExplorableModel::Outcome> set;
  for (const auto& [outcome, count] : plans) set.insert(outcome);
  return set;
}

}  // namespace brokersim::model::brute
