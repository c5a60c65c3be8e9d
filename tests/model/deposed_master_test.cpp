// A master that is deposed while it lives: what it has in memory and in its append lock when its log is cut.
// Controller mode (controlled_set.hpp) with the master cut off from slave and controller, and not from its
// producers; DLedger groups (dledger_group.hpp) whose leader cannot have a majority. Every one-way delay is
// 1 ms.
#include <algorithm>

#include "model/rocketmq/delay_table.hpp"
#include "model/rocketmq/monitors.hpp"
#include "model/rocketmq/topics.hpp"
#include "sim/check.hpp"
#include "tests/catch.hpp"
#include "tests/model/controlled_set.hpp"
#include "tests/model/dledger_group.hpp"

namespace brokersim::model {
namespace {

Config transactional(Config config, std::int64_t messages) {
  config.producer_groups = {"shop"};
  config.producers[0].messages = messages;
  config.producers[0].transaction.emplace();
  return config;
}

/// Two replicas; the master is cut off from the other and from the controller from 10 s to 30 s. The
/// controller misses it after 10 s and elects; the master hears of that within 5 s after the heal.
Config cut_off(Config config) {
  for (const std::size_t other : {1U, 4U}) config.faults.push_back(restoring(cut_at(10_s, 0, other), 20_s));
  return config;
}

FaultConfig stall(Duration from, Duration to) {
  return restoring(at_process(from, FaultKind::append_stall, 0), to - from);
}

struct Heard {
  Duration at;
  sim::Record record;
};

/// Records of a kind that name this broker in the low bits of `a`.
std::vector<Heard> of_broker(const Run& run, RecordKind kind, std::int64_t broker) {
  std::vector<Heard> found;
  for (const auto& r : run.recorder.records()) {
    if (r.record.kind == static_cast<std::uint32_t>(kind) && (r.record.a & 0xffff) == broker)
      found.push_back({r.at - SimTime{}, r.record});
  }
  return found;
}

/// When this broker became what the record says, from then on.
Duration when(const Run& run, std::uint32_t broker, RoleTaken role, Duration from) {
  for (const auto& r : run.recorder.records()) {
    const bool is_it = r.record.kind == static_cast<std::uint32_t>(RecordKind::role_taken) &&
                       r.record.subject == broker && static_cast<RoleTaken>(r.record.a) == role;
    if (is_it && r.at - SimTime{} >= from) return r.at - SimTime{};
  }
  return Duration{-1};
}

/// The first answer of SlaveSynchronize that this broker gets behind that time.
Duration synchronized(const Run& run, std::uint32_t broker, Duration from) {
  for (const Duration at : run.times(RecordKind::replica_synchronized, broker)) {
    if (at >= from) return at;
  }
  return Duration{-1};
}

/// No transition that a table does not know.
void watch(const Run& run) {
  rocketmq::Monitors monitors(run.simulation.config());
  for (const auto& r : run.recorder.records()) monitors.on(r.at, r.record);
}

bool is_prefix(const rocketmq::Broker& shorter, const rocketmq::Broker& longer) {
  const auto &own = shorter.cache.log, &other = longer.cache.log;
  return own.size() <= other.size() &&
         std::equal(own.begin(), own.end(), other.begin(), [](const auto& a, const auto& b) {
           return a.intent == b.intent && a.topic == b.topic && a.end == b.end;
         });
}

/// Entries that this member appended itself from then on.
std::size_t own_entries(const Run& run, std::uint32_t broker, Duration from) {
  constexpr std::int64_t pushed = std::int64_t{1} << 32;
  return static_cast<std::size_t>(
      std::count_if(run.recorder.records().begin(), run.recorder.records().end(), [&](const auto& r) {
        return r.record.kind == static_cast<std::uint32_t>(RecordKind::entry_appended) &&
               r.record.subject == broker && (r.record.b & pushed) == 0 && r.at - SimTime{} >= from;
      }));
}

Config without_followers(Config config, Duration from, Duration to) {
  for (const std::size_t follower : {1U, 2U})
    config.faults.push_back(restoring(at_process(from, FaultKind::pause, follower), to - from));
  return config;
}

/// One-way sends that nobody waits for: more than maxPendingRequestsNum (10,000) of them by 4.7 s.
void add_crowd(Config& config) {
  ProducerConfig crowd = config.producers[0];
  crowd.name = "crowd";
  crowd.delay_level = 0;
  crowd.transaction.reset();
  crowd.send = SendMode::oneway;
  crowd.rate = 20'000;
  crowd.start_at = 4'100_ms;
  crowd.messages = 10'200;
  config.producers.push_back(crowd);
}

}  // namespace

// TransactionalMessageServiceImpl.deleteContext is kept whatever the role. The last ops are written 3 s after
// the master's last message at the latest, so what it took within its last seconds is cut before that.
TEST_CASE("deposed: half messages are cut off with their ops in memory", "[elected]") {
  std::size_t cut = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    const Run run(cut_off(transactional(controlled(), 400)), 120_s, seed);
    CHECK(role(run, 0) == rocketmq::ReplicaRole::slave);
    CHECK(is_prefix(replica(run, 0), replica(run, 1)));
    for (const Heard& lost : of_broker(run, RecordKind::op_lost, 0)) cut += lost.at > 30_s ? 1 : 0;
    watch(run);
  }
  CHECK(cut > 0);
}

// ReplicasManager.lastSyncTimeMs is older than any role of a process that has lived for long, so the first of
// the ticks each 3 s finds that 10 s are over. It connects, and asks.
TEST_CASE("deposed: a deposed master synchronizes 3 s after its role", "[elected]") {
  const Run run(cut_off(controlled()), 60_s);
  const Duration deposed = when(run, 0, RoleTaken::slave, 30_s);
  REQUIRE(deposed >= 30_s);
  CHECK(synchronized(run, 0, deposed) == deposed + 3_s + 4_ms);
}

// lastSyncTimeMs begins with the process.
TEST_CASE("deposed: a slave that starts synchronizes with the first tick that is 10 s behind its start",
          "[elected]") {
  Config config = controlled();
  config.faults.push_back(restoring(at_process(20_s, FaultKind::kill, 1), 1_s));
  const Run run(config, 60_s);
  const Duration started = when(run, 1, RoleTaken::fenced, 20_s), told = when(run, 1, RoleTaken::slave, 20_s);
  REQUIRE(started == 24_s);
  REQUIRE(told > started);
  Duration tick = told + 3_s;
  while (tick - started <= 10_s) tick = tick + 3_s;
  CHECK(synchronized(run, 1, told) == tick + 4_ms);
}

// BrokerController.handleRegisterBrokerResult: setMasterAddr with what the name server lists, also with null.
// The other slave finds nobody there if the new master's registration takes longer; its next one is periodic.
TEST_CASE("deposed: a slave that registers before its master synchronizes nothing until it registers again",
          "[elected]") {
  Config config = controlled(3);
  config.faults.push_back(never(at_process(20'050_ms, FaultKind::kill, 0)));
  const auto master_of = [](const Run& run) {
    return role(run, 1) == rocketmq::ReplicaRole::master ? 1U : 2U;
  };
  const std::uint32_t master = master_of(Run(config, 40_s)), slave = 3 - master;
  const auto with_slow_registration = [&](std::uint32_t replica) {
    Config slow = config;
    slow.faults.push_back(never(at_host(15_s, FaultKind::delay, replica)));
    slow.faults.back().action.other_host = HostId(3);
    slow.faults.back().action.duration = Distribution::constant(500_ms);
    return slow;
  };
  const Run in_order(with_slow_registration(slave), 100_s), overtaken(with_slow_registration(master), 100_s);
  REQUIRE(master_of(in_order) == master);
  REQUIRE(master_of(overtaken) == master);
  const Duration told = when(overtaken, slave, RoleTaken::slave, 20_s);
  REQUIRE(when(in_order, slave, RoleTaken::slave, 20_s) == told);
  CHECK(synchronized(in_order, slave, told) == told + 3_s + 4_ms);
  CHECK(synchronized(overtaken, slave, told) > told + 6_s);
  CHECK(synchronized(overtaken, slave, told) < told + 45_s);
}

// A check's COMMIT waits slaveTimeout (3 s) for a slave that is away; to sendFinalMessage FLUSH_SLAVE_TIMEOUT
// is a success, so the op is noted though the half message has been cut off meanwhile.
TEST_CASE("deposed: a final message that waits for replicas outlives its half message", "[elected]") {
  Config config = all_ack(transactional(controlled(), 800));
  config.producers[0].rate = 40;
  config.producers[0].threads = 4;
  config.network.delay = Distribution::uniform(100_us, 400_us);
  for (BrokerConfig& broker : config.brokers) broker.settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  for (const std::size_t other : {1U, 4U}) config.faults.push_back(restoring(cut_at(10_s, 0, other), 12_s));
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    const Run run(config, 120_s, seed);
    CHECK(is_prefix(replica(run, 0), replica(run, 1)));
    watch(run);
  }
}

// The local transaction takes 80 ms, so a COMMIT reaches the stall of 28.95 s whose half message does not.
TEST_CASE("deposed: a COMMIT in the append lock whose half message is cut off is refused", "[elected]") {
  Config config = cut_off(transactional(controlled(), 400));
  config.producers[0].transaction->local_time = Distribution::constant(80_ms);
  for (BrokerConfig& broker : config.brokers) broker.settings.transactionTimeOut = 300_s;
  config.faults.push_back(stall(28'950_ms, 50_s));
  const Run run(config, 80_s);
  const auto cut = run.times(RecordKind::log_truncated, 0);
  REQUIRE_FALSE(cut.empty());
  CHECK(cut.back() < 50_s);
  const auto refused = of_broker(run, RecordKind::end_refused, 0);
  CHECK(std::any_of(refused.begin(), refused.end(), [](const Heard& heard) {
    return heard.at == 50_s && heard.record.b == static_cast<std::int64_t>(EndRefusal::append_failed);
  }));
  CHECK(is_prefix(replica(run, 0), replica(run, 1)));
  watch(run);
}

// A crash of all hosts takes from each log what was not flushed: what the next leader lacks it stores anew.
TEST_CASE("deposed: a group that has lost its power stores half messages where others have lain",
          "[elected]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      INFO("seed " << seed);
      Config config = transactional(group_of_three(profile), 400);
      config.network.delay = Distribution::uniform(100_us, 2_ms);
      config.producers[0].rate = 200;
      for (HostConfig& host : config.hosts) host.sync_time = Distribution::uniform(2_ms, 60_ms);
      for (const std::size_t host : {0U, 1U, 2U})
        config.faults.push_back(restoring(at_host(1'505_ms, FaultKind::power_loss, host), 5_s));
      const Run run(config, 60_s, seed);
      watch(run);
    }
  }
}

// DLedgerServer.handleAppend, which the blocked threads reach when the lock is free: NOT_LEADER.
TEST_CASE("deposed: a member that does not lead appends nothing when the append lock is free", "[elected]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = group_of_three(profile);
    config.producers[0].messages = 400;
    config.producers[0].threads = 4;
    config.faults.push_back(stall(20_s, 40_s));
    for (const std::size_t follower : {1U, 2U})
      config.faults.push_back(restoring(cut_at(20'500_ms, 0, follower), 12_s));
    const Run run(config, 60_s);
    REQUIRE_FALSE(replica(run, 0).memory.dledger.serves);
    CHECK(own_entries(run, 0, 20'010_ms) == 0);
    watch(run);
  }
}

// LEADER_PENDING_FULL beyond 10,000 entries that no majority has; syncDeliver tries again after
// DELAY_FOR_A_WHILE. The message is due at 5 s, the followers are back at 8 s.
TEST_CASE("deposed: a level whose leader is full goes on when it is not", "[elected]") {
  Config config = without_followers(group_of_three(), 4_s, 8_s);
  config.producers[0].messages = 1;
  config.producers[0].delay_level = 2;
  add_crowd(config);
  const Run run(config, 20_s);
  REQUIRE(refusals(run, Status::SYSTEM_BUSY) == 10'200 - 10'001);
  const auto delivered = of_broker(run, RecordKind::delay_over, 0);
  REQUIRE(delivered.size() == 1);
  Duration committed{};
  for (const Duration at : run.times(RecordKind::entry_committed, 0)) {
    if (committed == Duration{} && at > 8_s) committed = at;
  }
  CHECK(delivered[0].at >= committed);
  CHECK(delivered[0].at <= committed + 100_ms);
  CHECK(run.times(RecordKind::appended, run.subjects(RecordKind::delay_over)[0]).size() == 1);
  watch(run);
}

// Any append is refused, not sends alone: here a final message, which is SYSTEM_ERROR to
// EndTransactionProcessor.
TEST_CASE("deposed: a leader that is full takes no final message", "[elected]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = without_followers(transactional(group_of_three(profile), 1), 4_s, 8_s);
    config.producers[0].start_at = 3_s;
    config.producers[0].transaction->local_time = Distribution::constant(2_s);
    add_crowd(config);
    const Run run(config, 7_s);
    const auto refused = of_broker(run, RecordKind::end_refused, 0);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].record.b == static_cast<std::int64_t>(EndRefusal::append_failed));
    CHECK(own_entries(run, 0, 5_s) == 0);
    watch(run);
  }
}

// What else takes a role in the set moves nobody's levels: another slave, or the master itself in a new
// epoch.
TEST_CASE("deposed: a role that moves no levels excuses no early delivery", "[elected]") {
  const Config config = controlled();
  const auto deliver_early_after = [&](std::uint32_t replica, RoleTaken role) {
    constexpr std::int64_t level_2 = std::int64_t{2} << 16;  // of broker 0: 5 s
    rocketmq::DelayMonitor monitor(config);
    monitor.on(SimTime{}, make_record(RecordKind::scheduled, 0, level_2, 0));
    monitor.on(SimTime{} + 1_s,
               make_record(RecordKind::role_taken, replica, static_cast<std::int64_t>(role)));
    monitor.on(SimTime{} + 2_s, make_record(RecordKind::delay_over, 0, level_2, 0));
  };
  CHECK_THROWS_AS(deliver_early_after(1, RoleTaken::slave), sim::BugError);
  CHECK_THROWS_AS(deliver_early_after(0, RoleTaken::master), sim::BugError);
  CHECK_NOTHROW(deliver_early_after(1, RoleTaken::master));
}

}  // namespace brokersim::model
