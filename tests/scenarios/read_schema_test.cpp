// scenarios/schema.json names what the reader knows: settings, events, counts, causes, actions. (That
// both accept and refuse the same files is tests/python/test_schema.py.)
#include <algorithm>

#include "model/event.hpp"
#include "scenarios/read/fault_words.hpp"
#include "scenarios/read/parse.hpp"
#include "scenarios/read/settings.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using read::Value;

const Value& schema() {
  static const Value parsed = *read::parse_quietly(text_of("scenarios/schema.json"));
  return parsed;
}

/// The part of the schema at $defs/<name>/<path...>.
const Value& part(const std::string& name, std::initializer_list<std::string_view> path) {
  const Value* at = schema().find("$defs")->find(name);
  REQUIRE(at != nullptr);
  for (const std::string_view key : path) {
    INFO(name << " " << key);
    at = at->find(key);
    REQUIRE(at != nullptr);
  }
  return *at;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> texts(const Value& array) {
  std::vector<std::string> all;
  for (const Value& item : array.items) all.push_back(item.text);
  return sorted(all);
}

std::vector<read::SettingText> settings_of(std::string_view scope, bool honoured_only) {
  std::vector<read::SettingText> found;
  for (const auto& setting : read::all_settings()) {
    if (setting.scope == scope && (setting.honoured || !honoured_only)) found.push_back(setting);
  }
  return found;
}

std::vector<std::string> names_of(const std::vector<read::SettingText>& settings) {
  std::vector<std::string> names;
  for (const auto& setting : settings) names.emplace_back(setting.name);
  return sorted(names);
}

std::string shown(const Value& value) {
  if (value.is(Value::Kind::text)) return value.text;
  std::string text = read::write(value);
  text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("schema and reader know the same settings") {
  for (const std::string scope : {"broker", "producer", "consumer", "reader", "controller", "nameserver"}) {
    INFO(scope);
    const Value& properties = part(scope + "Settings", {"properties"});
    CHECK(sorted(properties.keys) == names_of(settings_of(scope, true)));
    CHECK(texts(part(scope + "Settings", {"propertyNames", "enum"})) == names_of(settings_of(scope, false)));
    for (const auto& setting : settings_of(scope, true)) {
      INFO(setting.name);
      const std::string& known = setting.default_5_3 == "-" ? setting.default_4_9 : setting.default_5_3;
      CHECK(shown(*properties.find(setting.name)->find("default")) == known);
    }
  }
}

TEST_CASE("schema and model know the same events") {
  std::vector<std::string> names;
  for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(model::EventName::count); ++i)
    names.emplace_back(model::to_string(static_cast<model::EventName>(i)));
  CHECK(texts(part("fault", {"properties", "on", "enum"})) == sorted(names));
}

TEST_CASE("schema and ledger know the same causes") {
  std::vector<std::string> names;
  for (const auto& text : model::ledger::cause_texts) {
    if (text.cause != model::ledger::Cause::none) names.emplace_back(text.name);
  }
  CHECK(texts(part("expectation", {"properties", "cause", "enum"})) == sorted(names));
}

TEST_CASE("schema and reader know the same counts") {
  std::vector<std::string> names(count_names.begin(), count_names.end());
  for (const char* other : {"cause", "window", "group", "because"}) names.emplace_back(other);
  CHECK(sorted(part("expectation", {"properties"}).keys) == sorted(names));
}

TEST_CASE("every action of a fault is in the schema, described") {
  for (const auto& word : read::action_words) {
    INFO(word.text);
    CHECK(part("fault", {"properties", word.text}).find("description") != nullptr);
  }
}

TEST_CASE("the schema says which version of the grammar it is") {
  const Value* properties = schema().find("properties");
  CHECK(properties->find("schema_version")->find("const")->integer == schema_version);
  CHECK(schema().find("$id")->text == "urn:brokersim:scenario:" + std::to_string(schema_version));
}

}  // namespace brokersim::tests
