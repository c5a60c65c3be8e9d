// A discrete-event simulation of any model that is a value.
//
// A model is a struct with three types and two functions; nothing is inherited:
//
//   using namespace brokersim::sim;
//   using namespace brokersim::sim::literals;       // 10_ms, 3_s
//
//   struct Bucket {
//     struct Config { int capacity = 5; };          // immutable, shared; give every member an initial value
//     enum class Event : std::uint8_t { arrive, leak, crash };  // or a small trivially copyable struct
//     struct World { int level = 0; };              // default-constructible, copyable: no pointers, ids only
//     using Context = sim::Context<Bucket>;
//     static void start(World&, Context&);               // schedules the first events
//     static void step(World&, const Event&, Context&);  // executes one event
//   };
//
//   Simulation<Bucket> simulation(Bucket::Config{.capacity = 9}, Seed(1));
//   simulation.run_until(SimTime{} + 10_s);
//   auto fork = simulation.fork();                  // continues exactly as the original would have
//
// A step reads its arguments only and acts through the context: it schedules, arms and cancels
// timers, asks `choices()`, and records what happened. It is atomic: if a crash may fall in the middle
// of something, make it two events.
//
// A process that can crash: put what it loses in one struct of the World and assign `{}` to it in the
// crash event; cancel its timers there, or give its events the number of the life that they belong to
// and ignore older ones. A crash is an event like others: schedule it, inject() it, or let the model's
// `faults` offer it to an exploration (sim/explore.hpp).
//
// Whole models: examples/mm1.hpp, examples/request_reply.hpp (explorable).
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "sim/agenda.hpp"
#include "sim/check.hpp"
#include "sim/choices.hpp"
#include "sim/recorder.hpp"
#include "sim/trace_hash.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

/// Everything that decides how a run goes on; copying it is forking. (The digest `trace` is carried
/// along so that a fork ends with the hash that the original would have had.)
template <class Model>
struct State {
  static_assert(std::is_default_constructible_v<typename Model::World>,
                "a model's World is default-constructible: give every member an initial value");
  typename Model::World world;
  Agenda<typename Model::Event> agenda;
  SimTime now;
  std::uint64_t salt = 0;  ///< re-keys all later draws: a split run gets a new one
  std::uint64_t events = 0;
  std::uint64_t events_now = 0;  ///< executed at this very instant (guards against endless loops)
  TraceHash trace;
};

/// The last records before a bug.
using TraceTail = TailRecorder<16>;

/// Who hears what steps record; nobody while exploring.
struct Listeners {
  Recorder* recorder = nullptr;
  TraceTail* tail = nullptr;
};

/// What a step may do. Lives for one step.
template <class Model>
class Context {
 public:
  using Event = typename Model::Event;

  Context(const typename Model::Config& config, State<Model>& state, Choices& choices, Listeners listeners)
      : config_(config), state_(state), choices_(choices), listeners_(listeners) {}

  const typename Model::Config& config() const { return config_; }

  /// Simulation time, for building clocks. A protocol step reads its host's clock instead, which
  /// may drift and jump.
  SimTime now() const { return state_.now; }

  void after(Duration delay, const Event& event) { state_.agenda.at(state_.now + delay, event); }
  void at(SimTime time, const Event& event) { state_.agenda.at(time, event); }

  /// A timer that can be cancelled; for many timers of one constant delay use a lane. Kept in the World as
  /// `Uncounted<TimerId>`: what is armed, the agenda tells already.
  TimerId arm(Duration delay, const Event& event) { return state_.agenda.arm(state_.now + delay, event); }
  TimerId arm(LaneId lane, const Event& event) { return state_.agenda.arm(lane, state_.now, event); }
  bool cancel(TimerId timer) { return state_.agenda.cancel(timer); }
  /// A lane for timers of one constant delay: call it in `start`, keep the id in the World.
  LaneId add_lane(Duration delay) { return state_.agenda.add_lane(delay); }

  /// The one door for everything that is not determined by the state.
  Choices& choices() { return choices_; }

  /// Tells the world outside what happened. Enters the trace hash; steps can never read it.
  void record(const Record& record) {
    state_.trace.add(state_.now, record);
    if (listeners_.tail != nullptr) listeners_.tail->on(state_.now, record);
    if (listeners_.recorder != nullptr) listeners_.recorder->on(state_.now, record);
  }

 private:
  const typename Model::Config& config_;
  State<Model>& state_;
  Choices& choices_;
  Listeners listeners_;
};

template <class Model>
concept Runnable =
    requires(typename Model::World& world, const typename Model::Event& event, Context<Model>& context) {
      Model::start(world, context);
      Model::step(world, event, context);
    };

/// More events than this at one instant are an endless loop, not a scenario.
inline constexpr std::uint64_t events_at_one_instant_max = 1'000'000;

/// Executes one popped event. The primitive under simulation and exploration alike.
template <class Model>
void execute(State<Model>& state, SimTime at, const typename Model::Event& event,
             const typename Model::Config& config, Choices& choices, Listeners listeners = {}) {
  check(at >= state.now, "event in the past");
  state.events_now = at == state.now ? state.events_now + 1 : 1;
  check(state.events_now <= events_at_one_instant_max, "more than a million events at one instant");
  state.now = at;
  ++state.events;
  choices.salt(state.salt);
  Context<Model> context(config, state, choices, listeners);
  Model::step(state.world, event, context);
}

/// The state before the first event.
template <class Model>
State<Model> initial_state(const typename Model::Config& config, Choices& choices, Listeners listeners = {}) {
  State<Model> state;
  choices.salt(state.salt);
  Context<Model> context(config, state, choices, listeners);
  Model::start(state.world, context);
  return state;
}

/// Thrown by a run that was asked to stop through the flag given to `cancel_on`.
struct Cancelled : std::runtime_error {
  Cancelled() : std::runtime_error("cancelled") {}
};

template <class Model>
class Simulation {
 public:
  using Config = typename Model::Config;
  using Event = typename Model::Event;
  using World = typename Model::World;

  explicit Simulation(std::shared_ptr<const Config> config, Seed seed = Seed(1), Recorder* recorder = nullptr)
      : config_(std::move(config)), seed_(seed), choices_(Choices::draw(seed)), recorder_(recorder) {
    start();
  }
  explicit Simulation(Config config, Seed seed = Seed(1), Recorder* recorder = nullptr)
      : Simulation(std::make_shared<const Config>(std::move(config)), seed, recorder) {}

  /// Chooses otherwise than by drawing afresh, e.g. to record a run and to repeat it:
  ///   std::vector<Answer> answers;
  ///   Choices choices = Choices::draw(seed);
  ///   choices.record_to(&answers);       // Simulation(config, seed, choices) fills `answers`;
  ///   Choices::replay(answers);          // Simulation(config, seed, this) is the same run again
  Simulation(std::shared_ptr<const Config> config, Seed seed, Choices choices, Recorder* recorder = nullptr)
      : config_(std::move(config)), seed_(seed), choices_(std::move(choices)), recorder_(recorder) {
    start();
  }

  /// Executes the next event; false when nothing is pending.
  bool step() { return step_until(SimTime::max()); }

  /// Executes the next event that is due at or before `stop`; false when there is none.
  bool step_until(SimTime stop) {
    require_healthy();
    typename Agenda<Event>::Entry next;
    if (!state_.agenda.pop_until(stop, next)) return false;
    guarded([&] { execute<Model>(state_, next.at, next.event, *config_, choices_, listeners()); });
    return true;
  }

  /// Executes all events due at or before `stop`; afterwards now() == stop.
  void run_until(SimTime stop) {
    run_while(stop, [](const World&) { return true; });
    check(stop >= state_.now, "run_until into the past");
    if (stop != SimTime::max()) advance_to(stop);
  }

  /// Executes events due at or before `stop` while `predicate(world)` holds, asked before each.
  /// Returns whether it still held when the events ran out.
  template <std::predicate<const World&> Predicate>
  bool run_while(SimTime stop, Predicate predicate) {
    require_healthy();
    bool holds = true;
    guarded([&] { holds = run_unguarded(stop, predicate); });
    return holds;
  }

  /// Executes `event` at the present time, before anything pending: a fault, an operator's hand.
  void inject(const Event& event) {
    require_healthy();
    guarded([&] { execute<Model>(state_, state_.now, event, *config_, choices_, listeners()); });
  }

  /// An independent copy that continues exactly as this one would. Evidence stays behind: the fork
  /// has no recorder until one is attached.
  Simulation fork() const {
    Simulation copy = *this;
    copy.recorder_ = nullptr;
    copy.choices_.record_to(nullptr);
    return copy;
  }

  /// Makes this simulation continue from `state` (a fork into a recycled simulation: no allocation). Not for
  /// replaying ones: their place in the record stays.
  void assign(const State<Model>& state) {
    state_ = state;
    tail_ = {};
    poison_.clear();
  }

  /// From now on all draws differ from those of the original. Any number will do; splits of splits add up.
  void split(std::uint64_t salt) { state_.salt = subject(state_.salt, salt); }

  void attach(Recorder* recorder) { recorder_ = recorder; }
  /// The run throws `Cancelled` soon (some thousand events) after the flag becomes true.
  void cancel_on(const std::atomic<bool>* flag) { cancelled_ = flag; }

  const World& world() const { return state_.world; }
  const State<Model>& state() const { return state_; }
  const Config& config() const { return *config_; }
  SimTime now() const { return state_.now; }
  Seed seed() const { return seed_; }
  std::uint64_t events() const { return state_.events; }
  std::uint64_t trace_hash() const { return state_.trace.value(); }
  /// Whether a replaying simulation has asked for its whole record. (A mismatch is reported as BugError.)
  bool replay_finished() const { return choices_.finished(); }
  bool idle() const { return state_.agenda.size() == 0; }

  /// A simulation that met a bug is poisoned: it tells the bug again instead of going on.
  bool poisoned() const { return !poison_.empty(); }

 private:
  void start() {
    static_assert(Runnable<Model>,
                  "a model has public static start(World&, Context<Model>&) and step(World&, const Event&, "
                  "Context<Model>&)");
    guarded([&] { state_ = initial_state<Model>(*config_, choices_, listeners()); });
  }

  Listeners listeners() { return {recorder_, &tail_}; }

  /// A function of its own, so that what the loop needs stays in registers: 2 ns per event.
  template <class Predicate>
  bool run_unguarded(SimTime stop, Predicate& predicate) {
    const Config& config = *config_;
    const Listeners hearing = listeners();
    typename Agenda<Event>::Entry next;
    while (predicate(std::as_const(state_.world))) {
      if (!state_.agenda.pop_until(stop, next)) return true;
      execute<Model>(state_, next.at, next.event, config, choices_, hearing);
      poll_cancellation();
    }
    return false;
  }

  void advance_to(SimTime stop) {
    if (stop > state_.now) state_.events_now = 0;
    state_.now = stop;
  }

  void poll_cancellation() const {
    constexpr std::uint64_t every = 4096;
    if (state_.events % every == 0 && cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed)) {
      throw Cancelled();
    }
  }

  void require_healthy() const {
    if (poisoned()) throw BugError(poison_);
  }

  template <class Body>
  void guarded(Body body) {
    try {
      body();
    } catch (const BugError& bug) {
      poison_ = "seed " + std::to_string(seed_.value) + ", event " + std::to_string(state_.events) +
                ", t=" + std::to_string(state_.now.ns) + " ns, trace " + state_.trace.text() + ": " +
                bug.what() + tail_text();
      throw BugError(poison_);
    }
  }

  /// The model's `record_text(const Record&)`, if it has one, makes the tail readable.
  std::string tail_text() const {
    std::string text;
    for (const StampedRecord& stamped : tail_.tail()) {
      const Record& r = stamped.record;
      text += "\n  " + std::to_string(stamped.at.ns) + " ns  ";
      if constexpr (requires { Model::record_text(r); }) {
        text += Model::record_text(r);
      } else {
        text += "kind " + std::to_string(r.kind) + ", subject " + std::to_string(r.subject) + ", " +
                std::to_string(r.a) + ", " + std::to_string(r.b);
      }
    }
    return text;
  }

  std::shared_ptr<const Config> config_;
  Seed seed_;
  State<Model> state_;
  Choices choices_;
  Recorder* recorder_ = nullptr;
  TraceTail tail_;
  const std::atomic<bool>* cancelled_ = nullptr;
  std::string poison_;
};

}  // namespace brokersim::sim
