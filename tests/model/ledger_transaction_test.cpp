// Transactions before the judge: every class and every cause, from records made by hand.
#include <initializer_list>

#include "tests/model/court.hpp"

namespace brokersim::model::ledger {

namespace {

constexpr auto unflushed = static_cast<std::int64_t>(LossKind::unflushed_tail);

/// One transactional producer of "orders" and its half messages on one broker, known by their half offsets.
struct TransactionCourt : Court {
  TransactionCourt() { config.producers[0].transaction.emplace(); }

  std::uint32_t order(Told told, Local local) {
    const std::uint32_t id = intent(told);
    if (local != Local::absent) world.verdict.set_local(IntentId(id), local);
    return id;
  }
  void half(std::uint32_t id, std::int64_t offset, Duration time = 0_s) {
    hears(time, RecordKind::half_stored, id, 0, offset);
  }
  void copied(std::uint32_t id, std::int64_t from, std::int64_t to, Duration time,
              HalfCopy why = HalfCopy::to_check) {
    hears(time, RecordKind::half_copied, id, static_cast<std::int64_t>(why) << 16, from);
    hears(time, RecordKind::copy_stored, id, 0, to);
  }
  void ends(std::uint32_t id, TransactionVerdict verdict, std::int64_t offset, Duration time) {
    hears(time, RecordKind::end_executed, id, static_cast<std::int64_t>(verdict) << 16, offset);
  }
  void commits(std::uint32_t id, std::int64_t offset, Duration time) {
    stored(id, offset);
    ends(id, TransactionVerdict::commit, offset, time);
    hears(time, RecordKind::op_buffered, id, 0, offset);
  }
  void op_stored(std::uint32_t id, std::int64_t offset, Duration time) {
    hears(time, RecordKind::op_stored, id, 0, offset);
  }
  Cause why_twice(std::uint32_t id) {
    const Outcome outcome = judged(id);
    CHECK(outcome.outcome == Class::processed);
    CHECK(outcome.duplicated);
    return outcome.duplicate_cause;
  }
};

}  // namespace

// ------------------------------------------------------------------------------- committed twice

TEST_CASE("a pass between a commit and its op asks again", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.commits(order, 0, 29_s);
  court.copied(order, 0, 1, 30_s);
  SECTION("and the op is written later") { court.op_stored(order, 0, 31_s); }
  SECTION("and the answer to an earlier question comes after a later copy") {
    court.copied(order, 1, 2, 60_s);
  }
  court.commits(order, 1, 61_s);
  CHECK(court.why_twice(order) == Cause::transaction_op_in_memory);
}

TEST_CASE("an op that was written but not yet read by the pass is no better than one in memory", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.commits(order, 0, 29_s);
  court.op_stored(order, 0, 29999_ms);
  court.copied(order, 0, 1, 30_s);
  court.commits(order, 1, 30001_ms);
  CHECK(court.why_twice(order) == Cause::transaction_op_in_memory);
}

TEST_CASE("a crash takes an op: out of the memory, or with the tail of the log", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.commits(order, 0, 1_s);
  SECTION("memory") { court.hears(2_s, RecordKind::op_lost, order, 0, 0); }
  SECTION("log, and the offsets with it") {
    court.op_stored(order, 0, 2_s);
    court.hears(3_s, RecordKind::log_truncated, 0, 10, 5);
    court.hears(3_s, RecordKind::offsets_back, 0, 0, 1);
  }
  court.copied(order, 0, 1, 40_s);
  court.commits(order, 1, 41_s);
  CHECK(court.why_twice(order) == Cause::transaction_op_lost);
}

TEST_CASE("an op record that the former master wrote is lost where the next one checks",
          "[ledger][election]") {
  const bool other = GENERATE(true, false);
  TransactionCourt court;
  court.config.brokers.resize(2);
  for (BrokerConfig& broker : court.config.brokers) {
    broker.settings.enableControllerMode = true;
    broker.set = 0;
  }
  court.evidence.reset(court.config);
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.commits(order, 0, 1_s);
  court.op_stored(order, 0, 2_s);
  SECTION("in the line of its copies") {}
  // Of the copies of the former master's passes the next one knows nothing: it makes its own.
  SECTION("and not") { court.copied(order, 0, 1, 3_s); }
  const std::int64_t broker = other ? 1 : 0;
  court.hears(40_s, RecordKind::half_copied, order, broker, 0);
  court.hears(40_s, RecordKind::copy_stored, order, broker, 2);
  court.stored(order, 1);
  court.hears(41_s, RecordKind::end_executed, order,
              broker | static_cast<std::int64_t>(TransactionVerdict::commit) << 16, 2);
  const Cause cause = court.evidence.transactions().trail(order).duplicate;
  if (other)
    CHECK(cause == Cause::transaction_op_lost);
  else
    CHECK(cause != Cause::transaction_op_lost);
}

TEST_CASE("a half message behind the offset of the check service is stuck, and why", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.hears(1_s, RecordKind::local_done, order, 0, 0);
  court.half(order, 0);
  court.copied(order, 0, 1, 30_s);
  court.hears(40_s, RecordKind::half_lost, order, 0, 1);
  const bool behind = GENERATE(false, true);
  if (behind) court.hears(41_s, RecordKind::half_stepped_over, order, 0, 0);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::stuck);
  CHECK(outcome.cause == (behind ? Cause::transaction_half_stepped_over : Cause::none));
}

TEST_CASE("a commit that meets a copy behind its half message is late, whichever comes first", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.copied(order, 0, 1, 7_s);
  const bool producer_first = GENERATE(true, false);
  court.commits(order, producer_first ? 0 : 1, 8_s);
  court.commits(order, producer_first ? 1 : 0, 9_s);
  CHECK(court.why_twice(order) == Cause::transaction_late_commit);
}

TEST_CASE("a copy that immunity made is the cause of what comes after it", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.copied(order, 0, 1, 10_s, HalfCopy::immune);
  court.commits(order, 0, 12_s);
  court.copied(order, 1, 2, 70_s);
  court.commits(order, 2, 71_s);
  CHECK(court.why_twice(order) == Cause::transaction_check_immunity);
}

TEST_CASE("two copies of one half message: a pass came by again, whenever they are committed", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.copied(order, 0, 1, 10_s);
  court.hears(15_s, RecordKind::offsets_back, 0, 0, 1);
  court.copied(order, 0, 2, 20_s);
  court.copied(order, 1, 3, 20_s);  // and the check thread answers for both only now
  court.commits(order, 2, 21_s);
  court.commits(order, 3, 22_s);
  CHECK(court.why_twice(order) == Cause::transaction_offset_forgotten);
}

TEST_CASE("a pass that begins at old offsets copies again what it had copied", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.copied(order, 0, 1, 30_s);
  court.commits(order, 1, 31_s);
  court.op_stored(order, 1, 33_s);
  court.hears(34_s, RecordKind::offsets_back, 0, 0, 1);
  court.copied(order, 0, 2, 60_s);
  court.commits(order, 2, 61_s);
  CHECK(court.why_twice(order) == Cause::transaction_offset_forgotten);
}

TEST_CASE("the offsets of a consumer group have nothing to do with half messages", "[ledger]") {
  TransactionCourt court;
  court.reader();
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.commits(order, 0, 1_s);
  court.op_stored(order, 0, 2_s);
  court.hears(3_s, RecordKind::offsets_back, 0, 0, 5);  // Group 0 reads orders; 1 would be CID_RMQ_SYS_TRANS.
  court.copied(order, 0, 1, 40_s);
  court.commits(order, 1, 41_s);
  CHECK(court.evidence.transactions().trail(order).duplicate == Cause::transaction_op_in_memory);
}

TEST_CASE("two tries of one send leave two half messages, on one broker or on two", "[ledger]") {
  TransactionCourt court;
  const std::int64_t broker = GENERATE(0, 1);
  court.config.brokers.resize(2);
  court.evidence.reset(court.config);
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.hears(3_s, RecordKind::half_stored, order, broker, 1);
  court.stored(order, 1);
  court.hears(4_s, RecordKind::end_executed, order,
              broker | static_cast<std::int64_t>(TransactionVerdict::commit) << 16, 1);
  court.copied(order, 0, 2, 30_s);
  court.commits(order, 2, 31_s);
  CHECK(court.why_twice(order) == Cause::transaction_orphan_half);
}

TEST_CASE("the second commit has the cause, further ones change nothing", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.commits(order, 0, 1_s);
  court.copied(order, 0, 1, 7_s);
  court.commits(order, 1, 8_s);
  court.hears(9_s, RecordKind::op_lost, order, 0, 1);
  court.copied(order, 1, 2, 30_s);
  court.commits(order, 2, 31_s);
  CHECK(court.why_twice(order) == Cause::transaction_op_in_memory);
}

// ------------------------------------------------------------------------------- lost

TEST_CASE("what ended a half message without a final one is the cause of its loss", "[ledger]") {
  TransactionCourt court;
  SECTION("judged by the log") {}
  SECTION("judged by a reader") { court.reader(); }
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.hears(1_s, RecordKind::local_done, order, 0, 0);
  court.acknowledged(order, 2_s);
  court.half(order, 0, 500_ms);
  const auto check_lost = [&](Cause cause, Duration window) {
    const Outcome outcome = court.judged(order);
    CHECK(outcome.outcome == Class::lost);
    CHECK(outcome.cause == cause);
    CHECK(outcome.vanished);
    CHECK(outcome.vanished_cause == cause);
    CHECK(outcome.window == window);
  };
  SECTION("checks spent") {
    court.copied(order, 0, 1, 30_s);
    court.hears(437_s, RecordKind::half_discarded, order, 0, 1);
    check_lost(Cause::transaction_checks_spent, 435_s);
  }
  SECTION("too old") {
    court.hears(72_h, RecordKind::half_discarded, order, std::int64_t{1} << 16, 0);
    check_lost(Cause::transaction_half_too_old, 72_h - 2_s);
  }
  SECTION("the half message lost") {
    court.hears(2143_ms, RecordKind::half_lost, order, 0, 0);
    check_lost(Cause::transaction_half_lost, 143_ms);
  }
  SECTION("the final message lost, and its half message before it") {
    court.hears(2005_ms, RecordKind::appended, order, 0, 0);
    court.ends(order, TransactionVerdict::commit, 0, 2005_ms);
    court.hears(2100_ms, RecordKind::half_lost, order, 0, 0);
    court.hears(2100_ms, RecordKind::copy_lost, order, unflushed, 0);
    check_lost(Cause::transaction_commit_not_flushed, 100_ms);
  }
  SECTION("the final message lost, and a copy of its half message behind it") {
    court.hears(2005_ms, RecordKind::appended, order, 0, 0);
    court.ends(order, TransactionVerdict::commit, 0, 2005_ms);
    court.copied(order, 0, 1, 8_s);
    court.hears(9_s, RecordKind::half_lost, order, 0, 0);
    court.hears(9_s, RecordKind::copy_lost, order, unflushed, 0);
    court.hears(9_s, RecordKind::half_lost, order, 0, 1);
    check_lost(Cause::transaction_commit_not_flushed, 7_s);
  }
  SECTION("the final message in the transient pool") {
    court.hears(2005_ms, RecordKind::appended, order, 0, 0);
    court.ends(order, TransactionVerdict::commit, 0, 2005_ms);
    court.hears(2100_ms, RecordKind::half_lost, order, 0, 0);
    court.hears(2100_ms, RecordKind::copy_lost, order, static_cast<std::int64_t>(LossKind::uncommitted_pool),
                0);
    check_lost(Cause::storage_uncommitted_pool, 100_ms);
  }
  SECTION("a check answered wrongly") {
    court.copied(order, 0, 1, 30_s);
    court.ends(order, TransactionVerdict::rollback, 1, 31_s);
    check_lost(Cause::transaction_check_answered_rollback, 29_s);
  }
}

TEST_CASE("a producer that dies after its commit loses what nobody can answer for", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::nothing, Local::committed);
  court.hears(1_s, RecordKind::local_done, order, 0, 0);
  court.hears(1_s, RecordKind::told_failed, order, static_cast<std::int64_t>(SendError::died));
  court.half(order, 0);
  court.hears(101_s, RecordKind::half_discarded, order, 0, 0);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == Cause::transaction_checks_spent);
  CHECK(outcome.window == 100_s);  // since the database had committed
  CHECK_FALSE(outcome.vanished);   // Nobody had acknowledged it.
}

TEST_CASE("a discarded message whose last answer commits it all the same is processed", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.hears(437_s, RecordKind::half_discarded, order, 0, 0);
  court.commits(order, 0, 438_s);
  CHECK(court.judged(order).outcome == Class::processed);
  CHECK_FALSE(court.judged(order).vanished);
}

// ------------------------------------------------------------------------------- the other classes

TEST_CASE("what is processed without a committed local transaction is a ghost", "[ledger]") {
  TransactionCourt court;
  SECTION("judged by the log") {}
  SECTION("judged by a reader") { court.reader(1); }
  const Local local = GENERATE(Local::absent, Local::running, Local::rolled_back);
  const auto order = court.order(Told::rolled_back, local);
  court.half(order, 0);
  court.commits(order, 0, 30_s);
  if (!court.config.groups.empty()) court.processed(order);
  CHECK(court.judged(order).outcome == Class::ghost);
  CHECK(court.judged(order).cause == Cause::transaction_check_answered_commit);
}

TEST_CASE("a half message without a verdict is stuck, whatever its producer believes", "[ledger]") {
  TransactionCourt court;
  const Told told = GENERATE(Told::acknowledged, Told::failed, Told::rolled_back);
  const auto order = court.order(told, told == Told::acknowledged ? Local::committed : Local::absent);
  court.half(order, 0);
  court.copied(order, 0, 1, 30_s);
  CHECK(court.judged(order).outcome == Class::stuck);
  CHECK(court.judged(order).cause == Cause::none);
  CHECK_FALSE(court.judged(order).vanished);
  court.ends(order, TransactionVerdict::rollback, 0, 31_s);  // Of the original: the copy goes on asking.
  CHECK(court.judged(order).outcome == Class::stuck);
  court.ends(order, TransactionVerdict::rollback, 1, 32_s);
  CHECK(court.judged(order).outcome != Class::stuck);
}

TEST_CASE("a crash that takes the copy leaves its original waiting again", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.copied(order, 0, 1, 30_s);
  court.hears(31_s, RecordKind::half_lost, order, 0, 1);
  CHECK(court.judged(order).outcome == Class::stuck);
}

TEST_CASE("a final message that a crash took leaves its half message open", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  court.hears(1_s, RecordKind::appended, order, 0, 0);
  court.ends(order, TransactionVerdict::commit, 0, 1_s);
  court.hears(2_s, RecordKind::copy_lost, order, unflushed, 0);
  CHECK(court.judged(order).outcome == Class::stuck);
}

TEST_CASE("who rolled back knows it, and why", "[ledger]") {
  TransactionCourt court;
  const auto rolled_back = court.order(Told::rolled_back, Local::rolled_back);
  court.half(rolled_back, 0);
  court.ends(rolled_back, TransactionVerdict::rollback, 0, 1_s);
  CHECK(court.judged(rolled_back).outcome == Class::rolled_back);
  CHECK(court.judged(rolled_back).cause == Cause::transaction_rolled_back);
  const auto skipped = court.order(Told::rolled_back, Local::absent);
  court.half(skipped, 1);
  court.hears(1_s, RecordKind::local_skipped, skipped, 0,
              static_cast<std::int64_t>(Status::FLUSH_DISK_TIMEOUT));
  court.ends(skipped, TransactionVerdict::rollback, 1, 1_s);
  CHECK(court.judged(skipped).outcome == Class::rolled_back);
  CHECK(court.judged(skipped).cause == Cause::transaction_status_not_ok);
}

TEST_CASE("a half message that could not be sent is a failure that the application knows of", "[ledger]") {
  TransactionCourt court;
  const auto told = court.order(Told::failed, Local::absent);
  CHECK(court.judged(told).outcome == Class::failed);
  CHECK(court.judged(told).cause == Cause::transaction_half_not_stored);
  const auto died = court.order(Told::nothing, Local::absent);
  court.hears(1_s, RecordKind::told_failed, died, static_cast<std::int64_t>(SendError::died));
  CHECK(court.judged(died).outcome == Class::failed);
  CHECK(court.judged(died).cause == Cause::production_producer_died);
}

TEST_CASE("half and op records are counted where they lie, and are no copies", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  for (const std::uint16_t topic :
       std::initializer_list<std::uint16_t>{1, 1, 1, 2, 3}) {  // three halves, an op record, a discarded one
    rocketmq::LogRecord record;
    record.intent = topic == 2 ? no_intent : IntentId(order);
    record.topic = TopicId(topic);
    court.world.brokers[0].cache.log.append(record);
  }
  court.judged(order);
  CHECK(court.inventory.copies[order] == 0);
  CHECK(court.inventory.halves[order] == 3);
  CHECK(court.inventory.op_records == 1);
}

TEST_CASE("checks and discarded half messages are counted per message", "[ledger]") {
  TransactionCourt court;
  const auto order = court.order(Told::acknowledged, Local::committed);
  court.half(order, 0);
  for (int i = 1; i <= 15; ++i) court.hears(30_s, RecordKind::check_received, order, 0, i);
  court.hears(437_s, RecordKind::half_discarded, order, 0, 0);
  CHECK(court.evidence.transactions().trail(order).checks == 15);
  CHECK(court.evidence.transactions().trail(order).discarded == 1);
}

TEST_CASE("a pass over an offset where nothing is left concerns nobody", "[ledger]") {
  TransactionCourt court;
  court.hears(1_s, RecordKind::half_resolved, no_intent.value, 0, 7);
  CHECK(court.evidence.size() == 0);
}

}  // namespace brokersim::model::ledger
