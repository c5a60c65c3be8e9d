// Asynchronous and one-way sends. One-way delay 1 ms.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/client_lab.hpp"

namespace brokersim::model {
namespace {

constexpr ProcessId broker{0};

Config async_lab() {
  Config config = lab();
  config.producers[0].send = SendMode::async;
  return config;
}

}  // namespace

// Measured: 4,000 of 4,000 OK, no copies, slowest 2.02 s.
TEST_CASE("asynchronous sends outlive a pause of 2 s") {
  Config config = async_lab();
  config.producers[0].rate = 500;
  config.producers[0].messages = 4000;
  config.faults.push_back(fault_during(3_s, 2_s, FaultKind::pause, broker));
  ClientRun run(config);
  run.until(20_s);
  CHECK(run.log.count(RecordKind::acknowledged) == 4000);
  CHECK(run.log.count(RecordKind::appended) == 4000);
  Duration slowest{};
  for (const Sent& sent : run.log.sends) slowest = std::max(slowest, sent.ended - sent.begun);
  CHECK(slowest > 1990_ms);
  CHECK(slowest < 2020_ms);
}

TEST_CASE(
    "an asynchronous time-out is found by the scan, a second late or more, closes nothing, is not retried") {
  Config config = async_lab();
  // Or the heartbeat of 1 s, which gets no answer either, would close the channel at 4 s
  // (heartbeat_test.cpp).
  config.producers[0].settings.clientCloseSocketIfTimeout = false;
  config.producers[0].messages = 100;  // from 0 to 990 ms
  config.faults.push_back(fault_during(495_ms, 9_s, FaultKind::pause, broker));
  ClientRun run(config);
  run.until(20_s);
  CHECK(run.log.count(RecordKind::told_failed) == 50);
  for (std::size_t i = 50; i < 100; ++i) {
    const Sent& sent = run.log.sends[i];
    CAPTURE(i);
    CHECK(sent.error == SendError::timed_out);
    CHECK(sent.ended == SimTime{} + 5_s);  // begun at 500-990 ms, + 3 s + 1 s; scans at 3 s, 4 s, 5 s ...
    CHECK(sent.tries == 1);
  }
  CHECK(run.log.count(RecordKind::appended) == 100);  // the bytes were in its kernel
  CHECK(run.log.count(RecordKind::connection_broken) == 0);
}

TEST_CASE("the second of grace also counts for a call that first waited for its connection") {
  Config config = async_lab();
  config.producers[0].settings.clientCloseSocketIfTimeout = false;  // heartbeats time out earlier
  config.producers[0].start_at = 1_s;
  config.faults.push_back(fault_during(500_ms, 9_s, FaultKind::pause, broker));
  ClientRun run(config);
  run.until(8_s);
  // A kernel accepts for its paused process: sent at 1.002 s with 2.998 s left, overdue at 5 s; the scans of
  // this process are at 4 s, 5 s ...
  CHECK(run.log.sends.at(0).error == SendError::timed_out);
  CHECK(run.log.sends.at(0).ended == SimTime{} + 5_s);
}

TEST_CASE("answers in time leave no scan behind") {
  Config config = async_lab();
  config.producers[0].messages = 100;
  ClientRun run(config);
  run.until(3_s);
  const std::uint64_t before = run.simulation.events();
  run.until(8_s);  // the flush service of the broker may still run
  CHECK(run.simulation.events() - before < 20);
  CHECK(run.log.count(RecordKind::attempt_failed) == 0);
}

TEST_CASE("a broken connection is retried with the queue of the first try") {
  Config config = lab(2);
  config.producers[0].send = SendMode::async;
  config.producers[0].messages = 400;
  config.producers[0].rate = 1000;
  config.faults.push_back(fault_during(200_ms, 1_s, FaultKind::kill, broker));
  ClientRun run(config);
  run.until(20_s);
  CHECK(run.log.count(RecordKind::acknowledged) == 400);
  std::int64_t retried = 0;
  for (const Sent& sent : run.log.sends) {
    if (sent.places.size() < 2) continue;
    ++retried;
    CHECK(sent.places[0] >> 16 != sent.places[1] >> 16);
    CHECK((sent.places[0] & 0xffff) == (sent.places[1] & 0xffff));
  }
  CHECK(retried > 0);
}

TEST_CASE("a full semaphoreAsync makes sends wait") {
  Config config = async_lab();
  config.producers[0].arrivals = Arrivals::bursts;
  config.producers[0].burst_size = 10;
  config.producers[0].burst_every = 1_s;
  config.producers[0].messages = 10;
  config.producers[0].settings.clientAsyncSemaphoreValue = 2;
  ClientRun run(config);
  run.until(2_s);
  CHECK(run.log.count(RecordKind::acknowledged) == 10);
  // A connect of 2 ms, then five pairs of one round trip each.
  CHECK(run.log.sends[9].ended == SimTime{} + 2_ms + 10_ms);
}

TEST_CASE("one-way: believed, whatever becomes of it") {
  Config config = lab();
  config.producers[0].send = SendMode::oneway;
  config.producers[0].messages = 100;
  config.faults.push_back(fault_during(495_ms, 10_min, FaultKind::kill, broker));
  SECTION("5.3 is silent even when the connect is refused") {
    ClientRun run(config);
    run.until(10_s);
    CHECK(run.log.count(RecordKind::believed_sent) == 100);
    CHECK(run.log.count(RecordKind::appended) == 50);
    CHECK(run.told(99) == ledger::Told::unchecked);
    CHECK(rocketmq::producer_done(run.world(), config, 0));
  }
  SECTION("4.9 connects in the caller's thread, which gets the exception") {
    config.producers[0].profile = Profile::v4_9;
    ClientRun run(config);
    run.until(10_s);
    CHECK(run.log.count(RecordKind::believed_sent) == 50);
    CHECK(run.log.count(RecordKind::appended) == 50);
    CHECK(run.log.count(RecordKind::told_failed) == 50);
    CHECK(run.told(99) == ledger::Told::failed);
  }
}

}  // namespace brokersim::model
