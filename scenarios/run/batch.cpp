#include "scenarios/run/batch.hpp"

#include <algorithm>
#include <thread>

#include "scenarios/run/in_order.hpp"
#include "sim/random.hpp"

namespace brokersim::scenarios {

namespace {

void add(GroupTotals& totals, const GroupCounts& counts) {
  for (std::size_t c = 0; c < count_kinds; ++c) {
    totals.counts[c].add(counts.counts[c]);
    for (std::size_t k = 0; k < cause_kinds; ++k) {
      if (counts.causes[c][k] != 0) totals.causes[c][k].add(counts.causes[c][k]);
    }
  }
  for (std::size_t k = 0; k < cause_kinds; ++k) {
    if (counts.window_max[k] < 0) continue;
    if (totals.window_min[k] < 0 || counts.window_min[k] < totals.window_min[k])
      totals.window_min[k] = counts.window_min[k];
    totals.window_max[k] = std::max(totals.window_max[k], counts.window_max[k]);
    totals.longest_windows[k].add(counts.window_max[k]);
  }
}

void add(Histogram& histogram, std::int64_t time) {
  if (time >= 0) histogram.add(time);
}

void add(TimeTotals& totals, const GroupTimes& times) {
  add(totals.median, times.median);
  add(totals.p99, times.p99);
  add(totals.longest, times.longest);
  add(totals.stall, times.stall);
}

void add(BatchResult& total, const SeedResult& seed) {
  if (total.groups.empty()) {
    total.groups.resize(seed.groups.size());
    for (GroupTotals& group : total.groups) group.window_min.fill(-1), group.window_max.fill(-1);
    total.strikes.resize(seed.strikes.size());
    total.times.resize(seed.times.groups.size());
    total.unacknowledged.resize(seed.times.producers.size());
  }
  for (std::size_t g = 0; g < seed.groups.size(); ++g) add(total.groups[g], seed.groups[g]);
  for (std::size_t g = 0; g < seed.times.groups.size(); ++g) add(total.times[g], seed.times.groups[g]);
  for (std::size_t p = 0; p < seed.times.producers.size(); ++p)
    add(total.unacknowledged[p], seed.times.producers[p]);
  for (std::size_t f = 0; f < seed.strikes.size(); ++f) total.strikes[f].add(seed.strikes[f]);
  ++total.seeds;
  total.not_drained += seed.drained ? 0 : 1;
  total.events += seed.events;
  total.trace_hash = sim::keyed_bits(total.trace_hash, {seed.trace_hash, seed.seed.value, 0});
}

bool is_set(const std::atomic<bool>* flag) {
  return flag != nullptr && flag->load(std::memory_order_relaxed);
}

std::int64_t seed_count(const BatchOptions& options) {
  return options.listed.empty() ? options.seeds : static_cast<std::int64_t>(options.listed.size());
}

sim::Seed seed_at(const BatchOptions& options, std::int64_t index) {
  const auto i = static_cast<std::uint64_t>(index);
  return sim::Seed(options.listed.empty() ? options.first_seed + i : options.listed[i]);
}

void work(const std::shared_ptr<const model::Config>& config, const BatchOptions& options,
          std::atomic<std::int64_t>& next, InOrder<SeedResult>& results) {
  SeedRunner runner(config);
  for (;;) {
    const std::int64_t index = next.fetch_add(1, std::memory_order_relaxed);
    if (index >= seed_count(options) || !results.wanted(index)) return;
    try {
      // A run polls every few thousand events only; a short one would never notice.
      if (is_set(options.cancel)) throw sim::Cancelled();
      results.put(index, runner.run(seed_at(options, index), options.cancel));
    } catch (...) {
      results.fail(index, std::current_exception());
    }
  }
}

int job_count(const BatchOptions& options) {
  const int wanted =
      options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return static_cast<int>(std::min<std::int64_t>(wanted, std::max<std::int64_t>(seed_count(options), 1)));
}

}  // namespace

BatchResult run_batch(std::shared_ptr<const model::Config> config, const BatchOptions& options) {
  BatchResult total;
  InOrder<SeedResult> results([&](const SeedResult& result) {
    add(total, result);
    if (options.each) options.each(result);
    if (options.progress) options.progress(total.seeds);
  });
  std::atomic<std::int64_t> next{0};
  std::vector<std::jthread> threads;
  for (int job = 1; job < job_count(options); ++job) {
    threads.emplace_back([&] { work(config, options, next, results); });
  }
  work(config, options, next, results);
  threads.clear();
  results.rethrow();
  return total;
}

}  // namespace brokersim::scenarios
