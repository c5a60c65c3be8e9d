// Disks that are lost, torn, cut, full; and what retention does.
#include "tests/catch.hpp"
#include "tests/model/broker_bench.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using Times = std::vector<Duration>;
using rocketmq::BrokerBench;

/// Of all records of a kind, one of their numbers.
std::vector<std::int64_t> numbers(const std::vector<sim::StampedRecord>& records) {
  std::vector<std::int64_t> all;
  for (const auto& r : records) all.push_back(r.record.a);
  return all;
}

std::vector<std::int64_t> numbers(const Run& run, RecordKind kind) {
  std::vector<std::int64_t> all;
  for (const auto& r : run.recorder.records()) {
    if (r.record.kind == static_cast<std::uint32_t>(kind)) all.push_back(r.record.a);
  }
  return all;
}

std::int64_t as_number(LossKind kind) { return static_cast<std::int64_t>(kind); }

}  // namespace

TEST_CASE("a lost disk takes everything, and the broker begins again") {
  Config config = small_cluster();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  config.faults = {restoring(fault_at(1050_ms, FaultKind::disk_lost), 1_s)};
  Run run(config, 10_s);
  CHECK(numbers(run, RecordKind::copy_lost) ==
        std::vector<std::int64_t>(11, as_number(LossKind::disk_lost)));  // 0 to 1000 ms
  CHECK(run.times(RecordKind::process_served, broker0.value) == Times{2050_ms + 3_s});
  const rocketmq::Broker& broker = run.simulation.world().brokers[0];
  REQUIRE(broker.cache.log.size() > 10);
  CHECK(broker.cache.log[0].queue_offset == 0);
  CHECK(broker.cache.topics[0] == 4);  // created again by the first send, with TBW102's queues
}

TEST_CASE("a lost disk takes the offsets of consumers and delays with it") {
  BrokerBench bench(BrokerBench::plain());
  bench.broker().cache.offsets.written = {3, 4};
  bench.broker().cache.delay_offsets.written = {5};
  bench.world().processes[0].life = host::Life::dead;
  auto context = bench.at_now();
  rocketmq::broker_power_lost(bench.world(), 0, {.disk_lost = true}, context);
  CHECK(bench.broker().cache.offsets.written.empty());
  CHECK(bench.broker().cache.delay_offsets.written.empty());
}

TEST_CASE("of a log that is cut whole records go, synced or not, and nothing else") {
  Config config = small_cluster();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  const std::int64_t size = Run(config, 500_ms).simulation.world().brokers[0].cache.log[0].end;
  for (const auto& [bytes, gone] :
       {std::pair<std::int64_t, std::size_t>{1, 1}, {2 * size, 2}, {2 * size + 1, 3}, {1 << 20, 11}}) {
    INFO(bytes);
    config.faults = {restoring(fault_at(1050_ms, FaultKind::truncate_log), 1_s)};
    config.faults[0].action.bytes = bytes;
    Run run(config, 2_s);
    CHECK(numbers(run, RecordKind::copy_lost) ==
          std::vector<std::int64_t>(gone, as_number(LossKind::truncated_tail)));
    CHECK(run.times(RecordKind::process_died) == Times{1050_ms});
    CHECK(run.simulation.world().brokers[0].disk.synced.records == static_cast<std::int64_t>(11 - gone));
    run.until(10_s);
    CHECK(run.times(RecordKind::process_served, broker0.value) == Times{2050_ms + 3_s});
  }
}

TEST_CASE("a sync that was under way when the log was cut makes nothing durable that is gone") {
  Config config = small_cluster();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  config.hosts[0].sync_time = Distribution::constant(50_ms);
  config.faults = {fault_at(1010_ms, FaultKind::truncate_log),
                   restoring(fault_at(3_s, FaultKind::power_loss), 1_s)};
  config.faults[0].action.bytes = 1 << 10;
  Run run(config, 2_s);
  const rocketmq::Broker& broker = run.simulation.world().brokers[0];
  CHECK(broker.cache.log.size() < 10);
  CHECK(broker.disk.synced == broker.cache.committed);
  run.until(20_s);
  CHECK(broker.disk.synced.bytes <= broker.cache.committed.bytes);
}

TEST_CASE("a torn tail: what lies before the hole is left, what lies behind it was written in vain") {
  std::size_t torn = 0, kept = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    BrokerBench bench(BrokerBench::plain(), seed);
    for (int i = 0; i < 40; ++i) bench.send(0, 2000);
    bench.world().processes[0].life = host::Life::dead;
    auto context = bench.at_now();
    rocketmq::broker_power_lost(bench.world(), 0, {.tail = Tail::torn}, context);
    const auto& broker = bench.broker();
    const auto lost = numbers(bench.all(RecordKind::copy_lost));
    CHECK(broker.cache.log.size() + lost.size() == 40);
    CHECK(broker.disk.synced == broker.cache.committed);
    // In the order of the log: the two or three that touch the hole, then those behind it.
    const auto behind = std::find(lost.begin(), lost.end(), as_number(LossKind::torn_tail));
    CHECK(std::count(lost.begin(), behind, as_number(LossKind::unflushed_tail)) == behind - lost.begin());
    CHECK(std::count(behind, lost.end(), as_number(LossKind::torn_tail)) == lost.end() - behind);
    CHECK((behind - lost.begin() >= 1 && behind - lost.begin() <= 3));
    torn += static_cast<std::size_t>(lost.end() - behind);
    kept += broker.cache.log.size();
  }
  CHECK(torn > 0);
  CHECK(kept > 0);
}

TEST_CASE("nothing that was synced is torn") {
  BrokerBench bench(BrokerBench::plain());
  for (int i = 0; i < 10; ++i) bench.send(0, 2000);
  bench.run(11_s);  // a thorough flush
  const std::int64_t synced = bench.broker().disk.synced.records;
  REQUIRE(synced == 10);
  bench.send(0, 100);
  bench.world().processes[0].life = host::Life::dead;
  auto context = bench.at_now();
  rocketmq::broker_power_lost(bench.world(), 0, {.tail = Tail::torn}, context);
  CHECK(bench.broker().cache.log.size() == 10);
}

// ------------------------------------------------------------------------------------- retention

namespace {

/// 10 records of 6,000 bytes and something in each file.
Config small_files() {
  Config config = BrokerBench::plain();
  config.brokers[0].settings.mappedFileSizeCommitLog = 65'536;
  return config;
}

/// `count` messages, all flushed.
void fill(BrokerBench& bench, int count) {
  for (int i = 0; i < count; ++i) bench.send(0, 6000);
  bench.run(11_s);
}

std::int64_t first_offset(BrokerBench& bench) {
  return rocketmq::first_offset(bench.broker(), TopicId(0), 0);
}

}  // namespace

TEST_CASE("old files are deleted in their hour, but never the last one") {
  Config config = small_files();
  config.brokers[0].settings.fileReservedTime = 5_min;
  config.brokers[0].settings.deleteWhen = {4, 0};
  BrokerBench bench(config);
  fill(bench, 35);
  CHECK(first_offset(bench) == 0);
  bench.run_to(SimTime{} + 5_min);
  CHECK(first_offset(bench) == 0);
  bench.run_through(SimTime{} + 5_min + 10_s);
  CHECK(first_offset(bench) == 30);
  CHECK(numbers(bench.all(RecordKind::copy_lost)) ==
        std::vector<std::int64_t>(30, as_number(LossKind::retention)));
  bench.run(24_h);
  CHECK(first_offset(bench) == 30);
}

TEST_CASE("out of that hour they stay, until the disk is too full") {
  Config config = small_files();
  config.brokers[0].settings.fileReservedTime = 5_min;
  SECTION("the hour comes") {
    BrokerBench bench(config);
    fill(bench, 35);
    bench.run_to(SimTime{} + 4_h);
    CHECK(first_offset(bench) == 0);
    bench.run(10_s);
    CHECK(first_offset(bench) == 30);
  }
  SECTION("by the host's own clock") {
    config.hosts[0].wall_clock_offset = 3_h;
    BrokerBench bench(config);
    fill(bench, 35);
    bench.run_through(SimTime{} + 1_h + 10_s);
    CHECK(first_offset(bench) == 30);
  }
  SECTION("the disk is fuller than diskMaxUsedSpaceRatio") {
    config.hosts[0].disk_size = 280'000;  // 35 records take 0.78 of it
    BrokerBench bench(config);
    fill(bench, 35);
    bench.run_to(SimTime{} + 5_min);
    CHECK(first_offset(bench) == 0);
    bench.run(10_s);
    CHECK(first_offset(bench) == 30);
  }
}

TEST_CASE("a disk fuller than diskSpaceCleanForciblyRatio: no file is too young, and ten are enough") {
  Config config = small_files();
  config.hosts[0].disk_size = 1'150'000;
  BrokerBench bench(config);
  for (int i = 0; i < 152; ++i) bench.send(0, 6000);  // 16 files, 0.866 of it
  bench.run(500_ms);
  CHECK(first_offset(bench) == 0);
  bench.run(10_s);
  CHECK(first_offset(bench) == 100);
  CHECK(bench.count(RecordKind::disk_full) == 0);
}

TEST_CASE("cleanFileForciblyEnable=false: what is too young stays") {
  Config config = small_files();
  config.hosts[0].disk_size = 250'000;  // 35 records: 0.87
  config.brokers[0].settings.cleanFileForciblyEnable = false;
  BrokerBench bench(config);
  fill(bench, 35);
  bench.run(1_min);
  CHECK(first_offset(bench) == 0);
}

TEST_CASE("4.9 deletes beyond diskMaxUsedSpaceRatio alone") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    Config config = small_files();
    config.brokers[0].profile = profile;
    config.hosts[0].disk_size = 250'000;
    config.brokers[0].settings.diskMaxUsedSpaceRatio = 95;
    BrokerBench bench(config);
    fill(bench, 35);
    bench.run(1_min);
    CHECK((first_offset(bench) > 0) == (profile == Profile::v5_3));
  }
}

TEST_CASE("beyond diskSpaceWarningLevelRatio sends are refused from one look to the next") {
  Config config = small_files();
  config.hosts[0].disk_size = 240'000;  // 35 records: 0.91
  BrokerBench bench(config);
  for (int i = 0; i < 35; ++i) bench.send(0, 6000);
  bench.run(10_s);
  REQUIRE(bench.memory().disk_full);
  CHECK(first_offset(bench) == 30);
  bench.answers.clear();
  bench.send(0, 100);
  bench.run(1_ms);
  REQUIRE(bench.answers.size() == 1);
  CHECK(bench.answers[0].payload.status == Status::SERVICE_NOT_AVAILABLE);
  bench.run(10_s);  // the look after the files have gone
  const auto marks = bench.all(RecordKind::disk_full);
  CHECK(numbers(marks) == std::vector<std::int64_t>{1, 0});
  CHECK(marks[1].at - marks[0].at == 10_s);
  bench.answers.clear();
  bench.send(0, 100);
  bench.run(1_ms);
  CHECK(bench.answers[0].payload.status == Status::SEND_OK);
}

TEST_CASE("a disk without any room: the put fails before anybody has looked") {
  Config config = small_files();
  config.hosts[0].disk_size = 1 << 30;
  BrokerBench bench(config);
  auto context = bench.at_now();
  host::fill_disk(bench.world(), HostId(0), 1, context);
  bench.send(0, 100);
  bench.run(1_ms);
  REQUIRE(bench.answers.size() == 1);
  CHECK(bench.answers[0].payload.status == Status::SYSTEM_ERROR);
  CHECK(bench.count(RecordKind::appended) == 0);
}

TEST_CASE("a start forgets that the disk was full, and looks after a minute") {
  Config config = small_files();
  config.hosts[0].disk_size = 1 << 30;
  BrokerBench bench(config);
  auto context = bench.at_now();
  host::fill_disk(bench.world(), HostId(0), 0.95, context);
  bench.run(10_s);
  CHECK(bench.memory().disk_full);
  bench.kill();
  bench.restart();
  CHECK_FALSE(bench.memory().disk_full);
  const SimTime start = bench.state.now;
  bench.run_to(start + 60_s);
  CHECK_FALSE(bench.memory().disk_full);
  bench.run_through(start + 60_s);
  CHECK(bench.memory().disk_full);
}

TEST_CASE("a pull of what is deleted is told where the queue begins") {
  Config config = small_files();
  config.brokers[0].settings.fileReservedTime = 1_min;
  config.brokers[0].settings.deleteWhen = {0};
  BrokerBench bench(config);
  fill(bench, 35);
  bench.run(2_min);
  REQUIRE(first_offset(bench) == 30);
  for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{29}, std::int64_t{30}}) {
    bench.answers.clear();
    bench.pull(0, offset);
    bench.run(1_ms);
    REQUIRE(bench.answers.size() == 1);
    const Payload& answer = bench.answers[0].payload;
    CHECK(answer.status == (offset < 30 ? Status::PULL_OFFSET_MOVED : Status::PULL_FOUND));
    CHECK(answer.offset == (offset < 30 ? 30 : 35));
  }
}

TEST_CASE("deleted files stay deleted through a crash and a start") {
  Config config = small_files();
  config.brokers[0].settings.fileReservedTime = 1_min;
  config.brokers[0].settings.deleteWhen = {0};
  BrokerBench bench(config);
  fill(bench, 35);
  bench.run(2_min);
  bench.lose_power();
  bench.restart();
  CHECK(first_offset(bench) == 30);
  CHECK(bench.all(RecordKind::copy_lost).size() == 30);
  bench.send(0, 100);
  CHECK(bench.broker().cache.log.back().queue_offset == 35);
}

TEST_CASE("a disk that somebody else fills, and empties") {
  Config config = small_cluster();
  config.hosts[0].disk_size = 1 << 30;
  config.faults = {restoring(fault_at(20_s, FaultKind::disk_full), 30_s)};
  config.producers[0].messages = 1000;
  Run run(config, 100_s);
  // From one look to another, three periods later; ten sends a second, none of which is tried again.
  CHECK(run.times(RecordKind::disk_full).size() == 2);
  CHECK(run.times(RecordKind::told_failed).size() == 300);
  CHECK(run.simulation.world().hosts[0].disk_filled == 0);
}

}  // namespace brokersim::model
