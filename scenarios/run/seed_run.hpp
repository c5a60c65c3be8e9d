// One seed from start to verdict: its course (course.hpp), then the judgement.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/ledger/judge.hpp"
#include "model/model.hpp"
#include "model/rocketmq/monitors.hpp"
#include "scenarios/run/counts.hpp"
#include "scenarios/run/times.hpp"

namespace brokersim::scenarios {

struct SeedResult {
  sim::Seed seed;
  std::vector<GroupCounts> groups;  ///< what is judged: see ledger::judged_groups
  RunTimes times;
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

  /// The numbers of a run that somebody else drives, as if it ended now; `evidence` has heard all of it.
  std::vector<GroupCounts> judge(const model::World& world, const model::ledger::Evidence& evidence);

  /// What the monitors have counted in all runs so far.
  const model::rocketmq::Monitors& monitors() const { return monitors_; }

  /// What became of one intent in the last run, per judged group; nothing where it does not concern the
  /// group.
  void watch(std::uint32_t intent) { watched_ = intent; }
  const std::vector<std::optional<model::ledger::Outcome>>& outcomes() const { return outcomes_; }

 private:
  SeedResult run_heard(sim::Seed seed, sim::Recorder& recorder, const std::atomic<bool>* cancel);
  void judge(const model::World& world, SeedResult& result);
  /// A transactional producer sends to what this group reads: op topics are of all groups alike.
  bool has_transactions(std::size_t group) const;
  void judge_group(const model::World& world, std::size_t group, GroupCounts& counts);
  void count_beliefs(const model::World& world, std::size_t intent, GroupCounts& counts) const;
  void count_transactions(std::size_t intent, GroupCounts& counts) const;

  std::shared_ptr<const model::Config> config_;
  model::ledger::Evidence evidence_;
  model::rocketmq::Monitors
      monitors_;  ///< every run is held to the transition tables (docs/architecture.md, rule 6)
  model::ledger::Inventory inventory_;
  std::optional<std::uint32_t> watched_;
  std::vector<std::optional<model::ledger::Outcome>> outcomes_;
};

}  // namespace brokersim::scenarios
