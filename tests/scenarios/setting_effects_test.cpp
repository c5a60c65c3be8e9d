// Each honoured setting changes something: the same scenario of the library with two values of it, and what
// becomes more or less. A setting that is read and has no effect is found here; so is one without a row.
#include <algorithm>

#include "scenarios/read/settings.hpp"
#include "scenarios/run/seed_run.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/setting_effects.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;

/// Honoured, and yet without an effect.
constexpr std::pair<std::string_view, std::string_view> effectless[] = {
    {"broker", "brokerName"},  // they say who belongs to whom: with other values it is another cluster
    {"broker", "brokerId"},
    {"broker", "enableControllerMode"},
    {"broker", "dLegerGroup"},  // likewise; dledger_groups.json has what contradicts itself
    {"broker", "dLegerPeers"},
    {"broker", "dLegerSelfId"},
    {"broker", "brokerElectionPriority"},  // the same for all changes nothing: controller_test
    {"consumer", "consumeThreadMax"},      // in RocketMQ, too: ThreadPoolExecutor with a queue without an end
    {"producer", "clientOnewaySemaphoreValue"},  // its permit is held while a request is written
};

struct Seen {
  std::int64_t count = 0;
  std::vector<std::uint64_t> traces;
};

std::string config_of(const std::string& scope) {
  if (scope == "broker") return "cluster.brokers.*.config.";
  if (scope == "controller") return "cluster.controllers.*.config.";
  if (scope == "nameserver") return "cluster.nameservers.*.config.";
  return scope == "producer" ? "producers.*.config." : "consumers.*.config.";
}

Seen run(const Effect& effect, const std::string& value) {
  std::vector<Override> sets = effect.with;
  sets.push_back({config_of(effect.scope) + effect.name, value});
  const std::string path = "scenarios/library/rocketmq/" + effect.scenario + ".json";
  SeedRunner runner(std::make_shared<const model::Config>(load_scenario(path, sets).config));
  Seen seen;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const SeedResult result = runner.run(sim::Seed(seed));
    seen.traces.push_back(result.trace_hash);
    for (const GroupCounts& group : result.groups)
      if (effect.count) seen.count += group.counts[static_cast<std::size_t>(*effect.count)];
  }
  return seen;
}

void check_effects_on(std::string_view scope) {
  for (const Effect& effect : effects()) {
    if (effect.scope != scope) continue;
    INFO(effect.scope << " " << effect.name << " in " << effect.scenario);
    const Seen first = run(effect, effect.first), second = run(effect, effect.second);
    CHECK(first.traces != second.traces);
    if (effect.moves == Moves::less) CHECK(second.count < first.count);
    if (effect.moves == Moves::more) CHECK(second.count > first.count);
  }
}

}  // namespace

TEST_CASE("each setting of a broker changes a count or a trace", "[settings]") { check_effects_on("broker"); }
TEST_CASE("each setting of a producer changes a count or a trace", "[settings]") {
  check_effects_on("producer");
}
TEST_CASE("each setting of a controller changes a count or a trace", "[settings]") {
  check_effects_on("controller");
}
TEST_CASE("each setting of a name server changes a count or a trace", "[settings]") {
  check_effects_on("nameserver");
}
TEST_CASE("each setting of a push consumer changes a count or a trace", "[settings]") {
  check_effects_on("consumer");
}

TEST_CASE("every honoured setting has a row that shows its effect", "[settings]") {
  for (const read::SettingText& setting : read::all_settings()) {
    // A plain reader's few are those of a push consumer.
    if (!setting.honoured || setting.scope == "reader") continue;
    INFO(setting.scope << " " << setting.name << ": add a row to effects()");
    const auto shows = [&](const Effect& effect) {
      return effect.scope == setting.scope && effect.name == setting.name;
    };
    const bool shown = std::any_of(effects().begin(), effects().end(), shows);
    const std::pair<std::string_view, std::string_view> key{setting.scope, setting.name};
    const bool excused = std::find(std::begin(effectless), std::end(effectless), key) != std::end(effectless);
    CHECK(shown != excused);
  }
}

}  // namespace brokersim::tests
