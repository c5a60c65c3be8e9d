// The network speaks TCP: a connection delivers in order until it breaks; nothing else loses or
// reorders bytes (docs/architecture.md, rule 10).
//
//   the peer is ...        bytes sent to it             connect()
//   running                executed in order            opened after a round trip
//   paused                 wait in its kernel           opened (the kernel accepts)
//   dead                   draw a reset                 refused after a round trip
//   stopping               draw a reset                 refused
//   starting               draw a reset                 refused
//   dead silently, until   vanish; retransmitted with   no answer: times out
//     it serves again      doubling back-off: the next
//                          try then draws a reset
//   on a dead host         likewise, until power is on  no answer: times out
//   cut off (partition)    held; retransmitted with     held likewise
//                          doubling back-off
//   unable to answer       executed, once; what is      its SYN/ACK is held
//     (one-way partition)    sent later than the first
//                            time-out is held
//
// A one-way partition takes away the acknowledgements of the other direction. The bytes arrive, and nobody
// tells their sender: after `retransmission_timeout` it takes all of them for lost, its congestion window is
// one segment, and that one is sent again and again (the receiver drops what it has). So what is sent before
// the time-out arrives, and everything later waits until acknowledgements come through again (RFC 5681, 6298;
// Linux tcp_enter_loss). The window within the first time-out is taken to be wide enough.
//
// Whether a path is cut is asked when bytes leave (those under way arrive), everything else when they
// arrive. Held bytes live in the kernel of the sender's host: they survive the sender (a reset then
// follows them) but not its host. SYNs are retried after 1 s, 3 s, 7 s ... (tcp_syn_retries), all else
// after `retransmission_timeout` and then doubling, at most 120 s apart (TCP_RTO_MAX).
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::network {

enum class End : std::uint8_t {
  none,  ///< client: connecting; server: the SYN has not been accepted yet
  open,
  lost,  ///< broken by reset(); the process will hear of it in a moment
  closed
};

/// A segment that meets silence and waits in its sender's kernel.
struct Held {
  bool to_server = false;
  On on = On::arrived;
  Payload payload;
};

constexpr auto fields(const Held& held) {
  const auto& [to_server, on, payload] = held;
  return std::tuple(to_server, on, payload);
}

struct Connection {
  ProcessId client, server;
  Incarnation client_life, server_life;  ///< the lives that opened and accepted it
  std::uint16_t generation = 0;
  End client_end = End::closed;
  End server_end = End::closed;
  std::uint16_t retransmissions = 0;  ///< attempt of their delay draws
  // Of the two directions [to client, to server]:
  bool retransmit_armed[2] = {};  ///< the path is open again, and the next try is scheduled
  SimTime last_arrival[2] = {};   ///< keeps the order
  SimTime held_since[2] = {};     ///< since when the sender retransmits
  /// When the first segment left that arrived and whose acknowledgement could not come back.
  SimTime unanswered_since[2] = {SimTime::max(), SimTime::max()};
  std::uint64_t key = 0;   ///< subject of the draws that no message explains (SYN, FIN, RST)
  std::vector<Held> held;  ///< of both directions, each in order
};

/// The lives only travel in events, which the network does not ask for them; retransmissions and the key are
/// for draws. An arrival in the past holds nothing back.
constexpr auto fields(const Connection& c) {
  const auto& [client, server, client_life, server_life, generation, client_end, server_end, retransmissions,
               retransmit_armed, last_arrival, held_since, unanswered_since, key, held] = c;
  return std::tuple_cat(
      std::tuple(client, server, client_end, server_end, retransmit_armed[0], retransmit_armed[1],
                 sim::Since<0>{last_arrival[0]}, sim::Since<0>{last_arrival[1]}, held_since[0], held_since[1],
                 unanswered_since[0], unanswered_since[1]),
      std::tie(held));
}

/// As an end of a cut, or the second one of a delay: every other host.
inline constexpr HostId any_host{0xffff};

struct Cut {
  HostId a, b;           ///< either may be any_host
  bool one_way = false;  ///< only bytes from a to b
  friend bool operator==(const Cut&, const Cut&) = default;
};

constexpr auto fields(const Cut& cut) {
  const auto& [a, b, one_way] = cut;
  return std::tie(a, b, one_way);
}

struct ExtraDelay {
  HostId a, b;
  Duration delay;
};

constexpr auto fields(const ExtraDelay& extra) {
  const auto& [a, b, delay] = extra;
  return std::tie(a, b, delay);
}

struct Fabric {
  std::vector<Connection> connections;  ///< slots; a free one has both ends closed
  std::vector<Cut> cuts;
  std::vector<ExtraDelay> delays;
  std::int64_t requests = 0;  ///< moves_a_message: sent, and neither executed nor dropped
};

/// The requests are counted for `drained` alone, and stale ones with them; no step asks.
constexpr auto fields(const Fabric& fabric) {
  const auto& [connections, cuts, delays, requests] = fabric;
  return std::tuple_cat(std::tie(connections, cuts, delays),
                        std::tuple(sim::Uncounted<std::int64_t>(requests)));
}

/// Opens a connection; the client hears opened or refused, or nothing (its own time-out applies).
ConnectionId connect(World& world, ProcessId client, ProcessId server, Context& context);

/// A connection that has been open since before the run.
ConnectionId establish(World& world, ProcessId client, ProcessId server, Context& context);

/// Sends; `subject` and `attempt` key the delay's draw. False if this end is not open (nothing is sent).
bool send(World& world, ConnectionId connection, bool to_server, const Payload& payload,
          std::uint64_t subject, std::uint64_t attempt, Context& context);

/// An orderly close by one end (close(2)): what was sent before still arrives, then a FIN.
void close(World& world, ConnectionId connection, bool by_client, Context& context);

/// The connection breaks now for both ends, bytes in flight included (RST on the path).
void reset(World& world, ConnectionId connection, Context& context);

bool is_open(const World& world, ConnectionId connection, bool at_client);

// An event of the network is executed in three parts, so that a pause or a fault can fall between the
// kernel and the process, and so that the network never calls a protocol.

/// The kernel of the receiving host has the segment. True if it is for the process; otherwise the
/// kernel has dealt with it: held it for a retransmission, answered a reset, dropped it.
bool arrives(World& world, const network::Event& event, Context& context);
/// The process still wants it: neither its life nor its end of the connection is over.
bool is_expected(const World& world, const network::Event& event);
/// The process dies or closes while it has the segment in its hands.
void turn_away(World& world, const network::Event& event, Context& context);

/// What the process hears.
enum class Notice : std::uint8_t {
  nothing,
  opened,
  refused,
  lost,      ///< reset
  finished,  ///< the peer has closed it (FIN)
  bytes
};
/// The process (or, for SYNs and retransmissions, its kernel) takes the segment.
Notice take(World& world, const network::Event& event, Context& context);
/// take(), and hands on through model::deliver / connection_opened / connection_refused /
/// connection_lost (dispatch.hpp).
void step(World& world, const model::Event& header, const network::Event& event, Context& context);

/// Bytes are gone unread: what they stand for is given back.
void drop(World& world, const Payload& payload);

/// Executed by the kernel, whatever the life of the process.
constexpr bool is_for_kernel(On on) { return on == On::requested || on == On::retransmit; }

/// All sockets of a process close as it dies: with a FIN, or with a reset where bytes lay unread (Linux
/// tcp_close); `silent`: without telling the peers.
void process_died(World& world, ProcessId process, bool silent, Context& context);
/// The kernel of a host is gone: nothing is told, bytes to it vanish.
void host_lost_power(World& world, HostId host, Context& context);
/// All sockets of a process close in an orderly way as it ends.
void process_stopped(World& world, ProcessId process, Context& context);

void cut(World& world, Cut cut);
void slow_down(World& world, ExtraDelay delay);
/// The links that a fault speaks of.
std::vector<Cut> links_of(const FaultAction& action);
/// Removes all cuts (delays) of exactly this pair of hosts.
void mend(World& world, Cut cut, Context& context);
void speed_up(World& world, HostId a, HostId b);

/// A cut is mended, or a host or process has come back: held bytes get their next retransmission, on
/// the back-off grid of their connection.
void path_changed(World& world, Context& context);
/// First instant of the back-off grid that begins at `since` (first try after `timeout`, then
/// doubling, at most 120 s apart) that is not before `now`.
SimTime next_try(SimTime since, Duration timeout, SimTime now);

}  // namespace brokersim::model::network
