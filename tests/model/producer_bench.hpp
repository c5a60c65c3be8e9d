// A bench for the producers: hosts, network and clients are the real ones, the brokers a script that answers
// at once and writes down what reached it. One-way delay 1 ms; programs take no time of their own.
#pragma once

#include <utility>
#include <vector>

#include "model/model.hpp"
#include "model/rocketmq/transaction_client_monitor.hpp"
#include "tests/model/own_times.hpp"

namespace brokersim::model::rocketmq {

/// A request as it reached a broker.
struct Reached {
  SimTime at;
  std::size_t broker = 0;
  Payload payload;
};

class ProducerBench {
 public:
  /// One host per broker, one for the clients; one transactional producer with one message at 0 ms.
  static Config plain(std::size_t brokers = 1, Profile profile = Profile::v5_3) {
    Config config;
    config.hosts.resize(brokers + 1);
    config.network.delay = config.network.loopback = Distribution::constant(1_ms);
    config.brokers.resize(brokers);
    for (std::size_t i = 0; i < brokers; ++i) config.brokers[i].host = HostId(static_cast<std::uint16_t>(i));
    config.topics.push_back({.name = "orders", .queues = 1});
    ProducerConfig producer;
    producer.host = HostId(static_cast<std::uint16_t>(brokers));
    producer.profile = profile;
    producer.rate = 10;
    producer.messages = 1;
    producer.queue_choice = QueueChoice::round_robin;
    producer.group = ProducerGroupId(3);
    producer.transaction = TransactionConfig{};
    producer.transaction->local_time = Distribution::constant(5_ms);
    producer.transaction->check_time = Distribution::constant(2_ms);
    config.producers.push_back(producer);
    take_no_own_time(config);
    return config;
  }

  explicit ProducerBench(Config c)
      : config(std::move(c)), monitor(config), choices_(sim::Choices::draw(sim::Seed(1))) {
    World& w = world();
    w.hosts.resize(config.hosts.size());
    w.brokers.resize(config.brokers.size());
    w.producers.resize(config.producers.size());
    for (std::size_t i = 0; i < config.brokers.size(); ++i)
      add(host::Role::broker, i, config.brokers[i].host);
    for (std::size_t i = 0; i < config.producers.size(); ++i)
      add(host::Role::producer, i, config.producers[i].host);
    mute.assign(config.brokers.size(), false);
    auto context = at_now();
    for (std::size_t i = 0; i < config.producers.size(); ++i) producer_start_world(w, i, context);
    for (std::size_t i = 0; i < config.producers.size(); ++i) producer_serve(w, i, context);
  }

  World& world() { return state.world; }
  Producer& producer(std::size_t i = 0) { return world().producers[i]; }
  host::Process& process_of(std::size_t p = 0) { return world().processes[config.brokers.size() + p]; }
  ledger::Told told(std::uint32_t intent = 0) { return world().verdict.told_of(IntentId(intent)); }
  ledger::Local local(std::uint32_t intent = 0) { return world().verdict.local_of(IntentId(intent)); }

  /// Executes everything up to a time since the start.
  ProducerBench& until(Duration time) {
    sim::Agenda<Event>::Entry next;
    while (state.agenda.pop_until(SimTime{} + time, next)) play(next);
    state.now = SimTime{} + time;
    return *this;
  }
  /// Stops right behind the first event of this kind; after a second if there is none.
  ProducerBench& through(ProducerOn on) {
    sim::Agenda<Event>::Entry next;
    while (state.agenda.pop_until(SimTime{} + 1_s, next)) {
      play(next);
      const auto* event = std::get_if<ProducerEvent>(&next.event.body);
      if (event != nullptr && event->on == on) break;
    }
    return *this;
  }

  void kill(std::size_t p = 0) {
    auto context = at_now();
    network::process_died(world(), id(p), false, context);
    process_of(p).life = host::Life::dead;
    producer_killed(world(), p, context);
  }
  void stop(std::size_t p = 0) {
    auto context = at_now();
    producer_stop(world(), p, context);
    process_of(p).life = host::Life::dead;
    network::process_stopped(world(), id(p), context);
  }
  void serve(std::size_t p = 0) {
    auto context = at_now();
    process_of(p).life = host::Life::running;
    ++process_of(p).incarnation;
    producer_serve(world(), p, context);
  }
  /// The broker's process is gone, or back; without a silent death its connections are reset.
  void broker_dies(std::size_t b = 0, bool silent = false) {
    auto context = at_now();
    network::process_died(world(), ProcessId(static_cast<std::uint16_t>(b)), silent, context);
    world().processes[b].life = host::Life::dead;
    world().processes[b].silent = silent;
  }
  void broker_returns(std::size_t b = 0) {
    auto context = at_now();
    world().processes[b].life = host::Life::running;
    world().processes[b].silent = false;
    ++world().processes[b].incarnation;
    network::path_changed(world(), context);
  }
  /// The broker closes all its connections in order, and lives on.
  void broker_closes(std::size_t b = 0) {
    auto context = at_now();
    for (std::uint16_t c = 0; c < world().network.connections.size(); ++c) {
      const network::Connection& connection = world().network.connections[c];
      if (connection.server.value == b && connection.server_end == network::End::open)
        network::close(world(), ConnectionId(c), false, context);
    }
  }

  /// CHECK_TRANSACTION_STATE on the connection of a producer's channel.
  bool check(std::uint32_t intent, std::uint32_t record, std::int64_t offset, std::size_t b = 0,
             std::size_t p = 0, std::uint16_t group = 3) {
    Payload request;
    request.kind = PayloadKind::check_transaction_state;
    request.oneway = true;
    request.intent = IntentId(intent);
    request.record = record;
    request.offset = offset;
    request.group = group;
    auto context = at_now();
    return network::send(world(), producer(p).memory.channels[b].connection, false, request, intent, 999,
                         context);
  }

  std::vector<Reached> reached(PayloadKind kind) const {
    std::vector<Reached> found;
    for (const Reached& r : wire) {
      if (r.payload.kind == kind) found.push_back(r);
    }
    return found;
  }
  std::vector<sim::StampedRecord> all(RecordKind kind) const {
    std::vector<sim::StampedRecord> found;
    for (const auto& r : recorder.records()) {
      if (r.record.kind == static_cast<std::uint32_t>(kind)) found.push_back(r);
    }
    return found;
  }
  std::size_t count(RecordKind kind) const { return all(kind).size(); }
  /// Kinds of all records about an intent, in order, without those of single tries.
  std::vector<RecordKind> story(std::uint32_t intent = 0) const {
    std::vector<RecordKind> kinds;
    for (const auto& r : recorder.records()) {
      const auto kind = static_cast<RecordKind>(r.record.kind);
      const bool of_try = kind == RecordKind::attempt_sent || kind == RecordKind::attempt_failed;
      const bool of_process = kind == RecordKind::connection_opened || kind == RecordKind::connection_broken;
      if (r.record.subject == intent && !of_try && !of_process) kinds.push_back(kind);
    }
    return kinds;
  }

  Config config;
  sim::State<Model> state;
  sim::VectorRecorder recorder;
  TransactionClientMonitor monitor;
  std::vector<Reached> wire;
  std::vector<bool> mute;  ///< per broker: it reads, and answers nothing
  Status status = Status::SEND_OK;
  std::int64_t events = 0;  ///< of producers, executed

 private:
  /// Every record goes to the monitor, too: it throws at what no row allows.
  struct Both final : sim::Recorder {
    ProducerBench* bench = nullptr;
    void on(SimTime at, const sim::Record& record) override {
      bench->recorder.on(at, record);
      bench->monitor.on(at, record);
    }
  };

  void add(host::Role role, std::size_t index, HostId host) {
    host::Process process;
    process.role = role;
    process.index = static_cast<std::uint16_t>(index);
    process.host = host;
    process.life = host::Life::running;
    world().processes.push_back(process);
  }
  ProcessId id(std::size_t p) const { return producer_process(config, p); }

  sim::Context<Model> at_now() {
    both_.bench = this;
    return {config, state, choices_, sim::Listeners{&both_}};
  }

  void play(const sim::Agenda<Event>::Entry& next) {
    state.now = next.at;
    auto context = at_now();
    const Event& event = next.event;
    if (const auto* bytes = std::get_if<network::Event>(&event.body)) return play(event, *bytes, context);
    const host::Process& process = world().processes[event.target.value];
    if (process.life != host::Life::running || event.incarnation != process.incarnation) return;
    const auto& body = std::get<ProducerEvent>(event.body);
    ++events;
    producer_step(world(), process.index, body, context);
  }

  void play(const Event& event, const network::Event& bytes, Context& context) {
    if (!network::arrives(world(), bytes, context)) return;
    if (!network::is_for_kernel(bytes.on) && !network::is_expected(world(), bytes)) return;
    const network::Notice notice = network::take(world(), bytes, context);
    const host::Process& process = world().processes[event.target.value];
    if (process.role == host::Role::producer) return hear(process.index, notice, bytes, context);
    if (notice == network::Notice::bytes) return answer(process.index, bytes, context);
    // A peer that has closed or is gone: the broker closes its own end.
    if (notice == network::Notice::finished) network::close(world(), bytes.connection, false, context);
  }

  void hear(std::size_t p, network::Notice notice, const network::Event& bytes, Context& context) {
    using network::Notice;
    World& w = world();
    if (notice == Notice::opened) return producer_connection_opened(w, p, bytes.connection, context);
    if (notice == Notice::refused) return producer_connection_refused(w, p, bytes.connection, context);
    if (notice == Notice::lost) return producer_connection_lost(w, p, bytes.connection, false, context);
    if (notice == Notice::finished) return producer_connection_lost(w, p, bytes.connection, true, context);
    if (notice == Notice::bytes) producer_receive(w, p, bytes.connection, bytes.payload, context);
  }

  void answer(std::size_t b, const network::Event& bytes, Context& context) {
    wire.push_back({state.now, b, bytes.payload});
    if (mute[b]) return;
    Payload response = bytes.payload;
    if (bytes.payload.kind == PayloadKind::send_request) {
      response.kind = PayloadKind::send_response;
      response.status = status;
      response.offset = 10 + static_cast<std::int64_t>(reached(PayloadKind::send_request).size());
      response.record = 100 + static_cast<std::uint32_t>(wire.size());
    } else if (bytes.payload.kind == PayloadKind::heartbeat) {
      response = Payload{};
      response.kind = PayloadKind::heartbeat_response;
      response.opaque = bytes.payload.opaque;
    } else {
      return;
    }
    network::send(world(), bytes.connection, false, response, bytes.payload.intent.value, 500 + wire.size(),
                  context);
  }

  Both both_;
  sim::Choices choices_;
};

}  // namespace brokersim::model::rocketmq
