// One seed from start to verdict: run until the workload and the faults are over, heal, drain, judge.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/ledger/judge.hpp"
#include "model/model.hpp"
#include "scenarios/run/counts.hpp"

namespace brokersim::scenarios {

struct SeedResult {
  sim::Seed seed;
  std::vector<GroupCounts> groups;     ///< what is judged: see ledger::judged_groups
  std::vector<std::uint32_t> strikes;  ///< per fault: how often it struck
  bool drained = true;                 ///< false: something was still pending at drain_timeout
  sim::SimTime ended;                  ///< simulation time when judged
  std::uint64_t events = 0;
  std::uint64_t trace_hash = 0;
};

/// Owns the recycled memory of one worker thread.
class SeedRunner {
 public:
  explicit SeedRunner(std::shared_ptr<const model::Config> config);

  /// Throws sim::BugError (poisoned run) or sim::Cancelled.
  SeedResult run(sim::Seed seed, const std::atomic<bool>* cancel = nullptr);

  /// The same run with a further recorder listening (trace, explain).
  SeedResult run(sim::Seed seed, sim::Recorder& listener, const std::atomic<bool>* cancel = nullptr);

 private:
  void drive(sim::Simulation<model::Model>& simulation, SeedResult& result) const;
  void judge(const model::World& world, SeedResult& result);
  void count_intent(const model::ledger::Outcome& outcome, GroupCounts& counts) const;
  void count_beliefs(const model::World& world, std::size_t intent, GroupCounts& counts) const;

  std::shared_ptr<const model::Config> config_;
  model::ledger::Evidence evidence_;
  model::ledger::Inventory inventory_;
};

}  // namespace brokersim::scenarios
