// What `check --explain-settings` says of a file.
#include "scenarios/analyse/explain_settings.hpp"

#include <algorithm>

#include "scenarios/read/parse.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;

ExplainedSettings explained(std::initializer_list<Override> sets) {
  const std::vector<Override> all(sets);
  return explain_settings(read_scenario(smallest, "test", all));
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const SettingHere& setting(const ProcessSettings& process, std::string_view name) {
  const auto found = std::find_if(process.settings.begin(), process.settings.end(),
                                  [&](const SettingHere& here) { return here.setting.name == name; });
  REQUIRE(found != process.settings.end());
  return *found;
}

bool not_honoured(const ExplainedSettings& settings, std::string_view scope, std::string_view name) {
  return std::any_of(settings.not_honoured.begin(), settings.not_honoured.end(),
                     [&](const auto& known) { return known.scope == scope && known.name == name; });
}

}  // namespace

TEST_CASE("explain-settings: each honoured setting stands on a line of its own", "[settings]") {
  const ExplainedSettings settings = explained({{"cluster.brokers.0.config.flushIntervalCommitLog", "250"}});
  const std::string text = settings_text("my.json", settings);
  CHECK(text.starts_with("my.json\n\nbroker broker-a (RocketMQ 5.3)\n"));
  CHECK(has(text, "\n  flushIntervalCommitLog = 250 milliseconds (set): ASYNC_FLUSH: "));
  CHECK(has(text, "\n  flushCommitLogLeastPages = 4 pages (default): "));
  CHECK(has(text, "\n  flushDiskType = ASYNC_FLUSH (default): "));
  for (const read::SettingText& one : read::all_settings()) {
    // A plain producer has no checks to answer.
    if (!one.honoured || one.name == "checkRequestHoldMax" || one.default_5_3 == "-") continue;
    if (one.scope == "broker" || one.scope == "producer") {
      INFO(one.name);
      CHECK(has(text, "\n  " + std::string(one.name) + " = "));
      CHECK(has(text, std::string(one.meaning) + " [" + std::string(one.source) + "]\n"));
    }
  }
}

TEST_CASE("explain-settings: what a file sets is set, also to the default", "[settings]") {
  const ExplainedSettings settings = explained({{"cluster.brokers.0.config.flushIntervalCommitLog", "500"}});
  CHECK(setting(settings.processes[0], "flushIntervalCommitLog").is_set);
  CHECK(setting(settings.processes[0], "flushIntervalCommitLog").is_default);
  CHECK(!setting(settings.processes[0], "flushDiskType").is_set);
  const std::string text = settings_text("my.json", settings);
  CHECK(has(text, "\n  flushIntervalCommitLog = 500 milliseconds (set, to the default): ASYNC_FLUSH: "));
  // It names itself by what stands elsewhere in the file.
  CHECK(has(text, "\n  brokerName = broker-a (follows from the rest): "));
}

TEST_CASE("explain-settings: each of several instances has what the file sets", "[settings]") {
  const ExplainedSettings settings =
      explained({{"producers.0.instances", "2"}, {"producers.0.config.sendMsgTimeout", "3000"}});
  CHECK(settings.processes[1].names == std::vector<std::string>{"shop-1", "shop-2"});
  CHECK(setting(settings.processes[1], "sendMsgTimeout").is_set);
}

TEST_CASE("explain-settings: the default is that of the process's version, which lacks what it lacks",
          "[settings]") {
  const ExplainedSettings settings = explained({{"cluster.version", "\"4.9\""}});
  CHECK(setting(settings.processes[0], "transactionCheckInterval").value == "60000");
  CHECK(setting(settings.processes[0], "transactionCheckInterval").is_default);
  CHECK(!has(settings_text("my.json", settings), "transactionOpBatchInterval"));
  CHECK(not_honoured(settings, "broker", "maxDelayTime"));
  CHECK(!not_honoured(settings, "broker", "timerWheelEnable"));
  CHECK(!not_honoured(explained({}), "broker", "maxDelayTime"));
}

TEST_CASE("explain-settings: processes with equal settings are told together", "[settings]") {
  const std::string instances =
      R"([ { "name": "shop", "instances": 5 }, { "name": "other", "config": { "sendMsgTimeout": 500 } } ])";
  const ExplainedSettings settings = explained({{"producers", instances}});
  REQUIRE(settings.processes.size() == 3);
  CHECK(settings.processes[1].names.size() == 5);
  CHECK(settings.processes[2].names == std::vector<std::string>{"other"});
  const std::string text = settings_text("my.json", settings);
  CHECK(has(text, "\nproducers shop-1, shop-2, shop-3 and 2 more (RocketMQ 5.3)\n"));
  CHECK(has(text, "\n  sendMsgTimeout = 500 milliseconds (set): "));
}

TEST_CASE("explain-settings: what is not honoured says what the model does, and whether it is refused",
          "[settings]") {
  const ExplainedSettings settings = explained({});
  CHECK(not_honoured(settings, "producer", "startDetectorEnable"));
  CHECK(!not_honoured(settings, "consumer", "popInvisibleTime"));
  const std::string text = settings_text("my.json", settings);
  CHECK(has(text, "\n  broker: POP is as these settings leave it: "));
  CHECK(has(text, " duplicationEnable (refused unless false),"));
}

TEST_CASE("explain-settings: the JSON says the same", "[settings]") {
  const ExplainedSettings settings = explained({{"cluster.brokers.0.config.flushDiskType", "SYNC_FLUSH"}});
  const auto json = read::parse_quietly(settings_json("my.json", settings));
  REQUIRE(json);
  CHECK(json->find("file")->text == "my.json");
  const read::Value& broker = json->find("processes")->items.at(0);
  CHECK(broker.find("kind")->text == "broker");
  CHECK(broker.find("names")->items.at(0).text == "broker-a");
  const read::Value& flush = broker.find("settings")->items.at(0);
  CHECK(flush.find("name")->text == "flushDiskType");
  CHECK(flush.find("value")->text == "SYNC_FLUSH");
  CHECK(flush.find("default")->text == "ASYNC_FLUSH");
  CHECK(flush.find("is_default")->boolean == false);
  CHECK(flush.find("unit")->is(read::Value::Kind::null));
  for (const read::Value& known : json->find("not_honoured")->items) {
    INFO(known.find("name")->text);
    CHECK(!known.find("instead")->text.empty());
  }
}

TEST_CASE("no setting is listed without saying what it changes, or what the model does instead",
          "[settings]") {
  for (const read::SettingText& one : read::all_settings()) {
    INFO(one.scope << " " << one.name);
    CHECK(one.honoured == !one.meaning.empty());
    CHECK(one.honoured == one.instead.empty());
    CHECK(one.honoured == !one.source.empty());
  }
}

}  // namespace brokersim::tests
