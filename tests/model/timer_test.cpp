// TimerMessageStore. The broker begins at 0: both services look at 0.1, 0.2 ... s, the checkpoint is forced
// at 1, 2 ... s, and its clock shows the time of the run.
#include "model/host/host.hpp"
#include "model/rocketmq/timer_table.hpp"
#include "tests/catch.hpp"
#include "tests/model/broker_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

Config timed() {
  Config config = BrokerBench::plain();
  config.producers.resize(1);
  config.producers[0].delay = Distribution::constant(10_s);
  return config;
}

struct Bench : BrokerBench {
  explicit Bench(Config c = timed()) : BrokerBench(std::move(c)) { restart(); }

  void until(Duration time) { run_through(SimTime{} + time); }
  IntentId send_timed(std::uint32_t milliseconds, Mark mark = Mark::timer_delay) {
    Payload request;
    request.kind = PayloadKind::send_request;
    request.size = 256;
    request.mark = mark;
    request.record = milliseconds;
    request.intent = IntentId(intents++);
    receive(request);
    return request.intent;
  }
  void set_clock(Duration by) {
    auto context = at_now();
    host::set_clock(world(), HostId(0), by, context);
  }
  std::vector<Duration> times(RecordKind kind) const {
    std::vector<Duration> found;
    for (const auto& record : all(kind)) found.push_back(record.at - SimTime{});
    return found;
  }
  void tell_death(FaultKind how) {
    auto context = at_now();
    context.record(make_record(RecordKind::process_died, 0, static_cast<std::int64_t>(how)));
  }
  /// A kill at this time, and a start at that.
  void crash(Duration death, Duration start) {
    until(death);
    kill();
    tell_death(FaultKind::kill);
    until(start);
    restart();
  }
  /// Feeds everything that happened to the monitor of the table.
  sim::RowCoverage<timer_table> watched() const {
    TimerMonitor monitor(config);
    for (const auto& record : recorder.records()) monitor.on(record.at, record.record);
    return monitor.coverage();
  }
};

}  // namespace

TEST_CASE("timer: a message comes at the end of the second in which it was asked for", "[timer]") {
  Bench bench;
  bench.until(2050_ms);
  bench.send_timed(3000);  // asked for 5.05 s: slot 5 s, over at 6 s
  bench.until(5900_ms);
  CHECK(bench.count(RecordKind::timer_stored) == 1);
  CHECK(bench.count(RecordKind::appended) == 0);
  CHECK_FALSE(timer_idle(bench.broker(), bench.config));
  bench.until(8_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{6_s});
  CHECK(timer_idle(bench.broker(), bench.config));
  bench.watched();
}

TEST_CASE("timer: a whole second is asked for exactly", "[timer]") {
  Bench bench;
  bench.until(2_s);
  bench.send_timed(3000);
  bench.send_timed(7000, Mark::timer_deliver);
  bench.until(12_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{5_s, 7_s});
}

TEST_CASE("timer: a finer precision is less late", "[timer]") {
  Config config = timed();
  config.brokers[0].settings.timerPrecisionMs = 199_ms;  // setTimerPrecisionMs makes 100 of it
  Bench bench(std::move(config));
  bench.until(2050_ms);
  bench.send_timed(3000);
  bench.until(8_s);
  REQUIRE(bench.count(RecordKind::appended) == 1);
  CHECK(bench.times(RecordKind::appended)[0] >= 5050_ms);
  CHECK(bench.times(RecordKind::appended)[0] <= 5110_ms);
}

TEST_CASE("timer: what is not in the future is sent at once, what is too far away is refused", "[timer]") {
  Bench bench;
  bench.until(2_s);
  bench.send_timed(1500, Mark::timer_deliver);
  CHECK(bench.count(RecordKind::appended) == 1);
  bench.send_timed(259'200'000);
  CHECK(bench.count(RecordKind::timer_stored) == 1);
  bench.send_timed(259'200'001);
  CHECK(bench.count(RecordKind::timer_stored) == 1);
  REQUIRE(bench.count(RecordKind::refused) == 1);
  CHECK(bench.all(RecordKind::refused)[0].record.a == static_cast<std::int64_t>(Status::MESSAGE_ILLEGAL));
}

TEST_CASE("timer: without timerWheelEnable it is refused", "[timer]") {
  Config config = timed();
  config.brokers[0].settings.timerWheelEnable = false;
  Bench bench(std::move(config));
  bench.send_timed(1000);
  REQUIRE(bench.count(RecordKind::refused) == 1);
  CHECK(bench.all(RecordKind::refused)[0].record.a == static_cast<std::int64_t>(Status::SYSTEM_ERROR));
}

TEST_CASE("timer: what was enqueued since the checkpoint comes twice after a kill, once each", "[timer]") {
  Bench bench;
  bench.until(2050_ms);
  bench.send_timed(8000);  // in the checkpoint of 3 s
  bench.until(3050_ms);
  bench.send_timed(8000);  // enqueued at 3.1 s, in no checkpoint: slot 11 s
  bench.crash(3500_ms, 5_s);
  bench.until(20_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{11_s, 12_s, 12_s});
  CHECK(bench.watched().hits(3) == 1);  // delivered_again
}

TEST_CASE("timer: a slot that was delivered since the checkpoint is delivered again", "[timer]") {
  Bench bench;
  bench.until(1050_ms);
  bench.send_timed(3000);  // slot 4 s, delivered at 5 s
  bench.send_timed(4000);  // slot 5 s
  bench.until(5_s + 1_ms);
  REQUIRE(bench.count(RecordKind::appended) == 1);
  bench.crash(5500_ms, 9_s);  // no checkpoint before 6 s
  bench.until(20_s);
  // At the start, the slot of 4 s again, and that of 5 s, which was over at 6 s.
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{5_s, 9_s, 9_s});
  bench.watched();
}

TEST_CASE("timer: a graceful stop forces the checkpoint, and nothing comes twice", "[timer]") {
  Bench bench;
  bench.until(2050_ms);
  bench.send_timed(8000);
  bench.until(2500_ms);
  auto context = bench.at_now();
  broker_stop(bench.world(), 0, context);
  bench.until(8_s);
  bench.kill();  // the end of its process
  bench.restart();
  bench.until(30_s);
  CHECK(bench.count(RecordKind::timer_over) == 1);
}

TEST_CASE("timer: a power loss takes what was not forced, and the message with it", "[timer]") {
  Bench bench;
  bench.until(2_s);
  bench.send_timed(8000);
  bench.until(2_s + 50_ms);
  bench.lose_power();
  CHECK(bench.count(RecordKind::scheduled_lost) == 1);
  bench.until(5_s);
  bench.restart();
  bench.until(30_s);
  CHECK(bench.count(RecordKind::appended) == 0);
  CHECK(timer_idle(bench.broker(), bench.config));
}

TEST_CASE("timer: what is further away than the roll window is stored again on its way", "[timer]") {
  Config config = timed();
  config.brokers[0].settings.timerRollWindowSlot = 12;
  Bench bench(std::move(config));
  bench.until(1_s);
  bench.send_timed(30'000);
  bench.until(60_s);
  CHECK(bench.count(RecordKind::timer_rolled) >= 1);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{31_s});
  bench.watched();
}

TEST_CASE("timer: three refusals within a second are the end of it, unless it tries for ever", "[timer]") {
  const bool for_ever = GENERATE(false, true);
  Config config = timed();
  config.brokers[0].settings.timerEnableRetryUntilSuccess = for_ever;
  Bench bench(std::move(config));
  bench.until(2_s);
  for (int i = 0; i < 4; ++i) bench.send_timed(5000);  // 7 s
  bench.until(4_s);
  bench.stall(true);  // busy from 5 s on
  bench.until(8_s + 100_ms);
  CHECK(bench.times(RecordKind::timer_given_up) ==
        (for_ever ? std::vector<Duration>{} : std::vector<Duration>(3, 8_s)));
  bench.stall(false);
  bench.until(10_s);
  CHECK(bench.count(RecordKind::appended) == (for_ever ? 4 : 1));
}

TEST_CASE("timer: while the clock is set back, what is asked for before it was set is over at once",
          "[timer]") {
  Bench bench;
  bench.until(12'050_ms);
  bench.set_clock(Duration{} - 10_s);
  bench.send_timed(3000);  // for 5.05 s by the clock; the wheel's time stands still at 12 s
  bench.until(30_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{12'100_ms});  // the next look
  CHECK(timer_idle(bench.broker(), bench.config));
  bench.watched();
}

TEST_CASE("timer: what a broker that starts with its clock set back puts before the checkpoint is never read",
          "[timer]") {
  const bool set_while_dead = GENERATE(false, true);
  Bench bench;
  bench.until(12'050_ms);
  if (!set_while_dead) bench.set_clock(Duration{} - 10_s);
  bench.kill();
  bench.tell_death(FaultKind::kill);
  if (set_while_dead) bench.set_clock(Duration{} - 10_s);
  bench.until(13_s);
  bench.restart();
  bench.until(13'050_ms);
  bench.send_timed(3000);  // 6.05 s by the clock; the wheel had been read up to 12 s
  bench.until(20'050_ms);
  CHECK(bench.count(RecordKind::timer_passed) == 1);
  CHECK(bench.count(RecordKind::appended) == 0);
  CHECK(timer_idle(bench.broker(), bench.config));
  bench.send_timed(5000);  // 15.05 s: slot 15 s, over at 16 s, which is 26 s of the run
  bench.until(40_s);
  CHECK(bench.count(RecordKind::timer_passed) == 1);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{26_s});
  bench.watched();
}

TEST_CASE("timer: at a start, what is over goes into a slot: that one has been read, and nothing comes twice",
          "[timer]") {
  Bench bench;
  bench.until(12'700_ms);
  bench.send_timed(60'000);  // the last of timerlog
  bench.until(12'950_ms);
  bench.send_timed(20);  // slot 12 s, which is over at 13 s: put at once, so timerlog has nothing of it
  bench.until(14'500_ms);
  REQUIRE(bench.times(RecordKind::appended) == std::vector<Duration>{13_s});
  bench.crash(14'500_ms, 16_s);  // the checkpoint of 14 s has read the slot
  bench.until(20_s);
  CHECK(bench.count(RecordKind::timer_passed) == 1);
  CHECK(bench.count(RecordKind::appended) == 1);
  bench.watched();
}

TEST_CASE("timer: what was over and not yet put when the broker died is never put", "[timer]") {
  Bench bench;
  bench.until(12'950_ms);
  bench.send_timed(20);
  bench.until(12'960_ms);
  bench.memory().disk_full = true;  // refused at 13 and 13.5 s
  bench.until(13'700_ms);
  bench.crash(13'700_ms, 16_s);
  bench.until(20_s);
  CHECK(bench.count(RecordKind::timer_passed) == 1);
  CHECK(bench.count(RecordKind::appended) == 0);
  CHECK(timer_idle(bench.broker(), bench.config));
  bench.watched();
}

TEST_CASE("timer: what takes the place of a tail that was cut off is enqueued, however early the next kill",
          "[timer]") {
  Bench bench;
  bench.until(2050_ms);
  for (int i = 0; i < 3; ++i) bench.send_timed(60'000);
  bench.until(3050_ms);  // a checkpoint behind all three
  bench.lose_power();
  bench.tell_death(FaultKind::power_loss);
  REQUIRE(bench.count(RecordKind::scheduled_lost) == 3);
  bench.until(5_s);
  bench.restart();
  bench.until(5050_ms);
  bench.send_timed(8000);  // at the place of the first: slot 13 s
  bench.crash(5060_ms, 6_s);
  bench.until(20_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{14_s});
  bench.watched();
}

TEST_CASE("timer: a clock before the beginning of the run has the same slots", "[timer]") {
  Config config = timed();
  config.hosts[0].wall_clock_offset = Duration{} - 1_h;
  Bench bench(std::move(config));
  bench.until(2050_ms);
  bench.send_timed(3000);
  bench.until(8_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{6_s});
}

TEST_CASE("timer: what is read in the queue and what a slot holds are refused three times each", "[timer]") {
  Bench bench;
  bench.until(2_s);
  bench.send_timed(1500);  // slot 3 s: over at 4 s
  bench.until(3950_ms);
  bench.send_timed(20);  // the same slot, which is over when it is enqueued at 4 s
  bench.until(3960_ms);
  bench.memory().disk_full = true;
  bench.until(6_s);
  CHECK(bench.times(RecordKind::timer_given_up) == std::vector<Duration>{5_s, 5_s});
}

TEST_CASE("timer: three threads give up what is over in the queue, too", "[timer]") {
  Bench bench;
  bench.until(3950_ms);
  for (int i = 0; i < 4; ++i) bench.send_timed(20);
  bench.until(3960_ms);
  bench.memory().disk_full = true;  // the first three at 4, 4.5 and 5 s, the fourth from 5 s on
  bench.until(5050_ms);
  bench.memory().disk_full = false;
  bench.until(8_s);
  CHECK(bench.times(RecordKind::timer_given_up) == std::vector<Duration>(3, 5_s));
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{5500_ms});
}

TEST_CASE("timer: a disk without any room throws, and the wheel tries again each 50 ms", "[timer]") {
  Config config = timed();
  config.hosts[0].disk_size = 1 << 30;
  Bench bench(std::move(config));
  bench.until(2_s);
  bench.send_timed(5000);  // over at 7 s
  bench.until(4_s);
  bench.world().hosts[0].disk_filled = 1 << 30;
  bench.until(8520_ms);
  CHECK(bench.count(RecordKind::appended) == 0);
  bench.world().hosts[0].disk_filled = 0;
  bench.until(10_s);
  CHECK(bench.count(RecordKind::timer_given_up) == 0);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{8550_ms});
}

TEST_CASE("timer: a stall that ends on a full disk leaves nobody waiting", "[timer]") {
  Config config = timed();
  config.brokers[0].settings.timerEnableRetryUntilSuccess = true;
  Bench bench(std::move(config));
  bench.until(2_s);
  bench.send_timed(3000);  // over at 5 s
  bench.until(4900_ms);
  bench.stall(true);
  bench.until(5200_ms);
  bench.memory().disk_full = true;
  bench.stall(false);  // refused from 5.2 s on, again after 500 ms each
  bench.until(6_s);
  bench.memory().disk_full = false;
  bench.until(8_s);
  CHECK(bench.times(RecordKind::appended) == std::vector<Duration>{6200_ms});
}

TEST_CASE("timer: what rolls when the clock is set on by a month is over, not wound round 32 bits",
          "[timer]") {
  Config config = timed();
  config.brokers[0].settings.timerRollWindowSlot = 10;
  Bench bench(std::move(config));
  bench.until(1_s);
  bench.send_timed(30'000);
  bench.until(2050_ms);
  bench.set_clock(720_h);
  bench.until(4_s);
  CHECK(bench.count(RecordKind::timer_rolled) == 1);
  CHECK(bench.count(RecordKind::appended) == 1);
  bench.watched();
}

TEST_CASE(
    "timer: the monitor forbids what was never stored, what is early, and a second time without a crash",
    "[timer]") {
  const Config config = timed();
  const SimTime start{};
  TimerMonitor monitor(config);
  const auto over = [](std::int64_t offset) { return make_record(RecordKind::timer_over, 0, 0, offset); };
  CHECK_THROWS_AS(monitor.on(start, over(0)), sim::BugError);
  monitor.on(start, make_record(RecordKind::timer_stored, 0, 1000LL << 16, 1));
  CHECK_THROWS_AS(monitor.on(start + 999_ms, over(1)), sim::BugError);
  monitor.on(start + 1_s, over(1));
  CHECK_THROWS_AS(monitor.on(start + 2_s, over(1)), sim::BugError);
  monitor.on(start + 3_s,
             make_record(RecordKind::process_died, 0, static_cast<std::int64_t>(FaultKind::kill)));
  CHECK_NOTHROW(monitor.on(start + 4_s, over(1)));
}

}  // namespace brokersim::model::rocketmq
