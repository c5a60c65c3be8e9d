// Times of a run: of hand-made evidence by counting, and of whole runs by the schedule of their faults.
#include "scenarios/run/times.hpp"

#include <memory>

#include "scenarios/run/batch.hpp"
#include "tests/catch.hpp"
#include "tests/model/court.hpp"
#include "tests/scenarios/small_runs.hpp"

namespace brokersim::scenarios {

using namespace sim::literals;
using model::RecordKind;
using model::ledger::Court;

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Of a run that ended after 100 s.
RunTimes times_of(Court& court) {
  court.inventory.pending.resize(court.config.groups.size());
  return scenarios::times_of(court.config, court.evidence, court.inventory, sim::SimTime{} + 100_s);
}

/// An intent that is begun, and acknowledged (not with -1) and processed (not with -1) at these seconds.
void happens(Court& court, std::int64_t begun, std::int64_t acknowledged, std::int64_t processed) {
  const std::uint32_t intent = court.world.verdict.begin().value;
  const auto hears = [&](std::int64_t at, RecordKind kind, std::int64_t b = 0) {
    if (at >= 0) court.hears(sim::Duration{at * second}, kind, intent, 0, b);
  };
  hears(begun, RecordKind::send_begun);
  hears(acknowledged, RecordKind::acknowledged);
  hears(processed, RecordKind::processed, 1);
}

}  // namespace

TEST_CASE("the nearest rank of a percentage is a number of the list", "[times]") {
  CHECK(nearest_rank(1, 50) == 0);
  CHECK(nearest_rank(2, 50) == 0);  // half of them do not exceed the first
  CHECK(nearest_rank(3, 50) == 1);
  CHECK(nearest_rank(100, 99) == 98);
  CHECK(nearest_rank(101, 99) == 99);  // 99.99 of 101: the hundredth
  CHECK(nearest_rank(7, 100) == 6);
}

TEST_CASE("from send to effect, and the longest time in which a group stood still", "[times]") {
  Court court;
  court.reader();
  happens(court, 0, 0, 1);
  happens(court, 1, 1, 2);
  happens(court, 3, 3, 13);  // it stood still from 3 to 13, for until 3 nothing was due
  happens(court, 4, 4, 14);
  happens(court, 50, 50, 51);  // and from 14 to 50 it had nothing to do
  happens(court, 5, 5, -1);    // lost, say: that is counted elsewhere
  const RunTimes times = times_of(court);
  REQUIRE(times.groups.size() == 1);
  // 1, 1, 1, 10 and 10 s.
  CHECK(times.groups[0] == GroupTimes{1 * second, 10 * second, 10 * second, 10 * second});
}

TEST_CASE("what is still to come at the end lets its group stand still until then", "[times]") {
  Court court;
  court.reader();
  happens(court, 0, 0, 1);
  happens(court, 20, 20, -1);
  CHECK(times_of(court).groups[0].stall == 1 * second);
  court.inventory.pending = {{0, 1}};
  court.inventory.judged = {{1}};
  CHECK(times_of(court).groups[0].stall == 80 * second);
  CHECK(times_of(court).groups[0].longest == 1 * second);
  court.inventory.judged = {{0}};  // of a topic that it does not read
  CHECK(times_of(court).groups[0].stall == 1 * second);
}

TEST_CASE("effects in between do not stop a queue's wait from being the time of its message", "[times]") {
  Court court;
  court.reader();
  happens(court, 0, 0, 9);
  for (std::int64_t i = 0; i < 8; ++i) happens(court, i, i, i + 1);
  const RunTimes times = times_of(court);
  CHECK(times.groups[0].longest == 9 * second);
  CHECK(times.groups[0].stall == 1 * second);
}

TEST_CASE(
    "the longest time without an acknowledged send begins with the first try and ends with the last send",
    "[times]") {
  Court court;
  SECTION("before the first") {
    happens(court, 2, 7, -1);
    happens(court, 8, 9, -1);
    CHECK(times_of(court).producers == std::vector<std::int64_t>{5 * second});
  }
  SECTION("behind the last") {
    happens(court, 2, 3, -1);
    happens(court, 12, -1, -1);
    CHECK(times_of(court).producers == std::vector<std::int64_t>{9 * second});
  }
  SECTION("nothing sent") { CHECK(times_of(court).producers == std::vector<std::int64_t>{-1}); }
}

TEST_CASE("nobody acknowledges what was sent one-way", "[times]") {
  Court court(model::SendMode::oneway);
  happens(court, 0, -1, -1);
  CHECK(times_of(court).producers == std::vector<std::int64_t>{-1});
}

TEST_CASE("a batch has the times of its seeds", "[times]") {
  const auto config = std::make_shared<const model::Config>(tests::power_loss_while_read());
  BatchOptions options;
  options.seeds = 5;
  std::vector<RunTimes> seeds;
  options.each = [&](const SeedResult& result) { seeds.push_back(result.times); };
  const BatchResult result = run_batch(config, options);
  REQUIRE(result.unacknowledged.size() == 1);
  CHECK(result.unacknowledged[0].total() == 5);
  REQUIRE(result.times.size() == 1);
  CHECK(result.times[0].stall.total() == 5);
  std::int64_t longest = 0;
  for (const RunTimes& times : seeds) longest = std::max(longest, times.groups.at(0).longest);
  CHECK(result.times[0].longest.max() == longest);
  for (const RunTimes& times : seeds) {
    CHECK(times.groups[0].median <= times.groups[0].p99);
    CHECK(times.groups[0].p99 <= times.groups[0].longest);
  }
}

}  // namespace brokersim::scenarios
