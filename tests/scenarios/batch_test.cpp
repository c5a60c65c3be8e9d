// Many seeds on several threads: the same sums as on one, in the order of the seeds, with bounded memory,
// and with the lowest failure when some fail.
#include "scenarios/run/batch.hpp"

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "scenarios/run/in_order.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/small_runs.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using namespace sim::literals;

namespace {

std::exception_ptr failure(const std::string& text) {
  return std::make_exception_ptr(std::runtime_error(text));
}

std::string what_of(const InOrder<int>& results) {
  try {
    results.rethrow();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing";
}

std::shared_ptr<const model::Config> shared(model::Config config) {
  return std::make_shared<const model::Config>(std::move(config));
}

/// A fault process that begins 30 ms before the run: in some 3 % of the seeds its first strike lies in the
/// past, which is a bug of whoever wrote the configuration, found when the run starts.
model::Config failing_in_some_seeds() {
  model::Config config = tests::quiet(3);
  model::FaultConfig& fault = config.faults.emplace_back();
  fault.trigger.kind = model::TriggerKind::process;
  fault.trigger.time = sim::Distribution::uniform(0_ms, 1000_ms);
  fault.trigger.from = -30_ms;
  fault.action.kind = model::FaultKind::reset;
  return config;
}

bool fails(const std::shared_ptr<const model::Config>& config, std::uint64_t seed) {
  try {
    SeedRunner(config).run(sim::Seed(seed));
    return false;
  } catch (const sim::BugError&) {
    return true;
  }
}

std::string bug_of(const std::shared_ptr<const model::Config>& config, const BatchOptions& options) {
  try {
    run_batch(config, options);
  } catch (const sim::BugError& bug) {
    return bug.what();
  }
  return "none";
}

void check_same(const Histogram& a, const Histogram& b) { CHECK(a.bins() == b.bins()); }

void check_same(const BatchResult& a, const BatchResult& b) {
  CHECK(a.seeds == b.seeds);
  CHECK(a.not_drained == b.not_drained);
  CHECK(a.events == b.events);
  CHECK(a.trace_hash == b.trace_hash);
  REQUIRE(a.strikes.size() == b.strikes.size());
  for (std::size_t f = 0; f < a.strikes.size(); ++f) check_same(a.strikes[f], b.strikes[f]);
  REQUIRE(a.groups.size() == b.groups.size());
  for (std::size_t g = 0; g < a.groups.size(); ++g) {
    CHECK(a.groups[g].window_min == b.groups[g].window_min);
    CHECK(a.groups[g].window_max == b.groups[g].window_max);
    for (std::size_t c = 0; c < count_kinds; ++c) {
      check_same(a.groups[g].counts[c], b.groups[g].counts[c]);
      for (std::size_t k = 0; k < cause_kinds; ++k)
        check_same(a.groups[g].causes[c][k], b.groups[g].causes[c][k]);
    }
  }
}

}  // namespace

// ------------------------------------------------------------------------------- InOrder

TEST_CASE("results that come in any order are handed on in theirs", "[batch]") {
  std::vector<int> seen;
  InOrder<int> results([&](const int& result) { seen.push_back(result); });
  results.put(2, 20);
  results.put(1, 10);
  CHECK(seen.empty());
  CHECK(results.waiting() == 2);
  results.put(0, 0);
  CHECK(seen == std::vector<int>{0, 10, 20});
  CHECK(results.waiting() == 0);
  results.put(3, 30);
  CHECK(seen.back() == 30);
}

TEST_CASE("who runs too far ahead waits for the slowest", "[batch]") {
  constexpr std::int64_t ahead_max = 4, count = 1000;
  std::vector<int> seen;
  InOrder<int> results([&](const int& result) { seen.push_back(result); }, ahead_max);
  std::atomic<std::int64_t> next{1};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (std::int64_t index = next++; index < count; index = next++)
        results.put(index, static_cast<int>(index));
    });
  }
  while (results.waiting() < ahead_max - 1) std::this_thread::yield();
  for (int i = 0; i < 10'000; ++i) {
    std::this_thread::yield();
    if (results.waiting() > ahead_max - 1) FAIL("more wait than may: " << results.waiting());
  }
  results.put(0, 0);
  threads.clear();
  REQUIRE(seen.size() == count);
  for (int i = 0; i < count; ++i) REQUIRE(seen[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("of several failures the lowest is told, whichever comes first", "[batch]") {
  InOrder<int> results([](const int&) {});
  CHECK(results.wanted(1'000'000));
  results.fail(7, failure("seven"));
  CHECK_FALSE(results.wanted(8));
  CHECK(results.wanted(6));  // It might fail too.
  results.fail(3, failure("three"));
  results.fail(5, failure("five"));
  CHECK_FALSE(results.wanted(5));
  CHECK(what_of(results) == "three");
}

TEST_CASE("a failure releases those who wait, and what they bring is dropped", "[batch]") {
  int seen = 0;
  InOrder<int> results([&](const int&) { ++seen; }, 2);
  std::jthread ahead([&] { results.put(1, 1), results.put(2, 2), results.put(3, 3); });
  while (results.waiting() < 1) std::this_thread::yield();
  results.fail(0, failure("zero"));
  ahead.join();
  CHECK(results.waiting() == 0);
  CHECK(seen == 0);
  CHECK(what_of(results) == "zero");
}

TEST_CASE("a sink that throws fails the result that it was given, once", "[batch]") {
  int calls = 0;
  InOrder<int> results([&](const int& result) {
    ++calls;
    if (result == 1) throw std::runtime_error("one");
  });
  results.put(2, 2);
  results.put(1, 1);
  results.put(0, 0);
  results.put(3, 3);
  CHECK(calls == 2);
  CHECK(what_of(results) == "one");
  CHECK(results.wanted(0));
  CHECK_FALSE(results.wanted(1));
}

// ------------------------------------------------------------------------------- run_batch

TEST_CASE("any number of jobs gives the same sums and the same order", "[batch]") {
  const auto config = shared(tests::power_loss_while_read());
  const auto run = [&](int jobs) {
    std::vector<std::uint64_t> order;
    std::vector<std::int64_t> progress;
    BatchOptions options;
    options.first_seed = 100;
    options.seeds = 40;
    options.jobs = jobs;
    options.each = [&](const SeedResult& result) { order.push_back(result.seed.value); };
    options.progress = [&](std::int64_t done) { progress.push_back(done); };
    BatchResult result = run_batch(config, options);
    REQUIRE(order.size() == 40);
    REQUIRE(progress.size() == 40);
    for (std::size_t i = 0; i < 40; ++i) {
      CHECK(order[i] == 100 + i);
      CHECK(progress[i] == static_cast<std::int64_t>(i) + 1);
    }
    return result;
  };
  const BatchResult alone = run(1);
  CHECK(alone.seeds == 40);
  CHECK(alone.groups.at(0).counts[static_cast<std::size_t>(Count::vanished)].max() > 0);
  check_same(alone, run(2));
  check_same(alone, run(3));
  check_same(alone, run(64));  // more than seeds
}

TEST_CASE("a batch is the sum of its seeds, and the first seed matters", "[batch]") {
  const auto config = shared(tests::power_loss_while_read());
  BatchOptions options;
  options.seeds = 5;
  options.first_seed = 11;
  const BatchResult batch = run_batch(config, options);
  Histogram vanished;
  std::uint64_t events = 0;
  std::int64_t shortest = -1, longest = -1;
  constexpr auto cause = static_cast<std::size_t>(model::ledger::Cause::storage_unflushed_tail);
  SeedRunner runner(config);
  for (std::uint64_t seed = 11; seed < 16; ++seed) {
    const SeedResult result = runner.run(sim::Seed(seed));
    vanished.add(result.groups[0][Count::vanished]);
    events += result.events;
    const std::int64_t low = result.groups[0].window_min[cause];
    if (low >= 0 && (shortest < 0 || low < shortest)) shortest = low;
    longest = std::max(longest, result.groups[0].window_max[cause]);
  }
  CHECK(longest > 0);
  CHECK(batch.groups[0].window_min[cause] == shortest);
  CHECK(batch.groups[0].window_max[cause] == longest);
  check_same(batch.groups.at(0).counts[static_cast<std::size_t>(Count::vanished)], vanished);
  CHECK(batch.events == events);
  options.first_seed = 12;
  CHECK(run_batch(config, options).trace_hash != batch.trace_hash);
}

TEST_CASE("of several failing seeds the lowest is reported, for any number of jobs", "[batch]") {
  const auto config = shared(failing_in_some_seeds());
  std::vector<std::uint64_t> failing;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    if (fails(config, seed)) failing.push_back(seed);
  }
  REQUIRE(failing.size() >= 2);
  REQUIRE(failing.front() > 1);
  const std::string lowest = "seed " + std::to_string(failing[0]) + ",";
  for (const int jobs : {1, 2, 3, 8}) {
    CAPTURE(jobs);
    BatchOptions options;
    options.seeds = 300;
    options.jobs = jobs;
    CHECK_THAT(bug_of(config, options), Catch::Contains(lowest));
    options.seeds = static_cast<std::int64_t>(failing[0]) - 1;
    CHECK(bug_of(config, options) == "none");
  }
}

TEST_CASE("a batch of short runs can be cancelled between its seeds", "[batch]") {
  const auto config = shared(tests::quiet(3));  // far fewer events than between two polls of a run
  std::atomic<bool> cancel{false};
  std::int64_t seen = 0;
  BatchOptions options;
  options.seeds = 100'000'000;
  options.jobs = 2;
  options.cancel = &cancel;
  options.each = [&](const SeedResult&) { cancel = ++seen >= 10; };
  CHECK_THROWS_AS(run_batch(config, options), sim::Cancelled);
  CHECK(seen < 1000);
}

TEST_CASE("what the listener of a batch throws comes out of it", "[batch]") {
  BatchOptions options;
  options.seeds = 50;
  options.jobs = 2;
  options.each = [](const SeedResult& result) {
    if (result.seed.value >= 20) throw std::runtime_error("seed " + std::to_string(result.seed.value));
  };
  CHECK_THROWS_WITH(run_batch(shared(tests::quiet(3)), options), "seed 20");
}
