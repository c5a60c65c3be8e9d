// The broker's side of transactions as dialogues: half message, verdict, op, check pass.
#include "tests/model/transaction_bench.hpp"

#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

using Times = std::vector<SimTime>;

constexpr auto commits = TransactionVerdict::commit;
constexpr auto rolls_back = TransactionVerdict::rollback;

std::vector<EndRefusal> refusals(const TransactionBench& bench) {
  std::vector<EndRefusal> found;
  for (const auto& r : bench.all(RecordKind::end_refused))
    found.push_back(static_cast<EndRefusal>(r.record.b));
  return found;
}

}  // namespace

TEST_CASE("transaction: half message, COMMIT, op batch, resolved by the next pass") {
  TransactionBench bench;
  bench.run_to(at_seconds(2));
  const std::uint32_t record = bench.half();
  CHECK(bench.count(RecordKind::half_stored) == 1);
  CHECK(bench.count(RecordKind::appended) == 0);  // nothing that a consumer could see
  REQUIRE(bench.answers.empty());
  bench.run_to(at_seconds(2.5));
  REQUIRE(bench.answers.size() == 1);
  CHECK(bench.answers[0].payload.record == record);
  CHECK(bench.answers[0].payload.offset == 0);
  bench.commit(0, record, 0);
  CHECK(bench.times(RecordKind::appended) == Times{at_seconds(2.5)});
  CHECK(bench.times(RecordKind::op_buffered) == Times{at_seconds(2.5)});
  CHECK_FALSE(bench.idle());
  bench.run(60_s);
  // The context is 1.5 s old at the wake at 4 s, and 4.5 s at the one at 7 s.
  CHECK(bench.times(RecordKind::op_stored) == Times{at_seconds(7)});
  // A life that began at 1 s checks at 31 s; the pass at 61 s would find nothing and is no event.
  CHECK(bench.times(RecordKind::pass_begun) == Times{at_seconds(31)});
  CHECK(bench.times(RecordKind::half_resolved) == Times{at_seconds(31)});
  CHECK(bench.all(RecordKind::pass_ended)[0].record.a == 1);
  CHECK(bench.all(RecordKind::pass_ended)[0].record.b == 1);
  CHECK(bench.count(RecordKind::copy_stored) == 0);
  CHECK(bench.idle());
  CHECK(bench.monitored().state(0, 0) == HalfState::resolved);
}

TEST_CASE("transaction: the final message has the half's real queue, born time and sequence") {
  TransactionBench bench;
  Payload request;
  request.kind = PayloadKind::send_request;
  request.mark = Mark::transactional;
  request.queue = 3;
  request.sequence = 7;
  request.size = 100;
  request.intent = IntentId(5);
  request.offset = 123;
  bench.receive(request);
  bench.commit(5, 0, 0);
  const LogRecord& message = bench.broker().cache.log.back();
  CHECK(message.topic == TopicId(0));
  CHECK(message.queue == 3);
  CHECK(message.sequence == 7);
  CHECK(message.intent == IntentId(5));
  CHECK(message.born == WallTime(123));
  CHECK(message.times == 0);
}

TEST_CASE("transaction: ROLLBACK appends nothing and leaves an op") {
  TransactionBench bench;
  const std::uint32_t record = bench.half();
  bench.receive(TransactionBench::verdict(rolls_back, 0, record, 0));
  bench.run(60_s);
  CHECK(bench.count(RecordKind::appended) == 0);
  CHECK(bench.count(RecordKind::half_resolved) == 1);
}

TEST_CASE("transaction: two COMMITs of one half message are two messages") {
  TransactionBench bench;
  const std::uint32_t record = bench.half();
  bench.commit(0, record, 0);
  bench.commit(0, record, 0);
  bench.run(60_s);
  CHECK(bench.count(RecordKind::appended) == 2);
  CHECK(bench.count(RecordKind::op_record) == 1);  // one batch names it twice
  CHECK(bench.all(RecordKind::op_record)[0].record.a == 2);
  CHECK(bench.count(RecordKind::half_resolved) == 1);
  CHECK(bench.all(RecordKind::pass_ended)[0].record.b == 1);  // opMsgMap is a set: the op record is done
  CHECK(bench.monitored().state(0, 0) == HalfState::resolved);
}

TEST_CASE("transaction: END_TRANSACTION is refused for each reason of its own") {
  TransactionBench bench;
  const std::uint32_t record = bench.half();
  bench.send();  // record 1 is no half message
  bench.receive(TransactionBench::verdict(TransactionVerdict::unknown, 0, record, 0));
  bench.commit(0, 99, 0);
  Payload wrong = TransactionBench::verdict(commits, 0, record, 0);
  wrong.group = 1;
  bench.receive(wrong);
  bench.commit(0, record + 1, 0);
  bench.commit(0, record, 1);
  bench.stall(true);
  bench.run(1001_ms);  // longer than osPageCacheBusyTimeOutMills
  bench.commit(0, record, 0);
  bench.stall(false);
  using R = EndRefusal;
  CHECK(refusals(bench) == std::vector{R::unknown_verdict, R::no_record, R::other_group, R::other_group,
                                       R::other_offset, R::append_failed});
  CHECK(bench.count(RecordKind::op_buffered) == 0);
  CHECK(bench.count(RecordKind::appended) == 1);
}

TEST_CASE("transaction: rejectCommitOrRollback, with an immunity of its own and only without a check (5.3)") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    TransactionBench bench(TransactionBench::transactional(profile));
    const std::uint32_t plain = bench.half(), brief = bench.half(2), longer = bench.half(10);
    bench.run_to(at_seconds(1 + 5.9));
    bench.commit(1, brief, 1);  // at least transactionTimeOut, whatever the property says
    bench.run_to(at_seconds(1 + 6.1));
    bench.commit(0, plain, 0);
    bench.commit(1, brief, 1);
    bench.receive(TransactionBench::verdict(commits, 1, brief, 1, Mark::from_check));
    bench.run_to(at_seconds(1 + 9.9));
    bench.commit(2, longer, 2);
    bench.run_to(at_seconds(1 + 10.1));
    bench.receive(TransactionBench::verdict(rolls_back, 2, longer, 2));
    if (profile == Profile::v4_9) {
      CHECK(refusals(bench).empty());
    } else {
      CHECK(refusals(bench) == std::vector{EndRefusal::too_late, EndRefusal::too_late});
      CHECK(bench.count(RecordKind::appended) == 4);
    }
    bench.monitored();
  }
}

TEST_CASE("transaction: rejectTransactionMessage answers NO_PERMISSION") {
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.rejectTransactionMessage = true;
  TransactionBench bench(config);
  Payload request;
  request.kind = PayloadKind::send_request;
  request.mark = Mark::transactional;
  bench.receive(request);
  bench.send();
  bench.run(1_ms);
  REQUIRE(bench.answers.size() == 2);
  CHECK(bench.answers[0].payload.status == Status::NO_PERMISSION);
  CHECK(bench.answers[1].payload.status == Status::SEND_OK);
  CHECK(bench.half_records() == 0);
}

TEST_CASE("transaction: a verdict may come before a transient pool has committed its half message") {
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.transientStorePoolEnable = true;
  config.brokers[0].settings.wakeCommitWhenPutMessage = false;
  TransactionBench bench(config);
  // The first file of a life that found an empty log has a buffer, so the mapped file knows nothing yet.
  const std::uint32_t record = bench.half();
  bench.commit(0, record, 0);
  CHECK(refusals(bench) == std::vector{EndRefusal::no_record});
  bench.run(300_ms);  // committed each 200 ms
  bench.commit(0, record, 0);
  CHECK(bench.count(RecordKind::end_executed) == 1);
}

TEST_CASE("transaction: after a truncation a verdict meets nothing, or another message") {
  TransactionBench bench;
  const std::uint32_t record = bench.half();
  bench.lose_all_power(UnsyncedFiles::new_version);
  CHECK(bench.count(RecordKind::half_lost) == 1);
  bench.restart();
  bench.commit(0, record, 0);
  bench.send();  // takes the place of the half message
  bench.commit(0, record, 0);
  CHECK(refusals(bench) == std::vector{EndRefusal::no_record, EndRefusal::other_group});
  CHECK(bench.monitored().state(0, 0) == HalfState::none);
  CHECK(bench.idle());
}
