// The engine through its public API, with the trace digest on: HOLD, PHOLD, timers, M/M/1, copies,
// forks, canonical hash; each beside the plainest peer, in turn, so that a drifting clock hits both.
// Prints `name<TAB>ns per operation` lines for bench/run.py (CPU time, minimum of the rounds).
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "examples/mm1.hpp"
#include "sim/canonical.hpp"
#include "sim/explore.hpp"
#include "sim/simulation.hpp"

using namespace brokersim;
using namespace sim::literals;

namespace {

double cpu_ns() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

enum class Purpose : std::uint64_t { hold, destination };

/// n events pending for ever: each schedules its successor after an exponential time.
struct Hold {
  struct Config {
    std::uint32_t pending = 0;
    sim::Distribution gap = sim::Distribution::exponential(1_ms);
    bool phold = false;  ///< the successor belongs to a random other object
  };
  struct Event {
    std::uint32_t object = 0;
    std::uint32_t turn = 0;
  };
  struct World {
    std::vector<std::uint32_t> turns;
  };
  static void start(World& world, sim::Context<Hold>& context) {
    world.turns.resize(context.config().pending);
    for (std::uint32_t i = 0; i < context.config().pending; ++i) next({i, 0}, context);
  }
  static void step(World& world, const Event& event, sim::Context<Hold>& context) {
    context.record({1, event.object, event.turn, 0});
    std::uint32_t object = event.object;
    if (context.config().phold) {
      const auto key = sim::DrawKey::of(Purpose::destination, object, event.turn);
      object = context.choices().pick(key, context.config().pending);
    }
    next({object, ++world.turns[object]}, context);
  }

 private:
  static void next(const Event& event, sim::Context<Hold>& context) {
    const auto key = sim::DrawKey::of(Purpose::hold, event.object, event.turn);
    context.after(context.choices().duration(key, context.config().gap), event);
  }
};

auto fields(const Hold::Event& event) {
  const auto& [object, turn] = event;
  return std::tie(object, turn);
}
auto fields(const Hold::World& world) {
  const auto& [turns] = world;
  return std::tie(turns);
}

/// The same work on std::priority_queue.
class PlainHold {
 public:
  explicit PlainHold(std::uint32_t pending) : turns_(pending) {
    for (std::uint32_t i = 0; i < pending; ++i) push(i, 0);
  }
  void run(std::int64_t events) {
    while (events-- > 0) {
      const Item item = queue_.top();
      queue_.pop();
      now_ = item.at;
      trace_.add({now_}, {1, item.object, item.turn, 0});
      push(item.object, ++turns_[item.object]);
    }
  }
  std::uint64_t trace() const { return trace_.value(); }

 private:
  struct Item {
    std::int64_t at;
    std::uint64_t sequence;
    std::uint32_t object, turn;
    bool operator>(const Item& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };
  void push(std::uint32_t object, std::uint32_t turn) {
    const auto key = sim::DrawKey::of(Purpose::hold, object, turn);
    queue_.push({now_ + choices_.duration(key, gap_).ns, sequence_++, object, turn});
  }
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue_;
  std::vector<std::uint32_t> turns_;
  sim::Choices choices_ = sim::Choices::draw(sim::Seed(1));
  sim::Distribution gap_ = sim::Distribution::exponential(1_ms);
  sim::TraceHash trace_;
  std::int64_t now_ = 0;
  std::uint64_t sequence_ = 0;
};

struct Measure {
  std::string name;
  std::function<double()> round;  ///< ns per operation
  double best = 1e300;
};

void run_events(sim::Simulation<Hold>& simulation, std::uint64_t events) {
  const std::uint64_t end = simulation.events() + events;
  simulation.run_while(sim::SimTime::max(), [&](const Hold::World&) { return simulation.events() < end; });
}

/// One simulation, warmed up, that goes on from round to round.
std::function<double()> hold(std::uint32_t pending, bool phold, std::uint64_t events) {
  auto simulation =
      std::make_shared<sim::Simulation<Hold>>(Hold::Config{.pending = pending, .phold = phold}, sim::Seed(1));
  run_events(*simulation, pending);
  return [simulation, events] {
    const double start = cpu_ns();
    run_events(*simulation, events);
    return (cpu_ns() - start) / static_cast<double>(events);
  };
}

std::function<double()> plain_hold(std::uint32_t pending, std::int64_t events) {
  auto plain = std::make_shared<PlainHold>(pending);
  plain->run(pending);
  return [plain, events] {
    const double start = cpu_ns();
    plain->run(events);
    return (cpu_ns() - start) / static_cast<double>(events);
  };
}

double mm1_round() {
  constexpr std::uint32_t customers = 200'000;
  const examples::MM1::Config config{sim::Distribution::exponential(10_ms),
                                     sim::Distribution::exponential(8_ms), customers};
  const double start = cpu_ns();
  sim::Simulation<examples::MM1> simulation(config);
  simulation.run_until(sim::SimTime{} + 10_h);
  return (cpu_ns() - start) / customers;
}

std::shared_ptr<sim::Simulation<Hold>> thousand_events() {
  auto simulation = std::make_shared<sim::Simulation<Hold>>(Hold::Config{.pending = 1000}, sim::Seed(1));
  run_events(*simulation, 5000);
  return simulation;
}

/// A fork into a recycled world, as exploration does it.
std::function<double()> recycled_copy() {
  auto original = thousand_events();
  auto target = std::make_shared<sim::Simulation<Hold>>(original->fork());
  return [original, target] {
    constexpr int copies = 2000;
    const double start = cpu_ns();
    for (int i = 0; i < copies; ++i) target->assign(original->state());
    return (cpu_ns() - start) / copies;
  };
}

std::function<double()> fresh_fork() {
  auto original = thousand_events();
  return [original] {
    constexpr int copies = 1000;
    std::uint64_t sum = 0;
    const double start = cpu_ns();
    for (int i = 0; i < copies; ++i) sum += original->fork().events();
    const double spent = cpu_ns() - start;
    return sum == 0 ? 0 : spent / copies;
  };
}

std::function<double()> canonical_hash() {
  auto original = thousand_events();
  return [original] {
    constexpr int times = 50;
    std::uint64_t sum = 0;
    const double start = cpu_ns();
    for (int i = 0; i < times; ++i)
      sum ^= sim::canonical_digest<Hold>(original->state()).low + static_cast<std::uint64_t>(i);
    const double spent = cpu_ns() - start;
    return sum == 0 ? 0 : spent / times;
  };
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  std::vector<Measure> measures;
  for (const std::uint32_t pending : {100U, 10'000U, 1'000'000U}) {
    const std::uint64_t events = 1'000'000;
    measures.push_back({"hold/" + std::to_string(pending), hold(pending, false, events)});
    measures.push_back({"hold_priority_queue/" + std::to_string(pending), plain_hold(pending, events)});
  }
  measures.push_back({"phold/10000", hold(10'000, true, 1'000'000)});
  measures.push_back({"mm1/customer", mm1_round});
  measures.push_back({"copy/1000_events_recycled", recycled_copy()});
  measures.push_back({"copy/1000_events_fork", fresh_fork()});
  measures.push_back({"canonical_hash/1000_events", canonical_hash()});
  for (int round = 0; round < rounds; ++round) {
    for (Measure& measure : measures) measure.best = std::min(measure.best, measure.round());
  }
  for (const Measure& measure : measures) std::printf("%s\t%.2f\n", measure.name.c_str(), measure.best);
}
