// A wall clock that is set, and what follows at a broker.
#include "model/host/host.hpp"
#include "tests/catch.hpp"
#include "tests/model/broker_bench.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using rocketmq::BrokerBench;

void set_clock(BrokerBench& bench, Duration by) {
  auto context = bench.at_now();
  host::set_clock(bench.world(), HostId(0), by, context);
}

constexpr Duration back(Duration by) { return Duration{-by.ns}; }

/// When the first message, sent at 1 s, is flushed.
Duration flushed_at(Duration by) {
  BrokerBench bench(BrokerBench::plain());
  bench.restart();  // the first loop is thorough, the next one 10 s later
  bench.run(1_s);
  bench.send();
  set_clock(bench, by);
  bench.run(2_min);
  const auto flushes = bench.all(RecordKind::flushed);
  REQUIRE(!flushes.empty());
  return flushes[0].at - SimTime{};
}

}  // namespace

TEST_CASE("a clock that is set and set right again; the monotonic one goes on") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1_s, FaultKind::clock_jump), 1_s)};
  config.faults[0].action.jump = back(30_s);
  Run run(config, 1500_ms);
  CHECK(run.simulation.world().hosts[0].wall_clock_jump == back(30_s));
  const auto& log = run.simulation.world().brokers[0].cache.log;
  CHECK(log.back().stored.value < 0);
  run.until(3_s);
  CHECK(run.simulation.world().hosts[0].wall_clock_jump == Duration{});
  CHECK(run.times(RecordKind::clock_set) == std::vector<Duration>{1_s, 2_s});
  CHECK(run.times(RecordKind::appended, 20).size() == 1);
}

TEST_CASE("the heal at the end sets clocks right") {
  Config config = small_cluster();
  config.faults = {fault_at(1_s, FaultKind::clock_jump)};
  config.faults[0].action.jump = 1_h;
  Run run(config, 2_s);
  heal(run);
  run.until(3_s);
  CHECK(run.simulation.world().hosts[0].wall_clock_jump == Duration{});
}

TEST_CASE("set back, no loop of the flush service is thorough for so long; set forward, one is at once") {
  const Duration usual = flushed_at({});
  CHECK((usual > 10_s && usual < 11_s));
  const Duration late = flushed_at(back(60_s));
  CHECK((late > 70_s && late < 71_s));
  const Duration early = flushed_at(30_s);
  CHECK(early <= 2_s);
}

TEST_CASE("BrokerFastFailure: a jump forward throws out what waits") {
  Config config = BrokerBench::plain();
  config.brokers[0].settings.sendMessageThreadPoolNums = 1;
  BrokerBench bench(config);
  bench.run(1_s);
  bench.stall(true);
  bench.send();
  bench.send();
  bench.run(50_ms);
  CHECK(bench.answers.empty());
  SECTION("by a minute") {
    set_clock(bench, 60_s);
    bench.run(10_ms);
    REQUIRE(bench.answers.size() == 1);  // the other blocks in the lock
    CHECK(bench.answers[0].payload.status == Status::SYSTEM_BUSY);
    bench.send();
    bench.run(1_ms);
    REQUIRE(bench.answers.size() == 2);  // isOSPageCacheBusy: the lock seems to be held for a minute
    CHECK(bench.answers[1].payload.status == Status::SYSTEM_BUSY);
  }
  SECTION("by three hours: a lock that seems so old is taken for free") {
    set_clock(bench, 3_h);
    bench.run(10_ms);
    REQUIRE(bench.answers.size() == 1);
    bench.send();
    bench.run(1_ms);
    CHECK(bench.answers.size() == 1);
  }
  SECTION("back by a minute: it waits so much longer") {
    set_clock(bench, back(60_s));
    bench.run(60_s);
    CHECK(bench.answers.empty());
    bench.run(1_s);
    CHECK(bench.answers.size() == 1);
  }
}

TEST_CASE("clocks that differ make states that differ, until they are set right") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1_s, FaultKind::clock_jump), 1_s)};
  config.faults[0].action.jump = 30_s;
  Run jumped(config, 1500_ms);
  config.faults[0].action.jump = 31_s;
  Run other(config, 1500_ms);
  const auto digest = [](const Run& run) {
    return sim::canonical_digest(run.simulation.now(), run.simulation.world().hosts[0]);
  };
  CHECK(digest(jumped) != digest(other));
  jumped.until(3_s), other.until(3_s);
  CHECK(digest(jumped) == digest(other));
}

}  // namespace brokersim::model
