// CHECK_TRANSACTION_STATE: the pool of one thread, what its handler answers, and the way back. A check takes
// 1 ms to the producer, 2 ms in its handler, and its reply 1 ms. The intent's local transaction runs from 4
// to 9 ms.
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/producer_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using ledger::Told;
using K = RecordKind;
using Verdicts = std::vector<TransactionVerdict>;
constexpr TransactionVerdict unknown = TransactionVerdict::unknown, commit = TransactionVerdict::commit,
                             rollback = TransactionVerdict::rollback;

Config with(void (*change)(TransactionConfig&)) {
  Config config = ProducerBench::plain();
  change(*config.producers[0].transaction);
  return config;
}

Config unchanged(Profile profile = Profile::v5_3) { return ProducerBench::plain(1, profile); }

std::vector<Reached> replies(const ProducerBench& bench) {
  std::vector<Reached> found;
  for (const Reached& r : bench.reached(PayloadKind::end_transaction)) {
    if (r.payload.mark == Mark::from_check) found.push_back(r);
  }
  return found;
}

Verdicts verdicts(const ProducerBench& bench) {
  Verdicts found;
  for (const Reached& r : replies(bench)) found.push_back(r.payload.verdict);
  return found;
}

/// Asks once at this time, and returns what the producer answered.
TransactionVerdict answer(const Config& config, Duration when) {
  ProducerBench bench(config);
  bench.until(when);
  REQUIRE(bench.check(0, 7, 5));
  bench.until(1_s);
  REQUIRE(replies(bench).size() == 1);
  return verdicts(bench)[0];
}

}  // namespace

TEST_CASE("a check's reply names the record that was asked about, and goes to the broker that asked") {
  ProducerBench bench(unchanged());
  bench.until(100_ms);
  bench.check(0, 77, 5);
  bench.until(1_s);
  REQUIRE(replies(bench).size() == 1);
  const Reached reply = replies(bench)[0];
  CHECK(reply.at == SimTime{} + 104_ms);
  CHECK(reply.payload.record == 77);
  CHECK(reply.payload.offset == 5);
  CHECK(reply.payload.intent == IntentId(0));
  CHECK(reply.payload.group == 3);
  CHECK(reply.payload.oneway);
  CHECK(bench.all(K::check_received).at(0).at == SimTime{} + 101_ms);
  CHECK(bench.all(K::check_received).at(0).record.b == 1);
  CHECK(bench.all(K::end_sent).back().record.b == (static_cast<std::int64_t>(commit) | 1 << 8));
}

TEST_CASE("local_state: the database is asked") {
  const auto rolls_back = [](TransactionConfig& t) { t.rollback_chance = 1; };
  CHECK(answer(unchanged(), 100_ms) == commit);
  CHECK(answer(with(rolls_back), 100_ms) == rollback);
  CHECK(answer(unchanged(), 4_ms) == unknown);      // looked at 7 ms: it runs
  CHECK(answer(unchanged(), 2'500_us) == unknown);  // at 5.5 ms likewise
}

TEST_CASE("a local transaction that never ran is not known, or taken for rolled back") {
  for (const bool lenient : {false, true}) {
    Config config = unchanged();
    config.producers[0].transaction->check_absent_is_rollback = lenient;
    ProducerBench bench(config);
    bench.status = Status::FLUSH_DISK_TIMEOUT;
    bench.until(100_ms);
    bench.check(0, 7, 5);
    bench.until(1_s);
    CHECK(verdicts(bench) == Verdicts{lenient ? rollback : unknown});
  }
}

TEST_CASE("what another instance knows is in the same database") {
  Config config = unchanged();
  config.producers.push_back(config.producers[0]);
  config.producers[1].messages = 1;
  config.producers[1].start_at = 50_ms;
  ProducerBench bench(config);
  bench.through(ProducerOn::local_done);
  bench.kill(0);
  bench.until(100_ms);
  bench.check(0, 7, 5, 0, 1);
  bench.until(1_s);
  CHECK(verdicts(bench) == Verdicts{commit});
  CHECK(bench.all(K::check_received).at(0).record.a == 1);
}

TEST_CASE("a local transaction that died with its process is absent to the peer") {
  Config config = with([](TransactionConfig& t) { t.check_absent_is_rollback = true; });
  config.producers.push_back(config.producers[0]);
  config.producers[1].start_at = 50_ms;
  ProducerBench bench(config);
  bench.until(6_ms);
  bench.kill(0);
  bench.until(100_ms);
  bench.check(0, 7, 5, 0, 1);
  bench.until(1_s);
  CHECK(verdicts(bench) == Verdicts{rollback});
}

TEST_CASE("an answer that is fixed looks at nothing") {
  CHECK(answer(with([](TransactionConfig& t) { t.check_answer = CheckAnswer::rollback; }), 100_ms) ==
        rollback);
  CHECK(answer(with([](TransactionConfig& t) { t.check_answer = CheckAnswer::unknown; }), 100_ms) == unknown);
  CHECK(answer(with([](TransactionConfig& t) { t.check_answer = CheckAnswer::commit; }), 4_ms) == commit);
}

TEST_CASE("check_answers_from: the first checks of each message get UNKNOW, whichever instance is asked") {
  Config config = with([](TransactionConfig& t) { t.check_answers_from = 3; });
  config.producers.push_back(config.producers[0]);
  ProducerBench bench(config);
  bench.until(100_ms);
  for (const std::size_t instance : {0U, 1U, 0U, 1U}) {
    bench.check(0, 7, 5, 0, instance);
    bench.until(bench.state.now - SimTime{} + 10_ms);
  }
  bench.check(1, 8, 6);
  bench.until(1_s);
  CHECK(verdicts(bench) == Verdicts{unknown, unknown, commit, commit, unknown});
  CHECK(bench.world().verdict.checks_of(IntentId(0)) == 4);
}

// TransactionMQProducer: checkThreadPoolMaxSize 1.
TEST_CASE("the pool answers one check after another") {
  ProducerBench bench(unchanged());
  bench.until(100_ms);
  for (std::uint32_t record = 0; record < 3; ++record) bench.check(0, record, 5);
  bench.until(1_s);
  std::vector<SimTime> times;
  for (const Reached& reply : replies(bench)) times.push_back(reply.at);
  CHECK(times == std::vector<SimTime>{SimTime{} + 104_ms, SimTime{} + 106_ms, SimTime{} + 108_ms});
}

TEST_CASE("checkRequestHoldMax wait behind the one in work; the next is dropped, uncounted") {
  ProducerBench bench(with([](TransactionConfig& t) { t.checkRequestHoldMax = 2; }));
  bench.until(100_ms);
  for (std::uint32_t record = 0; record < 5; ++record) bench.check(0, record, 5);
  bench.until(1_s);
  CHECK(replies(bench).size() == 3);
  CHECK(bench.count(K::check_received) == 3);
  CHECK(bench.count(K::check_dropped) == 2);
  CHECK(bench.world().verdict.checks_of(IntentId(0)) == 3);
}

// ClientRemotingProcessor.checkTransactionState: selectProducer(group).
TEST_CASE("a check for another group is none of this client's business") {
  ProducerBench bench(unchanged());
  bench.until(100_ms);
  bench.check(0, 7, 5, 0, 0, 4);
  bench.until(1_s);
  CHECK(replies(bench).empty());
  CHECK(bench.count(K::check_received) + bench.count(K::check_dropped) == 0);
}

TEST_CASE("checks die with their process") {
  ProducerBench bench(unchanged());
  bench.until(100_ms);
  bench.check(0, 7, 5);
  bench.until(102_ms);
  bench.kill();
  bench.until(200_ms);
  bench.serve();
  bench.until(1_s);
  CHECK(replies(bench).empty());
  CHECK(bench.count(K::check_received) == 1);
}

// The reply is one-way as well: 5.3 leaves it to the connect, the one thread of a 4.9 pool waits.
TEST_CASE("a reply without a channel opens one") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    ProducerBench bench(unchanged(profile));
    bench.until(100_ms);
    bench.check(0, 7, 5);
    bench.check(0, 8, 5);
    bench.broker_closes();  // reaches the client right behind the checks
    bench.until(103_ms);
    CHECK(bench.producer().memory.checks.size() == (profile == Profile::v4_9 ? 2 : 1));
    bench.until(1_s);
    const std::vector<Reached> all = replies(bench);
    REQUIRE(all.size() == 2);
    CHECK(all[0].at == SimTime{} + 106_ms);  // looked at 103 ms, connected at 105 ms
    CHECK(all[1].at == SimTime{} + (profile == Profile::v4_9 ? 108_ms : 106_ms));
  }
}

}  // namespace brokersim::model::rocketmq
