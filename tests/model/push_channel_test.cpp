// A push consumer and its channels: what a broker that goes away, or does not answer, costs it.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {

namespace {

Config with_profile(Config config, Profile profile) {
  for (BrokerConfig& broker : config.brokers) broker.profile = profile;
  for (PushConsumerConfig& consumer : config.push_consumers) consumer.profile = profile;
  return config;
}

/// A second broker on a host of its own, with the producer beside it: process 1. The producer is 2, the
/// consumer 3.
Config with_second_broker(Config config) {
  config.hosts.push_back(config.hosts[0]);
  config.brokers.push_back(config.brokers[0]);
  config.brokers[1].name = "broker-b";
  config.brokers[1].host = HostId(2);
  config.producers[0].host = HostId(2);
  return config;
}

Duration first_after(const std::vector<Duration>& times, Duration when) {
  const auto found = std::find_if(times.begin(), times.end(), [&](Duration t) { return t > when; });
  return found == times.end() ? Duration::max() : *found;
}

std::size_t count_between(const std::vector<Duration>& times, Duration from, Duration to) {
  return static_cast<std::size_t>(
      std::count_if(times.begin(), times.end(), [&](Duration t) { return t > from && t < to; }));
}

}  // namespace

// Killed at 7 s: its kernel closes the connection (FIN). The pull that is in flight left a moment after
// message 19 (sent at 6.9 s) was delivered. 5.3 hears of the end at once, comes back each second and is
// served when the broker is (11 s). 4.9 waits for its pull until scanResponseTable, 31 s, and a second more.
TEST_CASE("push: a 4.9 client does not notice that the broker has closed its connection") {
  Config config = PushLab::config(1, 1000, 1);
  config.faults.push_back(restoring(PushLab::fault(7_s, FaultKind::kill, broker0), 1_s));
  const PushLab new_one(with_profile(config, Profile::v5_3), 60_s);
  CHECK(first_after(new_one.run.times(RecordKind::delivered), 7_s) > 11_s);
  CHECK(first_after(new_one.run.times(RecordKind::delivered), 7_s) < 13_s);
  const PushLab old_one(with_profile(config, Profile::v4_9), 60_s);
  CHECK(first_after(old_one.run.times(RecordKind::delivered), 7_s) > 6900_ms + 31_s + 1_s);
  CHECK(first_after(old_one.run.times(RecordKind::delivered), 7_s) < 6920_ms + 31_s + 1_s);
}

// The same of a synchronous call: the answer to a send-back never comes. In 4.9 its 5 s pass; persisting the
// offsets has opened a new channel at 10 s, a few milliseconds before, and that stays open.
TEST_CASE("push: a call whose channel the broker has closed hangs for its time in 4.9") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = with_profile(PushLab::config(1, 1, 1), profile);
    config.brokers[0].restart_time = Distribution::constant(1_s);
    config.push_consumers[0].work.fails_first = 1;
    FaultConfig kill = fault_on(EventName::broker_send_back, 1, true, FaultKind::kill);
    kill.action.process = broker0;
    config.faults.push_back(restoring(kill, 1_s));
    PushLab lab(config, 12_s);
    REQUIRE(lab.count(RecordKind::send_back_failed) >= 1);
    const Duration hung =
        lab.run.times(RecordKind::send_back_failed)[0] - lab.run.times(RecordKind::consume_result)[0];
    if (profile == Profile::v5_3) {
      CHECK(hung < 10_ms);
    } else {
      CHECK(hung == 5_s);
      CHECK(lab.memory().channels[0].connects == 2);
      lab.run.until(30_s);
      CHECK(lab.memory().channels[0].connects == 2);
      CHECK(lab.count(RecordKind::send_back_failed) == 1);
    }
  }
}

// Refused pulls: the broker is killed at 7 s and serves from 11 s on. 7.001 s is when the client hears of it,
// and each try costs a round trip of 2 ms.
TEST_CASE("push: a pull is tried again after pullTimeDelayMillsWhenException, a second by default") {
  Config config = PushLab::config(1, 300, 1);
  config.faults.push_back(restoring(PushLab::fault(7_s, FaultKind::kill, broker0), 1_s));
  const PushLab usual(config, 30_s);
  CHECK(first_after(usual.run.times(RecordKind::member_joined), 7_s) > 11_s);
  CHECK(first_after(usual.run.times(RecordKind::member_joined), 7_s) < 12_s);
  config.push_consumers[0].settings.pullTimeDelayMillsWhenException = 6_s;
  const PushLab patient(config, 30_s);
  CHECK(first_after(patient.run.times(RecordKind::member_joined), 7_s) == 7001_ms + 6_s + 3_ms);
}

// One thread sends the scheduled heartbeats and persists offsets. Broker a is paused, so the heartbeat of 31
// s hangs for 3 s, and what was consumed from broker b meanwhile is committed at 34 s, not at 32 s.
TEST_CASE("push: a silent broker holds up the offsets of all others for the time of its heartbeat") {
  Config config = with_second_broker(PushLab::config(1, 4, 1));
  config.producers[0].start_at = 31'300_ms;
  config.producers[0].threads = 4;
  config.push_consumers[0].settings.persistConsumerOffsetInterval = 1_s;
  config.faults.push_back(restoring(PushLab::fault(30'500_ms, FaultKind::pause, broker0), 30_s));
  const PushLab lab(config, 40_s);
  Duration committed{};
  for (const sim::StampedRecord& r : lab.run.recorder.records()) {
    const bool is_commit = r.record.kind == static_cast<std::uint32_t>(RecordKind::offset_committed);
    if (is_commit && r.record.a >> 16 == 1 && r.at - SimTime{} > 31_s) committed = r.at - SimTime{};
  }
  CHECK(committed > 34_s);
  CHECK(committed < 34_s + 10_ms);
}

// Broker a cannot be reached from 7 s on, and its connection is reset. A second later the pull of its queue
// connects, which nobody answers for 3 s. In 4.9 that is the thread of all pulls: broker b's pull that is
// under way is answered, and the next one waits.
TEST_CASE("push: in 4.9 a connect that hangs holds up the pulls of all brokers") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = with_profile(with_second_broker(PushLab::config(1, 200, 1)), profile);
    config.producers[0].threads = 2;
    config.faults.push_back(fault_at(7_s, FaultKind::reset));
    config.faults.push_back(restoring(fault_at(7100_ms, FaultKind::partition), 20_s));
    const PushLab lab(config, 60_s);
    const std::size_t got = count_between(lab.run.times(RecordKind::delivered), 8100_ms, 10'900_ms);
    // Half of ten messages a second are broker b's.
    if (profile == Profile::v5_3) {
      CHECK(got >= 10);
    } else {
      CHECK(got <= 1);
    }
    CHECK(lab.effects().size() == lab.count(RecordKind::appended));
  }
}

// A fresh group and an empty queue: the first rebalance, after a second, asks for the members and for the
// offset, a round trip of 2 ms each, and then for the end of the queue, which MQAdminImpl awaits for 6 s.
TEST_CASE("push: GET_MAX_OFFSET has six seconds") {
  Config config = PushLab::config(1, 0, 1);
  config.push_consumers[0].settings.consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  FaultConfig pause = fault_on(EventName::broker_get_max_offset, 1, true, FaultKind::pause);
  pause.action.process = broker0;
  config.faults.push_back(restoring(pause, 30_s));
  const auto waits = [](const PushLab& lab) {
    const auto& calls = lab.memory().calls;
    return std::any_of(calls.begin(), calls.end(), [](const rocketmq::PushCall& call) {
      return call.used && call.what == rocketmq::CallFor::query_max_offset;
    });
  };
  CHECK(waits(PushLab(config, 1004_ms + 6_s - 1_ms)));
  CHECK_FALSE(waits(PushLab(config, 1004_ms + 6_s + 1_ms)));
}

}  // namespace brokersim::model
