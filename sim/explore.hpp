// Every run of a small model: all answers to all questions, and up to k faults between any two
// events. A model is explorable if it also says
//
//   using Outcome = ...;                                   // ordered; what a finished run is judged by
//   static Outcome outcome(const World&);
//   static std::vector<Event> faults(const World&);        // what may strike now, each at this instant
//   fields(const World&), fields(const Event&)             // their canonical form
//
// A *plan* is one complete run: the answers given and the faults with their places. With merging,
// states of equal canonical form are explored once; outcomes and plan counts are the same as without
// (tested), because equal states have equal futures.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/canonical.hpp"
#include "sim/simulation.hpp"

namespace brokersim::sim {

struct ExploreOptions {
  int faults_max = 1;
  bool merge = true;
  std::uint64_t states_max = 10'000'000;  ///< BugError beyond: the world is not small
};

template <class Outcome>
struct Exploration {
  std::map<Outcome, std::uint64_t> plans;  ///< per outcome: in how many plans it is reached
  std::uint64_t states = 0;                ///< expanded
  std::uint64_t merged = 0;                ///< met again and not expanded
  std::uint64_t livelocks = 0;             ///< ways back into a state that is its own predecessor

  std::uint64_t plan_count() const {
    std::uint64_t sum = 0;
    for (const auto& [outcome, count] : plans) sum += count;
    return sum;
  }
};

/// World, pending events in firing order, nothing absolute.
template <class Model>
Digest canonical_digest(const State<Model>& state, std::uint64_t faults_left = 0) {
  CanonicalWriter writer(state.now);
  writer.write(state.world);
  for (const auto& entry : state.agenda.sorted_live()) {
    writer.write(entry.at);
    writer.write(entry.event);
  }
  writer.word(faults_left);
  return writer.digest();
}

template <class Model>
class Explorer {
 public:
  using Outcome = typename Model::Outcome;
  using Plans = std::map<Outcome, std::uint64_t>;

  Explorer(const typename Model::Config& config, ExploreOptions options)
      : config_(config), options_(options) {}

  Exploration<Outcome> run() {
    Choices choices = Choices::enumerate();
    do {
      add(result_.plans, visit(initial_state<Model>(config_, choices.rewind()), options_.faults_max));
    } while (choices.advance());
    return std::move(result_);
  }

 private:
  struct Known {
    bool open = true;  ///< still being expanded: meeting it again closes a cycle
    Plans plans;
  };

  static void add(Plans& sum, const Plans& plans) {
    for (const auto& [outcome, count] : plans) sum[outcome] += count;
  }

  Plans visit(const State<Model>& state, int faults_left) {
    if (state.agenda.empty()) return {{Model::outcome(state.world), 1}};
    if (!options_.merge) return expand(state, faults_left);
    const Digest digest = canonical_digest<Model>(state, static_cast<std::uint64_t>(faults_left));
    const auto [place, is_new] = known_.try_emplace(digest);
    Known& known = place->second;  // stays valid: the nodes of a map do not move
    if (!is_new) {
      ++(known.open ? result_.livelocks : result_.merged);
      return known.plans;
    }
    known.plans = expand(state, faults_left);
    known.open = false;
    return known.plans;
  }

  Plans expand(const State<Model>& state, int faults_left) {
    check(++result_.states <= options_.states_max, "more states than states_max");
    Plans plans;
    State<Model> next = state;
    typename Agenda<typename Model::Event>::Entry entry;
    next.agenda.pop_until(SimTime::max(), entry);
    branch(next, entry.at, entry.event, faults_left, plans);
    if (faults_left == 0) return plans;
    for (const auto& fault : Model::faults(state.world))
      branch(state, state.now, fault, faults_left - 1, plans);
    return plans;
  }

  /// One event, with every combination of answers that its step asks for.
  void branch(const State<Model>& before, SimTime at, const typename Model::Event& event, int faults_left,
              Plans& plans) {
    Choices choices = Choices::enumerate();
    do {
      State<Model> after = before;
      execute<Model>(after, at, event, config_, choices.rewind());
      add(plans, visit(after, faults_left));
    } while (choices.advance());
  }

  const typename Model::Config& config_;
  ExploreOptions options_;
  Exploration<Outcome> result_;
  std::map<Digest, Known> known_;
};

template <class Model>
Exploration<typename Model::Outcome> explore(const typename Model::Config& config,
                                             ExploreOptions options = {}) {
  return Explorer<Model>(config, options).run();
}

}  // namespace brokersim::sim
