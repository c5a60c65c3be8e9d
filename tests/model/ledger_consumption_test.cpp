// Push consumers before the judge: what a group has lost and what is still to come, from records made by
// hand.
#include "tests/model/listener_court.hpp"

namespace brokersim::model::ledger {

// ------------------------------------------------------------------------------- dead letters, stuck

TEST_CASE("a dead letter is one unless its effect was applied", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order, -1);
  court.lies(order, ListenerCourt::dead_letter_topic);
  CHECK(court.judged(order).outcome == Class::dead_lettered);
  CHECK(court.judged(order).cause == Cause::consumption_retries_exhausted);
  court.effect(order);
  CHECK(court.judged(order).outcome == Class::processed);
}

TEST_CASE("what the group has not committed is still to come", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  CHECK(court.judged(order).outcome == Class::stuck);
  court.committed(1);
  CHECK(court.judged(order).outcome == Class::lost);
}

TEST_CASE("delayed and waiting in the retry topic is still to come", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.committed(1);
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order);
  SECTION("delayed") {
    court.lies(order, ListenerCourt::schedule_topic, 4, 2);
    court.world.brokers[0].memory.delays.levels[2].next = 4;
    CHECK(court.judged(order).outcome == Class::stuck);
    court.world.brokers[0].memory.delays.levels[2].next = 5;
  }
  SECTION("in the retry topic") {
    court.lies(order, ListenerCourt::retry_topic, 4);
    court.drained = false;
    CHECK(court.judged(order).outcome == Class::stuck);
    court.committed(5, ListenerCourt::retry_topic);
  }
  CHECK(court.judged(order).outcome == Class::lost);
}

TEST_CASE("a crash takes the copy on its way back, and the offset is behind the original", "[ledger]") {
  for (const LossKind loss : {LossKind::unflushed_tail, LossKind::uncommitted_pool}) {
    ListenerCourt court;
    const auto order = court.order();
    court.committed(1);
    court.begins(order);
    court.returns(order, ConsumeResult::reconsume_later);
    court.sent_back(order);
    court.hears(1400_ms, RecordKind::returned_lost, order, static_cast<std::int64_t>(loss) << 16, 4);
    const Outcome outcome = court.judged(order);
    CHECK(outcome.outcome == Class::lost);
    CHECK(outcome.cause == (loss == LossKind::unflushed_tail ? Cause::consumption_returned_copy_lost
                                                             : Cause::storage_uncommitted_pool));
    CHECK(outcome.window == 400_ms);
    CHECK_FALSE(outcome.vanished);
  }
}

TEST_CASE("work that fails behind its acknowledgement is lost though nobody died", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.committed(1);
  court.begins(order);
  court.returns(order, ConsumeResult::success, 1_s);
  court.hears(1_s, RecordKind::effect_behind, order, 0);
  court.hears(1300_ms, RecordKind::work_failed, order, 0, ListenerCourt::first << 16);
  court.dies(ListenerCourt::first, 5_s);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == Cause::consumption_work_failed_behind);
  CHECK(outcome.window == 300_ms);
}

TEST_CASE("a dead letter that the listener asked for did not exhaust its retries", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order, -2);
  court.lies(order, ListenerCourt::dead_letter_topic);
  CHECK(court.judged(order).outcome == Class::dead_lettered);
  CHECK(court.judged(order).cause == Cause::consumption_dead_letter_asked);
}

TEST_CASE("a run that ended because nothing was pending needs no committed offset for that", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::success);
  court.drained = false;
  CHECK(court.judged(order).outcome == Class::stuck);
  court.drained = true;
  CHECK(court.judged(order).outcome == Class::lost);
}

// ------------------------------------------------------------------------------- lost in consumption

TEST_CASE("an acknowledgement before the work is worth nothing when the consumer dies", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.committed(1);
  court.begins(order);
  court.returns(order, ConsumeResult::success, 1_s);
  court.hears(1_s, RecordKind::effect_behind, order, 0);
  court.dies(ListenerCourt::first, 1250_ms);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == Cause::consumption_acknowledged_before_work);
  CHECK(outcome.window == 250_ms);
  CHECK_FALSE(outcome.vanished);
}

TEST_CASE("a copy that a crash takes later does not hide who had lost it before", "[ledger]") {
  ListenerCourt court;
  const auto order = court.intent(Told::acknowledged);
  court.acknowledged(order, 500_ms);
  court.begins(order);
  court.returns(order, ConsumeResult::success, 1_s);
  court.dies(ListenerCourt::first, 1250_ms);
  court.taken(order, LossKind::unflushed_tail, 2_s);
  const Outcome outcome = court.judged(order);
  CHECK(outcome.outcome == Class::lost);
  CHECK(outcome.cause == Cause::consumption_acknowledged_before_work);
  CHECK(outcome.vanished);
  CHECK(outcome.vanished_cause == Cause::storage_unflushed_tail);
}

TEST_CASE("a group that begins behind a message never reads it", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.hears(1_s, RecordKind::queue_assigned, ListenerCourt::first, 0, 1);
  court.hears(1_s, RecordKind::queue_skipped, ListenerCourt::first, 0, 1);
  CHECK(court.judged(order).outcome == Class::lost);
  CHECK(court.judged(order).cause == Cause::consumption_initial_position);
  // A later reader that begins further on changes nothing; nor does another queue.
  court.hears(2_s, RecordKind::queue_assigned, ListenerCourt::second, 0, 9);
  court.hears(2_s, RecordKind::queue_assigned, ListenerCourt::second, 1, 0);
  court.committed(9);
  CHECK(court.judged(order).cause == Cause::consumption_initial_position);
}

TEST_CASE("a group that began before the message and went past it has skipped it", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.hears(1_s, RecordKind::queue_assigned, ListenerCourt::first, 0, 0);
  court.hears(2_s, RecordKind::queue_skipped, ListenerCourt::first, 0, 3);
  court.committed(3);
  CHECK(court.judged(order).outcome == Class::lost);
  CHECK(court.judged(order).cause == Cause::consumption_offset_skipped);
}

TEST_CASE("a queue of a member that does not subscribe is read by nobody", "[ledger]") {
  ListenerCourt court;
  court.add_topic("refunds");
  court.config.push_consumers[1].topics = {TopicId(1)};
  const auto order = court.intent(Told::acknowledged);
  court.world.brokers[0].memory.first_queue = {0, 2, 4, 5, 6, 7, 8, 9};
  court.world.brokers[0].memory.queues.resize(10);
  court.world.brokers[0].memory.offsets.assign(20, -1);
  court.stored(order, 0);
  CHECK(court.judged(order).outcome == Class::stuck);
  CHECK(court.judged(order).cause == Cause::consumption_subscription_mismatch);
  court.committed(1);
  CHECK(court.judged(order).outcome == Class::lost);
  CHECK(court.judged(order).cause == Cause::consumption_subscription_mismatch);
}

TEST_CASE("a group answers for all topics that any of its members subscribes to", "[ledger]") {
  ListenerCourt court;
  court.add_topic("refunds");
  court.add_producer(1);
  CHECK(judged_groups(court.config) == 2);  // Nobody reads the refunds.
  court.config.push_consumers[1].topics = {TopicId(1)};
  CHECK(judged_groups(court.config) == 1);
}

TEST_CASE("deliveries are counted per group beyond what one message's counter holds", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  for (int i = 0; i < 300; ++i) court.begins(order);
  CHECK(court.evidence.consuming().deliveries(0) == 300);
  CHECK(court.evidence.consumption(0, order).deliveries == 255);
}

TEST_CASE("what a broadcasting member has gone beyond does not come to it any more", "[ledger]") {
  ListenerCourt court;
  for (PushConsumerConfig& member : court.config.push_consumers)
    member.settings.messageModel = MessageModel::BROADCASTING;
  court.world.push_consumers.resize(2);
  rocketmq::PushQueue& queue = court.world.push_consumers[0].memory.queues.emplace_back();
  queue.used = true;
  const auto order = court.order();  // at offset 0
  SECTION("it stands there") { CHECK(court.judged(order).outcome == Class::stuck); }
  SECTION("it stands behind it") {
    queue.next = 1;
    CHECK(court.judged(order).outcome == Class::lost);
    CHECK(court.judged(order).cause == Cause::consumption_offset_skipped);
  }
}

}  // namespace brokersim::model::ledger
