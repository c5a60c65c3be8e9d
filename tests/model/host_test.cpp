// Disk, clocks and the backlog of a paused process.
#include "tests/catch.hpp"
#include "tests/model/wire.hpp"

namespace brokersim::model {
namespace {

/// One broker on one host whose syncs take 5 ms.
struct Machine {
  Config config;
  sim::State<Model> state;
  sim::Choices choices = sim::Choices::draw(sim::Seed(1));
  Context context{config, state, choices, sim::Listeners{}};

  Machine() {
    config.hosts.resize(1);
    config.hosts[0].sync_time = Distribution::constant(5_ms);
    state.world.hosts.resize(1);
    state.world.processes.resize(1);
  }
  World& world() { return state.world; }

  std::vector<SimTime> times() {
    std::vector<SimTime> all;
    for (const auto& entry : state.agenda.sorted_live()) {
      const auto* of_host = std::get_if<host::Event>(&entry.event.body);
      if (of_host == nullptr || of_host->on == host::On::sync_done) all.push_back(entry.at);
    }
    return all;
  }
};

Event numbered(std::uint32_t number) {
  Event event{};
  event.body = rocketmq::BrokerEvent{.slot = number};
  return event;
}

std::uint32_t number_of(const Event& event) { return std::get<rocketmq::BrokerEvent>(event.body).slot; }

}  // namespace

TEST_CASE("syncs of one disk queue behind each other; a slow disk takes a multiple") {
  Machine machine;
  host::sync(machine.world(), ProcessId(0), {1, 100}, machine.context);
  host::sync(machine.world(), ProcessId(0), {2, 200}, machine.context);
  machine.world().hosts[0].disk_factor = 3;
  host::sync(machine.world(), ProcessId(0), {3, 300}, machine.context);
  CHECK(machine.times() == std::vector<SimTime>{SimTime{} + 5_ms, SimTime{} + 10_ms, SimTime{} + 25_ms});
}

TEST_CASE("an idle disk starts at once") {
  Machine machine;
  host::sync(machine.world(), ProcessId(0), {1, 100}, machine.context);
  machine.state.now = SimTime{} + 1_s;
  host::sync(machine.world(), ProcessId(0), {2, 200}, machine.context);
  CHECK(machine.times().back() == SimTime{} + 1005_ms);
}

TEST_CASE("the wall clock has its host's offset and jumps, the monotonic clock has neither") {
  Machine machine;
  machine.config.hosts[0].wall_clock_offset = 7_s;
  machine.state.now = SimTime{} + 1_s;
  CHECK(host::wall_clock(machine.world(), ProcessId(0), machine.context) == WallTime((8_s).ns));
  machine.world().hosts[0].wall_clock_jump = -3_s;
  CHECK(host::wall_clock(machine.world(), ProcessId(0), machine.context) == WallTime((5_s).ns));
  CHECK(host::monotonic(machine.context) == SimTime{} + 1_s);
}

TEST_CASE("a backlog is first in, first out, and what is put back comes next") {
  host::Process process;
  host::wait_behind(process, numbered(2));
  host::wait_in_front(process, numbered(1));
  CHECK(number_of(host::take_waiting(process)) == 1);
  host::wait_behind(process, numbered(3));
  host::wait_in_front(process, numbered(0));
  CHECK(number_of(host::take_waiting(process)) == 0);
  CHECK(number_of(host::take_waiting(process)) == 2);
  CHECK(number_of(host::take_waiting(process)) == 3);
  CHECK(process.backlog.empty());
  CHECK_THROWS_AS(host::take_waiting(process), sim::BugError);
}

TEST_CASE("an event to a process carries its present life") {
  Machine machine;
  machine.world().processes[0].incarnation = Incarnation(4);
  const Event event = host::to_process(machine.world(), ProcessId(0), numbered(9));
  CHECK(event.incarnation == Incarnation(4));
  CHECK(number_of(event) == 9);
}

}  // namespace brokersim::model
