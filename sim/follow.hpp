// A plan that an exploration found (a path through its graph, sim/state_graph.hpp), step by step.
//
//   follow<Model, View>(config, Seed(1), path, [&](const State<Model>& before, SimTime at, const Event&
//   event,
//                                                  bool is_fault) { ... });
//
// The configuration may have more in it than the explored one, as long as no step on the path asks another
// question because of it.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "sim/explore.hpp"

namespace brokersim::sim {

/// An enumeration that has come to these answers to what `ask` asks.
template <class Ask>
Choices choices_with(std::span<const std::uint32_t> answers, Ask ask) {
  Choices choices = Choices::enumerate();
  for (;;) {
    ask(choices.rewind());
    const auto given = choices.indices();
    if (std::equal(given.begin(), given.end(), answers.begin(), answers.end())) return choices;
    check(choices.advance(), "no answers like these were ever given");
  }
}

template <class Model>
State<Model> begin_path(const typename Model::Config& config, std::optional<Seed> start_seed,
                        const StateGraphEdge& start, Listeners listeners) {
  Choices choices = Choices::draw(start_seed.value_or(Seed(1)));
  if (!start_seed) {
    choices = choices_with(start.answers, [&](Choices& asked) { initial_state<Model>(config, asked); });
  }
  return initial_state<Model>(config, choices.rewind(), listeners);
}

/// The state at the end. `see(before, at, event, is_fault)` is called before each event and each fault.
template <class Model, class View = Model, class See>
State<Model> follow(const typename Model::Config& config, std::optional<Seed> start_seed,
                    std::span<const StateGraphEdge> path, See see, Listeners listeners = {}) {
  check(!path.empty() && path[0].what == StateGraphEdge::start, "a path begins at the beginning");
  State<Model> state = begin_path<Model>(config, start_seed, path[0], listeners);
  for (const StateGraphEdge& edge : path.subspan(1)) {
    if (edge.what == StateGraphEdge::stop) break;
    typename Agenda<typename Model::Event>::Entry next{};
    if (edge.is_fault()) {
      next.at = state.now;
      next.event = View::faults(state.world).at(static_cast<std::size_t>(edge.what));
    } else {
      check(pop_living<Model, View>(state, next, config), "a path goes on although nothing is pending");
    }
    see(std::as_const(state), next.at, next.event, edge.is_fault());
    Choices choices = choices_with(edge.answers, [&](Choices& asked) {
      State<Model> trial = state;
      execute<Model>(trial, next.at, next.event, config, asked);
    });
    execute<Model>(state, next.at, next.event, config, choices.rewind(), listeners);
  }
  return state;
}

}  // namespace brokersim::sim
