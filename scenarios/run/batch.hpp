// Many seeds of one scenario on several threads, added up. The sums do not depend on the number of
// jobs or on who finishes first (run/in_order.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/run/histogram.hpp"
#include "scenarios/run/seed_run.hpp"

namespace brokersim::scenarios {

/// Of one consumer group (or the log), over all seeds.
struct GroupTotals {
  std::array<Histogram, count_kinds> counts;
  /// Of each count and cause: how many intents per seed (only causes that occurred have bins).
  std::array<std::array<Histogram, cause_kinds>, count_kinds> causes;
  std::array<std::int64_t, cause_kinds> window_min{}, window_max{};  ///< ns; -1: none
  /// Longest window of each seed that has one, in ns.
  std::array<Histogram, cause_kinds> longest_windows;
};

/// Of one consumer group, over the seeds in which it has processed anything: of each seed one number of ns.
struct TimeTotals {
  Histogram median, p99, longest, stall;
};

struct BatchResult {
  std::vector<GroupTotals> groups;
  std::vector<Histogram> strikes;  ///< per fault
  std::vector<TimeTotals> times;   ///< per consumer group
  /// Per producer: the longest time without an acknowledged send (RunTimes) of each seed that has one.
  std::vector<Histogram> unacknowledged;
  std::int64_t seeds = 0;
  std::int64_t not_drained = 0;
  std::uint64_t events = 0;
  std::uint64_t trace_hash = 0;  ///< of all seeds' trace hashes, in the order of the seeds
};

struct BatchOptions {
  std::uint64_t first_seed = 1;
  std::int64_t seeds = 100;
  /// If there are any: these seeds, in this order, instead of `seeds` ones from `first_seed` on.
  std::vector<std::uint64_t> listed;
  int jobs = 0;  ///< 0: as many as the machine has
  /// Called after each seed with the number of finished ones, from any thread, never concurrently.
  std::function<void(std::int64_t)> progress;
  /// Sees every result, in the order of the seeds (checks that must hold in every seed).
  std::function<void(const SeedResult&)> each;
  /// Set from outside: the batch throws sim::Cancelled after some thousand events.
  const std::atomic<bool>* cancel = nullptr;
};

/// Throws the sim::BugError of the lowest failing seed, what `each` throws, or sim::Cancelled.
BatchResult run_batch(std::shared_ptr<const model::Config> config, const BatchOptions& options);

}  // namespace brokersim::scenarios
