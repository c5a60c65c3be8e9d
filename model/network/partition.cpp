// Paths that are cut or slow, and the segments that wait for one.
#include <algorithm>

#include "model/network/segment.hpp"
#include "model/world.hpp"

namespace brokersim::model::network {

namespace {

bool holds_back(const Cut& cut, HostId from, HostId to) {
  const auto is_end = [](HostId end, HostId host) { return end == any_host || end == host; };
  const bool forth = is_end(cut.a, from) && is_end(cut.b, to);
  return forth || (!cut.one_way && is_end(cut.a, to) && is_end(cut.b, from));
}

/// Would a segment that leaves now be answered?
bool is_path_open(const World& world, const Connection& c, bool to_server) {
  const host::Process& to = world.processes[receiver(c, to_server).value];
  const host::Process& from = world.processes[sender(c, to_server).value];
  const bool cut_off = is_cut(world, from.host, to.host) || is_cut(world, to.host, from.host);
  return !to.silent && world.hosts[to.host.value].powered && !cut_off;
}

bool is_unanswered(const Connection& c, bool to_server) {
  return c.unanswered_since[to_server] != SimTime::max();
}

Duration first_timeout(const Connection& c, const Config& config) {
  // RFC 6298: SYN and SYN/ACK have no measured round trip, their first time-out is 1 s.
  return c.client_end == End::none ? 1_s : config.network.retransmission_timeout;
}

/// Acknowledgements come through again. Before the first time-out that of the next segment, or of the one
/// that is sent again, settles everything, and nobody has noticed.
void forget_if_unnoticed(Connection& c, bool to_server, const Config& config, SimTime now) {
  if (!is_unanswered(c, to_server) || holds(c, to_server)) return;
  if (now < c.unanswered_since[to_server] + first_timeout(c, config))
    c.unanswered_since[to_server] = SimTime::max();
}

void arm_retransmission(World& world, ConnectionId id, bool to_server, Context& context) {
  Connection& c = at(world, id);
  if (c.retransmit_armed[to_server] || !is_path_open(world, c, to_server)) return;
  forget_if_unnoticed(c, to_server, context.config(), context.now());
  if (!holds(c, to_server) && !is_unanswered(c, to_server)) return;
  c.retransmit_armed[to_server] = true;
  model::Event again{};
  again.target = sender(c, to_server);
  again.body = Event{On::retransmit, to_server, id, c.generation, {}};
  const SimTime since =
      std::min(c.unanswered_since[to_server], holds(c, to_server) ? c.held_since[to_server] : SimTime::max());
  context.at(next_try(since, first_timeout(c, context.config()), context.now()), again);
}

}  // namespace

bool is_cut(const World& world, HostId from, HostId to) {
  if (world.network.cuts.empty() || from == to) return false;
  return std::any_of(world.network.cuts.begin(), world.network.cuts.end(),
                     [&](const Cut& cut) { return holds_back(cut, from, to); });
}

bool is_backing_off(const Connection& c, bool to_server, const Config& config, SimTime now) {
  return is_unanswered(c, to_server) && now >= c.unanswered_since[to_server] + first_timeout(c, config);
}

std::vector<Cut> links_of(const FaultAction& action) {
  if (action.from.empty() && action.to.empty())
    return {{action.host, action.all_links ? any_host : action.other_host, action.one_way}};
  const std::vector<HostId> every{any_host};
  std::vector<Cut> links;
  for (const HostId from : action.from.empty() ? every : action.from) {
    for (const HostId to : action.to.empty() ? every : action.to) {
      if (from != to) links.push_back({from, to, action.one_way});
    }
  }
  return links;
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
    const Connection& c = world.network.connections[i];
    if (is_free(c) || (c.held.empty() && !is_unanswered(c, false) && !is_unanswered(c, true))) continue;
    arm_retransmission(world, ConnectionId(static_cast<std::uint16_t>(i)), false, context);
    arm_retransmission(world, ConnectionId(static_cast<std::uint16_t>(i)), true, context);
  }
}

void retransmit(World& world, ConnectionId id, bool to_server, Context& context) {
  Connection& c = at(world, id);
  c.retransmit_armed[to_server] = false;
  if (!is_path_open(world, c, to_server)) return;
  const bool only_acknowledges = is_unanswered(c, to_server) && !holds(c, to_server);
  c.unanswered_since[to_server] = SimTime::max();
  if (only_acknowledges) return;  // the receiver has had it since long
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
