// From a broker.conf to a scenario: what is honoured is taken over, everything else is told.
#include "scenarios/analyse/import_config.hpp"

#include "scenarios/read/settings.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::scenarios {

namespace {

Import imported(const std::string& text, const std::string& version = "5.3") {
  return import_config(
      {.files = {{"broker.conf", text}}, .producers = {}, .consumers = {}, .version = version});
}

model::Config config_of(const Import& import) {
  REQUIRE(import.refused.empty());
  return read_scenario(import.scenario, "import").config;
}

bool is_left_out(const Import& import, const std::string& place, const std::string& part) {
  for (const std::string& line : import.left_out) {
    if (line.starts_with(place) && line.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("import: a production file becomes a scenario that runs", "[import]") {
  const Import import = imported(
      "brokerClusterName=Prod\nbrokerName = broker-x\nbrokerId=0\nbrokerRole=ASYNC_MASTER\n"
      "flushDiskType=SYNC_FLUSH\nflushIntervalCommitLog=250\nlistenPort=10911\n");
  const model::Config config = config_of(import);
  REQUIRE(config.brokers.size() == 1);
  CHECK(config.brokers[0].name == "broker-x");
  CHECK(config.brokers[0].settings.flushDiskType == model::FlushDiskType::SYNC_FLUSH);
  CHECK(config.brokers[0].settings.flushIntervalCommitLog == sim::Duration{250'000'000});
  CHECK(config.producers.size() == 1);
  CHECK(config.faults.size() == 1);
  REQUIRE(import.left_out.size() == 2);
  CHECK(is_left_out(import, "broker.conf:1: brokerClusterName: not modelled: ", "records are as long as"));
  CHECK(is_left_out(import, "broker.conf:7: listenPort: not modelled: ", "by their names in the file"));
}

TEST_CASE("import: what is as the model has it stays in the scenario", "[import]") {
  const std::string scenario = imported("brokerId=0\nbrokerRole=ASYNC_MASTER\n").scenario;
  CHECK(scenario.find("\"brokerId\": \"0\"") != std::string::npos);
  CHECK(scenario.find("\"brokerRole\": \"ASYNC_MASTER\"") != std::string::npos);
}

TEST_CASE("import: what changes the counts, what nobody knows and what the version lacks is told",
          "[import]") {
  const Import import =
      imported("brokerPermission=4\nflushIntervalComitLog=250\nmaxMessageSize=100\nsendMsgTimeout=5\n");
  REQUIRE(import.left_out.size() == 3);
  CHECK(is_left_out(import, "broker.conf:1: brokerPermission: 4 changes what is lost or doubled",
                    "the counts are those of 6 ("));
  CHECK(import.left_out[1] ==
        "broker.conf:2: flushIntervalComitLog: no setting of a RocketMQ broker; did you mean "
        "\"flushIntervalCommitLog\"?");
  CHECK(
      import.left_out[2] ==
      "broker.conf:4: sendMsgTimeout: no setting of a RocketMQ broker; it is a producer's: --producer takes "
      "its file");
  const Scenario scenario = read_scenario(import.scenario, "import");
  CHECK(scenario.description.find("brokerPermission: 4 changes") != std::string::npos);
  CHECK(imported("transactionOpBatchInterval=1000\n", "4.9").left_out ==
        std::vector<std::string>{
            "broker.conf:1: transactionOpBatchInterval: RocketMQ 4.9 has no such setting and ignores it"});
}

TEST_CASE("import: a value that a setting cannot have is refused at its line, and written all the same",
          "[import]") {
  const Import import = imported("\nflushIntervalCommitLog=soon\nflushDiskType=NEVER\n");
  REQUIRE(import.refused.size() == 2);
  CHECK(import.refused[0].starts_with("broker.conf:2: flushIntervalCommitLog: "));
  CHECK(import.refused[1].starts_with("broker.conf:3: flushDiskType: "));
  const std::vector<Override> mended{{"cluster.brokers.0.config.flushIntervalCommitLog", "250"},
                                     {"cluster.brokers.0.config.flushDiskType", "SYNC_FLUSH"}};
  CHECK(read_scenario(import.scenario, "import", mended).config.brokers.size() == 1);
}

TEST_CASE("import: several brokers, and clients of their own", "[import]") {
  const Import import = import_config(
      {.files = {{"a.conf", "brokerName=a"}, {"b.conf", "brokerName=b\ntransactionTimeOut=3000"}},
       .producers = {{"p.properties", "sendMsgTimeout=1000"}},
       .consumers = {{"c.properties", "consumeMessageBatchMaxSize: 4"}}});
  const model::Config config = config_of(import);
  REQUIRE(config.brokers.size() == 2);
  CHECK(config.brokers[1].name == "b");
  CHECK(config.brokers[1].settings.transactionTimeOut == sim::Duration{3'000'000'000});
  CHECK(config.brokers[0].host != config.brokers[1].host);
  CHECK(config.producers.at(0).settings.sendMsgTimeout == sim::Duration{1'000'000'000});
  CHECK(config.push_consumers.at(0).settings.consumeMessageBatchMaxSize == 4);
  CHECK(import.left_out.empty());
}

// DefaultMQProducer.setProducerGroup, DefaultMQPushConsumer.setConsumerGroup.
TEST_CASE("import: the groups that files of clients name are theirs", "[import]") {
  const Import import =
      import_config({.files = {{"a.conf", "brokerName=a"}},
                     .producers = {{"p.properties", "producerGroup=pay-tx"}},
                     .consumers = {{"c1.properties", "consumerGroup=other\nconsumerGroup=ledger"},
                                   {"c2.properties", "consumerGroup=ledger"},
                                   {"c3.properties", "pullBatchSize=16"}}});
  const model::Config config = config_of(import);
  CHECK(config.producers.at(0).name == "pay-tx");
  CHECK(config.groups == std::vector<std::string>{"ledger", "billing"});
  CHECK(config.push_consumers.at(0).group == config.push_consumers.at(1).group);
  CHECK(config.push_consumers.at(0).name == "ledger-1");
  CHECK(import.left_out.empty());
}

// Before its queues are its own a consumer lets everything wait, whatever fails later.
TEST_CASE("import: producers begin when consumers have their queues", "[import]") {
  const model::Config config = config_of(imported("brokerName=a"));
  CHECK(config.producers.at(0).start_at == sim::Duration{10'000'000'000});
}

TEST_CASE("import: a broker that is no slave is a master, whatever its id", "[import]") {
  const Import import = imported("brokerName=a\nbrokerId=3\n");
  CHECK(config_of(import).brokers.at(0).name == "a");
  CHECK(import.left_out ==
        std::vector<std::string>{"broker.conf:2: brokerId: a master has brokerId 0, whatever its file says"});
}

TEST_CASE("import: a slave is a broker with a name of its own", "[import]") {
  const Import import = import_config(
      {.files = {{"s.conf", "brokerName=a\nbrokerId=1\nbrokerRole=SLAVE\nflushDiskType=SYNC_FLUSH"},
                 {"a.conf", "brokerName=a\nbrokerId=0\nbrokerRole=SYNC_MASTER"}},
       .producers = {},
       .consumers = {}});
  CHECK(import.left_out.empty());
  const model::Config config = config_of(import);
  REQUIRE(config.brokers.size() == 2);
  CHECK(config.brokers[0].name == "a");
  CHECK(config.brokers[1].name == "a-slave-1");
  CHECK(model::master_of(config, 1) == 0);
  CHECK(config.brokers[1].settings.flushDiskType == model::FlushDiskType::SYNC_FLUSH);
}

// ------------------------------------------------------------------------------- rocketmq-spring

namespace {

Import spring(const std::string& path, const std::string& text) {
  return import_config({.files = {{path, text}}, .producers = {}, .consumers = {}});
}

constexpr const char* application = R"(spring:
  application: { name: shop }
server:
  port: 8080
rocketmq:
  name-server: 10.0.0.1:9876;10.0.0.2:9876   # two
  producer:
    group: "order-producer"
    send-message-timeout: 1500
    retryTimesWhenSendFailed: ${SHOP_RETRIES:1}
    retry-times-when-send-async-failed: ${SHOP_ASYNC}
    retry-next-server: true
    compress-message-body-threshold: 4096
    access-key: me
    no-such-thing: 1
  consumer:
    pull-batch-size: 10
    listeners:
      billing:
        orders: true
      audit:
        orders: false
)";

}  // namespace

TEST_CASE("import: an application.yml gives a producer and the listeners that it starts", "[import]") {
  const Import import = spring("application.yml", application);
  const model::Config config = config_of(import);
  CHECK(config.brokers.size() == 1);
  REQUIRE(config.producers.size() == 1);
  CHECK(config.producer_groups == std::vector<std::string>{"order-producer"});
  CHECK(config.producers[0].settings.sendMsgTimeout == sim::Duration{1'500'000'000});
  CHECK(config.producers[0].settings.retryTimesWhenSendFailed == 1);
  CHECK(config.producers[0].settings.retryTimesWhenSendAsyncFailed == 2);
  CHECK(config.producers[0].settings.retryAnotherBrokerWhenNotStoreOK);
  REQUIRE(config.push_consumers.size() == 1);
  CHECK(config.groups == std::vector<std::string>{"billing"});
  CHECK(config.topics.at(0).name == "orders");
}

TEST_CASE("import: what an application.yml says in vain is told", "[import]") {
  const Import import = spring("application.yml", application);
  CHECK(config_of(import).name_servers.size() == 2);
  CHECK(is_left_out(import, "application.yml:11: rocketmq.producer.retry-times-when-send-async-failed: ",
                    "${SHOP_ASYNC}, is not in this file"));
  CHECK(is_left_out(import,
                    "application.yml:13: rocketmq.producer.compress-message-body-threshold: not modelled: ",
                    "nothing is compressed"));
  CHECK(is_left_out(import, "application.yml:14: rocketmq.producer.access-key: not modelled", ""));
  CHECK(is_left_out(
      import, "application.yml:15: rocketmq.producer.no-such-thing: no setting of rocketmq-spring", ""));
  CHECK(is_left_out(import,
                    "application.yml:17: rocketmq.consumer.pull-batch-size: ", "DefaultLitePullConsumer"));
  CHECK(is_left_out(import, "application.yml:20: rocketmq.consumer.listeners.billing.orders: ",
                    "@RocketMQMessageListener"));
  CHECK(is_left_out(import, "application.yml:22: rocketmq.consumer.listeners.audit.orders: ", "not started"));
  CHECK(import.left_out.size() == 7);  // and nothing of what is not RocketMQ's
}

TEST_CASE("import: an application.properties is known by what it holds", "[import]") {
  const Import import = import_config(
      {.files = {{"broker.conf", "brokerName=a\nflushDiskType=SYNC_FLUSH"},
                 {"application.properties",
                  "server.port=1\nrocketmq.producer.group=p\nrocketmq.producer.send-message-timeout=0\n"}},
       .producers = {},
       .consumers = {}});
  REQUIRE(import.refused.size() == 1);
  CHECK(import.refused[0].starts_with("application.properties:3: rocketmq.producer.send-message-timeout: "));
}

TEST_CASE("import: listeners of one group on two topics are two members of it, as they are in reality",
          "[import]") {
  const Import import = spring("application.properties",
                               "rocketmq.producer.group=g\nrocketmq.consumer.listeners.g.orders=true\n"
                               "rocketmq.consumer.listeners.g.bills.enabled=true\n");
  const model::Config config = config_of(import);
  CHECK(config.topics.size() == 2);
  REQUIRE(config.push_consumers.size() == 2);
  CHECK(config.groups == std::vector<std::string>{"g"});
  CHECK(config.push_consumers[0].name == "g-1");
  CHECK(config.producers[0].name == "g");
}

TEST_CASE("import: a producer may be in a group that is called like one of consumers", "[import]") {
  const Import import = spring("application.properties",
                               "rocketmq.producer.group=g\nrocketmq.consumer.listeners.g.orders=true\n");
  const model::Config config = config_of(import);
  CHECK(config.producers[0].name == "g-producer");
  CHECK(config.producer_groups == std::vector<std::string>{"g"});
  CHECK(config.push_consumers[0].name == "g");
}

TEST_CASE("import: documents of profiles are taken together, and that is said", "[import]") {
  const Import import =
      spring("application.yaml",
             "rocketmq:\n  producer:\n    group: p\n    send-message-timeout: 1000\n---\n"
             "spring.config.activate.on-profile: prod\nrocketmq.producer.sendMessageTimeout: 2000\n");
  CHECK(config_of(import).producers[0].settings.sendMsgTimeout == sim::Duration{2'000'000'000});
  CHECK(is_left_out(import, "application.yaml:6: spring.config.activate.on-profile: ", "taken together"));
}

}  // namespace brokersim::scenarios
