// The simulation over any model: stepping, forking, replaying, poisoning, guards; and an M/M/1 queue
// against theory.
#include "sim/simulation.hpp"

#include <atomic>
#include <cmath>
#include <memory>

#include "examples/mm1.hpp"
#include "examples/request_reply.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace sim::literals;
using examples::MM1;
using examples::RequestReply;

namespace {

MM1::Config queue_at(double utilisation, std::uint32_t customers) {
  return {.gap = sim::Distribution::exponential(10_ms),
          .service = sim::Distribution::exponential({static_cast<std::int64_t>(10e6 * utilisation)}),
          .customers = customers};
}

/// Counts down; misbehaves on demand.
struct Countdown {
  enum class Fault : std::uint8_t { none, bug, endless, past };
  struct Config {
    std::uint32_t from = 10;
    Fault fault = Fault::none;
  };
  struct Event {
    std::uint32_t left;
  };
  struct World {
    std::uint32_t left = 0;
  };
  static void start(World&, sim::Context<Countdown>& context) {
    context.after(1_ms, {context.config().from});
  }
  static void step(World& world, const Event& event, sim::Context<Countdown>& context) {
    world.left = event.left;
    context.record({7, event.left});
    if (event.left == 5 && context.config().fault == Fault::bug) sim::check(false, "five is right out");
    if (event.left == 5 && context.config().fault == Fault::endless) return context.after({}, event);
    if (event.left == 5 && context.config().fault == Fault::past) return context.after({-1}, event);
    if (event.left > 0) context.after(1_ms, {event.left - 1});
  }
};

}  // namespace

TEST_CASE("M/M/1 agrees with theory", "[simulation]") {
  // Wq = rho / (mu - lambda); its estimate from n customers has a standard error of about
  // Wq * sqrt((2 + 5 rho - 4 rho^2 + rho^3) / (rho n)) / (1 - rho) (Whitt 1989): 1.2 % of Wq for rho = 0.5
  // and 2.5 % for rho = 0.8 at 2e5 customers; four of them is the stated bound.
  for (const double rho : {0.5, 0.8}) {
    constexpr double customers = 200'000;
    examples::Stopwatch stopwatch;
    sim::Simulation<MM1> simulation(queue_at(rho, static_cast<std::uint32_t>(customers)), sim::Seed(11),
                                    &stopwatch);
    while (simulation.step()) {
    }
    const double wait = rho / (100 / rho - 100);
    const double relative_error =
        std::sqrt((2 + 5 * rho - 4 * rho * rho + rho * rho * rho) / (rho * customers)) / (1 - rho);
    INFO("rho " << rho << ", relative standard error " << relative_error);
    CHECK(stopwatch.mean_wait_seconds() == Approx(wait).epsilon(4 * relative_error));
    CHECK(stopwatch.utilisation(simulation.now()) == Approx(rho).epsilon(4 * std::sqrt(2 / customers)));
    CHECK(simulation.events() == 2 * static_cast<std::uint64_t>(customers));
  }
}

TEST_CASE("the same seed gives the same trace, another seed another", "[simulation]") {
  const auto hash = [](std::uint64_t seed) {
    sim::Simulation<MM1> simulation(queue_at(0.7, 1000), sim::Seed(seed));
    simulation.run_until(sim::SimTime{} + 1_h);
    return simulation.trace_hash();
  };
  CHECK(hash(1) == hash(1));
  CHECK(hash(1) != hash(2));
}

TEST_CASE("a fork continues exactly as the original, wherever it was taken", "[simulation]") {
  sim::Simulation<MM1> straight(queue_at(0.9, 500), sim::Seed(3));
  while (straight.step()) {
  }
  for (const int fork_at : {0, 1, 17, 400, 999}) {
    sim::Simulation<MM1> original(queue_at(0.9, 500), sim::Seed(3));
    for (int i = 0; i < fork_at; ++i) original.step();
    sim::Simulation<MM1> fork = original.fork();
    while (fork.step()) {
    }
    CHECK(fork.trace_hash() == straight.trace_hash());
    CHECK(fork.now() == straight.now());
    while (original.step()) {  // the original is not disturbed by its fork
    }
    CHECK(original.trace_hash() == straight.trace_hash());
  }
}

TEST_CASE("a split fork goes its own way", "[simulation]") {
  sim::Simulation<MM1> original(queue_at(0.9, 500), sim::Seed(3));
  original.run_until(sim::SimTime{} + 1_s);
  auto fork = original.fork();
  fork.split(99);
  original.run_until(sim::SimTime{} + 1_h);
  fork.run_until(sim::SimTime{} + 1_h);
  CHECK(fork.trace_hash() != original.trace_hash());
}

TEST_CASE("small salts do not lead into the runs of other seeds", "[simulation]") {
  const auto hash = [](std::uint64_t seed, std::uint64_t salt) {
    sim::Simulation<MM1> simulation(queue_at(0.9, 500), sim::Seed(seed));
    if (salt != 0) simulation.split(salt);
    simulation.run_until(sim::SimTime{} + 1_h);
    return simulation.trace_hash();
  };
  for (std::uint64_t salt = 1; salt < 4; ++salt) {
    for (std::uint64_t seed = 1; seed < 8; ++seed) CHECK(hash(2, salt) != hash(seed, 0));
  }
}

TEST_CASE("a fork does not write into the original's record", "[simulation]") {
  const auto config = std::make_shared<const RequestReply::Config>(RequestReply::Config{.loss = 0.5});
  std::vector<sim::Answer> answers;
  sim::Choices choices = sim::Choices::draw(sim::Seed(5));
  choices.record_to(&answers);
  sim::Simulation<RequestReply> original(config, sim::Seed(5), choices);
  auto fork = original.fork();
  const std::size_t recorded = answers.size();
  while (fork.step()) {
  }
  CHECK(answers.size() == recorded);
}

TEST_CASE("recorded answers replay the same run", "[simulation]") {
  const auto config = std::make_shared<const RequestReply::Config>(RequestReply::Config{.loss = 0.5});
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<sim::Answer> answers;
    sim::Choices choices = sim::Choices::draw(sim::Seed(seed));
    choices.record_to(&answers);
    sim::Simulation<RequestReply> recorded(config, sim::Seed(seed), choices);
    while (recorded.step()) {
    }
    sim::Simulation<RequestReply> replayed(config, sim::Seed(seed), sim::Choices::replay(answers));
    while (replayed.step()) {
    }
    CHECK(replayed.trace_hash() == recorded.trace_hash());
  }
}

TEST_CASE("run_until stops the clock exactly there and injects what comes later in order", "[simulation]") {
  sim::Simulation<Countdown> simulation(Countdown::Config{});
  simulation.run_until(sim::SimTime{} + 3_ms);
  CHECK(simulation.world().left == 8);  // 1 ms: 10, 2 ms: 9, 3 ms: 8
  CHECK(simulation.now() == sim::SimTime{} + 3_ms);
  simulation.run_until(sim::SimTime{} + 3500_us);
  CHECK(simulation.now() == sim::SimTime{} + 3500_us);
  simulation.inject({2});  // at 3.5 ms, schedules 1 at 4.5 ms, between 7 (4 ms) and 6 (5 ms)
  CHECK(simulation.world().left == 2);
  simulation.step();
  CHECK(simulation.world().left == 7);
  simulation.step();
  CHECK(simulation.world().left == 1);
  simulation.step();
  CHECK(simulation.world().left == 6);
}

TEST_CASE("a bug names seed, event and the trace's tail, and poisons the simulation", "[simulation]") {
  sim::Simulation<Countdown> simulation(Countdown::Config{.fault = Countdown::Fault::bug}, sim::Seed(42));
  CHECK_THROWS_WITH(simulation.run_until(sim::SimTime{} + 1_s),
                    Catch::Contains("seed 42") && Catch::Contains("event 6") &&
                        Catch::Contains("five is right out") && Catch::Contains("kind 7, subject 5"));
  CHECK(simulation.poisoned());
  CHECK_THROWS_WITH(simulation.step(), Catch::Contains("five is right out"));
}

TEST_CASE("a million events at one instant are a bug, not a hang", "[simulation]") {
  sim::Simulation<Countdown> simulation(Countdown::Config{.fault = Countdown::Fault::endless});
  CHECK_THROWS_WITH(simulation.run_until(sim::SimTime{} + 1_s),
                    Catch::Contains("million events at one instant"));
  // Five events (10 to 6), then a million at the instant of 5; the next one is refused uncounted.
  CHECK(simulation.events() == sim::events_at_one_instant_max + 5);
}

TEST_CASE("an event in the past is a bug", "[simulation]") {
  sim::Simulation<Countdown> simulation(Countdown::Config{.fault = Countdown::Fault::past});
  CHECK_THROWS_AS(simulation.run_until(sim::SimTime{} + 1_s), sim::BugError);
}

TEST_CASE("a run can be cancelled from outside", "[simulation]") {
  const std::atomic<bool> cancelled = true;
  sim::Simulation<MM1> simulation(queue_at(0.5, 100'000));
  simulation.cancel_on(&cancelled);
  CHECK_THROWS_AS(simulation.run_until(sim::SimTime{} + 10_h), sim::Cancelled);
  CHECK(simulation.events() <= 4096);
}
