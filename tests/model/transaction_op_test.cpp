// When an op is written: the batches of 5.3 with their first one of a life, their size and their slips, the
// single ops of 4.9, and what a death takes.
#include "tests/model/transaction_bench.hpp"

#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

using Times = std::vector<SimTime>;

/// A half message that is committed at once.
void settle_one(TransactionBench& bench) {
  const std::uint32_t intent = bench.intents;
  const std::int64_t offset = bench.half_records();
  bench.commit(intent, bench.half(), offset);
}

Config patient() {
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.transactionCheckInterval = 1'000_s;
  return config;
}

}  // namespace

TEST_CASE("transaction op: the first batch of a life comes 3 to 6 s after its first op") {
  // Wakes are at 4, 7, 10 s ...; an op at t goes out with the first wake that is at least 3 s later.
  const double written[][2] = {{1.1, 7}, {3.9, 7}, {4.1, 10}, {6.9, 10}, {7.1, 13}};
  for (const auto& [op, batch] : written) {
    TransactionBench bench(patient());
    bench.run_to(at_seconds(op));
    settle_one(bench);
    bench.run(20_s);
    CHECK(bench.times(RecordKind::op_stored) == Times{at_seconds(batch)});
  }
}

TEST_CASE("transaction op: later ones wait 0 to 3 s, or 3 s more where the wake before slipped") {
  std::size_t slipped = 0;
  constexpr std::uint64_t seeds = 400;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    TransactionBench bench(patient(), seed);
    bench.run_to(at_seconds(1.5));
    settle_one(bench);  // written at 7 s
    bench.run_to(at_seconds(8));
    settle_one(bench);  // due at 10 s
    bench.run_to(at_seconds(9));
    settle_one(bench);
    bench.run(20_s);
    const Times times = bench.times(RecordKind::op_record);
    REQUIRE(times.size() == 2);
    if (times[1] == at_seconds(13)) ++slipped;
    if (times[1] != at_seconds(13)) CHECK(times[1] == at_seconds(10));
    CHECK(bench.all(RecordKind::op_record)[1].record.a == 2);
  }
  // 5 % of 400: 20, with a deviation of 4.4.
  CHECK(slipped > 6);
  CHECK(slipped < 34);
}

TEST_CASE("transaction op: no slip can hurt after an idle interval") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    TransactionBench bench(patient(), seed);
    settle_one(bench);
    bench.run_to(at_seconds(10.5));  // the wake at 10 s found nothing
    settle_one(bench);
    bench.run(20_s);
    REQUIRE(bench.times(RecordKind::op_record).size() == 2);
    CHECK(bench.times(RecordKind::op_record)[1] == at_seconds(13));
  }
}

TEST_CASE("transaction op: more than transactionOpMsgMaxSize wakes the service, whose period starts anew") {
  Config config = patient();
  config.brokers[0].settings.transactionOpMsgMaxSize = 20;
  TransactionBench bench(config);
  bench.run_to(at_seconds(2));
  // Offsets 0 to 9 take two bytes each: 20 in all, which is not more than 20.
  for (int i = 0; i < 10; ++i) settle_one(bench);
  bench.run(100_ms);
  CHECK(bench.count(RecordKind::op_record) == 0);
  settle_one(bench);  // "10,": 23 bytes
  bench.run(0_s);
  // getOpMessage stops at 20 bytes: ten offsets.
  REQUIRE(bench.count(RecordKind::op_record) == 1);
  CHECK(bench.all(RecordKind::op_record)[0].record.a == 10);
  CHECK(bench.broker().cache.log.back().size == 20);
  // The rest is due at 5.1 s, an interval after this wake (or 8.1 s, had it slipped), and no longer at 7 s.
  bench.run(10_s);
  REQUIRE(bench.count(RecordKind::op_record) == 2);
  const SimTime rest = bench.times(RecordKind::op_record)[1];
  CHECK((rest == at_seconds(5.1) || rest == at_seconds(8.1)));
}

TEST_CASE("transaction op: exactly transactionOpMsgMaxSize goes with the next wake, however young") {
  Config config = patient();
  config.brokers[0].settings.transactionOpMsgMaxSize = 20;
  TransactionBench bench(config);
  bench.run_to(at_seconds(3));
  for (int i = 0; i < 10; ++i) settle_one(bench);
  bench.run(10_s);
  CHECK(bench.times(RecordKind::op_record) == Times{at_seconds(4)});
}

TEST_CASE("transaction op: 4.9 writes one for each, at once") {
  TransactionBench bench(TransactionBench::transactional(Profile::v4_9));
  bench.run_to(at_seconds(2));
  settle_one(bench);
  CHECK(bench.count(RecordKind::op_buffered) == 1);
  CHECK(bench.count(RecordKind::op_stored) == 0);  // a crash may fall between the message and its op
  settle_one(bench);
  bench.run(0_s);
  CHECK(bench.times(RecordKind::op_record) == Times{at_seconds(2), at_seconds(2)});
  CHECK(bench.broker().cache.log.back().size == 1);  // no comma
  bench.run(120_s);
  // 60 s between passes; nothing later.
  CHECK(bench.times(RecordKind::half_resolved) == Times{at_seconds(61), at_seconds(61)});
  CHECK(bench.count(RecordKind::pass_begun) == 1);
}

TEST_CASE("transaction op: a kill takes what is buffered, and the half messages are checked again") {
  TransactionBench bench;
  bench.run_to(at_seconds(2));
  settle_one(bench);
  settle_one(bench);
  bench.run_to(at_seconds(6.9));
  bench.die();
  const auto lost = bench.all(RecordKind::op_lost);
  REQUIRE(lost.size() == 2);
  CHECK(lost[1].record.subject == 1);
  CHECK(lost[1].record.b == 1);
  bench.run_to(at_seconds(10));
  bench.restart();
  bench.know_producer();
  bench.run_to(at_seconds(45));
  REQUIRE(bench.questions().size() == 2);
  CHECK(bench.questions()[0].at == at_seconds(40));  // the first pass of the new life
  for (const Answer& question : bench.questions()) bench.reply(question.payload, TransactionVerdict::commit);
  CHECK(bench.count(RecordKind::appended) == 4);  // each twice
  CHECK(bench.monitored().state(0, 0) == HalfState::superseded);
}

TEST_CASE("transaction op: a kill between the final message and its op (4.9)") {
  TransactionBench bench(TransactionBench::transactional(Profile::v4_9));
  settle_one(bench);
  bench.die();
  CHECK(bench.count(RecordKind::appended) == 1);
  CHECK(bench.count(RecordKind::op_lost) == 1);
  CHECK(bench.monitored().state(0, 0) == HalfState::half);
}

TEST_CASE("transaction op: a graceful stop writes what is three seconds old, and loses what is younger") {
  for (const bool old : {false, true}) {
    TransactionBench bench(patient());
    bench.run_to(at_seconds(1.5));
    settle_one(bench);
    bench.run_to(at_seconds(old ? 4.6 : 4.4));
    auto context = bench.at_now();
    broker_stop(bench.world(), 0, context);
    CHECK(bench.count(RecordKind::op_stored) == (old ? 1 : 0));
    bench.run(3500_ms);
    CHECK(bench.count(RecordKind::op_stored) == (old ? 1 : 0));
    bench.die();
    CHECK(bench.count(RecordKind::op_lost) == (old ? 0 : 1));
  }
}

TEST_CASE("transaction op: a full context is written directly, with what else fits") {
  Config config = patient();
  config.brokers[0].settings.transactionOpMsgMaxSize = 1 << 20;
  TransactionBench bench(config);
  const std::uint32_t record = bench.half();
  for (int i = 0; i < 20'000; ++i) bench.commit(0, record, 0);
  CHECK(bench.count(RecordKind::op_record) == 0);
  bench.commit(0, record, 0);
  REQUIRE(bench.count(RecordKind::op_record) == 1);
  CHECK(bench.all(RecordKind::op_record)[0].record.a == 20'001);
}

TEST_CASE("transaction op: an early wake that finds too little changes nothing (ticking twin)") {
  TransactionBench twin(patient()), silent(patient());
  for (TransactionBench* bench : {&silent, &twin}) {
    bench->run_to(at_seconds(3.5));
    settle_one(*bench);  // the wake at 4 s is no event in `silent`
    bench->run_to(at_seconds(4));
    if (bench == &twin) {
      auto context = bench->at_now();
      Site site(bench->world(), 0, context);
      arm(site, site.memory.transactions.batch.timer, site.now(), BrokerOn::op_batch);
    }
    bench->run(0_s);
    bench->run(20_s);
  }
  CHECK(twin.times(RecordKind::op_stored) == Times{at_seconds(7)});
  CHECK(silent.times(RecordKind::op_stored) == twin.times(RecordKind::op_stored));
  CHECK(twin.broker_events == silent.broker_events + 1);
}
