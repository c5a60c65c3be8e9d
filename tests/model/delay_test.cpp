// ScheduleMessageService. The broker begins at 0: its levels poll at 1.0, 1.1, 1.2 ... s and their offsets
// are written at 10, 20 ... s.
#include "model/rocketmq/delay_table.hpp"
#include "tests/catch.hpp"
#include "tests/model/consuming_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Bench = ConsumingBench;

/// Puts a message for queue 0 of "orders" on a level.
void put_on(Bench& bench, std::int32_t level) {
  auto context = bench.at_now();
  Site site(bench.world(), 0, context);
  LogRecord message;
  message.intent = IntentId(bench.intents++);
  message.size = 100;
  CHECK(schedule_message(site, message, level));
}

std::vector<Duration> delivered(const Bench& bench) {
  std::vector<Duration> times;
  for (const auto& record : bench.all(RecordKind::delay_over)) times.push_back(record.at - SimTime{});
  return times;
}

/// Also feeds everything that happened to the monitor of the table.
sim::RowCoverage<delay_table> watched(const Bench& bench) {
  DelayMonitor monitor(bench.config);
  for (const auto& record : bench.recorder.records()) monitor.on(record.at, record.record);
  return monitor.coverage();
}

void die(Bench& bench, FaultKind why) {
  auto context = bench.at_now();
  context.record(make_record(RecordKind::process_died, 0, static_cast<std::int64_t>(why)));
}
void kill(Bench& bench) {
  bench.kill();
  die(bench, FaultKind::kill);
}

}  // namespace

TEST_CASE("delay: each level delivers at its first poll after the delay; higher ones are capped") {
  Bench bench;
  bench.until(2030_ms);
  const auto& levels = bench.config.brokers[0].settings.messageDelayLevel;
  for (std::int32_t level = 1; level <= 19; ++level) put_on(bench, level);
  bench.until(3_h);
  const auto times = delivered(bench);
  REQUIRE(times.size() == 19);
  for (std::size_t i = 0; i < 18; ++i) CHECK(times[i] == 2100_ms + levels[i]);
  CHECK(times[18] == 2100_ms + 7200_s);
  CHECK(bench.count(RecordKind::appended) == 19);
  const LogRecord& first = bench.broker().cache.log[19];
  CHECK(first.topic == TopicId(0));
  CHECK(first.queue == 0);
  CHECK(delays_idle(bench.broker(), bench.config));
  CHECK(watched(bench).hits(1) == 19);
}

TEST_CASE("delay: exactly on a poll is due; what waits costs no event until then") {
  Bench bench;
  bench.until(2_s);
  put_on(bench, 2);
  bench.until(2100_ms);
  const std::int64_t before = bench.broker_events;  // of appending and dispatching
  bench.until(6999_ms);
  CHECK(delivered(bench).empty());
  CHECK_FALSE(delays_idle(bench.broker(), bench.config));
  bench.until(7_s);
  CHECK(delivered(bench) == std::vector{Duration(7_s)});
  CHECK(bench.broker_events <= before + 2);
}

TEST_CASE("delay: the polls are those of a twin that ticks every 100 ms") {
  Bench bench;
  std::vector<Duration> stored;
  for (int i = 0; i < 60; ++i) {
    bench.run(Duration{37'000'000LL * (i * i % 11)});
    stored.push_back(bench.elapsed(bench.state.now));
    put_on(bench, 1);
  }
  bench.run(10_s);
  std::vector<Duration> expected;
  std::size_t next = 0;
  for (Duration tick = 1_s; next < stored.size(); tick += 100_ms) {
    while (next < stored.size() && stored[next] + 1_s <= tick) expected.push_back(tick), ++next;
  }
  CHECK(delivered(bench) == expected);
}

TEST_CASE("delay: several that are due come in one poll, one event each") {
  Bench bench;
  bench.until(2010_ms);
  for (int i = 0; i < 3; ++i) put_on(bench, 1);
  bench.run(10_ms);
  bench.until(3050_ms);
  const std::int64_t before = bench.broker_events;
  bench.run_to(SimTime{} + 3101_ms);
  CHECK(delivered(bench) == std::vector<Duration>(3, 3100_ms));
  CHECK(bench.broker_events >= before + 3);
}

TEST_CASE("delay: a kill forgets what was delivered since the file was written, and it comes again") {
  Bench bench;
  bench.until(5_s);
  put_on(bench, 1);  // delivered at 6 s, in the file at 10 s
  bench.until(11_s);
  put_on(bench, 1);  // at 12 s
  bench.until(13_s);
  put_on(bench, 1);  // at 14 s
  bench.until(15_s);
  REQUIRE(delivered(bench).size() == 3);
  kill(bench);
  bench.until(20_s);
  bench.restart();
  bench.until(30_s);
  const std::vector<Duration> all{6_s, 12_s, 14_s, 21_s, 21_s};  // 1 s after the start, at once
  CHECK(delivered(bench) == all);
  CHECK(bench.count(RecordKind::appended) == 5);
  CHECK(watched(bench).hits(3) == 2);
}

TEST_CASE("delay: what became due while the broker was down is delivered at its first poll") {
  Bench bench;
  bench.until(2_s);
  put_on(bench, 2);
  bench.run(10_ms);
  kill(bench);
  bench.until(60_s);
  bench.restart();
  bench.until(70_s);
  CHECK(delivered(bench) == std::vector{Duration(61_s)});
  CHECK(watched(bench).hits(2) == 1);
}

TEST_CASE("delay: a graceful stop writes the offsets, and nothing comes again") {
  Bench bench;
  bench.until(11_s);
  put_on(bench, 1);
  bench.until(13_s);
  auto context = bench.at_now();
  broker_stop(bench.world(), 0, context);
  bench.until(18_s);
  bench.kill();
  die(bench, FaultKind::stop);
  bench.restart();
  bench.until(30_s);
  CHECK(delivered(bench).size() == 1);
  watched(bench);
}

TEST_CASE("delay: after a power loss the file is old, new or empty") {
  const auto redelivered = [](UnsyncedFiles files) {
    Bench bench;
    bench.until(2_s);
    put_on(bench, 1);
    bench.until(30_s);  // delivered, in the file since 10 s, the log flushed
    bench.lose_power(files);
    die(bench, FaultKind::power_loss);
    bench.restart();
    bench.run(5_s);
    watched(bench);
    return delivered(bench).size() - 1;
  };
  CHECK(redelivered(UnsyncedFiles::new_version) == 0);
  CHECK(redelivered(UnsyncedFiles::old_version) == 1);
  CHECK(redelivered(UnsyncedFiles::empty) == 1);
}

TEST_CASE("delay: an offset beyond a truncated queue is its end") {
  Bench bench;
  bench.until(2_s);
  put_on(bench, 1);
  bench.until(11_s);
  REQUIRE(bench.broker().cache.delay_offsets.written.at(0) == 1);
  bench.broker().disk.synced = {};  // nothing of it was ever flushed
  bench.lose_power(UnsyncedFiles::new_version);
  die(bench, FaultKind::power_loss);
  bench.restart();
  CHECK(bench.memory().delays.levels[0].next == 0);
  put_on(bench, 1);
  bench.run(5_s);
  CHECK(delivered(bench).size() == 2);
  CHECK(watched(bench).hits(6) == 1);
}

TEST_CASE("delay: while the append lock is held nothing is delivered; then the next poll does it") {
  Bench bench;
  bench.until(2_s);
  put_on(bench, 1);
  bench.until(2500_ms);
  bench.stall(true);
  bench.until(4230_ms);
  const std::int64_t before = bench.broker_events;
  CHECK(delivered(bench).empty());
  bench.stall(false);
  bench.until(10_s);
  CHECK(delivered(bench) == std::vector{Duration(4300_ms)});
  CHECK(before < 100);
}

TEST_CASE("delay: a disk without any room stops 5.3 for 10 s, and 4.9 until it is started again") {
  const Profile profile = GENERATE(Profile::v5_3, Profile::v4_9);
  Config config = Bench::billing(profile);
  config.hosts[0].disk_size = 1 << 30;
  Bench bench(std::move(config));
  bench.until(2_s);
  put_on(bench, 1);
  bench.until(2500_ms);
  bench.world().hosts[0].disk_filled = 1 << 30;  // freed before CleanCommitLogService looks
  bench.until(3500_ms);                          // the poll of 3 s throws
  bench.world().hosts[0].disk_filled = 0;
  bench.until(40_s);
  if (profile == Profile::v5_3) {
    CHECK(delivered(bench) == std::vector{Duration(13_s)});
    return;
  }
  CHECK(delivered(bench).empty());
  CHECK_FALSE(delays_idle(bench.broker(), bench.config));
  kill(bench);
  bench.restart();
  bench.until(50_s);
  CHECK(delivered(bench) == std::vector{Duration(41_s)});
  watched(bench);
}

TEST_CASE("delay: a clock that was set back makes it due at once") {
  Bench bench;
  bench.until(2_s);
  put_on(bench, 5);
  bench.run(10_ms);
  kill(bench);
  bench.world().hosts[0].wall_clock_jump = Duration{} - 600_s;
  bench.restart();
  bench.run(2_s);
  CHECK(delivered(bench).size() == 1);  // correctDeliverTimestamp
}

TEST_CASE("delay: a broker without push consumers has no levels") {
  BrokerBench bench(BrokerBench::plain());
  CHECK(bench.memory().delays.levels.empty());
  CHECK(delays_idle(bench.broker(), bench.config));
}

TEST_CASE("delay: the monitor forbids a delivery before its time, a second one, and one of nothing") {
  const Config config = Bench::billing();
  const auto record = [](RecordKind kind, std::int64_t offset) {
    return make_record(kind, 0, 1 << 16, offset);
  };
  const SimTime start{};
  DelayMonitor monitor(config);
  CHECK_THROWS_AS(monitor.on(start, record(RecordKind::delay_over, 0)), sim::BugError);
  monitor.on(start, record(RecordKind::scheduled, 1));
  CHECK_THROWS_AS(monitor.on(start + 999_ms, record(RecordKind::delay_over, 1)), sim::BugError);
  CHECK_THROWS_AS(monitor.on(start + 999_ms, record(RecordKind::scheduled, 1)), sim::BugError);
  monitor.on(start + 1_s, record(RecordKind::delay_over, 1));
  CHECK_THROWS_AS(monitor.on(start + 2_s, record(RecordKind::delay_over, 1)), sim::BugError);
  monitor.reset();
  CHECK_THROWS_AS(monitor.on(start + 3_s, record(RecordKind::delay_over, 1)), sim::BugError);
}

TEST_CASE("delay: what a stopped broker delivered comes again if its host loses power, and only then") {
  const Config config = Bench::billing();
  const bool power_lost = GENERATE(true, false);
  const SimTime start{};
  DelayMonitor monitor(config);
  monitor.on(start, make_record(RecordKind::scheduled, 0, 1 << 16, 1));
  monitor.on(start + 1_s, make_record(RecordKind::delay_over, 0, 1 << 16, 1));
  monitor.on(start + 2_s,
             make_record(RecordKind::process_died, 0, static_cast<std::int64_t>(FaultKind::stop)));
  if (power_lost)
    monitor.on(start + 3_s, make_record(RecordKind::host_lost_power, config.brokers[0].host.value));
  const auto again = [&] { monitor.on(start + 9_s, make_record(RecordKind::delay_over, 0, 1 << 16, 1)); };
  if (power_lost) CHECK_NOTHROW(again());
  if (!power_lost) CHECK_THROWS_AS(again(), sim::BugError);
}

}  // namespace brokersim::model::rocketmq
