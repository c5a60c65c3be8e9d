// Groups of three under faults that keep every page cache: whatever is killed, paused, stopped or cut off,
// nothing acknowledged is lost, no transition is unknown, and after the heal all members have one log.
#include <set>

#include "model/rocketmq/dledger_settings.hpp"
#include "model/rocketmq/monitors.hpp"
#include "sim/random.hpp"
#include "tests/catch.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

constexpr std::uint16_t members = 3;

/// The nth number below `limit` of this seed.
std::uint64_t number(std::uint64_t seed, std::uint64_t nth, std::uint64_t limit) {
  return sim::subject(seed, nth) % limit;
}

Config group(std::uint64_t seed) {
  Config config = small_cluster();
  config.hosts.assign(members + 2, config.hosts[0]);
  BrokerConfig member = config.brokers[0];
  member.profile = seed % 2 == 0 ? Profile::v4_9 : Profile::v5_3;
  member.settings.enableDLegerCommitLog = true;
  member.settings.brokerName = "group";
  rocketmq::fix_by_dledger(member.settings);
  config.brokers.clear();
  for (std::uint16_t i = 0; i < members; ++i) {
    member.host = HostId(i);
    member.set = i == 0 ? own_set : std::uint16_t{0};
    member.settings.brokerId = i + 1;
    config.brokers.push_back(member);
  }
  NameServerConfig server;
  server.name = "ns";
  server.host = HostId(members + 1);
  config.name_servers.push_back(server);
  config.producers[0].host = HostId(members);
  config.producers[0].profile = member.profile;
  config.producers[0].messages = 600;
  config.producers[0].settings.retryTimesWhenSendFailed = 2;
  config.network.delay = Distribution::uniform(100_us, 2_ms);
  take_no_own_time(config);
  return config;
}

FaultConfig random_fault(std::uint64_t seed, std::uint64_t nth) {
  constexpr FaultKind kinds[] = {FaultKind::kill, FaultKind::pause, FaultKind::stop, FaultKind::partition};
  const std::uint64_t at = nth * 10;
  FaultConfig fault = fault_at(Duration{static_cast<std::int64_t>(number(seed, at, 50'000)) * 1'000'000},
                               kinds[number(seed, at + 1, 4)]);
  const auto victim = static_cast<std::uint16_t>(number(seed, at + 2, members));
  fault.action.process = ProcessId(victim);
  fault.action.host = HostId(victim);
  fault.action.other_host =
      HostId(static_cast<std::uint16_t>((victim + 1 + number(seed, at + 3, 2)) % members));
  return restoring(fault, Duration{static_cast<std::int64_t>(number(seed, at + 4, 25'000)) * 1'000'000});
}

std::set<std::uint32_t> intents_of(const rocketmq::Broker& broker) {
  std::set<std::uint32_t> all;
  for (const rocketmq::LogRecord& record : broker.cache.log) all.insert(record.intent.value);
  return all;
}

}  // namespace

TEST_CASE("dledger: a swarm of faults loses nothing acknowledged", "[dledger][swarm]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    Config config = group(seed);
    for (std::uint64_t i = 0; i < 4; ++i) config.faults.push_back(random_fault(seed, i));
    Run run(config, 100_s, seed);
    heal(run);
    run.until(250_s);
    const World& world = run.simulation.world();
    CHECK(drained(world, run.simulation.config()));
    const std::int32_t master = rocketmq::group_master(world, run.simulation.config(), 0);
    REQUIRE(master >= 0);
    const auto stored = intents_of(world.brokers[static_cast<std::size_t>(master)]);
    for (const std::uint32_t intent : run.subjects(RecordKind::acknowledged))
      CHECK(stored.count(intent) == 1);
    const rocketmq::Broker& leader = world.brokers[static_cast<std::size_t>(master)];
    for (const rocketmq::Broker& broker : world.brokers) {
      // One that has raised its term while its log was behind stays a candidate (model-rocketmq-dledger.md).
      const bool outside = broker.memory.dledger.term > leader.memory.dledger.term;
      if (outside) CHECK(broker.memory.dledger.role == rocketmq::MemberRole::candidate);
      if (!outside) CHECK(broker.cache.log.size() == leader.cache.log.size());
    }
    rocketmq::Monitors monitors(run.simulation.config());
    for (const auto& r : run.recorder.records()) monitors.on(r.at, r.record);
  }
}

}  // namespace brokersim::model
