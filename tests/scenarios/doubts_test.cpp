// Warnings of what a file says and hardly means. It runs as RocketMQ would run it.
#include <algorithm>

#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;

/// The slave stands first in the file: the configuration has it behind its master.
constexpr std::string_view pair = R"({
  "cluster": { "kind": "rocketmq",
    "brokers": [
      { "name": "a-slave", "config": { "brokerName": "a", "brokerId": 1, "brokerRole": "SLAVE" } },
      { "name": "a" } ],
    "nameservers": [ { "name": "ns-1" }, { "name": "ns-2" } ],
    "topics": [ { "name": "orders" } ] },
  "producers": [ { "name": "shop" } ], "consumers": [ { "name": "billing" } ] })";

std::vector<std::string> warnings(std::vector<Override> sets) {
  std::vector<Problem> found;
  read_scenario(pair, "pair", sets, &found);
  std::vector<std::string> told;
  for (const Problem& problem : found) told.push_back(to_string(problem));
  return told;
}

constexpr const char* role = "cluster.brokers.a.config.brokerRole";

}  // namespace

// CommitLog.asyncPutMessage of 5.3.3 asks inSyncReplicas, which counts the master; 4.9.8
// (submitReplicaRequest) asks one slave.
TEST_CASE("a SYNC_MASTER of 5.3 that waits for nobody is doubtful", "[doubts]") {
  const auto told = warnings({{role, "SYNC_MASTER"}});
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Catch::StartsWith("/cluster/brokers/1/config/brokerRole: warning: a SYNC_MASTER"));
  CHECK_THAT(told[0], Catch::Contains("\"inSyncReplicas\": 2"));
  CHECK(warnings({{role, "SYNC_MASTER"}, {"cluster.brokers.a.config.inSyncReplicas", "2"}}).empty());
  CHECK(warnings({{role, "SYNC_MASTER"}, {"cluster.version", "4.9"}}).empty());
  CHECK(warnings({{role, "ASYNC_MASTER"}}).empty());
}

// CommitLog.asyncPutMessage of 5.3.3: in controller mode a SyncStateSet below minInSyncReplicas is
// IN_SYNC_REPLICAS_NOT_ENOUGH; else a put waits for inSyncReplicas, the master among them.
TEST_CASE("a set that can never have the replicas that it asks for is doubtful", "[doubts]") {
  const auto told = warnings({{role, "SYNC_MASTER"}, {"cluster.brokers.a.config.inSyncReplicas", "3"}});
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0],
             Catch::StartsWith("/cluster/brokers/1/config/inSyncReplicas: warning: its set can never"));
  CHECK_THAT(told[0], Catch::Contains("at most 2"));

  std::vector<Override> sets{
      {"cluster.brokers.a-slave.config", R"({ "brokerName": "a", "enableControllerMode": true })"},
      {"cluster.brokers.a.config", R"({ "enableControllerMode": true })"},
      {"cluster.controllers", R"([ { "name": "controller" } ])"}};
  CHECK(warnings(sets).empty());
  sets.push_back({"cluster.brokers.*.config.minInSyncReplicas", "3"});
  REQUIRE(warnings(sets).size() == 2);
  CHECK_THAT(warnings(sets)[0], Catch::Contains("minInSyncReplicas: warning: its set can never"));
  CHECK_THAT(warnings(sets)[0], Catch::Contains("SYSTEM_ERROR"));
  sets.back() = {"cluster.brokers.*.config.inSyncReplicas", "3"};
  CHECK(warnings(sets).size() == 2);
  sets.push_back({"cluster.brokers.*.config.allAckInSyncStateSet", "true"});
  CHECK(warnings(sets).empty());
  sets[3].value = "2", sets.pop_back();
  CHECK(warnings(sets).empty());
}

TEST_CASE("a slave that stands in and may not be read, and name servers that do not show it, are doubtful",
          "[doubts]") {
  std::vector<Override> sets{{"cluster.brokers.*.config.enableSlaveActingMaster", "true"},
                             {"cluster.brokers.*.config.totalReplicas", "2"},
                             {"cluster.nameservers.ns-1.config.supportActingMaster", "true"}};
  const auto told = warnings(sets);
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[0], Catch::StartsWith("/cluster/brokers/0/config/slaveReadEnable: warning: "));
  CHECK_THAT(told[1], Catch::StartsWith("/cluster/nameservers/1/config/supportActingMaster: warning: "));
  sets.push_back({"cluster.brokers.a-slave.config.slaveReadEnable", "true"});
  sets.push_back({"cluster.nameservers.ns-2.config.supportActingMaster", "true"});
  CHECK(warnings(sets).empty());
}

// HookUtils.transformDelayLevelMessage (5.3.3) and CommitLog.asyncPutMessage (4.9.8): beyond maxDelayLevel it
// is that.
TEST_CASE("a delay level beyond the table is the last one", "[doubts]") {
  for (const std::string version : {"4.9", "5.3"}) {
    const auto told = warnings({{"cluster.version", version}, {"producers.0.delay_level", "19"}});
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0],
               Catch::StartsWith("/producers/0/delay_level: warning: messageDelayLevel has 18 levels: "
                                 "the broker takes 19 for 18"));
  }
  CHECK(warnings({{"producers.0.delay_level", "18"}}).empty());
  const auto told = warnings({{"cluster.brokers.a.config.messageDelayLevel", "1s 5s"},
                              {"consumers.0.work", R"({ "fail": 0.5, "delay_level": 3 })"}});
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0],
             Catch::StartsWith("/consumers/0/work/delay_level: warning: messageDelayLevel has 2 levels"));
}

}  // namespace brokersim::tests
