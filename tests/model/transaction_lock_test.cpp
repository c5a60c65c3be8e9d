// The append lock is held: who of the transaction machine blocks in it and is stored at its release, who is
// refused (held longer than osPageCacheBusyTimeOutMills, 1 s), and which verdicts wait for a thread in vain.
// Lives begin at 1 s: op batches at 4 s, 7 s ..., passes at 31 s, 61 s ...
#include "tests/catch.hpp"
#include "tests/model/transaction_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Times = std::vector<SimTime>;
using V = TransactionVerdict;

/// `count` half messages; their records are 0, 1 ... and so are their offsets.
TransactionBench with_halves(Config config, std::uint32_t count) {
  TransactionBench bench(std::move(config));
  bench.run_to(at_seconds(1.5));
  for (std::uint32_t i = 0; i < count; ++i) bench.half();
  bench.run(1_ms);
  return bench;
}

void end(TransactionBench& bench, V verdict, std::uint32_t half) {
  bench.receive(TransactionBench::verdict(verdict, half, half, half));
}

void hold(TransactionBench& bench, double from) {
  bench.run_to(at_seconds(from));
  bench.stall(true);
}

void let_go(TransactionBench& bench, double at) {
  bench.run_to(at_seconds(at));
  bench.stall(false);
  bench.run({});
}

Config of(Profile profile) { return TransactionBench::transactional(profile); }

std::int64_t discarded_records(TransactionBench& bench) {
  return queue_of(bench.broker(), discarded_topic(bench.config), 0).next_offset;
}

Config one_check() {
  Config config = of(Profile::v5_3);
  config.brokers[0].settings.transactionCheckMax = 1;
  return config;
}

Config two_threads(Duration sync_time) {
  Config config = of(Profile::v5_3);
  config.hosts[0].sync_time = Distribution::constant(sync_time);
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  config.brokers[0].settings.endTransactionThreadPoolNums = 2;
  return config;
}

}  // namespace

TEST_CASE(
    "transaction lock: a COMMIT that comes in the first second is stored at the release, later ones not") {
  TransactionBench bench = with_halves(of(Profile::v5_3), 3);
  hold(bench, 2);
  bench.run_to(at_seconds(2.5));
  end(bench, V::commit, 0);
  bench.run_to(at_seconds(3.5));
  end(bench, V::commit, 1);
  end(bench, V::rollback, 2);
  CHECK(bench.count(RecordKind::appended) == 0);
  CHECK(bench.count(RecordKind::op_buffered) == 1);  // a ROLLBACK writes nothing at once (5.3)
  REQUIRE(bench.count(RecordKind::end_refused) == 1);
  CHECK(bench.all(RecordKind::end_refused)[0].record.b ==
        static_cast<std::int64_t>(EndRefusal::append_failed));
  let_go(bench, 20);
  CHECK(bench.times(RecordKind::appended) == Times{at_seconds(20)});
  CHECK(bench.count(RecordKind::op_buffered) == 2);
  bench.monitored();
}

TEST_CASE("transaction lock: an op of 4.9 that is blocked is written at the release, a refused one is lost") {
  TransactionBench bench = with_halves(of(Profile::v4_9), 2);
  hold(bench, 2);
  bench.run_to(at_seconds(2.5));
  end(bench, V::rollback, 0);
  bench.run_to(at_seconds(3.5));
  end(bench, V::rollback, 1);
  bench.run({});
  REQUIRE(bench.count(RecordKind::op_lost) == 1);
  CHECK(bench.all(RecordKind::op_lost)[0].record.subject == 1);
  CHECK_FALSE(bench.idle());
  let_go(bench, 20);
  CHECK(bench.times(RecordKind::op_stored) == Times{at_seconds(20)});
  bench.monitored();
}

TEST_CASE("transaction lock: an op batch is written at the release, or lost as a whole") {
  for (const bool blocked : {true, false}) {
    TransactionBench bench = with_halves(of(Profile::v5_3), 2);
    end(bench, V::rollback, 0);
    end(bench, V::rollback, 1);
    hold(bench, blocked ? 6.5 : 5.5);  // the batch is due at 7 s
    let_go(bench, 9);
    CHECK(bench.times(RecordKind::op_record) == (blocked ? Times{at_seconds(9)} : Times{}));
    CHECK(bench.count(RecordKind::op_lost) == (blocked ? 0 : 2));
    bench.monitored();
  }
}

TEST_CASE("transaction lock: the op service goes on where it was blocked, at once if it is late") {
  for (const double release : {9.0, 11.0}) {
    TransactionBench bench = with_halves(of(Profile::v5_3), 2);
    end(bench, V::rollback, 0);
    hold(bench, 6.5);
    bench.run_to(at_seconds(8));
    end(bench, V::rollback, 1);
    let_go(bench, release);
    bench.run_to(at_seconds(14));
    const Times times = bench.times(RecordKind::op_record);
    REQUIRE(times.size() == 2);
    CHECK(times[0] == at_seconds(release));
    // It began to wait for its next wake at 7 s. At 13 s if this one had slipped.
    if (release > 10) CHECK(times[1] == at_seconds(11));
    if (release < 10) CHECK((times[1] == at_seconds(10) || times[1] == at_seconds(13)));
  }
}

TEST_CASE("transaction lock: a check copy that is blocked is stored and asked about at the release") {
  TransactionBench bench = with_halves(of(Profile::v5_3), 1);
  bench.know_producer();
  hold(bench, 30.5);
  bench.run_to(at_seconds(35));
  CHECK(bench.count(RecordKind::copy_stored) == 0);
  CHECK_FALSE(bench.idle());
  let_go(bench, 35.0005);
  CHECK(bench.times(RecordKind::copy_stored) == Times{at_seconds(35.0005)});
  CHECK(bench.questions().size() == 1);
  bench.monitored();
}

TEST_CASE("transaction lock: blocked for longer than a minute, a copy is stored all the same") {
  TransactionBench bench = with_halves(of(Profile::v5_3), 2);
  hold(bench, 30.5);
  let_go(bench, 100);
  bench.run(1_s);
  CHECK(bench.times(RecordKind::copy_stored) == Times{at_seconds(100)});
  // The pass looks at its watch before the second one.
  CHECK(bench.times(RecordKind::pass_ended) == Times{at_seconds(100) + 250_us});
}

TEST_CASE("transaction lock: a discard that is blocked is stored, a refused one leaves it in neither topic") {
  for (const bool blocked : {true, false}) {
    TransactionBench bench = with_halves(one_check(), 1);
    hold(bench, blocked ? 60.5 : 59.5);
    bench.run_to(at_seconds(61.1));
    CHECK(bench.count(RecordKind::half_discarded) == (blocked ? 0 : 1));
    let_go(bench, 65);
    bench.run(1_ms);
    CHECK(bench.count(RecordKind::half_discarded) == 1);
    CHECK(discarded_records(bench) == (blocked ? 1 : 0));
    CHECK(bench.all(RecordKind::pass_ended).back().record.a == 2);  // passed either way
  }
}

TEST_CASE("transaction lock: a stop while the check thread is blocked: its put is stored, nothing else") {
  TransactionBench bench = with_halves(of(Profile::v5_3), 2);
  bench.know_producer();
  hold(bench, 30.5);
  bench.run_to(at_seconds(31.1));
  auto context = bench.at_now();
  broker_stop(bench.world(), 0, context);
  let_go(bench, 32);
  bench.run(1_s);
  CHECK(bench.count(RecordKind::copy_stored) == 1);
  CHECK(bench.count(RecordKind::pass_ended) == 0);
  CHECK(bench.questions().empty());
}

TEST_CASE("transaction threads: a verdict that finds none waits 3 s in the queue and is dropped") {
  TransactionBench bench = with_halves(two_threads(4_s), 3);
  bench.run_to(at_seconds(7.005));  // the half messages are on disk since 5.5 s
  for (std::uint32_t half = 0; half < 3; ++half) end(bench, V::commit, half);
  CHECK(bench.count(RecordKind::appended) == 2);
  bench.run_to(at_seconds(10.01));
  CHECK(bench.count(RecordKind::end_refused) == 0);
  bench.run_through(at_seconds(10.01));  // BrokerFastFailure scans at 2 s + 10 ms k
  REQUIRE(bench.count(RecordKind::end_refused) == 1);
  CHECK(bench.all(RecordKind::end_refused)[0].record.b ==
        static_cast<std::int64_t>(EndRefusal::queue_timeout));
  bench.run_to(at_seconds(30));
  CHECK(bench.count(RecordKind::appended) == 2);
  bench.monitored();
}

TEST_CASE("transaction threads: with a longer waitTimeMillsInTransactionQueue it gets the next free one") {
  Config config = two_threads(4_s);
  config.brokers[0].settings.waitTimeMillsInTransactionQueue = 5_s;
  TransactionBench bench = with_halves(config, 3);
  bench.run_to(at_seconds(7.005));
  for (std::uint32_t half = 0; half < 3; ++half) end(bench, V::commit, half);
  bench.run_to(at_seconds(12));
  CHECK(bench.times(RecordKind::appended) == Times{at_seconds(7.005), at_seconds(7.005), at_seconds(11.005)});
  CHECK(bench.count(RecordKind::end_refused) == 0);
}

TEST_CASE("transaction threads: 4.9 verdicts whose ops are blocked hold theirs") {
  Config config = of(Profile::v4_9);
  config.brokers[0].settings.endTransactionThreadPoolNums = 2;
  TransactionBench bench = with_halves(config, 3);
  hold(bench, 2);
  for (std::uint32_t half = 0; half < 3; ++half) end(bench, V::rollback, half);
  bench.run({});
  CHECK(bench.count(RecordKind::op_buffered) == 2);
  let_go(bench, 4);
  CHECK(bench.times(RecordKind::op_stored) == Times(3, at_seconds(4)));
}

}  // namespace brokersim::model::rocketmq
