// Controller mode: who becomes master, what is lost, how long nobody may send. (The small cluster:
// controlled_set.hpp.)
#include "tests/catch.hpp"
#include "tests/model/controlled_set.hpp"

namespace brokersim::model {
namespace {

using rocketmq::ReplicaRole;
using rocketmq::size_of;

}  // namespace

TEST_CASE("controller: a killed master is replaced when its channel closes", "[controller]") {
  Config config = controlled();
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 0)));
  const Run run(config, 8_s);
  // The reset takes 1 ms to the controller, the push 1 ms to the slave.
  REQUIRE(run.times(RecordKind::master_elected) == std::vector<Duration>{5051_ms});
  CHECK(run.times(RecordKind::role_taken, 1) == std::vector<Duration>{5052_ms});
  CHECK(role(run, 1) == ReplicaRole::master);
  CHECK(set_of(run).master == 1);
  CHECK(set_of(run).epoch == 2);
  CHECK(set_of(run).in_sync == rocketmq::mask_of(1));
}

TEST_CASE("controller: a master without power is replaced after 10 to 15 s", "[controller]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Config config = controlled();
    config.faults.push_back(never(at_host(5050_ms, FaultKind::power_loss, 0)));
    const Run run(config, 25_s, seed);
    const auto elected = run.times(RecordKind::master_elected);
    REQUIRE(elected.size() == 1);
    // Its last heartbeat came up to 1 s before it fell silent; the scan looks each 5 s.
    CHECK(elected[0] > 5050_ms - 1_s + 10_s);
    CHECK(elected[0] <= 5051_ms + 15_s);
  }
}

TEST_CASE("controller: by default an acknowledged message may be on the master alone", "[controller]") {
  std::size_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Config config = controlled();
    // Message 50 arrives at 5001 ms, its answer 1 ms later; its copy leaves within 100 ms.
    config.faults.push_back(never(at_process(5003_ms, FaultKind::kill, 0)));
    const Run run(config, 8_s, seed);
    CHECK(missing(run, 1) <= 1);
    lost += missing(run, 1);
  }
  CHECK(lost >= 10);  // 97 of 100 ms are left to the copy
}

TEST_CASE("controller: with allAckInSyncStateSet the next master has what was acknowledged", "[controller]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Config config = all_ack(controlled());
    config.faults.push_back(never(
        at_process(5000_ms + Duration(1_ms) * static_cast<std::int64_t>(seed % 6), FaultKind::kill, 0)));
    const Run run(config, 8_s, seed);
    CHECK(acknowledged(run).size() >= 50);
    CHECK(missing(run, 1) == 0);
  }
}

TEST_CASE("controller: with allAckInSyncStateSet an answer takes a round to the slave", "[controller]") {
  const Run run(all_ack(controlled()), 3_s);
  const auto appended = run.times(RecordKind::appended), known = run.times(RecordKind::acknowledged);
  REQUIRE(known.size() >= 28);
  for (std::size_t i = 0; i < known.size(); ++i) CHECK(known[i] == appended[i] + 3_ms);
}

TEST_CASE("controller: the producer finds the new master with its next poll", "[controller]") {
  Config config = controlled();
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 0)));
  const Run run(config, 40_s);
  const auto known = run.times(RecordKind::acknowledged);
  const auto first = std::find_if(known.begin(), known.end(), [](Duration at) { return at > 6_s; });
  REQUIRE(first != known.end());
  // pollNameServerInterval: 30 s behind the first poll, at 10 ms.
  CHECK(*first > 30'010_ms);
  CHECK(*first < 30'250_ms);
}

TEST_CASE("controller: a master that comes back loses what its successor did not have", "[controller]") {
  std::size_t cut = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Config config = controlled();
    config.faults.push_back(restoring(at_process(5003_ms, FaultKind::kill, 0), 2_s));
    const Run run(config, 60_s, seed);
    CHECK(role(run, 0) == ReplicaRole::slave);
    CHECK(replica(run, 0).cache.log.size() == replica(run, 1).cache.log.size());
    CHECK(missing(run, 0) == missing(run, 1));
    for (const auto& r : run.recorder.records()) {
      if (r.record.kind != static_cast<std::uint32_t>(RecordKind::copy_lost)) continue;
      CHECK(static_cast<LossKind>(r.record.a) == LossKind::diverged);
      ++cut;
    }
  }
  CHECK(cut >= 5);
}

TEST_CASE("controller: a replica that comes back is fenced, told, and in sync again", "[controller]") {
  Config config = controlled();
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 0), 2_s));
  const Run run(config, 60_s);
  // Restarted at 7050 ms, up 3 s later; it asks after 1 s: a connect (2 ms) and a request (2 ms).
  const auto roles = run.times(RecordKind::role_taken, 0);
  REQUIRE(roles.size() == 2);
  CHECK(roles[0] == 10'050_ms);
  CHECK(roles[1] == 11'054_ms);
  // The name server's answer to its registration (4 ms: a connect of its own) has the new master's address.
  // It connects in 2 ms ...
  const auto connected = run.times(RecordKind::replica_connected, 0);
  REQUIRE(connected.size() == 1);
  CHECK(connected[0] == 11'060_ms);
  // ... and reports 5 s later. It joins with the first report that has everything.
  CHECK(set_of(run).in_sync == (rocketmq::mask_of(0) | rocketmq::mask_of(1)));
  const auto changes = run.times(RecordKind::sync_set_changed);
  REQUIRE(!changes.empty());
  CHECK(changes.back() > connected[0] + 5_s);
  CHECK(changes.back() < connected[0] + 5200_ms);
}

TEST_CASE("controller: a stale master goes on until it can ask again", "[controller]") {
  Config config = controlled();
  // Replica 0 is cut off from the controller (host 4) and from replica 1, not from names and producer.
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 4), 35_s));
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 1), 35_s));
  Run run(config, 28_s);
  CHECK(role(run, 0) == ReplicaRole::master);
  CHECK(role(run, 1) == ReplicaRole::master);
  CHECK(acknowledged(run).size() > 270);  // each 100 ms, whoever takes it
  const std::size_t lost = missing(run, 1);
  CHECK(lost >= 225);
  run.until(80_s);
  CHECK(role(run, 0) == ReplicaRole::slave);
  CHECK(replica(run, 0).memory.appended.bytes == replica(run, 1).memory.appended.bytes);
  CHECK(missing(run, 0) == missing(run, 1));
  CHECK(missing(run, 1) >= lost);
}

TEST_CASE("controller: with allAckInSyncStateSet a stale master acknowledges nothing", "[controller]") {
  Config config = all_ack(controlled());
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 4), 35_s));
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 1), 35_s));
  Run run(config, 28_s);
  CHECK(role(run, 0) == ReplicaRole::master);
  CHECK(missing(run, 1) == 0);
  run.until(80_s);
  CHECK(missing(run, 0) == 0);
  CHECK(missing(run, 1) == 0);
}

TEST_CASE("controller: nobody outside the SyncStateSet becomes master", "[controller]") {
  for (const bool unclean : {false, true}) {
    Config config = controlled();
    config.controllers[0].settings.enableElectUncleanMaster = unclean;
    // The slave is cut off from its master alone: it is thrown out when the connection has been silent for
    // 20 s, and still heard by the controller.
    config.faults.push_back(never(cut_at(2050_ms, 0, 1)));
    config.faults.push_back(never(at_process(30'050_ms, FaultKind::kill, 0)));
    const Run run(config, 40_s);
    CHECK(run.times(RecordKind::sync_set_changed).size() == 1);
    CHECK(run.times(RecordKind::no_master).size() == (unclean ? 0 : 1));
    CHECK(run.times(RecordKind::master_elected).size() == (unclean ? 1 : 0));
    CHECK(set_of(run).master == (unclean ? 1 : -1));
    if (unclean) CHECK(missing(run, 1) >= 275);
  }
}

TEST_CASE("controller: a member of the set that comes back is the master again", "[controller]") {
  Config config = controlled();
  config.faults.push_back(never(cut_at(2050_ms, 0, 1)));
  config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, 0), 2_s));
  const Run run(config, 60_s);
  CHECK(set_of(run).master == 0);
  CHECK(role(run, 0) == ReplicaRole::master);
  CHECK(missing(run, 0) == 0);
}

TEST_CASE("controller: a slave leaves the set with its connection and joins with a report", "[controller]") {
  Config config = controlled();
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 1), 2_s));
  const Run run(config, 40_s);
  const auto changes = run.times(RecordKind::sync_set_changed);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0] == 5052_ms);  // the reset to the master, its request to the controller
  CHECK(changes[1] > 5050_ms + 2_s + 3_s + 1_s + 5_s);
  CHECK(size_of(set_of(run).in_sync) == 2);
}

TEST_CASE("controller: a paused slave leaves the set after haHousekeepingInterval, not after 15 s",
          "[controller]") {
  Config config = controlled();
  config.faults.push_back(never(at_process(5050_ms, FaultKind::pause, 1)));
  const Run run(config, 40_s);
  const auto changes = run.times(RecordKind::sync_set_changed);
  REQUIRE(changes.size() == 1);
  // Its last report is of message 49 or 50, so of a piece that left behind 4901 ms.
  CHECK(changes[0] > 4901_ms + 20_s);
  CHECK(changes[0] < 5050_ms + 20_s + 10_ms);
}

TEST_CASE("controller: minInSyncReplicas refuses before anything is stored", "[controller]") {
  Config config = with_min_in_sync(controlled(), 2);
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 1)));
  const Run run(config, 8_s);
  const std::size_t stored = replica(run, 0).cache.log.size();
  CHECK(stored == acknowledged(run).size());
  CHECK(stored == 51);  // messages 0 to 50
  CHECK(refusals(run, Status::SYSTEM_ERROR) == 29);
}

TEST_CASE("controller: a master that cannot reach the controller keeps its set, and waits for it",
          "[controller]") {
  Config config = all_ack(controlled());
  const ProcessId controller = controller_process(config);
  config.faults.push_back(never(at_process(4050_ms, FaultKind::kill, controller.value)));
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 1)));
  config.producers[0].settings.sendMsgTimeout = 10_s;
  const Run run(config, 30_s);
  CHECK(size_of(replica(run, 0).memory.replicas.view.in_sync) == 2);
  CHECK(role(run, 0) == ReplicaRole::master);
  CHECK(acknowledged(run).size() == 51);
}

TEST_CASE("controller: its replica sets survive, and a restart of it elects nobody", "[controller]") {
  Config config = controlled();
  const ProcessId controller = controller_process(config);
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, controller.value), 2_s));
  const Run run(config, 40_s);
  CHECK(run.times(RecordKind::master_elected).empty());
  CHECK(set_of(run).master == 0);
  CHECK(acknowledged(run).size() >= 398);
}

TEST_CASE("controller: of three replicas the one with the longest log is elected", "[controller]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Config config = controlled(3);
    config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 0)));
    const Run run(config, 8_s, seed);
    const auto master = static_cast<std::size_t>(set_of(run).master);
    REQUIRE((master == 1 || master == 2));
    const std::size_t other = 3 - master;
    const auto& live = run.simulation.world().controllers[0].memory.brokers;
    // As the last heartbeats told them; of equals the first.
    if (live[other].log_end > live[master].log_end) CHECK(live[other].last - SimTime{} > 5051_ms);
    CHECK(role(run, other) == ReplicaRole::slave);
  }
}

TEST_CASE("controller: of equals the one with the lowest brokerElectionPriority is elected", "[controller]") {
  for (const std::size_t wanted : {std::size_t{1}, std::size_t{2}}) {
    Config config = controlled(3);
    config.producers[0].messages = 0;
    config.brokers[wanted].settings.brokerElectionPriority = 1;
    config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 0)));
    const Run run(config, 8_s);
    CHECK(set_of(run).master == static_cast<std::int32_t>(wanted));
  }
}

TEST_CASE("controller: inSyncReplicas=2 waits for a slave's report", "[controller]") {
  Config config = controlled();
  for (BrokerConfig& broker : config.brokers) broker.settings.inSyncReplicas = 2;
  const Run run(config, 3_s);
  const auto appended = run.times(RecordKind::appended), known = run.times(RecordKind::acknowledged);
  REQUIRE(known.size() >= 28);
  for (std::size_t i = 0; i < known.size(); ++i) CHECK(known[i] == appended[i] + 3_ms);
}

TEST_CASE("controller: a master that has lost its power for seconds takes its slave's copies with it",
          "[controller]") {
  Config config = controlled();
  config.brokers[0].restart_time = Distribution::constant(2_s);
  config.faults.push_back(restoring(at_host(5050_ms, FaultKind::power_loss, 0), 1_s));
  const Run run(config, 30_s);
  // The controller has not missed it, so that it is the master still, in the same epoch, which begins anew
  // where its log ends now (truncateSuffixByEpoch). The slave finds no epoch that began at the same place.
  CHECK(run.times(RecordKind::master_elected).empty());
  CHECK(role(run, 0) == ReplicaRole::master);
  CHECK(replica(run, 0).disk.epochs.front().start > 0);
  CHECK(missing(run, 0) > 0);
  CHECK(size_of(set_of(run).in_sync) == 1);
}

}  // namespace brokersim::model
