// The verb `explore` over a scenario file: what it finds, how it says it, and that what it saves is true.
#include "scenarios/analyse/explore_scenario.hpp"

#include <algorithm>
#include <memory>

#include "scenarios/analyse/explore_report.hpp"
#include "scenarios/analyse/shortest_path.hpp"
#include "scenarios/run/seed_run.hpp"
#include "sim/follow.hpp"
#include "tests/catch.hpp"
#include "tests/model/brute_force.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using model::ledger::Cause;

namespace {

/// The broker has been up for 10 s: passes at 1 s, 3.2 s, 5.4 s, 7.6 s ..., op batches at 2 s, 5 s, 8 s ...
constexpr std::string_view one_transaction_file = R"json({
  "title": "One transaction", "question": "What can become of it?",
  "cluster": { "kind": "rocketmq", "version": "5.3",
    "brokers": [ { "name": "broker-a", "host": "host-1", "restart_time": "uniform(2s, 4s)", "up_for": "10s",
                   "config": { "transactionCheckInterval": 2200 } } ],
    "topics": [ { "name": "orders", "queues": 1 } ] },
  "network": { "delay": "uniform(0.2ms, 0.4ms)" },
  "producers": [ { "name": "shop", "version": "4.9", "topic": "orders", "host": "host-2", "rate": "10/s",
                   "messages": 1, "send": "transaction", "transaction": { "local_time": "uniform(1ms, 3ms)" } } ],
  "faults": [ { "at": "1s", "kill": "broker-a", "restart_after": "1s" } ],
  "expect": [ { "intents": 1, "because": "one is sent" } ]
})json";

constexpr std::string_view one_order_file = R"({
  "title": "One order", "question": "What can become of it?",
  "cluster": { "kind": "rocketmq", "version": "5.3",
    "brokers": [ { "name": "broker-a", "host": "host-1" } ], "topics": [ { "name": "orders", "queues": 1 } ] },
  "producers": [ { "name": "shop", "topic": "orders", "host": "host-2", "rate": "10/s", "messages": 1 } ],
  "expect": [ { "intents": 1, "because": "one is sent" } ]
})";

ExploreRequest with(std::vector<std::string> faults, model::Duration restore_after) {
  ExploreRequest request;
  request.faults = std::move(faults);
  request.restore_after = restore_after;
  return request;
}

bool has_cause(const ExploredPlan& outcome, Cause cause) {
  return std::any_of(outcome.judged.begin(), outcome.judged.end(), [&](const JudgedIntent& judged) {
    return judged.outcome.cause == cause || judged.outcome.duplicate_cause == cause;
  });
}

const ExploredOutcome* found(const ExploreResult& result, std::string_view verdict, Cause cause) {
  for (const ExploredOutcome& outcome : result.outcomes) {
    if (outcome.verdict() == verdict && has_cause(outcome, cause)) return &outcome;
  }
  return nullptr;
}

/// The plan that shows a bad outcome with this cause; nullptr: none was found.
const ExploredPlan* plan_with(const ExploreResult& result, Cause cause) {
  for (const ExploredOutcome& outcome : result.outcomes) {
    if (!outcome.is_bad()) continue;
    if (has_cause(outcome, cause)) return &outcome;
    for (const ExploredPlan& plan : outcome.by_other_causes) {
      if (has_cause(plan, cause)) return &plan;
    }
  }
  return nullptr;
}

Scenario smallest_transaction(const std::string& version) {
  const std::string name = "scenarios/library/rocketmq/transaction-smallest-world" + version + ".json";
  return load_scenario(name);
}

}  // namespace

TEST_CASE("explore finds both ways to a second copy of a transaction message without being told",
          "[explore-scenario]") {
  const Scenario scenario = smallest_transaction("");
  const ExploreResult result = explore_scenario(scenario.config, {});
  const ExploredPlan* in_memory = plan_with(result, Cause::transaction_op_in_memory);
  REQUIRE(in_memory != nullptr);
  CHECK(in_memory->reproduced);
  const ExploredPlan* late = plan_with(result, Cause::transaction_late_commit);
  REQUIRE(late != nullptr);
  CHECK(late->reproduced);
  // Only a producer that is silent between its local commit and END_TRANSACTION commits too late.
  REQUIRE(late->faults.size() == 1);
  CHECK_THAT(late->faults[0].text, Catch::StartsWith("pause shop "));
  // What a crash alone makes of it is found as well.
  CHECK(plan_with(result, Cause::transaction_op_lost) != nullptr);
  CHECK(plan_with(result, Cause::transaction_half_lost) != nullptr);
}

TEST_CASE("a broker that was paused has forgotten no offsets", "[explore-scenario]") {
  // When it goes on, COMMIT and check pass are executed at one instant: the copy is made behind the COMMIT.
  const Scenario scenario = read_scenario(one_transaction_file, "one.json");
  const ExploreResult result =
      explore_scenario(scenario.config, with({"pause:broker-a"}, sim::Duration{8'000'000'000}));
  CHECK(plan_with(result, Cause::transaction_op_in_memory) != nullptr);
  CHECK(plan_with(result, Cause::transaction_offset_forgotten) == nullptr);
}

TEST_CASE("with 4.9 on both sides a late commit is what is left", "[explore-scenario]") {
  const Scenario scenario = smallest_transaction("-4.9");
  const ExploreResult result = explore_scenario(scenario.config, {});
  const ExploredPlan* late = plan_with(result, Cause::transaction_late_commit);
  REQUIRE(late != nullptr);
  CHECK_THAT(late->faults.at(0).text, Catch::StartsWith("pause shop "));
  // An idle instance of 4.9 is known to the broker, so that no check goes to nobody.
  CHECK(plan_with(result, Cause::transaction_checks_spent) == nullptr);
}

TEST_CASE("with its own faults the exploration equals brute force", "[explore-scenario]") {
  for (const char* version : {"", "-4.9"}) {
    Scenario scenario = smallest_transaction(version);
    // Where in a sync the pages reach the disk would make three runs of each, per flush, for every plan.
    scenario.config.hosts[0].sync_time = sim::Distribution::constant({});
    scenario.config.brokers[0].settings.transactionCheckMax = 3;
    const ExploreResult result = explore_scenario(scenario.config, {});
    model::brute::Plans plans;
    for (const ExploredOutcome& outcome : result.outcomes) plans[outcome.intents] = outcome.plans;
    INFO("version " << version);
    CHECK(result.world.config.faults.size() == 5);
    CHECK(plans == model::brute::every_run(result.world.config, sim::Seed(1)));
  }
}

TEST_CASE("the plans by other causes begin with other faults and come to the same outcome",
          "[explore-scenario]") {
  const ExploreResult result = explore_scenario(smallest_transaction("").config, {});
  std::size_t others = 0;
  for (const ExploredOutcome& outcome : result.outcomes) {
    for (const ExploredPlan& plan : outcome.by_other_causes) {
      ++others;
      CHECK(plan.verdict() == outcome.verdict());
      REQUIRE(plan.faults.size() == 1);
      const bool other_fault =
          outcome.faults.empty() || !(plan.faults[0].fault.action == outcome.faults[0].fault.action);
      CHECK(other_fault);
    }
    if (!outcome.is_bad()) CHECK(outcome.by_other_causes.empty());
  }
  CHECK(others > 0);
}

TEST_CASE("a pause is longer than every time-out that waits for it", "[explore-scenario]") {
  using namespace sim::literals;
  // transactionTimeOut 6 s, an interval of 2.2 s, and the second that a pass sleeps.
  model::Config config = read_scenario(one_transaction_file, "one.json").config;
  CHECK(longest_wait(config) == sim::Duration(9'200_ms));
  config.producers[0].transaction->check_immunity_seconds = 20;
  CHECK(longest_wait(config) == sim::Duration(23'200_ms));
  // sendMsgTimeout 3 s.
  CHECK(longest_wait(read_scenario(one_order_file, "one.json").config) == sim::Duration(4_s));
  // What was asked for counts for all.
  const SmallWorld world = small_world(config, {"pause:shop", "kill:shop"}, sim::Duration(5_s));
  for (const model::FaultConfig& fault : world.config.faults)
    CHECK(fault.restore_after == sim::Distribution::constant(5_s));
}

TEST_CASE("a power loss before the flush takes an acknowledged order", "[explore-scenario]") {
  const Scenario scenario = read_scenario(one_order_file, "one-order.json");
  const ExploreResult result =
      explore_scenario(scenario.config, with({"power_loss:host-1"}, sim::Duration{1'000'000'000}));
  const ExploredOutcome* lost = found(result, "lost", Cause::storage_unflushed_tail);
  REQUIRE(lost != nullptr);
  CHECK(lost->intents[0].told == model::ledger::Told::acknowledged);
  REQUIRE(lost->faults.size() == 1);
  // The earliest place is behind the answer that the producer has got.
  CHECK_THAT(lost->faults[0].text, Catch::StartsWith("power loss of host-1 "));
  CHECK(lost->reproduced);
  CHECK(result.outcomes.front().verdict() == "fine");
}

TEST_CASE("each saved counterexample does in a run what it says", "[explore-scenario]") {
  const Scenario scenario = read_scenario(one_transaction_file, "one.json");
  for (const std::string fault : {"kill:broker-a", "kill:shop", "power_loss:host-1"}) {
    const ExploreResult result =
        explore_scenario(scenario.config, with({fault}, sim::Duration{4'000'000'000}));
    std::size_t saved = 0;
    for (const ExploredOutcome& outcome : result.outcomes) {
      if (!outcome.is_bad() || !outcome.reproduced) continue;
      ++saved;
      const std::string file = effective_json(counterexample(scenario, result, outcome));
      const Scenario read = read_scenario(file, "saved.json");
      const auto run = SeedRunner(std::make_shared<const model::Config>(read.config)).run(sim::Seed(1));
      REQUIRE(!read.expect.empty());
      for (const Expectation& expectation : read.expect) {
        INFO(fault << ": " << outcome.verdict() << ", " << to_string(*expectation.count));
        CHECK(expectation.every_seed->contains(static_cast<double>(run.groups[0][*expectation.count])));
      }
    }
    INFO(fault);
    CHECK(saved > 0);
  }
}

TEST_CASE("the pair of copies of a producer that died before endTransaction is found, with its cause",
          "[explore-scenario]") {
  const Scenario scenario = read_scenario(one_transaction_file, "one.json");
  const ExploreResult result =
      explore_scenario(scenario.config, with({"kill:shop"}, sim::Duration{4'000'000'000}));
  const ExploredOutcome* doubled = found(result, "duplicated", Cause::transaction_op_in_memory);
  REQUIRE(doubled != nullptr);
  CHECK(doubled->intents[0].copies == 2);
  REQUIRE(doubled->faults.size() == 1);
  CHECK_THAT(doubled->faults[0].text, Catch::Contains("producer."));
}

TEST_CASE("the shortest path to each outcome leads to it, with no more faults than it needs",
          "[explore-scenario]") {
  using model::ExplorableModel;
  const Scenario scenario = read_scenario(one_order_file, "one-order.json");
  const model::Config world =
      small_world(scenario.config, {"kill:broker-a"}, sim::Duration{1'000'000'000}).config;
  const auto without =
      sim::explore<model::Model, ExplorableModel>(world, {.faults_max = 0, .start_seed = sim::Seed(1)});
  const auto all = sim::explore<model::Model, ExplorableModel>(
      world, {.faults_max = 2, .start_seed = sim::Seed(1), .graph = true});
  const auto paths = shortest_paths(all.graph.edges, all.graph.states,
                                    static_cast<std::uint32_t>(all.graph.outcomes.size()));
  REQUIRE(all.graph.outcomes.size() > 1);
  for (const auto& [outcome, number] : all.graph.outcomes) {
    const auto& path = paths[number];
    const auto end =
        sim::follow<model::Model, ExplorableModel>(world, sim::Seed(1), path, [](const auto&...) {});
    CHECK(ExplorableModel::outcome(end.world, world) == outcome);
    const auto faults =
        std::count_if(path.begin(), path.end(), [](const auto& edge) { return edge.is_fault(); });
    if (without.plans.count(outcome) == 1) CHECK(faults == 0);
  }
}

TEST_CASE("distributions become constants, and the report says what was changed", "[explore-scenario]") {
  const Scenario scenario = read_scenario(one_transaction_file, "one.json");
  const SmallWorld world = small_world(scenario.config, {}, {});
  CHECK(world.config.brokers[0].restart_time == sim::Distribution::constant(sim::Duration{3'000'000'000}));
  CHECK(world.config.network.delay == sim::Distribution::constant(sim::Duration{300'000}));
  CHECK(world.config.producers[0].transaction->local_time ==
        sim::Distribution::constant(sim::Duration{2'000'000}));
  // Both processes twice, and the host that has a broker.
  REQUIRE(world.config.faults.size() == 5);
  const char* texts[] = {"kill broker-a", "kill shop", "pause broker-a", "pause shop",
                         "power loss of host-1"};
  const std::int64_t restored_ms[] = {1000, 1000, 9200, 9200, 1000};
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    CHECK(fault_text(world.config, world.config.faults[i].action) == texts[i]);
    CHECK(world.config.faults[i].restore_after.first().ns == restored_ms[i] * 1'000'000);
  }
  REQUIRE(world.notes.size() == 2);
  CHECK_THAT(world.notes[0], Catch::Contains("median"));
  CHECK_THAT(world.notes[1], Catch::Contains("left out"));
}

TEST_CASE("what cannot be explored is refused with a reason", "[explore-scenario]") {
  const Scenario scenario = read_scenario(one_order_file, "one-order.json");
  CHECK_THROWS_AS(small_world(scenario.config, {"kill:nobody"}, {}), NotExplorable);
  CHECK_THROWS_AS(small_world(scenario.config, {"melt:broker-a"}, {}), NotExplorable);
  CHECK_THROWS_AS(small_world(scenario.config, {"power_loss:broker-a"}, {}), NotExplorable);
  model::Config large = scenario.config;
  large.producers[0].messages = 6000;
  CHECK_THROWS_AS(small_world(large, {}, {}), NotExplorable);
}

TEST_CASE("the two reports of an exploration tell the same", "[explore-scenario]") {
  const Scenario scenario = read_scenario(one_order_file, "one-order.json");
  const ExploreResult result =
      explore_scenario(scenario.config, with({"kill:broker-a"}, sim::Duration{1'000'000'000}));
  const ExploreHead head{"one-order.json", scenario.title, "", 1, 1};
  const std::string text = explore_text(head, result, {}), json = explore_json(head, result, {});
  CHECK_THAT(text, Catch::Contains(std::to_string(result.plans) + " plans"));
  CHECK_THAT(json, Catch::Contains("\"plans\": " + std::to_string(result.plans)));
  CHECK_THAT(text, Catch::Contains("kill broker-a"));
  CHECK_THAT(json, Catch::Contains("\"kill broker-a\""));
}

// What is asked for at a time of the clocks is nearer for a state that is met later.
TEST_CASE("explore: states of a file that names a time are never merged, and that is said", "[explore]") {
  const auto explored = [](std::string_view path, std::string_view value) {
    const std::vector<Override> sets{{std::string(path), std::string(value)}};
    ExploreRequest request = with({"kill:shop"}, sim::Duration{1'000'000'000});
    return explore_scenario(read_scenario(one_order_file, "order.json", sets).config, request);
  };
  const ExploreResult timed = explored("producers.0.deliver_at", "2s");
  CHECK(timed.merged == 0);
  REQUIRE(!timed.world.notes.empty());
  CHECK(timed.world.notes.back().starts_with("no state counts as met again: a deliver_at"));
  const ExploreResult plain = explored("producers.0.messages", "1");
  CHECK(plain.merged > 0);
  for (const std::string& note : plain.world.notes) CHECK(!note.starts_with("no state"));
}
