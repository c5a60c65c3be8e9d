// What the swarms share: dice of a seed, the list of broken rules, the sums that every ledger keeps, and the
// loop that prints a breach with its seed and its scenario file.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "scenarios/run/seed_run.hpp"
#include "scenarios/scenario.hpp"
#include "sim/random.hpp"
#include "tests/catch.hpp"

namespace brokersim::swarm {

/// Draws of one seed. Each swarm has a stream of its own: the same seed draws another world there.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(
        sim::below(sim::keyed_bits(seed_, {stream_, ++asked_, 0}), static_cast<std::uint64_t>(n)));
  }
  bool once_in(std::int64_t n) { return below(n) == 0; }
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return all.begin()[below(static_cast<std::int64_t>(all.size()))];
  }
  sim::Distribution up_to(sim::Duration high) { return sim::Distribution::uniform({}, high); }

 private:
  std::uint64_t seed_, stream_, asked_ = 0;
};

/// Collects the rules that do not hold, each once.
struct Breaches {
  std::string text;
  void unless(bool holds, const std::string& rule) {
    if (!holds && text.find(rule) == std::string::npos) text += "\n  broken: " + rule;
  }
};

inline std::int64_t of_causes(const scenarios::GroupCounts& counts, scenarios::Count count) {
  std::int64_t sum = 0;
  for (std::size_t k = 1; k < scenarios::cause_kinds; ++k)
    sum += counts.causes[static_cast<std::size_t>(count)][k];
  return sum;
}

/// Each intent is in one class, and each of these counts is the sum of its causes.
inline void check_sums(const scenarios::GroupCounts& n, std::initializer_list<scenarios::Count> caused,
                       Breaches& breaches) {
  using scenarios::Count;
  const std::int64_t classes = n[Count::processed] + n[Count::ghost] + n[Count::dead_lettered] +
                               n[Count::stuck] + n[Count::lost] + n[Count::failed] + n[Count::rolled_back];
  breaches.unless(classes == n[Count::intents], "each intent is in one class");
  for (const Count count : caused)
    breaches.unless(of_causes(n, count) == n[count], std::string(to_string(count)) + " has a cause");
}

inline std::shared_ptr<const model::Config> shared(model::Config config) {
  return std::make_shared<const model::Config>(std::move(config));
}

/// The scenario file of a drawn world.
inline std::string described(const model::Config& config) {
  scenarios::Scenario scenario;
  scenario.config = config;
  return effective_json(scenario);
}

inline void check_its_file(const model::Config& config, std::uint64_t seed, std::uint64_t trace_hash,
                           Breaches& breaches) {
  const auto reread = scenarios::read_scenario(described(config), "swarm.json");
  breaches.unless(scenarios::SeedRunner(shared(reread.config)).run(sim::Seed(seed)).trace_hash == trace_hash,
                  "its scenario file gives the same run");
}

/// Calls check(config, seed, breaches) with what each of these seeds draws.
template <class Drawn, class Check>
void check_seeds(std::uint64_t first, std::uint64_t seeds, const Drawn& drawn, const Check& check) {
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const std::shared_ptr<const model::Config> config = shared(drawn(seed));
    Breaches breaches;
    try {
      check(config, seed, breaches);
    } catch (const std::exception& bug) {  // BugError of a monitor, or a file that does not read back
      breaches.text += std::string("\n  ") + bug.what();
    }
    if (!breaches.text.empty())
      FAIL_CHECK("swarm seed " << seed << breaches.text << "\n" << described(*config));
  }
}

}  // namespace brokersim::swarm
