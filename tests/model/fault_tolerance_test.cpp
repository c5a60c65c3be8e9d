// sendLatencyEnable: the tables of both versions, and what they do to the choice of a broker. Two brokers
// with four queues each, one thread, ten sends a second; one-way delay 1 ms.
#include "model/rocketmq/fault_tolerance.hpp"

#include "tests/catch.hpp"
#include "tests/model/client_lab.hpp"

namespace brokersim::model {
namespace {

using rocketmq::FaultItem;
using rocketmq::unavailable_for;

constexpr ProcessId first_broker{0};
constexpr SimTime zero{};

Config two_brokers(bool avoids, Profile profile = Profile::v5_3) {
  Config config = lab(2);
  for (BrokerConfig& broker : config.brokers) broker.profile = profile;
  config.producers[0].profile = profile;
  config.producers[0].rate = 10;
  config.producers[0].messages = 1'000;
  config.producers[0].settings.sendLatencyEnable = avoids;
  return config;
}

Config killed(bool avoids, Profile profile = Profile::v5_3) {
  Config config = two_brokers(avoids, profile);
  config.faults.push_back(fault_during(2050_ms, 10_min, FaultKind::kill, first_broker));
  return config;
}

std::int64_t failed_tries(const Config& config, Duration until) {
  ClientRun run(config);
  run.until(until);
  CHECK(run.log.count(RecordKind::told_failed) == 0);
  return run.log.count(RecordKind::attempt_failed);
}

}  // namespace

TEST_CASE("the tables of MQFaultStrategy, by version") {
  CHECK(unavailable_for(Profile::v5_3, 549_ms) == Duration{});
  CHECK(unavailable_for(Profile::v5_3, 550_ms) == 2_s);
  CHECK(unavailable_for(Profile::v5_3, 3_s) == 6_s);
  CHECK(unavailable_for(Profile::v5_3, rocketmq::isolation_latency(Profile::v5_3)) == 10_s);
  CHECK(unavailable_for(Profile::v5_3, 1_h) == 30_s);
  CHECK(unavailable_for(Profile::v4_9, 549_ms) == Duration{});
  CHECK(unavailable_for(Profile::v4_9, 550_ms) == 30_s);
  CHECK(unavailable_for(Profile::v4_9, 2_s) == 120_s);
  CHECK(unavailable_for(Profile::v4_9, rocketmq::isolation_latency(Profile::v4_9)) == 600_s);
}

TEST_CASE("a good try leaves the isolation of 5.3 alone and ends that of 4.9") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    FaultItem item;
    update(item, profile, zero, 1_ms, true, true);
    CHECK_FALSE(is_available(item, zero + 9_s));
    update(item, profile, zero + 1_s, 1_ms, false, true);
    CHECK(is_available(item, zero + 2_s) == (profile == Profile::v4_9));
  }
}

TEST_CASE("an answer with an error code makes a broker unreachable, a broken connection does not") {
  using rocketmq::fault_rule;
  CHECK_FALSE(fault_rule(SendMode::sync, SendError::broker_error)->reachable);
  CHECK(fault_rule(SendMode::sync, SendError::refused)->reachable);
  CHECK(fault_rule(SendMode::async, SendError::broker_error)->reachable);
  CHECK(fault_rule(SendMode::sync, SendError::budget_spent) == nullptr);
}

// The queue behind the four of the dead broker is the fifth: each fourth send meets it, from the first of its
// turns on, because the retry moves the thread's turn to the other broker's first queue.
TEST_CASE("without it each fourth send meets a dead broker, as long as it is in the route") {
  const std::int64_t tries = failed_tries(killed(false), 32_s - 50_ms);
  CHECK(tries >= 74);  // 300 sends behind the kill, up to 4 of them before the first such turn
  CHECK(tries <= 75);
}

TEST_CASE("with it a dead broker is tried once in 10 s by a client of 5.3, once in 10 min by one of 4.9") {
  CHECK(failed_tries(killed(true), 32_s - 50_ms) == 3);
  CHECK(failed_tries(killed(true, Profile::v4_9), 90_s) == 1);
}

// SIGSTOP for 20 s, and a thread that skips what it misses. Its send to the paused broker takes the whole
// budget of 3 s. The other two tries follow with 0 ms left and time out at once: the second is blamed on the
// healthy broker. Both are unavailable now, both are reachable, and the turn is the paused one's again.
TEST_CASE(
    "a broker that is paused for longer than the budget is not avoided: the other one is blamed as well") {
  for (const bool avoids : {false, true}) {
    Config config = two_brokers(avoids);
    config.producers[0].pacing = Pacing::per_thread_skip;
    config.faults.push_back(fault_during(2_s, 20_s, FaultKind::pause, first_broker));
    ClientRun run(config);
    run.until(40_s);
    // From at most 2.3 s on 3.0 to 3.1 s each; the seventh is answered when the pause is over.
    CHECK(run.log.count(RecordKind::told_failed) == 6);
  }
}

TEST_CASE("with a bound for each try it is avoided: no send fails, and one try in 11 s") {
  for (const bool avoids : {false, true}) {
    Config config = two_brokers(avoids);
    config.producers[0].pacing = Pacing::per_thread_skip;
    config.producers[0].settings.sendMsgMaxTimeoutPerRequest = 1_s;
    config.faults.push_back(fault_during(2_s, 20_s, FaultKind::pause, first_broker));
    ClientRun run(config);
    run.until(40_s);
    CHECK(run.log.count(RecordKind::told_failed) == 0);
    // Without: 1 s for each such try and three sends to the other broker between two of them, 1.4 s; the
    // fifteenth is answered at 22 s. With: at most 2.3 + 1 s, 10 s, at most 0.4 + 1 s, 10 s: the third finds
    // it running again.
    CHECK(run.log.count(RecordKind::attempt_failed) == (avoids ? 2 : 14));
  }
}

TEST_CASE("where all brokers are avoided, one is taken all the same") {
  Config config = two_brokers(true);
  for (const ProcessId broker : {ProcessId{0}, ProcessId{1}})
    config.faults.push_back(fault_during(2_s, 1_s, FaultKind::kill, broker));
  for (BrokerConfig& broker : config.brokers) broker.restart_time = Distribution::constant(1_s);
  ClientRun run(config);
  run.until(20_s);
  // Both are away from 2 s to 4 s: 20 sends fail, each with three refused tries. All others succeed, though
  // both are isolated until about 14 s.
  CHECK(run.log.count(RecordKind::told_failed) == 20);
  CHECK(run.log.count(RecordKind::attempt_failed) >= 60);
}

// A retry takes a new random place among the queues (resetIndex), and passes over the broker that failed.
TEST_CASE("a retry goes to the other broker in 5.3, and in 4.9 because the first is unavailable by then") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    ClientRun run(killed(true, profile));
    run.until(5_s);
    for (const Sent& sent : run.log.sends) {
      if (!sent.told) continue;  // the last one is still under way
      CHECK(sent.succeeded);
      if (sent.begun > zero + 2_s) CHECK(sent.places.back() >> 16 == 1);
    }
  }
}

}  // namespace brokersim::model
