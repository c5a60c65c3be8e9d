// The reports of hand-made results, for people and for programs.
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/report/format.hpp"
#include "scenarios/report/json_report.hpp"
#include "scenarios/report/text_report.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using model::ledger::Cause;
using nlohmann::json;

namespace {

std::size_t at(Count count) { return static_cast<std::size_t>(count); }
std::size_t at(Cause cause) { return static_cast<std::size_t>(cause); }

/// Four seeds of 100 intents: 0, 4, 4 and 8 of them vanished, exposed for 5 to 250 ms.
BatchResult four_seeds() {
  BatchResult result;
  result.seeds = 4;
  GroupTotals& totals = result.groups.emplace_back();
  for (auto& histogram : totals.counts) histogram.add(0, 4);
  totals.counts[at(Count::intents)] = {};
  totals.counts[at(Count::intents)].add(100, 4);
  totals.window_min.fill(-1);
  totals.window_max.fill(-1);
  for (const Count count : {Count::vanished, Count::lost}) {
    totals.counts[at(count)] = {};
    totals.counts[at(count)].add(0);
    for (const std::int64_t n : {4, 4, 8}) {
      totals.counts[at(count)].add(n);
      totals.causes[at(count)][at(Cause::storage_unflushed_tail)].add(n);
    }
  }
  totals.window_min[at(Cause::storage_unflushed_tail)] = 5'000'000;
  totals.window_max[at(Cause::storage_unflushed_tail)] = 250'000'000;
  result.events = 12345;
  result.trace_hash = 0xabc;
  return result;
}

ReportHead head() {
  ReportHead head;
  head.file = "power loss.json";
  head.title = "Power loss";
  head.question = "How many?";
  head.overrides = "--set a=1";
  return head;
}

std::vector<Finding> findings() {
  std::vector<Finding> list{{true, "lost in every seed in [0, 9]", "in [0, 8]", std::nullopt},
                            {false, "maximum of vanished at most 7", "8", 4}};
  list[1].message = 17;
  return list;
}

std::string text(const BatchResult& result, const model::Config& config = {}, ReportHead about = head()) {
  return text_report(about, config, result, findings());
}

std::string line_with(const std::string& report, const std::string& part) {
  std::istringstream lines(report);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) != std::string::npos) return line;
  }
  return "";
}

json parsed(const BatchResult& result, const model::Config& config = {}) {
  return json::parse(json_report(head(), config, result, findings()));
}

/// Words of a line, in order.
std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

}  // namespace

// ------------------------------------------------------------------------------- text

TEST_CASE("the text report begins with what it is about", "[report]") {
  const std::string report = text(four_seeds());
  CHECK_THAT(report, Catch::StartsWith("Power loss\n  power loss.json\n  How many?\n"));
  ReportHead bare = head();
  bare.title = bare.question = "";
  CHECK_THAT(text(four_seeds(), {}, bare), Catch::StartsWith("  power loss.json\n\n"));
}

TEST_CASE("times stand below the counts, one number of each seed", "[report]") {
  BatchResult result = four_seeds();
  model::Config config;
  config.groups = {"billing"};
  config.producers.resize(2);
  config.producers[0].name = "shop";
  config.producers[1].name = "logger";
  result.unacknowledged.resize(2);  // the second sends one-way
  result.times.resize(1);
  for (const std::int64_t ms : {1000, 2000, 3000, 30'000}) result.unacknowledged[0].add(ms * 1'000'000);
  CHECK_THAT(text(result, config), !Catch::Contains("send to effect"));
  for (Histogram* times :
       {&result.times[0].median, &result.times[0].p99, &result.times[0].longest, &result.times[0].stall})
    times->add(5'000'000);
  const std::string report = text(result, config);
  CHECK_THAT(report, Catch::Contains("\n  producer shop\n  longest without ack "));
  CHECK_THAT(report, !Catch::Contains("producer logger"));
  // Mean of 1, 2, 3 and 30 s; the median is the second of four.
  const std::string row = line_with(report, "longest without ack");
  CHECK_THAT(row, Catch::Contains("     9 s  "));
  CHECK_THAT(row, Catch::EndsWith("      1 s      2 s     30 s"));
  CHECK_THAT(report, Catch::Contains("\n  consumer group billing\n  send to effect, p50 "));
  const json told = parsed(result, config);
  CHECK(told.at("producers")[0].at("name") == "shop");
  CHECK(told.at("producers")[0].at("times").at("longest_without_acknowledgement_ns").at("max") ==
        30'000'000'000);
  CHECK(told.at("producers")[0].at("times").at("longest_without_acknowledgement_ns").at("seeds") == 4);
  CHECK(told.at("producers")[1].at("times").at("longest_without_acknowledgement_ns").is_null());
  CHECK(told.at("groups")[0].at("times").at("longest_stall_ns").at("median") == 5'000'000);
}

TEST_CASE("of many producers those stand in the text that waited longest", "[report]") {
  BatchResult result = four_seeds();
  model::Config config;
  config.producers.resize(7);
  result.unacknowledged.resize(7);
  for (std::size_t p = 0; p < 7; ++p) {
    config.producers[p].name = "shop-" + std::to_string(p);
    result.unacknowledged[p].add(static_cast<std::int64_t>(10 - p) * 1'000'000);
  }
  const std::string report = text(result, config);
  CHECK_THAT(report, Catch::Contains("producer shop-4"));
  CHECK_THAT(report, !Catch::Contains("producer shop-5"));
  CHECK_THAT(report, Catch::Contains("(the others had one sooner: --json has all)"));
}

TEST_CASE("a row tells mean, intervals, minimum, median and maximum", "[report]") {
  // 0, 4, 4, 8: mean 4, deviation sqrt((16 + 16) / 3) = 3.266, Student's t of 3 degrees 3.182:
  // 4 -+ 3.182 x 3.266 / 2 = 4 -+ 5.196; no count has a mean below zero.
  const auto row = words(line_with(text(four_seeds()), "vanished  "));
  const std::vector<std::string> expected{"vanished", "4", "[0,", "9.196]", "[0,", "8]", "0", "4", "8"};
  CHECK(row == expected);
  CHECK_THAT(text(four_seeds()), Catch::Contains("4 seeds"));
}

TEST_CASE("a cause comes with its seeds, its window and what closes it", "[report]") {
  const std::string report = text(four_seeds());
  // 4 + 4 + 8 messages over four seeds.
  CHECK_THAT(report, Catch::Contains("storage.unflushed_tail, 4 messages per seed, in 3 seeds: "));
  CHECK_THAT(report, Catch::Contains("window: acknowledged 5 ms to 250 ms before the failure"));
  CHECK_THAT(report, Catch::Contains("closes it: flushDiskType=SYNC_FLUSH"));
}

TEST_CASE("what no crash took has been believed safe for as long as it was", "[report]") {
  BatchResult result = four_seeds();
  GroupTotals& totals = result.groups[0];
  totals.causes[at(Count::lost)][at(Cause::transaction_checks_spent)].add(1);
  totals.window_min[at(Cause::transaction_checks_spent)] = 436'000'000'000;
  totals.window_max[at(Cause::transaction_checks_spent)] = 436'100'000'000;
  CHECK_THAT(text(result), Catch::Contains("window: believed safe for 436 s\n"));
}

TEST_CASE("rows of nothing are left out, but for those that a reader looks for", "[report]") {
  const std::string report = text(four_seeds());
  for (const char* shown : {"intents", "acknowledged", "processed", "lost", "duplicated", "vanished"})
    CHECK(line_with(report, std::string("  ") + shown + " ") != "");
  for (const char* hidden : {"ghost", "stuck", "late", "reordered", "unanswered", "rolled_back"})
    CHECK(line_with(report, hidden) == "");
}

TEST_CASE("each judged group has its heading", "[report]") {
  BatchResult result = four_seeds();
  CHECK_THAT(text(result), Catch::Contains("judged by what the logs hold"));
  model::Config config;
  config.groups = {"billing"};
  CHECK_THAT(text(result, config),
             Catch::Contains("consumer group billing") && !Catch::Contains("judged by what the logs hold"));
  result.groups.push_back(result.groups[0]);
  CHECK_THAT(text(result, config),
             Catch::Contains("consumer group billing") && Catch::Contains("topics that no consumer reads"));
}

TEST_CASE("of several groups what is lost, doubled and told stands side by side", "[report]") {
  BatchResult result = four_seeds();
  model::Config config;
  config.groups = {"billing", "a-group-with-a-long-name"};
  CHECK_THAT(text(result, config), !Catch::Contains("mean of a seed"));
  result.groups.push_back(result.groups[0]);
  result.groups[1].counts[at(Count::lost)] = {};
  result.groups[1].counts[at(Count::lost)].add(3, 4);
  const std::string report = text(result, config);
  const std::string head = line_with(report, "mean of a seed"),
                    line = line_with(report, "  a-group-with-a-long-name  ");
  CHECK_THAT(head,
             Catch::Contains("lost") && Catch::Contains("duplicated") && Catch::Contains("told_failed"));
  CHECK(line.find('3') + 1 == head.find("lost") + 4);  // right-aligned below its heading
}

TEST_CASE("a finding that fails comes with a command that can be typed", "[report]") {
  const std::string report = text(four_seeds());
  CHECK_THAT(report, Catch::Contains("  holds  lost in every seed in [0, 9]: in [0, 8]\n"));
  CHECK_THAT(report,
             Catch::Contains("  FAILS  maximum of vanished at most 7: 8\n"
                             "         see: brokersim run 'power loss.json' --seed 4 --set a=1\n"
                             "         why: brokersim explain 'power loss.json' --seed 4 --message 17 "
                             "--set a=1\n"));
}

TEST_CASE("a command that explains names the group, if it is about one", "[report]") {
  Finding finding = findings()[1];
  finding.group = "billing and more";
  CHECK(explaining_command(head(), finding) ==
        "brokersim explain 'power loss.json' --seed 4 --message 17 --group 'billing and more' --set a=1");
}

TEST_CASE("counts of transactions and of consumers are shown where there are any", "[report]") {
  BatchResult result = four_seeds();
  for (const Count count :
       {Count::half_records, Count::checks, Count::discarded, Count::op_records, Count::deliveries})
    result.groups[0].counts[at(count)].add(5);
  model::Config config;
  const std::string bare = text(result, config);
  for (const char* hidden : {"half_records", "checks", "discarded", "op_records", "deliveries"})
    CHECK(line_with(bare, hidden) == "");
  config.groups = {"billing"};
  config.producers.emplace_back().transaction.emplace();
  const std::string whole = text(result, config);
  for (const char* shown : {"half_records", "checks", "discarded", "op_records", "deliveries"})
    CHECK(line_with(whole, shown) != "");
}

TEST_CASE("what did not drain and what never struck is said", "[report]") {
  BatchResult result = four_seeds();
  CHECK_THAT(text(result), !Catch::Contains("pending") && !Catch::Contains("never struck"));
  result.not_drained = 3;
  result.strikes.resize(2);
  result.strikes[0].add(1, 4);
  result.strikes[1].add(0, 1);
  result.strikes[1].add(2, 3);
  CHECK_THAT(text(result), Catch::Contains("still pending at drain_timeout in 3 of 4 seeds"));
  CHECK_THAT(text(result), Catch::Contains("fault 1 never struck in 1 of 4 seeds"));
  CHECK_THAT(text(result), !Catch::Contains("fault 0 never"));
}

TEST_CASE("colours only where they are wanted", "[report]") {
  CHECK_THAT(text(four_seeds()), !Catch::Contains("\033"));
  ReportHead coloured = head();
  coloured.colour = true;
  CHECK_THAT(text(four_seeds(), {}, coloured), Catch::Contains("\033[31m  FAILS  \033[0m"));
}

// ------------------------------------------------------------------------------- JSON

TEST_CASE("the JSON report holds the same numbers", "[report]") {
  const json report = parsed(four_seeds());
  CHECK(report.at("report_version") == 1);
  CHECK(report.at("file") == "power loss.json");
  CHECK(report.at("overrides") == "--set a=1");
  CHECK(report.at("first_seed") == 1);
  CHECK(report.at("seeds") == 4);
  CHECK(report.at("holds") == false);
  CHECK(report.at("events") == 12345);
  CHECK(report.at("trace_hash") == "0000000000000abc");
  REQUIRE(report.at("groups").size() == 1);
  CHECK(report["groups"][0].at("group").is_null());
  const json& counts = report["groups"][0].at("counts");
  CHECK(counts.size() == count_kinds);
  const json& vanished = counts.at("vanished");
  CHECK(vanished.at("mean") == 4.0);
  CHECK(vanished.at("mean_95").at(0).get<double>() == 0);
  CHECK(vanished.at("mean_95").at(1).get<double>() == Approx(4 + 3.182 * std::sqrt(32.0 / 3) / 2));
  CHECK(vanished.at("prediction_95") == json({0, 8}));
  CHECK(vanished.at("min") == 0);
  CHECK(vanished.at("median") == 4);
  CHECK(vanished.at("max") == 8);
}

TEST_CASE("the causes in the JSON report add up over the seeds", "[report]") {
  const json counts = parsed(four_seeds())["groups"][0]["counts"];
  const json expected = json::array({{{"cause", "storage.unflushed_tail"},
                                      {"seeds", 3},
                                      {"intents", 16},
                                      {"window_ns", {5'000'000, 250'000'000}},
                                      {"closes", "flushDiskType=SYNC_FLUSH"}}});
  CHECK(counts["vanished"].at("causes") == expected);
  CHECK_FALSE(counts["intents"].contains("causes"));
}

TEST_CASE("findings in the JSON report name a seed and a command where there is one", "[report]") {
  const json expect = parsed(four_seeds()).at("expect");
  REQUIRE(expect.size() == 2);
  CHECK(expect[0].at("holds") == true);
  CHECK_FALSE(expect[0].contains("seed"));
  CHECK(expect[1] ==
        json({{"claim", "maximum of vanished at most 7"},
              {"observed", "8"},
              {"holds", false},
              {"seed", 4},
              {"command", "brokersim run 'power loss.json' --seed 4 --set a=1"},
              {"message", 17},
              {"explain", "brokersim explain 'power loss.json' --seed 4 --message 17 --set a=1"}}));
}

TEST_CASE("groups carry their names and the log has none", "[report]") {
  BatchResult result = four_seeds();
  result.groups.push_back(result.groups[0]);
  model::Config config;
  config.groups = {"billing"};
  const json groups = parsed(result, config).at("groups");
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].at("group") == "billing");
  CHECK(groups[1].at("group").is_null());
}

TEST_CASE("a title that is no UTF-8 does not stop the report", "[report]") {
  ReportHead about = head();
  about.file = "caf\xe9.json";
  const std::string report = json_report(about, {}, four_seeds(), {});
  CHECK(json::parse(report).at("file") == "caf\xef\xbf\xbd.json");
  CHECK(json::parse(report).at("holds") == true);
  CHECK(report.back() == '\n');
}

// ------------------------------------------------------------------------------- numbers

TEST_CASE("numbers have four significant digits and no clutter", "[report]") {
  CHECK(short_number(0) == "0");
  CHECK(short_number(-0.0) == "0");
  CHECK(short_number(6000) == "6000");
  CHECK(short_number(404.23) == "404.2");
  CHECK(short_number(0.03) == "0.03");
  CHECK(short_number(0.012345) == "0.01235");
  CHECK(short_number(-2.5) == "-2.5");
  CHECK(short_number(99999.6) == "100000");
  CHECK(short_number(12'345'678) == "12345678");
  CHECK(short_number(1e-9) == "0");
}

TEST_CASE("times have three significant digits and the unit that these have", "[report]") {
  CHECK(short_time(0) == "0 s");
  CHECK(short_time(7) == "7 ns");
  CHECK(short_time(85'000) == "85 us");
  CHECK(short_time(512'000'000) == "512 ms");
  CHECK(short_time(1'300'000'000) == "1.3 s");
  CHECK(short_time(3'600'000'000'000) == "3600 s");
  CHECK(short_time(999'400'000) == "999 ms");
  CHECK(short_time(999'600'000) == "1 s");
  CHECK(short_time(999'960) == "1 ms");
  CHECK(short_time(-1'500'000) == "-1.5 ms");
}

TEST_CASE("columns are aligned and never cut", "[report]") {
  CHECK(right("ab", 4) == "  ab");
  CHECK(left("ab", 4) == "ab  ");
  CHECK(right("abcdef", 4) == "abcdef");
  CHECK(left("abcdef", 4) == "abcdef");
}

TEST_CASE("a word is quoted when the shell would read anything into it", "[report]") {
  CHECK(shell_word("scenarios/library/a-b_c.json") == "scenarios/library/a-b_c.json");
  CHECK(shell_word("producers.0.threads=16") == "producers.0.threads=16");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("two words") == "'two words'");
  CHECK(shell_word("cluster.brokers.*.x=1") == "'cluster.brokers.*.x=1'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("für.json") == "für.json");
}
