// The story of one message, from records made by hand and from a run.
#include "scenarios/report/explain.hpp"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/record.hpp"
#include "scenarios/run/seed_run.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/small_runs.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using namespace sim::literals;
using model::RecordKind;
using model::ledger::Cause;
using model::ledger::Class;
using model::ledger::Outcome;
using nlohmann::json;

namespace {

/// A broker, a transactional shop, a listener (process 2).
model::Config told_config() {
  model::Config config;
  config.hosts.emplace_back().name = "host-1";
  config.brokers.emplace_back().name = "broker-a";
  config.topics.push_back({.name = "orders", .queues = 4});
  config.producers.emplace_back().name = "shop";
  config.groups = {"billing"};
  config.push_consumers.emplace_back().name = "billing-1";
  config.push_consumers[0].topics = {model::TopicId(0)};
  return config;
}

struct Telling {
  explicit Telling(model::Config told = told_config()) : config(std::move(told)) {}

  model::Config config;
  Story story{config, 0, std::nullopt};

  void hears(sim::Duration at, RecordKind kind, std::uint32_t subject, std::int64_t a = 0,
             std::int64_t b = 0) {
    story.on(sim::SimTime{} + at, model::make_record(kind, subject, a, b));
  }
  std::string text(const Outcome& outcome) const {
    return explain_text({"a.json", "Power loss", 7}, config, story, {outcome});
  }
  std::vector<std::string> sentences(bool waits = false) const {
    std::vector<std::string> texts;
    for (const Sentence& sentence : story.sentences(waits)) texts.push_back(sentence.text);
    return texts;
  }
};

Outcome lost_with_the_tail() {
  Outcome outcome;
  outcome.outcome = Class::lost;
  outcome.vanished = true;
  outcome.cause = outcome.vanished_cause = Cause::storage_unflushed_tail;
  outcome.window = 143_ms;
  return outcome;
}

void lose_it(Telling& telling) {
  telling.hears(1_s, RecordKind::flushed, 0, 50, 20'000);
  telling.hears(1900_ms, RecordKind::send_begun, 0, 0, 3);
  telling.hears(1900_ms, RecordKind::attempt_sent, 0, 0, 2);
  telling.hears(1901_ms, RecordKind::appended, 0, 2, 51);
  telling.hears(1901_ms, RecordKind::appended, 1, 2, 52);  // somebody else's
  telling.hears(1902_ms, RecordKind::acknowledged, 0, 0, 51);
  telling.hears(2_s, RecordKind::flushed, 0, 50, 20'000);
  telling.hears(2045_ms, RecordKind::fault_struck, 0,
                static_cast<std::int64_t>(model::FaultKind::power_loss));
  telling.hears(2045_ms, RecordKind::host_lost_power, 0);
  telling.hears(2045_ms, RecordKind::copy_lost, 0, static_cast<std::int64_t>(model::LossKind::unflushed_tail),
                51);
  telling.hears(9_s, RecordKind::fault_struck, 1, static_cast<std::int64_t>(model::FaultKind::kill));
}

}  // namespace

TEST_CASE("a story is told in the order of time, with what happened around it", "[explain]") {
  Telling telling;
  lose_it(telling);
  const std::string expected =
      "Power loss\n"
      "  a.json, seed 7, message 0\n"
      "\n"
      "    1.900 s  shop (thread 3) sends message 0.\n"
      "    1.900 s  Try 1 goes to broker-a, queue 2.\n"
      "    1.901 s  broker-a stores it in queue 2 at offset 51.\n"
      "    1.902 s  The producer has its SEND_OK: from here on it believes the message safe.\n"
      "    2.045 s  | Here fault 0 of the scenario strikes: power_loss.\n"
      "    2.045 s  | host-1 loses its power; the last flush of broker-a ended 45 ms before.\n"
      "    2.045 s  The copy at offset 51 is gone: it was not yet on the disk.\n"
      "\n"
      "    9.000 s  | Here fault 1 of the scenario strikes: kill.\n"
      "\n"
      "For group billing: lost, vanished\n"
      "  cause: storage.unflushed_tail: acknowledged from the page cache, not yet synced when the host "
      "failed\n"
      "  closes it: flushDiskType=SYNC_FLUSH\n"
      "  window: it had been believed safe for 143 ms\n"
      "Faults while it was under way:\n"
      "    2.045 s  Here fault 0 of the scenario strikes: power_loss.\n";
  CHECK(telling.text(lost_with_the_tail()) == expected);
}

TEST_CASE("a fault that is in force when the message begins strikes it", "[explain]") {
  Telling telling;
  const auto partition = static_cast<std::int64_t>(model::FaultKind::partition);
  const auto reset = static_cast<std::int64_t>(model::FaultKind::reset);
  telling.hears(1_s, RecordKind::fault_struck, 0, partition);
  telling.hears(2_s, RecordKind::fault_struck, 1, partition);
  telling.hears(3_s, RecordKind::fault_restored, 0);
  telling.hears(4_s, RecordKind::fault_struck, 2, reset);  // over at once
  telling.hears(5_s, RecordKind::send_begun, 0, 0, 3);
  CHECK(telling.sentences() ==
        std::vector<std::string>{"Fault 1 of the scenario is in force since 2.000 s: partition.",
                                 "shop (thread 3) sends message 0."});
  const auto faults = telling.story.faults(sim::SimTime{-1});
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].at == sim::SimTime{} + 2_s);
  CHECK(faults[0].text == "Here fault 1 of the scenario strikes: partition.");
}

TEST_CASE("what the operator has repaired before is not in force", "[explain]") {
  Telling telling;
  telling.hears(1_s, RecordKind::fault_struck, 0, static_cast<std::int64_t>(model::FaultKind::kill));
  telling.hears(2_s, RecordKind::healed, 0, 1);
  telling.hears(5_s, RecordKind::send_begun, 0, 0, 3);
  CHECK(telling.story.faults(sim::SimTime{-1}).empty());
}

namespace {

/// broker-a-1, broker-a-2 and broker-a-3 are a set in controller mode.
model::Config elected_config() {
  model::Config config = told_config();
  config.brokers.assign(3, config.brokers[0]);
  for (std::size_t b = 0; b < 3; ++b) {
    config.brokers[b].name = "broker-a-" + std::to_string(b + 1);
    config.brokers[b].settings.brokerName = "broker-a";
    config.brokers[b].settings.enableControllerMode = true;
    config.brokers[b].set = 0;
  }
  return config;
}

struct ElectedTelling : Telling {
  ElectedTelling() : Telling(elected_config()) {}
  void elected(sim::Duration at, std::uint32_t broker) {
    hears(at, RecordKind::role_taken, broker, static_cast<std::int64_t>(model::RoleTaken::master), 2);
  }
};

}  // namespace

TEST_CASE("a story tells who is the master, and who still believes it", "[explain]") {
  ElectedTelling telling;
  telling.elected(2_s, 1);
  telling.hears(5_s, RecordKind::send_begun, 0, 0, 3);
  telling.hears(5_s, RecordKind::attempt_sent, 0, 0, 2);
  telling.hears(5_s, RecordKind::appended, 0, 2, 51);
  telling.hears(5_s, RecordKind::replicated, 0, 2 | 2 << 16, 51);
  telling.hears(5_s, RecordKind::delay_over, 0, 3 << 16, 7);
  telling.hears(5_s, RecordKind::delay_over, 0, 1 | 3 << 16, 7);
  CHECK(telling.sentences() ==
        std::vector<std::string>{
            "broker-a-2 is the master of its set since 2.000 s.", "shop (thread 3) sends message 0.",
            "Try 1 goes to whom the client's route has as master of broker-a, queue 2.",
            "broker-a-1 (broker-a-2 is the master since 2.000 s) stores it in queue 2 at offset 51.",
            "The slave broker-a-3, which is still connected to broker-a-1, has it in its log.",
            "The delay of offset 7 in SCHEDULE_TOPIC_XXXX is over at broker-a-1 (broker-a-2 is the master "
            "since "
            "2.000 s), delay level 3 (10 s).",
            "The delay of offset 7 in SCHEDULE_TOPIC_XXXX is over at broker-a-2, delay level 3 (10 s)."});
}

TEST_CASE("a story tells where a group stood that goes past the message", "[explain]") {
  ElectedTelling telling;
  // Message 1 is read at the former master, from the offset where message 0 will lie at the next one.
  telling.hears(1_s, RecordKind::send_begun, 1, 0, 3);
  telling.hears(1_s, RecordKind::appended, 1, 2, 51);
  const bool before = GENERATE(true, false);
  if (before) telling.hears(1_s, RecordKind::delivered, 1, 0, 51);
  telling.elected(2_s, 1);
  telling.hears(5_s, RecordKind::send_begun, 0, 0, 3);
  telling.hears(5_s, RecordKind::appended, 0, 2 | 1 << 16, 51);
  if (!before) telling.hears(6_s, RecordKind::delivered, 1, 0, 51);
  telling.hears(6_s, RecordKind::delivered, 1, 0, 3);  // from a retry topic
  const auto told = telling.sentences(true);
  REQUIRE(told.size() == (before ? 3 : 4));
  const std::string stored = "broker-a-2 stores it in queue 2 at offset 51.";
  if (before)
    CHECK(told[2] ==
          stored + " Group billing has read this queue up to offset 51 before, in the log of broker-a-1.");
  else
    CHECK(told[3] ==
          "Group billing gets message 1 from offset 51 of this queue, out of the log of broker-a-1 "
          "(broker-a-2 is the master since 2.000 s).");
}

TEST_CASE("what a group went past was safe for nobody knows how long", "[explain]") {
  Outcome outcome;
  outcome.outcome = Class::lost;
  outcome.cause = Cause::replication_offset_skipped;
  CHECK_THAT(verdict_paragraph(outcome, "billing"), !Catch::Contains("window"));
  outcome.taken = sim::SimTime{} + 3_s;
  CHECK_THAT(verdict_paragraph(outcome, "billing"),
             Catch::Contains("window: it had been believed safe for 0 s"));
}

TEST_CASE("what comes after a message's end belongs to others", "[explain]") {
  Telling telling;
  lose_it(telling);
  CHECK(telling.sentences(false).size() == 7);
  CHECK(telling.sentences(true).size() == 8);
}

TEST_CASE("the story of a transaction names half messages, checks and verdicts", "[explain]") {
  Telling telling;
  telling.config.producers[0].transaction.emplace();
  const auto commit = static_cast<std::int64_t>(model::TransactionVerdict::commit);
  telling.hears(1_s, RecordKind::send_begun, 0, 0, 0);
  telling.hears(1_s, RecordKind::half_stored, 0, 0, 12);
  telling.hears(1_s, RecordKind::local_begun, 0, 0);
  telling.hears(2_s, RecordKind::local_done, 0, 0, 0);
  telling.hears(2_s, RecordKind::end_sent, 0, 0, commit);
  telling.hears(3_s, RecordKind::half_copied, 0, 0, 12);
  telling.hears(3_s, RecordKind::copy_stored, 0, 1 << 16, 19);
  telling.hears(3_s, RecordKind::check_asked, 0, 0, 1);
  telling.hears(4_s, RecordKind::appended, 0, 1, 5);
  telling.hears(4_s, RecordKind::end_executed, 0, commit << 16 | 1 << 24, 19);
  CHECK(telling.sentences() ==
        std::vector<std::string>{
            "shop (thread 0) sends the half message of message 0.",
            "broker-a stores it as half message 12 of RMQ_SYS_TRANS_HALF_TOPIC.",
            "Stored: shop begins its local transaction.",
            "The local transaction has committed.",
            "shop sends endTransaction: COMMIT, one-way.",
            "A check pass of broker-a finds no verdict for half message 12 and puts a copy behind it, half "
            "message 19 (TRANSACTION_CHECK_TIMES 1).",
            "broker-a asks shop about the local transaction.",
            "broker-a stores the final message in queue 1 at offset 5.",
            "broker-a has executed COMMIT (the answer to a check) for half message 19.",
        });
}

TEST_CASE("the story of a delivery names listeners, delays and results", "[explain]") {
  Telling telling;
  telling.hears(1_s, RecordKind::send_begun, 0, 0, 0);
  telling.hears(1_s, RecordKind::consume_begun, 0, 0, 2);
  telling.hears(2_s, RecordKind::consume_result, 0, 0,
                static_cast<std::int64_t>(model::ConsumeResult::exception));
  telling.hears(2_s, RecordKind::sent_back, 0, 0, 3);
  telling.hears(2_s, RecordKind::scheduled, 0, 3 << 16, 8);
  telling.hears(12_s, RecordKind::consume_begun, 0, 0, 2 | 1 << 16);
  telling.hears(12_s, RecordKind::processed, 0, 0, 2);
  CHECK(telling.sentences() ==
        std::vector<std::string>{
            "shop (thread 0) sends message 0.",
            "A listener of billing-1 begins its work.",
            "The listener throws an exception.",
            "The broker takes it back, to deliver it again after delay level 3.",
            "broker-a delays it in SCHEDULE_TOPIC_XXXX, delay level 3 (10 s), at offset 8.",
            "A listener of billing-1 begins its work, with RECONSUME_TIMES 1.",
            "The effect is applied in group billing once more.",
        });
}

TEST_CASE("a story of one group leaves the others out", "[explain]") {
  model::Config config = told_config();
  config.groups.emplace_back("audit");
  Story story(config, 0, 1);
  const auto hears = [&](RecordKind kind, std::int64_t group) {
    story.on(sim::SimTime{1}, model::make_record(kind, 0, group, 1));
  };
  hears(RecordKind::send_begun, 0);
  hears(RecordKind::processed, 0);
  hears(RecordKind::processed, 1);
  const auto told = story.sentences(false);
  REQUIRE(told.size() == 2);
  CHECK(told[1].text == "The effect is applied in group audit.");
}

TEST_CASE("what killed a consumer after it had acknowledged struck while the message was under way",
          "[explain]") {
  Telling telling;
  telling.hears(1_s, RecordKind::send_begun, 0);
  telling.hears(2_s, RecordKind::consume_result, 0, 0, 2);
  telling.hears(3_s, RecordKind::fault_struck, 0);
  CHECK(telling.story.faults(sim::SimTime{-1}).empty());
  REQUIRE(telling.story.faults(sim::SimTime{} + 3_s).size() == 1);
}

TEST_CASE("every kind of record about a message can be told", "[explain]") {
  // Whatever the numbers mean, 0 is one of their values; only those that everybody else tells are silent.
  model::Config config = told_config();
  config.producers[0].transaction.emplace();
  for (std::uint32_t kind = 0; kind < static_cast<std::uint32_t>(RecordKind::half_stored); ++kind) {
    Storyteller teller(config, 0, std::nullopt);
    teller.sentence({}, model::make_record(RecordKind::send_begun, 0));
    CHECK_NOTHROW(teller.sentence({}, sim::Record{kind, 0, 0, 0}));
  }
  for (auto kind = static_cast<std::uint32_t>(RecordKind::half_stored);
       kind <= static_cast<std::uint32_t>(RecordKind::check_dropped); ++kind) {
    Storyteller teller(config, 0, std::nullopt);
    teller.sentence({}, model::make_record(RecordKind::send_begun, 0));
    const auto told = teller.sentence({}, sim::Record{kind, 0, 0, 0});
    const auto name = model::to_string(static_cast<RecordKind>(kind));
    CAPTURE(std::string(name));
    const bool of_service = name == "op_record" || name == "pass_begun" || name == "pass_ended";
    const bool of_copy = name == "half_copied";  // copy_stored tells both.
    // offsets_back 0 is of the first consumer group; the others are about message 0.
    CHECK(told.has_value() == !(of_service || of_copy));
    if (told) CHECK(told->find(std::string(name)) == std::string::npos);
  }
}

TEST_CASE("an explanation in JSON holds the same", "[explain]") {
  Telling telling;
  lose_it(telling);
  const json told = json::parse(
      explain_json({"a.json", "A \"title\"", 7}, telling.config, telling.story, {lost_with_the_tail()}));
  CHECK(told.at("file") == "a.json");
  CHECK(told.at("title") == "A \"title\"");
  CHECK(told.at("seed") == 7);
  CHECK(told.at("message") == 0);
  REQUIRE(told.at("story").size() == 8);
  CHECK(told["story"][0] == json{{"t_ns", 1'900'000'000}, {"text", "shop (thread 3) sends message 0."}});
  CHECK(told.at("faults").size() == 1);
  CHECK(told.at("verdicts") == json::array({{{"group", "billing"},
                                             {"class", "lost"},
                                             {"flags", {"vanished"}},
                                             {"cause", "storage.unflushed_tail"},
                                             {"duplicate_cause", nullptr},
                                             {"window_ns", 143'000'000},
                                             {"closes", "flushDiskType=SYNC_FLUSH"}}}));
}

TEST_CASE("a verdict in one line", "[explain]") {
  CHECK(verdict_line(lost_with_the_tail(), "") ==
        "verdict for the log: lost, vanished; cause storage.unflushed_tail; window 143 ms; "
        "closes it: flushDiskType=SYNC_FLUSH");
  Outcome twice;
  twice.duplicated = twice.redelivered = true;
  twice.duplicate_cause = Cause::consumption_timed_out;
  CHECK(verdict_line(twice, "billing") ==
        "verdict for group billing: processed, duplicated, redelivered; cause consumption.timed_out; "
        "closes it: consumeTimeout");
  CHECK(verdict_line(Outcome{}, "billing") == "verdict for group billing: processed");
}

TEST_CASE("the runner watches one message and judges it as it counts it", "[explain]") {
  const auto config = std::make_shared<const model::Config>(tests::power_loss_while_read());
  SeedRunner runner(config);
  const SeedResult result = runner.run(sim::Seed(4));
  const auto vanished = static_cast<std::size_t>(Count::vanished);
  const std::uint32_t first =
      result.groups.at(0).first[vanished][static_cast<std::size_t>(Cause::storage_unflushed_tail)];
  REQUIRE(first > 0);
  CHECK_FALSE(runner.outcomes().at(0).has_value());
  runner.watch(first - 1);
  Story story(*config, first - 1, std::nullopt);
  runner.run(sim::Seed(4), story);
  REQUIRE(runner.outcomes().at(0).has_value());
  CHECK(runner.outcomes()[0]->vanished);
  CHECK(story.messages() == static_cast<std::uint32_t>(result.groups[0][Count::intents]));
  CHECK(story.faults(runner.outcomes()[0]->taken).size() == 1);
  // It is the first: none before it has vanished.
  for (std::uint32_t other = 0; other + 1 < first; ++other) {
    runner.watch(other);
    runner.run(sim::Seed(4));
    if (runner.outcomes()[0]->vanished) FAIL("message " << other << " had vanished before");
  }
}
