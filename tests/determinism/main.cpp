// Prints one hash per case. The same lines must come from every compiler, optimisation level and
// processor, straight or forked (`./dev determinism` compares them). Argument: how much work (1 = short).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "examples/mm1.hpp"
#include "examples/request_reply.hpp"
#include "sim/hash.hpp"

using namespace brokersim;
using namespace sim::literals;

namespace {

void print(const char* name, std::uint64_t hash) {
  std::printf("%-24s %016llx\n", name, static_cast<unsigned long long>(hash));
}

examples::MM1::Config queue(std::uint32_t customers, sim::Distribution service) {
  return {
      .gap = sim::Distribution::exponential(10_ms), .service = std::move(service), .customers = customers};
}

std::uint64_t straight(const examples::MM1::Config& config) {
  sim::Simulation<examples::MM1> simulation(config, sim::Seed(5));
  simulation.run_until(sim::SimTime{} + 1000_h);
  return simulation.trace_hash();
}

/// The same run, continued in a fork after every so many events.
std::uint64_t forked(const examples::MM1::Config& config) {
  sim::Simulation<examples::MM1> simulation(config, sim::Seed(5));
  for (std::uint64_t stride = 1; simulation.step(); stride = stride * 5 % 1009 + 1) {
    for (std::uint64_t i = 1; i < stride && simulation.step(); ++i) {
    }
    simulation = simulation.fork();
  }
  simulation.run_until(sim::SimTime{} + 1000_h);
  return simulation.trace_hash();
}

std::uint64_t samples(const sim::Distribution& distribution, std::uint64_t count) {
  sim::StateHash hash;
  for (std::uint64_t i = 0; i < count; ++i) {
    hash.word(static_cast<std::uint64_t>(distribution.sample(sim::keyed_bits(9, {1, i, 0})).ns));
  }
  return hash.digest().low;
}

std::uint64_t explored() {
  const auto report = sim::explore<examples::RequestReply>({.attempts_max = 4});
  sim::StateHash hash;
  for (const auto& [outcome, plans] : report.plans) hash.word(plans);
  hash.word(report.states);
  return hash.digest().low;
}

}  // namespace

int main(int argc, char** argv) {
  const auto scale = static_cast<std::uint32_t>(argc > 1 ? std::max(1, std::atoi(argv[1])) : 1);
  const auto exponential = queue(20'000 * scale, sim::Distribution::exponential(8_ms));
  print("mm1/straight", straight(exponential));
  print("mm1/forked", forked(exponential));
  print("mg1/lognormal", straight(queue(20'000 * scale, sim::Distribution::lognormal(5_ms, 0.7))));
  print("draws/uniform", samples(sim::Distribution::uniform(1_ms, 9_ms), 20'000 * scale));
  print("draws/exponential", samples(sim::Distribution::exponential(1_h), 20'000 * scale));
  print("draws/normal", samples(sim::Distribution::normal(5_ms, 1_ms), 20'000 * scale));
  print("draws/lognormal", samples(sim::Distribution::lognormal(2_ms, 0.5), 20'000 * scale));
  print("draws/pareto", samples(sim::Distribution::pareto(1_ms, 2.5), 20'000 * scale));
  print("draws/empirical", samples(sim::Distribution::empirical({1_ms, 2_ms, 4_ms, 8_ms}), 20'000 * scale));
  print("explored/request_reply", explored());
}
