// Consumers and their groups: what a file says of them. (What is refused: bad/*consumer*, bad/*group*.)
#include "model/event.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using namespace brokersim::model;

struct ReadConsumers {
  Config config;
  std::vector<Problem> warnings;
};

ReadConsumers read_consumer_list(const std::string& consumers) {
  ReadConsumers result;
  const Override sets[] = {{"cluster.topics", R"([ { "name": "orders" }, { "name": "payments" } ])"},
                           {"producers.0.topic", "orders"},
                           {"consumers", consumers}};
  result.config = read_scenario(smallest, "test", sets, &result.warnings).config;
  return result;
}

PushConsumerConfig push_consumer(const std::string& members) {
  const std::string consumer = R"([ { "name": "billing", "topic": "orders", )" + members + " } ]";
  return read_consumer_list(consumer).config.push_consumers.at(0);
}

WorkConfig work_of(const std::string& members) {
  return push_consumer(R"("work": { )" + members + " }").work;
}

const Config& everything_of_consumers() {
  static const Config config = load_scenario("tests/scenarios/good/everything.json").config;
  return config;
}

}  // namespace

TEST_CASE("a consumer is a push consumer unless it says otherwise, with the model's own defaults") {
  const Config c = read_consumer_list(R"([ { "name": "billing", "topic": "orders" } ])").config;
  CHECK(c.consumers.empty());
  REQUIRE(c.push_consumers.size() == 1);
  PushConsumerConfig expected;
  expected.name = "billing";
  expected.host = HostId(1);
  expected.topics = {TopicId(0)};
  CHECK(c.push_consumers[0] == expected);
  CHECK(c.groups == std::vector<std::string>{"billing"});
  CHECK(push_consumer(R"("kind": "push")") == expected);
}

TEST_CASE("a plain reader") {
  const Config c =
      read_consumer_list(R"([ { "name": "billing", "kind": "reader", "topic": "payments" } ])").config;
  CHECK(c.push_consumers.empty());
  REQUIRE(c.consumers.size() == 1);
  CHECK(c.consumers[0].topic == TopicId(1));
}

TEST_CASE("every part of the work of a listener") {
  CHECK(work_of(R"("time": "5ms")").time == sim::Distribution::constant(5_ms));
  CHECK(work_of(R"("acknowledge": "after_work")").acknowledge == Acknowledge::after_work);
  CHECK(work_of(R"("acknowledge": "before_work")").acknowledge == Acknowledge::before_work);
  CHECK(work_of(R"("acknowledge": "hand_off")").acknowledge == Acknowledge::hand_off);
  CHECK(work_of(R"("fail": 0.5)").fail_chance == 0.5);
  CHECK(work_of(R"("poison": 1)").poison_chance == 1);
  CHECK(work_of(R"("fail_first": 4)").fails_first == 4);
  CHECK(work_of(R"("result": "RECONSUME_LATER")").fail_result == FailResult::reconsume_later);
  CHECK(work_of(R"("result": "exception")").fail_result == FailResult::exception);
  CHECK(work_of(R"("result": "null")").fail_result == FailResult::null);
  CHECK(work_of(R"("result": "never")").fail_result == FailResult::never);
  CHECK(work_of(R"("result": "ack_index")").fail_result == FailResult::ack_index);
  CHECK(work_of(R"("delay_level": -1)").delay_level == -1);
  CHECK(work_of(R"("effect_when_failing": true)").applied_when_failing);
}

TEST_CASE("a file with everything says each part of a push consumer with a value of its own") {
  const Config& c = everything_of_consumers();
  REQUIRE(c.push_consumers.size() == 3);
  const PushConsumerConfig& mail = c.push_consumers[1];
  CHECK(mail.name == "mail-2");
  CHECK(c.hosts[mail.host.value].name == "rack-3");
  CHECK(c.groups[mail.group.value] == "mailers");
  CHECK(mail.profile == Profile::v4_9);
  CHECK(mail.topics == std::vector<TopicId>{TopicId(1), TopicId(0)});
  CHECK(mail.start_at == 3_s);
  CHECK(mail.restart_time == sim::Distribution::constant(4_s));
  CHECK(mail.work == WorkConfig{sim::Distribution::uniform(2_ms, 6_ms), Acknowledge::after_work, 0.01, 0.002,
                                1, FailResult::ack_index, 4, true});
  const PushConsumerSettings& s = mail.settings;
  CHECK(s.consumeFromWhere == ConsumeFromWhere::CONSUME_FROM_FIRST_OFFSET);
  CHECK(s.consumeThreadMin == 11);
  CHECK(s.consumeThreadMax == 21);
  CHECK(s.consumeConcurrentlyMaxSpan == 2001);
  CHECK(s.pullThresholdForQueue == 1001);
  CHECK(s.pullThresholdSizeForQueue == 101);
  CHECK(s.messageModel == MessageModel::CLUSTERING);
  CHECK(s.pullInterval == 7_ms);
  CHECK(s.pullTimeDelayMillsWhenException == 1004_ms);
  CHECK(c.consumers[0].pullTimeDelayMillsWhenException == 1005_ms);
  CHECK(s.consumeMessageBatchMaxSize == 2);
  CHECK(s.pullBatchSize == 31);
  CHECK(s.maxReconsumeTimes == 5);
  CHECK(s.consumeTimeout == 16_min);
  CHECK(s.persistConsumerOffsetInterval == 5003_ms);
  CHECK(s.heartbeatBrokerInterval == 30'003_ms);
  CHECK(s.pollNameServerInterval == 30'004_ms);
  CHECK(s.connectTimeoutMillis == 3003_ms);
}

TEST_CASE("instances are members of one group; readers are numbered before them, wherever they stand") {
  const Config& c = everything_of_consumers();
  CHECK(c.groups == std::vector<std::string>{"billing", "search", "mailers", "audit"});
  CHECK(c.push_consumers[0].name == "mail-1");
  CHECK(c.push_consumers[0].group == c.push_consumers[1].group);
  const FaultConfig& fault = c.faults.at(20);
  CHECK(fault.trigger.event == static_cast<std::uint16_t>(EventName::consumer_rebalance));
  CHECK(fault.trigger.actor == push_consumer_process(c, 1));
  CHECK(fault.action.process == push_consumer_process(c, 0));
  CHECK(c.faults.at(16).action.process == consumer_process(c, 0));  // "billing"
}

TEST_CASE("members of one group with other topics are told what happens, once for each group") {
  const auto warnings = read_consumer_list(R"([
    { "name": "a", "group": "g", "topics": ["orders", "payments"] },
    { "name": "b", "group": "g", "topics": ["payments", "orders"] },
    { "name": "c", "group": "g", "topic": "orders" },
    { "name": "d", "group": "g", "topic": "payments" },
    { "name": "e", "topic": "payments" } ])")
                            .warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].pointer == "/consumers/2");
  CHECK(warnings[0].message == "another member of group \"g\" subscribes to other topics");
}

TEST_CASE("a plain reader is told which settings only a push consumer heeds") {
  const auto result = read_consumer_list(R"([ { "name": "a", "kind": "reader", "topic": "orders",
    "config": { "pullBatchSize": 8, "pullInterval": 5, "popInvisibleTime": 60000 } } ])");
  CHECK(result.config.consumers[0].pullBatchSize == 8);
  REQUIRE(result.warnings.size() == 2);
  CHECK(result.warnings[0].suggestion == "a consumer with \"kind\": \"push\" does");
  CHECK(result.warnings[1].suggestion == "a consumer with \"kind\": \"push\" does");
}

TEST_CASE("a host on which nothing runs is told; links and faults alone are no reason to run there") {
  const Override sets[] = {
      {"hosts", R"([ { "name": "broker-a" }, { "name": "host-1", "sync_time": "9ms" } ])"},
      {"faults", R"([ { "at": "1s", "power_loss": "host-1" } ])"}};
  std::vector<Problem> warnings;
  read_scenario(smallest, "test", sets, &warnings);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].pointer == "/hosts/1/name");
  CHECK(warnings[0].message == "nothing runs on host \"host-1\"");
}

}  // namespace brokersim::tests
