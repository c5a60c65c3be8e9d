// Opening and closing, by the processes or by their end.
#include <algorithm>

#include "model/network/segment.hpp"
#include "model/world.hpp"
#include "sim/check.hpp"

namespace brokersim::model::network {

namespace {

ConnectionId lowest_free(Fabric& fabric) {
  const auto free = std::find_if(fabric.connections.begin(), fabric.connections.end(), is_free);
  const auto slot = static_cast<std::size_t>(free - fabric.connections.begin());
  sim::check(slot < 0xffff, "more connections than a ConnectionId can number");
  if (free == fabric.connections.end()) fabric.connections.emplace_back();
  return ConnectionId(static_cast<std::uint16_t>(slot));
}

/// A slot keeps its vector's memory and counts its users.
void reuse(Connection& c, ProcessId client, ProcessId server) {
  std::vector<Held> held = std::move(c.held);
  held.clear();
  const auto generation = static_cast<std::uint16_t>(c.generation + 1);
  c = Connection{};
  c.held = std::move(held);
  c.generation = generation;
  c.client = client;
  c.server = server;
  c.client_end = c.server_end = End::none;
}

ConnectionId take_slot(World& world, ProcessId client, ProcessId server) {
  const ConnectionId id = lowest_free(world.network);
  Connection& c = at(world, id);
  reuse(c, client, server);
  host::Process& process = world.processes[client.value];
  c.client_life = process.incarnation;
  // Keyed by the client and its own count, so that connections of others leave these draws alone.
  c.key = sim::subject(sim::subject(client.value, server.value), process.connects++);
  return id;
}

template <class F>
void for_each_live(World& world, F f) {
  for (std::size_t i = 0; i < world.network.connections.size(); ++i) {
    if (!is_free(world.network.connections[i])) f(ConnectionId(static_cast<std::uint16_t>(i)));
  }
}

/// An end is gone without a FIN. If a client dies while it connects, nobody will ever accept.
void abandon(Connection& c, bool at_client) {
  receiving_end(c, !at_client) = End::closed;
  if (at_client && c.server_end == End::none) c.server_end = End::closed;
}

/// Bytes of this connection that a process has not read: it was paused, or has yet to catch up.
bool has_unread(const World& world, ConnectionId id, bool at_client) {
  const Connection& c = at(world, id);
  const host::Process& process = world.processes[receiver(c, !at_client).value];
  const auto is_unread = [&](const model::Event& event) {
    const auto* bytes = std::get_if<Event>(&event.body);
    return bytes != nullptr && bytes->connection == id && bytes->generation == c.generation &&
           bytes->on == On::arrived && bytes->payload.kind != PayloadKind::none;
  };
  return std::any_of(process.backlog.begin() + process.backlog_done, process.backlog.end(), is_unread);
}

void socket_died(World& world, ConnectionId id, bool at_client, bool silent, Context& context) {
  Connection& c = at(world, id);
  if (silent) drop_held(world, c, at_client);
  const End was = receiving_end(c, !at_client);
  if (was == End::closed || (was == End::none && !at_client)) return tidy(world, c);
  if (!silent && !has_unread(world, id, at_client)) return close(world, id, at_client, context);
  abandon(c, at_client);
  if (!silent && was != End::lost) send_reset(world, id, at_client, context);
  tidy(world, c);
}

}  // namespace

ConnectionId connect(World& world, ProcessId client, ProcessId server, Context& context) {
  const ConnectionId id = take_slot(world, client, server);
  Connection& c = at(world, id);
  c.held_since[true] = context.now();
  transmit(world, id, true, On::requested, {}, draw_key(c, Draw::request), context);
  return id;
}

ConnectionId establish(World& world, ProcessId client, ProcessId server, Context&) {
  const ConnectionId id = take_slot(world, client, server);
  Connection& c = at(world, id);
  c.server_life = world.processes[server.value].incarnation;
  c.client_end = c.server_end = End::open;
  return id;
}

void close(World& world, ConnectionId id, bool by_client, Context& context) {
  Connection& c = at(world, id);
  const End was = receiving_end(c, !by_client);
  if (was == End::closed) return;
  abandon(c, by_client);
  if (was != End::lost && receiving_end(c, by_client) != End::closed) {
    const Draw draw = by_client ? Draw::finish_to_server : Draw::finish_to_client;
    transmit(world, id, by_client, On::arrived, {}, draw_key(c, draw), context);
  }
  tidy(world, c);
}

void reset(World& world, ConnectionId id, Context& context) {
  Connection& c = at(world, id);
  for (const bool to_server : {false, true}) {
    End& end = receiving_end(c, to_server);
    if (end == End::closed || end == End::lost) continue;
    if (end == End::none && to_server) {
      end = End::closed;
      continue;
    }
    const On on = end == End::none ? On::refused : On::broken;
    end = End::lost;
    // Behind nothing: what is under way will find the end lost.
    c.last_arrival[to_server] = context.now();
    launch(world, id, to_server, on, {}, Duration{}, context);
  }
  drop_held(world, c, false);
  drop_held(world, c, true);
}

bool is_open(const World& world, ConnectionId id, bool at_client) {
  if (id.value >= world.network.connections.size()) return false;
  return receiving_end(at(world, id), !at_client) == End::open;
}

void process_died(World& world, ProcessId process, bool silent, Context& context) {
  for_each_live(world, [&](ConnectionId id) {
    if (at(world, id).client == process) socket_died(world, id, true, silent, context);
    if (at(world, id).server == process) socket_died(world, id, false, silent, context);
  });
}

void process_stopped(World& world, ProcessId process, Context& context) {
  for_each_live(world, [&](ConnectionId id) {
    if (at(world, id).client == process) close(world, id, true, context);
    if (at(world, id).server == process && at(world, id).server_end != End::none) {
      close(world, id, false, context);
    }
  });
}

void host_lost_power(World& world, HostId host, Context& context) {
  for_each_live(world, [&](ConnectionId id) {
    const ProcessId client = at(world, id).client, server = at(world, id).server;
    if (world.processes[client.value].host == host) socket_died(world, id, true, true, context);
    if (world.processes[server.value].host == host) socket_died(world, id, false, true, context);
  });
}

}  // namespace brokersim::model::network
