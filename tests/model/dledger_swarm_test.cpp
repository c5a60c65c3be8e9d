// Groups of three under faults that keep every page cache: whatever is killed, paused, stopped or cut off,
// nothing acknowledged is lost, no transition is unknown, and after the heal all members have one log.
#include <set>

#include "model/rocketmq/monitors.hpp"
#include "tests/catch.hpp"
#include "tests/model/dledger_group.hpp"
#include "tests/model/member_faults.hpp"

namespace brokersim::model {
namespace {

Config group(std::uint64_t seed) {
  Config config = group_of_three(seed % 2 == 0 ? Profile::v4_9 : Profile::v5_3);
  config.producers[0].messages = 600;
  config.producers[0].settings.retryTimesWhenSendFailed = 2;
  config.network.delay = Distribution::uniform(100_us, 2_ms);
  return config;
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
