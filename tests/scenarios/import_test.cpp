// From a broker.conf to a scenario: what is honoured is taken over, everything else is told.
#include "scenarios/analyse/import_config.hpp"

#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::scenarios {

namespace {

Import imported(const std::string& text, const std::string& version = "5.3") {
  return import_config(
      {.brokers = {{"broker.conf", text}}, .producers = {}, .consumers = {}, .version = version});
}

model::Config config_of(const Import& import) {
  REQUIRE(import.errors.empty());
  return read_scenario(import.scenario, "import").config;
}

}  // namespace

TEST_CASE("import: a production file becomes a scenario that runs", "[import]") {
  const Import import = imported(
      "brokerClusterName=Prod\nbrokerName = broker-x\nbrokerId=0\nbrokerRole=ASYNC_MASTER\n"
      "flushDiskType=SYNC_FLUSH\nflushIntervalCommitLog=250\n");
  const model::Config config = config_of(import);
  REQUIRE(config.brokers.size() == 1);
  CHECK(config.brokers[0].name == "broker-x");
  CHECK(config.brokers[0].settings.flushDiskType == model::FlushDiskType::SYNC_FLUSH);
  CHECK(config.brokers[0].settings.flushIntervalCommitLog == sim::Duration{250'000'000});
  CHECK(config.producers.size() == 1);
  CHECK(config.faults.size() == 1);
  CHECK(import.left_out == std::vector<std::string>{"broker.conf:1: brokerClusterName: not modelled"});
}

TEST_CASE("import: what changes the counts, what nobody knows and what the version lacks is told",
          "[import]") {
  const Import import = imported(
      "brokerPermission=4\nflushIntervalComitLog=250\ntransactionOpBatchInterval=1000\nflushDiskType="
      "SYNC_FLUSH\n",
      "4.9");
  CHECK(import.left_out ==
        std::vector<std::string>{
            "broker.conf:1: brokerPermission: 4 changes what is lost or doubled, and is not modelled: "
            "the counts are those of 6",
            "broker.conf:2: flushIntervalComitLog: no setting of a RocketMQ broker; did you mean "
            "\"flushIntervalCommitLog\"?",
            "broker.conf:3: transactionOpBatchInterval: RocketMQ 4.9 has no such setting and ignores it"});
  const Scenario scenario = read_scenario(import.scenario, "import");
  CHECK(scenario.description.find("brokerPermission: 4") != std::string::npos);
}

TEST_CASE("import: a value that a setting cannot have is an error at its line", "[import]") {
  const Import import = imported("\nflushIntervalCommitLog=soon\nflushDiskType=NEVER\n");
  CHECK(import.scenario.empty());
  REQUIRE(import.errors.size() == 2);
  CHECK(import.errors[0].starts_with("broker.conf:2: flushIntervalCommitLog: "));
  CHECK(import.errors[1].starts_with("broker.conf:3: flushDiskType: "));
}

TEST_CASE("import: several brokers, clients of their own, and no slave", "[import]") {
  const Import import = import_config({.brokers = {{"a.conf", "brokerName=a"},
                                                   {"s.conf", "brokerName=a\nbrokerId=1\nbrokerRole=SLAVE"},
                                                   {"b.conf", "brokerName=b\ntransactionTimeOut=3000"}},
                                       .producers = {{"p.properties", "sendMsgTimeout=1000"}},
                                       .consumers = {{"c.properties", "consumeMessageBatchMaxSize: 4"}}});
  const model::Config config = config_of(import);
  REQUIRE(config.brokers.size() == 2);
  CHECK(config.brokers[1].name == "b");
  CHECK(config.brokers[1].settings.transactionTimeOut == sim::Duration{3'000'000'000});
  CHECK(config.producers.at(0).settings.sendMsgTimeout == sim::Duration{1'000'000'000});
  CHECK(config.push_consumers.at(0).settings.consumeMessageBatchMaxSize == 4);
  CHECK(import.left_out == std::vector<std::string>{"s.conf: a slave: replication is not modelled yet"});
}

}  // namespace brokersim::scenarios
