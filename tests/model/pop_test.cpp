// POP at the broker. It begins at 0, so all grids begin there: the timer wheel looks each 0.1 s, and the
// rounds of the one revive queue are, while nothing is to be read, (wait 1 s, scan 4.1 s, rest 1, 2, 3, 3 ...
// s)
//
//   0 - 6.1 s    6.1 - 13.2 s    13.2 - 21.3 s ... 53.7 - 61.8 s    61.8 s: scans from 62.8 s on
#include "model/rocketmq/pop.hpp"
#include "model/rocketmq/pop_table.hpp"
#include "tests/catch.hpp"
#include "tests/model/consuming_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

struct Bench : ConsumingBench {
  explicit Bench(Config c = popping()) : ConsumingBench(std::move(c)) {}

  static Config popping() {
    Config config = billing();
    for (PushConsumerConfig& member : config.push_consumers)
      member.messageRequestMode = MessageRequestMode::POP;
    config.brokers[0].settings.reviveQueueNum = 1;
    return config;
  }
  static Config buffering() {
    Config config = popping();
    config.brokers[0].settings.enablePopBufferMerge = true;
    return config;
  }

  void pop(std::uint16_t member = first_member) {
    Payload request;
    request.kind = PayloadKind::pop_message;
    request.queue = any_queue;
    request.size = 32;
    request.record = 60'000;
    auto context = at_now();
    request.offset = host::wall_clock(world(), broker().process, context).value;
    ask(member, request);
  }
  /// The messages of all pops that were answered with any.
  std::vector<PoppedMessage> popped() {
    std::vector<PoppedMessage> messages;
    for (const Answer& a : answered(PayloadKind::pop_response)) {
      if (a.payload.status != Status::PULL_FOUND) continue;
      const PopBatch& batch = world().pop_batches[a.payload.size];
      messages.insert(messages.end(), batch.messages.begin(), batch.messages.end());
    }
    return messages;
  }
  void settle(const PoppedMessage& message, PayloadKind kind = PayloadKind::ack_message, int seconds = 0) {
    Payload request;
    request.kind = kind;
    request.topic = message.key.topic;
    request.queue = message.key.queue;
    request.intent = message.intent;
    request.offset = message.offset();
    request.record = static_cast<std::uint32_t>(message.key.popped.value / 1'000'000);
    request.size = 60'000;
    request.sequence = message.place | static_cast<std::uint32_t>(seconds) << 8;
    ask(first_member, request);
  }
  std::vector<Duration> times(RecordKind kind) const {
    std::vector<Duration> found;
    for (const auto& record : all(kind)) found.push_back(record.at - SimTime{});
    return found;
  }
  std::int64_t retried() { return visible_end(broker(), pop_retry_topic(config, GroupId(0), TopicId(0)), 0); }
  bool nothing_pending() { return pops_idle(broker(), config) && timer_idle(broker(), config); }
  void crash() {
    kill();
    auto context = at_now();
    context.record(make_record(RecordKind::process_died, 0, static_cast<std::int64_t>(FaultKind::kill)));
  }
  sim::RowCoverage<pop_table> watched() const {
    PopMonitor monitor(config);
    for (const auto& record : recorder.records()) monitor.on(record.at, record.record);
    return monitor.coverage();
  }
};

/// An order sent at 2 s and popped at 2.5 s.
struct OneOut : Bench {
  explicit OneOut(Config c = popping()) : Bench(std::move(c)) {
    until(2_s);
    send_order();
    until(2500_ms);
    pop();
  }
};

}  // namespace

TEST_CASE("pop: a message goes to one pop, and the offset is committed with its checkpoint", "[pop]") {
  OneOut bench;
  bench.pop(ConsumingBench::second_member);
  REQUIRE(bench.popped().size() == 1);
  CHECK(bench.popped()[0].key.start == 0);
  CHECK(bench.committed() == 1);
  CHECK(bench.broker().cache.log.size() == 2);  // the order and its checkpoint
  CHECK_FALSE(bench.nothing_pending());
}

// Checkpoint: for 61.5 s, so in the slot of 61 s, which is over at 62 s. The scan that begins at 62.8 s reads
// it, and ends at its first look (each 0.1 s) beyond 64.5 s: 3 s after the checkpoint's time, 2 s after the
// revive time.
TEST_CASE("pop: what nobody acknowledges is revived", "[pop]") {
  OneOut bench;
  bench.until(70_s);
  CHECK(bench.times(RecordKind::pop_revived) == std::vector<Duration>{64600_ms});
  CHECK(bench.retried() == 1);
  CHECK(bench.nothing_pending());
  bench.pop();
  REQUIRE(bench.popped().size() == 2);
  CHECK(bench.popped()[1].times == 1);
  CHECK(bench.popped()[1].intent == bench.popped()[0].intent);
  bench.watched();
}

TEST_CASE("pop: what is acknowledged is not revived", "[pop]") {
  OneOut bench;
  bench.until(3_s);
  bench.settle(bench.popped()[0]);
  CHECK(bench.answered(PayloadKind::pop_settled).size() == 1);
  bench.until(61_s);
  CHECK_FALSE(bench.nothing_pending());  // the checkpoint is still in the timer wheel
  bench.until(80_s);
  CHECK(bench.count(RecordKind::pop_revived) == 0);
  CHECK(bench.nothing_pending());
  bench.watched();
}

// The new checkpoint: for 12 s, in the slot of 11 s, over at 12 s, when the service rests. It scans from 14.2
// s on, and ends beyond 15 s.
TEST_CASE("pop: another invisible time has a checkpoint of its own", "[pop]") {
  OneOut bench;
  bench.until(3_s);
  bench.settle(bench.popped()[0], PayloadKind::change_invisible_time, 10);
  bench.until(80_s);
  CHECK(bench.times(RecordKind::pop_revived) == std::vector<Duration>{15100_ms});
  CHECK(bench.count(RecordKind::pop_acked) == 1);
  CHECK(bench.retried() == 1);
  bench.watched();
}

TEST_CASE("pop: a pop that waits has a message as soon as it is readable, and else an answer after 14.95 s",
          "[pop]") {
  Bench bench;
  bench.until(2_s);
  bench.pop();
  bench.until(5_s);
  CHECK(bench.answered(PayloadKind::pop_response).empty());
  bench.send_order();
  bench.until(5010_ms);
  CHECK(bench.popped().size() == 1);
  bench.pop();
  bench.until(19940_ms);
  CHECK(bench.answered(PayloadKind::pop_response).size() == 1);
  bench.until(20_s);
  REQUIRE(bench.answered(PayloadKind::pop_response).size() == 2);
  CHECK(bench.answered(PayloadKind::pop_response)[1].payload.status == Status::PULL_NOT_FOUND);
}

// 5.3.3 looks up who waits by the name of the topic, and of a retry topic of version 1 nobody does.
TEST_CASE("pop: a revived message wakes nobody", "[pop]") {
  OneOut bench;
  bench.until(60_s);
  bench.pop();
  bench.until(74900_ms);
  CHECK(bench.count(RecordKind::pop_revived) == 1);
  CHECK(bench.popped().size() == 1);
  bench.until(75_s);  // the waiting pop looks for the last time
  CHECK(bench.popped().size() == 2);
}

TEST_CASE("pop: with the buffer an ack meets its checkpoint in memory", "[pop]") {
  OneOut bench(Bench::buffering());
  CHECK(bench.broker().cache.log.size() == 1);
  CHECK(bench.committed() == 0);  // getInitOffset
  bench.until(3_s);
  bench.settle(bench.popped()[0]);
  bench.until(3010_ms);
  CHECK(bench.committed() == 1);
  bench.until(80_s);
  CHECK(bench.broker().cache.log.size() == 1);
  CHECK(bench.nothing_pending());
  bench.watched();
}

// popCkStayBufferTime is 10 s; the scan looks each 5 ms.
TEST_CASE("pop: a checkpoint that nobody acknowledges leaves the buffer", "[pop]") {
  OneOut bench(Bench::buffering());
  bench.until(30_s);
  CHECK(bench.times(RecordKind::pop_stored) == std::vector<Duration>{12505_ms});
  CHECK(bench.committed() == 1);
  bench.until(70_s);
  CHECK(bench.count(RecordKind::pop_revived) == 1);
  bench.watched();
}

// consumerOffset.json is written at 10 s.
TEST_CASE("pop: a kill forgets the buffer, so the message is handed out again", "[pop]") {
  const auto handed_out = [](Config config) {
    OneOut bench(std::move(config));
    bench.until(12_s);
    bench.crash();
    bench.until(13_s);
    bench.restart();
    bench.connect(ConsumingBench::first_member);
    bench.pop();
    const std::size_t messages = bench.popped().size();
    bench.watched();
    return messages;
  };
  CHECK(handed_out(Bench::popping()) == 1);
  CHECK(handed_out(Bench::buffering()) == 2);
}

TEST_CASE("pop: a graceful stop stores what is in the buffer", "[pop]") {
  OneOut bench(Bench::buffering());
  bench.until(4_s);
  auto context = bench.at_now();
  broker_stop(bench.world(), 0, context);
  CHECK(bench.count(RecordKind::pop_stored) == 1);
  CHECK(bench.committed() == 1);
}

// reviveOffset is in consumerOffset.json, written at 10, 15 ... 60, 65 s; the message was revived at 64.6 s.
TEST_CASE("pop: a kill before the revive offset is written revives twice", "[pop]") {
  OneOut bench;
  bench.until(64800_ms);
  REQUIRE(bench.count(RecordKind::pop_revived) == 1);
  bench.crash();
  bench.until(66_s);
  bench.restart();
  bench.until(90_s);
  CHECK(bench.count(RecordKind::pop_revived) == 2);
  bench.watched();
}

TEST_CASE("pop: a kill behind that does not", "[pop]") {
  OneOut bench;
  bench.until(65500_ms);
  bench.crash();
  bench.until(67_s);
  bench.restart();
  bench.until(100_s);
  CHECK(bench.count(RecordKind::pop_revived) == 1);
  CHECK(bench.nothing_pending());
}

TEST_CASE("pop: an ack behind the revival changes nothing", "[pop]") {
  OneOut bench;
  bench.until(65_s);
  bench.settle(bench.popped()[0]);
  bench.until(80_s);
  CHECK(bench.count(RecordKind::pop_acked) == 1);
  CHECK(bench.retried() == 1);
  CHECK(bench.nothing_pending());
  bench.watched();
}

// reviveRetry fails, and so does the put of rePutCK, whose result nobody reads.
TEST_CASE("pop: what the store refuses to take back does not come again", "[pop]") {
  OneOut bench;
  bench.until(64_s);
  bench.world().brokers[0].memory.disk_full = true;
  bench.until(65_s);
  CHECK(bench.count(RecordKind::pop_not_revived) == 1);
  bench.world().brokers[0].memory.disk_full = false;
  bench.until(100_s);
  CHECK(bench.count(RecordKind::pop_revived) == 0);
  CHECK(bench.nothing_pending());
  bench.watched();
}

TEST_CASE("pop: an ack that the store refuses is answered with success", "[pop]") {
  OneOut bench;
  bench.world().brokers[0].memory.disk_full = true;
  bench.settle(bench.popped()[0]);
  REQUIRE(bench.answered(PayloadKind::pop_settled).size() == 1);
  CHECK(bench.answered(PayloadKind::pop_settled)[0].payload.status == Status::SEND_OK);
  bench.world().brokers[0].memory.disk_full = false;
  bench.until(70_s);
  CHECK(bench.count(RecordKind::pop_revived) == 1);
}

TEST_CASE("pop: while the append lock is held pops and acks wait", "[pop]") {
  OneOut bench;
  bench.send_order();
  bench.until(2600_ms);
  auto context = bench.at_now();
  broker_stall(bench.world(), 0, true, context);
  bench.settle(bench.popped()[0]);
  bench.pop();
  CHECK(bench.answered(PayloadKind::pop_settled).empty());
  CHECK(bench.popped().size() == 1);
  CHECK_FALSE(pops_idle(bench.broker(), bench.config));
  auto later = bench.at_now();
  broker_stall(bench.world(), 0, false, later);
  CHECK(bench.answered(PayloadKind::pop_settled).size() == 1);
  CHECK(bench.count(RecordKind::pop_acked) == 1);
  CHECK(bench.popped().size() == 2);
}

TEST_CASE("pop: without the timer wheel it is refused", "[pop]") {
  Config config = Bench::popping();
  config.brokers[0].settings.timerWheelEnable = false;
  OneOut bench(std::move(config));
  REQUIRE(bench.answered(PayloadKind::pop_response).size() == 1);
  CHECK(bench.answered(PayloadKind::pop_response)[0].payload.status == Status::SYSTEM_ERROR);
}

TEST_CASE("pop: the table knows no revival of what was acknowledged, unless its broker was disturbed",
          "[pop]") {
  const Config config = Bench::popping();
  const PopPlace at = place_in({GroupId(0), TopicId(0), 0, 7, WallTime(2'000'000'000)}, 0, 0);
  Duration clock{};
  const auto tell = [&](PopMonitor& monitor, RecordKind kind) {
    monitor.on(SimTime{} + clock, make_record(kind, 0, at.where, at.which));
  };
  const auto acknowledged = [&](PopMonitor& monitor) {
    tell(monitor, RecordKind::pop_stored);
    tell(monitor, RecordKind::pop_acked);
  };
  PopMonitor monitor(config);
  acknowledged(monitor);
  clock = 60_s;
  CHECK_THROWS_AS(tell(monitor, RecordKind::pop_revived), sim::BugError);
  PopMonitor crashed(config);
  clock = {};
  acknowledged(crashed);
  crashed.on(SimTime{}, make_record(RecordKind::process_died, 0, static_cast<std::int64_t>(FaultKind::kill)));
  CHECK_NOTHROW(tell(crashed, RecordKind::pop_revived));
  PopMonitor buffered(config);
  tell(buffered, RecordKind::pop_buffered);
  CHECK_THROWS_AS(tell(buffered, RecordKind::pop_revived), sim::BugError);
}

}  // namespace brokersim::model::rocketmq
