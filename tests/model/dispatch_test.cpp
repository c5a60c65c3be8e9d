// From an event to its actor: who gets it, who gets it later, who never does.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using Times = std::vector<Duration>;

Event scan_of_broker(std::uint16_t incarnation) {
  Event event{};
  event.target = broker0;
  event.incarnation = Incarnation(incarnation);
  event.body = rocketmq::BrokerEvent{.on = rocketmq::BrokerOn::queue_scan};
  return event;
}

/// A fault that never strikes, but counts the events of a name that are executed.
FaultConfig counter(EventName name) { return fault_on(name, 1'000'000, false, FaultKind::kill); }

std::int64_t counted(const Run& run, std::size_t fault) {
  return run.simulation.world().faults.states[fault].seen;
}

}  // namespace

TEST_CASE("every event name reads back") {
  for (std::size_t i = 0; i < static_cast<std::size_t>(EventName::count); ++i) {
    const auto name = static_cast<EventName>(i);
    REQUIRE(event_name(to_string(name)) == name);
  }
  CHECK(to_string(EventName::broker_send_request) == "broker.send_request");
  CHECK(to_string(EventName::fault_heal) == "fault.heal");
  CHECK_FALSE(event_name("broker.sent_request"));
}

TEST_CASE("every kind of record has a name") {
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(RecordKind::count); ++i) {
    CHECK_FALSE(to_string(static_cast<RecordKind>(i)).empty());
  }
  CHECK(to_string(RecordKind::copy_lost) == "copy_lost");
  CHECK(to_string(RecordKind::fault_struck) == "fault_struck");
  CHECK(to_string(SendError::budget_spent) == "budget_spent");
}

TEST_CASE("a segment is named by what it carries") {
  Event event{};
  event.body = network::Event{};
  CHECK(name_of(event) == EventName::connection_closed);
  std::get<network::Event>(event.body).payload.kind = PayloadKind::pull_request;
  CHECK(name_of(event) == EventName::broker_pull_request);
}

TEST_CASE("an event for an earlier life is dropped") {
  Config config = small_cluster();
  config.faults = {counter(EventName::broker_queue_scan), restoring(fault_at(1_s, FaultKind::kill), 1_s)};
  Run run(config, 6_s);  // serves again at 1 + 1 + 3 s
  const std::int64_t before = counted(run, 0);
  run.simulation.inject(scan_of_broker(0));
  CHECK(counted(run, 0) == before);
  run.simulation.inject(scan_of_broker(1));
  CHECK(counted(run, 0) == before + 1);
}

TEST_CASE("a process that starts up executes nothing yet") {
  Config config = small_cluster();
  config.faults = {counter(EventName::broker_queue_scan), restoring(fault_at(1_s, FaultKind::kill), 1_s)};
  Run run(config, 3_s);
  const std::int64_t before = counted(run, 0);
  run.simulation.inject(scan_of_broker(1));
  CHECK(counted(run, 0) == before);
}

TEST_CASE("a resumed process executes its backlog at once and in order") {
  Config config = small_cluster();
  config.producers[0].threads = 4;
  config.producers[0].rate = 40;
  config.faults = {restoring(fault_at(1010_ms, FaultKind::pause), 1_s)};
  Run run(config, 2010_ms);
  // Each thread has one request in the broker's kernel; they left in the order of their intents.
  CHECK(run.times(RecordKind::process_resumed) == Times{2010_ms});
  const auto times = run.times(RecordKind::appended);
  const auto subjects = run.subjects(RecordKind::appended);
  REQUIRE(times.size() > 4);
  CHECK(std::count(times.begin(), times.end(), 2010_ms) == 4);
  CHECK(std::is_sorted(subjects.begin(), subjects.end()));
  CHECK(times[times.size() - 5] < 1010_ms);
}

TEST_CASE("bytes that reached a paused process are executed even if the client has closed since") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1050_ms, FaultKind::pause), 6_s)};
  Run run(config, 8_s);
  // Intent 11 left at 1.1 s; its caller gave up 3 s later and closed the connection.
  const auto told = run.times(RecordKind::told_failed, 11), stored = run.times(RecordKind::appended, 11);
  REQUIRE(told.size() == 1);
  CHECK(told[0] == 4100_ms);
  CHECK(stored == Times{7050_ms});
}

TEST_CASE("what arrives at the instant of the resumption queues behind the backlog") {
  Config config = small_cluster();
  config.producers[0].threads = 4;
  config.producers[0].rate = 40;
  // Requests arrive at 1026, 1051, 1076 ms, and the last one at the very instant at which the broker goes on.
  config.faults = {restoring(fault_at(1010_ms, FaultKind::pause), 91_ms)};
  Run run(config, 1101_ms);
  const auto times = run.times(RecordKind::appended);
  const auto subjects = run.subjects(RecordKind::appended);
  CHECK(std::count(times.begin(), times.end(), 1101_ms) == 4);
  CHECK(std::is_sorted(subjects.begin(), subjects.end()));
}

TEST_CASE("bytes that reached a paused process are executed even if the connection was reset since") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1050_ms, FaultKind::pause), 1_s), fault_at(1500_ms, FaultKind::reset)};
  Run run(config, 3_s);
  CHECK(run.times(RecordKind::told_failed, 11) == Times{1500_ms});
  CHECK(run.times(RecordKind::appended, 11) == Times{2050_ms});
}

TEST_CASE(
    "the workload is done when the producers are, and all is drained when nothing is broken or pending") {
  Config config = small_cluster();
  config.producers[0].messages = 5;
  Run run(config, 350_ms);
  CHECK_FALSE(workload_done(run.simulation.world(), config));
  CHECK_FALSE(drained(run.simulation.world(), config));
  run.until(20_s);
  CHECK(workload_done(run.simulation.world(), config));
  CHECK(drained(run.simulation.world(), config));
  World broken = run.simulation.world();
  broken.network.cuts.push_back({HostId(0), HostId(1)});
  CHECK_FALSE(drained(broken, config));
}

TEST_CASE("a one-way send on its way is pending although its producer is done") {
  Config config = small_cluster();
  config.producers[0].send = SendMode::oneway;
  config.producers[0].messages = 2;
  config.faults = {restoring(fault_at(50_ms, FaultKind::partition), 5_s)};
  // Sent at 100 ms into the cut: tried again at 0.3, 0.7, 1.5, 3.1, 6.3 s, of which the last gets through.
  Run run(config, 6_s);
  CHECK(workload_done(run.simulation.world(), config));
  CHECK(run.simulation.world().network.cuts.empty());
  CHECK(run.simulation.world().network.requests == 1);
  CHECK_FALSE(drained(run.simulation.world(), config));
  run.until(30_s);
  CHECK(run.times(RecordKind::appended).size() == 2);
  CHECK(drained(run.simulation.world(), config));
}

}  // namespace brokersim::model
