// Consumers in MessageRequestMode POP. The broker is up since 0; orders are sent from 5 s on.
#include "model/rocketmq/pop_table.hpp"
#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {
namespace {

Config popping(std::size_t members = 1, std::int64_t messages = 10) {
  Config config = PushLab::config(members, messages);
  for (PushConsumerConfig& member : config.push_consumers)
    member.messageRequestMode = MessageRequestMode::POP;
  return config;
}

struct Lab : PushLab {
  explicit Lab(Config c, Duration until) : PushLab(std::move(c), until) {
    rocketmq::PopMonitor monitor(run.simulation.config());
    for (const sim::StampedRecord& r : run.recorder.records()) monitor.on(r.at, r.record);
  }
  /// The pauses between the deliveries of an intent.
  std::vector<Duration> pauses(std::uint32_t intent) const {
    const std::vector<Duration> all = times(RecordKind::consume_begun, intent);
    std::vector<Duration> found;
    for (std::size_t i = 1; i < all.size(); ++i) found.push_back(all[i] - all[i - 1]);
    return found;
  }
};

/// What is due after `invisible` comes within: a second until the timer wheel has its checkpoint in the
/// revive queue, 2 s that the scan waits, at most 4 s of a round that has begun, and 15 s that a pop waits
/// which nobody wakes.
bool is_within(Duration pause, Duration invisible) {
  return pause >= invisible + 2_s && pause <= invisible + 22_s;
}

}  // namespace

TEST_CASE("push pop: every message is processed once, and acknowledged", "[pop][push]") {
  const Lab lab(popping(2, 40), 100_s);
  CHECK(lab.once_each(40));
  CHECK(lab.count(RecordKind::pop_acked) == 40);
  CHECK(lab.count(RecordKind::pop_revived) == 0);
  CHECK(drained(lab.world(), lab.run.simulation.config()));
}

TEST_CASE("push pop: what a dead member had comes again after its invisible time", "[pop][push]") {
  Config config = popping(2, 20);
  for (PushConsumerConfig& member : config.push_consumers) member.work.time = Distribution::constant(10_s);
  config.faults.push_back(PushLab::fault(9_s, FaultKind::kill, push_consumer_process(config, 0)));
  const Lab lab(std::move(config), 130_s);
  CHECK(lab.once_each(20));  // no effect at 9 s yet: the first is due at 15 s
  CHECK(lab.count(RecordKind::pop_revived) > 0);
  for (std::uint32_t intent = 0; intent < 20; ++intent) {
    for (const Duration pause : lab.pauses(intent)) CHECK(is_within(pause, 60_s));
  }
}

TEST_CASE("push pop: a listener that fails has it again after 10 s, 30 s, 60 s", "[pop][push]") {
  Config config = popping(1, 1);
  config.push_consumers[0].work.fails_first = 3;
  const Lab lab(std::move(config), 240_s);
  const std::vector<Duration> pauses = lab.pauses(0);
  REQUIRE(pauses.size() == 3);
  CHECK(is_within(pauses[0], 10_s));
  CHECK(is_within(pauses[1], 30_s));
  CHECK(is_within(pauses[2], 60_s));
  CHECK(lab.once_each(1));
}

TEST_CASE("push pop: a result behind popInvisibleTime is not heard", "[pop][push]") {
  Config config = popping(1, 1);
  config.push_consumers[0].work.time = Distribution::constant(20_s);
  config.push_consumers[0].settings.popInvisibleTime = 15_s;
  const Lab lab(std::move(config), 60_s);
  CHECK(lab.count(RecordKind::result_ignored) >= 1);
  CHECK(lab.count(RecordKind::pop_acked) == 0);
  CHECK(lab.effects().at(0) >= 2);
}

// One thread and 20 s of work: the second message of the pop has waited 20 s when its turn comes.
TEST_CASE("push pop: what has waited too long in the client is not consumed", "[pop][push]") {
  Config config = popping(1, 2);
  config.producers[0].threads = 2;
  config.push_consumers[0].work.time = Distribution::constant(20_s);
  config.push_consumers[0].settings.popInvisibleTime = 15_s;
  config.push_consumers[0].settings.consumeThreadMin = config.push_consumers[0].settings.consumeThreadMax = 1;
  const Lab lab(std::move(config), 28_s);
  CHECK(lab.count(RecordKind::pop_aborted) == 1);
  CHECK(lab.count(RecordKind::consume_begun) == 1);
}

// maxReconsumeTimes 1: the second failure comes when the order is some 15 s old: of popDelayLevel that is
// beyond 10 s and not yet 30 s, so it is put off by 30 s. Then it has been revived twice, which is more than
// once: the client acknowledges it as soon as it has popped it.
TEST_CASE(
    "push pop: behind maxReconsumeTimes it is popped once more and dropped, and nothing becomes a dead "
    "letter",
    "[pop][push]") {
  Config config = popping(1, 1);
  config.push_consumers[0].work.poison_chance = 1;
  config.push_consumers[0].settings.maxReconsumeTimes = 1;
  const Lab lab(std::move(config), 120_s);
  const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
  const std::vector<Duration> dropped = lab.times(RecordKind::pop_dropped, 0);
  REQUIRE(begun.size() == 2);
  CHECK(is_within(begun[1] - begun[0], 10_s));
  REQUIRE(dropped.size() == 1);
  CHECK(is_within(dropped[0] - begun[1], 30_s));
  CHECK(lab.count(RecordKind::pop_acked) == 1 + 2);
  CHECK(lab.count(RecordKind::dead_lettered) == 0);
}

// 16 retries take 10 + 30 + 60 ... + 7200 s: 4 h 45 min 40 s. Each adds up to 22 s.
TEST_CASE("push pop: the last retry is acknowledged and gone", "[pop][push]") {
  Config config = popping(1, 1);
  config.push_consumers[0].work.poison_chance = 1;
  const Lab lab(std::move(config), 18'000_s);
  CHECK(lab.times(RecordKind::consume_begun, 0).size() == 17);
  CHECK(lab.count(RecordKind::pop_dropped) == 1);
  CHECK(lab.count(RecordKind::dead_lettered) == 0);
  CHECK(drained(lab.world(), lab.run.simulation.config()));
}

// maxReconsumeTimes 0: at the first failure the order is no 10 s old, and popDelayLevel[-1] ends the
// listener's thread: nothing is asked of the broker, and the 60 s of the pop hold. Revived once, it is
// dropped.
TEST_CASE("push pop: an order younger than the first level is left to popInvisibleTime", "[pop][push]") {
  Config config = popping(1, 1);
  config.push_consumers[0].work.fails_first = 1;
  config.push_consumers[0].settings.maxReconsumeTimes = 0;
  const Lab lab(std::move(config), 100_s);
  const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
  const std::vector<Duration> dropped = lab.times(RecordKind::pop_dropped, 0);
  REQUIRE(begun.size() == 1);
  REQUIRE(dropped.size() == 1);
  CHECK(is_within(dropped[0] - begun[0], 60_s));
}

// Both checkpoints of a message that fails within the millisecond of its pop have the same popTime.
TEST_CASE("push pop: a listener may fail at once", "[pop][push]") {
  Config config = popping(1, 5);
  config.push_consumers[0].work.fails_first = 1;
  config.push_consumers[0].work.time = Distribution::constant(Duration{});
  const Lab lab(std::move(config), 100_s);
  CHECK(lab.once_each(5));
}

TEST_CASE("push pop: nothing more is popped while popThresholdForQueue messages wait", "[pop][push]") {
  Config config = popping(1, 60);
  config.push_consumers[0].settings.popThresholdForQueue = 10;
  config.push_consumers[0].settings.consumeThreadMin = config.push_consumers[0].settings.consumeThreadMax = 1;
  config.push_consumers[0].work.time = Distribution::constant(10_s);
  const Lab lab(std::move(config), 14_s);
  const std::int32_t waiting = lab.memory().queues[0].unacknowledged;
  CHECK(waiting > 10);
  CHECK(waiting <= 10 + 32);
}

}  // namespace brokersim::model
