// Send requests: SYNC_FLUSH and its deadline, dispatch and visibility, topics, overload, answers.
#include "tests/model/broker_bench.hpp"

#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

constexpr SimTime at_ms(std::int64_t ms) { return SimTime{ms * 1'000'000}; }

Config sync_flush(Duration sync_time = 2_ms) {
  Config config = BrokerBench::plain(sync_time);
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  return config;
}

/// A life that begins at 1 s.
void begin(BrokerBench& bench) {
  bench.run_to(at_ms(1000));
  bench.restart();
}

std::vector<Status> statuses(const BrokerBench& bench) {
  std::vector<Status> found;
  for (const Answer& answer : bench.answers) found.push_back(answer.payload.status);
  return found;
}

}  // namespace

TEST_CASE("ASYNC_FLUSH answers at once, SYNC_FLUSH after its flush") {
  BrokerBench async(BrokerBench::plain());
  async.send();
  async.run({});
  REQUIRE(statuses(async) == std::vector{Status::SEND_OK});

  BrokerBench sync(sync_flush());
  begin(sync);
  sync.send(1);
  sync.run_through(at_ms(1001));
  CHECK(sync.answers.empty());
  sync.run_through(at_ms(1002));
  REQUIRE(statuses(sync) == std::vector{Status::SEND_OK});
  CHECK(sync.answers[0].payload.queue == 1);
  CHECK(sync.broker().disk.synced == sync.memory().appended);
}

TEST_CASE("GroupCommitService takes along what came during the flush before") {
  BrokerBench bench(sync_flush(4_ms));
  begin(bench);
  bench.send();
  for (int i = 0; i < 7; ++i) {
    bench.run_to(at_ms(1001) + Duration{i * 1000});
    bench.send();
  }
  bench.run_through(at_ms(1007));
  CHECK(bench.answers.size() == 1);  // the first flush covered the first send only
  bench.run_through(at_ms(1008));
  CHECK(bench.answers.size() == 8);  // the second, begun at once, all others
  CHECK(bench.count(RecordKind::flushed) == 2);
  bench.run(60_s);
  CHECK(bench.broker_events == 6);  // two wake-ups, two flushes done, two dispatches: no empty ones
  CHECK(bench.state.agenda.empty());
}

TEST_CASE("a send that crosses into the next file needs two flush calls") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    Config config = sync_flush(4_ms);
    config.brokers[0].profile = profile;
    config.brokers[0].settings.mappedFileSizeCommitLog = 4096;
    BrokerBench bench(config);
    begin(bench);
    bench.send(0, 2000);
    bench.send(0, 2000);  // does not fit into the first file: both are there when the flush begins
    bench.run(1_s);
    REQUIRE(statuses(bench) == std::vector{Status::SEND_OK, Status::SEND_OK});
    CHECK(bench.answers[0].at == at_ms(1004));
    // doCommit sleeps 1 ms between its tries in 5.x, and does not in 4.9.
    CHECK(bench.answers[1].at == at_ms(profile == Profile::v4_9 ? 1008 : 1009));
  }
}

TEST_CASE("a slow disk: FLUSH_DISK_TIMEOUT after syncFlushTimeout, and the message is stored") {
  BrokerBench bench(sync_flush(8_s));
  begin(bench);
  bench.send();
  bench.run_to(at_ms(3000));
  bench.send();
  bench.run_through(at_ms(20'000));
  REQUIRE(statuses(bench) == std::vector{Status::FLUSH_DISK_TIMEOUT, Status::FLUSH_DISK_TIMEOUT});
  CHECK(bench.answers[0].at == at_ms(6000));
  CHECK(bench.answers[1].at == at_ms(8000));
  CHECK(bench.broker().disk.synced.records == 2);  // at 9 s the first, at 17 s the second
  CHECK(bench.memory().flushed.records == 2);
  CHECK(bench.count(RecordKind::answered) == 2);
}

TEST_CASE("SYNC_FLUSH with a pool waits for the 200 ms of the commit service (5.x)") {
  Config config = sync_flush();
  config.brokers[0].settings.transientStorePoolEnable = true;
  BrokerBench bench(config);
  begin(bench);
  bench.run_to(at_ms(1050));
  bench.send();
  bench.run(1_s);
  REQUIRE(bench.answers.size() == 1);
  // Committed at 1.2 s, seen by the next 1 ms try, then the sync: nobody wakes the commit service.
  CHECK(bench.answers[0].at >= at_ms(1202));
  CHECK(bench.answers[0].at <= at_ms(1203));
}

TEST_CASE("what consumers may see: 5.3 the flushed part of a SYNC_FLUSH log, 4.9 all of it") {
  Config config = sync_flush(50_ms);
  for (const bool uncommitted : {false, true}) {
    config.brokers[0].settings.readUnCommitted = uncommitted;
    BrokerBench bench(config);
    begin(bench);
    bench.send();
    bench.run_through(at_ms(1010));
    CHECK(visible_end(bench.broker(), TopicId(0), 0) == (uncommitted ? 1 : 0));
    bench.run_through(at_ms(1051));
    CHECK(visible_end(bench.broker(), TopicId(0), 0) == 1);
  }
  config.brokers[0].settings.readUnCommitted = false;
  config.brokers[0].profile = Profile::v4_9;
  BrokerBench old(config);
  begin(old);
  old.send();
  old.run_through(at_ms(1001));
  CHECK(visible_end(old.broker(), TopicId(0), 0) == 1);
}

TEST_CASE("ReputMessageService dispatches on a grid of 1 ms") {
  BrokerBench bench(BrokerBench::plain());
  begin(bench);
  bench.run_to(SimTime{1'003'400'000});
  bench.send();
  bench.send(1);
  bench.run(1_s);
  const auto released = bench.all(RecordKind::released);
  REQUIRE(released.size() == 2);
  CHECK(released[0].at == at_ms(1004));
  CHECK(released[1].at == at_ms(1004));
}

TEST_CASE("an unknown topic is created by a send, with the lesser number of queues, or refused") {
  Config config = BrokerBench::plain();
  config.topics[0].queues = 8;
  for (const bool automatic : {true, false}) {
    config.brokers[0].settings.autoCreateTopicEnable = automatic;
    BrokerBench bench(config);
    bench.broker().cache.topics[0] = 0;
    bench.send(0);
    bench.send(5);
    bench.run({});
    // TBW102 has 8 queues, but a client asks for 4 at most: queue 5 is illegal then.
    CHECK(statuses(bench) == (automatic ? std::vector{Status::SEND_OK, Status::MESSAGE_ILLEGAL}
                                        : std::vector{Status::TOPIC_NOT_EXIST, Status::TOPIC_NOT_EXIST}));
    CHECK(bench.broker().cache.topics[0] == (automatic ? 4 : 0));
  }
}

TEST_CASE("a body beyond maxMessageSize is illegal") {
  Config config = BrokerBench::plain();
  config.brokers[0].settings.maxMessageSize = 1000;
  BrokerBench bench(config);
  bench.send(0, 1001);
  bench.send(0, 1000);
  bench.run({});
  CHECK(statuses(bench) == std::vector{Status::MESSAGE_ILLEGAL, Status::SEND_OK});
}

TEST_CASE("one-way sends are stored and not answered, refused ones neither") {
  BrokerBench bench(BrokerBench::plain());
  bench.send(0, 256, true);
  bench.memory().stopping = true;
  bench.send(0, 256, true);
  bench.run({});
  CHECK(bench.answers.empty());
  CHECK(bench.broker().cache.log.size() == 1);
  CHECK(bench.count(RecordKind::refused) == 1);
}

TEST_CASE("the answer of a connection that is gone, or somebody else's by now, is dropped") {
  for (const bool reused : {false, true}) {
    BrokerBench bench(sync_flush());
    begin(bench);
    bench.send();
    network::Connection& connection = bench.world().network.connections[0];
    if (reused) ++connection.generation;
    if (!reused) connection.server_end = network::End::closed;
    bench.run(1_s);
    CHECK(bench.answers.empty());
    CHECK(bench.count(RecordKind::response_dropped) == 1);
    CHECK(bench.broker().cache.log.size() == 1);
  }
}

TEST_CASE("append stall: 4 threads block, the queue fails after 200 ms on the scan's grid") {
  BrokerBench bench(BrokerBench::plain());
  begin(bench);
  bench.run_to(at_ms(2500));
  bench.stall(true);
  bench.run_to(SimTime{2'503'000'000});
  for (int i = 0; i < 6; ++i) bench.send();
  bench.run_through(SimTime{2'705'000'000});
  CHECK(bench.answers.empty());
  bench.run_through(at_ms(2710));  // scans at 2 s + 10 ms k; 2.703 s is due with the next
  REQUIRE(statuses(bench) == std::vector{Status::SYSTEM_BUSY, Status::SYSTEM_BUSY});
  CHECK(bench.answers[0].at == at_ms(2710));
  CHECK(bench.state.agenda.empty());  // the threads wait without events
  bench.stall(false);
  bench.run({});
  CHECK(bench.answers.size() == 6);
  CHECK(bench.broker().cache.log.size() == 4);
}

TEST_CASE("append stall beyond osPageCacheBusyTimeOutMills: everybody is refused at once") {
  Config config = BrokerBench::plain();
  config.brokers[0].settings.waitTimeMillsInSendQueue = 5_s;
  BrokerBench bench(config);
  begin(bench);
  bench.run_to(at_ms(3005));
  bench.stall(true);
  for (int i = 0; i < 5; ++i) bench.send();
  bench.run_through(at_ms(4005));
  CHECK(bench.answers.empty());
  bench.run_through(at_ms(4010));
  REQUIRE(bench.answers.size() == 1);  // the one in the queue
  bench.send();
  bench.run({});
  CHECK(statuses(bench) == std::vector{Status::SYSTEM_BUSY, Status::SYSTEM_BUSY});
}

TEST_CASE("a graceful stop refuses sends, commits and flushes everything, and answers who waits") {
  Config config = sync_flush(20_ms);
  config.brokers[0].settings.transientStorePoolEnable = true;
  BrokerBench bench(config);
  begin(bench);
  bench.run_to(at_ms(1050));
  bench.send();
  auto context = bench.at_now();
  broker_stop(bench.world(), 0, context);
  CHECK(bench.broker().cache.committed == bench.memory().appended);
  bench.send();
  bench.run_through(at_ms(1049 + 3000));
  CHECK(statuses(bench) == std::vector{Status::SERVICE_NOT_AVAILABLE, Status::SEND_OK});
  CHECK(bench.broker().disk.abort_file);
  bench.run_through(at_ms(1050 + 3000));  // DefaultMessageStore.shutdown sleeps 3 s
  CHECK_FALSE(bench.broker().disk.abort_file);
  CHECK(bench.broker().disk.synced.records == 1);
}

TEST_CASE("every put status has its row") {
  std::size_t stored = 0;
  for (const PutRow& row : put_table) {
    CHECK_FALSE(row.source.empty());
    stored += row.stored;
  }
  CHECK(stored == 4);
  CHECK(row_of(PutStatus::OS_PAGE_CACHE_BUSY).response == Status::SYSTEM_BUSY);
  CHECK(row_of(PutStatus::IN_SYNC_REPLICAS_NOT_ENOUGH).response == Status::SYSTEM_ERROR);
}
