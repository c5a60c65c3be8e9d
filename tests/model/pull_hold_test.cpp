// A push consumer's pulls: found, moved, held. The broker begins at 0, so PullRequestHoldService looks at 5,
// 10, 15 ... s.
#include "tests/catch.hpp"
#include "tests/model/consuming_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Bench = ConsumingBench;

std::vector<Answer> pulled(Bench& bench) { return bench.answered(PayloadKind::pull_response); }

/// When a pull of an empty queue at `time` is told that there is nothing.
Duration held_until(Duration time) {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  bench.until(time);
  bench.pull_from(0);
  bench.until(time + 30_s);
  const auto answers = pulled(bench);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].payload.status == Status::PULL_NOT_FOUND);
  CHECK(bench.broker_events == 1);  // loops that answer nobody are not events
  return bench.elapsed(answers[0].at);
}

}  // namespace

TEST_CASE("pull hold: 15 s, then the next loop of 5 s") {
  CHECK(held_until(2_s) == 20_s);
  CHECK(held_until(4999_ms) == 20_s);
  CHECK(held_until(5_s) == 20_s);
  CHECK(held_until(5001_ms) == 25_s);
}

TEST_CASE("pull hold: an arrival answers at once, and then nothing is left to do") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  bench.until(2_s);
  bench.pull_from(0);
  bench.until(7_s);
  bench.send_order();
  bench.until(7100_ms);
  const auto answers = pulled(bench);
  REQUIRE(answers.size() == 1);
  const Payload found = answers[0].payload;
  CHECK(found.status == Status::PULL_FOUND);
  CHECK(found.offset == 1);
  CHECK(bench.elapsed(answers[0].at) <= 7001_ms);
  const Batch& batch = bench.world().batches[found.size];
  CHECK(batch.count == 1);
  CHECK(batch.records[0] == 0);
  CHECK(batch.times[0] == 0);
  CHECK_FALSE(bench.memory().hold_timer.armed);
}

TEST_CASE("pull hold: without long polling the loop is each second, and finds arrivals too") {
  Config config = Bench::billing();
  config.brokers[0].settings.longPollingEnable = false;
  Bench empty(config);
  empty.heartbeat(Bench::first_member);
  empty.until(300_ms);
  empty.pull_from(0);
  empty.until(10_s);
  REQUIRE(pulled(empty).size() == 1);
  CHECK(empty.elapsed(pulled(empty)[0].at) == 2_s);  // held until 1.3 s

  Bench fed(config);
  fed.heartbeat(Bench::first_member);
  fed.until(300_ms);
  fed.pull_from(0);
  fed.send_order();
  fed.until(10_s);
  REQUIRE(pulled(fed).size() == 1);
  CHECK(pulled(fed)[0].payload.status == Status::PULL_FOUND);
  CHECK(fed.elapsed(pulled(fed)[0].at) == 1_s);
}

TEST_CASE("pull hold: a pull commits its offset when it comes, whatever it finds, and not when it is woken") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  bench.pull_from(0, 0);
  CHECK(bench.committed() == 0);
  bench.commit(9);
  bench.send_order();
  bench.run(10_ms);
  REQUIRE(pulled(bench).size() == 1);
  CHECK(bench.committed() == 9);
  bench.pull_from(99, 4);  // moved
  CHECK(bench.committed() == 4);
  bench.pull_from(0);
  CHECK(bench.committed() == 4);
  CHECK(bench.count(RecordKind::offset_committed) == 3);
}

TEST_CASE("pull hold: a refused pull commits nothing") {
  Bench bench;
  bench.pull_from(0, 3);
  CHECK(pulled(bench).back().payload.status == Status::SUBSCRIPTION_NOT_EXIST);
  CHECK(bench.committed() == -1);
}

TEST_CASE("pull hold: too far, or before the beginning: told where to go on") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  bench.pull_from(7);
  CHECK(pulled(bench).back().payload.status == Status::PULL_OFFSET_MOVED);
  CHECK(pulled(bench).back().payload.offset == 0);
  bench.send_order();
  bench.run(10_ms);
  bench.pull_from(7);
  CHECK(pulled(bench).back().payload.offset == 1);
  bench.pull_from(-1);
  CHECK(pulled(bench).back().payload.status == Status::PULL_OFFSET_MOVED);
  CHECK(pulled(bench).back().payload.offset == 0);
}

TEST_CASE("pull hold: the checks in their order") {
  Bench bench;
  bench.broker().cache.topics[0] = 0;
  bench.pull_from(0);
  CHECK(pulled(bench).back().payload.status == Status::TOPIC_NOT_EXIST);
  bench.broker().cache.topics[0] = 1;
  bench.pull_from(0);
  CHECK(pulled(bench).back().payload.status == Status::SUBSCRIPTION_NOT_EXIST);
  bench.heartbeat(Bench::first_member);
  bench.pull_from(0, -1, TopicId(1));
  CHECK(pulled(bench).back().payload.status == Status::SUBSCRIPTION_NOT_EXIST);
}

TEST_CASE("pull hold: who is woken is checked again") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  bench.pull_from(0);
  bench.memory().clients.consumers[0].subscription.clear();
  bench.send_order();
  bench.run(10_ms);
  REQUIRE(pulled(bench).size() == 1);
  CHECK(pulled(bench)[0].payload.status == Status::SUBSCRIPTION_NOT_EXIST);
}

TEST_CASE("pull hold: a closed connection takes its pulls and their loop along") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  bench.pull_from(0);
  CHECK(bench.memory().hold_timer.armed);
  bench.close(Bench::first_member);
  CHECK(bench.memory().suspended.empty());
  CHECK_FALSE(bench.memory().hold_timer.armed);
}

// isTheBatchFull. A record is 486 bytes (docs/model-rocketmq.md: 256 of body, 5.3); the first always goes.
TEST_CASE("pull: the broker limits a batch by its records and by their bytes") {
  const auto got = [](auto edit) {
    Config config = Bench::billing();
    edit(config.brokers[0].settings);
    Bench bench(config);
    bench.heartbeat(Bench::first_member);
    for (int i = 0; i < 40; ++i) bench.send_order();
    bench.run(1_s);
    bench.pull_from(0);
    const Payload found = pulled(bench).back().payload;
    REQUIRE(found.status == Status::PULL_FOUND);
    const Batch& batch = bench.world().batches[found.size];
    CHECK(found.offset == batch.count);
    CHECK(batch.sizes[0] == 256);
    return int{batch.count};
  };
  CHECK(got([](BrokerSettings&) {}) == 32);
  CHECK(got([](BrokerSettings& s) { s.maxTransferCountOnMessageInMemory = 5; }) == 5);
  CHECK(got([](BrokerSettings& s) { s.maxTransferBytesOnMessageInMemory = 3 * 486; }) == 3);
  CHECK(got([](BrokerSettings& s) { s.maxTransferBytesOnMessageInMemory = 3 * 486 - 1; }) == 2);
  CHECK(got([](BrokerSettings& s) { s.maxTransferBytesOnMessageInMemory = 1; }) == 1);
}

}  // namespace brokersim::model::rocketmq
