// Exploration of a small world with one crash, against brute force: replaying the whole run for every
// combination of answers and every place of the crash. The brute force knows nothing of states.
#include "sim/explore.hpp"

#include <map>
#include <set>

#include "examples/request_reply.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using examples::RequestReply;
using Outcome = RequestReply::Outcome;
using Told = RequestReply::Told;
using Plans = std::map<Outcome, std::uint64_t>;

namespace {

/// Runs from the start with these choices, crashing before the event number `crash_at` (one more than there
/// are: after the last). False if the run is shorter still.
bool run_once(const RequestReply::Config& config, sim::Choices& choices, int crash_at, Plans& plans) {
  auto state = sim::initial_state<RequestReply>(config, choices);
  sim::Agenda<RequestReply::Event>::Entry entry;
  bool crashed = crash_at < 0;
  for (int event = 0;; ++event) {
    if (event == crash_at) {
      sim::execute<RequestReply>(state, state.now, {RequestReply::Event::On::crash}, config, choices);
      crashed = true;
    }
    if (!state.agenda.pop_until(sim::SimTime::max(), entry)) break;
    sim::execute<RequestReply>(state, entry.at, entry.event, config, choices);
  }
  if (!crashed) return false;
  ++plans[RequestReply::outcome(state.world)];
  return true;
}

Plans brute_force(const RequestReply::Config& config, bool with_crash) {
  Plans plans;
  constexpr int longest_run = 40;
  for (int crash_at = -1; crash_at < (with_crash ? longest_run : 0); ++crash_at) {
    sim::Choices choices = sim::Choices::enumerate();
    do run_once(config, choices.rewind(), crash_at, plans);
    while (choices.advance());
  }
  return plans;
}

std::set<Outcome> outcomes(const Plans& plans) {
  std::set<Outcome> set;
  for (const auto& [outcome, count] : plans) set.insert(outcome);
  return set;
}

}  // namespace

TEST_CASE("exploration equals brute force, with and without merging", "[explore]") {
  for (const int attempts : {1, 2, 3}) {
    for (const bool crash : {false, true}) {
      // A time-out shorter than the round trip makes a late reply meet a later attempt: more overlap.
      for (const std::int64_t time_out_ns : {5'000'000, 1'500'000}) {
        const RequestReply::Config config{.time_out = {time_out_ns}, .attempts_max = attempts};
        const Plans expected = brute_force(config, crash);
        const int faults = crash ? 1 : 0;
        const auto merged = sim::explore<RequestReply>(config, {.faults_max = faults, .merge = true});
        const auto plain = sim::explore<RequestReply>(config, {.faults_max = faults, .merge = false});
        INFO("attempts " << attempts << ", crash " << crash << ", time-out " << time_out_ns);
        CHECK(plain.plans == expected);
        CHECK(merged.plans == expected);
        CHECK(merged.states <= plain.states);
        CHECK(merged.livelocks == 0);
      }
    }
  }
}

TEST_CASE("what a crash adds is exactly the doubled effect", "[explore]") {
  // By reasoning: the effect precedes the reply, so 'done' implies an effect; memory that survives
  // recognises the repetition, so without a crash there is never a second effect.
  const std::set<Outcome> safe{{Told::done, 1}, {Told::failed, 0}, {Told::failed, 1}};
  std::set<Outcome> with_crash = safe;
  with_crash.insert({Told::done, 2});
  with_crash.insert({Told::failed, 2});
  CHECK(outcomes(sim::explore<RequestReply>({}, {.faults_max = 0}).plans) == safe);
  CHECK(outcomes(sim::explore<RequestReply>({}, {.faults_max = 1}).plans) == with_crash);
}

TEST_CASE("without loss there is one plan per crash point", "[explore]") {
  // Two events (request, reply), the time-out is cancelled: no crash, or before either of the two, or after.
  const RequestReply::Config lossless{.loss = 0};
  CHECK(sim::explore<RequestReply>(lossless, {.faults_max = 0}).plan_count() == 1);
  const auto report = sim::explore<RequestReply>(lossless, {.faults_max = 1});
  CHECK(report.plans == Plans{{{Told::done, 1}, 4}});
}

TEST_CASE("merging saves states", "[explore]") {
  const RequestReply::Config config{.attempts_max = 5};
  const auto merged = sim::explore<RequestReply>(config, {.merge = true});
  const auto plain = sim::explore<RequestReply>(config, {.merge = false});
  CHECK(merged.plans == plain.plans);
  CHECK(merged.states * 5 < plain.states);
  CHECK(merged.merged > 0);
}

namespace {

/// Answers from a cache that nothing writes down: what a crash after the last event takes.
struct Cache {
  struct Config {};
  enum class Event : std::uint8_t { write, crash };
  struct World {
    bool acknowledged = false, cached = false;
    friend constexpr auto fields(const World& w) { return std::tie(w.acknowledged, w.cached); }
  };
  using Context = sim::Context<Cache>;
  static void start(World&, Context& context) { context.after({1}, Event::write); }
  static void step(World& world, const Event& event, Context&) {
    if (event == Event::write) world.acknowledged = true;
    world.cached = event == Event::write;
  }
  using Outcome = bool;  ///< acknowledged, yet gone
  static Outcome outcome(const World& world) { return world.acknowledged && !world.cached; }
  static std::vector<Event> faults(const World&) { return {Event::crash}; }
};

/// Ticks for ever.
struct Clock {
  struct Config {};
  enum class Event : std::uint8_t { tick };
  struct World {
    std::uint64_t ticks = 0;
    friend constexpr auto fields(const World& w) { return std::tie(w.ticks); }
  };
  using Context = sim::Context<Clock>;
  static void start(World&, Context& context) { context.after({1}, Event::tick); }
  static void step(World& world, const Event& event, Context& context) {
    ++world.ticks;
    context.after({1}, event);
  }
  using Outcome = std::uint64_t;
  static Outcome outcome(const World& world) { return world.ticks; }
  static std::vector<Event> faults(const World&) { return {}; }
};

/// A request, and long before it is due a crash that makes it meaningless. What is judged stands apart.
struct Mail {
  struct Config {};
  enum class Event : std::uint8_t { post, deliver, crash };
  struct World {
    bool alive = true, delivered = false;
    std::uint64_t phase = 0;
    friend constexpr auto fields(const World& w) { return std::tie(w.alive, w.delivered, w.phase); }
  };
  using Context = sim::Context<Mail>;
  static void start(World& world, Context& context) {
    world.phase = context.choices().pick({1, 1, 1}, 5);
    context.after({1}, Event::post);
  }
  static void step(World& world, const Event& event, Context& context) {
    if (!world.alive) return;
    if (event == Event::post) context.after({5}, Event::deliver);
    if (event == Event::deliver) world.delivered = true;
    if (event == Event::crash) world.alive = false;
  }
};
struct MailView {
  using Outcome = bool;
  static bool outcome(const Mail::World& world) { return world.delivered; }
  static std::vector<Mail::Event> faults(const Mail::World&) { return {Mail::Event::crash}; }
};
/// Knows that what comes after the crash is stale.
struct ForgetfulMailView : MailView {
  static bool is_stale(const Mail::World& world, const Mail::Event&) { return !world.alive; }
};

}  // namespace

TEST_CASE("what is asked at the start may be drawn, and a view may stand apart", "[explore]") {
  // Before `post`, before `deliver`, after it, never: four plans, for each of the five phases or for one.
  const std::map<bool, std::uint64_t> once{{false, 2}, {true, 2}};
  const std::map<bool, std::uint64_t> all{{false, 10}, {true, 10}};
  CHECK(sim::explore<Mail, MailView>({}).plans == all);
  CHECK(sim::explore<Mail, MailView>({}, {.start_seed = sim::Seed(3)}).plans == once);
}

TEST_CASE("a stale event is no place for a fault and no part of a state", "[explore]") {
  // Two crashes: the second may fall before or after an event that the first one has made meaningless.
  const auto plans = [](auto view, bool merge) {
    const sim::ExploreOptions options{.faults_max = 2, .merge = merge, .start_seed = sim::Seed(3)};
    return sim::explore<Mail, decltype(view)>({}, options).plans;
  };
  // Without the hint, the places of one crash or two among the events {post, deliver} or, when the first
  // crash falls before it, {post}: no crash 1; one 3; two: (before post) 2, (before deliver) 2, (after) 1.
  CHECK(plans(MailView{}, false) == std::map<bool, std::uint64_t>{{false, 6}, {true, 3}});
  // With it, a second crash after a first one has one place each.
  CHECK(plans(ForgetfulMailView{}, false) == std::map<bool, std::uint64_t>{{false, 4}, {true, 3}});
  CHECK(plans(ForgetfulMailView{}, true) == plans(ForgetfulMailView{}, false));
}

TEST_CASE("a crash may fall after the last event", "[explore]") {
  const auto report = sim::explore<Cache>({});
  CHECK(report.plans == std::map<bool, std::uint64_t>{{false, 2}, {true, 1}});
}

TEST_CASE("a run that does not end is a bug, not a crash of the explorer", "[explore]") {
  CHECK_THROWS_WITH(sim::explore<Clock>({}, {.merge = false}), Catch::Contains("depth_max"));
}

TEST_CASE("a world that is not small is refused", "[explore]") {
  CHECK_THROWS_AS(sim::explore<RequestReply>({.attempts_max = 5}, {.merge = false, .states_max = 10}),
                  sim::BugError);
}

namespace {

/// Ticks for ever, and each tick lights the lamp again that a fault puts out.
struct Lamp {
  struct Config {};
  enum class Event : std::uint8_t { tick, put_out };
  struct World {
    std::uint64_t ticks = 0;  ///< up to two
    bool lit = false;
    std::uint64_t put_out = 0;
    friend constexpr auto fields(const World& w) { return std::tie(w.ticks, w.lit, w.put_out); }
  };
  using Context = sim::Context<Lamp>;
  static void start(World&, Context& context) { context.after({1}, Event::tick); }
  static void step(World& world, const Event& event, Context& context) {
    world.lit = event == Event::tick;
    world.put_out += event == Event::put_out ? 1 : 0;
    if (event != Event::tick) return;
    world.ticks = world.ticks < 2 ? world.ticks + 1 : 2;
    context.after({1}, event);
  }
  using Outcome = std::uint64_t;  ///< how often it was put out
  static Outcome outcome(const World& world) { return world.put_out; }
  static std::vector<Event> faults(const World&) { return {Event::put_out}; }
  /// Lit after two ticks: what follows is background.
  static bool is_over(const sim::State<Lamp>& state, const Config&) {
    return state.world.ticks == 2 && state.world.lit;
  }
};

struct ClockWithConfig : Clock {
  static Outcome outcome(const World& world, const Config&) { return world.ticks + 100; }
};

}  // namespace

TEST_CASE("a run that is over goes on only if a fault opens it again", "[explore]") {
  // One fault: none; before the first tick; before the second; at the end, after which the third tick lights
  // it. Two faults: where the second strikes after the first, with n ticks to go until it is over: n + 1
  // places each. First before tick 1: 2 to go, 3 places. Before tick 2: 1 to go, 2 places. At the end: 1 to
  // go, 2 places.
  for (const bool merge : {false, true}) {
    CHECK(sim::explore<Lamp>({}, {.faults_max = 0, .merge = merge}).plans ==
          std::map<std::uint64_t, std::uint64_t>{{0, 1}});
    CHECK(sim::explore<Lamp>({}, {.faults_max = 1, .merge = merge}).plans ==
          std::map<std::uint64_t, std::uint64_t>{{0, 1}, {1, 3}});
    CHECK(sim::explore<Lamp>({}, {.faults_max = 2, .merge = merge}).plans ==
          std::map<std::uint64_t, std::uint64_t>{{0, 1}, {1, 3}, {2, 7}});
  }
}

TEST_CASE("a horizon cuts what does not end, and an outcome may look at the configuration", "[explore]") {
  const sim::ExploreOptions options{.horizon = sim::SimTime{5}};
  CHECK(sim::explore<Clock>({}, options).plans == std::map<std::uint64_t, std::uint64_t>{{5, 1}});
  CHECK(sim::explore<Clock, ClockWithConfig>({}, options).plans ==
        std::map<std::uint64_t, std::uint64_t>{{105, 1}});
}

TEST_CASE("the graph of an exploration has each state once, and a way to each outcome", "[explore]") {
  const auto report = sim::explore<Lamp>({}, {.faults_max = 1, .graph = true});
  CHECK(report.graph.states ==
        report.states + 1);  // with node 0, where all beginnings come from; leaves are none
  std::set<std::uint32_t> ends;
  std::size_t starts = 0;
  for (const sim::StateGraphEdge& edge : report.graph.edges) {
    starts += edge.what == sim::StateGraphEdge::start ? 1 : 0;
    if (edge.ends) ends.insert(edge.to);
    CHECK(edge.from < report.graph.states);
  }
  CHECK(starts == 1);
  CHECK(ends.size() == report.graph.outcomes.size());
  CHECK(report.graph.outcomes.size() == 2);
}
