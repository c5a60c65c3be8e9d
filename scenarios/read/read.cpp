// The whole of a scenario file.
#include <fstream>

#include "scenarios/read/groups.hpp"
#include "scenarios/read/overrides.hpp"
#include "scenarios/read/parse.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios {
namespace {

using namespace read;

constexpr std::int64_t seeds_max = 100'000'000;
constexpr model::Duration shortest_run{1'000'000};

void read_schema_version(Fields& file) {
  const Place place = file.place("schema_version");
  if (place.value != nullptr && !(place.value->is_integer && place.value->integer == schema_version))
    file.problems().error(place.pointer, written(*place.value) + " is not known",
                          "this program reads version " + std::to_string(schema_version));
}

void read_head(Fields& file, Draft& draft) {
  Scenario& scenario = draft.scenario;
  std::string schema;
  file.text("$schema", schema);
  read_schema_version(file);
  file.text("title", scenario.title);
  file.text("question", scenario.question);
  file.text("description", scenario.description);
  file.text("source", scenario.source);
  file.whole("seeds", scenario.seeds, 1, seeds_max);
  file.duration("duration_max", scenario.config.duration_max, shortest_run);
  file.duration("drain_timeout", scenario.config.drain_timeout, shortest_run);
}

/// The settings of each process of one list; those of several instances are the same.
void remember_settings(const Place& list, Draft& draft) {
  if (list.value == nullptr || !list.value->is(Value::Kind::array)) return;
  for (const Value& process : list.value->items) {
    if (!process.is(Value::Kind::object)) continue;
    const Value *name = process.find("name"), *config = process.find("config");
    if (name == nullptr || config == nullptr || !config->is(Value::Kind::object)) continue;
    const Value *busy = process.find("instances"), *idle = process.find("idle_instances");
    const std::int64_t instances =
        (busy == nullptr ? 1 : busy->integer) + (idle == nullptr ? 0 : idle->integer);
    for (std::int64_t i = 1; i <= instances; ++i)
      draft.scenario.settings_set[instance_name(name->text, i, instances)] = config->keys;
  }
}

void remember_all_settings(Fields& file, Draft& draft) {
  const Value* cluster = file.find("cluster");
  if (cluster != nullptr) remember_settings({cluster->find("brokers"), ""}, draft);
  remember_settings(file.place("producers"), draft);
  remember_settings(file.place("consumers"), draft);
}

void read_file(const Value& document, Draft& draft) {
  Fields file({&document, ""}, draft.problems);
  read_head(file, draft);
  read_hosts(file, draft);
  read_cluster(file, draft);
  read_producers(file, draft);
  read_consumers(file, draft);
  name_name_servers(file, draft);
  check_groups(file, draft);
  warn_of_empty_hosts(file, draft);
  read_network(file, draft);
  read_faults(file, draft);
  check_controlled(file, draft);
  check_acting(file, draft);
  read_expectations(file, draft);
  file.finish("a scenario");
  if (draft.problems.any_errors()) return;
  warn_of_doubts(file, draft);
  remember_all_settings(file, draft);
}

}  // namespace

Scenario read_scenario(std::string_view text, std::string path, std::span<const Override> overrides,
                       std::vector<Problem>* warnings) {
  Draft draft;
  draft.scenario.path = std::move(path);
  if (auto document = parse(text, draft.problems)) {
    apply(overrides, *document, draft.problems);
    read_file(*document, draft);
  }
  if (draft.problems.any_errors()) throw ScenarioError(draft.scenario.path, draft.problems.all());
  if (warnings != nullptr) {
    const std::vector<Problem> all = draft.problems.all();
    warnings->insert(warnings->end(), all.begin(), all.end());
  }
  return std::move(draft.scenario);
}

Scenario load_scenario(const std::string& path, std::span<const Override> overrides,
                       std::vector<Problem>* warnings) {
  std::ifstream file(path, std::ios::binary);
  // One byte more than is read at most tells a file that is too large.
  std::string text(text_bytes_max + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof()))
    throw ScenarioError(path, {{"", "the file cannot be read", "", false}});
  text.resize(static_cast<std::size_t>(file.gcount()));
  return read_scenario(text, path, overrides, warnings);
}

}  // namespace brokersim::scenarios
