// `--set path=value`: an override is checked like what stands in the file.
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using namespace brokersim::model;

Scenario with(const std::string& path, const std::string& value, const std::string& text = smallest) {
  const Override set{path, value};
  return read_scenario(text, "test", {&set, 1});
}

std::string complaint(const std::string& path, const std::string& value) {
  try {
    with(path, value);
  } catch (const ScenarioError& error) {
    return to_string(error.problems.at(0));
  }
  return "";
}

}  // namespace

TEST_CASE("a path is dotted or a JSON pointer, and makes what is missing on its way") {
  CHECK(with("producers.0.threads", "8").config.producers[0].threads == 8);
  CHECK(with("/producers/0/threads", "8").config.producers[0].threads == 8);
  CHECK(with("producers.shop.threads", "8").config.producers[0].threads == 8);
  CHECK(
      with("cluster.brokers.0.config.flushDiskType", "SYNC_FLUSH").config.brokers[0].settings.flushDiskType ==
      FlushDiskType::SYNC_FLUSH);
  CHECK(with("network.delay", "3ms").config.network.delay == sim::Distribution::constant(3_ms));
  CHECK(with("title", "a.b = c").title == "a.b = c");
}

TEST_CASE("a value is JSON, or else a text") {
  CHECK(with("faults", R"([ { "at": "1s", "kill": "broker-a" } ])").config.faults.size() == 1);
  CHECK(with("title", "\"7\"").title == "7");
  CHECK(with("producers.0.rate", "5/s").config.producers[0].rate == 5.0);
  CHECK(complaint("title", "[7]") == "/title: is an array, but must be a text");
}

TEST_CASE("where a text is wanted, a number or a flag is the text that was typed") {
  CHECK(with("cluster.version", "4.9").config.brokers[0].profile == Profile::v4_9);
  CHECK(with("title", "7").title == "7");
  CHECK(with("producers.0.name", "1.50").config.producers[0].name == "1.50");
  CHECK(with("title", "true").title == "true");
  // A file is held to its schema.
  CHECK_THROWS_AS(with("seeds", "10", R"({ "title": 7, )" + smallest.substr(1)), ScenarioError);
}

TEST_CASE("a star stands for all elements") {
  const std::string two =
      R"({ "cluster": { "kind": "rocketmq", "brokers": [ { "name": "a" }, { "name": "b" } ],
    "topics": [ { "name": "orders" } ] }, "producers": [ { "name": "shop" } ] })";
  const Config c = with("cluster.brokers.*.config.flushIntervalCommitLog", "100", two).config;
  CHECK(c.brokers[0].settings.flushIntervalCommitLog == 100_ms);
  CHECK(c.brokers[1].settings.flushIntervalCommitLog == 100_ms);
}

TEST_CASE("later overrides win") {
  const Override sets[] = {{"producers.0.threads", "2"}, {"producers.0.threads", "3"}};
  CHECK(read_scenario(smallest, "test", sets).config.producers[0].threads == 3);
}

TEST_CASE("unknown paths are errors") {
  CHECK(complaint("producers.0.thread", "8") ==
        "/producers/0/thread: \"thread\" is not a part of a producer (did you mean \"threads\"?)");
  CHECK(complaint("cluster.broker.0.name", "x").find("/cluster/broker: ") == 0);
  CHECK(complaint("producers.1.threads", "8")
            .find("/producers: --set producers.1.threads: no element is \"1\"") == 0);
  CHECK(complaint("title.x", "8") == "/title: is an object, but must be a text");
  CHECK(complaint("producers.0.name.x", "8") ==
        "/producers/0/name: --set producers.0.name.x: there is a text, which has no part \"x\"");
  CHECK(complaint("", "8").find("is not a path") != std::string::npos);
  CHECK(complaint("a..b", "8").find("is not a path") != std::string::npos);
  CHECK(complaint("cluster.brokers.0.config.flushDiskTyp", "SYNC_FLUSH")
            .find("did you mean \"flushDiskType\"?") != std::string::npos);
  std::string deep = "a";
  for (int i = 0; i < 100'000; ++i) deep += ".a";
  CHECK(complaint(deep, "8").find("is not a path") != std::string::npos);
}

TEST_CASE("behind config. everything is one name: other brokers' settings contain dots") {
  CHECK(complaint("cluster.brokers.0.config.min.insync.replicas", "2")
            .find("/cluster/brokers/0/config/min.insync.replicas: ") == 0);
}

}  // namespace brokersim::tests
