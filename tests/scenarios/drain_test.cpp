// When a run is over: not before what is on its way has come, and not for ever.
#include <memory>

#include "scenarios/run/seed_run.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::scenarios {

namespace {

SeedResult run(const std::string& text, std::uint64_t seed) {
  const Scenario scenario = read_scenario(text, "test");
  return SeedRunner(std::make_shared<const model::Config>(scenario.config)).run(sim::Seed(seed));
}

}  // namespace

TEST_CASE("retries in a topic that topics.json has forgotten are awaited: a heartbeat creates it again") {
  // A power loss may leave an old topics.json without %RETRY%billing, while the retries wait in their delay
  // level.
  const std::string text = R"({
    "cluster": {"kind": "rocketmq", "version": "4.9",
                "brokers": [{"name": "broker-a", "config": {"flushDiskType": "SYNC_FLUSH"}}],
                "topics": [{"name": "orders"}]},
    "producers": [{"name": "shop", "messages": 100, "rate": "50/s"}],
    "consumers": [{"name": "billing", "work": {"fail_first": 1}}],
    "faults": [{"at": "6s", "power_loss": "broker-a", "restore_after": "5s"}]})";
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const SeedResult result = run(text, seed);
    CHECK(result.drained);
    CHECK(result.groups.at(0)[Count::lost] == 0);
    CHECK(result.groups.at(0)[Count::processed] == 100);
  }
}

TEST_CASE("nobody waits for a member that stays dead if another one has read everything") {
  const std::string text = R"({
    "cluster": {"kind": "rocketmq", "brokers": [{"name": "broker-a"}], "topics": [{"name": "orders"}]},
    "producers": [{"name": "shop", "messages": 500, "rate": "50/s"}],
    "consumers": [{"name": "billing-1", "group": "billing", "topic": "orders"},
                  {"name": "billing-2", "group": "billing", "topic": "orders"}],
    "faults": [{"at": "6s", "kill": "billing-1", "restore": "never"}]})";
  const SeedResult result = run(text, 1);
  CHECK(result.drained);
  CHECK(result.groups.at(0)[Count::processed] == 500);
}

}  // namespace brokersim::scenarios
