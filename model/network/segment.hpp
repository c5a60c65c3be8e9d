// What the files of the network share: segments on their way. Nothing outside network/ needs it.
#pragma once

#include "model/network/fabric.hpp"

namespace brokersim::model::network {

/// Attempts of the delay draws whose subject is the connection. Retransmissions follow the last one.
enum class Draw : std::uint64_t {
  request,
  accept,
  finish_to_client,
  finish_to_server,
  reset_to_client,
  reset_to_server,
  retransmission
};

Connection& at(World& world, ConnectionId id);
const Connection& at(const World& world, ConnectionId id);
/// The connection that the event belongs to, or null if its slot has been given to another one since.
Connection* find(World& world, const Event& event);
const Connection* find(const World& world, const Event& event);

inline End& receiving_end(Connection& c, bool to_server) { return to_server ? c.server_end : c.client_end; }
inline End receiving_end(const Connection& c, bool to_server) {
  return to_server ? c.server_end : c.client_end;
}
inline ProcessId receiver(const Connection& c, bool to_server) { return to_server ? c.server : c.client; }
inline ProcessId sender(const Connection& c, bool to_server) { return to_server ? c.client : c.server; }
inline bool is_free(const Connection& c) {
  return c.client_end == End::closed && c.server_end == End::closed;
}

sim::DrawKey draw_key(const Connection& c, Draw draw);
Duration one_way_delay(const World& world, const Connection& c, sim::DrawKey key, Context& context);
/// Whether bytes in this direction are held.
bool is_cut(const World& world, HostId from, HostId to);
/// Whether the sender has taken what it sent for lost, though it arrived (one-way partition).
bool is_backing_off(const Connection& c, bool to_server, const Config& config, SimTime now);

/// Sends a segment, or holds it if the path is cut or earlier segments are held.
void transmit(World& world, ConnectionId id, bool to_server, On on, const Payload& payload, sim::DrawKey key,
              Context& context);
/// Puts it on its way now; it arrives after `delay`, behind whatever left before it.
void launch(World& world, ConnectionId id, bool to_server, On on, const Payload& payload, Duration delay,
            Context& context);
/// A reset answers a segment that nobody wants. (If several are under way, the first one counts.)
void send_reset(World& world, ConnectionId id, bool to_server, Context& context);

void hold(Connection& c, bool to_server, On on, const Payload& payload, SimTime now);
bool holds(const Connection& c, bool to_server);
void retransmit(World& world, ConnectionId id, bool to_server, Context& context);
void drop_held(World& world, Connection& c, bool to_server);
/// Once both ends are closed, nothing of a connection matters any more.
void tidy(World& world, Connection& c);

}  // namespace brokersim::model::network
