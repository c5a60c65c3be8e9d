// A bench for one broker: its steps are called by hand, its events are executed here, and everything that
// it answers is written down. Host and disk are the real ones; the network is one open connection.
#pragma once

#include <vector>

#include "model/rocketmq/broker_internal.hpp"
#include "sim/simulation.hpp"
#include "tests/model/own_times.hpp"

namespace brokersim::model::rocketmq {

struct Answer {
  SimTime at;
  Payload payload;
};

class BrokerBench {
 public:
  explicit BrokerBench(Config c, std::uint64_t seed = 1)
      : config(std::move(c)), choices_(sim::Choices::draw(sim::Seed(seed))) {
    World& w = world();
    w.hosts.resize(1);
    w.brokers.resize(1);
    w.processes.resize(2);
    w.processes[0].life = w.processes[1].life = host::Life::running;
    w.processes[1].role = host::Role::producer;
    w.brokers[0].process = ProcessId(0);
    connect();
    auto context = at_now();
    broker_start_world(w, 0, context);
  }

  /// A broker with settings that tests read off easily: constant times, no network delay.
  static Config plain(Duration sync_time = 2_ms) {
    Config config;
    config.hosts.resize(1);
    config.hosts[0].sync_time = Distribution::constant(sync_time);
    config.hosts[0].page_writeback = Distribution::constant(30_s);
    config.network.delay = config.network.loopback = Distribution::constant({});
    config.brokers.resize(1);
    config.topics.resize(1);
    config.topics[0].name = "TopicTest";
    take_no_own_time(config);
    return config;
  }

  World& world() { return state.world; }
  Broker& broker() { return state.world.brokers[0]; }
  Broker::Memory& memory() { return broker().memory; }
  sim::Context<Model> at_now() { return {config, state, choices_, sim::Listeners{&recorder}}; }

  /// A fresh life that begins now: all phases are known.
  void restart() {
    auto context = at_now();
    ++world().processes[0].incarnation;
    world().processes[0].life = host::Life::running;
    broker_serve(world(), 0, context);
  }
  void kill() {
    auto context = at_now();
    world().processes[0].life = host::Life::dead;
    broker_killed(world(), 0, context);
  }
  void lose_power(UnsyncedFiles files = UnsyncedFiles::draw) {
    auto context = at_now();
    world().processes[0].life = host::Life::dead;
    ++world().hosts[0].power_losses;
    world().hosts[0].disk_busy_until = state.now;
    broker_power_lost(world(), 0, {.files = files}, context);
  }

  IntentId send(std::uint16_t queue = 0, std::uint32_t size = 256, bool oneway = false) {
    Payload request;
    request.kind = PayloadKind::send_request;
    request.queue = queue;
    request.size = size;
    request.oneway = oneway;
    request.intent = IntentId(intents++);
    receive(request);
    return request.intent;
  }
  void pull(std::uint16_t queue, std::int64_t offset) {
    Payload request;
    request.kind = PayloadKind::pull_request;
    request.queue = queue;
    request.offset = offset;
    receive(request);
  }
  void receive(const Payload& request) {
    auto context = at_now();
    broker_receive(world(), 0, ConnectionId(0), request, context);
  }
  void stall(bool stalled) {
    auto context = at_now();
    broker_stall(world(), 0, stalled, context);
  }

  /// Executes what is due before `time`, then sets the clock; what is due at `time` itself comes later.
  void run_to(SimTime time) {
    run_events(SimTime{time.ns - 1});
    state.now = time;
  }
  /// Executes what is due at or before `time`.
  void run_through(SimTime time) {
    run_events(time);
    state.now = time;
  }
  void run(Duration duration) { run_through(state.now + duration); }

  std::size_t count(RecordKind kind) const {
    std::size_t n = 0;
    for (const auto& r : recorder.records()) n += r.record.kind == static_cast<std::uint32_t>(kind);
    return n;
  }
  std::vector<sim::StampedRecord> all(RecordKind kind) const {
    std::vector<sim::StampedRecord> found;
    for (const auto& r : recorder.records()) {
      if (r.record.kind == static_cast<std::uint32_t>(kind)) found.push_back(r);
    }
    return found;
  }

  Config config;
  sim::State<Model> state;
  sim::VectorRecorder recorder;
  std::vector<Answer> answers;
  std::uint32_t intents = 0;
  std::int64_t broker_events = 0;  ///< executed by the living broker

 private:
  void connect() {
    network::Connection connection;
    connection.client = ProcessId(1);
    connection.server = ProcessId(0);
    connection.client_end = connection.server_end = network::End::open;
    world().network.connections.push_back(connection);
  }

  void run_events(SimTime stop) {
    sim::Agenda<Event>::Entry next;
    while (state.agenda.pop_until(stop, next)) {
      state.now = next.at;
      auto context = at_now();
      execute(next.event, context);
    }
  }

  void execute(const Event& event, Context& context) {
    if (const auto* of_host = std::get_if<host::Event>(&event.body)) {
      if (of_host->on == host::On::pages_written)
        return host::pages_written(world(), event.target, *of_host, context);
      return host::sync_done(world(), event.target, *of_host, context);
    }
    if (const auto* bytes = std::get_if<network::Event>(&event.body)) {
      return answers.push_back({state.now, bytes->payload});
    }
    const host::Process& process = world().processes[event.target.value];
    if (event.incarnation != process.incarnation || process.life == host::Life::dead) return;
    ++broker_events;
    broker_step(world(), 0, std::get<BrokerEvent>(event.body), context);
  }

  sim::Choices choices_;
};

}  // namespace brokersim::model::rocketmq
