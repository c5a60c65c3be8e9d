// Who is known to a broker, who is told of whom, and when somebody is forgotten. The broker begins at 0, so
// the scan for silent clients is at 10, 20, 30 ... s.
#include "tests/catch.hpp"
#include "tests/model/consuming_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Bench = ConsumingBench;

std::size_t notices(Bench& bench) { return bench.answered(PayloadKind::notify_consumer_ids_changed).size(); }

Config mismatched() {
  Config config = Bench::billing();
  config.push_consumers[1].topics = {TopicId(1)};
  return config;
}

std::optional<ClientChannel> whom_to_ask(Bench& bench) {
  auto context = bench.at_now();
  Site site(bench.world(), 0, context);
  return available_producer(site, ProducerGroupId(0));
}

/// Producers on connections 0 .. n-1, of one group.
Config shops(std::size_t n) {
  Config config = Bench::billing();
  config.producers.resize(n);
  return config;
}

void make_producers(Bench& bench, std::uint16_t n) {
  World& world = bench.world();
  world.processes.resize(n + 1U);
  for (std::uint16_t i = 0; i < n; ++i) {
    world.processes[i + 1U].life = host::Life::running;
    world.processes[i + 1U].role = host::Role::producer;
    world.processes[i + 1U].index = i;
    bench.connect(i);
    bench.heartbeat(i);
  }
}

}  // namespace

TEST_CASE("clients: a heartbeat makes a producer known once, and is answered") {
  Bench bench;
  CHECK_FALSE(whom_to_ask(bench).has_value());
  bench.heartbeat(Bench::producer);
  bench.heartbeat(Bench::producer);
  CHECK(bench.count(RecordKind::producer_known) == 1);
  const auto responses = bench.answered(PayloadKind::heartbeat_response);
  REQUIRE(responses.size() == 2);
  CHECK(responses[0].payload.opaque == 1);
  CHECK(responses[1].payload.opaque == 2);
  REQUIRE(whom_to_ask(bench).has_value());
  CHECK(whom_to_ask(bench)->client == ProcessId(3));
}

TEST_CASE("clients: producers are asked in turn; three are looked at for an open channel") {
  Bench bench(shops(5));
  make_producers(bench, 5);
  // positiveAtomicCounter.incrementAndGet(): the first index is 1.
  for (const int expected : {1, 2, 3, 4, 0, 1}) CHECK(whom_to_ask(bench)->connection.value == expected);
  const auto break_at_broker = [&](std::uint16_t connection) {
    bench.world().network.connections[connection].server_end = network::End::lost;
  };
  break_at_broker(2);
  break_at_broker(3);
  CHECK(whom_to_ask(bench)->connection == ConnectionId(4));  // index 2, 3, 4
  CHECK(whom_to_ask(bench)->connection == ConnectionId(4));  // index 3, 4
  break_at_broker(4);
  CHECK(whom_to_ask(bench)->connection == ConnectionId(0));  // index 4, 0
  CHECK(whom_to_ask(bench)->connection == ConnectionId(0));
  CHECK(whom_to_ask(bench)->connection == ConnectionId(1));
  CHECK_FALSE(whom_to_ask(bench).has_value());  // index 2, 3, 4: no fourth try
}

TEST_CASE("clients: after more than 120 s of silence the next scan forgets the channel and closes it") {
  Bench bench;
  bench.until(3_s);
  bench.heartbeat(Bench::producer);
  bench.until(129'999_ms);
  CHECK(bench.broker_events == 0);
  CHECK(whom_to_ask(bench).has_value());
  bench.until(130_s);
  CHECK(bench.broker_events == 1);
  CHECK_FALSE(whom_to_ask(bench).has_value());
  CHECK(bench.count(RecordKind::producer_forgotten) == 1);
  CHECK_FALSE(network::is_open(bench.world(), ConnectionId(Bench::producer), false));
  bench.until(300_s);
  CHECK(bench.broker_events == 1);
}

TEST_CASE("clients: 120 s sharp are not more than 120 s, and heartbeats put the scan off") {
  Bench sharp;
  sharp.until(5_s);
  sharp.heartbeat(Bench::first_member);  // for whom there is a scan at 130 s
  sharp.until(10_s);
  sharp.heartbeat(Bench::producer);
  sharp.until(139'999_ms);
  CHECK(whom_to_ask(sharp).has_value());
  sharp.until(140_s);
  CHECK_FALSE(whom_to_ask(sharp).has_value());

  Bench alive;
  for (int i = 0; i < 20; ++i) {
    alive.until(30_s * i);
    alive.heartbeat(Bench::producer);
  }
  CHECK(alive.broker_events == 0);
  CHECK(whom_to_ask(alive).has_value());
}

TEST_CASE("clients: a new member is told to all, the newcomer too; the same heartbeat again to nobody") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  CHECK(notices(bench) == 1);
  bench.heartbeat(Bench::second_member);
  CHECK(notices(bench) == 3);
  bench.heartbeat(Bench::first_member);
  bench.heartbeat(Bench::second_member);
  CHECK(notices(bench) == 3);
  CHECK(bench.count(RecordKind::member_joined) == 2);

  Config quiet = Bench::billing();
  quiet.brokers[0].settings.notifyConsumerIdsChangedEnable = false;
  Bench silent(quiet);
  silent.heartbeat(Bench::first_member);
  CHECK(notices(silent) == 0);
}

TEST_CASE("clients: a channel that closes, and a client that leaves, are told to those that remain") {
  for (const bool leaves : {false, true}) {
    Bench bench;
    bench.heartbeat(Bench::first_member);
    bench.heartbeat(Bench::second_member);
    const std::size_t before = notices(bench);
    leaves ? bench.ask(Bench::second_member, PayloadKind::unregister_client)
           : bench.close(Bench::second_member);
    CHECK(notices(bench) == before + 1);
    const auto left = bench.all(RecordKind::member_left);
    REQUIRE(left.size() == 1);
    CHECK(left[0].record.subject == 2);
  }
}

TEST_CASE("clients: of a member that expired nobody is told") {
  Bench bench;
  bench.heartbeat(Bench::second_member);
  bench.until(60_s);
  bench.heartbeat(Bench::first_member);
  const std::size_t before = notices(bench);
  bench.until(150_s);
  CHECK(bench.count(RecordKind::member_left) == 1);
  CHECK(notices(bench) == before);
}

TEST_CASE("clients: the first heartbeat of a group creates its retry topic, on no disk yet") {
  Bench bench;
  const TopicId retry = retry_topic(bench.config, GroupId(0));
  CHECK(bench.broker().cache.topics[retry.value] == 0);
  bench.heartbeat(Bench::first_member);
  bench.heartbeat(Bench::second_member);
  CHECK(bench.broker().cache.topics[retry.value] == 1);
  CHECK(bench.broker().disk.topics[retry.value] == 0);
  CHECK(bench.all(RecordKind::topic_created).size() == 1);
  bench.lose_power(UnsyncedFiles::old_version);
  CHECK(bench.broker().cache.topics[retry.value] == 0);
}

TEST_CASE("clients: members with different subscriptions overwrite each other, and one is refused") {
  Bench bench(mismatched());
  bench.send_order();
  bench.run(10_ms);
  bench.heartbeat(Bench::first_member);
  bench.pull_from(0);
  CHECK(bench.answered(PayloadKind::pull_response).back().payload.status == Status::PULL_FOUND);
  bench.heartbeat(Bench::second_member);
  bench.pull_from(0);
  CHECK(bench.answered(PayloadKind::pull_response).back().payload.status == Status::SUBSCRIPTION_NOT_EXIST);
  const std::size_t before = notices(bench);
  bench.heartbeat(Bench::first_member);  // changes it back, which is news for both
  CHECK(notices(bench) == before + 2);
  bench.pull_from(0);
  CHECK(bench.answered(PayloadKind::pull_response).back().payload.status == Status::PULL_FOUND);
}

TEST_CASE("clients: the list of a group's members, or an error; nothing is left in the pool") {
  Bench bench;
  bench.ask(Bench::first_member, PayloadKind::get_consumer_list);
  const Payload none = bench.answered(PayloadKind::consumer_list).back().payload;
  CHECK(none.status == Status::SYSTEM_ERROR);
  release_payload(bench.world(), none);
  bench.heartbeat(Bench::first_member);
  bench.heartbeat(Bench::second_member);
  bench.ask(Bench::first_member, PayloadKind::get_consumer_list);
  const Payload both = bench.answered(PayloadKind::consumer_list).back().payload;
  CHECK(both.status == Status::SEND_OK);
  CHECK(bench.world().member_lists.slots[both.size].members == std::vector{ProcessId(1), ProcessId(2)});
  release_payload(bench.world(), both);
  bench.close(Bench::first_member);
  for (const MemberList& list : bench.world().member_lists.slots) CHECK_FALSE(list.used);
}

TEST_CASE(
    "clients: a process with two channels stands in the list twice, as long as the old one is not missed") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  auto& connections = bench.world().network.connections;
  connections.push_back(connections[Bench::first_member]);
  bench.heartbeat(static_cast<std::uint16_t>(connections.size() - 1));
  CHECK(bench.memory().clients.consumers[0].members.size() == 2);
  CHECK(bench.count(RecordKind::member_joined) == 2);
}

TEST_CASE("clients: a kill forgets everybody") {
  Bench bench;
  bench.heartbeat(Bench::first_member);
  bench.heartbeat(Bench::producer);
  bench.kill();
  bench.restart();
  CHECK_FALSE(whom_to_ask(bench).has_value());
  bench.pull_from(0);
  CHECK(bench.answered(PayloadKind::pull_response).back().payload.status == Status::SUBSCRIPTION_NOT_EXIST);
}

}  // namespace brokersim::model::rocketmq
