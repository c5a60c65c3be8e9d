// Segments on their way, and what the kernels at both ends make of them.
#include <algorithm>

#include "model/network/segment.hpp"
#include "model/world.hpp"

namespace brokersim::model::network {

namespace {

using host::Life;

bool is_silent(const World& world, ProcessId process) {
  const host::Process& p = world.processes[process.value];
  return p.silent || !world.hosts[p.host.value].powered;
}

/// A paused process is not asked: its kernel accepts.
void accept(World& world, const Event& event, Context& context) {
  Connection& c = at(world, event.connection);
  const host::Process& server = world.processes[c.server.value];
  const bool listens = server.life == Life::running || server.life == Life::paused;
  if (listens) {
    c.server_end = End::open;
    c.server_life = server.incarnation;
  }
  const On answer = listens ? On::opened : On::refused;
  transmit(world, event.connection, false, answer, {}, draw_key(c, Draw::accept), context);
}

/// Nobody has this end of the connection open any more.
void arrived_in_vain(World& world, const Event& event, Context& context) {
  Connection& c = at(world, event.connection);
  const bool wants_answer = event.on == On::arrived || event.on == On::opened;
  if (wants_answer && is_silent(world, receiver(c, event.to_server)) && !is_free(c)) {
    return hold(c, event.to_server, event.on, event.payload, context.now());
  }
  drop(world, event.payload);
  if (wants_answer) send_reset(world, event.connection, !event.to_server, context);
}

bool is_wanted(const Connection& c, const Event& event) {
  const End end = receiving_end(c, event.to_server);
  switch (event.on) {
    case On::requested: return end == End::none && c.client_end == End::none;
    case On::opened: return end == End::none;
    case On::refused: return end == End::none || end == End::lost;
    // A paused client has not seen its SYN/ACK yet, but its kernel has: what follows waits behind it.
    case On::broken: return end != End::closed;
    case On::arrived: return end == End::none || end == End::open;
    case On::retransmit: return true;
  }
  return false;
}

}  // namespace

sim::DrawKey draw_key(const Connection& c, Draw draw) {
  const auto retransmission = draw == Draw::retransmission ? c.retransmissions : std::uint16_t{0};
  return sim::DrawKey::of(Purpose::network_delay, c.key, static_cast<std::uint64_t>(draw) + retransmission);
}

Duration one_way_delay(const World& world, const Connection& c, sim::DrawKey key, Context& context) {
  const HostId a = world.processes[c.client.value].host, b = world.processes[c.server.value].host;
  const NetworkConfig& network = context.config().network;
  if (a == b) return context.choices().duration(key, network.loopback);
  const auto joins = [&](const auto& link) {
    return (link.a == a && link.b == b) || (link.a == b && link.b == a);
  };
  const auto exception = std::find_if(network.links.begin(), network.links.end(), joins);
  Duration delay =
      context.choices().duration(key, exception == network.links.end() ? network.delay : exception->delay);
  for (const ExtraDelay& extra : world.network.delays) {
    if (joins(extra) || (extra.b == any_host && (extra.a == a || extra.a == b))) delay += extra.delay;
  }
  return delay;
}

void launch(World& world, ConnectionId id, bool to_server, On on, const Payload& payload, Duration delay,
            Context& context) {
  Connection& c = at(world, id);
  SimTime& last = c.last_arrival[to_server];
  last = std::max(last, context.now() + delay);
  const Incarnation life = to_server ? c.server_life : c.client_life;
  context.at(last, {receiver(c, to_server), life, Event{on, to_server, id, c.generation, payload}});
}

void transmit(World& world, ConnectionId id, bool to_server, On on, const Payload& payload, sim::DrawKey key,
              Context& context) {
  Connection& c = at(world, id);
  const HostId from = world.processes[sender(c, to_server).value].host;
  const HostId to = world.processes[receiver(c, to_server).value].host;
  const bool backs_off = is_backing_off(c, to_server, context.config(), context.now());
  if (holds(c, to_server) || is_cut(world, from, to) || backs_off)
    return hold(c, to_server, on, payload, context.now());
  if (is_cut(world, to, from))
    c.unanswered_since[to_server] = std::min(c.unanswered_since[to_server], context.now());
  launch(world, id, to_server, on, payload, one_way_delay(world, c, key, context), context);
}

bool send(World& world, ConnectionId id, bool to_server, const Payload& payload, std::uint64_t subject,
          std::uint64_t attempt, Context& context) {
  if (!is_open(world, id, to_server)) return false;
  if (moves_a_message(payload.kind)) ++world.network.requests;
  const std::uint64_t leg = 2 * attempt + (to_server ? 1 : 0);
  transmit(world, id, to_server, On::arrived, payload, sim::DrawKey::of(Purpose::network_delay, subject, leg),
           context);
  return true;
}

void send_reset(World& world, ConnectionId id, bool to_server, Context& context) {
  Connection& c = at(world, id);
  const End end = receiving_end(c, to_server);
  // A client that still waits for its SYN/ACK hears of both, in order.
  if (end == End::closed || end == End::lost) return;
  const Draw draw = to_server ? Draw::reset_to_server : Draw::reset_to_client;
  transmit(world, id, to_server, On::broken, {}, draw_key(c, draw), context);
}

bool arrives(World& world, const Event& event, Context& context) {
  Connection* c = find(world, event);
  if (c == nullptr) return drop(world, event.payload), false;
  if (!is_wanted(*c, event)) return arrived_in_vain(world, event, context), false;
  if (event.on == On::requested && is_silent(world, c->server)) {
    hold(*c, true, event.on, {}, c->held_since[true]);
    return false;
  }
  return true;
}

bool is_expected(const World& world, const Event& event) {
  const Connection* c = find(world, event);
  if (c == nullptr) return false;
  // Bytes that the kernel had before the connection broke are read all the same.
  const bool unread = event.on == On::arrived && receiving_end(*c, event.to_server) == End::lost;
  return unread || is_wanted(*c, event);
}

void turn_away(World& world, const Event& event, Context& context) {
  if (find(world, event) == nullptr) return drop(world, event.payload);
  arrived_in_vain(world, event, context);
}

Notice take(World& world, const Event& event, Context& context) {
  Connection& c = at(world, event.connection);
  End& end = receiving_end(c, event.to_server);
  const ProcessId self = receiver(c, event.to_server), peer = sender(c, event.to_server);
  const bool is_finish = event.on == On::arrived && event.payload.kind == PayloadKind::none;
  if (event.on == On::requested) {
    accept(world, event, context);
    return Notice::nothing;
  }
  if (event.on == On::retransmit) {
    retransmit(world, event.connection, event.to_server, context);
    return Notice::nothing;
  }
  if (event.on == On::opened) {
    end = End::open;
    context.record(make_record(RecordKind::connection_opened, self.value, peer.value));
    return Notice::opened;
  }
  if (event.on == On::refused) {
    c.client_end = End::closed;
    if (c.server_end == End::none) c.server_end = End::closed;
    return Notice::refused;
  }
  if (event.on == On::broken || is_finish) {
    end = End::closed;
    tidy(world, c);
    context.record(make_record(RecordKind::connection_broken, self.value, peer.value));
    return is_finish ? Notice::finished : Notice::lost;
  }
  if (moves_a_message(event.payload.kind)) --world.network.requests;
  return Notice::bytes;
}

}  // namespace brokersim::model::network
