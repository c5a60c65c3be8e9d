// Push consumers before the judge: why an effect was applied twice, from records made by hand.
#include "tests/model/listener_court.hpp"

namespace brokersim::model::ledger {

TEST_CASE("a listener that fails after its effect gets it again", "[ledger]") {
  const auto result = GENERATE(ConsumeResult::reconsume_later, ConsumeResult::exception, ConsumeResult::null);
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.effect(order);
  court.returns(order, result);
  court.sent_back(order), court.retried(order);
  court.consumes(order, ListenerCourt::second, 1);
  CHECK(court.why_twice(order) == Cause::consumption_effect_before_failure);
}

TEST_CASE("a failure without an effect is no way to a second one", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order), court.retried(order);
  court.consumes(order, ListenerCourt::first, 1);
  CHECK(court.judged(order).outcome == Class::processed);
  CHECK_FALSE(court.judged(order).duplicated);
  CHECK(court.judged(order).redelivered);
  court.dies(ListenerCourt::first, 2_s);
  court.consumes(order, ListenerCourt::second, 1, 3_s);  // from the retry topic once more
  CHECK(court.why_twice(order) == Cause::consumption_offset_not_committed);
}

TEST_CASE("work that takes longer than consumeTimeout is done twice", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.hears(900_s, RecordKind::consume_expired, order, 0);
  court.sent_back(order), court.retried(order);
  court.consumes(order, ListenerCourt::second, 1);
  court.effect(order);  // The first listener has come to its end.
  CHECK(court.why_twice(order) == Cause::consumption_timed_out);
}

TEST_CASE("a send-back without an answer may be executed all the same, before or after", "[ledger]") {
  const bool executed_first = GENERATE(true, false);
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  if (executed_first) court.sent_back(order);
  court.send_back_fails(order);
  if (!executed_first) court.sent_back(order);
  SECTION("and the client has sent it to the retry topic too") {
    court.retried(order, 0), court.retried(order, 1);
    court.consumes(order, ListenerCourt::first, 1);
  }
  SECTION("and the client, which could not send it either, consumes it again itself") {
    court.send_back_fails(order);
    court.consumes(order, ListenerCourt::first, 1);
    court.retried(order, 0);
  }
  court.consumes(order, ListenerCourt::second, 1);
  CHECK(court.why_twice(order) == Cause::consumption_send_back_timed_out);
}

TEST_CASE("a delay level that has forgotten its offset delivers again", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order);
  court.retried(order, 5);
  court.delivered(order, 5);
  court.consumes(order, ListenerCourt::first, 1);
  court.consumes(order, ListenerCourt::second, 1);
  CHECK(court.why_twice(order) == Cause::storage_delay_offset_forgotten);
}

TEST_CASE("an offset of a delay level that a truncation freed is another message's", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.retried(order, 5);
  court.begins(order, ListenerCourt::first, 1);
  court.returns(order, ConsumeResult::reconsume_later);
  court.retried(order, 5);
  CHECK(court.work(order).again == Cause::none);
}

TEST_CASE("two copies of one order are two deliveries", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.stored(order, 1);
  court.consumes(order);
  court.consumes(order, ListenerCourt::second);  // At the same offset, in another queue.
  CHECK(court.work(order).again == Cause::none);
  CHECK(court.work(order).duplicate == Cause::production_unanswered_retry);
  CHECK(court.why_twice(order) == Cause::production_unanswered_retry);
}

TEST_CASE("of two copies of a transaction the second commit tells why there are two", "[ledger]") {
  ListenerCourt court;
  court.config.producers[0].transaction.emplace();
  const auto order = court.order();
  court.world.verdict.set_local(IntentId(order), Local::committed);
  const std::int64_t commit = static_cast<std::int64_t>(TransactionVerdict::commit) << 16;
  court.hears(0_s, RecordKind::half_stored, order, 0, 0);
  court.hears(0_s, RecordKind::end_executed, order, commit, 0);
  court.hears(7_s, RecordKind::half_copied, order, 0, 0);
  court.hears(7_s, RecordKind::copy_stored, order, 0, 1);
  court.stored(order, 1);
  court.hears(7_s, RecordKind::end_executed, order, commit, 1);
  court.consumes(order);
  court.consumes(order, ListenerCourt::second);
  CHECK(court.work(order).duplicate == Cause::transaction_op_in_memory);
  CHECK(court.why_twice(order) == Cause::transaction_op_in_memory);
}

TEST_CASE("a consumer that dies before its offset is committed leaves its work to another", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.consumes(order);
  court.dies(ListenerCourt::first, 2_s);
  court.consumes(order, ListenerCourt::second, 0, 3_s);
  CHECK(court.why_twice(order) == Cause::consumption_offset_not_committed);
}

TEST_CASE("a consumer that dies with a send-back behind it leaves one delivery too many", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order), court.delayed(order, 21);
  court.dies(ListenerCourt::first, 2_s);
  court.consumes(order, ListenerCourt::second, 0, 3_s);
  court.delivered(order, 21);
  court.consumes(order, ListenerCourt::second, 1, 12_s);
  CHECK(court.why_twice(order) == Cause::consumption_offset_not_committed);
}

TEST_CASE("a consumer that dies in its work leaves nothing that could come twice", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  SECTION("without a result") {}
  SECTION("with one before its work") { court.returns(order, ConsumeResult::success); }
  SECTION("with a failure that it could not send back") {
    court.returns(order, ConsumeResult::reconsume_later);
  }
  court.dies(ListenerCourt::first, 2_s);
  court.begins(order, ListenerCourt::second);
  CHECK(court.work(order).again == Cause::none);
}

TEST_CASE("a record that comes again after its retry is one too many", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.returns(order, ConsumeResult::reconsume_later);
  court.sent_back(order), court.retried(order, 21);
  court.consumes(order, ListenerCourt::first, 1, 12_s);
  court.dies(ListenerCourt::first, 13_s);
  court.consumes(order, ListenerCourt::second, 0, 14_s);  // A message before it had held the offset back.
  CHECK(court.why_twice(order) == Cause::consumption_offset_not_committed);
}

TEST_CASE("a broker that has forgotten the group's offset delivers again", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.consumes(order);
  court.hears(2_s, RecordKind::offsets_back, 0, 0, 1);
  SECTION("alone") {}
  SECTION("and the consumer dies later") { court.dies(ListenerCourt::first, 2500_ms); }
  court.consumes(order, ListenerCourt::second, 0, 3_s);
  CHECK(court.why_twice(order) == Cause::consumption_offset_file_lost);
}

TEST_CASE("what happened before the first effect did not repeat it", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.hears(500_ms, RecordKind::offsets_back, 0, 0, 1);
  court.dies(ListenerCourt::first, 600_ms);
  court.consumes(order, ListenerCourt::first, 0, 1_s);
  court.assigned(ListenerCourt::second, 2_s);
  court.consumes(order, ListenerCourt::second, 0, 3_s);
  CHECK(court.why_twice(order) == Cause::consumption_rebalance);
}

TEST_CASE("a queue that changes hands is read again from its committed offset", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.effect(order);
  SECTION("while the message is in work") {
    court.hears(1_s, RecordKind::result_ignored, order, 0);
    court.dies(ListenerCourt::first, 2_s);  // no longer its business
  }
  SECTION("after it") { court.returns(order, ConsumeResult::success); }
  court.assigned(ListenerCourt::second, 2500_ms);
  court.consumes(order, ListenerCourt::second, 0, 3_s);
  CHECK(court.work(order).again == Cause::consumption_rebalance);
  CHECK(court.why_twice(order) == Cause::consumption_rebalance);
}

TEST_CASE("an effect that nothing else explains is laid to the group's changes", "[ledger]") {
  ListenerCourt court;
  const auto order = court.order();
  court.begins(order);
  court.effect(order), court.effect(order);
  CHECK(court.why_twice(order) == Cause::consumption_rebalance);
}

}  // namespace brokersim::model::ledger
