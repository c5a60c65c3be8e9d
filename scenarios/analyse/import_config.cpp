#include "scenarios/analyse/import_config.hpp"

#include <algorithm>
#include <map>

#include "scenarios/analyse/import_cluster.hpp"
#include "scenarios/read/problems.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::scenarios {

using read::Scope;
using read::Value;

namespace {

Value text(std::string_view words) { return Value::of(std::string(words)); }

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

/// Brokers have run for long when the run begins, consumers begin with it: what is sent in their first
/// seconds waits for them. (Of 6,000 at 1,000 a second from the beginning 1,173 were out of order through a
/// power loss, of those from 10 s on 145, and p99 was 1.48 s and 0.21 s; 20 seeds.)
constexpr std::string_view after_the_start = "10s";

/// Names of processes are unique, those of a producer and a consumer of one application may be the same.
Value producers_of(const Given& given, const std::vector<std::string>& topics, ImportDraft& draft) {
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
    producer.with("start_at", text(after_the_start));
    producer.with("messages", Value::of(std::int64_t{6000}));
    producer.with("config",
                  config_of(producers[i], Scope::producer, "/producers/" + std::to_string(i), draft));
    all.items.push_back(std::move(producer));
  }
  return all;
}

Value consumers_of(const Given& given, const std::vector<std::string>& topics, ImportDraft& draft) {
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
  fault.with("at", text("uniform(12s, 13s)")).with("power_loss", *brokers.items[0].find("host"));
  return Value::array({fault.with("restore_after", text("10s"))});
}

std::string description_of(const Import& import) {
  std::string description = "Workload and fault are examples: edit them.";
  if (!import.left_out.empty()) description += " Left out:";
  for (const std::string& one : import.left_out) description += "\n" + one;
  return description;
}

Value scenario_of(const Given& given, ImportDraft& draft) {
  const std::vector<std::string> topics = topics_of(given);
  Value cluster = cluster_of(given, topics, draft);
  const Value brokers = *cluster.find("brokers");
  const Value producers = producers_of(given, topics, draft), consumers = consumers_of(given, topics, draft);

  Value scenario = Value::object();
  scenario.with("title", text("Imported: " + brokers.items[0].find("name")->text));
  scenario.with("question", text("How many messages are lost or doubled when the host loses power?"));
  scenario.with("description", text(description_of(draft.import)));
  scenario.with("cluster", std::move(cluster)).with("producers", producers);
  if (!consumers.items.empty()) scenario.with("consumers", consumers);
  return scenario.with("faults", example_fault(brokers));
}

/// The reader knows what values a setting can have, and what the model refuses.
void find_refusals(ImportDraft& draft) {
  try {
    read_scenario(draft.import.scenario, "import");
  } catch (const ScenarioError& error) {
    for (const Problem& problem : error.problems) {
      const auto place = draft.places.find(problem.pointer);
      const std::string where = place == draft.places.end() ? problem.pointer : place->second;
      const std::string hint = problem.suggestion.empty() ? "" : " (" + problem.suggestion + ")";
      if (!problem.warning) draft.import.refused.push_back(where + ": " + problem.message + hint);
    }
  }
}

}  // namespace

Import import_config(const ImportRequest& request) {
  ImportDraft draft;
  draft.version = request.version;
  const Given given = given_files(request, draft.import.left_out);
  draft.import.scenario = read::write(scenario_of(given, draft));
  find_refusals(draft);
  return std::move(draft.import);
}

}  // namespace brokersim::scenarios
