// CONSUMER_SEND_MSG_BACK: from the failed delivery over the delay level to the retry topic, or into the
// dead-letter queue. The broker begins at 0.
#include "model/rocketmq/retry_levels.hpp"
#include "tests/catch.hpp"
#include "tests/model/consuming_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Bench = ConsumingBench;

Status sent_back(Bench& bench) {
  return bench.answered(PayloadKind::send_back_response).back().payload.status;
}

/// One order in the log, record 0; the group is known.
Bench with_order(Config config = Bench::billing()) {
  Bench bench(std::move(config));
  bench.heartbeat(Bench::first_member);
  bench.until(1_s);
  bench.send_order();
  bench.run(10_ms);
  return bench;
}

std::uint32_t last_record(Bench& bench) {
  return static_cast<std::uint32_t>(bench.broker().cache.log.size() - 1);
}

/// Sends the message back as soon as it comes, until it is dead; the time from each to its return.
std::vector<Duration> gaps_until_dead(Bench& bench) {
  std::vector<Duration> gaps;
  std::uint32_t record = 0;
  while (bench.count(RecordKind::dead_lettered) == 0) {
    const SimTime begun = bench.state.now;
    bench.send_back(record);
    REQUIRE(sent_back(bench) == Status::SEND_OK);
    if (bench.count(RecordKind::dead_lettered) > 0) break;
    const std::size_t stored = bench.count(RecordKind::retry_stored);
    while (bench.count(RecordKind::retry_stored) == stored) bench.run(100_ms);
    gaps.push_back(bench.all(RecordKind::retry_stored).back().at - begun);
    record = last_record(bench);
  }
  return gaps;
}

void send_to_retry_topic(Bench& bench, std::uint32_t times, Mark mark = Mark::none) {
  Payload request;
  request.kind = PayloadKind::send_request;
  request.topic = retry_topic(bench.config, GroupId(0));
  request.intent = IntentId(0);
  request.record = times;
  request.attempt = static_cast<std::uint8_t>(first_retry_level + static_cast<std::int32_t>(times) - 1);
  request.sequence = bench.asked_max;
  request.mark = mark;
  request.size = 256;
  bench.ask(Bench::first_member, request);
}

}  // namespace

TEST_CASE("send back: 16 retries, each at its level, then the dead-letter queue") {
  Bench bench = with_order();
  const auto gaps = gaps_until_dead(bench);
  REQUIRE(gaps.size() == 16);
  Duration total{};
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    CAPTURE(i);
    CHECK(gaps[i] >= retry_levels[i].delay);
    CHECK(gaps[i] <= retry_levels[i].delay + 101_ms);
    total += retry_levels[i].delay;
  }
  CHECK(total == 4_h + 45_min + 40_s);
  const LogRecord& dead = bench.broker().cache.log[last_record(bench)];
  CHECK(kind_of(bench.config, dead.topic) == TopicKind::dead_letter);
  CHECK(dead.times == 17);
  CHECK(bench.broker().cache.topics[dead.topic.value] == 1);
  CHECK(bench.all(RecordKind::sent_back).back().record.b == -1);
}

TEST_CASE("send back: maxReconsumeTimes of the consumer decides") {
  Bench bench = with_order();
  bench.asked_max = 5;  // It comes with each request.
  CHECK(gaps_until_dead(bench).size() == 5);
}

TEST_CASE("send back: a level that the client names, and a negative one") {
  Bench bench = with_order();
  bench.send_back(0, 3);
  CHECK(bench.all(RecordKind::sent_back).back().record.b == 3);
  CHECK(bench.all(RecordKind::scheduled).back().record.a == 3 << 16);
  bench.send_back(0, 18);
  CHECK(bench.all(RecordKind::scheduled).back().record.a == 18 << 16);
  bench.send_back(0, -1);
  CHECK(bench.count(RecordKind::dead_lettered) == 1);
}

TEST_CASE("send back: the message keeps its intent, counts its retries and comes from the retry topic") {
  Bench bench = with_order();
  bench.send_back(0);
  bench.run(11_s);
  const TopicId retry = retry_topic(bench.config, GroupId(0));
  bench.pull_from(0, -1, retry);
  const Payload found = bench.answered(PayloadKind::pull_response).back().payload;
  REQUIRE(found.status == Status::PULL_FOUND);
  const Batch& batch = bench.world().batches[found.size];
  CHECK(batch.count == 1);
  CHECK(batch.intents[0] == IntentId(0));
  CHECK(batch.times[0] == 1);
  CHECK(batch.records[0] == last_record(bench));
}

TEST_CASE("send back: of a message that is not there: an error") {
  Bench bench = with_order();
  Payload request;
  request.kind = PayloadKind::send_back;
  request.record = 77;
  request.intent = IntentId(0);
  bench.ask(Bench::first_member, request);
  CHECK(sent_back(bench) == Status::SYSTEM_ERROR);
  CHECK(bench.count(RecordKind::sent_back) == 0);
}

// SendMessageProcessor executes both, in sendMessageExecutor.
TEST_CASE("send back: blocks in the append lock like a send, and is executed at its release, however late") {
  Bench bench = with_order();
  bench.stall(true);
  bench.run(900_ms);
  bench.send_back(0);
  bench.run(200_ms);
  const std::size_t answers = bench.answered(PayloadKind::send_back_response).size();
  CHECK(answers == 0);
  bench.send_back(0);  // the lock has been held for more than a second
  CHECK(sent_back(bench) == Status::SYSTEM_BUSY);
  bench.run(10_s);
  CHECK(bench.count(RecordKind::sent_back) == 0);
  bench.stall(false);
  bench.run({});
  CHECK(sent_back(bench) == Status::SEND_OK);
  CHECK(bench.count(RecordKind::sent_back) == 1);
}

TEST_CASE("send back: shares the threads of sends and their 200 ms in the queue") {
  Bench bench = with_order();
  bench.stall(true);
  for (int i = 0; i < 3; ++i) bench.send_back(0);
  bench.send_order();  // takes the fourth thread
  bench.send_back(0);
  bench.run(199_ms);
  CHECK(bench.answered(PayloadKind::send_back_response).empty());
  bench.run(11_ms);
  REQUIRE(bench.answered(PayloadKind::send_back_response).size() == 1);
  CHECK(sent_back(bench) == Status::SYSTEM_BUSY);
  bench.stall(false);
  bench.run({});
  CHECK(bench.count(RecordKind::sent_back) == 3);
}

TEST_CASE("send back: the answer takes its time, so a crash may fall between") {
  Config config = Bench::billing();
  config.brokers[0].answer_time = Distribution::constant(1_ms);
  Bench bench = with_order(config);
  bench.send_back(0);
  CHECK(bench.count(RecordKind::scheduled) == 1);
  CHECK(bench.answered(PayloadKind::send_back_response).empty());
  bench.kill();
  bench.run(1_s);
  CHECK(bench.answered(PayloadKind::send_back_response).empty());
}

TEST_CASE(
    "send back: a plain send to the retry topic is delayed alike, waits for the flush, and is no send of "
    "the producer's") {
  Config config = Bench::billing();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  Bench bench = with_order(config);
  bench.run(1_s);
  const std::size_t answers = bench.answered(PayloadKind::send_response).size();
  send_to_retry_topic(bench, 3);  // delivered twice before: reconsumeTimes 2, so level 5
  CHECK(bench.all(RecordKind::scheduled).back().record.a == 5 << 16);
  CHECK(bench.answered(PayloadKind::send_response).size() == answers);  // the sync takes 2 ms
  bench.run(20_ms);
  CHECK(bench.answered(PayloadKind::send_response).back().payload.status == Status::SEND_OK);
  CHECK(bench.count(RecordKind::answered) == 1);  // the order's own
  bench.run(61_s);
  CHECK(bench.broker().cache.log[last_record(bench)].times == 3);
  CHECK(bench.count(RecordKind::retry_stored) == 1);
}

TEST_CASE("send back: a plain send beyond the maximum is dead") {
  Bench bench = with_order();
  send_to_retry_topic(bench, 16);  // the last retry
  CHECK(bench.all(RecordKind::scheduled).back().record.a == 18 << 16);
  send_to_retry_topic(bench, 17);
  CHECK(bench.count(RecordKind::dead_lettered) == 1);
}

// handleRetryAndDLQ (4.9.8): reconsumeTimes >= maxReconsumeTimes, and the level of the request stays.
TEST_CASE("send back: in 4.9 a plain send is dead one delivery earlier, after its delay") {
  Bench bench = with_order(Bench::billing(Profile::v4_9));
  bench.asked_max = 3;
  send_to_retry_topic(bench, 2);
  bench.run(31_s);  // the level of the second retry, 4
  CHECK(bench.count(RecordKind::retry_stored) == 1);
  send_to_retry_topic(bench, 3);
  CHECK(bench.all(RecordKind::scheduled).back().record.a == 5 << 16);
  CHECK(bench.count(RecordKind::dead_lettered) == 0);
  bench.run(61_s);
  CHECK(bench.count(RecordKind::dead_lettered) == 1);
  CHECK(bench.count(RecordKind::retry_stored) == 1);
}

TEST_CASE("send back: in 5.3 a plain send with the maximum is retried once more") {
  Bench bench = with_order();
  bench.asked_max = 3;
  send_to_retry_topic(bench, 3);
  bench.run(61_s);
  CHECK(bench.count(RecordKind::retry_stored) == 1);
  send_to_retry_topic(bench, 4);
  CHECK(bench.count(RecordKind::dead_lettered) == 1);
}

// CONSUMER_SEND_MSG_BACK has put WAIT=false among the properties, which the client's own send copies.
TEST_CASE("send back: what came back before does not wait for the flush") {
  Config config = Bench::billing();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  Bench bench = with_order(config);
  bench.run(1_s);
  bench.send_back(0);
  bench.run(11_s);
  CHECK_FALSE(bench.broker().cache.log[last_record(bench)].waits);
  const std::size_t answers = bench.answered(PayloadKind::send_response).size();
  send_to_retry_topic(bench, 2, Mark::no_wait);
  CHECK(bench.answered(PayloadKind::send_response).size() == answers + 1);  // the sync takes 2 ms
}

TEST_CASE("send back: a plain send creates a retry topic that was lost, with its one queue") {
  Bench bench = with_order();
  const TopicId retry = retry_topic(bench.config, GroupId(0));
  bench.broker().cache.topics[retry.value] = 0;
  send_to_retry_topic(bench, 1);
  CHECK(bench.broker().cache.topics[retry.value] == 1);
  CHECK(bench.count(RecordKind::scheduled) == 1);
}

}  // namespace brokersim::model::rocketmq
