// Delay levels and transactions where the master is elected: controller mode (controlled_set.hpp) and DLedger
// groups. Every one-way delay is 1 ms, the producer sends each 100 ms, and host.pause is a stopped virtual
// machine: nothing of it runs, and nobody hears of it.
#include <algorithm>

#include "model/rocketmq/monitors.hpp"
#include "model/rocketmq/topics.hpp"
#include "tests/catch.hpp"
#include "tests/model/controlled_set.hpp"
#include "tests/model/dledger_group.hpp"

namespace brokersim::model {
namespace {

using rocketmq::SyncStep;

constexpr std::int32_t five_seconds = 2;  ///< the level

Config delaying(Config config, std::int64_t messages, std::int32_t level = five_seconds) {
  config.producers[0].delay_level = level;
  config.producers[0].messages = messages;
  return config;
}

Config transactional(Config config, std::int64_t messages) {
  config.producer_groups = {"shop"};
  config.producers[0].messages = messages;
  config.producers[0].transaction.emplace();
  return config;
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

/// Records of a kind about this broker.
std::vector<Heard> about(const Run& run, RecordKind kind, std::uint32_t broker) {
  std::vector<Heard> found;
  for (const auto& r : run.recorder.records()) {
    if (r.record.kind == static_cast<std::uint32_t>(kind) && r.record.subject == broker)
      found.push_back({r.at - SimTime{}, r.record});
  }
  return found;
}

/// When this broker became what the record says.
Duration when(const Run& run, std::uint32_t broker, RoleTaken role, Duration not_before = {}) {
  for (const Heard& heard : about(run, RecordKind::role_taken, broker)) {
    if (heard.at >= not_before && static_cast<RoleTaken>(heard.record.a) == role) return heard.at;
  }
  return Duration{-1};
}

std::int64_t copies_of(const rocketmq::Broker& broker, std::uint32_t intent) {
  return std::count_if(broker.cache.log.begin(), broker.cache.log.end(),
                       [&](const rocketmq::LogRecord& record) {
                         return record.topic == TopicId(0) && record.intent.value == intent;
                       });
}

const rocketmq::Broker& broker(const Run& run, std::int32_t number) {
  return run.simulation.world().brokers[static_cast<std::size_t>(number)];
}

std::int32_t master_of_group(const Run& run) {
  return rocketmq::group_master(run.simulation.world(), run.simulation.config(), 0);
}

/// No transition that a table does not know.
void watch(const Run& run) {
  rocketmq::Monitors monitors(run.simulation.config());
  for (const auto& r : run.recorder.records()) monitors.on(r.at, r.record);
}

}  // namespace

// SlaveSynchronize.syncDelayOffset, ScheduleMessageService.start.
TEST_CASE("elected services: levels go on from the offsets that the new master has been told", "[elected]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    Config config = delaying(controlled(), 100);
    config.faults.push_back(never(at_process(14'050_ms, FaultKind::kill, 0)));
    const Run run(config, 40_s, seed);
    Duration told{};  // its master has answered 1 ms before
    for (const Heard& heard : about(run, RecordKind::replica_synchronized, 1)) {
      const bool delays = static_cast<SyncStep>(heard.record.a) == SyncStep::delay_offsets;
      if (delays && heard.at < 14'050_ms) told = heard.at - 1_ms;
    }
    const auto before = of_broker(run, RecordKind::delay_over, 0);
    const auto after = of_broker(run, RecordKind::delay_over, 1);
    const auto known =
        std::count_if(before.begin(), before.end(), [&](const Heard& heard) { return heard.at <= told; });
    REQUIRE(before.size() >= 85);
    REQUIRE_FALSE(after.empty());
    CHECK(after.front().record.b == known);
    // FIRST_DELAY_TIME.
    CHECK(after.front().at == when(run, 1, RoleTaken::master) + 1_s);
    CHECK(after.back().record.b == 99);
    CHECK(after.size() == 100 - static_cast<std::size_t>(known));
    watch(run);
  }
}

TEST_CASE("elected services: a master that is one no more delivers nothing", "[elected]") {
  Config config = delaying(controlled(), 200);
  config.faults.push_back(restoring(at_process(10'050_ms, FaultKind::pause, 0), 20_s));
  Run run(config, 60_s);
  const Duration deposed = when(run, 0, RoleTaken::slave, 30_s);
  REQUIRE(deposed > Duration{});
  for (const Heard& heard : of_broker(run, RecordKind::delay_over, 0)) CHECK(heard.at <= deposed);
  CHECK(broker(run, 0).memory.delays.levels.empty());
  CHECK_FALSE(broker(run, 1).memory.delays.levels.empty());
  for (std::uint32_t intent = 0; intent < 90; ++intent) CHECK(copies_of(broker(run, 1), intent) >= 1);
  watch(run);
}

// DLedgerCommitLog.asyncPutMessage waits 2.5 s for a majority; ScheduleMessageService.syncDeliver tries again
// after DELAY_FOR_A_WHILE what is not PUT_OK, though it lies in the log.
TEST_CASE("elected services: a delivery that no majority has in time is put once more", "[elected]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = delaying(group_of_three(profile), 1);
    for (const std::size_t follower : {1U, 2U})
      config.faults.push_back(restoring(at_process(4_s, FaultKind::pause, follower), 4_s));
    Run run(config, 30_s);
    const auto delivered = of_broker(run, RecordKind::delay_over, 0);
    REQUIRE(delivered.size() == 1);
    const auto stored = run.times(RecordKind::appended, 0);
    REQUIRE(stored.size() == 2);
    // More than 2,500 ms, then 100 ms.
    CHECK(stored[1] - stored[0] == 2'601_ms);
    CHECK(run.times(RecordKind::majority_missed, 0).size() == 1);
    CHECK(copies_of(broker(run, master_of_group(run)), 0) == 2);
    watch(run);
  }
}

TEST_CASE("elected services: the levels of a group go on with its next leader", "[elected]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = delaying(group_of_three(profile), 100);
    config.faults.push_back(never(at_process(12'050_ms, FaultKind::kill, 0)));
    Run run(config, 60_s);
    const std::int32_t leader = master_of_group(run);
    REQUIRE(leader > 0);
    const auto after = of_broker(run, RecordKind::delay_over, leader);
    REQUIRE_FALSE(after.empty());
    const auto serves = about(run, RecordKind::member_serves, static_cast<std::uint32_t>(leader));
    REQUIRE(serves.size() == 1);
    CHECK(after.front().at == serves[0].at + 1_s);
    for (const std::uint32_t intent : run.subjects(RecordKind::acknowledged))
      CHECK(copies_of(broker(run, leader), intent) >= 1);
    watch(run);
  }
}

// TransactionalOpBatchService writes 3 s after the first op at the earliest; the pass comes
// transactionCheckInterval after the role (BrokerController.changeTransactionCheckServiceStatus).
TEST_CASE("elected services: an elected master asks about what had its op in memory", "[elected]") {
  Config config = transactional(controlled(), 5);
  config.faults.push_back(never(at_process(2_s, FaultKind::kill, 0)));
  Run run(config, 45_s);
  const Duration elected = when(run, 1, RoleTaken::master);
  REQUIRE(elected == 2'002_ms);
  CHECK(run.times(RecordKind::op_lost).size() == 5);
  const auto asked = run.times(RecordKind::check_asked);
  REQUIRE(asked.size() == 5);
  CHECK(asked[0] == elected + 30_s);
  CHECK(of_broker(run, RecordKind::end_executed, 1).size() == 5);
  for (std::uint32_t intent = 0; intent < 5; ++intent) CHECK(copies_of(broker(run, 1), intent) == 2);
  watch(run);
}

TEST_CASE("elected services: op records are entries: the next leader asks about nothing", "[elected]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = transactional(group_of_three(profile), 5);
    if (profile == Profile::v4_9) {
      for (BrokerConfig& member : config.brokers) member.settings.transactionCheckInterval = 60_s;
    }
    config.faults.push_back(never(at_process(10_s, FaultKind::kill, 0)));
    Run run(config, 100_s);
    const std::int32_t leader = master_of_group(run);
    REQUIRE(leader > 0);
    CHECK(run.times(RecordKind::op_stored).size() == 5);
    CHECK(run.times(RecordKind::check_asked).empty());
    CHECK(broker(run, leader).cache.op_offsets.size() == 5);
    for (std::uint32_t intent = 0; intent < 5; ++intent) CHECK(copies_of(broker(run, leader), intent) == 1);
    watch(run);
  }
}

// DefaultMQProducerImpl.endTransaction: findBrokerAddressInPublish.
TEST_CASE("elected services: a verdict goes to the master of the day", "[elected]") {
  Config config = transactional(controlled(), 1);
  config.producers[0].transaction->local_time = Distribution::constant(50_s);
  config.faults.push_back(never(at_process(5_s, FaultKind::kill, 0)));
  Run run(config, 60_s);
  const auto executed = of_broker(run, RecordKind::end_executed, 1);
  REQUIRE(executed.size() == 1);
  CHECK(executed[0].at >= 50_s);
  CHECK(executed[0].at <= 50'010_ms);
  CHECK(copies_of(broker(run, 1), 0) == 1);
  watch(run);
}

// ServiceThread.shutdown wakes the check service, which makes a pass as a slave: putBackHalfMsgQueue fails
// and is tried again until MAX_PROCESS_TIME_LIMIT, and changeToSlave waits for it (join).
TEST_CASE("elected services: a half message that is due keeps a deposed master for a minute", "[elected]") {
  Config config = transactional(controlled(), 20);
  config.producers[0].transaction->returns_unknown = true;
  config.faults.push_back(restoring(at_process(5'050_ms, FaultKind::pause, 0), 20_s));
  Run run(config, 120_s);
  const Duration deposed = when(run, 0, RoleTaken::slave, 25_s);
  REQUIRE(deposed > Duration{});
  Duration pass{};
  for (const Heard& heard : about(run, RecordKind::pass_begun, 0)) {
    if (heard.at < deposed) pass = heard.at;
  }
  CHECK(pass >= 25'050_ms);
  CHECK(deposed - pass == 60'001_ms);
  CHECK(role(run, 1) == rocketmq::ReplicaRole::master);
  watch(run);
}

TEST_CASE("elected services: without a half message that is due it is a slave at once", "[elected]") {
  Config config = controlled();
  config.faults.push_back(restoring(at_process(5'050_ms, FaultKind::pause, 0), 20_s));
  Run run(config, 60_s);
  const Duration deposed = when(run, 0, RoleTaken::slave, 25_s);
  CHECK(deposed >= 25'050_ms);
  CHECK(deposed <= 31_s);  // the controller is asked each 5 s
}

}  // namespace brokersim::model
