// Every run of a small model: all answers to all questions, and up to k faults between any two
// events. A model is explorable if it also says
//
//   using Outcome = ...;                                   // ordered; what a finished run is judged by
//   static Outcome outcome(const World&);                  // or outcome(const World&, const Config&)
//   static std::vector<Event> faults(const World&);        // what may strike now
//   static bool is_stale(const World&, const Event&);      // optional: executing it changes nothing that
//                                                          // any step looks at, and never will
//   static bool is_over(const State<Model>&, const Config&);  // optional: all that follows is background
//
// and if World and Event have a canonical form (sim/canonical.hpp). These functions may stand in a struct of
// their own, `explore<Model, View>(config)`, so that a product's model stays free of them. Stale events are
// executed in passing: they are no part of the canonical form, and no place for a fault.
//
// Every run must end: when nothing is pending, or when `is_over` says so (heartbeats go on for ever), or at
// `horizon`. A fault strikes at the instant of the event before it (or of the start), before anything else
// that is due then, and also after the last event. Later moments up to the next event differ only if the
// fault starts a clock (a restart time): let the fault event ask `duration` for its own delay.
//
// A run that is over is over: the background behind it is executed no more and is no place for a fault. The
// end itself is one, as it always was; a fault there may open the run again (a process is down, something is
// pending), and then it goes on until it is over once more. `is_over` may look only at what the canonical
// form holds, so that equal states agree on it.
//
// A *plan* is one complete run: the answers given and the faults with their places. With merging,
// states of equal canonical form are explored once; outcomes and plan counts are the same as without
// (tested), because equal states have equal futures. The search keeps its own stack, so that a long run costs
// memory and no recursion.
#pragma once

#include <atomic>
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
#include "sim/state_graph.hpp"

namespace brokersim::sim {

/// Hears how far a long search is.
class ExploreListener {
 public:
  virtual ~ExploreListener() = default;
  /// Every some thousand states: their number, and how often one was met again.
  virtual void on_progress(std::uint64_t states, std::uint64_t merged) = 0;
};

struct ExploreOptions {
  int faults_max = 1;
  bool merge = true;
  std::uint64_t states_max = 10'000'000;  ///< BugError beyond: the world is not small
  /// Events in one run; BugError beyond: it does not seem to end. (Each keeps two copies of the world.)
  std::size_t depth_max = 500;
  /// Draws what `start` asks instead of taking every answer: where services are in their periods.
  std::optional<Seed> start_seed = std::nullopt;
  /// A run is cut before the first event that is later. How far away it is becomes part of each state, so
  /// that states at different times merge no more.
  std::optional<SimTime> horizon = std::nullopt;
  /// Only the first answer to every question: a chance is no, a pick is 0. The outcomes are then some of all.
  bool first_answers = false;
  bool graph = false;  ///< keep what was explored: for counterexamples (sim/state_graph.hpp)
  ExploreListener* listener = nullptr;
  const std::atomic<bool>* cancel = nullptr;  ///< set from outside: the search throws sim::Cancelled
};

template <class Outcome>
struct Exploration {
  std::map<Outcome, std::uint64_t> plans;  ///< per outcome: in how many plans it is reached
  std::uint64_t states = 0;                ///< expanded
  std::uint64_t merged = 0;                ///< met again and not expanded
  std::uint64_t livelocks = 0;             ///< ways back into a state that is its own predecessor
  StateGraph<Outcome> graph;               ///< empty unless asked for

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

/// What a finished run is judged by.
template <class Model, class View>
auto outcome_of(const typename Model::World& world, const typename Model::Config& config) {
  if constexpr (requires { View::outcome(world, config); })
    return View::outcome(world, config);
  else
    return View::outcome(world);
}

/// Nothing is pending but what is stale, background, or beyond the horizon.
template <class Model, class View = Model>
bool is_over(const State<Model>& state, const typename Model::Config& config,
             std::optional<SimTime> horizon = std::nullopt) {
  if constexpr (requires { View::is_over(state, config); }) {
    if (View::is_over(state, config)) return true;
  }
  bool over = true;
  state.agenda.for_each_live([&](SimTime at, const typename Model::Event& event) {
    over = over && ((horizon && at > *horizon) || is_stale<Model, View>(state.world, event));
  });
  return over;
}

template <class Model, class View = Model>
concept Explorable =
    Runnable<Model> && requires(const typename Model::World& world, const typename Model::Config& config) {
      { outcome_of<Model, View>(world, config) } -> std::convertible_to<typename View::Outcome>;
      { View::faults(world) } -> std::convertible_to<std::vector<typename Model::Event>>;
    };

template <class Model, class View = Model>
class Explorer {
 public:
  using Outcome = typename View::Outcome;
  using Event = typename Model::Event;
  using Plans = std::map<Outcome, std::uint64_t>;

  Explorer(const typename Model::Config& config, ExploreOptions options)
      : config_(config), options_(std::move(options)), nodes_(1) {}

  Exploration<Outcome> run() {
    Choices choices = options_.start_seed ? Choices::draw(*options_.start_seed) : Choices::enumerate();
    Frame& root = frame(0);
    root.open_branches = false;  // its branches are the beginnings
    depth_ = 1;
    do {
      frame(1).state = initial_state<Model>(config_, choices.rewind());
      link(root, StateGraphEdge::start, choices);
      enter(options_.faults_max);
      while (depth_ > 1) go_on();
    } while (choices.enumerating() && !options_.first_answers && choices.advance());
    result_.plans = std::move(root.plans);
    return std::move(result_);
  }

 private:
  struct Known {
    bool open = true;  ///< still being expanded: meeting it again closes a cycle
    std::uint32_t node = 0;
    Plans plans;
  };

  /// A state on the present path, and how far its branches have been taken.
  struct Frame {
    State<Model> state;
    State<Model> rest;  ///< without the stale events that came first
    Known* known = nullptr;
    std::uint32_t node = 0;
    int faults_left = 0;
    Plans plans;
    bool open_branches = false, may_go_on = false;
    std::size_t fault = 0;  ///< the next of `faults` to strike
    std::vector<Event> faults;
    // The branch being taken:
    bool branching = false;
    std::int32_t what = StateGraphEdge::event;
    typename Agenda<Event>::Entry next;
    Choices choices = Choices::enumerate();
  };

  static void add(Plans& sum, const Plans& plans) {
    for (const auto& [outcome, count] : plans) sum[outcome] += count;
  }

  Digest digest(const State<Model>& state, int faults_left) const {
    CanonicalWriter writer(state.now);
    write_canonical<Model, View>(writer, state);
    writer.word(static_cast<std::uint64_t>(faults_left));
    if (options_.horizon) writer.write(*options_.horizon);
    return writer.digest();
  }

  /// The state in the frame above the top has been reached: it becomes the top, unless its plans are known.
  void enter(int faults_left) {
    Frame& parent = frame(depth_ - 1);
    Frame& frame_here = frame(depth_);
    const State<Model>& state = frame_here.state;
    const bool over = is_over<Model, View>(state, config_, options_.horizon);
    if (faults_left == 0 && over) return end(parent, state, true);
    Known* known = nullptr;
    if (options_.merge) {
      const auto [place, is_new] = known_.try_emplace(digest(state, faults_left));
      known = &place->second;  // stays valid: the nodes of a map do not move
      if (!is_new) return meet_again(parent, *known);
      known->node = nodes_;
    }
    open(frame_here, known, faults_left, over);
  }

  void meet_again(Frame& parent, const Known& known) {
    ++(known.open ? result_.livelocks : result_.merged);
    if (options_.graph) result_.graph.to_state(parent.node, known.node);
    add(parent.plans, known.plans);
  }

  void open(Frame& here, Known* known, int faults_left, bool over) {
    check(++result_.states <= options_.states_max, "more states than states_max");
    check(depth_ <= options_.depth_max, "a run of more events than depth_max: does it end?");
    report();
    if (options_.graph) result_.graph.to_state(frame(depth_ - 1).node, nodes_);
    here.known = known;
    here.node = nodes_++;
    here.faults_left = faults_left;
    here.plans.clear();
    here.may_go_on = !over;
    here.open_branches = true;
    here.branching = false;
    here.fault = 0;
    here.faults.clear();
    if (faults_left > 0) here.faults = View::faults(here.state.world);
    ++depth_;
    if (over) end(here, here.state, false);
  }

  /// A run ends here. As the last link of its parent's branch, or beside the faults that may still strike.
  void end(Frame& at, const State<Model>& state, bool linked) {
    Outcome outcome = outcome_of<Model, View>(state.world, config_);
    ++at.plans[outcome];
    if (!options_.graph) return;
    if (!linked) result_.graph.add(at.node, StateGraphEdge::stop, {});
    result_.graph.to_outcome(at.node, std::move(outcome));
  }

  /// Takes one more branch of the top, or leaves it.
  void go_on() {
    Frame& top = frame(depth_ - 1);
    if (!top.branching && !next_branch(top)) return leave();
    Frame& after = frame(depth_);
    after.state = top.what == StateGraphEdge::event ? top.rest : top.state;
    try {
      execute<Model>(after.state, top.next.at, top.next.event, config_, top.choices.rewind());
    } catch (const BugError& bug) {
      throw BugError(std::string(bug.what()) + "\n  after event " + std::to_string(after.state.events) +
                     " at " + std::to_string(top.next.at.ns) + " ns" + answers_text(top.choices));
    }
    link(top, top.what, top.choices);
    const int faults_left = top.faults_left - (top.what >= 0 ? 1 : 0);
    top.branching = !options_.first_answers && top.choices.advance();
    enter(faults_left);
  }

  /// The next event, then each fault.
  bool next_branch(Frame& top) {
    top.choices = Choices::enumerate();
    if (std::exchange(top.may_go_on, false)) {
      top.rest = top.state;
      top.what = StateGraphEdge::event;
      if (pop_living<Model, View>(top.rest, top.next, config_)) return top.branching = true;
    }
    if (top.fault == top.faults.size()) return false;
    top.what = static_cast<std::int32_t>(top.fault);
    top.next.at = top.state.now;
    top.next.event = top.faults[top.fault++];
    return top.branching = true;
  }

  void leave() {
    Frame& top = frame(--depth_);
    add(frame(depth_ - 1).plans, top.plans);
    if (top.known == nullptr) return;
    top.known->plans = std::move(top.plans);
    top.known->open = false;
  }

  void link(Frame& from, std::int32_t what, const Choices& choices) {
    if (options_.graph) result_.graph.add(from.node, what, choices.indices());
  }

  void report() const {
    constexpr std::uint64_t every = 4096;
    if (result_.states % every != 0) return;
    if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) throw Cancelled();
    if (options_.listener != nullptr) options_.listener->on_progress(result_.states, result_.merged);
  }

  static std::string answers_text(const Choices& choices) {
    std::string text;
    for (const Answer& answer : choices.answers()) text += ", " + to_string(answer);
    return text;
  }

  /// Worlds are copied into old ones: no allocation in the steady state, and none of them on the stack.
  Frame& frame(std::size_t index) {
    while (frames_.size() <= index) frames_.emplace_back();
    return frames_[index];
  }

  const typename Model::Config& config_;
  ExploreOptions options_;
  Exploration<Outcome> result_;
  std::map<Digest, Known> known_;
  std::deque<Frame> frames_;  ///< grows at the end only: its elements stay where they are
  std::size_t depth_ = 0;     ///< frames in use
  std::uint32_t nodes_;       ///< so many are numbered: 0 is what all beginnings come from
};

template <class Model, class View = Model>
Exploration<typename View::Outcome> explore(const typename Model::Config& config,
                                            ExploreOptions options = {}) {
  static_assert(
      Explorable<Model, View>,
      "an explorable model has Outcome, static outcome(const World&) and static faults(const World&)");
  return Explorer<Model, View>(config, std::move(options)).run();
}

}  // namespace brokersim::sim
