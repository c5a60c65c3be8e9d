// Prints one hash per case. The same lines must come from every compiler, optimisation level and
// processor, straight or forked (`./dev determinism` compares them). Argument: how much work (1 = short).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "examples/mm1.hpp"
#include "examples/request_reply.hpp"
#include "scenarios/run/batch.hpp"
#include "scenarios/scenario.hpp"
#include "sim/hash.hpp"

using namespace brokersim;
using namespace sim::literals;

namespace {

void print(const char* name, std::uint64_t hash) {
  std::printf("%-48s %016llx\n", name, static_cast<unsigned long long>(hash));
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

std::vector<std::string> library() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("scenarios/library")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Every library scenario, in one thread and in two: the line shows both.
void print_library(std::int64_t seeds) {
  for (const std::string& file : library()) {
    const auto config = std::make_shared<const model::Config>(scenarios::load_scenario(file).config);
    for (const int jobs : {1, 2}) {
      scenarios::BatchOptions options;
      options.seeds = seeds;
      options.jobs = jobs;
      print((file.substr(file.rfind('/') + 1) + "/jobs" + std::to_string(jobs)).c_str(),
            scenarios::run_batch(config, options).trace_hash);
    }
  }
}

/// One run of the whole model, stepped straight and continued in forks: the hash must not tell them apart.
std::uint64_t model_run(bool forks) {
  const auto config = std::make_shared<const model::Config>(
      scenarios::load_scenario("scenarios/library/rocketmq/store-async-flush-power-loss.json").config);
  sim::Simulation<model::Model> simulation(config, sim::Seed(3));
  for (std::uint64_t i = 0; i < 30'000 && simulation.step(); ++i) {
    if (forks && i % 997 == 0) simulation = simulation.fork();
  }
  return simulation.trace_hash();
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
  print("model/straight", model_run(false));
  print("model/forked", model_run(true));
  print_library(2 * scale);
}
