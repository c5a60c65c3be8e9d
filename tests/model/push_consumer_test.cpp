// The push consumer as a whole, against real brokers on a network whose every delay is 1 ms.
#include <algorithm>

#include "model/explorable.hpp"
#include "model/rocketmq/push_consumer.hpp"
#include "sim/explore.hpp"
#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {

namespace {

const ProcessId first_member{2}, second_member{3};

Config with_profile(Config config, Profile profile) {
  for (BrokerConfig& broker : config.brokers) broker.profile = profile;
  for (PushConsumerConfig& consumer : config.push_consumers) consumer.profile = profile;
  return config;
}

/// Queues by owner, of the user's topic.
std::vector<std::uint16_t> owned(const PushLab& lab, std::size_t member) {
  std::vector<std::uint16_t> queues;
  for (const rocketmq::PushQueue& queue : lab.memory(member).queues) {
    if (queue.used && queue.topic == TopicId(0)) queues.push_back(queue.queue);
  }
  std::sort(queues.begin(), queues.end());
  return queues;
}

std::vector<std::uint32_t> duplicated(const PushLab& lab) {
  std::vector<std::uint32_t> found;
  for (const auto& [intent, times] : lab.effects()) {
    if (times > 1) found.push_back(intent);
  }
  return found;
}

}  // namespace

// Goal: nothing is lost, doubled or left over when nothing fails, and then the consumer says that it is idle.
TEST_CASE("push: everything is delivered and processed once") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    const PushLab lab(with_profile(PushLab::config(1, 100), profile), 30_s);
    CHECK(lab.once_each(100));
    CHECK(lab.count(RecordKind::delivered) == 100);
    CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
  }
}

// A connection takes a round trip (2 ms), the heartbeat another; the broker's notice comes a moment before
// its answer. 5.x rebalances a second after the client began at the earliest
// (RebalanceService.minInterval), 4.9 at once. Then GET_CONSUMER_LIST and QUERY_CONSUMER_OFFSET, 2 ms each.
TEST_CASE("push: the first rebalance comes after a second, in 4.9 at once") {
  const PushLab new_one(PushLab::config(1, 0, 1), 3_s);
  CHECK(new_one.run.times(RecordKind::queue_assigned) == std::vector<Duration>{1004_ms});
  const PushLab old_one(with_profile(PushLab::config(1, 0, 1), Profile::v4_9), 3_s);
  CHECK(old_one.run.times(RecordKind::queue_assigned) == std::vector<Duration>{8_ms});
}

// A new queue is pulled half a second after its rebalance in 5.x, and at once in 4.9. A message that was
// there before shows when: the pull (1 ms), its answer (1 ms).
TEST_CASE("push: a new queue is pulled half a second later") {
  Config config = PushLab::config(1, 1, 1);
  config.producers[0].start_at = 0_s;
  config.push_consumers[0].start_at = 100_ms;
  const PushLab lab(config, 3_s);
  CHECK(lab.run.times(RecordKind::delivered) == std::vector<Duration>{100_ms + 1004_ms + 502_ms});
  const PushLab old_one(with_profile(config, Profile::v4_9), 3_s);
  CHECK(old_one.run.times(RecordKind::delivered) == std::vector<Duration>{100_ms + 8_ms + 2_ms});
}

// Measured (5.3.3, fresh group, maxReconsumeTimes 5): 20.0, 30.1, 60.2, 120.1, 180.4 s, reconsumeTimes 0..5,
// then the dead-letter queue. The first is a rebalance (20 s); the others are the delay levels 4 to 7 and at
// most one poll of ScheduleMessageService (100 ms), two round trips and the work.
TEST_CASE("push: a poison message comes again after 20, 30, 60, 120 and 180 s, then is a dead letter") {
  Config config = PushLab::config(1, 1, 1);
  config.producers[0].start_at = 0_s;
  config.push_consumers[0].work.poison_chance = 1;
  config.push_consumers[0].settings.maxReconsumeTimes = 5;
  const PushLab lab(config, 600_s);
  const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
  REQUIRE(begun.size() == 6);
  const std::vector<Duration> gaps{20_s, 30_s, 60_s, 120_s, 180_s};
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    CHECK(begun[i + 1] - begun[i] >= gaps[i]);
    CHECK(begun[i + 1] - begun[i] < gaps[i] + 120_ms);
  }
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(lab.all(RecordKind::consume_begun)[i].b >> 16 == static_cast<std::int64_t>(i));
  }
  CHECK(lab.count(RecordKind::dead_lettered) == 1);
  CHECK(lab.count(RecordKind::processed) == 0);
}

// Exceptions and null are RECONSUME_LATER to the client.
TEST_CASE("push: each failing result is sent back") {
  for (const FailResult result : {FailResult::reconsume_later, FailResult::exception, FailResult::null}) {
    Config config = PushLab::config(1, 3, 1);
    config.push_consumers[0].work.fails_first = 1;
    config.push_consumers[0].work.fail_result = result;
    const PushLab lab(config, 60_s);
    CHECK(lab.count(RecordKind::sent_back) == 3);
    CHECK(lab.once_each(3));
  }
}

// Each pull carries the offset of what was finished when it left. The last message of each queue was got by
// the last pull, so its offset is what the broker has not been told (the first persist comes at 10 s).
TEST_CASE("push: kill -9 redelivers what the broker had not been told") {
  Config config = PushLab::config(1, 40);
  config.faults.push_back(restoring(PushLab::fault(7_s, FaultKind::kill, first_member), 1_s));
  const PushLab lab(config, 40_s);
  CHECK(lab.effects().size() == 40);
  // Message k is sent at 5 s + 100 ms * k to queue k % 4; the last four before 7 s are 16 to 19.
  CHECK(duplicated(lab) == std::vector<std::uint32_t>{16, 17, 18, 19});
}

// shutdown() persists the offsets and leaves the group.
TEST_CASE("push: a graceful stop forgets nothing") {
  Config config = PushLab::config(1, 40);
  config.faults.push_back(restoring(PushLab::fault(7_s + 50_ms, FaultKind::stop, first_member), 1_s));
  const PushLab lab(config, 40_s);
  CHECK(lab.once_each(40));
  CHECK(lab.count(RecordKind::member_left) == 1);
}

TEST_CASE("push: two members share the queues, and the survivor takes the other's") {
  Config config = PushLab::config(2, 40);
  config.faults.push_back(PushLab::fault(7_s, FaultKind::kill, second_member));
  PushLab lab(config, 4_s);
  CHECK(owned(lab, 0) == std::vector<std::uint16_t>{0, 1});
  CHECK(owned(lab, 1) == std::vector<std::uint16_t>{2, 3});
  lab.run.until(7500_ms);
  CHECK(owned(lab, 0) == std::vector<std::uint16_t>{0, 1, 2, 3});
  lab.run.until(20_s);
  lab.watch();
  CHECK(lab.effects().size() == 40);
  CHECK(duplicated(lab) == std::vector<std::uint32_t>{17, 18});  // the last of queues 2 and 3 before 7 s
}

// A host that loses its power closes no channel: its member is forgotten 120 s after its last heartbeat, by a
// scan each 10 s that tells nobody; the survivor's own rebalance (20 s) finds out. Its last heartbeat: 1 s on
// the grid of 30 s.
TEST_CASE("push: a member that falls silent is replaced after two minutes") {
  Config config = PushLab::config(2, 1000);
  config.hosts.push_back(config.hosts[0]);
  config.push_consumers[1].host = HostId(2);
  FaultConfig power = fault_at(7_s, FaultKind::power_loss);
  power.action.host = HostId(2);
  config.faults.push_back(power);
  PushLab lab(config, 120_s);
  CHECK(owned(lab, 0) == std::vector<std::uint16_t>{0, 1});
  lab.run.until(1_s + 120_s + 10_s + 21_s);
  CHECK(owned(lab, 0) == std::vector<std::uint16_t>{0, 1, 2, 3});
  lab.run.until(170_s);
  lab.watch();
  CHECK(lab.effects().size() == 1000);
}

// The offset goes to the broker while the effect is still to come: the kill takes it.
TEST_CASE("push: acknowledged before the work and killed is lost") {
  Config config = PushLab::config(1, 1, 1);
  config.push_consumers[0].work.acknowledge = Acknowledge::before_work;
  config.push_consumers[0].work.time = Distribution::constant(30_s);
  config.faults.push_back(restoring(PushLab::fault(12_s, FaultKind::kill, first_member), 1_s));
  const PushLab lab(config, 100_s);
  CHECK(lab.count(RecordKind::delivered) == 1);
  CHECK(lab.count(RecordKind::effect_behind) == 1);
  CHECK(lab.count(RecordKind::processed) == 0);
}

// One consume thread and work of a second: handed off, three messages are worked on at once; otherwise one
// after the other.
TEST_CASE("push: handing off frees the consume thread") {
  Config config = PushLab::config(1, 3, 1);
  config.producers[0].rate = 100;
  config.push_consumers[0].settings.consumeThreadMin = 1;
  config.push_consumers[0].work.time = Distribution::constant(1_s);
  const auto span = [](const PushLab& lab) {
    const auto times = lab.run.times(RecordKind::processed);
    return times.back() - times.front();
  };
  CHECK(span(PushLab(config, 20_s)) == 2_s);
  for (const Acknowledge acknowledge : {Acknowledge::hand_off, Acknowledge::before_work}) {
    config.push_consumers[0].work.acknowledge = acknowledge;
    const PushLab lab(config, 20_s);
    CHECK(lab.once_each(3));
    if (acknowledge == Acknowledge::hand_off) {
      CHECK(span(lab) < 100_ms);
    } else {
      CHECK(span(lab) == 2_s);
    }
  }
}

// cleanExpireMsg runs at 60, 120 ... s. At 60 s the listener has been busy for 55 s; at 120 s the message
// goes back with level 3, so it comes again 10 s later (and one poll of 100 ms).
TEST_CASE("push: a listener that never returns loses its thread, not its message") {
  Config config = PushLab::config(1, 1, 1);
  config.push_consumers[0].work.fails_first = 1;
  config.push_consumers[0].work.fail_result = FailResult::never;
  config.push_consumers[0].settings.consumeTimeout = 60_s;
  PushLab lab(config, 119_s);
  CHECK_FALSE(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
  lab.run.until(200_s);
  lab.watch();
  REQUIRE(lab.count(RecordKind::consume_expired) == 1);
  CHECK(lab.run.times(RecordKind::consume_expired)[0] == 120_s + 2_ms);
  CHECK(lab.all(RecordKind::sent_back)[0].b == 3);
  const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
  REQUIRE(begun.size() == 2);
  CHECK(begun[1] >= 130_s);
  CHECK(begun[1] < 130_s + 120_ms);
  CHECK(lab.once_each(1));
  CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
}

// A listener that fails after it has expired: 5.x sees that its message is gone, 4.9 sends it back once more.
TEST_CASE("push: in 4.9 an expired message that fails goes back twice") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = with_profile(PushLab::config(1, 1, 1), profile);
    config.push_consumers[0].work.fails_first = 1;
    config.push_consumers[0].work.time = Distribution::constant(130_s);
    config.push_consumers[0].settings.consumeTimeout = 60_s;
    const PushLab lab(config, 136_s);
    CHECK(lab.count(RecordKind::consume_expired) == 1);
    CHECK(lab.count(RecordKind::sent_back) == (profile == Profile::v5_3 ? 1U : 2U));
  }
}

// ProcessQueue: one stuck message holds the offset back, so a kill brings everything behind it again.
TEST_CASE("push: the offset is the smallest unfinished one") {
  Config config = PushLab::config(1, 60, 1);
  config.push_consumers[0].work.poison_chance = 0.05;
  config.push_consumers[0].work.fail_result = FailResult::never;
  PushLab lab(config, 15_s);
  const rocketmq::PushQueue& queue = lab.memory().queues[0];
  const auto done = lab.effects();
  REQUIRE(done.size() < 60);  // the seed has a poison message
  std::uint32_t stuck = 0;    // one queue: the nth intent has offset n
  while (done.count(stuck) != 0) ++stuck;
  REQUIRE(stuck < 55);
  CHECK(queue.committed == stuck);
  CHECK(queue.held.first == stuck);
  CHECK(queue.next == 60);
}

// Ten may be held; the pull that brings the eleventh brings up to 32. One thread takes 100 ms for each, so
// there is room again when ten are left, and the pull leaves at the next look, each 50 ms from the first
// refusal on.
TEST_CASE("push: flow control stops pulling and looks again each 50 ms") {
  Config config = PushLab::config(1, 200, 1);
  config.producers[0].start_at = 0_s;
  config.producers[0].rate = 1000;
  config.push_consumers[0].settings.consumeThreadMin = 1;
  config.push_consumers[0].settings.pullThresholdForQueue = 10;
  config.push_consumers[0].work.time = Distribution::constant(100_ms);
  PushLab lab(config, 2_s);
  std::int64_t most = 0;
  std::uint64_t events = lab.run.simulation.events();
  for (Duration t = 2_s; t < 12_s; t += 10_ms) {
    lab.run.until(t);
    most = std::max(most, lab.memory().queues[0].held.count);
  }
  CHECK(most > 32);
  CHECK(most <= 42);
  // Ten seconds: 100 messages of two events, some four pulls of three, heartbeats; but no looks.
  events = lab.run.simulation.events() - events;
  CHECK(events < 300);
  lab.run.until(40_s);
  lab.watch();
  CHECK(lab.once_each(200));
}

// A list is one call of the listener: it fails as a whole, also for what it had done before.
TEST_CASE("push: one failure sends the whole list back") {
  Config config = PushLab::config(1, 8, 1);
  config.producers[0].start_at = 0_s;
  config.producers[0].rate = 1000;
  config.push_consumers[0].settings.consumeMessageBatchMaxSize = 8;
  config.push_consumers[0].work.fail_chance = 0.3;
  const PushLab lab(config, 300_s);
  const auto results = lab.all(RecordKind::consume_result);
  REQUIRE(results.size() >= 8);
  const auto is_good = [](const sim::Record& r) {
    return static_cast<ConsumeResult>(r.b) == ConsumeResult::success;
  };
  // The first eight results are those of the first call.
  const auto good = std::count_if(results.begin(), results.begin() + 8, is_good);
  CHECK((good == 0 || good == 8));
  CHECK(lab.effects().size() == 8);
}

// The broker is paused as the answer to the send back is due: no answer within 5 s, the normal send finds no
// answer either within 3 s, and 5 s later the message is consumed here again. When the broker continues it
// executes both, so the message also comes from the retry topic, twice.
TEST_CASE("push: a send back without an answer doubles the message") {
  Config config = PushLab::config(1, 1, 1);
  config.push_consumers[0].work.fails_first = 1;
  FaultConfig pause = fault_on(EventName::broker_send_back, 1, true, FaultKind::pause);
  pause.action.process = broker0;
  config.faults.push_back(restoring(pause, 20_s));
  const PushLab lab(config, 120_s);
  const std::vector<Duration> begun = lab.times(RecordKind::consume_begun, 0);
  REQUIRE(begun.size() == 4);
  CHECK(begun[1] - begun[0] == 2_ms + 5_s + 3_s + 5_s);
  CHECK(lab.count(RecordKind::send_back_failed) == 2);
  CHECK(lab.count(RecordKind::sent_back) == 1);
  CHECK(lab.count(RecordKind::retry_stored) == 2);
  CHECK(lab.count(RecordKind::processed) == 3);
}

// The broker's log is cut behind the consumer's back: the broker tells it the present end
// (OFFSET_OVERFLOW_BADLY). 5.x takes the queue anew at once, 4.9 after 10 s and the next rebalance.
TEST_CASE("push: an offset beyond the end is corrected") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = with_profile(PushLab::config(1, 20, 1), profile);
    config.push_consumers[0].host = HostId(1);
    config.faults.push_back(restoring(fault_at(8_s, FaultKind::power_loss), 1_s));
    const PushLab lab(config, 60_s);
    CHECK(lab.count(RecordKind::copy_lost) > 0);
    CHECK(lab.count(RecordKind::queue_revoked) >= 1);
    const auto& queue = lab.memory().queues[0];
    CHECK(queue.next == rocketmq::visible_end(lab.world().brokers[0], TopicId(0), 0));
    CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
  }
}

// A broker that was restarted knows no members: pulls fail with SUBSCRIPTION_NOT_EXIST until the client has
// told it. 5.x tells it with the channel, 4.9 with its next scheduled heartbeat (31 s).
TEST_CASE("push: a restarted broker is told of its consumer at once, in 4.9 with the next heartbeat") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = with_profile(PushLab::config(1, 300, 1), profile);
    config.faults.push_back(restoring(PushLab::fault(7_s, FaultKind::kill, broker0), 1_s));
    const PushLab lab(config, 60_s);
    const std::vector<Duration> joined = lab.run.times(RecordKind::member_joined);
    REQUIRE(joined.size() == 2);
    // Killed at 7 s, up at 11 s; the refused pulls come each second.
    if (profile == Profile::v5_3) {
      CHECK(joined[1] < 12_s);
    } else {
      CHECK(joined[1] == 31_s + 1_ms);
    }
    CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
  }
}

// Queues are shared among all members of the group, whatever they subscribe to
// (RebalanceImpl.rebalanceByTopic): the half of "orders" that falls to the other member is read by nobody, so
// nobody is ever done.
TEST_CASE("push: two members with different topics leave queues to nobody") {
  Config config = PushLab::config(2, 40);
  config.topics.push_back({.name = "refunds", .queues = 4});
  config.push_consumers[1].topics = {TopicId(1)};
  const PushLab lab(config, 60_s);
  CHECK(owned(lab, 0) == std::vector<std::uint16_t>{0, 1});
  CHECK(owned(lab, 1).empty());
  CHECK(lab.effects().size() == 20);
  CHECK_FALSE(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
}

TEST_CASE("push: a minute without messages costs few events") {
  PushLab lab(PushLab::config(1, 0, 4), 60_s);
  const std::uint64_t before = lab.run.simulation.events();
  lab.run.until(120_s);
  // Two heartbeats and three rebalances of two topics (each call: request and answer), and per queue a pull
  // of 15 to 20 s: request, answer and the next pull's turn; the broker's loop that answers them.
  CHECK(lab.run.simulation.events() - before < 120);
}

// Rule 1: a fork continues as the original; style: a step depends on its arguments alone.
TEST_CASE("push: steps are pure and forks continue alike") {
  Config config = PushLab::config(2, 20);
  config.push_consumers[0].work.fails_first = 1;
  config.faults.push_back(restoring(PushLab::fault(6_s, FaultKind::kill, second_member), 1_s));
  config.faults.push_back(restoring(PushLab::fault(8_s, FaultKind::kill, broker0), 1_s));
  config.faults.push_back(restoring(PushLab::fault(15_s, FaultKind::pause, first_member), 6_s));
  sim::Choices choices = sim::Choices::draw(sim::Seed(3));
  sim::State<Model> state = sim::initial_state<Model>(config, choices);
  sim::Agenda<Event>::Entry next;
  while (state.agenda.pop_until(SimTime{} + 60_s, next)) {
    sim::State<Model> twin = state;
    sim::execute<Model>(state, next.at, next.event, config, choices);
    sim::execute<Model>(twin, next.at, next.event, config, choices);
    const auto digest = sim::canonical_digest<Model, ExplorableModel>(state);
    REQUIRE(digest == sim::canonical_digest<Model, ExplorableModel>(twin));
    REQUIRE(state.trace.value() == twin.trace.value());
  }
  CHECK(state.world.verdict.size() == 20);
}

// ------------------------------------------------------------------------------------------- the monitor

TEST_CASE("push: the monitor knows what may not happen") {
  const Config config = PushLab::config(1, 1, 1);
  const std::int64_t me = first_member.value,
                     good = static_cast<std::int64_t>(ConsumeResult::success) | me << 16;
  const auto tell = [&](rocketmq::ConsumeMonitor& monitor, RecordKind kind, std::int64_t b) {
    monitor.on(SimTime{} + 1_s, make_record(kind, 0, 0, b));
  };
  rocketmq::ConsumeMonitor monitor(config);
  tell(monitor, RecordKind::delivered, 0);
  tell(monitor, RecordKind::consume_begun, me);
  // Success before the effect, from a listener that works first.
  CHECK_THROWS_AS(tell(monitor, RecordKind::consume_result, good), sim::BugError);
  monitor.reset();
  // An effect that nobody is at work on.
  CHECK_THROWS_AS(tell(monitor, RecordKind::processed, 1 | me << 16), sim::BugError);
  monitor.reset();
  tell(monitor, RecordKind::delivered, 0);
  tell(monitor, RecordKind::consume_begun, me);
  tell(monitor, RecordKind::processed, 1 | me << 16);
  // It has not expired.
  CHECK_THROWS_AS(tell(monitor, RecordKind::consume_expired, me << 16), sim::BugError);
  CHECK_NOTHROW(tell(monitor, RecordKind::consume_result, good));
}

}  // namespace brokersim::model
