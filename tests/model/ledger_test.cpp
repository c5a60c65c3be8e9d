// The judge over hand-built worlds: each class, cause and flag.
#include "tests/model/court.hpp"

namespace brokersim::model::ledger {

// ------------------------------------------------------------------------------- classes

TEST_CASE("what a reachable log holds was processed, when nobody reads", "[ledger]") {
  Court court;
  const auto order = court.intent(Told::acknowledged);
  court.stored(order);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::processed);
  check_unblemished(outcome);
}

TEST_CASE("what a consumer applied was processed, also if its producer was told of a failure", "[ledger]") {
  for (const Told told : {Told::acknowledged, Told::failed, Told::nothing, Told::unchecked}) {
    Court court;
    court.reader(1);
    const auto order = court.intent(told);
    court.stored(order);
    court.processed(order);
    const Outcome outcome = court.judged(order);
    CHECK(outcome.outcome == Class::processed);
    check_unblemished(outcome);
  }
}

TEST_CASE("a copy at or behind the reader's position is stuck until it is read", "[ledger]") {
  Court court;
  court.reader(7);
  const auto order = court.intent(Told::acknowledged);
  court.stored(order, 7);
  CHECK(court.judged(order).outcome == Class::stuck);
  CHECK(court.judged(order).cause == Cause::none);
  CHECK_FALSE(court.judged(order).vanished);
}

TEST_CASE("a copy that the reader's position has passed unseen is lost, not stuck", "[ledger]") {
  Court court;
  court.reader(8);
  const auto order = court.intent(Told::acknowledged);
  court.stored(order, 7);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == Cause::consumption_offset_skipped);
  CHECK_FALSE(outcome.vanished);
}

TEST_CASE("of two copies one that is still to come is enough to be stuck", "[ledger]") {
  Court court;
  court.reader(8);
  const auto order = court.intent(Told::acknowledged);
  court.stored(order, 7);
  court.stored(order, 8);
  CHECK(court.judged(order).outcome == Class::stuck);
}

TEST_CASE("a topic that its broker has forgotten leaves its messages stuck, read or not", "[ledger]") {
  Court court;
  SECTION("judged by the log") {}
  SECTION("judged by a reader, wherever it stands") { court.reader(100); }
  const auto order = court.intent(Told::acknowledged);
  court.stored(order, 7);
  court.world.brokers[0].cache.topics = {0};
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::stuck);
  CHECK(outcome.cause == Cause::storage_topic_configuration_lost);
  CHECK_FALSE(outcome.vanished);
}

TEST_CASE("a failure that the application knows of is no loss", "[ledger]") {
  Court court;
  SECTION("judged by the log") {}
  SECTION("judged by a reader") { court.reader(); }
  const auto told = court.intent(Told::failed);
  const auto died = court.intent(Told::nothing);
  court.hears(1_s, RecordKind::told_failed, died, static_cast<std::int64_t>(SendError::died));
  CHECK(court.judged(told).outcome == Class::failed);
  CHECK(court.judged(told).cause == Cause::production_retries_exhausted);
  CHECK(court.judged(died).outcome == Class::failed);
  CHECK(court.judged(died).cause == Cause::production_producer_died);
}

TEST_CASE("what the broker does not take is no failure that sending again would mend", "[ledger]") {
  Court court;
  const auto illegal = court.intent(Told::failed), busy = court.intent(Told::failed);
  const auto told_of = [&](auto intent, Status status) {
    court.hears(1_s, RecordKind::told_failed, intent, static_cast<std::int64_t>(SendError::broker_error),
                static_cast<std::int64_t>(status));
  };
  told_of(illegal, Status::MESSAGE_ILLEGAL);
  told_of(busy, Status::SYSTEM_BUSY);
  CHECK(court.judged(illegal).outcome == Class::failed);
  CHECK(court.judged(illegal).cause == Cause::production_message_refused);
  CHECK(court.judged(busy).cause == Cause::production_retries_exhausted);
}

TEST_CASE("a send that nobody has given up is stuck", "[ledger]") {
  Court court;
  SECTION("judged by the log") {}
  SECTION("judged by a reader") { court.reader(); }
  const auto open = court.intent(Told::nothing);
  CHECK(court.judged(open).outcome == Class::stuck);
  CHECK(court.judged(open).cause == Cause::none);
}

TEST_CASE("a told failure whose only copy a crash took stays a failure", "[ledger]") {
  Court court;
  const auto order = court.intent(Told::failed);
  court.taken(order, LossKind::unflushed_tail, 5_s);
  CHECK(court.judged(order).outcome == Class::failed);
  CHECK_FALSE(court.judged(order).vanished);
}

// ------------------------------------------------------------------------------- causes of loss

TEST_CASE("what a crash took is lost by what took it, for as long as it had been believed safe", "[ledger]") {
  const auto [kind, cause] = GENERATE(std::pair{LossKind::unflushed_tail, Cause::storage_unflushed_tail},
                                      std::pair{LossKind::uncommitted_pool, Cause::storage_uncommitted_pool});
  Court court;
  SECTION("judged by the log") {}
  SECTION("judged by a reader") { court.reader(); }
  const auto order = court.intent(Told::acknowledged);
  court.acknowledged(order, 2_s);
  court.taken(order, kind, 2143_ms);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == cause);
  CHECK(outcome.vanished);
  CHECK(outcome.window == 143_ms);
}

TEST_CASE("an acknowledgement that was still on its way at the crash leaves no window", "[ledger]") {
  Court court;
  const auto order = court.intent(Told::acknowledged);
  court.taken(order, LossKind::unflushed_tail, 2_s);
  court.acknowledged(order, 2001_ms);
  CHECK(court.judged(order).vanished);
  CHECK(court.judged(order).window == 0_s);
}

TEST_CASE("of several copies the last that is taken decides cause and window", "[ledger]") {
  Court court;
  const auto order = court.intent(Told::acknowledged);
  court.acknowledged(order, 1_s);
  court.taken(order, LossKind::uncommitted_pool, 2_s);
  court.taken(order, LossKind::unflushed_tail, 3_s);
  CHECK(court.judged(order).cause == Cause::storage_unflushed_tail);
  CHECK(court.judged(order).window == 2_s);
}

TEST_CASE("a copy that survives keeps an order from vanishing", "[ledger]") {
  Court court;
  const auto order = court.intent(Told::acknowledged);
  court.taken(order, LossKind::unflushed_tail, 2_s);
  court.stored(order);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::processed);
  check_unblemished(outcome);
}

TEST_CASE("nobody looked and nothing was stored: the way of sending is the cause", "[ledger]") {
  const auto [send, cause] = GENERATE(std::pair{SendMode::oneway, Cause::production_oneway},
                                      std::pair{SendMode::async, Cause::production_unchecked_callback},
                                      std::pair{SendMode::sync, Cause::production_unchecked_callback});
  Court court(send);
  const auto order = court.intent(Told::unchecked);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == cause);
  CHECK_FALSE(outcome.vanished);  // Nobody had acknowledged it.
  CHECK(outcome.window == 0_s);
}

TEST_CASE("a one-way send that was stored and then taken is lost by the crash", "[ledger]") {
  Court court(SendMode::oneway);
  const auto order = court.intent(Told::unchecked);
  court.hears(1_s, RecordKind::believed_sent, order);
  court.taken(order, LossKind::unflushed_tail, 1500_ms);
  CHECK(court.judged(order).cause == Cause::storage_unflushed_tail);
  CHECK(court.judged(order).window == 500_ms);
}

// ------------------------------------------------------------------------------- flags

TEST_CASE("an acknowledged order vanishes whether or not anybody looked at the acknowledgement", "[ledger]") {
  Court court;
  const auto order = court.intent(Told::unchecked_ok);
  court.acknowledged(order, 1_s);
  court.taken(order, LossKind::unflushed_tail, 2_s);
  CHECK(court.judged(order).outcome == Class::lost);
  CHECK(court.judged(order).vanished);
}

TEST_CASE("an order may be processed and vanish all the same", "[ledger]") {
  Court court;
  court.reader(1);
  const auto order = court.intent(Told::acknowledged);
  court.acknowledged(order, 1_s);
  court.processed(order);
  court.taken(order, LossKind::unflushed_tail, 1400_ms);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::processed);
  CHECK(outcome.vanished);
  CHECK(outcome.cause == Cause::storage_unflushed_tail);
  CHECK(outcome.window == 400_ms);
}

TEST_CASE("two effects, or two copies when nobody reads, are a duplicate", "[ledger]") {
  Court court;
  SECTION("judged by the log") {}
  SECTION("judged by a reader") { court.reader(2); }
  const auto order = court.intent(Told::acknowledged);
  const auto other = court.intent(Told::acknowledged);
  court.stored(order, 0), court.stored(order, 1), court.stored(other, 2);
  if (!court.config.groups.empty()) court.processed(order), court.processed(order), court.processed(other);
  CHECK(court.judged(order).duplicated);
  CHECK(court.judged(order).duplicate_cause == Cause::production_unanswered_retry);
  CHECK(court.judged(order).redelivered == !court.config.groups.empty());
  check_unblemished(court.judged(other));
}

TEST_CASE("two copies of which one is read are no duplicate of the reader", "[ledger]") {
  Court court;
  court.reader(2);
  const auto order = court.intent(Told::acknowledged);
  court.stored(order, 0), court.stored(order, 1);
  court.processed(order);
  CHECK_FALSE(court.judged(order).duplicated);
}

TEST_CASE("late is only what is processed after something had to be repaired", "[ledger]") {
  const bool broken = GENERATE(false, true);
  Court court;
  court.reader(2);
  const auto before = court.intent(Told::acknowledged);
  const auto after = court.intent(Told::acknowledged);
  court.processed(before);
  court.hears(9_s, RecordKind::healed, 0, broken ? 1 : 0);
  court.processed(after);
  CHECK_FALSE(court.judged(before).late);
  CHECK(court.judged(after).late == broken);
}

TEST_CASE("an effect that comes again after the repair does not make the first one late", "[ledger]") {
  Court court;
  court.reader(2);
  const auto order = court.intent(Told::acknowledged);
  court.processed(order);
  court.hears(9_s, RecordKind::healed, 0, 1);
  court.processed(order);
  CHECK(court.judged(order).duplicated);
  CHECK_FALSE(court.judged(order).late);
}

TEST_CASE("reordered is what is processed after a later one of its producer and first queue", "[ledger]") {
  Court court;
  court.add_producer(0);
  court.reader();
  const auto first = court.intent(Told::acknowledged, 0, 0);
  const auto other_queue = court.intent(Told::acknowledged, 0, 1);
  const auto other_broker = court.intent(Told::acknowledged, 0, 1 << 16);
  const auto other_producer = court.intent(Told::acknowledged, 1, 0);
  const auto second = court.intent(Told::acknowledged, 0, 0);
  for (const auto order : {second, other_producer, other_broker, other_queue, first}) court.processed(order);
  CHECK(court.judged(first).reordered);
  for (const auto order : {second, other_producer, other_broker, other_queue}) {
    CAPTURE(order);
    CHECK_FALSE(court.judged(order).reordered);
  }
}

TEST_CASE("a repeated effect is a duplicate, not a change of the order", "[ledger]") {
  Court court;
  court.reader();
  const auto first = court.intent(Told::acknowledged);
  const auto second = court.intent(Told::acknowledged);
  court.processed(first), court.processed(second), court.processed(first);
  CHECK(court.judged(first).duplicated);
  CHECK_FALSE(court.judged(first).reordered);
}

TEST_CASE("the sequence is that of the queue where the first try went that left", "[ledger]") {
  Court court;
  court.reader();
  const IntentId refused = court.world.verdict.begin();  // Attempt 0 found no connection: no attempt_sent.
  court.hears(0_s, RecordKind::send_begun, refused.value, 0);
  court.hears(0_s, RecordKind::attempt_sent, refused.value, 1, 1);
  court.hears(0_s, RecordKind::attempt_sent, refused.value, 2, 0);
  const auto in_queue_0 = court.intent(Told::acknowledged, 0, 0);
  court.processed(in_queue_0), court.processed(refused.value);
  CHECK_FALSE(court.judged(refused.value).reordered);
  const auto in_queue_1 = court.intent(Told::acknowledged, 0, 1);
  CHECK(court.evidence.trail(in_queue_1).first_queue == court.evidence.trail(refused.value).first_queue);
}

TEST_CASE("streams of many producers, brokers and groups are not taken for one another", "[ledger]") {
  // Packed too tightly, producer 256 of group 0 is producer 0 of group 1, and producer 4,096 is producer 0.
  constexpr std::uint16_t many = 5000;
  Court court;
  for (int i = 1; i < many; ++i) court.add_producer(0);
  court.reader(), court.reader();
  std::vector<std::uint32_t> orders;
  for (std::int64_t i = 0; i < many; ++i) orders.push_back(court.intent(Told::acknowledged, i, i % 64 << 16));
  for (auto order = orders.rbegin(); order != orders.rend(); ++order) {
    court.processed(*order, 0), court.processed(*order, 1);
  }
  take_inventory(court.world, court.config, court.evidence, court.drained, court.inventory);
  for (const auto order : orders) {
    for (const std::size_t group : {0U, 1U}) {
      const Outcome outcome = judge(court.world, court.config, court.evidence, court.inventory, order, group);
      if (outcome.reordered) FAIL("intent " << order << " of group " << group);
    }
  }
}

}  // namespace brokersim::model::ledger
