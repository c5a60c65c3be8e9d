// The judge and messages that their producers delay: records made by hand.
#include "tests/model/court.hpp"

namespace brokersim::model::ledger {

namespace {

/// Its producer sends on level 3 (10 s); SCHEDULE_TOPIC_XXXX is the fourth topic behind "orders".
struct DelayCourt : Court {
  static constexpr std::uint16_t schedule_topic = 4, level = 3;

  DelayCourt() {
    config.producers[0].delay_level = level;
    world.brokers[0].memory.delays.levels.resize(18);
    evidence.reset(config);
  }
  std::uint32_t order(Duration time = 1_s) {
    const std::uint32_t id = intent(Told::acknowledged);
    acknowledged(id, time);
    hears(time, RecordKind::scheduled, id, level << 16, 0);
    return id;
  }
  /// Lies at the offset 0 of its level.
  void waits(std::uint32_t id) {
    rocketmq::LogRecord record;
    record.intent = IntentId(id);
    record.topic = TopicId(schedule_topic);
    record.queue = level - 1;
    world.brokers[0].cache.log.append(record);
  }
  void comes(std::uint32_t id, std::int64_t offset = 0) {
    hears(11_s, RecordKind::delay_over, id, level << 16, 0);
    stored(id, offset);
  }
  void is_past() { world.brokers[0].memory.delays.levels[level - 1].next = 1; }
};

}  // namespace

TEST_CASE("what is delayed and not yet due is stuck, not lost, read or not", "[ledger]") {
  const bool read = GENERATE(false, true);
  DelayCourt court;
  if (read) court.reader();
  const auto order = court.order();
  court.waits(order);
  CHECK(court.judged(order).outcome == Class::stuck);
  CHECK_FALSE(court.judged(order).vanished);
  court.is_past();
  CHECK(court.judged(order).outcome == Class::lost);  // Its level went past it, and no topic holds it.
}

TEST_CASE("a delayed message that a crash took while it waited is lost like any other", "[ledger]") {
  const bool pool = GENERATE(false, true);
  const LossKind kind = pool ? LossKind::uncommitted_pool : LossKind::unflushed_tail;
  DelayCourt court;
  const auto order = court.order(1_s);
  court.hears(1300_ms, RecordKind::scheduled_lost, order, static_cast<std::int64_t>(kind) << 16, 0);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.vanished);
  CHECK(outcome.cause == (pool ? Cause::storage_uncommitted_pool : Cause::storage_unflushed_tail));
  CHECK(outcome.window == 300_ms);
}

TEST_CASE("a level that begins again at an old offset makes a second copy, read or not", "[ledger]") {
  const bool read = GENERATE(false, true);
  DelayCourt court;
  if (read) court.reader(2);
  const auto order = court.order();
  court.waits(order);
  court.is_past();
  for (const std::int64_t offset : {0, 1}) {
    court.comes(order, offset);
    if (read) court.processed(order);
  }
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::processed);
  CHECK(outcome.duplicated);
  CHECK(outcome.duplicate_cause == Cause::storage_delay_offset_forgotten);
}

TEST_CASE("two tries that were both delayed are two copies of the retry, not of the level", "[ledger]") {
  DelayCourt court;
  const auto order = court.order();
  court.hears(2_s, RecordKind::scheduled, order, DelayCourt::level << 16, 1);
  court.comes(order, 0);
  court.hears(12_s, RecordKind::delay_over, order, DelayCourt::level << 16, 1);
  court.stored(order, 1);
  CHECK(court.judged(order).duplicated);
  CHECK(court.judged(order).duplicate_cause == Cause::production_unanswered_retry);
}

TEST_CASE("what is due behind the heal is not late, what was due before it is", "[ledger]") {
  const auto [healed, late] = GENERATE(table<Duration, bool>({{10_s, false}, {12_s, true}}));
  DelayCourt court;
  court.reader();
  const auto order = court.order(1_s);  // due at 11 s
  court.hears(healed, RecordKind::healed, 0, 1);
  court.comes(order);
  court.processed(order);
  CHECK(court.judged(order).late == late);
}

// ------------------------------------------------------------------------------- the timer wheel

TEST_CASE("a copy that the timer wheel delivers a second time is no retry of the producer",
          "[ledger][timer]") {
  const bool read = GENERATE(false, true);
  Court court;
  if (read) court.reader(2);
  const auto order = court.intent(Told::acknowledged);
  court.hears(1_s, RecordKind::timer_stored, order, 9000LL << 16, 0);
  for (const std::int64_t offset : {0, 1}) {
    court.hears(11_s, RecordKind::timer_over, order, 0, 0);
    court.stored(order, offset);
    if (read) court.processed(order);
  }
  CHECK(court.judged(order).duplicated);
  CHECK(court.judged(order).duplicate_cause == Cause::storage_timer_checkpoint_forgotten);
}

TEST_CASE("two tries in the timer wheel are two copies of the retry", "[ledger][timer]") {
  Court court;
  const auto order = court.intent(Told::acknowledged);
  for (const std::int64_t offset : {0, 1})
    court.hears(1_s, RecordKind::timer_stored, order, 9000LL << 16, offset);
  for (const std::int64_t offset : {0, 1}) {
    court.hears(11_s, RecordKind::timer_over, order, 0, offset);
    court.stored(order, offset);
  }
  CHECK(court.judged(order).duplicate_cause == Cause::production_unanswered_retry);
}

TEST_CASE("what the timer wheel has given up is lost by that, and was safe until then", "[ledger][timer]") {
  Court court;
  const auto order = court.intent(Told::acknowledged);
  court.acknowledged(order, 1_s);
  court.hears(1_s, RecordKind::timer_stored, order, 9000LL << 16, 0);
  court.hears(12_s, RecordKind::timer_given_up, order, 0, 0);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == Cause::storage_timer_given_up);
  CHECK(outcome.window == 11_s);
}

TEST_CASE("what goes into a slot that was read before is lost by that", "[ledger][timer]") {
  Court court;
  const auto order = court.intent(Told::acknowledged);
  court.acknowledged(order, 1_s);
  court.hears(1_s, RecordKind::timer_stored, order, 9000LL << 16, 0);
  court.hears(1100_ms, RecordKind::timer_passed, order, 0, 0);
  CHECK(court.judged(order).outcome == Class::lost);
  CHECK(court.judged(order).cause == Cause::storage_timer_slot_passed);
}

}  // namespace brokersim::model::ledger
