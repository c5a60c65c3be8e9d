// Groups and controlled sets under faults that keep every page cache, with half messages and delayed ones on
// their way: no transition is unknown, everything comes to rest after the heal, and what a group has
// acknowledged is in its topic, however often.
#include <algorithm>

#include "model/rocketmq/monitors.hpp"
#include "tests/catch.hpp"
#include "tests/model/controlled_set.hpp"
#include "tests/model/dledger_group.hpp"
#include "tests/model/member_faults.hpp"

namespace brokersim::model {
namespace {

/// Its hosts: the members', the name server's, the producers', a controller's.
Config group(std::uint64_t seed) {
  Config config = controlled(members);
  config.controllers.clear();
  for (std::uint16_t i = 0; i < members; ++i) {
    BrokerConfig& member = config.brokers[i];
    member = group_member(member, seed % 4 < 2 ? Profile::v4_9 : Profile::v5_3);
    member.settings.enableControllerMode = false;
    member.settings.brokerId = i + 1;
  }
  config.producers[0].profile = config.brokers[0].profile;
  return config;
}

/// One producer of half messages, one of delayed ones.
Config busy(Config config) {
  config.producer_groups = {"shop", "later"};
  ProducerConfig& shop = config.producers[0];
  shop.messages = 300;
  shop.transaction.emplace();
  shop.transaction->check_absent_is_rollback = true;
  shop.transaction->rollback_chance = 0.2;
  ProducerConfig later = shop;
  later.name = "later";
  later.group = ProducerGroupId(1);
  later.transaction.reset();
  later.delay_level = 2;
  config.producers.push_back(later);
  config.network.delay = Distribution::uniform(100_us, 2_ms);
  return config;
}

bool in_topic(const rocketmq::Broker& broker, std::uint32_t intent) {
  const auto& log = broker.cache.log;
  return std::any_of(log.begin(), log.end(), [&](const rocketmq::LogRecord& record) {
    return record.topic == TopicId(0) && record.intent.value == intent;
  });
}

}  // namespace

TEST_CASE("elected services: a swarm of faults", "[elected][swarm]") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    INFO("seed " << seed);
    const bool is_group = seed % 2 == 0;
    Config config = busy(is_group ? group(seed) : controlled(members));
    for (std::uint64_t i = 0; i < 4; ++i) config.faults.push_back(random_fault(seed, i));
    Run run(config, 100_s, seed);
    heal(run);
    run.until(1500_s);
    const World& world = run.simulation.world();
    CHECK(drained(world, run.simulation.config()));
    rocketmq::Monitors monitors(run.simulation.config());
    for (const auto& r : run.recorder.records()) monitors.on(r.at, r.record);
    if (!is_group) continue;  // by default it acknowledges what nobody else has
    const std::int32_t master = rocketmq::group_master(world, run.simulation.config(), 0);
    REQUIRE(master >= 0);
    for (const std::uint32_t intent : run.subjects(RecordKind::acknowledged))
      CHECK(in_topic(world.brokers[static_cast<std::size_t>(master)], intent));
  }
}

}  // namespace brokersim::model
