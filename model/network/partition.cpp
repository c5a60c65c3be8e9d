// Paths that are cut or slow, and the segments that wait for one.
#include <algorithm>

#include "model/network/segment.hpp"
#include "model/world.hpp"

namespace brokersim::model::network {

namespace {

bool joins(const Cut& cut, HostId a, HostId b) {
  if (cut.b == any_host) return cut.a == a || cut.a == b;
  return (cut.a == a && cut.b == b) || (cut.a == b && cut.b == a);
}

/// Would a segment that leaves now be answered?
bool is_path_open(const World& world, const Connection& c, bool to_server) {
  const host::Process& to = world.processes[receiver(c, to_server).value];
  const host::Process& from = world.processes[sender(c, to_server).value];
  return !to.silent && world.hosts[to.host.value].powered && !is_cut(world, to.host, from.host);
}

Duration first_timeout(const Connection& c, const Config& config) {
  // RFC 6298: SYN and SYN/ACK have no measured round trip, their first time-out is 1 s.
  return c.client_end == End::none ? 1_s : config.network.retransmission_timeout;
}

void arm_retransmission(World& world, ConnectionId id, bool to_server, Context& context) {
  Connection& c = at(world, id);
  if (c.retransmit_armed[to_server] || !holds(c, to_server) || !is_path_open(world, c, to_server)) return;
  c.retransmit_armed[to_server] = true;
  model::Event again{};
  again.target = sender(c, to_server);
  again.body = Event{On::retransmit, to_server, id, c.generation, {}};
  context.at(next_try(c.held_since[to_server], first_timeout(c, context.config()), context.now()), again);
}

}  // namespace

bool is_cut(const World& world, HostId a, HostId b) {
  if (world.network.cuts.empty() || a == b) return false;
  return std::any_of(world.network.cuts.begin(), world.network.cuts.end(),
                     [&](const Cut& cut) { return joins(cut, a, b); });
}

bool holds(const Connection& c, bool to_server) {
  return !c.held.empty() && std::any_of(c.held.begin(), c.held.end(),
                                        [&](const Held& held) { return held.to_server == to_server; });
}

/// The back-off of data counts from when it is found unanswered: the send time of a segment that
/// arrives at a dead host is not kept, which shifts its grid by one delay.
void hold(Connection& c, bool to_server, On on, const Payload& payload, SimTime now) {
  if (!holds(c, to_server)) c.held_since[to_server] = now;
  c.held.push_back({to_server, on, payload});
}

SimTime next_try(SimTime since, Duration timeout, SimTime now) {
  SimTime attempt = since + timeout;
  while (attempt < now) {
    timeout = std::min(timeout * 2, 120_s);
    attempt += timeout;
  }
  return attempt;
}

void path_changed(World& world, Context& context) {
  for (std::size_t i = 0; i < world.network.connections.size(); ++i) {
    if (world.network.connections[i].held.empty()) continue;
    arm_retransmission(world, ConnectionId(static_cast<std::uint16_t>(i)), false, context);
    arm_retransmission(world, ConnectionId(static_cast<std::uint16_t>(i)), true, context);
  }
}

void retransmit(World& world, ConnectionId id, bool to_server, Context& context) {
  Connection& c = at(world, id);
  c.retransmit_armed[to_server] = false;
  if (!is_path_open(world, c, to_server)) return;
  // The first segment is tried alone; what waits behind it follows as soon as it is answered, which
  // is so little later that all of them share its delay.
  const Duration delay = one_way_delay(world, c, draw_key(c, Draw::retransmission), context);
  ++c.retransmissions;
  for (const Held& held : c.held) {
    if (held.to_server == to_server) launch(world, id, to_server, held.on, held.payload, delay, context);
  }
  std::erase_if(c.held, [&](const Held& held) { return held.to_server == to_server; });
}

void cut(World& world, Cut cut) { world.network.cuts.push_back(cut); }
void slow_down(World& world, ExtraDelay delay) { world.network.delays.push_back(delay); }

void mend(World& world, Cut cut, Context& context) {
  std::erase(world.network.cuts, cut);
  path_changed(world, context);
}

void speed_up(World& world, HostId a, HostId b) {
  std::erase_if(world.network.delays, [&](const ExtraDelay& delay) { return delay.a == a && delay.b == b; });
}

void drop(World& world, const Payload& payload) {
  if (moves_a_message(payload.kind)) --world.network.requests;
  release_payload(world, payload);
}

void drop_held(World& world, Connection& c, bool to_server) {
  for (const Held& held : c.held) {
    if (held.to_server == to_server) drop(world, held.payload);
  }
  std::erase_if(c.held, [&](const Held& held) { return held.to_server == to_server; });
}

void tidy(World& world, Connection& c) {
  if (!is_free(c) || c.held.empty()) return;
  drop_held(world, c, false);
  drop_held(world, c, true);
}

Connection& at(World& world, ConnectionId id) { return world.network.connections[id.value]; }
const Connection& at(const World& world, ConnectionId id) { return world.network.connections[id.value]; }

const Connection* find(const World& world, const Event& event) {
  const Connection& c = at(world, event.connection);
  return c.generation == event.generation ? &c : nullptr;
}

Connection* find(World& world, const Event& event) {
  Connection& c = at(world, event.connection);
  return c.generation == event.generation ? &c : nullptr;
}

}  // namespace brokersim::model::network
