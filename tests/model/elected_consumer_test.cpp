// Push consumers of brokers that elect their master. Every one-way delay is 1 ms; the producer sends each 100
// ms. The consumer has been up since the beginning, so it polls the name server at 10 ms, 30.01 s, 60.01 s.
#include <algorithm>
#include <map>
#include <vector>

#include "model/record.hpp"
#include "tests/catch.hpp"
#include "tests/model/controlled_set.hpp"
#include "tests/model/dledger_group.hpp"
#include "tests/model/purity.hpp"

namespace brokersim::model {
namespace {

/// A group of one on a host of its own.
Config consumed(Config config) {
  config.hosts.push_back(config.hosts[0]);
  config.groups = {"billing"};
  PushConsumerConfig consumer;
  consumer.name = "billing";
  consumer.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
  consumer.profile = config.producers[0].profile;
  consumer.topics = {TopicId(0)};
  consumer.restart_time = Distribution::constant(1_s);
  consumer.work.time = Distribution::constant(2_ms);
  consumer.settings.consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_FIRST_OFFSET;
  config.push_consumers.push_back(consumer);
  return config;
}

std::map<std::uint32_t, int> processed(const Run& run) {
  std::map<std::uint32_t, int> times;
  for (const std::uint32_t intent : run.subjects(RecordKind::processed)) ++times[intent];
  return times;
}

/// Acknowledged, and not processed.
std::vector<std::uint32_t> missed(const Run& run) {
  const auto times = processed(run);
  std::vector<std::uint32_t> intents = acknowledged(run);
  std::erase_if(intents, [&](std::uint32_t intent) { return times.contains(intent); });
  return intents;
}

int most_often(const Run& run) {
  int most = 0;
  for (const auto& [intent, times] : processed(run)) most = std::max(most, times);
  return most;
}

std::size_t between(const std::vector<Duration>& times, Duration from, Duration to) {
  return static_cast<std::size_t>(
      std::count_if(times.begin(), times.end(), [&](Duration time) { return time > from && time < to; }));
}

std::int64_t committed(const Run& run, std::size_t broker) { return replica(run, broker).memory.offsets[0]; }

}  // namespace

TEST_CASE("elected: a consumer finds the new master with its next poll", "[elected]") {
  Config config = consumed(all_ack(controlled()));
  config.producers[0].messages = 400;
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 0)));
  const Run run(config, 60_s);
  const auto times = run.times(RecordKind::processed);
  CHECK(between(times, 5100_ms, 30'010_ms) == 0);
  // Its pulls to the dead master fail each second; the first behind the poll goes to the new one.
  CHECK(between(times, 30'010_ms, 31'500_ms) > 0);
  CHECK(missed(run).empty());
  CHECK(most_often(run) == 1);
  // persistAll, each 5 s, goes to the new master too.
  CHECK(committed(run, 1) == static_cast<std::int64_t>(times.size()));
}

// Replica 0 is cut off from the controller (host 4) and from replica 1, not from its clients: it goes on
// until they poll at 30.01 s and hear of the master elected meanwhile. The producer goes there at once; the
// consumer's pull is held by the old master for 15 s, and answered by its loop of 5 s: at 45 to 50 s, a slave
// by then. Its offset of 30 s is beyond the end of the new queue (OFFSET_OVERFLOW_BADLY), so it begins at the
// end: what has come there in 15 to 20 s of 10/s is passed over.
TEST_CASE("elected: a consumer that is ahead of the new master begins at its end", "[elected]") {
  Config config = consumed(controlled());
  config.producers[0].messages = 500;
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 4), 35_s));
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 1), 35_s));
  const Run run(config, 100_s);
  std::size_t skipped = 0;
  for (const std::uint32_t intent : missed(run)) {
    CHECK(holds(replica(run, 1), intent));
    ++skipped;
  }
  CHECK(skipped >= 145);
  CHECK(skipped <= 205);
  CHECK(missing(run, 1) >= 225);
  CHECK(most_often(run) == 1);
}

// SlaveSynchronize of a slave of either kind: a tick each 3 s, a round if the last is more than 10 s ago.
TEST_CASE("elected: a new master has the offsets of its last synchronization", "[elected]") {
  const bool in_group = GENERATE(false, true);
  std::int64_t oldest = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Config config = consumed(in_group ? group_of_three(Profile::v5_3) : all_ack(controlled()));
    config.producers[0].messages = 400;
    const std::size_t consumer = push_consumer_process(config, 0).value;
    config.faults.push_back(never(at_process(30'050_ms, FaultKind::kill, 0)));
    config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, consumer), 20_s));
    const Run run(config, 100_s, seed);
    std::vector<std::uint32_t> twice;
    for (const auto& [intent, times] : processed(run)) {
      if (times > 1) twice.push_back(intent);
    }
    // What lies behind the offset that it had, without a gap: at most 12 s of 10/s, and the last pull.
    const auto count = static_cast<std::int64_t>(twice.size());
    CHECK(count <= 122);
    if (count > 0) CHECK(twice.back() - twice.front() + 1 == count);
    CHECK(missed(run).empty());
    oldest = std::max(oldest, count);
  }
  CHECK(oldest > 60);
}

TEST_CASE("elected: a new master knows no locks", "[elected]") {
  Config config = consumed(all_ack(controlled()));
  config.push_consumers[0].listener = Listener::orderly;
  config.producers[0].messages = 400;
  config.faults.push_back(never(at_process(25'050_ms, FaultKind::kill, 0)));
  const Run run(config, 100_s);
  std::vector<QueueLocking> asked;
  for (const auto& r : run.recorder.records()) {
    const bool at_new = (r.record.a >> 16 & 0xffff) == 1 && r.record.a >> 32 == 0;
    if (r.record.kind != static_cast<std::uint32_t>(RecordKind::queue_locked) || !at_new) continue;
    asked.push_back(static_cast<QueueLocking>(r.record.b >> 16 & 0xffff));
    CHECK(r.at - SimTime{} > 30'010_ms);  // not before the route says so
  }
  REQUIRE(asked.size() >= 2);
  CHECK(asked[0] == QueueLocking::granted);
  CHECK(asked[1] == QueueLocking::renewed);
  const auto order = run.subjects(RecordKind::processed);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(missed(run).empty());
  CHECK(most_often(run) == 1);
}

// Level 3 is 10 s: what was sent back before the kill is delivered by the broker that is the master then.
TEST_CASE("elected: what was sent back comes again from the new master", "[elected]") {
  const bool in_group = GENERATE(false, true);
  Config config = consumed(in_group ? group_of_three(Profile::v5_3) : all_ack(controlled()));
  config.producers[0].messages = 40;
  config.push_consumers[0].work.fails_first = 1;
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 0)));
  const Run run(config, 100_s);
  CHECK(run.subjects(RecordKind::sent_back).size() >= 40);
  CHECK(missed(run).empty());
  CHECK(most_often(run) == 1);
}

// The one that is left is killed, too, and told that it is the master while it is still fenced: its levels
// run from then on.
TEST_CASE("elected: what was sent back comes from a master that has been restarted", "[elected]") {
  Config config = consumed(all_ack(controlled()));
  config.producers[0].messages = 40;
  config.push_consumers[0].work.fails_first = 1;
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 0)));
  config.faults.push_back(restoring(at_process(6050_ms, FaultKind::kill, 1), 20_s));
  const Run run(config, 150_s);
  CHECK(role(run, 1) == rocketmq::ReplicaRole::master);
  CHECK(run.times(RecordKind::delay_over).size() >= 40);
  CHECK(missed(run).empty());
}

TEST_CASE("elected: a broadcasting consumer keeps its own offsets", "[elected]") {
  Config config = consumed(all_ack(controlled()));
  config.push_consumers[0].settings.messageModel = MessageModel::BROADCASTING;
  config.producers[0].messages = 400;
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 0), 5_s));
  const Run run(config, 60_s);
  CHECK(missed(run).empty());
  CHECK(most_often(run) == 1);
}

TEST_CASE("elected: a consumer of a group of three goes on at the new leader", "[elected]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = consumed(group_of_three(profile));
    config.producers[0].messages = 400;
    config.faults.push_back(never(at_process(15'050_ms, FaultKind::kill, 0)));
    const Run run(config, 60_s);
    const auto times = run.times(RecordKind::processed);
    // A 4.9 client is not told that the channel has closed: its pull of 15.01 s waits for its 31 s, and a
    // second.
    const Duration from = profile == Profile::v5_3 ? 30'010_ms : 47_s;
    CHECK(between(times, 15'100_ms, from) == 0);
    CHECK(between(times, from, from + 1500_ms) > 0);
    CHECK(missed(run).empty());
    CHECK(most_often(run) == 1);
  }
}

// maxWaitAckTimeMs (2.5 s) of a send-back that no majority can have: SYSTEM_ERROR. WAIT=false means nothing
// to DLedgerCommitLog.asyncPutMessage.
TEST_CASE("elected: in a DLedger group a send-back waits for the majority", "[elected]") {
  Config config = consumed(group_of_three(Profile::v5_3));
  config.producers[0].messages = 5;
  config.push_consumers[0].work.time = Distribution::constant(3_s);
  config.push_consumers[0].work.fails_first = 1;
  // All are delivered within some 2 s and fail 3 s later. The leader heard of a majority at 1.9 s at the
  // earliest, so it does not step down before 7.9 s.
  for (const std::size_t follower : {1, 2})
    config.faults.push_back(restoring(cut_at(3900_ms, 0, follower), 4_s));
  const Run run(config, 7800_ms);
  const auto sent = run.times(RecordKind::sent_back, 0), failed = run.times(RecordKind::send_back_failed, 0);
  REQUIRE(!sent.empty());
  REQUIRE(!failed.empty());
  CHECK(failed[0] - sent[0] >= 2500_ms);
  CHECK(failed[0] - sent[0] <= 2520_ms);
}

TEST_CASE("elected: steps depend on their arguments alone", "[elected]") {
  Config config = consumed(controlled());
  config.producers[0].rate = 2;
  config.producers[0].messages = 10;
  config.push_consumers[0].work.fails_first = 1;
  config.faults.push_back(restoring(at_process(4003_ms, FaultKind::kill, 0), 5_s));
  CHECK(run_on_copies(config, sim::Seed(1), SimTime{} + 50_s) > 500);
}

}  // namespace brokersim::model
