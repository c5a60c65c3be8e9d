// The connections between the members (DLedgerRpcNettyService): one from each to each, opened when there is
// something to say. A call on a channel that breaks has failed; one that is not answered fails after 3 s,
// which is later than anybody waits for it.
#include "model/network/fabric.hpp"
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/remoting_times.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

DLedgerPeer* peer_on(const Site& site, ConnectionId connection) {
  for (DLedgerPeer& peer : member_of(site).peers) {
    if ((peer.open || peer.connecting) && peer.connection == connection) return &peer;
  }
  return nullptr;
}

void release(const Site& site, std::vector<Payload>& waiting) {
  for (const Payload& payload : waiting) release_payload(site.world, payload);
  waiting.clear();
}

bool send_now(Site& site, DLedgerPeer& peer, const Payload& request) {
  const std::uint64_t key = site.world.network.connections[peer.connection.value].key;
  const auto subject = sim::subject(key, static_cast<std::uint64_t>(request.kind));
  return network::send(site.world, peer.connection, true, request, subject, request.opaque, site.context);
}

std::uint16_t place_of(const Site& site, const DLedgerPeer& peer) {
  return static_cast<std::uint16_t>(&peer - member_of(site).peers.data());
}

void connect(Site& site, DLedgerPeer& peer) {
  peer.connecting = true;
  peer.connection =
      network::connect(site.world, site.broker.process, broker_process(peer.broker), site.context);
  arm(site, peer.connect_timer, site.now() + connect_timeout, DLedgerOn::connect_timeout,
      place_of(site, peer));
}

/// What was asked on it has failed.
void fail(Site& site, DLedgerPeer& peer) {
  disarm(site, peer.connect_timer);
  peer.connecting = peer.open = false;
  release(site, peer.waiting);
  push_failed(site, peer);
  if (std::exchange(peer.round, 0U) != 0) round_failed(site);
}

}  // namespace

/// A channel that broke before anybody was told is found broken by its next user, who opens another one.
void call_peer(Site& site, DLedgerPeer& peer, Payload request) {
  if (peer.open && send_now(site, peer, request)) return;
  peer.open = false;
  peer.waiting.push_back(request);
  if (!peer.connecting) connect(site, peer);
}

void call_peers(Site& site, const Payload& request) {
  for (DLedgerPeer& peer : member_of(site).peers) peer.round = request.opaque;
  for (DLedgerPeer& peer : member_of(site).peers) call_peer(site, peer, request);
}

std::int32_t member_behind(const Site& site, ConnectionId connection) {
  const ProcessId client = site.world.network.connections[connection.value].client;
  return site.world.processes[client.value].index;
}

void on_round_response(Site& site, ConnectionId connection, const Payload& response) {
  DLedgerPeer* peer = peer_on(site, connection);
  DLedgerRound& round = member_of(site).round;
  if (peer == nullptr || peer->round != response.opaque) return;
  peer->round = 0;
  if (!round.running || round.number != response.opaque) return;
  const auto term = static_cast<std::int32_t>(response.sequence);
  round.beats ? count_beat(site, static_cast<HeartbeatCode>(response.attempt), term)
              : count_vote(site, static_cast<VoteResult>(response.attempt), term);
}

void on_push_response(Site& site, ConnectionId connection, const Payload& response) {
  DLedgerPeer* peer = peer_on(site, connection);
  if (peer != nullptr && member_of(site).role == MemberRole::leader) push_answered(site, *peer, response);
}

bool is_to_peer(const Site& site, ConnectionId connection) {
  return site.in_group() && peer_on(site, connection) != nullptr;
}

void peer_opened(Site& site, ConnectionId connection) {
  DLedgerPeer& peer = *peer_on(site, connection);
  disarm(site, peer.connect_timer);
  peer.connecting = false;
  peer.open = true;
  std::vector<Payload> waiting = std::exchange(peer.waiting, {});
  for (const Payload& request : waiting) {
    if (!peer.open || !send_now(site, peer, request)) release_payload(site.world, request);
  }
}

void peer_lost(Site& site, ConnectionId connection) { fail(site, *peer_on(site, connection)); }

void peer_connect_timeout(Site& site, const DLedgerEvent& event) {
  DLedgerPeer& peer = member_of(site).peers[event.peer];
  if (!fired(peer.connect_timer, event.ticket)) return;
  network::close(site.world, peer.connection, true, site.context);
  fail(site, peer);
}

}  // namespace brokersim::model::rocketmq
