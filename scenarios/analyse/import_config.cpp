#include "scenarios/analyse/import_config.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "scenarios/read/problems.hpp"
#include "scenarios/read/properties.hpp"
#include "scenarios/read/settings.hpp"
#include "scenarios/read/value.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::scenarios {

using read::Property;
using read::Scope;
using read::SettingText;
using read::Value;

namespace {

/// What an import has found so far.
struct Draft {
  std::string version;
  std::vector<SettingText> settings = read::all_settings();
  std::map<std::string, std::string> places;  ///< JSON pointer of a setting -> where it stands in its file
  Import import;

  bool is_4_9() const { return version.starts_with("4.9"); }
};

/// A file, read once.
struct Parsed {
  std::string path;
  std::vector<Property> properties;
};

std::vector<Parsed> parse_all(const std::vector<ConfigFile>& files) {
  std::vector<Parsed> all;
  for (const ConfigFile& file : files) all.push_back({file.path, read::parse_properties(file.text)});
  return all;
}

std::string place_of(const Parsed& file, const Property& property) {
  return file.path + ":" + std::to_string(property.line) + ": " + property.name;
}

const SettingText* setting_named(const Draft& draft, Scope scope, const std::string& name) {
  const auto found = std::find_if(draft.settings.begin(), draft.settings.end(), [&](const SettingText& s) {
    return s.scope == to_string(scope) && s.name == name;
  });
  return found == draft.settings.end() ? nullptr : &*found;
}

std::string nearest(const Draft& draft, Scope scope, const std::string& name) {
  std::vector<std::string_view> names;
  for (const SettingText& setting : draft.settings) {
    if (setting.scope == to_string(scope)) names.push_back(setting.name);
  }
  const std::string suggestion = read::suggest(name, names);
  return suggestion.empty() ? "" : "; " + suggestion;
}

/// Why the model has no use for it; nothing: it has.
std::optional<std::string> why_left_out(const Draft& draft, Scope scope, const Property& property) {
  const SettingText* setting = setting_named(draft, scope, property.name);
  if (setting == nullptr)
    return "no setting of a RocketMQ " + std::string(to_string(scope)) + nearest(draft, scope, property.name);
  if ((draft.is_4_9() ? setting->default_4_9 : setting->default_5_3) == "-")
    return "RocketMQ " + draft.version + " has no such setting and ignores it";
  if (setting->honoured) return std::nullopt;
  const auto modelled = read::only_modelled_value(scope, property.name);
  if (modelled && *modelled != property.value)
    return property.value +
           " changes what is lost or doubled, and is not modelled: the counts are those of " +
           std::string(*modelled);
  return "not modelled";
}

/// The `config` block of one file; later lines win, as in Properties.
Value config_of(const Parsed& file, Scope scope, const std::string& pointer, Draft& draft) {
  Value config = Value::object();
  for (const Property& property : file.properties) {
    if (scope == Scope::broker && property.name == "brokerName") continue;
    if (const auto why = why_left_out(draft, scope, property)) {
      draft.import.left_out.push_back(place_of(file, property) + ": " + *why);
      continue;
    }
    config.without(property.name);
    config.with(property.name, Value::of(property.value));
    draft.places[pointer + "/config/" + property.name] = place_of(file, property);
  }
  return config;
}

std::string value_of(const Parsed& file, std::string_view name, std::string otherwise) {
  for (const Property& property : file.properties) {
    if (property.name == name) otherwise = property.value;
  }
  return otherwise;
}

bool is_slave(const Parsed& file) {
  return value_of(file, "brokerRole", "") == "SLAVE" || value_of(file, "brokerId", "0") != "0";
}

Value broker_named(const std::string& name) {
  Value broker = Value::object();
  return broker.with("name", Value::of(name)).with("host", Value::of("host-of-" + name));
}

Value brokers_of(const ImportRequest& request, Draft& draft) {
  Value brokers = Value::array();
  for (const Parsed& file : parse_all(request.brokers)) {
    if (is_slave(file)) {
      draft.import.left_out.push_back(file.path + ": a slave: replication is not modelled yet");
      continue;
    }
    const std::string number = std::to_string(brokers.items.size());
    Value broker = broker_named(value_of(file, "brokerName", "broker-" + number));
    broker.with("config", config_of(file, Scope::broker, "/cluster/brokers/" + number, draft));
    brokers.items.push_back(std::move(broker));
  }
  if (brokers.items.empty()) brokers.items.push_back(broker_named("broker-a"));
  return brokers;
}

std::string numbered(const std::string& name, std::size_t index, std::size_t of) {
  return of == 1 ? name : name + "-" + std::to_string(index + 1);
}

/// Producers, or consumers, of one file each.
Value clients_of(const std::vector<Parsed>& files, Scope scope, Draft& draft) {
  const bool produces = scope == Scope::producer;
  Value clients = Value::array();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string pointer = (produces ? "/producers/" : "/consumers/") + std::to_string(i);
    Value client = Value::object();
    client.with("name", Value::of(numbered(produces ? "shop" : "billing", i, files.size())));
    if (produces) {
      client.with("threads", Value::of(std::int64_t{8})).with("rate", Value::of(std::string("1000/s")));
      client.with("messages", Value::of(std::int64_t{6000}));
    }
    client.with("config", config_of(files[i], scope, pointer, draft));
    clients.items.push_back(std::move(client));
  }
  return clients;
}

Value example_fault(const Value& brokers) {
  Value fault = Value::object();
  fault.with("at", Value::of(std::string("uniform(2s, 3s)")));
  fault.with("power_loss", *brokers.items[0].find("host"));
  return Value::array({fault.with("restore_after", Value::of(std::string("10s")))});
}

std::string description_of(const Import& import) {
  std::string text = "Workload and fault are examples: edit them.";
  if (!import.left_out.empty()) text += " Left out:";
  for (const std::string& one : import.left_out) text += "\n" + one;
  return text;
}

Value scenario_of(const ImportRequest& request, Draft& draft) {
  Value cluster = Value::object();
  cluster.with("kind", Value::of(std::string("rocketmq"))).with("version", Value::of(request.version));
  const Value brokers = brokers_of(request, draft);
  cluster.with("brokers", brokers);
  cluster.with("topics", Value::array({Value::object().with("name", Value::of(std::string("orders")))}));
  const std::vector<ConfigFile> some{{"", ""}};
  const std::vector<ConfigFile>& files = request.producers.empty() ? some : request.producers;
  const Value producers = clients_of(parse_all(files), Scope::producer, draft);
  const Value consumers = clients_of(parse_all(request.consumers), Scope::consumer, draft);

  Value scenario = Value::object();
  scenario.with("title", Value::of("Imported: " + brokers.items[0].find("name")->text));
  scenario.with("question",
                Value::of(std::string("How many orders are lost or doubled when the host loses power?")));
  scenario.with("description", Value::of(description_of(draft.import)));
  scenario.with("cluster", std::move(cluster)).with("producers", producers);
  if (!consumers.items.empty()) scenario.with("consumers", consumers);
  return scenario.with("faults", example_fault(brokers));
}

/// The reader knows what values a setting can have.
void find_bad_values(Draft& draft) {
  try {
    read_scenario(draft.import.scenario, "import");
  } catch (const ScenarioError& error) {
    for (const Problem& problem : error.problems) {
      const auto place = draft.places.find(problem.pointer);
      const std::string where = place == draft.places.end() ? problem.pointer : place->second;
      const std::string hint = problem.suggestion.empty() ? "" : " (" + problem.suggestion + ")";
      if (!problem.warning) draft.import.errors.push_back(where + ": " + problem.message + hint);
    }
    draft.import.scenario.clear();
  }
}

}  // namespace

Import import_config(const ImportRequest& request) {
  Draft draft;
  draft.version = request.version;
  draft.import.scenario = read::write(scenario_of(request, draft));
  find_bad_values(draft);
  return std::move(draft.import);
}

}  // namespace brokersim::scenarios
