// A record as a line of text and as a JSON object.
#include "scenarios/report/trace_format.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "model/record.hpp"
#include "scenarios/read/fault_words.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using model::make_record;
using model::RecordKind;
using nlohmann::json;

namespace {

/// And a third producer, so that the numbers of processes tell the lists apart.
model::Config two_of_each() {
  model::Config config;
  config.hosts.resize(2);
  config.brokers.resize(2);
  config.producers.resize(2);
  config.consumers.resize(2);
  config.push_consumers.resize(2);
  for (const std::size_t i : {0U, 1U}) {
    const std::string number = std::to_string(i);
    config.hosts[i].name = "host-" + number;
    config.brokers[i].name = "broker-" + number;
    config.producers[i].name = "shop-" + number;
    config.consumers[i].name = "reader-" + number;
    config.push_consumers[i].name = "listener-" + number;
    config.groups.push_back("group-" + number);
    config.topics.push_back({.name = "topic-" + number});
  }
  config.producers.emplace_back().name = "shop-2";
  return config;
}

const sim::SimTime some_time{3'214'567'890};

std::string text(const sim::Record& record) { return trace_text(some_time, record, two_of_each()); }
json object(const sim::Record& record) { return json::parse(trace_json(some_time, record, two_of_each())); }

template <class Word>
std::int64_t number(Word word) {
  return static_cast<std::int64_t>(word);
}

}  // namespace

TEST_CASE("a line reads as its header promises", "[trace]") {
  const auto record = make_record(RecordKind::acknowledged, 4711, number(model::Status::SEND_OK), 1200);
  CHECK(text(record) == "     3.214567890s  acknowledged        intent 4711  status SEND_OK  offset 1200");
  CHECK(trace_json(some_time, record, two_of_each()) ==
        R"({"t_ns":3214567890,"event":"acknowledged","intent":4711,"status":"SEND_OK","offset":1200})");
}

TEST_CASE("every kind of record has its name and tells all of its numbers", "[trace]") {
  std::set<std::string> names;
  for (std::uint32_t kind = 0; kind < number(RecordKind::count); ++kind) {
    const sim::Record record{kind, 1, 1, 1};
    const json told = object(record);
    const auto name = told.at("event").get<std::string>();
    CAPTURE(name);
    CHECK_FALSE(name.empty());
    CHECK(names.insert(name).second);
    CHECK(told.at("t_ns") == some_time.ns);
    const std::string line = trace_json(some_time, record, two_of_each());
    // The parser keeps one of two equal keys: as many keys as colons outside of values, here none in values
    // but those of queues ("broker-0:1").
    std::size_t keys = 0;
    for (std::size_t at = line.find("\":"); at != std::string::npos; at = line.find("\":", at + 1)) ++keys;
    CHECK(keys == told.size());
    for (const auto& [key, value] : told.items()) {
      CHECK_FALSE(key.empty());
      if (key == "t_ns" || key == "event") continue;
      const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
      CHECK_THAT(text(record), Catch::Contains("  " + key + " " + shown));
    }
  }
}

TEST_CASE("processes are brokers, then producers, then readers, then listeners", "[trace]") {
  const std::vector<std::string> names{"broker-0", "broker-1", "shop-0",     "shop-1",    "shop-2",
                                       "reader-0", "reader-1", "listener-0", "listener-1"};
  for (std::uint32_t i = 0; i < names.size(); ++i)
    CHECK(object(make_record(RecordKind::process_paused, i)).at("process") == names[i]);
  const json broken = object(make_record(RecordKind::connection_broken, 3, 1));
  CHECK(broken.at("process") == "shop-1");
  CHECK(broken.at("peer") == "broker-1");
}

TEST_CASE("a queue is told with its broker", "[trace]") {
  CHECK(object(make_record(RecordKind::appended, 7, 1 << 16 | 3, 9)).at("queue") == "broker-1:3");
  CHECK(object(make_record(RecordKind::attempt_sent, 7, 2, 3)).at("queue") == "broker-0:3");
  CHECK(object(make_record(RecordKind::attempt_sent, 7, 2, 3)).at("attempt") == 2);
}

TEST_CASE("names are looked up in the list of their own kind", "[trace]") {
  CHECK(object(make_record(RecordKind::send_begun, 7, 1, 3)).at("producer") == "shop-1");
  CHECK(object(make_record(RecordKind::processed, 7, 1, 2)).at("group") == "group-1");
  CHECK(object(make_record(RecordKind::processed, 7, 1, 2)).at("times") == 2);
  CHECK(object(make_record(RecordKind::host_powered, 1)).at("host") == "host-1");
  CHECK(object(make_record(RecordKind::topic_created, 0, 1)).at("topic") == "topic-1");
  CHECK(object(make_record(RecordKind::topic_created, 0, 1)).at("broker") == "broker-0");
}

TEST_CASE("a failure tells the broker's status only if the broker said one", "[trace]") {
  const auto failed = [](model::SendError error, model::Status status) {
    return object(make_record(RecordKind::told_failed, 7, number(error), number(status)));
  };
  const json refused = failed(model::SendError::refused, model::Status::SEND_OK);
  CHECK(refused.at("error") == "refused");
  CHECK_FALSE(refused.contains("status"));
  const json timed_out = failed(model::SendError::not_stored_ok, model::Status::FLUSH_DISK_TIMEOUT);
  CHECK(timed_out.at("error") == "not_stored_ok");
  CHECK(timed_out.at("status") == "FLUSH_DISK_TIMEOUT");
}

TEST_CASE("faults are called as scenario files call them", "[trace]") {
  for (const auto& word : read::action_words) {
    const json struck = object(make_record(RecordKind::fault_struck, 0, number(word.kind)));
    CHECK(struck.at("kind") == word.text);
    CHECK(struck.at("fault") == 0);
  }
}

TEST_CASE("recovery and repair are told in words of their own", "[trace]") {
  const json cut = object(make_record(RecordKind::log_truncated, 0, 90, 10));
  CHECK(cut.at("kept") == 90);
  CHECK(cut.at("gone") == 10);
  CHECK(object(make_record(RecordKind::topics_lost, 0, 2)).at("topics_left") == 2);
  CHECK(object(make_record(RecordKind::queue_skipped, 4, 3, 17)).at("skipped") == 17);
  CHECK(object(make_record(RecordKind::healed, 0, 1)).at("broken") == true);
  CHECK(object(make_record(RecordKind::healed, 0, 0)).at("broken") == false);
  CHECK(object(make_record(RecordKind::copy_lost, 7, number(model::LossKind::uncommitted_pool), 5))
            .at("loss") == "uncommitted_pool");
}

TEST_CASE("any name survives the way into JSON", "[trace]") {
  model::Config config = two_of_each();
  const std::string name = "a \"quoted\" \\ back\nslash, \t \x01, Bestellungen für 東京";
  config.producers[0].name = name;
  const auto record = make_record(RecordKind::send_begun, 1, 0, 0);
  CHECK(json::parse(trace_json(some_time, record, config)).at("producer") == name);
}

TEST_CASE("a number that names nobody is told as a number", "[trace]") {
  CHECK(object(make_record(RecordKind::process_paused, 99)).at("process") == "99");
  CHECK(object(make_record(RecordKind::processed, 1, 99, 1)).at("group") == "99");
}

TEST_CASE("long times keep their nanoseconds", "[trace]") {
  const sim::SimTime year{365LL * 24 * 3600 * 1'000'000'000 + 1};
  const auto record = make_record(RecordKind::healed, 0);
  CHECK_THAT(trace_text(year, record, two_of_each()), Catch::StartsWith("31536000.000000001s"));
  CHECK(json::parse(trace_json(year, record, two_of_each())).at("t_ns") == year.ns);
}

TEST_CASE("numbers of two or three parts are told one by one", "[trace]") {
  const auto commit = number(model::TransactionVerdict::commit);
  const json executed = object(make_record(RecordKind::end_executed, 7, 1 | commit << 16 | 1 << 24, 12));
  CHECK(executed == json{{"t_ns", some_time.ns},
                         {"event", "end_executed"},
                         {"intent", 7},
                         {"broker", "broker-1"},
                         {"verdict", "COMMIT"},
                         {"from_check", true},
                         {"half_offset", 12}});
  const json sent =
      object(make_record(RecordKind::end_sent, 7, 2, number(model::TransactionVerdict::rollback)));
  CHECK(sent.at("producer") == "shop-2");
  CHECK(sent.at("verdict") == "ROLLBACK");
  CHECK(sent.at("from_check") == false);
  const json copied = object(make_record(RecordKind::half_copied, 7, 1 | 1 << 16, 12));
  CHECK(copied.at("copy") == "immune");
  CHECK(object(make_record(RecordKind::copy_stored, 7, 1 | 15 << 16, 13)).at("check_times") == 15);
  CHECK(object(make_record(RecordKind::half_discarded, 7, 1 | 1 << 16, 13)).at("reason") == "too_old");
  const json begun = object(make_record(RecordKind::consume_begun, 7, 1, 8 | 3 << 16));
  CHECK(begun.at("process") == "listener-1");
  CHECK(begun.at("reconsume_times") == 3);
  CHECK(begun.at("group") == "group-1");
  CHECK(object(make_record(RecordKind::delay_over, 7, 1 | 18 << 16, 4)).at("level") == 18);
}

TEST_CASE("what brokers and listeners answer is told in RocketMQ's words", "[trace]") {
  CHECK(
      object(make_record(RecordKind::end_refused, 7, 0, number(model::EndRefusal::too_late))).at("reason") ==
      "too_late");
  const json result = object(make_record(RecordKind::consume_result, 7, 0, 1 | 8 << 16));
  CHECK(result.at("result") == "RECONSUME_LATER");
  CHECK(result.at("process") == "listener-1");
  CHECK(object(make_record(RecordKind::effect_behind, 7, 0, 8 << 16)).at("process") == "listener-1");
  CHECK(object(make_record(RecordKind::local_done, 7, 0, 1)).at("outcome") == "ROLLBACK");
  CHECK(object(make_record(RecordKind::sent_back, 7, 0, -1)).at("level") == -1);
}

TEST_CASE("a queue is told with its topic where the topic may be another one", "[trace]") {
  const auto place = [](std::int64_t topic) { return topic << 32 | 1 << 16 | 3; };
  CHECK(object(make_record(RecordKind::queue_assigned, 7, place(1), 0)).at("queue") == "topic-1@broker-1:3");
  // Behind the two topics stand four of the system's, then the retry topic of the first group.
  CHECK(object(make_record(RecordKind::queue_revoked, 7, place(6), 0)).at("queue") ==
        "%RETRY%group-0@broker-1:3");
}

TEST_CASE("the group behind all groups is that of the check service", "[trace]") {
  CHECK(object(make_record(RecordKind::offsets_back, 0, 1, 7)).at("group") == "group-1");
  CHECK(object(make_record(RecordKind::offsets_back, 0, 2, 7)).at("group") == "CID_RMQ_SYS_TRANS");
}

TEST_CASE("an event about no message names none", "[trace]") {
  CHECK_FALSE(
      object(make_record(RecordKind::half_resolved, model::no_intent.value, 0, 7)).contains("intent"));
}

TEST_CASE("the documentation of the events is that of the program", "[trace]") {
  std::ifstream file("docs/report-format.md");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string table = trace_event_table();
  INFO("docs/report-format.md, section Trace events, should hold:\n" << table);
  CHECK(text.str().find("\n\n" + table) != std::string::npos);
}
