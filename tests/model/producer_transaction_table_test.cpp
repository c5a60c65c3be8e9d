// The client's transaction tables: every row is taken by what producers do, and the monitor objects to the
// rest.
#include <algorithm>

#include "sim/check.hpp"
#include "tests/catch.hpp"
#include "tests/model/producer_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using ledger::Told;
using K = RecordKind;
constexpr TransactionVerdict commit = TransactionVerdict::commit, rollback = TransactionVerdict::rollback;

struct Covered {
  sim::RowCoverage<transaction_client_rows> client;
  sim::RowCoverage<transaction_check_rows> checks;
  void take(const ProducerBench& bench) {
    client.merge(bench.monitor.coverage());
    checks.merge(bench.monitor.check_coverage());
  }
};

/// A check at each stage of a transaction, then a kill at some of them, or none.
void ask_everywhere(const Config& config, Status status, Covered& covered) {
  for (const Duration killed : {Duration{2'500'000}, 6_ms, 8'999'999_ns, 9_ms, 1_s}) {
    ProducerBench bench(config);
    bench.status = status;
    for (const Duration time : {2_ms, 2500_us, 3500_us, 6_ms, 9_ms, 20_ms, 50_ms}) {
      if (time >= killed) break;
      bench.until(time);
      if (bench.producer().memory.channels[0].open) bench.check(0, 7, 5), bench.check(0, 7, 5);
    }
    killed == 9_ms ? bench.through(ProducerOn::local_done) : bench.until(killed);
    bench.kill();
    bench.until(2_s);
    covered.take(bench);
  }
}

/// endTransaction finds its channel closed, and the process dies while it waits, or not.
void end_without_channel(const Config& config, bool killed, Covered& covered) {
  ProducerBench bench(config);
  bench.until(5_ms);
  bench.broker_closes();
  bench.until(10_ms);
  if (killed) bench.kill();
  bench.until(1_s);
  covered.take(bench);
}

/// The result came from a broker whose channel closes while the next try hangs at another.
void skip_without_channel(Profile profile, Covered& covered) {
  Config config = ProducerBench::plain(2, profile);
  config.producers[0].settings.retryAnotherBrokerWhenNotStoreOK = true;
  ProducerBench bench(config);
  bench.status = Status::FLUSH_DISK_TIMEOUT;
  bench.until(3_ms);
  const std::size_t first = bench.wire.at(0).broker;
  bench.mute[1 - first] = true;
  bench.until(2500_ms);  // behind the heartbeat, which would connect again
  bench.broker_closes(first);
  bench.until(3001_ms);  // the next try has timed out at 3 s, and the ROLLBACK waits
  REQUIRE(bench.producer().memory.ends.size() == 1);
  bench.kill();
  bench.until(5_s);
  covered.take(bench);
}

/// An orphan is checked before the local transaction begins; the reply waits 2 ms for a connection.
void reply_late(Duration local_time, Covered& covered) {
  Config config = ProducerBench::plain(2);
  ProducerConfig& producer = config.producers[0];
  producer.messages = 2;
  producer.rate = 0.1;
  producer.transaction->local_time = Distribution::constant(local_time);
  producer.transaction->check_time = Distribution::constant(500_us);
  producer.transaction->check_absent_is_rollback = true;
  producer.queue_choice = QueueChoice::by_key;  // intent 1 goes to broker 1; broker 0 asks
  ProducerBench bench(config);
  bench.until(9'999'300_us);
  REQUIRE(bench.check(1, 7, 5, 0));
  bench.until(9'999'500_us);
  bench.broker_closes(0);
  bench.until(11_s);
  const auto is_reply = [](const Reached& r) {
    return r.payload.mark == Mark::from_check && r.payload.verdict == rollback;
  };
  CHECK(std::count_if(bench.wire.begin(), bench.wire.end(), is_reply) == 1);
  CHECK(bench.told(1) == Told::acknowledged);
  covered.take(bench);
}

}  // namespace

TEST_CASE("every row of the client's transaction tables is taken, and nothing else happens") {
  Covered covered;
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    for (const double chance : {0.0, 1.0}) {
      for (const bool says_unknown : {false, true}) {
        Config config = ProducerBench::plain(1, profile);
        TransactionConfig& transaction = *config.producers[0].transaction;
        transaction.rollback_chance = chance;
        transaction.returns_unknown = says_unknown;
        transaction.checkRequestHoldMax = 0;
        transaction.check_time = Distribution::constant(300_us);
        end_without_channel(config, false, covered);
        end_without_channel(config, true, covered);
        for (const CheckAnswer answer :
             {CheckAnswer::local_state, CheckAnswer::commit, CheckAnswer::rollback, CheckAnswer::unknown}) {
          transaction.check_answer = answer;
          for (const bool lenient : {false, true}) {
            transaction.check_absent_is_rollback = lenient;
            ask_everywhere(config, Status::SEND_OK, covered);
          }
        }
        for (const Status status : {Status::FLUSH_DISK_TIMEOUT, Status::FLUSH_SLAVE_TIMEOUT,
                                    Status::SLAVE_NOT_AVAILABLE, Status::MESSAGE_ILLEGAL})
          ask_everywhere(config, status, covered);
      }
    }
    skip_without_channel(profile, covered);
  }
  reply_late(10_ms, covered);   // the reply leaves while it runs
  reply_late(500_us, covered);  // and after it has committed
  CHECK(covered.client.uncovered() == "");
  CHECK(covered.checks.uncovered() == "");
}

TEST_CASE("the monitor objects to what no row allows") {
  const Config config = ProducerBench::plain();
  TransactionClientMonitor monitor(config);
  const auto tell = [&](K kind, std::int64_t a = 0, std::int64_t b = 0) {
    monitor.on(SimTime{}, make_record(kind, 0, a, b));
  };
  constexpr auto committed = static_cast<std::int64_t>(LocalOutcome::commit);
  constexpr auto from_check = std::int64_t{1} << 8;
  tell(K::send_begun);
  CHECK_THROWS_AS(tell(K::end_sent, 0, static_cast<std::int64_t>(commit)), sim::BugError);  // nothing has run
  tell(K::local_begun);
  CHECK_THROWS_AS(tell(K::acknowledged), sim::BugError);
  tell(K::local_done, 0, committed);
  CHECK_THROWS_AS(tell(K::end_sent, 0, static_cast<std::int64_t>(rollback)), sim::BugError);
  CHECK_THROWS_AS(tell(K::end_sent, 0, static_cast<std::int64_t>(rollback) | from_check), sim::BugError);
  tell(K::end_sent, 0, static_cast<std::int64_t>(commit));
  tell(K::acknowledged);
  CHECK_THROWS_AS(tell(K::end_sent, 0, static_cast<std::int64_t>(commit)), sim::BugError);
  monitor.reset();
  tell(K::send_begun);
}

}  // namespace brokersim::model::rocketmq
