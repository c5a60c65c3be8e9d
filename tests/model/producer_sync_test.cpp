// Synchronous sends: one budget, three tries, one connection for everybody. One-way delay 1 ms unless said.
#include <algorithm>
#include <set>

#include "tests/catch.hpp"
#include "tests/model/client_lab.hpp"

namespace brokersim::model {
namespace {

constexpr ProcessId broker{0};

struct Outcome {
  std::int64_t failed = 0, failed_stored = 0, extra = 0;
  Duration shortest = Duration::max(), longest{};
};

Outcome count(const Log& log) {
  Outcome o;
  for (const Sent& sent : log.sends) {
    o.extra += std::max<std::int64_t>(sent.copies - 1, 0);
    if (sent.succeeded) continue;
    ++o.failed;
    o.failed_stored += sent.copies > 0 ? 1 : 0;
    o.shortest = std::min(o.shortest, sent.ended - sent.begun);
    o.longest = std::max(o.longest, sent.ended - sent.begun);
  }
  return o;
}

/// 200 sends a second by 16 threads; the pause begins somewhere in the threads' period of 80 ms. Its 6 s
/// lasted as long as it took two shell commands to stop and go on: 6.1 s here, or only the first of the two
/// rounds of sends would time out.
Config paused_broker(int phase) {
  Config config = lab();
  config.network.delay = Distribution::uniform(50_us, 150_us);
  config.producers[0].threads = 16;
  config.producers[0].rate = 200;
  config.producers[0].messages = 2500;
  config.producers[0].threads_start_together = true;
  // Compared with a measurement, so with the times that machines and programs take.
  config.producers[0].connect_time = ProducerConfig{}.connect_time;
  for (HostConfig& host : config.hosts) host.wakeup_latency = HostConfig{}.wakeup_latency;
  config.faults.push_back(fault_during(2_s + 7_ms * phase, 6100_ms, FaultKind::pause, broker));
  return config;
}

/// Kills a broker that stays dead until long after the test.
FaultConfig killed(Duration time, ProcessId who) { return fault_during(time, 10_min, FaultKind::kill, who); }

}  // namespace

// Measured: 32 exceptions at 2.99 to 3.02 s, all 32 stored, 20 to 51 extra copies.
TEST_CASE("a paused broker: each thread fails twice, everything is stored, tries of others make copies") {
  std::int64_t extra = 0;
  constexpr int runs = 11;
  for (int phase = 0; phase < runs; ++phase) {
    ClientRun run(paused_broker(phase), 100 + static_cast<std::uint64_t>(phase));
    const Outcome o = count(run.until(30_s).log);
    CAPTURE(phase, o.extra);
    CHECK(run.log.sends.size() == 2500);
    CHECK(o.failed == 32);
    CHECK(o.failed_stored == 32);
    CHECK(o.shortest > 2990_ms);
    CHECK(o.longest < 3020_ms);
    CHECK(o.extra <=
          2 * 48);  // two more tries for each send that met the pause: 32 that fail, 16 that do not
    extra += o.extra;
  }
  CHECK(extra >= 20 * runs);
  CHECK(extra <= 51 * runs);
}

TEST_CASE("without clientCloseSocketIfTimeout nobody's call is broken, and nothing is sent twice") {
  Config config = paused_broker(0);
  config.producers[0].settings.clientCloseSocketIfTimeout = false;
  ClientRun run(config);
  const Outcome o = count(run.until(30_s).log);
  CHECK(o.failed == 32);
  CHECK(o.extra == 0);
}

TEST_CASE("a connection that took most of the time-out to open is spared by 5.3, not by 4.9") {
  Config config = lab();
  config.network.delay = Distribution::constant(90_ms);  // 180 of 200 ms: 20 are left, no more than a quarter
  config.producers[0].settings.sendMsgTimeout = 200_ms;
  SECTION("5.3") {
    ClientRun run(config);
    CHECK(run.until(5_s).log.count(RecordKind::connection_broken) == 0);
    CHECK(run.log.sends.at(0).error == SendError::timed_out);
  }
  SECTION("4.9") {
    config.producers[0].profile = Profile::v4_9;
    ClientRun run(config);
    CHECK(run.until(5_s).log.count(RecordKind::connection_broken) == 1);  // at the broker
  }
}

TEST_CASE("a silent broker is tried once: the time-out is the whole budget") {
  Config config = lab();
  config.producers[0].start_at = 1_s;
  config.faults.push_back(fault_during(500_ms, 1_min, FaultKind::pause, broker));
  ClientRun run(config);
  const Sent& sent = run.until(10_s).log.sends.at(0);
  CHECK(sent.tries == 1);
  CHECK(sent.error == SendError::timed_out);
  CHECK(sent.ended - sent.begun == 3_s);
  CHECK(run.told(0) == ledger::Told::failed);
}

TEST_CASE("a dead broker refuses three tries, a round trip each") {
  Config config = lab();
  config.producers[0].start_at = 1_s;
  config.faults.push_back(killed(500_ms, broker));
  ClientRun run(config);
  const Sent& sent = run.until(10_s).log.sends.at(0);
  CHECK(run.log.count(RecordKind::attempt_failed) == 3);
  CHECK(sent.tries == 0);
  CHECK(sent.error == SendError::refused);
  CHECK(sent.ended - sent.begun == 6_ms);
}

TEST_CASE("retryTimesWhenSendFailed is the number of further tries; an explicit queue has none") {
  Config config = lab();
  config.producers[0].start_at = 1_s;
  config.faults.push_back(killed(500_ms, broker));
  config.producers[0].settings.retryTimesWhenSendFailed = 4;
  ClientRun five(config);
  CHECK(five.until(10_s).log.count(RecordKind::attempt_failed) == 5);
  config.producers[0].queue_choice = QueueChoice::by_key;
  ClientRun one(config);
  CHECK(one.until(10_s).log.count(RecordKind::attempt_failed) == 1);
}

TEST_CASE("with another broker the retry goes there") {
  Config config = lab(2);
  config.producers[0].start_at = 1_s;
  config.producers[0].messages = 40;
  config.faults.push_back(killed(500_ms, broker));
  ClientRun run(config);
  run.until(10_s);
  CHECK(run.log.count(RecordKind::acknowledged) == 40);
  // The search for the other broker walks past the rest of the dead one's queues: it is met once in 4 sends.
  CHECK(run.log.count(RecordKind::attempt_failed) >= 9);
  CHECK(run.log.count(RecordKind::attempt_failed) <= 10);
  for (const Sent& sent : run.log.sends) CHECK(sent.places.back() >> 16 == 1);
}

TEST_CASE("a host without power is not there: each connect takes its 3 s, and then the budget is spent") {
  Config config = lab();
  config.producers[0].start_at = 1_s;
  FaultConfig fault = killed(500_ms, broker);
  fault.action.silent = true;
  config.faults.push_back(fault);
  config.producers[0].settings.connectTimeoutMillis = 2_s;
  ClientRun run(config);
  const Sent& sent = run.until(20_s).log.sends.at(0);
  CHECK(sent.ended - sent.begun == 4_s);  // the second connect outlives the budget: nothing interrupts it
  CHECK(sent.error == SendError::budget_spent);
}

TEST_CASE("sendMsgMaxTimeoutPerRequest bounds every try but the last, in 5.3") {
  Config config = lab();
  config.producers[0].start_at = 1_s;
  config.producers[0].settings.sendMsgMaxTimeoutPerRequest = 500_ms;
  config.faults.push_back(fault_during(500_ms, 1_min, FaultKind::pause, broker));
  ClientRun run(config);
  CHECK(run.until(10_s).log.sends.at(0).tries == 3);
  CHECK(run.log.sends.at(0).ended - run.log.sends.at(0).begun >= 2999_ms);
  config.producers[0].profile = Profile::v4_9;
  ClientRun old(config);
  CHECK(old.until(10_s).log.sends.at(0).tries == 1);
}

// NettyRemotingClient.getAndCreateChannel: the threads block in one future and are woken one by one.
TEST_CASE("threads that await one connection send when they run, not when it opens") {
  Config config = lab();
  config.hosts[1].wakeup_latency = Distribution::uniform(1_ms, 9_ms);
  config.producers[0].threads = 4;
  config.producers[0].messages = 4;
  config.producers[0].arrivals = Arrivals::saturated;
  ClientRun run(config);
  run.until(10_s);
  std::set<SimTime> ends;
  for (const Sent& sent : run.log.sends) {
    CHECK(sent.ended >= SimTime{} + 5_ms);  // 2 ms to connect, 1 ms to wake, 2 ms to and fro
    CHECK(sent.ended <= SimTime{} + 13_ms);
    ends.insert(sent.ended);
  }
  CHECK(ends.size() == 4);
}

// NettyRemotingClient: 5.3 has channelInactive, 4.9.8 has not; both have exceptionCaught.
TEST_CASE("a broker that dies: sends in flight fail at once in 5.3, and hang until their time-out in 4.9") {
  for (const bool is_new : {true, false}) {
    Config config = lab();
    config.producers[0].profile = is_new ? Profile::v5_3 : Profile::v4_9;
    config.producers[0].start_at = 1_s;
    config.producers[0].messages = 2;
    config.producers[0].rate = 10;
    config.brokers[0].answer_time = Distribution::constant(50_ms);
    config.faults.push_back(fault_during(1020_ms, 100_ms, FaultKind::kill, broker));
    ClientRun run(config);
    const Sent& sent = run.until(20_s).log.sends.at(0);
    CHECK(sent.error == (is_new ? SendError::refused : SendError::timed_out));
    CHECK(sent.ended == SimTime{} + (is_new ? 1025_ms : 4_s));
    CHECK(sent.copies == 1);
  }
}

TEST_CASE("a hanging call of 4.9 takes no later connection with it") {
  Config config = lab();
  config.producers[0].profile = Profile::v4_9;
  config.producers[0].start_at = 1_s;
  config.producers[0].threads = 2;
  config.producers[0].messages = 100;
  config.producers[0].rate = 20;
  config.brokers[0].answer_time = Distribution::constant(20_ms);
  config.brokers[0].restart_time = Distribution::constant(500_ms);
  config.faults.push_back(fault_during(1010_ms, 100_ms, FaultKind::kill, broker));
  ClientRun run(config);
  run.until(30_s);
  CHECK(run.log.sends.at(0).ended == SimTime{4'000'000'000});
  CHECK(run.log.count(RecordKind::connection_broken) == 1);
}

TEST_CASE("a broker that resets its connections: sends in flight are tried again at once") {
  Config config = lab();
  config.producers[0].rate = 1000;
  config.producers[0].threads = 4;
  config.producers[0].messages = 1000;
  config.faults.push_back(fault_at(500_ms, FaultKind::reset, broker));
  ClientRun run(config);
  run.until(10_s);
  CHECK(run.log.count(RecordKind::acknowledged) == 1000);
  CHECK(run.log.count(RecordKind::attempt_failed) > 0);
  CHECK(run.log.count(RecordKind::told_failed) == 0);
}

TEST_CASE("sequence numbers are consecutive per queue, and queues take turns") {
  Config config = lab();
  config.producers[0].messages = 40;
  ClientRun run(config);
  run.until(10_s);
  std::map<std::int64_t, int> per_queue;
  for (const Sent& sent : run.log.sends) ++per_queue[sent.places.at(0)];
  CHECK(per_queue == std::map<std::int64_t, int>{{0, 10}, {1, 10}, {2, 10}, {3, 10}});
  CHECK(run.world().producers[0].next_sequence == std::vector<std::uint32_t>{10, 10, 10, 10});
}

TEST_CASE("a swallowed exception leaves the application believing") {
  Config config = lab();
  config.producers[0].start_at = 1_s;
  config.producers[0].messages = 2;
  config.producers[0].rate = 0.1;
  config.producers[0].on_result = OnResult::unchecked;
  config.faults.push_back(fault_during(500_ms, 3_s, FaultKind::kill, broker));
  ClientRun run(config);
  run.until(30_s);
  CHECK(run.told(0) == ledger::Told::unchecked);
  CHECK(run.told(1) == ledger::Told::unchecked_ok);
  CHECK(run.log.count(RecordKind::unobserved) == 1);
}

TEST_CASE("FLUSH_DISK_TIMEOUT is a failure unless the application accepts every status") {
  Config config = lab();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  config.brokers[0].settings.syncFlushTimeout = 1_s;
  config.hosts[0].sync_time = Distribution::constant(2_s);
  SECTION("told") {
    ClientRun run(config);
    run.until(10_s);
    CHECK(run.told(0) == ledger::Told::failed);
    CHECK(run.log.sends.at(0).error == SendError::not_stored_ok);
    CHECK(run.log.sends.at(0).status == Status::FLUSH_DISK_TIMEOUT);
    CHECK(run.log.sends.at(0).tries == 1);
  }
  SECTION("accepted") {
    config.producers[0].accepts_every_status = true;
    ClientRun run(config);
    run.until(10_s);
    CHECK(run.told(0) == ledger::Told::acknowledged);
  }
  SECTION("retryAnotherBrokerWhenNotStoreOK") {
    config.producers[0].settings.retryAnotherBrokerWhenNotStoreOK = true;
    ClientRun run(config);
    run.until(10_s);
    CHECK(run.log.sends.at(0).tries >= 2);
    CHECK(run.log.sends.at(0).status ==
          Status::FLUSH_DISK_TIMEOUT);  // the result that it had beats the time-out
  }
}

TEST_CASE("a killed producer forgets its open sends and goes on with the rest") {
  Config config = lab();
  config.producers[0].messages = 200;
  config.producers[0].threads = 4;
  config.network.delay = Distribution::constant(20_ms);  // 40 ms round trip, four threads: always in flight
  config.faults.push_back(fault_during(1_s, 1_s, FaultKind::kill, producer_process(config, 0)));
  ClientRun run(config);
  run.until(1500_ms);
  CHECK(run.world().producers[0].open_sends == 0);
  CHECK_FALSE(rocketmq::producer_done(run.world(), config, 0));
  run.until(30_s);
  std::int64_t nothing = 0;
  for (std::uint32_t i = 0; i < 200; ++i) nothing += run.told(i) == ledger::Told::nothing ? 1 : 0;
  CHECK(nothing == 4);
  CHECK(run.log.count(RecordKind::acknowledged) == 196);
  CHECK(rocketmq::producer_done(run.world(), config, 0));
}

}  // namespace brokersim::model
