// RebalanceLockManager at a broker that begins to live at 0, and its table.
#include "model/canonical.hpp"
#include "model/rocketmq/queue_lock_table.hpp"
#include "tests/catch.hpp"
#include "tests/model/consuming_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Bench = ConsumingBench;

const TopicQueue orders{TopicId(0), 0}, refunds{TopicId(1), 0};

/// The queues that are locked for this client then.
std::vector<TopicQueue> lock(Bench& bench, std::uint16_t from, std::vector<TopicQueue> queues,
                             std::uint32_t life = 0) {
  Payload request;
  request.kind = PayloadKind::lock_batch;
  request.record = life;
  request.size = bench.world().queue_sets.take();
  bench.world().queue_sets.slots[request.size].queues = std::move(queues);
  bench.ask(from, request);
  const Payload answer = bench.answered(PayloadKind::lock_batch_response).back().payload;
  const std::vector<TopicQueue> locked = bench.world().queue_sets.slots[answer.size].queues;
  release_payload(bench.world(), answer);
  return locked;
}

bool locks(Bench& bench, std::uint16_t from, std::uint32_t life = 0) {
  return !lock(bench, from, {orders}, life).empty();
}

void unlock(Bench& bench, std::uint16_t from, std::uint32_t life = 0) {
  Payload request;
  request.kind = PayloadKind::unlock_batch;
  request.oneway = true;
  request.record = life;
  request.size = bench.world().queue_sets.take();
  bench.world().queue_sets.slots[request.size].queues = {orders};
  bench.ask(from, request);
}

}  // namespace

TEST_CASE("locks: a queue belongs to who locked it, and each queue is judged by itself") {
  Bench bench;
  CHECK(lock(bench, Bench::first_member, {orders}) == std::vector<TopicQueue>{orders});
  CHECK(lock(bench, Bench::second_member, {orders, refunds}) == std::vector<TopicQueue>{refunds});
  CHECK(lock(bench, Bench::first_member, {orders, refunds}) == std::vector<TopicQueue>{orders});
}

// LockEntry.isExpired: more than 60 s since the holder last asked.
TEST_CASE("locks: another client waits for more than 60 s, and each renewal begins them anew") {
  Bench bench;
  CHECK(locks(bench, Bench::first_member));
  bench.until(20_s);
  CHECK(locks(bench, Bench::first_member));
  bench.until(80_s);
  CHECK(!locks(bench, Bench::second_member));
  bench.until(80_s + 1_ns);
  CHECK(locks(bench, Bench::second_member));
}

// RebalanceLockManager.tryLockBatch sets the client of an expired entry and not its lastUpdateTimestamp,
// in 4.9.8 as in 5.3.3: whoever asks next gets the lock as well, although its new holder consumes.
TEST_CASE("locks: one that was taken over when it had expired protects nobody, until it is given back") {
  Bench bench;
  CHECK(locks(bench, Bench::first_member));
  bench.until(70_s);
  CHECK(locks(bench, Bench::second_member));
  CHECK(locks(bench, Bench::second_member));
  CHECK(locks(bench, Bench::first_member));
  unlock(bench, Bench::first_member);
  CHECK(locks(bench, Bench::second_member));
  CHECK(!locks(bench, Bench::first_member));
}

TEST_CASE("locks: only its holder can give a lock back") {
  Bench bench;
  CHECK(locks(bench, Bench::first_member));
  unlock(bench, Bench::second_member);
  CHECK(!locks(bench, Bench::second_member));
  unlock(bench, Bench::first_member);
  CHECK(locks(bench, Bench::second_member));
}

// changeInstanceNameToPID: the client id has the pid in it.
TEST_CASE("locks: a restarted client is another one") {
  Bench bench;
  CHECK(locks(bench, Bench::first_member, 0));
  CHECK(!locks(bench, Bench::first_member, 1));
}

TEST_CASE("locks: a restarted broker knows of none") {
  Bench bench;
  CHECK(locks(bench, Bench::first_member));
  bench.kill();
  bench.restart();
  bench.connect(Bench::second_member);
  CHECK(locks(bench, Bench::second_member));
}

// SendMessageProcessor.handleRetryAndDLQ asks isLockAllExpired since 5.1.1, so a send to the retry topic is a
// dead letter whatever its count; 4.9.8 does not ask.
TEST_CASE("locks: while a group holds some, what is sent to its retry topic is a dead letter (5.3)") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Bench bench(Bench::billing(profile));
    bench.heartbeat(Bench::first_member);
    CHECK(locks(bench, Bench::first_member));
    Payload request;
    request.kind = PayloadKind::send_request;
    request.topic = retry_topic(bench.config, GroupId(0));
    request.intent = IntentId(0);
    request.record = 1;
    request.attempt = 3;
    request.sequence = 16;
    bench.ask(Bench::first_member, request);
    bench.run(10_ms);
    CHECK(bench.count(RecordKind::dead_lettered) == (profile == Profile::v5_3 ? 1 : 0));
    CHECK(bench.count(RecordKind::scheduled) == (profile == Profile::v5_3 ? 0 : 1));
  }
}

TEST_CASE("locks: equal situations have equal locks, however often the holder was restarted before") {
  Bench once, twice;
  twice.world().processes[1].incarnation = Incarnation(1);
  CHECK(locks(once, Bench::first_member, 0));
  CHECK(locks(twice, Bench::first_member, 1));
  const World a = normal_form(once.world()), b = normal_form(twice.world());
  REQUIRE(a.brokers[0].memory.locks.size() == 1);
  CHECK(a.brokers[0].memory.locks[0].life == b.brokers[0].memory.locks[0].life);
}

TEST_CASE("locks: the table forbids two holders, and refusals without one") {
  const auto record = [](std::uint32_t client, QueueLocking locking) {
    return make_record(RecordKind::queue_locked, client, 0, static_cast<std::int64_t>(locking) << 16);
  };
  const Config config = Bench::billing();
  QueueLockMonitor monitor(config);
  CHECK_THROWS_AS(monitor.on(SimTime{}, record(1, QueueLocking::refused)), sim::BugError);
  monitor.on(SimTime{}, record(1, QueueLocking::granted));
  CHECK_THROWS_AS(monitor.on(SimTime{} + 1_s, record(2, QueueLocking::granted)), sim::BugError);
  CHECK_THROWS_AS(monitor.on(SimTime{} + 60_s, record(2, QueueLocking::taken_over)), sim::BugError);
  CHECK_NOTHROW(monitor.on(SimTime{} + 61_s, record(2, QueueLocking::taken_over)));
}

TEST_CASE("locks: every row of the table is taken", "[coverage]") {
  Bench bench;
  CHECK(locks(bench, Bench::first_member));
  CHECK(locks(bench, Bench::first_member));
  CHECK(!locks(bench, Bench::second_member));
  unlock(bench, Bench::second_member);
  unlock(bench, Bench::first_member);
  unlock(bench, Bench::first_member);
  CHECK(locks(bench, Bench::first_member));
  bench.until(61_s);
  CHECK(locks(bench, Bench::second_member));
  unlock(bench, Bench::first_member);
  unlock(bench, Bench::second_member);
  CHECK(locks(bench, Bench::first_member));
  QueueLockMonitor monitor(bench.config);
  for (const auto& r : bench.recorder.records()) monitor.on(r.at, r.record);
  monitor.on(bench.state.now, make_record(RecordKind::process_died, 0));
  monitor.on(bench.state.now, make_record(RecordKind::queue_locked, 1, 0, 0));
  monitor.on(bench.state.now + 61_s, make_record(RecordKind::queue_locked, 1, 0, std::int64_t{2} << 16));
  monitor.on(bench.state.now + 61_s, make_record(RecordKind::process_died, 0));
  CHECK(monitor.coverage().uncovered() == "");
}

}  // namespace brokersim::model::rocketmq
