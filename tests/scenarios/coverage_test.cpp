// Row coverage: what the monitors count, told and added up.
#include "scenarios/analyse/coverage.hpp"

#include <algorithm>

#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using model::rocketmq::CoveredTable;

namespace {

constexpr std::string_view covered_file = R"({
  "title": "Three transactions", "question": "Which rows?",
  "cluster": { "kind": "rocketmq", "version": "5.3",
    "brokers": [ { "name": "broker-a", "host": "host-1" } ], "topics": [ { "name": "orders", "queues": 1 } ] },
  "producers": [ { "name": "shop", "topic": "orders", "host": "host-2", "rate": "10/s", "messages": 3,
                   "send": "transaction" } ],
  "expect": [ { "intents": 3, "because": "three are sent" } ]
})";

std::vector<CoveredTable> covered(std::int64_t seeds) {
  const Scenario scenario = read_scenario(covered_file, "three.json");
  return cover(std::make_shared<const model::Config>(scenario.config), 1, seeds);
}

const CoveredTable& table(const std::vector<CoveredTable>& tables, std::string_view name) {
  return *std::find_if(tables.begin(), tables.end(), [&](const CoveredTable& t) { return t.name == name; });
}

std::uint64_t hits(const CoveredTable& table, std::vector<std::string> first_cells) {
  std::uint64_t sum = 0;
  for (const CoveredTable::Row& row : table.rows) {
    if (std::equal(first_cells.begin(), first_cells.end(), row.cells.begin())) sum += row.hits;
  }
  return sum;
}

}  // namespace

TEST_CASE("three healthy transactions take the straight way, three times", "[coverage]") {
  const auto tables = covered(1);
  const CoveredTable& halves = table(tables, "transactions");
  CHECK(hits(halves, {"none", "stored"}) == 3);
  CHECK(hits(halves, {"half", "commit"}) == 3);
  CHECK(hits(halves, {"half", "op_buffered"}) == 3);
  CHECK(hits(halves, {"op_in_memory", "op_written"}) == 3);
  CHECK(hits(halves, {"op_stored", "passed_by_op"}) == 3);
  CHECK(hits(halves, {"half", "copied_to_check"}) == 0);
  CHECK(hits(table(tables, "transaction-client"), {"half_sending", "send_ok"}) == 3);
  CHECK(hits(table(tables, "puts"), {"PUT_OK"}) == 3);
  CHECK(table(tables, "retries").covered() == 0);
}

TEST_CASE("coverage adds up over seeds, runs and files", "[coverage]") {
  CHECK(hits(table(covered(4), "transactions"), {"none", "stored"}) == 12);
  std::vector<CoveredTable> sum;
  add(sum, covered(1));
  add(sum, covered(2));
  CHECK(hits(table(sum, "transactions"), {"none", "stored"}) == 9);

  const model::Config config = read_scenario(covered_file, "three.json").config;
  model::rocketmq::Monitors one(config), other(config);
  one.on({}, model::make_record(model::RecordKind::send_begun, 0));
  other.on({}, model::make_record(model::RecordKind::refused, 0,
                                  static_cast<std::int64_t>(model::Status::SYSTEM_BUSY)));
  one.merge(other);
  CHECK(hits(table(one.tables(), "puts"), {"OS_PAGE_CACHE_BUSY"}) == 1);
  CHECK(hits(table(one.tables(), "puts"), {"QUEUE_TIMEOUT"}) == 1);  // the same answer: counted together
  one.reset();
  CHECK(hits(table(one.tables(), "puts"), {"QUEUE_TIMEOUT"}) == 1);
}

TEST_CASE("a retry that no rule allows is a bug", "[coverage]") {
  const model::Config config = read_scenario(covered_file, "three.json").config;
  model::rocketmq::RetryCoverage retries(config);
  using model::RecordKind;
  const auto tell = [&](RecordKind kind, std::int64_t a, std::int64_t b) {
    retries.on({}, model::make_record(kind, 0, a, b));
  };
  tell(RecordKind::send_begun, 0, 0);
  tell(RecordKind::attempt_sent, 0, 0);
  tell(RecordKind::attempt_failed, 0, static_cast<std::int64_t>(model::SendError::timed_out));
  tell(RecordKind::attempt_sent, 1, 0);  // sync: a time-out is retried
  tell(RecordKind::refused, static_cast<std::int64_t>(model::Status::MESSAGE_ILLEGAL), 0);
  tell(RecordKind::attempt_failed, 1, static_cast<std::int64_t>(model::SendError::broker_error));
  CHECK_THROWS_AS(tell(RecordKind::attempt_sent, 2, 0), sim::BugError);
}

TEST_CASE("the text of a coverage names the rows that were never taken", "[coverage]") {
  const auto tables = covered(1);
  const std::string all = coverage_text(tables, false), uncovered = coverage_text(tables, true);
  CHECK_THAT(all, Catch::Contains("transactions: "));
  CHECK_THAT(uncovered, Catch::Contains("copied_to_check"));
  CHECK_THAT(all, Catch::Contains("3   none"));
  CHECK_THAT(uncovered, !Catch::Contains("3   none"));
}
