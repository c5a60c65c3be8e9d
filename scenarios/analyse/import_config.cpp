#include "scenarios/analyse/import_config.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "scenarios/analyse/import_files.hpp"
#include "scenarios/read/problems.hpp"
#include "scenarios/read/settings.hpp"
#include "scenarios/read/value.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::scenarios {

using read::Scope;
using read::SettingText;
using read::Value;

namespace {

/// What all files together say.
struct Given {
  std::vector<GivenProcess> brokers, producers, consumers;
};

/// What an import has found so far.
struct Draft {
  std::string version;
  std::vector<SettingText> settings = read::all_settings();
  std::map<std::string, std::string> places;  ///< JSON pointer of a setting -> where it stands in its file
  Import import;

  bool is_4_9() const { return version.starts_with("4.9"); }
};

Value text(std::string_view words) { return Value::of(std::string(words)); }

const SettingText* setting_named(const Draft& draft, Scope scope, std::string_view name) {
  const auto found = std::find_if(draft.settings.begin(), draft.settings.end(), [&](const SettingText& s) {
    return s.scope == to_string(scope) && s.name == name;
  });
  return found == draft.settings.end() ? nullptr : &*found;
}

bool is_honoured(const Draft& draft, Scope scope, std::string_view name) {
  const SettingText* setting = setting_named(draft, scope, name);
  return setting != nullptr && setting->honoured;
}

/// Whose it is, or which name is near.
std::string hint_for(const Draft& draft, Scope scope, const std::string& name) {
  for (const Scope other : {Scope::broker, Scope::producer, Scope::consumer}) {
    if (other == scope || setting_named(draft, other, name) == nullptr) continue;
    const std::string whose(to_string(other));
    return "; it is a " + whose + "'s" + (other == Scope::broker ? "" : ": --" + whose + " takes its file");
  }
  std::vector<std::string_view> names;
  for (const SettingText& setting : draft.settings) {
    if (setting.scope == to_string(scope)) names.push_back(setting.name);
  }
  const std::string suggestion = read::suggest(name, names);
  return suggestion.empty() ? "" : "; " + suggestion;
}

/// Why the model has no use for it; nothing: it has.
std::optional<std::string> why_left_out(const Draft& draft, Scope scope, const GivenSetting& given) {
  const SettingText* setting = setting_named(draft, scope, given.name);
  if (setting == nullptr)
    return "no setting of a RocketMQ " + std::string(to_string(scope)) + hint_for(draft, scope, given.name);
  if ((draft.is_4_9() ? setting->default_4_9 : setting->default_5_3) == "-")
    return "RocketMQ " + draft.version + " has no such setting and ignores it";
  if (setting->honoured || setting->only_value == given.value) return std::nullopt;
  const std::string instead(setting->instead);
  if (setting->only_value)
    return given.value + " changes what is lost or doubled, and is not modelled: the counts are those of " +
           std::string(*setting->only_value) + " (" + instead + ")";
  return "not modelled: " + instead;
}

/// The `config` block of one process; later lines win, as in Properties.
Value config_of(const GivenProcess& process, Scope scope, const std::string& pointer, Draft& draft) {
  Value config = Value::object();
  for (const GivenSetting& given : process.settings) {
    // It is the name of the broker in the scenario.
    const bool taken = scope == Scope::broker && given.name == "brokerName";
    if (taken && !is_honoured(draft, scope, given.name)) continue;
    if (const auto why = why_left_out(draft, scope, given)) {
      draft.import.left_out.push_back(given.place + ": " + *why);
      continue;
    }
    config.without(given.name);
    config.with(given.name, Value::of(given.value));
    draft.places[pointer + "/config/" + given.name] = given.place;
  }
  return config;
}

std::string value_of(const GivenProcess& process, std::string_view name, std::string otherwise) {
  for (const GivenSetting& given : process.settings) {
    if (given.name == name) otherwise = given.value;
  }
  return otherwise;
}

bool is_slave(const GivenProcess& broker) { return value_of(broker, "brokerRole", "") == "SLAVE"; }

/// BrokerStartup gives every broker that is no slave the id of a master.
GivenProcess with_its_id(GivenProcess broker, Draft& draft) {
  if (is_slave(broker)) return broker;
  std::erase_if(broker.settings, [&](const GivenSetting& given) {
    const bool idle = given.name == "brokerId" && given.value != "0";
    if (idle)
      draft.import.left_out.push_back(given.place + ": a master has brokerId 0, whatever its file says");
    return idle;
  });
  return broker;
}

bool is_member(const GivenProcess& broker) {
  return value_of(broker, "enableDLegerCommitLog", "false") == "true";
}

/// Master and slave, and the members of a DLedger group, share a brokerName, but processes have names of
/// their own.
std::string process_name(const GivenProcess& broker, std::size_t number) {
  const std::string name = value_of(broker, "brokerName", "broker-" + std::to_string(number));
  if (is_member(broker)) return name + "-" + value_of(broker, "dLegerSelfId", std::to_string(number));
  return is_slave(broker) ? name + "-slave-" + value_of(broker, "brokerId", "1") : name;
}

Value broker_named(const std::string& name) {
  return Value::object().with("name", text(name)).with("host", text("host-of-" + name));
}

Value brokers_of(const Given& given, Draft& draft) {
  Value brokers = Value::array();
  for (const GivenProcess& file : given.brokers) {
    const std::size_t number = brokers.items.size();
    Value broker = broker_named(process_name(file, number));
    const std::string pointer = "/cluster/brokers/" + std::to_string(number);
    broker.with("config", config_of(with_its_id(file, draft), Scope::broker, pointer, draft));
    brokers.items.push_back(std::move(broker));
  }
  if (brokers.items.empty()) brokers.items.push_back(broker_named("broker-a"));
  return brokers;
}

/// Those that listeners are named for, or one.
std::vector<std::string> topics_of(const Given& given) {
  std::vector<std::string> topics;
  for (const GivenProcess& consumer : given.consumers) {
    const bool known = std::find(topics.begin(), topics.end(), consumer.topic) != topics.end();
    if (!consumer.topic.empty() && !known) topics.push_back(consumer.topic);
  }
  if (topics.empty()) topics.emplace_back("orders");
  return topics;
}

/// "shop", or "shop-1", "shop-2" ... if there are several; a client of an application has its group's name.
std::vector<std::string> names_of(const std::vector<GivenProcess>& clients, const std::string& otherwise) {
  std::vector<std::string> names;
  for (const GivenProcess& client : clients) names.push_back(client.group.empty() ? otherwise : client.group);
  std::map<std::string, int> so_far;
  std::vector<std::string> numbered;
  for (const std::string& name : names) {
    const bool several = std::count(names.begin(), names.end(), name) > 1;
    numbered.push_back(several ? name + "-" + std::to_string(++so_far[name]) : name);
  }
  return numbered;
}

Value client_of(const GivenProcess& given, const std::string& name, const std::vector<std::string>& topics) {
  Value client = Value::object();
  client.with("name", text(name));
  if (!given.group.empty() && given.group != name) client.with("group", text(given.group));
  const bool says = !given.topic.empty() || topics.size() > 1;
  if (says) client.with("topic", text(given.topic.empty() ? topics.front() : given.topic));
  return client;
}

/// Names of processes are unique, those of a producer and a consumer of one application may be the same.
Value producers_of(const Given& given, const std::vector<std::string>& topics, Draft& draft) {
  const std::vector<GivenProcess> one(1);
  const std::vector<GivenProcess>& producers = given.producers.empty() ? one : given.producers;
  const std::vector<std::string> names = names_of(producers, "shop"),
                                 taken = names_of(given.consumers, "billing");
  Value all = Value::array();
  for (std::size_t i = 0; i < producers.size(); ++i) {
    const bool is_taken = std::find(taken.begin(), taken.end(), names[i]) != taken.end();
    GivenProcess named = producers[i];
    if (is_taken && named.group.empty()) named.group = names[i];
    Value producer = client_of(named, is_taken ? names[i] + "-producer" : names[i], topics);
    producer.with("threads", Value::of(std::int64_t{8})).with("rate", text("1000/s"));
    producer.with("messages", Value::of(std::int64_t{6000}));
    producer.with("config",
                  config_of(producers[i], Scope::producer, "/producers/" + std::to_string(i), draft));
    all.items.push_back(std::move(producer));
  }
  return all;
}

Value consumers_of(const Given& given, const std::vector<std::string>& topics, Draft& draft) {
  const std::vector<std::string> names = names_of(given.consumers, "billing");
  Value all = Value::array();
  for (std::size_t i = 0; i < given.consumers.size(); ++i) {
    Value consumer = client_of(given.consumers[i], names[i], topics);
    const std::string pointer = "/consumers/" + std::to_string(i);
    consumer.with("config", config_of(given.consumers[i], Scope::consumer, pointer, draft));
    all.items.push_back(std::move(consumer));
  }
  return all;
}

Value example_fault(const Value& brokers) {
  Value fault = Value::object();
  fault.with("at", text("uniform(2s, 3s)")).with("power_loss", *brokers.items[0].find("host"));
  return Value::array({fault.with("restore_after", text("10s"))});
}

std::string description_of(const Import& import) {
  std::string description = "Workload and fault are examples: edit them.";
  if (!import.left_out.empty()) description += " Left out:";
  for (const std::string& one : import.left_out) description += "\n" + one;
  return description;
}

Value scenario_of(const Given& given, Draft& draft) {
  const std::vector<std::string> topics = topics_of(given);
  const Value brokers = brokers_of(given, draft);
  const Value producers = producers_of(given, topics, draft), consumers = consumers_of(given, topics, draft);
  Value topic_list = Value::array();
  for (const std::string& topic : topics)
    topic_list.items.push_back(Value::object().with("name", text(topic)));
  Value cluster = Value::object();
  cluster.with("kind", text("rocketmq")).with("version", text(draft.version));
  cluster.with("brokers", brokers).with("topics", topic_list);
  // Clients learn from one who has been elected.
  if (std::any_of(given.brokers.begin(), given.brokers.end(), is_member))
    cluster.with("nameservers", Value::array({Value::object().with("name", text("ns"))}));

  Value scenario = Value::object();
  scenario.with("title", text("Imported: " + brokers.items[0].find("name")->text));
  scenario.with("question", text("How many messages are lost or doubled when the host loses power?"));
  scenario.with("description", text(description_of(draft.import)));
  scenario.with("cluster", std::move(cluster)).with("producers", producers);
  if (!consumers.items.empty()) scenario.with("consumers", consumers);
  return scenario.with("faults", example_fault(brokers));
}

void add(std::vector<GivenProcess>& all, const std::vector<GivenProcess>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

Given read_files(const ImportRequest& request, Draft& draft) {
  Given given;
  for (const ConfigFile& file : request.files) {
    if (!is_application(file)) {
      given.brokers.push_back(given_process(file));
      continue;
    }
    const GivenApplication application = given_application(file);
    add(given.producers, application.producers);
    add(given.consumers, application.consumers);
    auto& left_out = draft.import.left_out;
    left_out.insert(left_out.end(), application.left_out.begin(), application.left_out.end());
  }
  for (const ConfigFile& file : request.producers) given.producers.push_back(given_process(file));
  for (const ConfigFile& file : request.consumers) given.consumers.push_back(given_process(file));
  return given;
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
  const Given given = read_files(request, draft);
  draft.import.scenario = read::write(scenario_of(given, draft));
  find_bad_values(draft);
  return std::move(draft.import);
}

}  // namespace brokersim::scenarios
