// Verdicts and checks that are still under way when everything else is over: a run waits for them, and what
// they do counts. The broker has been up for 10 s, so that its passes come at known times.
#include <memory>
#include <string>
#include <vector>

#include "scenarios/run/seed_run.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;

namespace {

constexpr std::string_view file = R"json({
  "title": "Late verdicts", "question": "Do they count?",
  "cluster": { "kind": "rocketmq", "version": "5.3",
    "brokers": [ { "name": "broker-a", "host": "host-1", "up_for": "10s" } ],
    "topics": [ { "name": "orders", "queues": 1 } ] },
  "network": { "delay": "uniform(0.1ms, 0.4ms)" },
  "producers": [ { "name": "shop", "topic": "orders", "host": "host-2", "rate": "200/s", "threads": 20,
                   "messages": 1, "send": "transaction" } ],
  "expect": [ { "intents": 1, "because": "one is sent" } ]
})json";

/// The counts of the log, the same in each of ten seeds but for how the verdicts share op records.
GroupCounts counted(const std::vector<Override>& overrides) {
  const Scenario scenario = read_scenario(file, "late.json", overrides);
  SeedRunner runner(std::make_shared<const model::Config>(scenario.config));
  const auto of = [&](std::uint64_t seed) {
    const SeedResult result = runner.run(sim::Seed(seed));
    CHECK(result.drained);
    GroupCounts counts = result.groups.at(0);
    counts[Count::op_records] = 0;
    return counts;
  };
  const GroupCounts first = of(1);
  for (std::uint64_t seed = 2; seed <= 10; ++seed) {
    INFO("seed " << seed);
    CHECK(of(seed).counts == first.counts);
  }
  return first;
}

Override transaction(const std::string& text) { return {"producers.0.transaction", text}; }
Override interval(const std::string& milliseconds) {
  return {"cluster.brokers.0.config.transactionCheckInterval", milliseconds};
}
Override check_max(const std::string& count) {
  return {"cluster.brokers.0.config.transactionCheckMax", count};
}
Override messages(const std::string& count) { return {"producers.0.messages", count}; }

}  // namespace

TEST_CASE("a COMMIT behind a check that was answered ROLLBACK is delivered", "[late-verdicts]") {
  // The pass at 10 s (older than 6 s) copies the half message and is answered ROLLBACK: that ends the copy.
  // The COMMIT of 20 s names the original, and EndTransactionProcessor appends it.
  const GroupCounts n =
      counted({transaction(R"({ "local_time": "20s", "check": "rollback" })"), interval("5000")});
  CHECK(n[Count::lost] == 0);
  CHECK(n[Count::processed] == 1);
  CHECK(n[Count::stored] == 1);
  CHECK(n[Count::half_records] == 2);
  CHECK(n[Count::checks] == 1);
}

TEST_CASE("a COMMIT behind the discard is delivered", "[late-verdicts]") {
  // Checks at 10, 15 and 20 s, all answered UNKNOW; discarded at 25 s at the latest; COMMIT at 60 s.
  const GroupCounts n = counted(
      {transaction(R"({ "local_time": "60s", "check": "unknown" })"), interval("5000"), check_max("3")});
  CHECK(n[Count::checks] == 3);
  CHECK(n[Count::discarded] == 1);
  CHECK(n[Count::stored] == 1);
  CHECK(n[Count::processed] == 1);
  CHECK(n[Count::lost] == 0);
}

TEST_CASE("the answers to the last checks are waited for", "[late-verdicts]") {
  // One thread answers, 1 s for each: the fifth COMMIT of the fifteenth checks comes 5 s behind the pass that
  // has discarded all five.
  const GroupCounts n = counted(
      {transaction(R"({ "returns": "unknown", "check": { "answer": "commit", "from": 15, "time": "1s" } })"),
       interval("10000"), messages("5")});
  CHECK(n[Count::checks] == 75);
  CHECK(n[Count::discarded] == 5);
  CHECK(n[Count::stored] == 5);
  CHECK(n[Count::lost] == 0);
}

TEST_CASE("what waits in the pool for checks is waited for, and what found it full is not answered",
          "[late-verdicts]") {
  // Eight checks in one pass: one runs for 5 s, five wait (checkRequestHoldMax), two are dropped. With one
  // check each all are discarded, and the six answers are COMMIT: the last 30 s behind the pass.
  const GroupCounts n =
      counted({transaction(R"({ "returns": "unknown", "check": { "answer": "commit", "time": "5s" } })"),
               {"producers.0.config.checkRequestHoldMax", "5"},
               interval("10000"),
               check_max("1"),
               messages("8")});
  CHECK(n[Count::discarded] == 8);
  CHECK(n[Count::stored] == 6);
  CHECK(n[Count::lost] == 2);
  CHECK(n.causes[static_cast<std::size_t>(Count::lost)]
                [static_cast<std::size_t>(model::ledger::Cause::transaction_checks_spent)] == 2);
}
