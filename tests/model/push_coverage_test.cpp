// Design rule 6: every row of the table of consuming is taken by some run, here by runs that are made for it.
#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {

namespace {

const ProcessId me{2};

class Sum {
 public:
  /// Both profiles.
  void run(Config config, Duration until) {
    for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
      for (BrokerConfig& broker : config.brokers) broker.profile = profile;
      for (PushConsumerConfig& consumer : config.push_consumers) consumer.profile = profile;
      coverage.merge(PushLab(config, until).coverage);
    }
  }
  sim::RowCoverage<rocketmq::consume_rows> coverage;
};

/// One message, whose first delivery fails.
Config failing() {
  Config config = PushLab::config(1, 1, 1);
  config.push_consumers[0].work.fails_first = 1;
  return config;
}

Config with_kill(Config config, Duration time) {
  config.faults.push_back(PushLab::fault(time, FaultKind::kill, me));
  return config;
}

Config with_pause(Config config, Duration from, Duration duration) {
  config.faults.push_back(restoring(PushLab::fault(from, FaultKind::pause, broker0), duration));
  return config;
}

/// The broker is paused when the first send-back arrives, or has just been executed.
Config with_silence(Config config, bool executed, Duration duration) {
  config.brokers[0].answer_time = Distribution::constant(10_ms);
  FaultConfig pause = fault_on(EventName::broker_send_back, 1, !executed, FaultKind::pause);
  pause.action.process = broker0;
  config.faults.push_back(restoring(pause, duration));
  return config;
}

/// cleanExpireMsg looks at 60, 120 s ...; the message comes at 5 s.
Config long_work(Duration time, bool fails = false) {
  Config config = PushLab::config(1, 1, 1);
  config.push_consumers[0].work.time = Distribution::constant(time);
  config.push_consumers[0].work.fails_first = fails ? 1 : 0;
  config.push_consumers[0].settings.consumeTimeout = 60_s;
  return config;
}

Config stuck(bool with_effect) {
  Config config = failing();
  config.push_consumers[0].work.fail_result = FailResult::never;
  config.push_consumers[0].work.applied_when_failing = with_effect;
  config.push_consumers[0].settings.consumeTimeout = 60_s;
  return config;
}

/// It comes at 5 s, is sent back at 120 s and comes again 10 s later; each listener hangs after `time`.
Config hung(Duration time) {
  Config config = long_work(time, true);
  config.push_consumers[0].work.fails_first = 2;
  config.push_consumers[0].work.fail_result = FailResult::never;
  return config;
}

/// Two messages in one list, of which the first is done at 101 s and the second at 201 s.
Config long_list() {
  Config config = long_work(100_s);
  config.producers[0].start_at = 0_s;
  config.producers[0].messages = 2;
  config.producers[0].rate = 1000;
  config.push_consumers[0].settings.consumeMessageBatchMaxSize = 2;
  return config;
}

/// A second member takes queues away while their messages are in work.
Config sharing(Duration work, Acknowledge acknowledge, bool fails, std::int32_t threads = 500) {
  Config config = PushLab::config(2, 3000, 4);
  config.producers[0].rate = 1000;
  config.push_consumers[1].start_at = 6_s;
  for (PushConsumerConfig& consumer : config.push_consumers) {
    consumer.work.time = Distribution::constant(work);
    consumer.work.acknowledge = acknowledge;
    consumer.work.fails_first = fails ? 1 : 0;
    consumer.settings.consumeThreadMin = consumer.settings.consumeThreadMax = threads;
  }
  return config;
}

void failures(Sum& sum) {
  Config applied = failing();
  applied.push_consumers[0].work.applied_when_failing = true;
  sum.run(applied, 60_s);
  sum.run(failing(), 60_s);
  for (const Duration silence : {6_s, 10_s, 30_s}) sum.run(with_silence(failing(), false, silence), 60_s);
  sum.run(with_silence(failing(), true, 30_s), 60_s);
  // Sent back at 5 s, resent at 10 s, kept from 13 s on: the consumer dies in each of these.
  for (const Duration death : {7_s, 11_s, 15_s})
    sum.run(with_kill(with_silence(failing(), false, 30_s), death), 60_s);
  sum.run(with_kill(with_silence(failing(), true, 30_s), 7_s), 60_s);
}

void acknowledged_first(Sum& sum) {
  for (const Acknowledge acknowledge : {Acknowledge::before_work, Acknowledge::hand_off}) {
    Config config = PushLab::config(1, 4, 1);
    config.push_consumers[0].work.acknowledge = acknowledge;
    config.push_consumers[0].work.fail_chance = 0.5;
    sum.run(config, 30_s);
    config.push_consumers[0].work.time = Distribution::constant(20_s);
    sum.run(with_kill(config, 10_s), 30_s);
  }
}

void expiry(Sum& sum) {
  for (const bool fails : {false, true}) {
    sum.run(long_work(120_s, fails), 160_s);
    sum.run(long_work(130_s, fails), 160_s);
    // The broker goes silent before the round of 120 s, and comes back before or after its time-out. The
    // listener returns at 121 s.
    sum.run(with_pause(long_work(116_s, fails), 115_s, 7_s), 160_s);
    sum.run(with_pause(long_work(116_s, fails), 115_s, 40_s), 200_s);
    sum.run(with_pause(long_work(130_s, fails), 115_s, 40_s), 200_s);
    sum.run(with_kill(long_work(130_s, fails), 125_s), 160_s);
    sum.run(with_kill(long_work(130_s, fails), 50_s), 60_s);
    sum.run(stuck(fails), 200_s);
    sum.run(with_pause(stuck(fails), 115_s, 40_s), 200_s);
    sum.run(with_kill(stuck(fails), 100_s), 110_s);
  }
  sum.run(hung(118_s), 300_s);
  sum.run(hung(130_s), 300_s);
  sum.run(long_list(), 250_s);
  sum.run(with_pause(long_list(), 115_s, 40_s), 250_s);
  sum.run(with_kill(long_list(), 110_s), 120_s);
}

/// cleanExpireMsg asks the silent broker from 120 s on, again and again; the listener fails at 147 s, so that
/// its message waits locally, when the broker executes what it was asked.
void expiry_while_it_waits(Sum& sum) {
  for (Duration silence = 34_s; silence < 43_s; silence += 1_s)
    sum.run(with_pause(long_work(142_s, true), 115_s, silence), 200_s);
}

/// The listener fails after the broker has executed what cleanExpireMsg sent (120.001 s) and before it hears
/// of that (120.002 s).
void expiry_in_flight(Sum& sum) {
  const Duration begun = PushLab(long_work(130_s), 6_s).times(RecordKind::consume_begun, 0).at(0);
  sum.run(long_work(120_s + 1500_us - begun, true), 160_s);
}

/// A thread takes a message each 3 ms and returns in a step of its own at the same instant. The queue is
/// taken away in between if the list of members comes then, so the second member begins on the grid of the
/// first one's work.
void taken_away_in_between(Sum& sum) {
  Config config = sharing(3_ms, Acknowledge::before_work, false, 1);
  const Duration begun = PushLab(config, 5500_ms).run.times(RecordKind::consume_begun).at(0);
  const Duration phase{begun.ns % (1_ms).ns};
  for (Duration later{}; later < 24_ms; later += 1_ms) {
    config.push_consumers[1].start_at = 6_s + phase + later;
    sum.run(config, 8_s);
  }
}

void rebalances(Sum& sum) {
  sum.run(sharing(300_ms, Acknowledge::after_work, false), 10_s);
  sum.run(sharing(300_ms, Acknowledge::after_work, true), 10_s);
  taken_away_in_between(sum);
}

Config orderly(Config config, std::int32_t max_times) {
  for (PushConsumerConfig& consumer : config.push_consumers) {
    consumer.listener = Listener::orderly;
    consumer.work.fail_result = FailResult::suspend;
    consumer.settings.maxReconsumeTimes = max_times;
  }
  return config;
}

/// The second member joins at 6 s, and at once the first gives up half of its queues, whose listeners fail
/// within 300 ms; the broker hears of that, or is silent.
void orderly_failures(Sum& sum) {
  Config applied = failing();
  applied.push_consumers[0].work.applied_when_failing = true;
  sum.run(orderly(applied, -1), 30_s);
  sum.run(orderly(failing(), -1), 30_s);
  sum.run(orderly(failing(), 0), 30_s);
  FaultConfig pause = fault_on(EventName::consumer_returned, 1, true, FaultKind::pause);
  pause.action.process = broker0;
  Config silent = orderly(failing(), 0);
  silent.faults.push_back(restoring(pause, 10_s));
  sum.run(silent, 30_s);
  const Config shared = sharing(300_ms, Acknowledge::after_work, true);
  sum.run(orderly(shared, -1), 10_s);
  sum.run(orderly(shared, 0), 10_s);
  sum.run(with_pause(orderly(shared, 0), 6100_ms, 10_s), 20_s);
}

Config broadcasting(Config config) {
  config.push_consumers[0].settings.messageModel = MessageModel::BROADCASTING;
  return config;
}

void broadcast_failures(Sum& sum) {
  Config applied = failing();
  applied.push_consumers[0].work.applied_when_failing = true;
  sum.run(broadcasting(applied), 30_s);
  sum.run(broadcasting(failing()), 30_s);
  sum.run(broadcasting(long_work(130_s, true)), 160_s);
}

}  // namespace

TEST_CASE("push: every row of the table of consuming is taken", "[coverage]") {
  Sum sum;
  failures(sum);
  acknowledged_first(sum);
  expiry(sum);
  expiry_in_flight(sum);
  expiry_while_it_waits(sum);
  rebalances(sum);
  orderly_failures(sum);
  broadcast_failures(sum);
  CHECK(sum.coverage.uncovered() == "");
}

}  // namespace brokersim::model
