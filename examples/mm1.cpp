// Runs an M/M/1 queue and compares it with theory.
#include "examples/mm1.hpp"

#include <cstdio>

using namespace brokersim;
using namespace sim::literals;

int main() {
  const examples::MM1::Config config{.gap = sim::Distribution::exponential(10_ms),
                                     .service = sim::Distribution::exponential(8_ms),
                                     .customers = 1'000'000};
  examples::Stopwatch stopwatch;
  sim::Simulation<examples::MM1> simulation(config, sim::Seed(1), &stopwatch);
  while (simulation.step()) {
  }
  std::printf("utilisation %.4f (theory 0.8000), mean wait %.2f ms (theory 32.00 ms), %llu events\n",
              stopwatch.utilisation(simulation.now()), stopwatch.mean_wait_seconds() * 1e3,
              static_cast<unsigned long long>(simulation.events()));
}
