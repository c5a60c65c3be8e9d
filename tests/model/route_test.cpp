// Name servers, registrations and the routes of clients: who learns what, and when. One-way delay 1 ms;
// brokers have just been started (up_for 0), so they register 10 s, 40 s, 70 s ... after the beginning.
#include "tests/catch.hpp"
#include "tests/model/client_lab.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

constexpr std::size_t shop = 0;

/// Brokers, a host of their own each, then the clients', then one for each name server.
Config with_name_servers(std::size_t brokers, std::size_t servers, Profile profile = Profile::v5_3) {
  Config config = lab(brokers);
  for (BrokerConfig& broker : config.brokers) {
    broker.profile = profile;
    broker.up_for = Duration{};
    broker.restart_time = Distribution::constant(1_s);
  }
  for (std::size_t i = 0; i < servers; ++i) {
    config.hosts.push_back(HostConfig{});
    NameServerConfig server;
    server.name = "ns";
    server.host = HostId(static_cast<std::uint16_t>(brokers + 1 + i));
    server.profile = profile;
    server.restart_time = Distribution::constant(1_s);
    config.name_servers.push_back(server);
  }
  config.producers[shop].profile = profile;
  config.producers[shop].rate = 10;
  config.producers[shop].messages = 100'000;
  take_no_own_time(config);
  return config;
}

ProcessId first_server(const Config& config) { return name_server_process(config, 0); }

FaultConfig power_loss_at(Duration time, std::size_t host) {
  FaultConfig fault = fault_at(time, FaultKind::power_loss, ProcessId{});
  fault.action.host = HostId(static_cast<std::uint16_t>(host));
  fault.never_restored = true;
  return fault;
}

FaultConfig never(FaultConfig fault) {
  fault.never_restored = true;
  return fault;
}

/// When the producer's route of its topic changed, and to how many brokers.
std::vector<std::pair<Duration, std::int64_t>> routes_of(const Run& run, const Config& config) {
  std::vector<std::pair<Duration, std::int64_t>> all;
  for (const auto& r : run.recorder.records()) {
    const bool is_route = r.record.kind == static_cast<std::uint32_t>(RecordKind::route_learned);
    if (is_route && r.record.a == 0 && r.record.subject == producer_process(config, shop).value)
      all.emplace_back(r.at - SimTime{}, r.record.b);
  }
  return all;
}

using Routes = std::vector<std::pair<Duration, std::int64_t>>;
using Times = std::vector<Duration>;

}  // namespace

// 2 ms for the channel, 2 ms for the route; 2 ms for the channel to the broker.
TEST_CASE("a first send asks for the route, and goes when it is there") {
  const Config config = with_name_servers(2, 1);
  Run run(config, 1_s);
  CHECK(routes_of(run, config) == Routes{{4_ms, 2}});
  CHECK(run.times(RecordKind::attempt_sent).at(0) == 6_ms);
  CHECK(run.times(RecordKind::told_failed).empty());
}

TEST_CASE("a killed broker leaves the name server at once, and a client's route at its next poll") {
  Config config = with_name_servers(2, 1);
  config.faults.push_back(never(fault_at(2050_ms, FaultKind::kill, broker_process(0))));
  Run run(config, 40_s);
  CHECK(run.times(RecordKind::broker_forgotten) == Times{2051_ms});
  // Polls at 10 ms, 30,010 ms; the answer 2 ms later.
  CHECK(routes_of(run, config) == Routes{{4_ms, 2}, {30'012_ms, 1}});
  // Each fourth send meets the dead broker in 28 s, none after that.
  const Times failed = run.times(RecordKind::attempt_failed);
  CHECK(failed.size() >= 69);
  CHECK(failed.size() <= 70);
  CHECK(failed.back() < 30'012_ms);
}

// Restarted at 3 s. 5.3 registers 10 s later, over a new channel (2 ms); 4.9 as it starts.
TEST_CASE("a restarted broker is back in the routes 10 s later in 5.3, at once in 4.9") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Config config = with_name_servers(2, 1, profile);
    FaultConfig kill = fault_at(1050_ms, FaultKind::kill, broker_process(0));
    kill.restores = true;
    kill.restore_after = Distribution::constant(950_ms);
    config.faults.push_back(kill);
    Run run(config, 40_s);
    const bool is_4_9 = profile == Profile::v4_9;
    CHECK(run.times(RecordKind::broker_forgotten) == Times{1051_ms});
    CHECK(run.times(RecordKind::broker_registered) == Times{is_4_9 ? 3003_ms : 13'003_ms});
    CHECK(routes_of(run, config) == Routes{{4_ms, 2}});  // the poll of 30 s finds it again
  }
}

// The last registration before 45 s is that of 40 s; the name server waits 120 s from there.
TEST_CASE("a broker that vanishes stays listed for 120 s after its last registration") {
  Config config = with_name_servers(2, 1);
  config.faults.push_back(power_loss_at(45_s, 0));
  Run run(config, 200_s);
  CHECK(run.times(RecordKind::broker_forgotten) == Times{160'001_ms});
  CHECK(routes_of(run, config) == Routes{{4_ms, 2}, {180'012_ms, 1}});
}

TEST_CASE("a partition between a broker and the name server looks the same to its clients") {
  Config config = with_name_servers(2, 1);
  FaultConfig cut = fault_at(45_s, FaultKind::partition, ProcessId{});
  cut.action.host = HostId(0);
  cut.action.other_host = HostId(3);
  cut.never_restored = true;
  config.faults.push_back(cut);
  Run run(config, 200_s);
  CHECK(run.times(RecordKind::broker_forgotten) == Times{160'001_ms});
  CHECK(routes_of(run, config) == Routes{{4_ms, 2}, {180'012_ms, 1}});
  CHECK(run.times(RecordKind::told_failed).empty());  // it serves all the same
}

TEST_CASE("without a name server cached routes work, and a new client cannot send") {
  Config config = with_name_servers(1, 1);
  ProducerConfig late = config.producers[shop];
  late.start_at = 2_s;
  late.messages = 5;
  config.producers[shop].messages = 600;
  config.producers.push_back(late);
  config.faults.push_back(never(fault_at(1_s, FaultKind::kill, first_server(config))));
  ClientRun run(config);
  run.until(70_s);
  std::int64_t failed = 0;
  for (const Sent& sent : run.log.sends) {
    if (sent.succeeded) continue;
    ++failed;
    CHECK(sent.error == SendError::no_route);
    CHECK(sent.ended - sent.begun == 2_ms);  // refused
  }
  CHECK(run.log.sends.size() == 605);
  CHECK(failed == 5);
}

// SIGSTOP: the kernel opens the connection, and nobody answers for 3 s.
TEST_CASE("a client asks one name server and goes to the next when it does not answer") {
  Config config = with_name_servers(1, 2);
  for (std::size_t i = 0; i < 2; ++i) {
    Config one = config;
    one.faults.push_back(never(fault_at(Duration{}, FaultKind::pause, name_server_process(one, i))));
    ClientRun run(one);
    run.until(10_s);
    // Its first one is drawn: if it is the paused one, the first send has its answer after 3 s: none.
    const Sent& first = run.log.sends.at(0);
    CHECK((first.succeeded || first.ended - first.begun == 3_s));
    CHECK(run.log.sends.at(1).succeeded);
  }
}

// The brokers register at 10 s and 25 s, and then each 30 s.
TEST_CASE("a restarted name server answers with those that have registered since: a thinner route for 30 s") {
  Config config = with_name_servers(2, 1);
  config.brokers[1].up_for = 15_s;  // registers at 25 s, 55 s
  // The client's channel to it is gone too: it asks again with its next poll, at 30.010 s.
  FaultConfig kill = fault_at(15_s, FaultKind::kill, first_server(config));
  kill.restores = true;
  kill.restore_after = Distribution::constant(1_s);
  config.faults.push_back(kill);
  Run run(config, 70_s);
  // Up at 17 s. Broker 1 registers at 25 s, broker 0 at 40 s.
  CHECK(run.times(RecordKind::broker_registered) == Times{25'003_ms, 40'003_ms});
  CHECK(routes_of(run, config) == Routes{{4_ms, 2}, {30'014_ms, 1}, {60'012_ms, 2}});
  // Nothing fails meanwhile; broker 1 gets it all.
  CHECK(run.times(RecordKind::told_failed).empty());
}

TEST_CASE("a name server that knows nobody yet changes no cached route") {
  Config config = with_name_servers(1, 1);
  FaultConfig kill = fault_at(28_s, FaultKind::kill, first_server(config));
  kill.restores = true;
  kill.restore_after = Distribution::constant(500_ms);
  config.faults.push_back(kill);
  Run run(config, 39_s);
  CHECK(routes_of(run, config) == Routes{{4_ms, 1}});
  CHECK(run.times(RecordKind::told_failed).empty());
}

TEST_CASE("the period of registrations is 10 to 60 s, whatever is set") {
  for (const auto& [set, second] : {std::pair{1_s, 20_s}, std::pair{30_s, 40_s}, std::pair{600_s, 70_s}}) {
    Config config = with_name_servers(1, 1);
    config.brokers[0].settings.registerNameServerPeriod = set;
    // Vanishes just after its second registration: listed for 120 s from there.
    config.faults.push_back(power_loss_at(second + 500_ms, 0));
    Run run(config, 200_s);
    CHECK(run.times(RecordKind::broker_forgotten) == Times{second + 120'001_ms});
  }
}

// Two sets; the name server hears of the master's kill at once.
TEST_CASE(
    "with the master gone a consumer turns to the slave, and the slave tells a new name server its topics") {
  Config config = with_name_servers(2, 1);
  config.brokers[1].settings.brokerRole = BrokerRole::SLAVE;
  config.brokers[1].settings.brokerId = 1;
  config.brokers[1].settings.slaveReadEnable = true;
  config.brokers[1].set = 0;
  config.producers[shop].messages = 50;
  config.groups.emplace_back("billing");
  PushConsumerConfig billing;
  billing.name = "billing";
  billing.host = HostId(2);
  billing.topics = {TopicId(0)};
  billing.start_at = 60_s;
  billing.settings.consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_FIRST_OFFSET;
  config.push_consumers.push_back(billing);
  config.faults.push_back(never(fault_at(20_s, FaultKind::kill, broker_process(0))));
  // The name server forgets everything too; the slave, registering at 40 s, is the first of its set there
  // (5.3).
  FaultConfig kill = fault_at(21_s, FaultKind::kill, first_server(config));
  kill.restores = true;
  kill.restore_after = Distribution::constant(1_s);
  config.faults.push_back(kill);
  Run run(config, 80_s);
  CHECK(run.times(RecordKind::broker_registered) == Times{40'003_ms});
  CHECK(run.times(RecordKind::processed).size() == 50);
}

TEST_CASE("two worlds with the same seed and name servers have the same records") {
  Config config = with_name_servers(2, 2);
  config.faults.push_back(never(fault_at(2050_ms, FaultKind::kill, broker_process(0))));
  Run first(config, 40_s), second(config, 40_s);
  CHECK(first.recorder.records().size() == second.recorder.records().size());
  CHECK(first.times(RecordKind::route_learned) == second.times(RecordKind::route_learned));
}

}  // namespace brokersim::model
