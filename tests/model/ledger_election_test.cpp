// What an election costs a group of push consumers, before the judge: records made by hand. Each test has its
// twin in which the same comes from a crash, which another setting closes.
#include "tests/model/listener_court.hpp"

namespace brokersim::model::ledger {

namespace {

/// Brokers 0 and 1 are a set in controller mode, with 0 as its first master; 2 is another set.
struct ElectionCourt : ListenerCourt {
  static constexpr std::uint16_t first = 4, second = 5;  ///< processes, behind the brokers and the producer

  ElectionCourt() {
    config.brokers.resize(3);
    for (std::size_t b = 0; b < 2; ++b) {
      config.brokers[b].settings.enableControllerMode = true;
      config.brokers[b].set = 0;
    }
    world.brokers.resize(3, world.brokers[0]);
    world.processes.resize(8);
    world.controllers.resize(1);
    world.controllers[0].disk.sets.assign(3, rocketmq::SetView{1, 2, rocketmq::mask_of(1), 2});
    evidence.reset(config);
  }
  void elected(std::uint32_t broker, Duration time) {
    hears(time, RecordKind::role_taken, broker, static_cast<std::int64_t>(RoleTaken::master));
  }
  /// The process tells this broker that it has read queue 0 up to there.
  void commits(std::uint16_t process, std::int64_t broker, std::int64_t offset, Duration time) {
    hears(time, RecordKind::offset_committed, process, broker << 16, offset);
  }
  void skips(std::uint16_t process, Duration time) { hears(time, RecordKind::queue_skipped, process, 0, 3); }
  /// An order that broker 1 has at the end, and the group has gone past.
  std::uint32_t passed_order() {
    const auto order = intent(Told::acknowledged);
    acknowledged(order, 6_s);
    hears(5_s, RecordKind::appended, order, 1 << 16, 0);
    rocketmq::LogRecord record;
    record.intent = IntentId(order);
    world.brokers[1].cache.log.append(record);
    world.brokers[1].memory.offsets[0] = 3;
    return order;
  }
  Cause why_lost(std::uint32_t order) {
    const Outcome outcome = judged(order);
    CHECK(outcome.outcome == Class::lost);
    return outcome.cause;
  }
};

}  // namespace

// ------------------------------------------------------------------------------- offsets of groups

TEST_CASE("what was committed at the former master comes again from the next one", "[ledger][election]") {
  ElectionCourt court;
  const auto order = court.order();
  court.consumes(order, ElectionCourt::first);
  court.commits(ElectionCourt::first, 0, 1, 2_s);
  SECTION("to a group that has lived through it") { court.elected(1, 3_s); }
  SECTION("and its reader dies before the election") {
    court.dies(ElectionCourt::first, 2500_ms);
    court.elected(1, 3_s);
  }
  SECTION("and its reader dies behind it") {
    court.elected(1, 3_s);
    court.dies(ElectionCourt::first, 3500_ms);
  }
  court.assigned(ElectionCourt::second, 4_s);
  court.consumes(order, ElectionCourt::second, 0, 4_s);
  CHECK(court.why_twice(order) == Cause::replication_offset_not_synchronized);
}

TEST_CASE("what its reader had not committed when it died would have come again anyway",
          "[ledger][election]") {
  ElectionCourt court;
  const auto order = court.order();
  court.consumes(order, ElectionCourt::first);
  court.dies(ElectionCourt::first, 2_s);
  court.elected(1, 3_s);
  court.assigned(ElectionCourt::second, 4_s);
  court.consumes(order, ElectionCourt::second, 0, 4_s);
  CHECK(court.why_twice(order) == Cause::consumption_offset_not_committed);
}

TEST_CASE("a commit of the retry topic is none of the orders'", "[ledger][election]") {
  ElectionCourt court;
  const auto order = court.order();
  court.consumes(order, ElectionCourt::first);
  // The records name no topic: nothing but offset 0 of the orders has been delivered.
  court.commits(ElectionCourt::first, 0, 200, 2_s);
  court.dies(ElectionCourt::first, 2500_ms);
  court.elected(1, 3_s);
  court.assigned(ElectionCourt::second, 4_s);
  court.consumes(order, ElectionCourt::second, 0, 4_s);
  CHECK(court.why_twice(order) == Cause::consumption_offset_not_committed);
}

TEST_CASE("an offset that went to a deposed master is not known to the one that serves",
          "[ledger][election]") {
  ElectionCourt court;
  const auto order = court.order();
  court.elected(1, 500_ms);
  court.consumes(order, ElectionCourt::first, 0, 1_s);
  court.commits(ElectionCourt::first, 0, 1, 2_s);
  court.dies(ElectionCourt::first, 3_s);
  court.assigned(ElectionCourt::second, 4_s);
  court.consumes(order, ElectionCourt::second, 0, 4_s);
  CHECK(court.why_twice(order) == Cause::replication_offset_not_synchronized);
}

TEST_CASE("the election of another set, and a crash there, change nothing", "[ledger][election]") {
  ElectionCourt court;
  court.config.brokers.resize(4);
  court.config.brokers[3].set = 2;
  court.evidence.reset(court.config);
  const auto order = court.intent(Told::acknowledged);
  court.stored(order);
  const std::uint16_t reader = 5, other = 6;
  court.consumes(order, reader);
  court.hears(2_s, RecordKind::role_taken, 3, static_cast<std::int64_t>(RoleTaken::master));
  court.hears(2_s, RecordKind::offsets_back, 2, 0, 1);
  court.assigned(other, 4_s);
  court.consumes(order, other, 0, 4_s);
  CHECK(court.why_twice(order) == Cause::consumption_rebalance);
}

// ------------------------------------------------------------------------------- delay levels

TEST_CASE("who has delivered from a delay level tells why it comes once more", "[ledger][election]") {
  ElectionCourt court;
  const auto order = court.order();
  court.begins(order, ElectionCourt::first);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order);
  court.retried(order, 5);
  court.consumes(order, ElectionCourt::first, 1);
  std::int64_t broker = 0;
  Cause cause = Cause::replication_delay_offset_not_synchronized;
  SECTION("the next master, with the offsets that it had fetched") {
    court.elected(1, 12_s);
    broker = 1;
  }
  SECTION("the same, which has been a slave meanwhile") {
    court.elected(1, 12_s);
    court.elected(0, 13_s);
  }
  SECTION("the same, which has crashed and kept its role") {
    court.hears(12_s, RecordKind::process_died, 0);
    court.elected(0, 13_s);
    cause = Cause::storage_delay_offset_forgotten;
  }
  court.hears(15_s, RecordKind::delay_over, order, broker | 3 << 16, 5);
  court.hears(15_s, RecordKind::retry_stored, order, 0, 1);
  court.consumes(order, ElectionCourt::second, 1, 16_s);
  CHECK(court.why_twice(order) == cause);
}

TEST_CASE("an acting master delivers by what it had fetched, its master by its own file",
          "[ledger][election]") {
  ListenerCourt court;
  court.config.brokers.resize(2);
  for (BrokerConfig& broker : court.config.brokers) {
    broker.settings.enableSlaveActingMaster = true;
    broker.set = 0;
  }
  court.evidence.reset(court.config);
  const std::uint16_t reader = 3;
  const auto order = court.order();
  court.begins(order, reader);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order);
  court.retried(order, 5);
  court.consumes(order, reader, 1);
  const auto stands_in = [&](std::uint32_t broker, StandIn what, Duration time) {
    court.hears(time, RecordKind::stood_in, broker, static_cast<std::int64_t>(what));
  };
  const auto fetched = static_cast<std::int64_t>(rocketmq::SyncStep::delay_offsets);
  const bool knows = GENERATE(true, false);  // the slave has been told of the level
  if (knows) court.hears(500_ms, RecordKind::replica_synchronized, 1, fetched);
  court.hears(12_s, RecordKind::process_died, 0);
  stands_in(1, StandIn::acting, 13_s);
  Cause cause = Cause::replication_delay_offset_not_synchronized;
  SECTION("the acting master") {}
  SECTION("the master, which has taken the slave's offsets") {
    stands_in(0, StandIn::delays_taken, 14_s), stands_in(0, StandIn::online, 14_s);
    if (!knows) cause = Cause::storage_delay_offset_forgotten;
  }
  SECTION("the master, which has kept its own") {
    stands_in(0, StandIn::delays_kept, 14_s), stands_in(0, StandIn::online, 14_s);
    cause = Cause::storage_delay_offset_forgotten;
  }
  court.delivered(order, 5);
  court.consumes(order, reader, 1, 16_s);
  CHECK(court.work(order).duplicate == cause);
}

TEST_CASE("a leader that stays delivers again what no majority had in time", "[ledger][election]") {
  ListenerCourt court;
  court.config.brokers[0].settings.enableDLegerCommitLog = true;
  court.evidence.reset(court.config);
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order);
  court.retried(order, 5);
  court.delivered(order, 5);
  court.consumes(order, ListenerCourt::first, 1);
  court.consumes(order, ListenerCourt::second, 1);
  CHECK(court.work(order).duplicate == Cause::replication_late_commit);
}

// ------------------------------------------------------------------------------- what is lost to a group

TEST_CASE("a reader that was further than the next master's log steps over what comes there",
          "[ledger][election]") {
  ElectionCourt court;
  court.assigned(ElectionCourt::first, 1_s);
  court.elected(1, 3_s);
  const auto order = court.passed_order();
  court.skips(ElectionCourt::first, 8_s);
  CHECK(court.why_lost(order) == Cause::replication_offset_skipped);
}

TEST_CASE("if a crash of the next master took the end of its log, that is the reason", "[ledger][election]") {
  const bool made_good = GENERATE(false, true);
  ElectionCourt court;
  court.assigned(ElectionCourt::first, 1_s);
  court.hears(2_s, RecordKind::process_died, 1);
  court.hears(2_s, RecordKind::log_truncated, 1, 0, 3);
  court.hears(2500_ms, RecordKind::process_served, 1, 1);
  // It is the slave of the one that had everything, and fetches what it has lost.
  if (made_good) court.hears(2600_ms, RecordKind::replica_connected, 1, 0);
  court.elected(1, 3_s);
  const auto order = court.passed_order();
  court.skips(ElectionCourt::first, 8_s);
  CHECK(court.why_lost(order) ==
        (made_good ? Cause::replication_offset_skipped : Cause::consumption_offset_skipped));
}

TEST_CASE("a copy on its way back is cut off with the log of a deposed master", "[ledger][election]") {
  ElectionCourt court;
  const auto order = court.passed_order();
  court.begins(order, ElectionCourt::first);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order);
  SECTION("and that is told") {
    court.hears(9_s, RecordKind::returned_lost, order, static_cast<std::int64_t>(LossKind::diverged) << 16,
                4);
    CHECK(court.judged(order).window == 8_s);
  }
  SECTION("or lies where nobody reads") {}
  CHECK(court.why_lost(order) == Cause::replication_returned_copy_lost);
}

// ------------------------------------------------------------------------------- what a producer is told

TEST_CASE("a client that has not heard of the new master is told for that", "[ledger][election]") {
  const bool learnt = GENERATE(false, true);
  const bool tried = GENERATE(false, true);
  ElectionCourt court;
  court.hears(1_s, RecordKind::route_learned, 3, 0, 2);  // the shop
  court.elected(1, 3_s);
  court.hears(4_s, RecordKind::route_learned, 4, 0, 2);  // a consumer
  if (learnt) court.hears(4_s, RecordKind::route_learned, 3, 0, 2);
  const IntentId order = court.world.verdict.begin();
  court.hears(5_s, RecordKind::send_begun, order.value, 0);
  if (tried) court.hears(5_s, RecordKind::attempt_sent, order.value, 0, 0);
  court.world.verdict.tell(order, Told::failed);
  court.hears(8_s, RecordKind::told_failed, order.value, static_cast<std::int64_t>(SendError::refused));
  CHECK(court.judged(order.value).outcome == Class::failed);
  CHECK(court.judged(order.value).cause ==
        (learnt ? Cause::production_retries_exhausted : Cause::production_route_old));
}

TEST_CASE("a set that lacks replicas in sync is no broker that will be back", "[ledger][election]") {
  const bool controlled = GENERATE(true, false);
  ElectionCourt court;
  const auto order = court.intent(Told::failed, 0, controlled ? 0 : 2 << 16);
  court.hears(1_s, RecordKind::told_failed, order, static_cast<std::int64_t>(SendError::broker_error),
              static_cast<std::int64_t>(Status::SYSTEM_ERROR));
  CHECK(court.judged(order).cause ==
        (controlled ? Cause::production_replicas_missing : Cause::production_retries_exhausted));
}

}  // namespace brokersim::model::ledger
