#include "scenarios/run/batch.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

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

void add(BatchResult& total, const SeedResult& seed) {
  if (total.groups.empty()) {
    total.groups.resize(seed.groups.size());
    for (GroupTotals& group : total.groups) group.window_min.fill(-1), group.window_max.fill(-1);
    total.strikes.resize(seed.strikes.size());
  }
  for (std::size_t g = 0; g < seed.groups.size(); ++g) add(total.groups[g], seed.groups[g]);
  for (std::size_t f = 0; f < seed.strikes.size(); ++f) total.strikes[f].add(seed.strikes[f]);
  ++total.seeds;
  total.not_drained += seed.drained ? 0 : 1;
  total.events += seed.events;
  total.trace_hash = sim::keyed_bits(total.trace_hash, {seed.trace_hash, seed.seed.value, 0});
}

/// Collects results that come in any order and adds them in the order of the seeds. A thread that
/// runs too far ahead waits, so that the memory does not grow with the number of seeds.
class InOrder {
 public:
  InOrder(const BatchOptions& options, BatchResult& total) : options_(options), total_(total) {}

  void put(std::int64_t index, SeedResult result) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return index < next_ + ahead_max || failed_; });
    waiting_.emplace(index, std::move(result));
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_;
         first = waiting_.begin()) {
      add(total_, first->second);
      if (options_.each) options_.each(first->second);
      waiting_.erase(first);
      ++next_;
    }
    if (options_.progress) options_.progress(next_);
    room_.notify_all();
  }

  void fail(std::int64_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!failed_ || index < failed_index_) error_ = error, failed_index_ = index;
    failed_ = true;
    room_.notify_all();
  }

  /// Seeds above a failed one need not run; those below might fail too, and the lowest is reported.
  bool wanted(std::int64_t index) {
    const std::lock_guard lock(mutex_);
    return !failed_ || index < failed_index_;
  }

  void rethrow() const {
    if (failed_) std::rethrow_exception(error_);
  }

 private:
  static constexpr std::int64_t ahead_max = 256;
  const BatchOptions& options_;
  BatchResult& total_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::map<std::int64_t, SeedResult> waiting_;
  std::int64_t next_ = 0;
  bool failed_ = false;
  std::int64_t failed_index_ = 0;
  std::exception_ptr error_;
};

void work(const std::shared_ptr<const model::Config>& config, const BatchOptions& options,
          std::atomic<std::int64_t>& next, InOrder& results) {
  SeedRunner runner(config);
  for (;;) {
    const std::int64_t index = next.fetch_add(1, std::memory_order_relaxed);
    if (index >= options.seeds || !results.wanted(index)) return;
    try {
      results.put(index, runner.run(sim::Seed(options.first_seed + static_cast<std::uint64_t>(index)),
                                    options.cancel));
    } catch (...) {
      results.fail(index, std::current_exception());
    }
  }
}

int job_count(const BatchOptions& options) {
  const int wanted =
      options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return static_cast<int>(std::min<std::int64_t>(wanted, std::max<std::int64_t>(options.seeds, 1)));
}

}  // namespace

BatchResult run_batch(std::shared_ptr<const model::Config> config, const BatchOptions& options) {
  BatchResult total;
  InOrder results(options, total);
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
