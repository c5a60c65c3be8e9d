// Messages that a producer delays: what a broker makes of setDelayTimeLevel. No group of consumers takes
// part. The broker begins at 0: its levels poll at 1.0, 1.1, 1.2 ... s and their offsets are written at 10,
// 20 ... s.
#include "tests/catch.hpp"
#include "tests/model/broker_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

Config delaying(Profile profile = Profile::v5_3) {
  Config config = BrokerBench::plain();
  config.brokers[0].profile = profile;
  config.producers.resize(1);
  config.producers[0].delay_level = 1;
  return config;
}

struct Bench : BrokerBench {
  explicit Bench(Config c = delaying()) : BrokerBench(std::move(c)) { restart(); }

  void until(Duration time) { run_through(SimTime{} + time); }
  IntentId send_on(std::uint32_t level, std::uint16_t queue = 0) {
    Payload request;
    request.kind = PayloadKind::send_request;
    request.queue = queue;
    request.size = 256;
    request.record = level;
    request.intent = IntentId(intents++);
    receive(request);
    return request.intent;
  }
  std::vector<Duration> times(RecordKind kind) const {
    std::vector<Duration> found;
    for (const auto& record : all(kind)) found.push_back(record.at - SimTime{});
    return found;
  }
};

}  // namespace

TEST_CASE("delayed send: it waits on its level and comes to its own queue, without any consumer") {
  Bench bench(delaying(GENERATE(Profile::v5_3, Profile::v4_9)));
  bench.until(2_s);
  bench.send_on(2, 3);
  bench.until(6900_ms);
  CHECK(bench.count(RecordKind::scheduled) == 1);
  CHECK(bench.count(RecordKind::appended) == 0);
  CHECK_FALSE(delays_idle(bench.broker(), bench.config));
  bench.until(8_s);
  REQUIRE(bench.times(RecordKind::appended) == std::vector<Duration>{7_s});
  const LogRecord& copy = bench.broker().cache.log.back();
  CHECK(copy.topic == TopicId(0));
  CHECK(copy.queue == 3);
  CHECK_FALSE(copy.waits);  // messageTimeUp: setWaitStoreMsgOK(false)
  CHECK(delays_idle(bench.broker(), bench.config));
}

TEST_CASE("delayed send: a level beyond the highest is the highest") {
  Bench bench;
  bench.config.brokers[0].settings.messageDelayLevel = {1_s, 3_s};
  bench.restart();
  bench.until(2_s);
  bench.send_on(18);
  bench.until(10_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{5_s});
}

TEST_CASE("delayed send: the answer waits for the flush of the scheduled message, not for its delivery") {
  Config config = delaying();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  Bench bench(std::move(config));
  bench.until(2_s);
  bench.send_on(1);
  bench.until(2_s + 1_ms);
  CHECK(bench.answers.empty());  // a sync takes 2 ms
  bench.until(2_s + 20_ms);
  REQUIRE(bench.answers.size() == 1);
  CHECK(bench.answers[0].payload.status == Status::SEND_OK);
  bench.until(4_s);
  CHECK(bench.count(RecordKind::appended) == 1);
}

TEST_CASE(
    "delayed send: a kill delivers again what fell due since the file, and at once what fell due meanwhile") {
  Bench bench;
  bench.until(8_s);
  bench.send_on(1);  // delivered at 9 s, in the file at 10 s
  bench.until(11_s);
  bench.send_on(1);  // delivered at 12 s, in no file
  bench.until(13500_ms);
  bench.send_on(1);  // due at 14.5 s
  bench.until(14_s);
  bench.kill();
  bench.until(20_s);
  bench.restart();
  bench.until(30_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{9_s, 12_s, 21_s, 21_s});
}

TEST_CASE("delayed send: a power loss tells that a message was on no disk while it waited") {
  Bench bench;
  bench.until(2_s);
  const IntentId order = bench.send_on(3);
  bench.until(2_s + 50_ms);
  bench.lose_power();
  const auto lost = bench.all(RecordKind::scheduled_lost);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].record.subject == order.value);
  CHECK(static_cast<LossKind>(lost[0].record.a >> 16) == LossKind::unflushed_tail);
  CHECK(bench.count(RecordKind::returned_lost) == 0);
  CHECK(bench.count(RecordKind::copy_lost) == 0);
}

TEST_CASE("delayed send: where nobody delays, no level is set up") {
  Config config = delaying();
  config.producers[0].delay_level = 0;
  Bench bench(std::move(config));
  CHECK(bench.memory().delays.levels.empty());
}

}  // namespace brokersim::model::rocketmq
