// Controller mode: replicas of one brokerName, their controller, a name server, a producer. Every one-way
// delay is 1 ms; the producer sends each 100 ms. Replica 0 begins as the master, and all are in sync.
#include <algorithm>

#include "model/rocketmq/controller_table.hpp"
#include "model/rocketmq/epochs.hpp"
#include "model/rocketmq/monitors.hpp"
#include "tests/catch.hpp"
#include "tests/model/purity.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using rocketmq::ReplicaRole;
using rocketmq::size_of;

/// Each process has a host of its own: the replicas 0, 1 ..., then the name server's, the producer's, the
/// controller's.
Config controlled(std::size_t replicas = 2) {
  Config config = small_cluster();
  config.hosts.assign(replicas + 3, config.hosts[0]);
  BrokerConfig broker = config.brokers[0];
  broker.settings.brokerName = "broker-a";
  broker.settings.enableControllerMode = true;
  config.brokers.assign(replicas, broker);
  for (std::size_t b = 0; b < replicas; ++b) {
    BrokerConfig& replica = config.brokers[b];
    replica.name += std::to_string(b);
    replica.host = HostId(static_cast<std::uint16_t>(b));
    replica.settings.brokerId = b == 0 ? 0 : static_cast<std::int64_t>(b) + 1;
    replica.settings.brokerRole = b == 0 ? BrokerRole::SYNC_MASTER : BrokerRole::SLAVE;
    if (b > 0) replica.set = 0;
  }
  const auto host = [&](std::size_t behind) { return HostId(static_cast<std::uint16_t>(replicas + behind)); };
  config.name_servers.push_back({"names", host(0), Profile::v5_3, Distribution::constant(1_s)});
  config.producers[0].host = host(1);
  config.controllers.push_back({"controller", host(2), {}, Distribution::constant(1_s)});
  take_no_own_time(config);
  return config;
}

Config all_ack(Config config) {
  for (BrokerConfig& broker : config.brokers) broker.settings.allAckInSyncStateSet = true;
  return config;
}

Config with_min_in_sync(Config config, std::int32_t replicas) {
  for (BrokerConfig& broker : config.brokers) broker.settings.minInSyncReplicas = replicas;
  return config;
}

FaultConfig at_process(Duration time, FaultKind kind, std::size_t process) {
  FaultConfig fault = fault_at(time, kind);
  fault.action.process = ProcessId(static_cast<std::uint16_t>(process));
  return fault;
}

FaultConfig at_host(Duration time, FaultKind kind, std::size_t host) {
  FaultConfig fault = fault_at(time, kind);
  fault.action.host = HostId(static_cast<std::uint16_t>(host));
  return fault;
}

FaultConfig cut_at(Duration time, std::size_t a, std::size_t b) {
  FaultConfig fault = at_host(time, FaultKind::partition, a);
  fault.action.other_host = HostId(static_cast<std::uint16_t>(b));
  return fault;
}

FaultConfig never(FaultConfig fault) {
  fault.never_restored = true;
  return fault;
}

const rocketmq::Broker& replica(const Run& run, std::size_t number) {
  return run.simulation.world().brokers[number];
}
ReplicaRole role(const Run& run, std::size_t number) { return replica(run, number).memory.replicas.role; }
const rocketmq::SetView& set_of(const Run& run) { return run.simulation.world().controllers[0].disk.sets[0]; }

bool holds(const rocketmq::Broker& broker, std::uint32_t intent) {
  const auto& log = broker.cache.log;
  return std::any_of(log.begin(), log.end(),
                     [&](const rocketmq::LogRecord& record) { return record.intent.value == intent; });
}

std::vector<std::uint32_t> acknowledged(const Run& run) { return run.subjects(RecordKind::acknowledged); }

/// Acknowledged messages that a replica's log does not hold.
std::size_t missing(const Run& run, std::size_t number) {
  const auto known = acknowledged(run);
  return static_cast<std::size_t>(std::count_if(known.begin(), known.end(), [&](std::uint32_t intent) {
    return !holds(replica(run, number), intent);
  }));
}

std::size_t refusals(const Run& run, Status status) {
  return static_cast<std::size_t>(
      std::count_if(run.recorder.records().begin(), run.recorder.records().end(), [&](const auto& r) {
        return r.record.kind == static_cast<std::uint32_t>(RecordKind::refused) &&
               r.record.a == static_cast<std::int64_t>(status);
      }));
}

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

TEST_CASE("controller: replicas agree where an epoch ended first", "[controller]") {
  using rocketmq::Epochs;
  const Epochs own{{1, 0}, {2, 4000}}, masters{{1, 0}, {2, 4000}, {3, 6000}};
  CHECK(rocketmq::consistent_point(own, 8000, masters, 9000) == 6000);
  CHECK(rocketmq::consistent_point(own, 5000, masters, 9000) == 5000);
  CHECK(rocketmq::consistent_point({{1, 0}, {5, 3000}}, 8000, masters, 9000) == 3000);
  CHECK_FALSE(rocketmq::consistent_point({{1, 100}}, 8000, masters, 9000));
  // appendEntry: an epoch that begins where the last one did is not noted.
  Epochs epochs{{1, 0}};
  rocketmq::append_epoch(epochs, {2, 0});
  CHECK(epochs.size() == 1);
  rocketmq::append_epoch(epochs, {2, 10});
  CHECK(epochs.size() == 2);
}

TEST_CASE("controller: steps depend on their arguments alone, through a failover and a rejoin",
          "[controller]") {
  Config config = all_ack(controlled());
  config.producers[0].rate = 2;
  config.faults.push_back(restoring(at_process(3003_ms, FaultKind::kill, 0), 2_s));
  CHECK(run_on_copies(config, sim::Seed(1), SimTime{} + 40_s) > 500);
}

TEST_CASE("controller: every row of both tables is taken", "[controller]") {
  std::vector<rocketmq::CoveredTable> counted;
  std::vector<std::vector<std::uint64_t>> hits(2);
  const auto play = [&](const Config& config, Duration until) {
    rocketmq::Monitors monitors(config);
    Sim simulation(config, sim::Seed(1), &monitors);
    simulation.run_until(SimTime{} + until);
    std::size_t table = 0;
    for (const rocketmq::CoveredTable& covered : monitors.tables()) {
      if (covered.name != "roles" && covered.name != "sync-state-sets") continue;
      hits[table].resize(covered.rows.size());
      for (std::size_t row = 0; row < covered.rows.size(); ++row) hits[table][row] += covered.rows[row].hits;
      ++table;
    }
  };
  // Three replicas: a kill, its return; then the new master is killed twice in a row.
  Config config = controlled(3);
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 0), 2_s));
  config.faults.push_back(restoring(at_process(60'050_ms, FaultKind::kill, 1), 2_s));
  config.faults.push_back(restoring(at_process(63_s, FaultKind::kill, 1), 1_s));
  config.faults.push_back(restoring(at_process(65_s, FaultKind::kill, 1), 1_s));
  play(config, 150_s);
  // Slaves leave a set of three one by one; then the master is alone, and dies.
  config = controlled(3);
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 2)));
  config.faults.push_back(restoring(at_process(6050_ms, FaultKind::kill, 1), 60_s));
  config.faults.push_back(restoring(at_process(20_s, FaultKind::kill, 0), 2_s));
  config.faults.push_back(restoring(at_process(24_s, FaultKind::kill, 0), 2_s));
  play(config, 150_s);
  // All die at once: nobody; and once they are back, whoever comes first.
  config = controlled();
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 1), 20_s));
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 0), 20_s));
  play(config, 80_s);
  for (const bool slave_first : {false, true}) {
    // Alone in the set, with a slave that is cut off from it.
    config = controlled();
    config.controllers[0].settings.enableElectUncleanMaster = true;
    config.faults.push_back(never(cut_at(2050_ms, 0, 1)));
    if (slave_first) config.faults.push_back(restoring(at_process(29_s, FaultKind::kill, 1), 5_s));
    config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, 0), 30_s));
    play(config, 80_s);
  }
  // Two of three in sync, and both die at once; the third one is outside.
  config = controlled(3);
  config.controllers[0].settings.enableElectUncleanMaster = true;
  config.faults.push_back(never(cut_at(2050_ms, 0, 2)));
  config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, 1), 5_s));
  config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, 0), 5_s));
  play(config, 60_s);
  // A stale master learns that it is none.
  config = controlled();
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 4), 35_s));
  play(config, 80_s);
  // The only replica loses its channel: nobody, and then itself in a new epoch.
  config = controlled(1);
  config.faults.push_back(at_process(5050_ms, FaultKind::reset, 0));
  play(config, 40_s);
  for (std::size_t table = 0; table < hits.size(); ++table) {
    for (std::size_t row = 0; row < hits[table].size(); ++row) {
      INFO("table " << table << " row " << row);
      CHECK(hits[table][row] > 0);
    }
  }
}

}  // namespace brokersim::model
