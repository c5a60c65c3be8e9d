// HEART_BEAT of producers: who is heard of where and when, and what a heartbeat does to the one connection.
// A connection takes a SYN and its answer, so 2 ms; a request 1 ms.
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/producer_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Times = std::vector<Duration>;

Times heartbeats(const ProducerBench& bench, std::size_t broker = 0) {
  Times times;
  for (const Reached& r : bench.reached(PayloadKind::heartbeat)) {
    if (r.broker == broker) times.push_back(r.at - SimTime{});
  }
  return times;
}

/// An instance that never sends.
Config idle(Profile profile) {
  Config config = ProducerBench::plain(1, profile);
  config.producers[0].messages = 0;
  return config;
}

/// A producer in no group with transactions: 20 messages a second.
Config busy(SendMode mode, Profile profile = Profile::v5_3) {
  Config config = ProducerBench::plain(1, profile);
  config.producers[0].transaction.reset();
  config.producers[0].send = mode;
  config.producers[0].rate = 20;
  config.producers[0].messages = 100'000;
  config.producers[0].pacing = Pacing::per_thread_skip;
  return config;
}

// MQClientInstance.sendHeartbeatToAllBroker asks brokerAddrTable, which a fetched route fills.
TEST_CASE("an idle 5.3 producer is connected and known to nobody") {
  ProducerBench bench(idle(Profile::v5_3));
  bench.until(5_min);
  CHECK(bench.producer().memory.channels[0].open);
  CHECK(bench.wire.empty());
  CHECK(bench.state.agenda.size() == 0);  // and costs nothing
}

// 4.9.8 DefaultMQProducerImpl.start puts TBW102 among the topics whose routes are polled.
TEST_CASE("an idle 4.9 producer heartbeats brokers that serve TBW102") {
  Config config = idle(Profile::v4_9);
  SECTION("autoCreateTopicEnable") {
    ProducerBench bench(config);
    bench.until(70_s);
    CHECK(heartbeats(bench) == Times{1001_ms, 31001_ms, 61001_ms});
    CHECK(bench.wire[0].payload.group == 3);
  }
  SECTION("without it there is no route") {
    config.brokers[0].settings.autoCreateTopicEnable = false;
    ProducerBench bench(config);
    CHECK(bench.until(70_s).wire.empty());
  }
}

// MQClientInstance: onChannelActive (5.2.0 and later), startScheduledTask: after 1 s, then each 30 s.
TEST_CASE("a 5.3 producer that sends is known with its channel, and from then on heartbeats on its grid") {
  ProducerBench bench(ProducerBench::plain());
  bench.until(62_s);
  CHECK(heartbeats(bench) == Times{3_ms, 1001_ms, 31001_ms, 61001_ms});
}

TEST_CASE("a 4.9 producer that sends is known with its first scheduled heartbeat") {
  Config config = ProducerBench::plain(1, Profile::v4_9);
  config.brokers[0].settings.autoCreateTopicEnable = false;
  ProducerBench bench(config);
  bench.until(62_s);
  CHECK(heartbeats(bench) == Times{1001_ms, 31001_ms, 61001_ms});
}

TEST_CASE("the grid begins with the process, not with the first send") {
  Config config = ProducerBench::plain();
  config.producers[0].start_at = 45_s;  // this process has come up at once, and its application waits
  ProducerBench bench(config);
  bench.until(92_s);
  CHECK(heartbeats(bench) == Times{45003_ms, 61001_ms, 91001_ms});
}

TEST_CASE("heartbeatBrokerInterval is the period") {
  Config config = ProducerBench::plain();
  config.producers[0].settings.heartbeatBrokerInterval = 10_s;
  ProducerBench bench(config);
  bench.until(22_s);
  CHECK(heartbeats(bench) == Times{3_ms, 1001_ms, 11001_ms, 21001_ms});
}

TEST_CASE("the first send knows all brokers of its topic, and the scheduled heartbeat connects to them") {
  ProducerBench bench(ProducerBench::plain(3));
  bench.until(2_s);
  std::size_t early = 0;
  for (std::size_t b = 0; b < 3; ++b) {
    const Times times = heartbeats(bench, b);
    early += times.at(0) == 3_ms ? 1 : 0;
    CHECK(times.back() >= 1001_ms);
    CHECK(bench.producer().memory.channels[b].open);
  }
  CHECK(early == 1);  // where the message went
}

// One at a time, synchronously: the third broker hears of it when the second has not answered for 3 s.
TEST_CASE("a broker that is silent holds up the heartbeats to those behind it") {
  ProducerBench bench(ProducerBench::plain(3));
  bench.until(10_s);
  bench.mute[1] = true;
  bench.until(36_s);
  const Duration first = heartbeats(bench, 0).back(), third = heartbeats(bench, 2).back();
  CHECK(first == 31001_ms);
  CHECK(third == 31003_ms + 3_s);  // the first round trip, then the silence
}

TEST_CASE("two channels that become active together are told one after the other") {
  Config config = ProducerBench::plain(2);
  config.producers[0].threads = 2;
  config.producers[0].messages = 2;
  config.producers[0].threads_start_together = true;
  config.producers[0].queue_choice = QueueChoice::by_key;  // intent 0 to broker 0, 1 to broker 1
  ProducerBench bench(config);
  bench.until(900_ms);
  REQUIRE(heartbeats(bench, 0).size() == 1);
  REQUIRE(heartbeats(bench, 1).size() == 1);
  CHECK(heartbeats(bench, 0)[0] == 3_ms);
  CHECK(heartbeats(bench, 1)[0] >= 5_ms);  // behind the answer to the first, 2 ms after it
}

// NettyRemotingClient.invokeSync: a time-out closes the channel (clientCloseSocketIfTimeout).
TEST_CASE("a heartbeat without an answer closes the channel under asynchronous sends") {
  ProducerBench bench(busy(SendMode::async));
  bench.until(30_s);
  REQUIRE(bench.count(RecordKind::attempt_failed) == 0);
  bench.mute[0] = true;
  bench.until(34_s);
  // Sends since 31.0 s are in flight when the heartbeat of 31.0 s gives up. Those that have time left try
  // again on another connection, whose own heartbeat gives up 3 s later.
  CHECK(bench.count(RecordKind::connection_broken) == 0);  // it was the client that closed it
  const std::vector<sim::StampedRecord> failed = bench.all(RecordKind::attempt_failed);
  REQUIRE(!failed.empty());
  for (const auto& f : failed) {
    CHECK(f.at == SimTime{} + 34_s);
    CHECK(f.record.b == static_cast<std::int64_t>(SendError::connection_broken));
  }
  CHECK(failed.size() > 60);
}

TEST_CASE("without clientCloseSocketIfTimeout it closes nothing") {
  Config config = busy(SendMode::async);
  config.producers[0].settings.clientCloseSocketIfTimeout = false;
  ProducerBench bench(config);
  bench.until(30_s);
  bench.mute[0] = true;
  bench.until(34500_ms);
  for (const auto& f : bench.all(RecordKind::attempt_failed)) {
    CHECK(f.record.b == static_cast<std::int64_t>(SendError::timed_out));
  }
  CHECK(bench.producer().memory.channels[0].open);
}

TEST_CASE("a plain producer that has finished heartbeats no more, one that may be asked does") {
  Config config = busy(SendMode::sync);
  config.producers[0].messages = 3;
  SECTION("nobody in its group has transactions") {
    ProducerBench bench(config);
    bench.until(1_h);
    CHECK(heartbeats(bench) == Times{3_ms});
    CHECK(bench.state.agenda.size() == 0);
  }
  SECTION("somebody has: it will be asked in vain") {
    config.producers.push_back(config.producers[0]);
    config.producers[1].transaction = TransactionConfig{};
    ProducerBench bench(config);
    bench.until(35_s);
    bench.check(0, 1, 1);
    bench.until(36_s);
    CHECK(bench.count(RecordKind::check_dropped) == 1);
    CHECK(bench.reached(PayloadKind::end_transaction).size() == 3);  // of the other's three messages
  }
}

// facts: an idle producer returns to a restarted broker only with its 30 s heartbeat.
TEST_CASE("an idle producer returns to a restarted broker with its next scheduled heartbeat") {
  ProducerBench bench(ProducerBench::plain());
  bench.until(5_s);
  bench.broker_dies();
  bench.until(10_s);
  bench.broker_returns();
  bench.until(30_s);
  CHECK_FALSE(bench.producer().memory.channels[0].open);
  bench.until(32_s);
  // It connects, and is told by the task that holds the lock; the listener gives up (lockHeartbeat).
  CHECK(heartbeats(bench) == Times{3_ms, 1001_ms, 31003_ms});
}

TEST_CASE("a heartbeat to a host without power takes its connect time-out, and the next broker waits") {
  Config config = ProducerBench::plain(2);
  config.producers[0].settings.connectTimeoutMillis = 2_s;
  ProducerBench bench(config);
  bench.until(10_s);
  bench.broker_closes(0);
  bench.until(11_s);
  bench.broker_dies(0, true);
  bench.until(40_s);
  CHECK(heartbeats(bench, 1).back() == 31001_ms + 2_s);
}

// 4.9 has no channelInactive: nobody fails a heartbeat whose channel the broker has closed.
TEST_CASE("a 4.9 heartbeat whose channel is closed by the broker hangs for its 3 s") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    ProducerBench bench(ProducerBench::plain(2, profile));
    bench.until(10_s);
    bench.mute[0] = true;
    bench.until(31002_ms);
    bench.broker_closes(0);
    bench.mute[0] = false;
    bench.until(40_s);
    // The close takes 1 ms to the client, which sends the next heartbeat at once.
    const Duration late = profile == Profile::v4_9 ? 3_s : 3_ms;
    CHECK(heartbeats(bench, 1).back() == 31001_ms + late);
  }
}

TEST_CASE("a hanging heartbeat of 4.9 takes no later connection with it") {
  Config config = ProducerBench::plain(1, Profile::v4_9);
  config.producers[0].messages = 2;
  config.producers[0].rate = 1.0 / 32;  // at 0 and 32 s
  ProducerBench bench(config);
  bench.until(10_s);
  bench.mute[0] = true;
  bench.until(31002_ms);
  bench.broker_closes();
  bench.mute[0] = false;
  bench.until(40_s);
  CHECK(bench.told(1) == ledger::Told::acknowledged);
  CHECK(bench.producer().memory.channels[0].open);  // the time-out was at 34 s
}

// scheduleAtFixedRate makes up for what a stopped process missed.
TEST_CASE("rounds that are overdue follow each other at once") {
  Config config = ProducerBench::plain();
  config.producers[0].settings.heartbeatBrokerInterval = 2_s;
  ProducerBench bench(config);
  bench.until(10_s);
  bench.mute[0] = true;  // each round takes 3 s now: one is made up for, as one may be late
  bench.until(20_s);
  const Times times = heartbeats(bench);
  CHECK(times[6] == 11001_ms);
  CHECK(times[7] >= 14003_ms);
  CHECK(times[7] <= 14010_ms);
}

// DefaultMQProducerImpl.shutdown: unregisterProducer.
TEST_CASE("a graceful stop unregisters the client before its connection closes") {
  ProducerBench bench(ProducerBench::plain());
  bench.until(5_s);
  bench.stop();
  bench.until(6_s);
  REQUIRE(bench.reached(PayloadKind::unregister_client).size() == 1);
  CHECK(bench.wire.back().payload.group == 3);
  CHECK(bench.wire.back().at == SimTime{} + 5001_ms);
}

TEST_CASE("a killed producer is known again when it sends again") {
  Config config = ProducerBench::plain();
  config.producers[0].messages = 2;
  config.producers[0].rate = 0.1;  // at 0 and 10 s
  ProducerBench bench(config);
  bench.until(5_s);
  bench.kill();
  bench.until(7_s);
  bench.serve();
  bench.until(9_s);
  CHECK(heartbeats(bench) == Times{3_ms, 1001_ms, 7003_ms, 8001_ms});
}

// One request, one answer and one tick per broker and 30 s: so many events of the client.
TEST_CASE("heartbeats cost one event of the client in 30 s") {
  ProducerBench bench(ProducerBench::plain());
  bench.until(2_s);
  const std::int64_t before = bench.events;
  bench.until(2_s + 10_min);
  CHECK(bench.events - before == 20);
}

TEST_CASE(
    "worlds that differ in heartbeats past are the same, those that differ in heartbeats to come are not") {
  const auto digest = [](const Heartbeats& beats, Duration now) {
    return sim::canonical_digest(SimTime{} + now, beats);
  };
  Heartbeats beats;
  beats.due = SimTime{} + 1_s;
  CHECK(digest(beats, 5_s) == digest(beats, 35_s));  // off: only the phase of its grid counts
  CHECK_FALSE(digest(beats, 5_s) == digest(beats, 6_s));
  Heartbeats other = beats;
  other.number = 9;
  other.broker = 1;
  CHECK(digest(beats, 5_s) == digest(other, 5_s));
  other.by = HeartbeatBy::task;
  CHECK_FALSE(digest(beats, 5_s) == digest(other, 5_s));
  Heartbeats odd = beats;
  odd.usual = false;  // a phase of 30 s would say too little
  CHECK_FALSE(digest(odd, 5_s) == digest(odd, 35_s));
}

}  // namespace
}  // namespace brokersim::model::rocketmq
