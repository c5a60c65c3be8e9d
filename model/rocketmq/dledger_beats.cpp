// Heartbeats (DLedgerLeaderElector.maintainAsLeader, sendHeartbeats, handleHeartBeat). A round waits for a
// majority, or 2 s. Without a majority the leader goes on until its last success is more than 6 s ago, unless
// somebody knows a higher term or another leader.
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

HeartbeatCode answer_to(Site& site, std::int32_t leader, std::int32_t term) {
  DLedgerMember& member = member_of(site);
  if (term < member.term) return HeartbeatCode::expired_term;
  if (term > member.term) {
    become_candidate(site, term);
    member.increase_term = true;
    arm_maintain(site);
    return HeartbeatCode::term_not_ready;
  }
  if (member.leader == no_vote) {
    become_follower(site, leader);
    return HeartbeatCode::success;
  }
  if (member.leader != leader) return HeartbeatCode::inconsistent_leader;
  member.last_heard = site.now();
  arm_maintain(site);
  return HeartbeatCode::success;
}

void add_beat(DLedgerRound& round, HeartbeatCode code, std::int32_t term) {
  ++round.all;
  switch (code) {
    case HeartbeatCode::success: ++round.accepted; return;
    case HeartbeatCode::expired_term: round.max_term = term; return;
    case HeartbeatCode::inconsistent_leader: round.other_leader = true; return;
    case HeartbeatCode::term_not_ready: ++round.not_ready; return;
  }
}

}  // namespace

void send_heartbeats(Site& site) {
  DLedgerMember& member = member_of(site);
  member.last_beat = site.now();
  member.round = {};
  member.round.running = member.round.beats = true;
  member.round.number = ++member.opaque;
  member.round.term = member.term;
  member.round.until = site.now() + dledger::heartBeatTimeIntervalMs;
  member.round.all = member.round.accepted = 1;
  Payload request;
  request.kind = PayloadKind::dledger_heartbeat;
  request.sequence = static_cast<std::uint32_t>(member.term);
  request.opaque = member.round.number;
  call_peers(site, request);
  if (is_counted(site)) round_done(site);
}

void on_heartbeat_of_leader(Site& site, ConnectionId connection, std::uint16_t generation,
                            const Payload& request) {
  const auto term = static_cast<std::int32_t>(request.sequence);
  const HeartbeatCode code = answer_to(site, member_behind(site, connection), term);
  Payload response = request;
  response.kind = PayloadKind::dledger_heartbeat_response;
  response.attempt = static_cast<std::uint8_t>(code);
  response.sequence = static_cast<std::uint32_t>(member_of(site).term);
  reply(site, connection, generation, response);
}

void count_beat(Site& site, HeartbeatCode code, std::int32_t term) {
  add_beat(member_of(site).round, code, term);
  if (is_counted(site)) round_done(site);
}

void finish_beats(Site& site) {
  DLedgerMember& member = member_of(site);
  const DLedgerRound round = member.round;
  if (is_quorum(site, round.accepted)) {
    member.last_success = site.now();
    return;
  }
  if (is_quorum(site, round.accepted + round.not_ready)) {
    member.last_beat = never;
    return;
  }
  if (round.max_term > round.term) return become_candidate(site, round.max_term);
  const bool silent = site.now() - member.last_success > dledger::silence;
  if (round.other_leader || silent) become_candidate(site, round.term);
}

}  // namespace brokersim::model::rocketmq
