// A SYNC_MASTER that has an acting master counts the replicas at hand before each append (CommitLog
// .asyncPutMessage, calcNeedAckNums). Message k leaves at 100 k ms; its answer takes 5 ms with two replicas.
#include "tests/catch.hpp"
#include "tests/model/acting_set.hpp"

namespace brokersim::model {
namespace {

constexpr std::size_t slave = 1;

Config asking_for_both(Duration slave_dies) {
  Config config = standing_in();
  config.brokers[0].settings.brokerRole = BrokerRole::SYNC_MASTER;
  config.brokers[0].settings.inSyncReplicas = 2;
  if (slave_dies > Duration{})
    config.faults.push_back(for_ever(of_broker(slave_dies, FaultKind::kill, slave)));
  return config;
}

std::size_t stored(const Run& run) { return broker_of(run, 0).cache.log.size(); }
std::size_t acknowledged(const Run& run) { return run.times(RecordKind::acknowledged).size(); }

/// Before 5050 ms messages 0 to 50 have left, before 8 s 0 to 79.
constexpr std::size_t with_slave = 51, all = 80;

}  // namespace

TEST_CASE("needed replicas: a send is refused before the append while the slave is gone", "[acting]") {
  const Run run(asking_for_both(5050_ms), 8_s);
  CHECK(acknowledged(run) == with_slave);
  CHECK(stored(run) == with_slave);
  std::size_t refused = 0;
  for (const auto& r : run.recorder.records()) {
    const bool is_told = r.record.kind == static_cast<std::uint32_t>(RecordKind::told_failed);
    if (is_told && r.record.b == static_cast<std::int64_t>(Status::SYSTEM_ERROR)) ++refused;
  }
  CHECK(refused == all - with_slave);
}

TEST_CASE("needed replicas: without an acting master the same sends are stored and wait", "[acting]") {
  Config config = asking_for_both(5050_ms);
  for (BrokerConfig& broker : config.brokers) broker.settings.enableSlaveActingMaster = false;
  const Run run(config, 8_s);
  CHECK(acknowledged(run) == with_slave);
  // Message 51 is stored at 5101 ms and waits; its client gives up 3 s after it left, at 8.1 s.
  CHECK(stored(run) == with_slave + 1);
}

TEST_CASE("needed replicas: enableAutoInSyncReplicas goes down to minInSyncReplicas", "[acting]") {
  for (const std::int32_t least : {1, 2}) {
    Config config = asking_for_both(5050_ms);
    config.brokers[0].settings.enableAutoInSyncReplicas = true;
    config.brokers[0].settings.minInSyncReplicas = least;
    const Run run(config, 8_s);
    INFO("minInSyncReplicas " << least);
    CHECK(acknowledged(run) == (least == 1 ? all : with_slave));
    CHECK(stored(run) == acknowledged(run));
  }
}

TEST_CASE("needed replicas: enableAutoInSyncReplicas asks for all that are at hand", "[acting]") {
  Config config = asking_for_both({});
  config.brokers[0].settings.enableAutoInSyncReplicas = true;
  const Run run(config, 3_s);
  const auto appended = run.times(RecordKind::appended), known = run.times(RecordKind::acknowledged);
  REQUIRE(known.size() >= 28);
  // To the slave, back, and the answer.
  for (std::size_t i = 0; i < known.size(); ++i) CHECK(known[i] == appended[i] + 3_ms);
}

TEST_CASE("needed replicas: a slave that no name server knows is not at hand", "[acting]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Config config = asking_for_both({});
    FaultConfig cut = for_ever(fault_at(5050_ms, FaultKind::partition));
    cut.action.host = HostId(slave);
    cut.action.other_host = config.name_servers[0].host;
    config.faults.push_back(cut);
    const Run run(config, 25_s, seed);
    const auto refused = run.times(RecordKind::refused);
    // Its last heartbeat came up to 1 s before; the name server looks each 5 s, the master asks each second.
    REQUIRE(!refused.empty());
    CHECK(refused.front() > 5051_ms - 1_s + 10_s);
    CHECK(refused.front() <= 5051_ms + 15_s + 1_s + 101_ms);
    CHECK(stored(run) == acknowledged(run));
  }
}

TEST_CASE("needed replicas: a slave that is haMaxGapNotInSync behind is not at hand", "[acting]") {
  for (const bool near : {true, false}) {
    Config config = asking_for_both({});
    if (near) config.brokers[0].settings.haMaxGapNotInSync = 1;
    FaultConfig pause = for_ever(fault_at(5050_ms, FaultKind::pause));
    pause.action.process = broker_process(slave);
    config.faults.push_back(pause);
    // Message 51 is stored before anybody knows, and waits 3 s. Of the next one, at 8.2 s, its slave lacks a
    // record.
    const Run run(config, 8500_ms);
    INFO("a gap of one byte " << near);
    CHECK(stored(run) == with_slave + (near ? 1 : 2));
  }
}

TEST_CASE("needed replicas: a master that has just started believes in totalReplicas", "[acting]") {
  for (const std::int32_t replicas : {1, 2}) {
    Config config = asking_for_both({});
    for (BrokerConfig& broker : config.brokers) {
      broker.settings.totalReplicas = replicas;
      broker.settings.skipPreOnline = true;
    }
    config.faults.push_back(restoring(of_broker(5050_ms, FaultKind::kill, 0), 1_s));
    Run run(config, 9100_ms);  // up at 9.05 s, its first answer comes at 10.05 s
    CHECK(broker_of(run, 0).memory.acting.alive == replicas);
    run.until(12_s);
    CHECK(broker_of(run, 0).memory.acting.alive == 2);
  }
}

}  // namespace brokersim::model
