// Classic replication: a master, a slave and their connection. Every one-way delay is 1 ms; message k leaves
// its producer at 100 k ms (the first 2 ms later) and is in the master's log 1 ms after that.
#include "model/rocketmq/broker_internal.hpp"
#include "tests/catch.hpp"
#include "tests/model/small_cluster.hpp"

using namespace brokersim;
using namespace brokersim::model;

namespace {

const ProcessId slave_process{1};

Config waits_for_slave() {
  Config config = small_replica_set();
  config.brokers[0].settings.brokerRole = BrokerRole::SYNC_MASTER;
  config.brokers[0].settings.inSyncReplicas = 2;
  return config;
}

Config of_4_9(Config config) {
  for (BrokerConfig& broker : config.brokers) broker.profile = Profile::v4_9;
  config.brokers[0].settings.brokerRole = BrokerRole::SYNC_MASTER;
  return config;
}

FaultConfig at_process(Duration time, FaultKind kind, ProcessId process) {
  FaultConfig fault = fault_at(time, kind);
  fault.action.process = process;
  return fault;
}

const rocketmq::Broker& master(const Run& run) { return run.simulation.world().brokers[0]; }
const rocketmq::Broker& slave(const Run& run) { return run.simulation.world().brokers[1]; }

std::int64_t end_of(const rocketmq::Broker& broker) { return broker.cache.committed.bytes; }

/// What each told_failed says: the refusal's Status.
std::vector<Status> statuses(const Run& run, RecordKind kind) {
  std::vector<Status> all;
  for (const auto& r : run.recorder.records()) {
    if (r.record.kind != static_cast<std::uint32_t>(kind)) continue;
    all.push_back(static_cast<Status>(kind == RecordKind::told_failed ? r.record.b : r.record.a));
  }
  return all;
}

}  // namespace

TEST_CASE("replication: an idle write service finds a message at the end of its 100 ms", "[replication]") {
  const Run run(small_replica_set(), 10_s);
  const auto appended = run.times(RecordKind::appended), copied = run.times(RecordKind::replicated);
  REQUIRE(copied.size() > 90);
  for (std::size_t i = 0; i < copied.size(); ++i) {
    // At most 100 ms until it looks, and 1 ms on the way.
    CHECK(copied[i] > appended[i] + 1_ms);
    CHECK(copied[i] <= appended[i] + 101_ms);
  }
  CHECK(run.simulation.world().brokers[1].cache.log.size() == copied.size());
}

TEST_CASE("replication: inSyncReplicas=2 answers once the slave's report is back", "[replication]") {
  const Run run(waits_for_slave(), 10_s);
  const auto appended = run.times(RecordKind::appended), known = run.times(RecordKind::acknowledged);
  REQUIRE(known.size() > 90);
  // The put wakes the write service: piece, report, answer, each 1 ms.
  for (std::size_t i = 0; i < known.size(); ++i) CHECK(known[i] == appended[i] + 3_ms);
}

TEST_CASE("replication: SYNC_MASTER alone waits in 4.9 and not in 5.3", "[replication]") {
  Config config = small_replica_set();
  config.brokers[0].settings.brokerRole = BrokerRole::SYNC_MASTER;
  const Run v5_3(config, 2_s), v4_9(of_4_9(config), 2_s);
  CHECK(v5_3.times(RecordKind::acknowledged)[0] == v5_3.times(RecordKind::appended)[0] + 1_ms);
  CHECK(v4_9.times(RecordKind::acknowledged)[0] == v4_9.times(RecordKind::appended)[0] + 3_ms);
}

TEST_CASE("replication: with SYNC_FLUSH and a slave the later of the two decides", "[replication]") {
  Config config = waits_for_slave();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  const Run quick_disk(config, 1_s);
  CHECK(quick_disk.times(RecordKind::acknowledged)[0] == quick_disk.times(RecordKind::appended)[0] + 3_ms);
  config.hosts[0].sync_time = Distribution::constant(20_ms);
  const Run slow_disk(config, 1_s);
  CHECK(slow_disk.times(RecordKind::acknowledged)[0] == slow_disk.times(RecordKind::appended)[0] + 21_ms);
}

TEST_CASE("replication: a silent slave makes FLUSH_SLAVE_TIMEOUT after slaveTimeout, and all is stored",
          "[replication]") {
  for (const bool old : {false, true}) {
    Config config = old ? of_4_9(waits_for_slave()) : waits_for_slave();
    config.producers[0].settings.sendMsgTimeout = 10_s;
    config.faults.push_back(at_process(1500_ms, FaultKind::pause, slave_process));
    const Run run(config, 9_s);
    const auto told = run.times(RecordKind::told_failed);
    const auto appended = run.times(RecordKind::appended);
    // Sends at 1.5, 4.5 and so on: one thread, each blocked for 3 s (the pause may fall before or after that
    // of 1.5 s has left the master; the sends before it were acknowledged).
    REQUIRE(told.size() == 2);
    const std::size_t first = run.times(RecordKind::acknowledged).size();
    CHECK(told[0] == appended[first] + 3_s + 1_ms);
    CHECK(statuses(run, RecordKind::told_failed)[0] == Status::FLUSH_SLAVE_TIMEOUT);
    CHECK(appended.size() >= first + 2);
  }
}

TEST_CASE("replication: 4.9 without a slave says SLAVE_NOT_AVAILABLE at once, 5.3 waits in vain",
          "[replication]") {
  Config config = waits_for_slave();
  config.producers[0].settings.sendMsgTimeout = 10_s;
  config.faults.push_back(at_process(1_ms, FaultKind::kill, slave_process));
  config.faults[0].never_restored = true;
  const Run v5_3(config, 5_s), v4_9(of_4_9(config), 5_s);
  CHECK(statuses(v4_9, RecordKind::told_failed).at(0) == Status::SLAVE_NOT_AVAILABLE);
  CHECK(v4_9.times(RecordKind::told_failed)[0] == v4_9.times(RecordKind::appended)[0] + 1_ms);
  CHECK(statuses(v5_3, RecordKind::told_failed).at(0) == Status::FLUSH_SLAVE_TIMEOUT);
  CHECK(v5_3.times(RecordKind::told_failed)[0] == v5_3.times(RecordKind::appended)[0] + 3001_ms);
}

TEST_CASE("replication: haSlaveFallbehindMax counts bytes that no slave has reported", "[replication]") {
  Config config = of_4_9(small_replica_set());
  config.brokers[0].settings.haSlaveFallbehindMax = 1;  // less than one record
  const Run run(config, 1_s);
  CHECK(statuses(run, RecordKind::told_failed).at(0) == Status::SLAVE_NOT_AVAILABLE);
}

TEST_CASE("replication: a new slave connects at 15 s in 5.3 and at 5 s in 4.9", "[replication]") {
  Config config = small_replica_set();
  config.brokers[1].up_for = 0_s;
  const Run v5_3(config, 20_s), v4_9(of_4_9(config), 20_s);
  CHECK(v5_3.times(RecordKind::replica_connected).at(0) == 15'002_ms);
  CHECK(v4_9.times(RecordKind::replica_connected).at(0) == 5'002_ms);
  // 5.3 reports with the connection, and the 10 ms sleep of the write service follows; 4.9 reports 5 s later.
  CHECK(v5_3.times(RecordKind::replicated).at(0) <= 15'020_ms);
  CHECK(v4_9.times(RecordKind::replicated).at(0) >= 10'003_ms);
  CHECK(v4_9.times(RecordKind::replicated).at(0) <= 10'020_ms);
  // Until then its sends wait: one thread, 3 s each.
  CHECK(statuses(v4_9, RecordKind::told_failed).size() >= 1);
}

TEST_CASE("replication: a slave that was away catches up, and its copies are the master's", "[replication]") {
  Config config = small_replica_set();
  config.brokers[0].settings.haTransferBatchSize = 1000;  // some two records: most pieces cut through one
  config.faults.push_back(restoring(at_process(2_s, FaultKind::kill, slave_process), 1_s));
  Run run(config, 30_s);
  CHECK(run.times(RecordKind::replica_connected).size() == 2);  // at the start, and again
  CHECK(run.times(RecordKind::replica_garbled).empty());
  const auto& ours = master(run).cache.log;
  const auto& theirs = slave(run).cache.log;
  REQUIRE(theirs.size() > 250);
  for (std::size_t i = 0; i < theirs.size(); ++i) CHECK(rocketmq::is_same(ours[i], theirs[i]));
}

TEST_CASE("replication: a paused master's slave hears its headers again when it goes on", "[replication]") {
  Config config = small_replica_set();
  config.producers[0].messages = 1;
  const Run quiet(config, 60_s);
  CHECK(quiet.times(RecordKind::connection_broken, slave_process.value).empty());
  config.faults.push_back(restoring(at_process(10_s, FaultKind::pause, broker0), 30_s));
  const Run run(config, 60_s);
  // 20 s (and a millisecond) after the last header, which came every 5 s.
  REQUIRE(run.times(RecordKind::replica_connected).size() == 2);
  // The kernel of the paused master accepts the connection that the slave tries 5 s after it has closed.
  CHECK(run.times(RecordKind::replica_connected)[1] > 30_s);
  CHECK(run.times(RecordKind::replica_connected)[1] < 35_s + 10_ms);
  // When it goes on it finds that the old one was silent for too long, and the new one.
  CHECK(master(run).memory.ha.peers.size() == 1);
}

TEST_CASE("replication: an empty slave begins with the master's last file", "[replication]") {
  Config config = small_replica_set();
  for (BrokerConfig& broker : config.brokers) broker.settings.mappedFileSizeCommitLog = 1 << 16;
  config.producers[0].rate = 100;
  config.brokers[1].up_for = 0_s;
  Run run(config, 30_s);
  const auto& cache = slave(run).cache;
  CHECK(cache.first.bytes > 0);
  CHECK(cache.first.bytes % (1 << 16) == 0);
  // 15 s at 100/s with some 490 bytes each: about eleven files of 64 KiB.
  CHECK(cache.first.bytes / (1 << 16) >= 10);
  CHECK(end_of(slave(run)) >= end_of(master(run)) - 11 * 600);
  const TopicId orders{0};
  const std::int64_t first = rocketmq::first_offset(slave(run), orders, 0);
  CHECK(first == cache.first.records);  // of one queue
  CHECK(rocketmq::record_at(slave(run), orders, 0, first - 1) == nullptr);
  CHECK(rocketmq::record_at(slave(run), orders, 0, first)->queue_offset == first);
}

TEST_CASE("replication: a master that has lost its tail lets a slave diverge in silence", "[replication]") {
  Config config = small_replica_set();
  config.hosts[0].page_writeback = Distribution::constant(30_s);
  config.brokers[0].settings.flushIntervalCommitLog = 60_s;  // nothing is flushed by itself
  config.brokers[0].settings.flushCommitLogThoroughInterval = 60_s;
  config.faults.push_back(restoring(fault_at(5_s, FaultKind::power_loss), 1_s));
  SECTION("records of one size: the slave goes on with a log of its own") {
    Run run(config, 60_s);
    CHECK(run.times(RecordKind::replica_garbled).empty());
    const auto& ours = master(run).cache.log;
    const auto& theirs = slave(run).cache.log;
    // It kept what it had (messages 0 .. 48 or 49), and the master's new log begins with later ones.
    CHECK(theirs[0].intent == IntentId(0));
    CHECK(ours[0].intent.value > 49);
    REQUIRE(theirs.size() > 100);
    CHECK(theirs[100].intent == ours[100].intent);
  }
  SECTION("records of several sizes: what follows is no record, and nothing is read from it any more") {
    config.producers[0].body_size_min = 100;
    config.producers[0].body_size_max = 900;
    Run run(config, 60_s);
    REQUIRE(run.times(RecordKind::replica_garbled).size() == 1);
    CHECK(slave(run).cache.log.size() <= 50);
    CHECK(end_of(slave(run)) > end_of(master(run)) - 2000);  // it acknowledges all the same
  }
}

TEST_CASE("replication: topics and offsets come each 63 s in 5.3 and each 10 s in 4.9", "[replication]") {
  Config config = small_replica_set();
  config.brokers[1].up_for = 0_s;
  const Run v5_3(config, 200_s), v4_9(of_4_9(config), 35_s);
  const auto new_rounds = v5_3.times(RecordKind::replica_synchronized);
  // Ticks at 10 s + 3 k: the first more than 60 s after the start is that of 61 s, then each 63 s.
  REQUIRE(new_rounds.size() == 9);
  CHECK(new_rounds[0] == 61'004_ms);
  CHECK(new_rounds[3] >= 124_s);
  CHECK(new_rounds[3] <= 127_s + 10_ms);
  // At 3 s its address is known already; then at 13, 23 and 33 s.
  CHECK(v4_9.times(RecordKind::replica_synchronized).at(0) == 3'004_ms);
  CHECK(v4_9.times(RecordKind::replica_synchronized).size() == 12);
}

TEST_CASE("replication: a slave takes no sends, and no pulls in 5.3 unless slaveReadEnable",
          "[replication]") {
  Config config = small_replica_set();
  Run run(config, 1_s);
  CHECK(config.brokers[1].is_slave());
  // Nobody addresses it: producers know masters only.
  CHECK(run.simulation.world().producers[0].memory.channels.size() == 1);
}
