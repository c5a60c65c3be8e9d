// The judge over replica sets that elect their master: whose crash was the reason.
#include "tests/model/court.hpp"

namespace brokersim::model::ledger {

namespace {

/// Two replicas; 0 has stored what follows, 1 is the master at the end.
struct SetCourt : Court {
  SetCourt() {
    config.brokers.resize(2);
    for (BrokerConfig& broker : config.brokers) {
      broker.settings.brokerName = "broker-a";
      broker.settings.enableControllerMode = true;
      broker.set = 0;
    }
    world.brokers.resize(2);
    world.brokers[1].cache.topics = {2};
    world.processes.resize(2);
    world.controllers.resize(1);
    world.controllers[0].disk.sets.assign(2, rocketmq::SetView{1, 2, rocketmq::mask_of(1), 2});
    evidence.reset(config);
  }
  std::uint32_t stored_at_0() {
    const auto order = intent(Told::acknowledged);
    hears(0_s, RecordKind::appended, order, 0);
    acknowledged(order, 1_s);
    return order;
  }
  void replicated(std::uint32_t order, Duration time) {
    hears(time, RecordKind::replicated, order, std::int64_t{1} << 16);
  }
  void replica_lost(std::uint32_t order, std::int64_t broker, LossKind kind, Duration time) {
    hears(time, RecordKind::replica_lost, order, broker | static_cast<std::int64_t>(kind) << 16);
  }
  void elected(Duration time) {
    hears(time, RecordKind::role_taken, 1, static_cast<std::int64_t>(RoleTaken::master));
  }
  void cut_off(std::uint32_t order, Duration time) {
    hears(time, RecordKind::copy_lost, order, static_cast<std::int64_t>(LossKind::diverged));
  }
};

void check_gone(const Outcome& outcome, Cause cause, Duration window) {
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.vanished);
  CHECK(outcome.cause == cause);
  CHECK(outcome.window == window);
}

}  // namespace

TEST_CASE("what a deposed master loses in a crash would have been cut off", "[ledger][controller]") {
  SetCourt court;
  const auto order = court.stored_at_0();
  court.elected(2_s);
  court.replica_lost(order, 0, LossKind::unflushed_tail, 3_s);
  check_gone(court.judged(order), Cause::replication_truncated, 2_s);
}

TEST_CASE("everybody had it, and a crash of the replica that was elected then has lost it",
          "[ledger][controller]") {
  for (const LossKind kind : {LossKind::unflushed_tail, LossKind::torn_tail}) {
    SetCourt court;
    const auto order = court.stored_at_0();
    court.replicated(order, 1_s);
    court.replica_lost(order, 1, kind, 3_s);
    court.elected(4_s);
    court.cut_off(order, 9_s);
    const bool torn = kind == LossKind::torn_tail;
    check_gone(court.judged(order), torn ? Cause::storage_torn_tail : Cause::storage_unflushed_tail, 2_s);
  }
}

TEST_CASE("the same, and the old master loses its power before it is cut off", "[ledger][controller]") {
  SetCourt court;
  const auto order = court.stored_at_0();
  court.replicated(order, 1_s);
  court.replica_lost(order, 1, LossKind::unflushed_tail, 3_s);
  court.elected(4_s);
  court.replica_lost(order, 0, LossKind::unflushed_tail, 8_s);
  check_gone(court.judged(order), Cause::storage_unflushed_tail, 2_s);
}

TEST_CASE("the same, and the old master never comes back", "[ledger][controller]") {
  for (const bool elected : {true, false}) {
    SetCourt court;
    court.config.faults.resize(1);
    court.config.faults[0].action.kind = FaultKind::kill;
    court.config.faults[0].action.process = broker_process(0);
    court.world.faults.states.resize(1);
    court.world.faults.states[0].stays = true;
    const auto order = court.stored_at_0();
    rocketmq::LogRecord record;
    record.intent = IntentId(order);
    court.world.brokers[0].cache.log.append(record);
    court.replicated(order, 1_s);
    court.replica_lost(order, 1, LossKind::unflushed_tail, 3_s);
    if (elected) court.elected(4_s);
    const Outcome outcome = court.judged(order);
    CHECK(outcome.cause == (elected ? Cause::storage_unflushed_tail : Cause::replication_not_replicated));
  }
}

TEST_CASE("a replica that was elected before its crash, or had got it again, is not the reason",
          "[ledger][controller]") {
  SetCourt before;
  const auto order = before.stored_at_0();
  before.elected(2_s);
  before.replica_lost(order, 1, LossKind::unflushed_tail, 3_s);
  before.cut_off(order, 9_s);
  check_gone(before.judged(order), Cause::replication_truncated, 8_s);

  SetCourt again;
  const auto other = again.stored_at_0();
  again.replica_lost(other, 1, LossKind::unflushed_tail, 2_s);
  again.replicated(other, 3_s);
  again.elected(4_s);
  again.cut_off(other, 9_s);
  check_gone(again.judged(other), Cause::replication_truncated, 8_s);
}

TEST_CASE("a record that nobody cuts off and nobody reads is told as cut off", "[ledger][controller]") {
  SetCourt court;
  const auto order = court.stored_at_0();
  rocketmq::LogRecord record;
  record.intent = IntentId(order);
  court.world.brokers[0].cache.log.append(record);
  court.elected(2_s);
  CHECK(court.judged(order).cause == Cause::replication_truncated);
}

}  // namespace brokersim::model::ledger
