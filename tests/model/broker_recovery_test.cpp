// What a kill and a power loss take, what a start finds, and how readers pull before and after.
#include "tests/model/broker_bench.hpp"

#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

constexpr SimTime at_ms(std::int64_t ms) { return SimTime{ms * 1'000'000}; }

Config pooled() {
  Config config = BrokerBench::plain();
  config.brokers[0].settings.transientStorePoolEnable = true;
  return config;
}

Config young_topic() {
  Config config = BrokerBench::plain();
  config.topics.resize(2);
  config.topics[1].name = "young";
  config.topics[1].created_at = 1_s;
  return config;
}

}  // namespace

TEST_CASE("a kill takes nothing from the page cache, and what only the pool held") {
  BrokerBench mapped(BrokerBench::plain());
  mapped.send();
  mapped.kill();
  CHECK(mapped.broker().cache.log.size() == 1);
  CHECK(mapped.count(RecordKind::copy_lost) == 0);

  BrokerBench bench(pooled());
  bench.send();
  bench.run(400_ms);  // committed within 200 ms of the put
  bench.send();
  bench.kill();
  CHECK(bench.broker().cache.log.size() == 1);
  const auto lost = bench.all(RecordKind::copy_lost);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].record.subject == 1);
  CHECK(lost[0].record.a == static_cast<std::int64_t>(LossKind::uncommitted_pool));
}

TEST_CASE("a power loss takes what no sync covered, also a sync that has just begun") {
  BrokerBench bench(BrokerBench::plain(100_ms));
  bench.run_to(at_ms(1000));
  bench.restart();
  bench.send();
  bench.run_through(at_ms(1650));  // flushed from 1.5 to 1.6 s
  for (int i = 0; i < 40; ++i) bench.send();
  bench.run_through(at_ms(2100));  // the next flush is in the kernel; no page has been written yet
  REQUIRE(bench.memory().flush_running);
  bench.lose_power();
  CHECK(bench.broker().cache.log.size() == 1);
  CHECK(bench.count(RecordKind::copy_lost) == 40);
  bench.run(1_s);
  CHECK(bench.broker().disk.synced.records == 1);
}

TEST_CASE("pages that a sync has written are kept, whole, though the call never returned") {
  BrokerBench bench(BrokerBench::plain(100_ms));
  bench.run_to(at_ms(1000));
  bench.restart();
  bench.send();
  bench.run_through(at_ms(1500));  // the sync of one record begins: its page holds 8 records of 489 B
  for (int i = 0; i < 12; ++i) bench.send();
  bench.run_through(at_ms(1599));  // written by now, not returned
  REQUIRE(bench.memory().flush_running);
  bench.lose_power();
  // The first page goes out as it is when it is written; the second was clean when the call began.
  CHECK(bench.broker().cache.log.size() == 4096 / 489);
}

TEST_CASE("between the disk's sync and the broker's notice a crash may fall") {
  BrokerBench bench(BrokerBench::plain());
  bench.run_to(at_ms(1000));
  bench.restart();
  bench.send();
  bench.run_through(at_ms(1500));
  host::Event done;
  done.on = host::On::sync_done;
  auto context = bench.at_now();
  broker_synced(bench.world(), 0, bench.memory().flush_target, context);
  CHECK(bench.broker().disk.synced.records == 1);
  CHECK(bench.memory().flushed.records == 0);
  bench.lose_power();
  CHECK(bench.broker().cache.log.size() == 1);
}

TEST_CASE("after a truncation queue offsets are used again") {
  BrokerBench bench(BrokerBench::plain());
  bench.send(2);
  bench.send(2);
  bench.run({});
  CHECK(bench.answers[1].payload.offset == 1);
  bench.lose_power();
  bench.restart();
  bench.send(2);
  bench.run({});
  CHECK(bench.answers[2].payload.offset == 0);
}

TEST_CASE("a restarted broker has everything dispatched, and believes it flushed") {
  BrokerBench bench(BrokerBench::plain());
  bench.run_to(at_ms(1000));
  bench.restart();
  bench.run_through(at_ms(1600));
  bench.send();
  bench.send(1);
  bench.kill();
  bench.run_through(at_ms(5000));
  bench.restart();
  CHECK(visible_end(bench.broker(), TopicId(0), 0) == 1);
  CHECK(visible_end(bench.broker(), TopicId(0), 1) == 1);
  CHECK(bench.count(RecordKind::released) == 2);
  CHECK(bench.memory().flushed.records == 2);
  CHECK(bench.broker().disk.synced.records == 0);
  CHECK(broker_idle(bench.world(), bench.config, 0));
  bench.run(20_s);  // nobody flushes what is believed flushed ...
  CHECK(bench.broker().disk.synced.records == 0);
  bench.send();
  bench.run(12_s);  // ... but force() covers the whole file
  CHECK(bench.broker().disk.synced.records == 3);
}

TEST_CASE("the kernel writes back what a dead process left, in its own time") {
  for (const bool in_time : {false, true}) {
    BrokerBench bench(BrokerBench::plain());
    bench.send();
    bench.kill();
    bench.run(in_time ? 30_s : 29_s);
    bench.lose_power();
    CHECK(bench.broker().cache.log.size() == (in_time ? 1 : 0));
  }
}

TEST_CASE("a recovered file has no pool buffer: its puts survive a kill") {
  BrokerBench bench(pooled());
  bench.send();
  bench.run(400_ms);
  bench.kill();
  bench.restart();
  bench.run(50_ms);
  bench.send();
  bench.run({});
  CHECK(bench.memory().committed == bench.memory().appended);  // commit() just follows: no page rule
  bench.send();
  bench.kill();
  CHECK(bench.broker().cache.log.size() == 3);
}

TEST_CASE("topics.json after a power loss: old, new or empty; safe once the kernel has written it") {
  using Topics = std::vector<std::uint8_t>;
  const auto after = [](UnsyncedFiles files, Duration when) {
    BrokerBench bench(young_topic());
    bench.run(when);
    bench.lose_power(files);
    const Topics& all = bench.broker().cache.topics;  // the broker's own stand behind the scenario's
    return Topics(all.begin(), all.begin() + 2);
  };
  CHECK(after(UnsyncedFiles::old_version, 5_s) == Topics{4, 0});
  CHECK(after(UnsyncedFiles::new_version, 5_s) == Topics{4, 4});
  CHECK(after(UnsyncedFiles::empty, 5_s) == Topics{0, 0});
  CHECK(after(UnsyncedFiles::empty, 30_s) == Topics{0, 0});
  CHECK(after(UnsyncedFiles::empty, 31_s) == Topics{4, 4});
}

TEST_CASE("each fate of topics.json is drawn in a third of the cases") {
  int seen[3] = {};
  for (std::uint64_t seed = 0; seed < 900; ++seed) {
    BrokerBench bench(young_topic(), seed);
    bench.run(5_s);
    bench.lose_power();
    const auto& topics = bench.broker().cache.topics;
    ++seen[topics[0] == 0 ? 0 : topics[1] == 0 ? 1 : 2];
  }
  for (const int n : seen) {  // 300 +- 14.1; four deviations
    CHECK(n > 243);
    CHECK(n < 357);
  }
}

TEST_CASE("messages of a lost topic are unreachable until it exists again") {
  Config config = young_topic();
  BrokerBench bench(config);
  Payload request;
  request.kind = PayloadKind::send_request;
  request.topic = TopicId(1);
  request.size = 256;
  request.intent = IntentId(0);
  bench.receive(request);
  bench.run(12_s);
  bench.lose_power(UnsyncedFiles::empty);
  bench.restart();
  REQUIRE(bench.broker().cache.log.size() == 1);
  CHECK(visible_end(bench.broker(), TopicId(1), 0) == 0);
  bench.answers.clear();
  Payload pull;
  pull.kind = PayloadKind::pull_request;
  pull.topic = TopicId(1);
  bench.receive(pull);
  bench.run({});
  REQUIRE(bench.answers.size() == 1);
  CHECK(bench.answers[0].payload.status == Status::TOPIC_NOT_EXIST);
  auto context = bench.at_now();
  broker_create_topic(bench.world(), 0, TopicId(1), context);
  bench.receive(pull);
  bench.run({});
  REQUIRE(bench.answers.size() == 2);
  CHECK(bench.answers[1].payload.status == Status::PULL_FOUND);
}

TEST_CASE("pulls: up to 32 messages, suspended at the end, moved beyond it") {
  BrokerBench bench(BrokerBench::plain());
  bench.pull(0, 0);
  bench.run(10_ms);
  CHECK(bench.answers.empty());
  const IntentId first = bench.send();
  bench.run(10_ms);
  REQUIRE(bench.answers.size() == 2);  // the send's, then the pull's with the dispatch
  const Payload woken = bench.answers[1].payload;
  REQUIRE(woken.status == Status::PULL_FOUND);
  CHECK(woken.offset == 1);
  CHECK(bench.world().batches[woken.size].count == 1);
  CHECK(bench.world().batches[woken.size].intents[0] == first);
  for (int i = 0; i < 40; ++i) bench.send();
  bench.run(10_ms);
  bench.answers.clear();
  bench.pull(0, 1);
  bench.pull(0, 42);
  bench.run({});
  REQUIRE(bench.answers.size() == 2);
  CHECK(bench.answers[0].payload.offset == 33);
  CHECK(bench.world().batches[bench.answers[0].payload.size].count == 32);
  CHECK(bench.answers[1].payload.status == Status::PULL_OFFSET_MOVED);
  CHECK(bench.answers[1].payload.offset == 41);
}

TEST_CASE("suspended pulls die with their connection and with the process") {
  BrokerBench bench(BrokerBench::plain());
  bench.pull(0, 0);
  REQUIRE(bench.memory().suspended.size() == 1);
  auto context = bench.at_now();
  broker_connection_lost(bench.world(), 0, ConnectionId(0), context);
  CHECK(bench.memory().suspended.empty());
  bench.pull(0, 0);
  bench.kill();
  CHECK(bench.memory().suspended.empty());
}

TEST_CASE("batches take the lowest free slot") {
  BatchPool pool;
  CHECK(pool.take() == 0);
  CHECK(pool.take() == 1);
  pool.release(0);
  CHECK(pool.take() == 0);
  CHECK_THROWS(pool.release(7));
}
