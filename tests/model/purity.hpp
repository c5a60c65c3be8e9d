// Style rule: a step depends on its arguments alone. Runs each step of a whole run twice, on two copies of
// the state, and fails where they differ, or where a copy was changed by the other's step. What the canonical
// form leaves out is not compared as such, but the choices of later steps are drawn from it.
#pragma once

#include <cstdint>

#include "model/explorable.hpp"
#include "sim/check.hpp"
#include "sim/explore.hpp"

namespace brokersim::model {

/// Executes everything up to a time; returns how many events that was. BugError if a step is not pure.
inline std::uint64_t run_on_copies(const Config& config, sim::Seed seed, SimTime until = SimTime::max()) {
  const auto digest = [](const sim::State<Model>& state) {
    return sim::canonical_digest<Model, ExplorableModel>(state);
  };
  sim::Choices choices = sim::Choices::draw(seed);
  sim::State<Model> state = sim::initial_state<Model>(config, choices);
  sim::Agenda<Event>::Entry next;
  while (state.agenda.pop_until(until, next)) {
    const sim::State<Model> before = state;
    const sim::Digest untouched = digest(before);
    sim::State<Model> twin = state;
    sim::execute<Model>(state, next.at, next.event, config, choices);
    sim::check(digest(before) == untouched, "a step changed a copy of its world");
    sim::execute<Model>(twin, next.at, next.event, config, choices);
    sim::check(digest(state) == digest(twin), "a step depends on more than its arguments");
    sim::check(state.trace.value() == twin.trace.value(), "a step recorded something else the second time");
  }
  return state.events;
}

}  // namespace brokersim::model
