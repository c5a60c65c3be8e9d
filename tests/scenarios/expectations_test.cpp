// Expectations against made-up results: what holds, what fails, and which seed shows it.
#include "scenarios/run/expectations.hpp"

#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using model::ledger::Cause;

namespace {

Scenario expecting(const Expectation& expectation) {
  Scenario scenario;
  scenario.expect = {expectation};
  return scenario;
}

SeedResult vanished(std::uint64_t seed, std::int64_t count, Cause cause, std::int64_t window_ns) {
  SeedResult result;
  result.seed = sim::Seed(seed);
  GroupCounts& counts = result.groups.emplace_back();
  counts.window_min.fill(-1);
  counts.window_max.fill(-1);
  counts[Count::vanished] = count;
  const auto k = static_cast<std::size_t>(cause);
  counts.causes[static_cast<std::size_t>(Count::vanished)][k] = count;
  // The first message of seed 3 is number 30, and so on; the one with the longest window comes right behind.
  const auto message = static_cast<std::uint32_t>(10 * seed);
  if (count > 0) {
    counts.first[static_cast<std::size_t>(Count::vanished)][k] = message + 1;
    counts.window_min[k] = window_ns / 2, counts.window_max[k] = window_ns;
    counts.window_min_of[k] = message + 1, counts.window_max_of[k] = message + 2;
  }
  return result;
}

std::vector<Finding> check(const Expectation& expectation, const std::vector<SeedResult>& results) {
  ExpectationCheck check(expecting(expectation));
  for (const auto& result : results) check.see(result);
  return check.findings();
}

const std::vector<SeedResult> three{vanished(1, 10, Cause::storage_unflushed_tail, 100'000'000),
                                    vanished(2, 0, Cause::storage_unflushed_tail, 0),
                                    vanished(3, 50, Cause::storage_unflushed_tail, 400'000'000)};

Expectation of_vanished() {
  Expectation expectation;
  expectation.count = Count::vanished;
  return expectation;
}

}  // namespace

TEST_CASE("a claim about every seed names the first seed that breaks it", "[expect]") {
  Expectation wanted = of_vanished();
  wanted.every_seed = Interval{0, 20};
  const auto found = check(wanted, three);
  REQUIRE(found.size() == 1);
  CHECK_FALSE(found[0].holds);
  CHECK(found[0].seed == 3);
  CHECK(found[0].message == 30);
  wanted.every_seed = Interval{0, 50};
  CHECK(check(wanted, three)[0].holds);
}

TEST_CASE("mean, median and extremes are taken over the seeds", "[expect]") {
  Expectation wanted = of_vanished();
  wanted.mean = Interval{20, 20};
  wanted.median = Interval{10, 10};
  wanted.min = Interval{0, 0};
  wanted.max = Interval{50, 50};
  for (const auto& finding : check(wanted, three)) CHECK(finding.holds);
  wanted.mean = Interval{0, 19.9};
  CHECK_FALSE(check(wanted, three)[0].holds);
}

TEST_CASE("a measured incident must fall into the prediction interval", "[expect]") {
  Expectation wanted = of_vanished();
  wanted.measured = {0, 50, 51};
  const auto found = check(wanted, three);
  REQUIRE(found.size() == 3);
  CHECK(found[0].holds);
  CHECK(found[1].holds);
  CHECK_FALSE(found[2].holds);
}

TEST_CASE("another cause is found, with its seed", "[expect]") {
  Expectation wanted = of_vanished();
  wanted.cause = Cause::storage_unflushed_tail;
  CHECK(check(wanted, three)[0].holds);
  auto mixed = three;
  mixed.push_back(vanished(9, 1, Cause::storage_uncommitted_pool, 1));
  const auto found = check(wanted, mixed);
  CHECK_FALSE(found[0].holds);
  CHECK(found[0].seed == 9);
  CHECK(found[0].message == 90);
}

TEST_CASE("a count that is too small in its seed has no message to show for it", "[expect]") {
  Expectation wanted = of_vanished();
  wanted.min = Interval{1, 10};
  const auto found = check(wanted, three);
  CHECK_FALSE(found[0].holds);
  CHECK(found[0].seed == 2);
  CHECK_FALSE(found[0].message.has_value());
}

TEST_CASE("a finding names the group that it is about, the log by nothing", "[expect]") {
  Expectation wanted = of_vanished();
  wanted.every_seed = Interval{0, 0};
  CHECK(check(wanted, three)[0].group.empty());
  Scenario scenario = expecting(wanted);
  scenario.config.groups = {"billing"};
  ExpectationCheck claims(scenario);
  claims.see(three[0]);
  CHECK(claims.findings()[0].group == "billing");
}

TEST_CASE("windows are bounded over all seeds", "[expect]") {
  Expectation wanted = of_vanished();
  wanted.window_max = sim::Duration{400'000'000};
  wanted.window_min = sim::Duration{50'000'000};
  for (const auto& finding : check(wanted, three)) CHECK(finding.holds);
  wanted.window_max = sim::Duration{399'999'999};
  wanted.window_min = sim::Duration{50'000'001};
  const auto found = check(wanted, three);
  REQUIRE(found.size() == 2);
  CHECK_FALSE(found[0].holds);
  CHECK(found[0].seed == 1);
  CHECK_FALSE(found[1].holds);
  CHECK(found[1].seed == 3);
  CHECK(found[0].message == 10);
  CHECK(found[1].message == 31);
}
