// Row coverage: what the monitors count, told and added up; and the record of a run for each row, run again.
#include "scenarios/analyse/coverage.hpp"

#include <algorithm>
#include <filesystem>

#include "scenarios/analyse/coverage_report.hpp"
#include "scenarios/analyse/row_record.hpp"
#include "scenarios/run/expectations.hpp"
#include "scenarios/run/seed_run.hpp"
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

std::shared_ptr<const model::Config> config_as(const CoveringRun& run) {
  std::vector<Override> as;
  if (!run.as.empty()) as.push_back({"cluster.version", "\"" + run.as + "\""});
  if (run.file == "three.json")
    return std::make_shared<const model::Config>(read_scenario(covered_file, run.file, as).config);
  return std::make_shared<const model::Config>(load_scenario(run.file, as).config);
}

const CoveringRun three{"three.json", "", 1};

void add_three(Coverage& coverage, std::int64_t seeds, const std::string& as = "") {
  const CoveringRun run{"three.json", as, 1};
  cover(coverage, run, config_as(run), seeds);
}

Coverage covered(std::int64_t seeds, const std::string& as = "") {
  Coverage coverage;
  add_three(coverage, seeds, as);
  return coverage;
}

std::size_t number_of(const std::vector<CoveredTable>& tables, std::string_view name) {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const CoveredTable& t) { return t.name == name; });
  return static_cast<std::size_t>(found - tables.begin());
}

const CoveredTable& table(const std::vector<CoveredTable>& tables, std::string_view name) {
  return tables.at(number_of(tables, name));
}

std::uint64_t hits(const CoveredTable& table, std::vector<std::string> first_cells) {
  std::uint64_t sum = 0;
  for (const CoveredTable::Row& row : table.rows) {
    if (std::equal(first_cells.begin(), first_cells.end(), row.cells.begin())) sum += row.hits();
  }
  return sum;
}

}  // namespace

TEST_CASE("three healthy transactions take the straight way, three times", "[coverage]") {
  const Coverage coverage = covered(1);
  const auto& tables = coverage.tables();
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
  CHECK_FALSE(coverage.complete());
}

TEST_CASE("coverage adds up over seeds and files, and knows who took a row first", "[coverage]") {
  CHECK(hits(table(covered(4).tables(), "transactions"), {"none", "stored"}) == 12);
  Coverage sum;
  add_three(sum, 1);
  add_three(sum, 2);
  CHECK(hits(table(sum.tables(), "transactions"), {"none", "stored"}) == 9);
  const std::size_t halves = number_of(sum.tables(), "transactions");
  CHECK(sum.first(halves, 0).at(1) == three);  // row 0: none stored; profile 1: 5.3
  CHECK_FALSE(sum.first(halves, 0).at(0).has_value());
}

TEST_CASE("a row of both versions is covered once both have taken it", "[coverage]") {
  CHECK(other_version(*config_as(three)) == "4.9");
  Coverage coverage = covered(1);
  const auto stored = [&]() -> const CoveredTable::Row& {
    return table(coverage.tables(), "transactions").rows.at(0);
  };
  CHECK(stored().hits() == 3);
  CHECK_FALSE(stored().is_covered());
  add_three(coverage, 1, "4.9");
  CHECK(stored().hits_in == model::rocketmq::ProfileHits{3, 3});
  CHECK(stored().is_covered());
}

TEST_CASE("monitors of several runs add up, and answers that look alike are counted together", "[coverage]") {
  const model::Config config = read_scenario(covered_file, "three.json").config;
  model::rocketmq::Monitors one(config), other(config);
  one.on({}, model::make_record(model::RecordKind::send_begun, 0));
  other.on({}, model::make_record(model::RecordKind::refused, 0,
                                  static_cast<std::int64_t>(model::Status::SYSTEM_BUSY)));
  one.merge(other);
  CHECK(hits(table(one.tables(), "puts"), {"OS_PAGE_CACHE_BUSY"}) == 1);
  CHECK(hits(table(one.tables(), "puts"), {"QUEUE_TIMEOUT"}) == 1);
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

TEST_CASE("the text of a coverage names the rows that were never taken, and who took the others",
          "[coverage]") {
  const Coverage coverage = covered(1);
  const std::string all = coverage_text(coverage, {}, ShownRows::all),
                    uncovered = coverage_text(coverage, {}, ShownRows::uncovered),
                    taken = coverage_text(coverage, {}, ShownRows::taken);
  CHECK_THAT(all, Catch::Contains("transactions: "));
  CHECK_THAT(uncovered, Catch::Contains("copied_to_check"));
  CHECK_THAT(all, Catch::Contains("5.3: three 1"));
  const std::string only_5_3 = "-         3   op_in_memory  op_written";  // 4.9 has a row of its own
  CHECK_THAT(all, Catch::Contains(only_5_3));
  CHECK_THAT(uncovered, !Catch::Contains(only_5_3));
  CHECK_THAT(taken, Catch::Contains(only_5_3));
  CHECK_THAT(taken, !Catch::Contains("        0         0"));
  CHECK_THAT(taken, !Catch::Contains("dledger"));  // no row of such a table is taken
  CHECK_THAT(taken, Catch::Contains(" other rows are not taken; --all lists them"));
  // 4.9 was not run: what of its rows is taken is nobody's question.
  const std::string head =
      taken.substr(taken.find("transactions: "), taken.find('\n') - taken.find("transactions: "));
  CHECK_THAT(head, Catch::Contains("5.3: ") && !Catch::Contains("4.9: ") && !Catch::Contains(" 0 of"));
}

TEST_CASE("a record says the same when it is read back, and keeps the reasons of rows that no run takes",
          "[coverage]") {
  RowRecord before{{"transactions", "half stepped_over any half all", "5.3", std::nullopt, "for a reason"},
                   {"transactions", "none stored any half all", "5.3", std::nullopt, "wrong: it is taken"}};
  const RowRecord record = record_of(covered(1), before);
  const RecordedRow* stored = find(record, "transactions", "none stored any half all", "5.3");
  REQUIRE(stored != nullptr);
  CHECK(stored->run == three);
  const RecordedRow* argued = find(record, "transactions", "half stepped_over any half all", "5.3");
  REQUIRE(argued != nullptr);
  CHECK(argued->reason == "for a reason");
  CHECK(to_text(parse_row_record(to_text(record))) == to_text(record));
  CHECK_THROWS_WITH(parse_row_record("# a comment\n\ttransactions\t\n"), Catch::Contains("line 2"));
  CHECK_THROWS_WITH(parse_row_record("puts\tPUT_OK\t5.3\tfile\t\tfirst\n"), Catch::Contains("line 1"));
}

TEST_CASE("a record is stale where its run does not take the row, or there is no such row, run or reason",
          "[coverage]") {
  const auto stale = [](RecordedRow row) {
    const auto lines = stale_rows({std::move(row)}, config_as);
    const auto about_missing = [](const std::string& line) { return line.ends_with("no run is recorded"); };
    std::string text;
    for (const std::string& line : lines) text += about_missing(line) ? "" : line;
    return text;
  };
  const std::string stored = "none stored any half all",
                    superseded = "half copied_to_check any superseded all";
  CHECK(stale({"transactions", stored, "5.3", three, {}}).empty());
  CHECK(stale({"transactions", stored, "4.9", CoveringRun{"three.json", "4.9", 7}, {}}).empty());
  CHECK_THAT(stale({"transactions", superseded, "5.3", three, {}}), Catch::Contains("does not take it"));
  CHECK_THAT(stale({"transactions", stored, "4.9", three, {}}), Catch::Contains("does not take it"));
  CHECK_THAT(stale({"transactions", "none eaten", "5.3", three, {}}), Catch::Contains("no such row"));
  CHECK_THAT(stale({"transactions", stored, "5.3", CoveringRun{"gone.json", "", 1}, {}}),
             Catch::Contains("gone.json"));
  CHECK_THAT(stale({"transactions", stored, "5.3", std::nullopt, {}}), Catch::Contains("no reason"));
  CHECK(stale_rows({}, config_as).size() > 2 * 100);  // every row is missing
}

/// If this fails after a change of the model: `brokersim coverage --write`, and look at what it writes. A row
/// of a new table needs a run too: a scenario of the library or a small one in tests/rows.
TEST_CASE("every row of every table is taken, in each version that has it, by the run that is recorded",
          "[coverage]") {
  const RowRecord record = load_row_record();
  REQUIRE(!record.empty());
  std::string stale;
  for (const std::string& line : stale_rows(record, config_as)) stale += line + "\n";
  CHECK(stale == "");
}

TEST_CASE("the files of tests/rows hold what they expect, and each is there for some row", "[coverage]") {
  const RowRecord record = load_row_record();
  for (const auto& entry : std::filesystem::directory_iterator("tests/rows")) {
    const std::string file = entry.path().string();
    if (entry.path().extension() != ".json") continue;
    INFO(file);
    CHECK(std::any_of(record.begin(), record.end(),
                      [&](const RecordedRow& row) { return row.run && row.run->file == file; }));
    const Scenario scenario = load_scenario(file);
    CHECK((!scenario.title.empty() && !scenario.question.empty() && !scenario.source.empty()));
    ExpectationCheck expectations(scenario);
    SeedRunner runner(std::make_shared<const model::Config>(scenario.config));
    for (const std::uint64_t seed : {1U, 2U}) expectations.see(runner.run(sim::Seed(seed)));
    const auto findings = expectations.findings();
    CHECK(!findings.empty());
    for (const Finding& finding : findings) CHECK(finding.holds);
  }
}
