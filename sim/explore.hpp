// Every run of a small model: all answers to all questions, and up to k faults between any two
// events. A model is explorable if it also says
//
//   using Outcome = ...;                                   // ordered; what a finished run is judged by
//   static Outcome outcome(const World&);
//   static std::vector<Event> faults(const World&);        // what may strike now; what it asks is in the
//   World fields(const World&), fields(const Event&)             // canonical form: friends or free functions
//   beside
//                                                          // the types; an enum Event needs none
//
// Every run must end: limit arrivals, retries, ticks. A fault strikes at the instant of the event before
// it (or of the start), before anything else that is due then, and also after the last event. Later
// moments up to the next event differ only if the fault starts a clock (a restart time): let the fault
// event ask `duration` for its own delay.
//
// A *plan* is one complete run: the answers given and the faults with their places. With merging,
// states of equal canonical form are explored once; outcomes and plan counts are the same as without
// (tested), because equal states have equal futures.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/canonical.hpp"
#include "sim/simulation.hpp"

namespace brokersim::sim {

struct ExploreOptions {
  int faults_max = 1;
  bool merge = true;
  std::uint64_t states_max = 10'000'000;  ///< BugError beyond: the world is not small
  std::size_t depth_max = 2'000;          ///< events in one run; BugError beyond: it does not seem to end
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
concept Explorable = Runnable<Model> && requires(const typename Model::World& world) {
  { Model::outcome(world) } -> std::convertible_to<typename Model::Outcome>;
  { Model::faults(world) } -> std::convertible_to<std::vector<typename Model::Event>>;
};

template <class Model>
class Explorer {
 public:
  using Outcome = typename Model::Outcome;
  using Event = typename Model::Event;
  using Plans = std::map<Outcome, std::uint64_t>;

  Explorer(const typename Model::Config& config, ExploreOptions options)
      : config_(config), options_(options) {}

  Exploration<Outcome> run() {
    Choices choices = Choices::enumerate();
    do {
      add(result_.plans, visit(initial_state<Model>(config_, choices.rewind()), options_.faults_max, 0));
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

  Plans visit(const State<Model>& state, int faults_left, std::size_t depth) {
    if (state.agenda.empty() && faults_left == 0) return {{Model::outcome(state.world), 1}};
    if (!options_.merge) return expand(state, faults_left, depth);
    const Digest digest = canonical_digest<Model>(state, static_cast<std::uint64_t>(faults_left));
    const auto [place, is_new] = known_.try_emplace(digest);
    Known& known = place->second;  // stays valid: the nodes of a map do not move
    if (!is_new) {
      ++(known.open ? result_.livelocks : result_.merged);
      return known.plans;
    }
    known.plans = expand(state, faults_left, depth);
    known.open = false;
    return known.plans;
  }

  Plans expand(const State<Model>& state, int faults_left, std::size_t depth) {
    check(++result_.states <= options_.states_max, "more states than states_max");
    check(depth < options_.depth_max, "a run of more events than depth_max: does it end?");
    Plans plans;
    if (state.agenda.empty()) {
      plans[Model::outcome(state.world)] = 1;
    } else {
      State<Model>& rest = recycled(2 * depth);
      rest = state;
      typename Agenda<Event>::Entry next;
      rest.agenda.pop_until(SimTime::max(), next);
      branch(rest, next.at, next.event, faults_left, depth, plans);
    }
    if (faults_left == 0) return plans;
    for (const Event& fault : Model::faults(state.world)) {
      branch(state, state.now, fault, faults_left - 1, depth, plans);
    }
    return plans;
  }

  /// One event, with every combination of answers that its step asks for.
  void branch(const State<Model>& before, SimTime at, const Event& event, int faults_left, std::size_t depth,
              Plans& plans) {
    State<Model>& after = recycled(2 * depth + 1);
    Choices choices = Choices::enumerate();
    do {
      after = before;
      try {
        execute<Model>(after, at, event, config_, choices.rewind());
        add(plans, visit(after, faults_left, depth + 1));
      } catch (const BugError& bug) {
        throw BugError(std::string(bug.what()) + "\n  after event " + std::to_string(after.events) + " at " +
                       std::to_string(at.ns) + " ns" + answers_text(choices));
      }
    } while (choices.advance());
  }

  static std::string answers_text(const Choices& choices) {
    std::string text;
    for (const Answer& answer : choices.answers()) text += ", " + to_string(answer);
    return text;
  }

  /// Worlds are copied into old ones: no allocation in the steady state, and none of them on the stack.
  State<Model>& recycled(std::size_t index) {
    while (pool_.size() <= index) pool_.emplace_back();
    return pool_[index];
  }

  const typename Model::Config& config_;
  ExploreOptions options_;
  Exploration<Outcome> result_;
  std::map<Digest, Known> known_;
  std::deque<State<Model>> pool_;  ///< grows at the end only: its elements stay where they are
};

template <class Model>
Exploration<typename Model::Outcome> explore(const typename Model::Config& config,
                                             ExploreOptions options = {}) {
  static_assert(
      Explorable<Model>,
      "an explorable model has Outcome, static outcome(const World&) and static faults(const World&)");
  return Explorer<Model>(config, options).run();
}

}  // namespace brokersim::sim
