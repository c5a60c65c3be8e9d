// What a push consumer does with what its listener failed on.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {

namespace {

/// Messages that come as one list.
Config one_list(std::int32_t messages = 3) {
  Config config = PushLab::config(1, messages, 1);
  config.producers[0].start_at = 0_s;
  config.producers[0].rate = 1000;
  config.push_consumers[0].settings.consumeMessageBatchMaxSize = messages;
  config.push_consumers[0].work.poison_chance = 0.4;
  return config;
}

/// A seed with which the listener fails on the second message of the list: the first has its effect before.
std::uint64_t seed_with_second_poisoned() {
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    const PushLab lab(one_list(), 4_s, seed);
    if (lab.effects() == std::map<std::uint32_t, int>{{0, 1}}) return seed;
  }
  FAIL("no seed under 100 poisons the second message alone");
  return 0;
}

std::vector<ConsumeResult> results_of(const PushLab& lab, std::uint32_t intent) {
  std::vector<ConsumeResult> results;
  for (const sim::Record& r : lab.all(RecordKind::consume_result)) {
    if (r.subject == intent) results.push_back(static_cast<ConsumeResult>(r.b & 0xffff));
  }
  return results;
}

}  // namespace

// The broker is paused as the first send-back arrives, which fails after 5 s, and its normal send after 3 s.
// The second one needs a new channel (2 ms), with which a heartbeat leaves; the time-out of that closes it
// after 3 s, and the normal send has 3 s again. Five seconds later both are consumed again as the one list
// that they were (submitConsumeRequestLater): the poison message fails it as a whole again, and the first has
// its effect twice.
TEST_CASE("push: what could not be sent back is consumed again as one list") {
  Config config = one_list(2);
  FaultConfig pause = fault_on(EventName::broker_send_back, 1, true, FaultKind::pause);
  pause.action.process = broker0;
  config.faults.push_back(restoring(pause, 100_s));
  const PushLab lab(config, 23_s, seed_with_second_poisoned());
  const Duration begun = lab.times(RecordKind::consume_begun, 0).at(0);
  for (const std::uint32_t intent : {0U, 1U}) {
    const std::vector<Duration> times = lab.times(RecordKind::consume_begun, intent);
    REQUIRE(times.size() == 2);
    // Both were worked on, 2 ms each.
    CHECK((times[1] - begun).ns == (4_ms + 5_s + 3_s + 3002_ms + 3_s + 5_s).ns);
    CHECK(results_of(lab, intent) == std::vector<ConsumeResult>(2, ConsumeResult::reconsume_later));
  }
  CHECK(lab.effects() == std::map<std::uint32_t, int>{{0, 2}});
}

// CONSUME_SUCCESS with ackIndex before the second: the first is done with, the others go back.
TEST_CASE("push: ackIndex sends back what lies behind it") {
  Config config = one_list();
  config.push_consumers[0].work.fail_result = FailResult::ack_index;
  const PushLab lab(config, 5_s, seed_with_second_poisoned());
  CHECK(results_of(lab, 0) == std::vector<ConsumeResult>{ConsumeResult::success});
  CHECK(results_of(lab, 1) == std::vector<ConsumeResult>{ConsumeResult::behind_ack_index});
  CHECK(results_of(lab, 2) == std::vector<ConsumeResult>{ConsumeResult::behind_ack_index});
  CHECK(lab.run.subjects(RecordKind::sent_back) == std::vector<std::uint32_t>{1, 2});
  CHECK(lab.memory().queues[0].held.empty());
}

TEST_CASE("push: of a single message ackIndex is as good as RECONSUME_LATER") {
  Config config = PushLab::config(1, 3, 1);
  config.push_consumers[0].work.fails_first = 1;
  config.push_consumers[0].work.fail_result = FailResult::ack_index;
  const PushLab lab(config, 60_s);
  CHECK(lab.count(RecordKind::sent_back) == 3);
  CHECK(lab.once_each(3));
}

// Level 2 is 5 s; what is due is found by the next poll, each 100 ms. The first retry of a fresh group waits
// for the rebalance that finds its topic (20 s), so the second one shows the level.
TEST_CASE("push: delayLevelWhenNextConsume is the level of each retry") {
  Config config = PushLab::config(1, 1, 1);
  config.push_consumers[0].work.fails_first = 2;
  config.push_consumers[0].work.delay_level = 2;
  const PushLab lab(config, 60_s);
  for (const sim::Record& r : lab.all(RecordKind::sent_back)) CHECK(r.b == 2);
  const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
  REQUIRE(begun.size() == 3);
  CHECK(begun[2] - begun[1] >= 5_s);
  CHECK(begun[2] - begun[1] < 5_s + 120_ms);
}

TEST_CASE("push: a negative delayLevelWhenNextConsume is the dead-letter queue at once") {
  Config config = PushLab::config(1, 2, 1);
  config.push_consumers[0].work.fails_first = 1;
  config.push_consumers[0].work.delay_level = -1;
  const PushLab lab(config, 60_s);
  CHECK(lab.count(RecordKind::dead_lettered) == 2);
  CHECK(lab.count(RecordKind::consume_begun) == 2);
  for (const sim::Record& r : lab.all(RecordKind::sent_back)) CHECK(r.b == -2);
}

// Acknowledged, and then the work fails: that nobody died is told, and nothing comes again.
TEST_CASE("push: work that fails behind its acknowledgement is told, and stays undone") {
  for (const Acknowledge acknowledge : {Acknowledge::hand_off, Acknowledge::before_work}) {
    Config config = PushLab::config(1, 3, 1);
    config.push_consumers[0].work.acknowledge = acknowledge;
    config.push_consumers[0].work.fails_first = 1;
    const PushLab lab(config, 40_s);
    CHECK(lab.count(RecordKind::work_failed) == 3);
    CHECK(lab.count(RecordKind::processed) == 0);
    CHECK(lab.count(RecordKind::sent_back) == 0);
    // 2 ms of work behind the result.
    CHECK(lab.times(RecordKind::work_failed, 0).at(0) - lab.times(RecordKind::consume_result, 0).at(0) ==
          2_ms);
    CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
  }
}

// The message is sent back at 13 s and lies in the page cache; its offset goes to the broker at 14 s and to
// consumerOffset.json at 15 s, which the kernel is said to have written. The power fails at 17 s. The log is
// flushed once in 10 s, somewhere: in 6 of 10 seconds before the send-back, so that the original survives,
// behind the group's offset, and the copy does not.
TEST_CASE("push: a power loss takes a copy on its way back, and is told of the group") {
  Config config = PushLab::config(1, 1, 1);
  config.brokers[0].settings.flushConsumerOffsetInterval = 1_s;
  config.push_consumers[0].settings.persistConsumerOffsetInterval = 1_s;
  config.push_consumers[0].work.fails_first = 1;
  config.push_consumers[0].work.time = Distribution::constant(8_s);
  FaultConfig power = fault_at(17_s, FaultKind::power_loss);
  power.action.files = UnsyncedFiles::new_version;
  config.faults.push_back(restoring(power, 1_s));
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const PushLab lab(config, 100_s, seed);
    CHECK(lab.count(RecordKind::copy_lost) == 0);
    CHECK(lab.count(RecordKind::processed) + lab.count(RecordKind::returned_lost) == 1);
    for (const sim::Record& r : lab.all(RecordKind::returned_lost)) {
      CHECK(r.a >> 16 == static_cast<std::int64_t>(LossKind::unflushed_tail));
      ++lost;
    }
  }
  CHECK(lost >= 6);
  CHECK(lost <= 18);
}

}  // namespace brokersim::model
