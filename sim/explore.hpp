// Every run of a small model: all answers to all questions, and up to k faults between any two
// events. A model is explorable if it also says
//
//   using Outcome = ...;                                   // ordered; what a finished run is judged by
//   static Outcome outcome(const World&);
//   static std::vector<Event> faults(const World&);        // what may strike now
//   static bool is_stale(const World&, const Event&);      // optional: executing it changes nothing that
//                                                          // any step looks at, and never will
//
// and if World and Event have a canonical form (sim/canonical.hpp). These functions may stand in a struct of
// their own, `explore<Model, View>(config)`, so that a product's model stays free of them. Stale events are
// executed in passing: they are no part of the canonical form, and no place for a fault.
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
#include <optional>
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
  /// Events in one run; BugError beyond: it does not seem to end. (The search recurses: 500 fit an 8 MB
  /// stack with sanitizers too.)
  std::size_t depth_max = 500;
  /// Draws what `start` asks instead of taking every answer: where services are in their periods.
  std::optional<Seed> start_seed = std::nullopt;
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

template <class Model, class View>
bool is_stale(const typename Model::World& world, const typename Model::Event& event) {
  if constexpr (requires { View::is_stale(world, event); })
    return View::is_stale(world, event);
  else
    return false;
}

/// World, pending events in firing order, nothing absolute.
template <class Model, class View = Model>
void write_canonical(CanonicalWriter& writer, const State<Model>& state) {
  writer.write(state.world);
  for (const auto& entry : state.agenda.sorted_live()) {
    if (is_stale<Model, View>(state.world, entry.event)) continue;
    writer.write(entry.at);
    writer.write(entry.event);
  }
}

template <class Model, class View = Model>
Digest canonical_digest(const State<Model>& state, std::uint64_t faults_left = 0) {
  CanonicalWriter writer(state.now);
  write_canonical<Model, View>(writer, state);
  writer.word(faults_left);
  return writer.digest();
}

/// Executes the stale events that come first, takes the next living one; false if there is none.
template <class Model, class View = Model>
bool pop_living(State<Model>& state, typename Agenda<typename Model::Event>::Entry& next,
                const typename Model::Config& config) {
  while (state.agenda.pop_until(SimTime::max(), next)) {
    if (!is_stale<Model, View>(state.world, next.event)) return true;
    Choices none = Choices::enumerate();
    execute<Model>(state, next.at, next.event, config, none);
    check(none.answers().empty(), "a stale event asked a question");
  }
  return false;
}

template <class Model, class View = Model>
concept Explorable = Runnable<Model> && requires(const typename Model::World& world) {
  { View::outcome(world) } -> std::convertible_to<typename View::Outcome>;
  { View::faults(world) } -> std::convertible_to<std::vector<typename Model::Event>>;
};

template <class Model, class View = Model>
class Explorer {
 public:
  using Outcome = typename View::Outcome;
  using Event = typename Model::Event;
  using Plans = std::map<Outcome, std::uint64_t>;

  Explorer(const typename Model::Config& config, ExploreOptions options)
      : config_(config), options_(options) {}

  Exploration<Outcome> run() {
    Choices choices = options_.start_seed ? Choices::draw(*options_.start_seed) : Choices::enumerate();
    do {
      add(result_.plans, visit(initial_state<Model>(config_, choices.rewind()), options_.faults_max, 0));
    } while (choices.enumerating() && choices.advance());
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

  /// Nothing is pending but what is stale.
  static bool is_over(const State<Model>& state) {
    bool over = true;
    state.agenda.for_each_live(
        [&](SimTime, const Event& event) { over = over && is_stale<Model, View>(state.world, event); });
    return over;
  }

  Plans visit(const State<Model>& state, int faults_left, std::size_t depth) {
    if (faults_left == 0 && is_over(state)) return {{View::outcome(state.world), 1}};
    if (!options_.merge) return expand(state, faults_left, depth);
    const Digest digest = canonical_digest<Model, View>(state, static_cast<std::uint64_t>(faults_left));
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
    State<Model>& rest = recycled(2 * depth);
    rest = state;
    typename Agenda<Event>::Entry next;
    if (pop_living<Model, View>(rest, next, config_)) {
      branch(rest, next.at, next.event, faults_left, depth, plans);
    } else {
      plans[View::outcome(rest.world)] = 1;
    }
    if (faults_left == 0) return plans;
    for (const Event& fault : View::faults(state.world)) {
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

template <class Model, class View = Model>
Exploration<typename View::Outcome> explore(const typename Model::Config& config,
                                            ExploreOptions options = {}) {
  static_assert(
      Explorable<Model, View>,
      "an explorable model has Outcome, static outcome(const World&) and static faults(const World&)");
  return Explorer<Model, View>(config, options).run();
}

}  // namespace brokersim::sim
