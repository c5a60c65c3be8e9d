// Orderly consumption against real brokers, every network delay 1 ms, a message in work for 2 ms.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {
namespace {

const ProcessId first{2}, second{3};

Config orderly(std::size_t members, std::int64_t messages, std::int32_t queues = 1,
               Profile profile = Profile::v5_3) {
  Config config = PushLab::config(members, messages, queues);
  for (BrokerConfig& broker : config.brokers) broker.profile = profile;
  for (PushConsumerConfig& consumer : config.push_consumers) {
    consumer.profile = profile;
    consumer.listener = Listener::orderly;
    consumer.work.fail_result = FailResult::suspend;
  }
  return config;
}

/// Effects in the order in which they were applied.
std::vector<std::uint32_t> order(const PushLab& lab) { return lab.run.subjects(RecordKind::processed); }

bool is_sorted(const PushLab& lab) {
  const std::vector<std::uint32_t> all = order(lab);
  return std::is_sorted(all.begin(), all.end());
}

std::vector<Duration> assigned(const PushLab& lab, ProcessId consumer) {
  return lab.run.times(RecordKind::queue_assigned, consumer.value);
}

}  // namespace

TEST_CASE("orderly: one after the other, each once, and its offset goes to the broker") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    const PushLab lab(orderly(2, 100, 4, profile), 40_s);
    CHECK(lab.once_each(100));
    CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
    CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 1));
    const auto& broker = lab.world().brokers[0];
    const std::size_t orders = broker.memory.first_queue[0];
    for (std::size_t queue = 0; queue < 4; ++queue) CHECK(broker.memory.offsets[orders + queue] == 25);
  }
}

// 20 threads, and yet one message of a queue at a time: 1,000/s come, 500/s are done.
TEST_CASE("orderly: a queue has one thread at a time") {
  Config config = orderly(1, 500);
  config.producers[0].rate = 1000;
  const PushLab lab(config, 30_s);
  CHECK(lab.once_each(500));
  CHECK(is_sorted(lab));
  const std::vector<Duration> done = lab.run.times(RecordKind::processed);
  CHECK((done.back() - done.front()).ns == (2_ms * 499).ns);
}

// suspendCurrentQueueTimeMillis is 1 s, and what lies behind waits with it. A thread of the pool takes no
// time of its own here, nor does the scheduled one.
TEST_CASE("orderly: what fails is consumed again after a second, and the queue waits") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = orderly(1, 3, 1, profile);
    config.push_consumers[0].work.fails_first = 2;
    const PushLab lab(config, 30_s);
    const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
    REQUIRE(begun.size() == 3);
    CHECK(begun[1] - begun[0] == 2_ms + 1_s);
    CHECK(begun[2] - begun[1] == 2_ms + 1_s);
    CHECK(lab.times(RecordKind::consume_begun, 1).at(0) == begun[2] + 2_ms);
    CHECK(order(lab) == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(lab.count(RecordKind::sent_back) == 0);
  }
}

// ConsumeMessageOrderlyService.submitConsumeRequestLater.
TEST_CASE("orderly: a suspension is 10 ms at the least and 30 s at the most") {
  for (const auto& [asked, is] : {std::pair{0_ms, 10_ms}, std::pair{90_s, 30_s}, std::pair{2_s, 2_s}}) {
    Config config = orderly(1, 1);
    config.push_consumers[0].work.fails_first = 1;
    config.push_consumers[0].settings.suspendCurrentQueueTimeMillis = asked;
    const PushLab lab(config, 60_s);
    const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
    REQUIRE(begun.size() == 2);
    CHECK(begun[1] - begun[0] == 2_ms + is);
  }
}

TEST_CASE("orderly: by default a poison message holds its queue up for ever") {
  Config config = orderly(1, 2);
  config.push_consumers[0].work.fails_first = 1'000'000;
  const PushLab lab(config, 400_s);
  CHECK(lab.times(RecordKind::consume_begun, 0).size() > 350);
  CHECK(lab.times(RecordKind::consume_begun, 1).empty());
  CHECK(lab.count(RecordKind::dead_lettered) == 0);
}

// Delivered 1 + maxReconsumeTimes times, then sent to the retry topic, of which 5.3 makes a dead letter at
// once. 4.9 lets it take its delay: level 3 + reconsumeTimes (ConsumeMessageOrderlyService.sendMessageBack
// counts nothing up there), so level 5, a minute, and at most one poll.
TEST_CASE("orderly: beyond maxReconsumeTimes it is a dead letter, and the queue goes on") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = orderly(1, 2, 1, profile);
    config.push_consumers[0].work.poison_chance = 1;
    config.push_consumers[0].settings.maxReconsumeTimes = 2;
    const PushLab lab(config, 100_s);
    CHECK(lab.times(RecordKind::consume_begun, 0).size() == 3);
    CHECK(lab.times(RecordKind::consume_begun, 1).size() == 3);
    const std::vector<Duration> dead = lab.times(RecordKind::dead_lettered, 0);
    REQUIRE(dead.size() == 1);
    const Duration given_up = lab.times(RecordKind::given_up, 0).at(0);
    CHECK(lab.times(RecordKind::consume_begun, 1).at(0) == given_up);
    const Duration delay = profile == Profile::v5_3 ? -1_ms : 60_s - 1_ms;
    CHECK(dead[0] >= given_up + delay);
    CHECK(dead[0] <= given_up + delay + 100_ms);
  }
}

// The lock was renewed at 21.001 s (lockMQPeriodically: 1 s, then each 20 s), so the broker keeps it
// until 81.001 s. 5.3 asks once a second (RebalanceService.minInterval); 4.9 each 20 s.
TEST_CASE("orderly: the queue of a dead consumer is blocked for 60 s from its last renewal") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = orderly(2, 2000, 1, profile);
    config.faults.push_back(PushLab::fault(30_s, FaultKind::kill, first));
    const PushLab lab(config, 210_s);
    const std::vector<Duration> taken = assigned(lab, second);
    REQUIRE(!taken.empty());
    // Its retry topic's queue may have come before: the one that counts is the last.
    const Duration at = taken.back();
    CHECK(at > 81001_ms);
    CHECK(at < 81001_ms + (profile == Profile::v5_3 ? 1100_ms : 20100_ms));
    CHECK(is_sorted(lab));
    CHECK(lab.effects().size() == 2000);
  }
}

// clientId has the pid in it: the next life of the only consumer is a stranger.
TEST_CASE("orderly: a restarted consumer waits for the lock of its former life") {
  Config config = orderly(1, 500);
  config.faults.push_back(restoring(PushLab::fault(30_s, FaultKind::kill, first), 1_s));
  const PushLab lab(config, 120_s);
  CHECK(assigned(lab, first).back() > 81001_ms);
  CHECK(lab.effects().size() == 500);
}

TEST_CASE("orderly: a graceful stop gives the locks back") {
  Config config = orderly(2, 500);
  config.faults.push_back(PushLab::fault(30_s, FaultKind::stop, first));
  const PushLab lab(config, 40_s);
  CHECK(assigned(lab, second).back() < 32_s);
  CHECK(lab.effects().size() >= 340);
  CHECK(is_sorted(lab));
}

// ProcessQueue.isLockExpired: 30 s after the renewal of 21.001 s the listener gets nothing more, though
// plenty is cached; the broker is silent from 25 s to 80 s, so nobody renews it.
TEST_CASE("orderly: without the master consumption stalls within 30 s") {
  Config config = orderly(1, 1000);
  config.producers[0].rate = 500;
  config.push_consumers[0].work.time = Distribution::constant(100_ms);
  config.faults.push_back(restoring(PushLab::fault(25_s, FaultKind::pause, broker0), 55_s));
  const PushLab lab(config, 160_s);
  const std::vector<Duration> begun = lab.run.times(RecordKind::consume_begun);
  const auto in = [&](Duration from, Duration to) {
    return std::count_if(begun.begin(), begun.end(), [&](Duration at) { return at >= from && at < to; });
  };
  CHECK(in(25_s, 51_s) > 250);
  CHECK(in(51_s + 200_ms, 80_s) == 0);
  CHECK(in(80_s, 160_s) > 400);
  CHECK(is_sorted(lab));
}

// RebalancePushImpl.tryRemoveOrderMessageQueue: a second member joins while a message of its queue takes 300
// ms.
TEST_CASE("orderly: a queue changes hands between two messages") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = orderly(2, 200, 2, profile);
    config.push_consumers[0].work.time = config.push_consumers[1].work.time = Distribution::constant(150_ms);
    config.push_consumers[1].start_at = 12_s;
    const PushLab lab(config, 90_s);
    CHECK(lab.effects().size() == 200);
    CHECK(!assigned(lab, second).empty());
    // Who takes over begins when the last message has left the listener: its effect is repeated at the most.
    std::map<std::uint32_t, Duration> last;
    for (std::uint32_t intent = 2; intent < 200; ++intent) {
      const auto mine = lab.times(RecordKind::processed, intent),
                 before = lab.times(RecordKind::processed, intent - 2);
      CHECK(mine.front() > before.front());
    }
  }
}

// MAX_TIME_CONSUME_CONTINUOUSLY: of two queues and one thread the second gets its turn after a minute.
TEST_CASE("orderly: a queue that never ends gives its thread away after 60 s") {
  Config config = orderly(1, 4000, 2);
  config.producers[0].rate = 1000;
  config.push_consumers[0].work.time = Distribution::constant(50_ms);
  config.push_consumers[0].settings.consumeThreadMin = config.push_consumers[0].settings.consumeThreadMax = 1;
  const PushLab lab(config, 80_s);
  const Duration one = lab.times(RecordKind::consume_begun, 0).at(0);
  const Duration other = lab.times(RecordKind::consume_begun, 1).at(0);
  CHECK(other - one > 60_s);
  CHECK(other - one <= 60_s + 100_ms);
}

}  // namespace brokersim::model
