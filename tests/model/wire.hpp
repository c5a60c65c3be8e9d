// A network without protocols: two kinds of hosts and processes, a constant delay, and a loop that
// plays the kernels and collects what the processes hear.
#pragma once

#include <string>
#include <vector>

#include "model/model.hpp"

namespace brokersim::model {

struct Heard {
  SimTime at;
  ProcessId process;
  network::Notice notice;
  std::uint32_t opaque = 0;
  friend bool operator==(const Heard&, const Heard&) = default;
};

/// Process 0 serves on host 0, processes 1 and 2 are clients on hosts 1 and 2.
class Wire {
 public:
  explicit Wire(Distribution delay = Distribution::constant(1_ms), std::uint64_t seed = 1)
      : choices_(sim::Choices::draw(sim::Seed(seed))) {
    config.hosts.resize(3);
    config.network.delay = delay;
    world().hosts.resize(3);
    world().processes.resize(3);
    for (std::uint16_t i = 0; i < 3; ++i) {
      world().processes[i].host = HostId(i);
      world().processes[i].life = host::Life::running;
    }
  }

  World& world() { return state_.world; }
  host::Process& process(std::size_t i) { return world().processes[i]; }
  Context context() { return {config, state_, choices_, sim::Listeners{}}; }

  /// Plays everything up to a time since the start.
  void run(Duration until = 1_h) {
    typename sim::Agenda<Event>::Entry next;
    while (state_.agenda.pop_until(SimTime{} + until, next)) {
      state_.now = next.at;
      play(next.event);
    }
    state_.now = SimTime{} + until;
  }

  ConnectionId connect(std::uint16_t client = 1) {
    Context c = context();
    return network::connect(world(), ProcessId(client), ProcessId(0), c);
  }
  /// An open connection, and nothing of its opening left in `heard`.
  ConnectionId open(std::uint16_t client = 1) {
    const ConnectionId id = connect(client);
    run(state_.now - SimTime{} + 1_s);
    heard.clear();
    return id;
  }
  bool send(ConnectionId id, bool to_server, std::uint32_t opaque,
            PayloadKind kind = PayloadKind::send_request) {
    Payload payload{};
    payload.kind = kind;
    payload.opaque = opaque;
    Context c = context();
    return network::send(world(), id, to_server, payload, opaque, 0, c);
  }
  void close(ConnectionId id, bool by_client) {
    Context c = context();
    network::close(world(), id, by_client, c);
  }
  void reset(ConnectionId id) {
    Context c = context();
    network::reset(world(), id, c);
  }
  void die(std::uint16_t process_id, bool silent) {
    process(process_id).life = host::Life::dead;
    process(process_id).silent = silent;
    Context c = context();
    network::process_died(world(), ProcessId(process_id), silent, c);
  }
  void lose_power(std::uint16_t host) {
    world().hosts[host].powered = false;
    process(host).life = host::Life::dead;
    Context c = context();
    network::host_lost_power(world(), HostId(host), c);
  }
  void path_changed() {
    Context c = context();
    network::path_changed(world(), c);
  }
  void cut(std::uint16_t a, std::uint16_t b) { network::cut(world(), {HostId(a), HostId(b)}); }
  void mend(std::uint16_t a, std::uint16_t b) {
    Context c = context();
    network::mend(world(), {HostId(a), HostId(b)}, c);
  }

  Config config;
  std::vector<Heard> heard;

 private:
  void play(const Event& event) {
    const auto& bytes = std::get<network::Event>(event.body);
    Context c = context();
    if (!network::arrives(world(), bytes, c)) return;
    const network::Notice notice = network::take(world(), bytes, c);
    if (notice == network::Notice::nothing) return;
    heard.push_back({state_.now, event.target, notice, bytes.payload.opaque});
  }

  sim::State<Model> state_;
  sim::Choices choices_;
};

inline Heard at(Duration time, std::uint16_t process, network::Notice notice, std::uint32_t opaque = 0) {
  return {SimTime{} + time, ProcessId(process), notice, opaque};
}

}  // namespace brokersim::model
