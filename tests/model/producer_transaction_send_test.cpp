// sendMessageInTransaction: the half message, the local transaction, endTransaction, and what a crash or a
// lost connection leaves of the three. Connecting takes 2 ms, the send and its answer 1 ms each, the local
// transaction 5 ms: it begins at 4 ms and ends at 9 ms, and END_TRANSACTION reaches the broker at 10 ms.
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/producer_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using ledger::Local;
using ledger::Told;
using Kinds = std::vector<RecordKind>;
using K = RecordKind;

Config with(void (*change)(ProducerConfig&)) {
  Config config = ProducerBench::plain();
  change(config.producers[0]);
  return config;
}

SimTime at(Duration time) { return SimTime{} + time; }

/// The only END_TRANSACTION that reached a broker.
Reached only_end(const ProducerBench& bench) {
  const std::vector<Reached> ends = bench.reached(PayloadKind::end_transaction);
  REQUIRE(ends.size() == 1);
  return ends[0];
}

}  // namespace

TEST_CASE("a half message carries its group and its immunity") {
  ProducerBench bench(with([](ProducerConfig& p) { p.transaction->check_immunity_seconds = 30; }));
  bench.until(1_s);
  const Payload half = bench.reached(PayloadKind::send_request).at(0).payload;
  CHECK(half.mark == Mark::transactional);
  CHECK(half.group == 3);
  CHECK(half.record == 30);
  CHECK_FALSE(half.oneway);
}

TEST_CASE("a plain producer of the same group sends plain messages") {
  ProducerBench bench(with([](ProducerConfig& p) { p.transaction.reset(); }));
  bench.until(1_s);
  const Payload message = bench.reached(PayloadKind::send_request).at(0).payload;
  CHECK(message.mark == Mark::none);
  CHECK(bench.reached(PayloadKind::end_transaction).empty());
  CHECK(bench.told() == Told::acknowledged);
}

TEST_CASE("SEND_OK: the local transaction runs, commits, and COMMIT goes to the half message's broker") {
  ProducerBench bench(ProducerBench::plain());
  bench.until(1_s);
  CHECK(bench.story() == Kinds{K::send_begun, K::local_begun, K::local_done, K::end_sent, K::acknowledged});
  CHECK(bench.all(K::local_begun).at(0).at == at(4_ms));
  CHECK(bench.all(K::local_done).at(0).at == at(9_ms));
  CHECK(bench.local() == Local::committed);
  CHECK(bench.told() == Told::acknowledged);
  const Reached end = only_end(bench);
  CHECK(end.at == at(10_ms));
  CHECK(end.payload.verdict == TransactionVerdict::commit);
  CHECK(end.payload.mark == Mark::none);
  CHECK(end.payload.oneway);
  CHECK(end.payload.group == 3);
  CHECK(end.payload.intent == IntentId(0));
  CHECK(end.payload.record == 101);  // of the answer to the send, which was the bench's first
  CHECK(end.payload.offset == 11);
}

TEST_CASE("the thread blocks until endTransaction has returned") {
  ProducerBench bench(with([](ProducerConfig& p) {
    p.messages = 3;
    p.arrivals = Arrivals::saturated;
  }));
  bench.until(1_s);
  const auto begun = bench.all(K::send_begun);
  REQUIRE(begun.size() == 3);
  CHECK(begun[1].at == at(9_ms));
  CHECK(begun[2].at == at(16_ms));  // 2 ms for the send, 5 ms for its local transaction
}

TEST_CASE("a local transaction that rolls back: ROLLBACK, and the application is told of no success") {
  ProducerBench bench(with([](ProducerConfig& p) { p.transaction->rollback_chance = 1; }));
  bench.until(1_s);
  CHECK(bench.story() == Kinds{K::send_begun, K::local_begun, K::local_done, K::end_sent});
  CHECK(only_end(bench).payload.verdict == TransactionVerdict::rollback);
  CHECK(bench.local() == Local::rolled_back);
  CHECK(bench.told() == Told::rolled_back);
  CHECK(producer_done(bench.world(), bench.config, 0));
}

TEST_CASE("UNKNOW is sent, too; the application still knows what its transaction came to") {
  Config config = with([](ProducerConfig& p) { p.transaction->returns_unknown = true; });
  ProducerBench committed(config);
  committed.until(1_s);
  CHECK(only_end(committed).payload.verdict == TransactionVerdict::unknown);
  CHECK(committed.told() == Told::acknowledged);
  config.producers[0].transaction->rollback_chance = 1;
  ProducerBench rolled_back(config);
  rolled_back.until(1_s);
  CHECK(only_end(rolled_back).payload.verdict == TransactionVerdict::unknown);
  CHECK(rolled_back.told() == Told::rolled_back);
}

TEST_CASE("an application that does not look is not told of its success") {
  ProducerBench bench(with([](ProducerConfig& p) { p.on_result = OnResult::unchecked; }));
  bench.until(1_s);
  CHECK(bench.told() == Told::unchecked_ok);
}

TEST_CASE("any other status: no local transaction, and ROLLBACK at once") {
  for (const Status status :
       {Status::FLUSH_DISK_TIMEOUT, Status::FLUSH_SLAVE_TIMEOUT, Status::SLAVE_NOT_AVAILABLE}) {
    for (const bool accepts : {false, true}) {  // accepts_every_status is for plain sends
      Config config = ProducerBench::plain();
      config.producers[0].accepts_every_status = accepts;
      ProducerBench bench(config);
      bench.status = status;
      bench.until(1_s);
      CAPTURE(static_cast<int>(status));
      CHECK(bench.story() == Kinds{K::send_begun, K::local_skipped, K::end_sent});
      CHECK(bench.all(K::local_skipped).at(0).record.b == static_cast<std::int64_t>(status));
      CHECK(only_end(bench).payload.verdict == TransactionVerdict::rollback);
      CHECK(only_end(bench).at == at(5_ms));
      CHECK(bench.local() == Local::absent);
      CHECK(bench.told() == Told::rolled_back);
    }
  }
}

TEST_CASE("an exception of the send: no local transaction, no endTransaction") {
  SECTION("time-out") {
    ProducerBench bench(ProducerBench::plain());
    bench.mute[0] = true;
    bench.until(10_s);
    CHECK(bench.story() == Kinds{K::send_begun, K::told_failed});
    CHECK(bench.told() == Told::failed);
    CHECK(bench.reached(PayloadKind::end_transaction).empty());
  }
  SECTION("an error code, after its retries") {
    ProducerBench bench(ProducerBench::plain());
    bench.status = Status::SERVICE_NOT_AVAILABLE;
    bench.until(10_s);
    CHECK(bench.reached(PayloadKind::send_request).size() == 3);
    CHECK(bench.told() == Told::failed);
    CHECK(bench.local() == Local::absent);
  }
}

// SendResult.getMessageQueue: endTransaction addresses the broker of the result, not of the last try.
TEST_CASE("with retryAnotherBrokerWhenNotStoreOK the ROLLBACK follows the result") {
  Config config = ProducerBench::plain(2);
  config.producers[0].settings.retryAnotherBrokerWhenNotStoreOK = true;
  config.producers[0].settings.retryTimesWhenSendFailed = 1;
  ProducerBench bench(config);
  bench.status = Status::FLUSH_DISK_TIMEOUT;
  bench.until(3_ms);
  const std::size_t first = bench.wire.at(0).broker;
  bench.mute[1 - first] = true;
  bench.until(10_s);
  CHECK(only_end(bench).broker == first);
  CHECK(only_end(bench).payload.record == 101);
  CHECK(bench.told() == Told::rolled_back);
}

// ------------------------------------------------------------------------------------------------ crashes

TEST_CASE("a kill while the local transaction runs: the database rolls it back") {
  ProducerBench bench(ProducerBench::plain());
  bench.until(6_ms);
  CHECK(bench.local() == Local::running);
  bench.kill();
  CHECK(bench.local() == Local::absent);
  CHECK(bench.told() == Told::nothing);
  bench.until(1_s);
  CHECK(bench.story() == Kinds{K::send_begun, K::local_begun, K::told_failed});
  CHECK(bench.reached(PayloadKind::end_transaction).empty());
}

TEST_CASE(
    "a kill between the local commit and endTransaction leaves it committed and the broker in the dark") {
  ProducerBench bench(ProducerBench::plain());
  bench.through(ProducerOn::local_done);
  bench.kill();
  bench.until(1_s);
  CHECK(bench.local() == Local::committed);
  CHECK(bench.count(K::end_sent) + bench.count(K::end_unsent) == 0);
  CHECK(bench.reached(PayloadKind::end_transaction).empty());
  CHECK(bench.told() == Told::nothing);
  bench.serve();
  bench.until(2_s);
  CHECK(bench.count(K::send_begun) == 1);  // nobody begins it again
}

TEST_CASE("a graceful stop is as hard on a local transaction as a kill") {
  ProducerBench bench(ProducerBench::plain());
  bench.until(6_ms);
  bench.stop();
  CHECK(bench.local() == Local::absent);
}

// ------------------------------------------------------------------------------------------------ no channel

// NettyRemotingClient.invokeOneway: 5.3 writes when the connect is done, 4.9 waits for it.
TEST_CASE("endTransaction opens a channel if the broker has closed it") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    ProducerBench bench(ProducerBench::plain(1, profile));
    bench.until(5_ms);
    bench.broker_closes();
    bench.until(1_s);
    const bool waits = profile == Profile::v4_9;
    CHECK(only_end(bench).at == at(12_ms));  // 2 ms to connect, then its way
    CHECK(bench.all(K::end_sent).at(0).at == at(11_ms));
    CHECK(bench.all(K::acknowledged).at(0).at == at(waits ? 11_ms : 9_ms));
    CHECK(bench.told() == Told::acknowledged);
  }
}

TEST_CASE("one attempt: a broker that refuses the connection never hears of the verdict") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    ProducerBench bench(ProducerBench::plain(1, profile));
    bench.until(5_ms);
    bench.broker_dies();
    bench.until(20_ms);
    bench.broker_returns();
    bench.until(500_ms);
    CHECK(bench.reached(PayloadKind::end_transaction).empty());
    CHECK(bench.all(K::end_unsent).at(0).at == at(11_ms));
    CHECK(bench.count(K::end_sent) == 0);
    CHECK(bench.told() == Told::acknowledged);  // "but end broker transaction failed" is only logged
    CHECK(producer_done(bench.world(), bench.config, 0));
  }
}

TEST_CASE("a verdict that waits for a connection dies with the process") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    ProducerBench bench(ProducerBench::plain(1, profile));
    bench.until(5_ms);
    bench.broker_closes();
    bench.until(10_ms);
    CHECK_FALSE(producer_done(bench.world(), bench.config, 0));
    bench.kill();
    bench.until(1_s);
    CHECK(bench.count(K::end_unsent) == 1);
    CHECK(bench.local() == Local::committed);
    CHECK(bench.told() == (profile == Profile::v5_3 ? Told::acknowledged : Told::nothing));
  }
}

TEST_CASE("transactional calls that differ in what their half message became are different states") {
  const auto digest = [](const Call& call) { return sim::canonical_digest(SimTime{}, call); };
  Call call;
  call.open = true;
  Call other = call;
  other.result_record = 7;
  CHECK_FALSE(digest(call) == digest(other));
  other = call;
  other.result_broker = 1;
  CHECK_FALSE(digest(call) == digest(other));
}

}  // namespace brokersim::model::rocketmq
