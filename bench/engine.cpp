// The engine through its public API, with the trace digest on, each beside the plainest peer: HOLD, PHOLD,
// timers set and cancelled, M/M/1, copies and forks of a world, canonical hash. Run by bench/run.py.
// Arguments: rounds, events per round.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "bench/measure.hpp"
#include "bench/models.hpp"
#include "bench/plain.hpp"
#include "examples/mm1.hpp"
#include "sim/canonical.hpp"
#include "sim/explore.hpp"
#include "sim/simulation.hpp"

using namespace brokersim;
using namespace sim::literals;

namespace {

template <class Model>
void run_events(sim::Simulation<Model>& simulation, std::uint64_t events) {
  const std::uint64_t end = simulation.events() + events;
  simulation.run_while(sim::SimTime::max(), [&](const auto&) { return simulation.events() < end; });
}

/// One simulation, warmed up, that goes on from round to round.
template <class Model>
std::function<double()> endless(typename Model::Config config, std::uint64_t warm_up, std::uint64_t events) {
  auto simulation = std::make_shared<sim::Simulation<Model>>(std::move(config));
  run_events(*simulation, warm_up);
  return [simulation, events] {
    return bench::time_per_operation(static_cast<double>(events), [&] { run_events(*simulation, events); });
  };
}

/// The same for a peer.
template <class Plain, class... Arguments>
std::function<double()> endless_plain(std::uint64_t warm_up, std::uint64_t events, Arguments... arguments) {
  auto plain = std::make_shared<Plain>(arguments...);
  plain->run(static_cast<std::int64_t>(warm_up));
  return [plain, events] {
    return bench::time_per_operation(static_cast<double>(events),
                                     [&] { plain->run(static_cast<std::int64_t>(events)); });
  };
}

void add_holds(bench::Measures& measures, std::uint64_t events) {
  for (const std::uint32_t pending : {100U, 10'000U, 1'000'000U}) {
    const std::string name = "hold_" + std::to_string(pending);
    measures.add(name, endless<bench::Hold>({.pending = pending}, pending, events));
    measures.add(name + "/priority_queue", endless_plain<bench::PlainHold>(pending, events, pending, false));
  }
  measures.add("phold_10000", endless<bench::Hold>({.pending = 10'000, .scatter = true}, 10'000, events));
  measures.add("phold_10000/priority_queue", endless_plain<bench::PlainHold>(10'000, events, 10'000U, true));
}

/// A time-out lives 3 s, in which 1,000 clients of 1 ms each get three million answers; only then has a
/// queue without cancellation as many dead ones as it will ever have. A tenth of that is enough to show it.
void add_timers(bench::Measures& measures, std::uint64_t events) {
  constexpr std::uint64_t warm_up = 300'000;
  measures.add("timer_lane", endless<bench::Requests>({.clients = 1000, .lane = true}, warm_up, events));
  measures.add("timer_own", endless<bench::Requests>({.clients = 1000, .lane = false}, warm_up, events));
  measures.add("timer/priority_queue", endless_plain<bench::PlainRequests>(warm_up, events, 1000U));
}

void add_mm1(bench::Measures& measures, std::uint64_t events) {
  const auto customers = static_cast<std::uint32_t>(events / 5);
  const auto gap = sim::Distribution::exponential(10_ms), service = sim::Distribution::exponential(8_ms);
  measures.add("mm1", [=] {
    return bench::time_per_operation(customers, [&] {
      sim::Simulation<examples::MM1> simulation(examples::MM1::Config{gap, service, customers});
      simulation.run_until(sim::SimTime{} + 1000_h);
      bench::keep(simulation.trace_hash());
    });
  });
  measures.add("mm1/priority_queue", [=] {
    return bench::time_per_operation(customers,
                                     [&] { bench::keep(bench::plain_mm1(customers, gap, service)); });
  });
}

std::shared_ptr<sim::Simulation<bench::Hold>> thousand_events() {
  auto simulation = std::make_shared<sim::Simulation<bench::Hold>>(bench::Hold::Config{.pending = 1000});
  run_events(*simulation, 5000);
  return simulation;
}

/// A world with 1,000 pending events: copied into a recycled world, as exploration does it; forked into a
/// fresh one; hashed canonically.
void add_copies(bench::Measures& measures) {
  const auto original = thousand_events();
  measures.add("copy_1000", [original, target = std::make_shared<sim::Simulation<bench::Hold>>(*original)] {
    return bench::time_per_operation(2000, [&] {
      for (int i = 0; i < 2000; ++i) target->assign(original->state()), bench::keep(*target);
    });
  });
  measures.add("fork_1000", [original] {
    return bench::time_per_operation(1000, [&] {
      for (int i = 0; i < 1000; ++i) bench::keep(original->fork());
    });
  });
  measures.add("hash_1000", [original] {
    return bench::time_per_operation(50, [&] {
      for (int i = 0; i < 50; ++i) bench::keep(sim::canonical_digest<bench::Hold>(original->state()));
    });
  });
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  const auto events = static_cast<std::uint64_t>(argc > 2 ? std::max(1000L, std::atol(argv[2])) : 1'000'000);
  bench::Measures measures;
  add_holds(measures, events);
  add_timers(measures, events);
  add_mm1(measures, events);
  add_copies(measures);
  measures.run(rounds);
  measures.print();
}
