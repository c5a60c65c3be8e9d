// The brokers' own settings: names, units, spellings, versions.
#include "scenarios/read/settings.hpp"

#include <algorithm>
#include <set>

#include "scenarios/read/delay_levels.hpp"
#include "scenarios/read/problems.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using namespace brokersim::model;

/// The scenario with this value of a broker's setting, and the warnings.
std::pair<Scenario, std::vector<Problem>> with_setting(const std::string& name, const std::string& value,
                                                       const std::string& version = "5.3") {
  const Override sets[] = {{"cluster.version", '"' + version + '"'},
                           {"cluster.brokers.0.config." + name, value}};
  std::vector<Problem> warnings;
  Scenario scenario = read_scenario(smallest, "test", sets, &warnings);
  return {scenario, warnings};
}

BrokerSettings broker(const std::string& name, const std::string& value) {
  return with_setting(name, value).first.config.brokers[0].settings;
}

/// All defaults; a broker that names no replica set is one of its own.
BrokerSettings untouched() {
  BrokerSettings settings;
  settings.brokerName = "broker-a";
  return settings;
}

}  // namespace

TEST_CASE("settings are in the brokers' own units, as JSON or as the text of a broker.conf") {
  CHECK(broker("flushIntervalCommitLog", "250").flushIntervalCommitLog == 250_ms);
  CHECK(broker("flushIntervalCommitLog", "\"250\"").flushIntervalCommitLog == 250_ms);
  CHECK(broker("transientStorePoolEnable", "true").transientStorePoolEnable);
  CHECK(broker("transientStorePoolEnable", "\"true\"").transientStorePoolEnable);
  CHECK(broker("flushDiskType", "SYNC_FLUSH").flushDiskType == FlushDiskType::SYNC_FLUSH);
  CHECK(broker("mappedFileSizeCommitLog", "65536").mappedFileSizeCommitLog == 65536);
  CHECK(broker("flushCommitLogLeastPages", "0").flushCommitLogLeastPages == 0);
}

TEST_CASE("a known setting that the model does not honour is a warning, once, at its place") {
  const auto [scenario, warnings] = with_setting("listenPort", "10911");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].warning);
  CHECK(warnings[0].pointer == "/cluster/brokers/0/config/listenPort");
  CHECK(scenario.config.brokers[0].settings == untouched());
}

TEST_CASE("one that changes what is lost is an error, unless it says what the model does anyway") {
  CHECK(with_setting("duplicationEnable", "false").second.empty());
  try {
    with_setting("duplicationEnable", "true");
    FAIL("accepted");
  } catch (const ScenarioError& error) {
    REQUIRE(error.problems.size() == 1);
    CHECK(!error.problems[0].warning);
    CHECK(error.problems[0].pointer == "/cluster/brokers/0/config/duplicationEnable");
    CHECK(error.problems[0].suggestion == "modelled: false");
  }
}

TEST_CASE("4.9 ignores what it lacks, and so does the model") {
  const auto [scenario, warnings] = with_setting("wakeFlushWhenPutMessage", "false", "4.9");
  REQUIRE(warnings.size() == 1);
  // CommitLog.submitFlushRequest of 4.9 always wakes the flush service.
  CHECK(scenario.config.brokers[0].settings.wakeFlushWhenPutMessage);
  CHECK(!read_scenario(smallest, "test").config.brokers[0].settings.wakeFlushWhenPutMessage);
}

TEST_CASE("4.9 looks for open half messages each minute, and has no batches of verdicts") {
  const Override version{"cluster.version", "\"4.9\""};
  CHECK(read_scenario(smallest, "test", {&version, 1}).config.brokers[0].settings.transactionCheckInterval ==
        60_s);
  CHECK(with_setting("transactionCheckInterval", "2000", "4.9")
            .first.config.brokers[0]
            .settings.transactionCheckInterval == 2_s);
  for (const char* name : {"transactionOpMsgMaxSize", "transactionOpBatchInterval"}) {
    const auto [scenario, warnings] = with_setting(name, "100", "4.9");
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].message == "RocketMQ 4.9 has no such setting and ignores it");
    CHECK(with_setting(name, "100").second.empty());
  }
}

TEST_CASE("delay levels are a text with RocketMQ's own units, and are written as RocketMQ writes them") {
  const auto levels = [](const std::string& text) {
    return broker("messageDelayLevel", '"' + text + '"').messageDelayLevel;
  };
  CHECK(levels("1s") == std::vector<Duration>{1_s});
  CHECK(levels("0s 61s 2m 24h 7d") == std::vector<Duration>{0_s, 61_s, 120_s, 24_h, 168_h});
  // MessageStoreConfig.messageDelayLevel
  const std::string otherwise = "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h";
  CHECK(levels(otherwise) == BrokerSettings{}.messageDelayLevel);
  CHECK(read::delay_levels_text(BrokerSettings{}.messageDelayLevel) == otherwise);
  CHECK(read::delay_levels_text({0_s, 90_s, 24_h}) == "0s 90s 1d");
  for (const char* wrong :
       {"", " ", "1s ", " 1s", "1s  5s", "1", "s", "1ms", "1.5s", "-1s", "1s,5s", "1S", "99999999d"})
    CHECK_FALSE(read::parse_delay_levels(wrong).value);
  std::string many = "1s";
  for (int i = 1; i < 255; ++i) many += " 1s";
  CHECK(levels(many).size() == 255);
  CHECK_FALSE(read::parse_delay_levels(many + " 1s").value);
}

TEST_CASE("4.9 uses the transient pool with asynchronous flush only") {
  const Override sets[] = {{"cluster.version", "\"4.9\""},
                           {"cluster.brokers.0.config.flushDiskType", "SYNC_FLUSH"},
                           {"cluster.brokers.0.config.transientStorePoolEnable", "true"}};
  std::vector<Problem> warnings;
  const Scenario old = read_scenario(smallest, "test", sets, &warnings);
  CHECK(!old.config.brokers[0].settings.transientStorePoolEnable);
  CHECK(warnings.size() == 1);
  CHECK(read_scenario(smallest, "test", std::span(sets).subspan(1))
            .config.brokers[0]
            .settings.transientStorePoolEnable);
}

TEST_CASE("every honoured setting can be said, and its default is the model's") {
  std::vector<Problem> warnings;
  const Scenario plain = read_scenario(smallest, "test");
  const Scenario effective = read_scenario(effective_json(plain), "test", {}, &warnings);
  CHECK(effective.config.brokers[0].settings == untouched());
  CHECK(effective.config.producers[0].settings == ProducerSettings{});
  CHECK(warnings.empty());
}

TEST_CASE("no name is listed twice, none is both honoured and only known") {
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const auto& setting : read::all_settings()) {
    INFO(setting.scope << " " << setting.name);
    CHECK(names.emplace(setting.scope, setting.name).second);
    CHECK(setting.honoured == !setting.meaning.empty());
  }
  CHECK(names.count({"broker", "inSyncReplicas"}) == 1);
  CHECK(names.count({"broker", "haSlaveFallbehindMax"}) == 1);
  CHECK(names.count({"producer", "compressLevel"}) == 1);
  CHECK(names.count({"consumer", "consumeMessageBatchMaxSize"}) == 1);
  CHECK(names.count({"reader", "consumeMessageBatchMaxSize"}) == 1);
  CHECK(names.count({"producer", "checkThreadPoolMaxSize"}) == 1);
}

TEST_CASE("the nearest name counts letters, neighbours in the wrong order, and not the case") {
  CHECK(read::edit_distance("flushDiskType", "flushdisktype") == 0);
  CHECK(read::edit_distance("abcd", "abdc") == 1);
  CHECK(read::edit_distance("abcd", "acd") == 1);
  CHECK(read::edit_distance("kitten", "sitting") == 3);
  CHECK(read::edit_distance("", "abc") == 3);
  const std::string_view names[] = {"threads", "topic"};
  CHECK(read::suggest("thraeds", names) == "did you mean \"threads\"?");
  CHECK(read::suggest("thre", names) == "did you mean \"threads\"?");
  CHECK(read::suggest("colour", names) == "allowed: \"threads\", \"topic\"");
}

TEST_CASE("pointers are escaped, and what is quoted can be printed") {
  CHECK(read::child("/a", "b/c~d") == "/a/b~1c~0d");
  CHECK(read::quoted("a\nb\xff"
                     "c") == "\"a?b?c\"");
  CHECK(read::quoted("\xe6\xb6\x88") == "\"\xe6\xb6\x88\"");
  CHECK(read::printable(std::string(1000, 'x'), 10) == "xxxxxxxxxx...");
}

}  // namespace brokersim::tests
