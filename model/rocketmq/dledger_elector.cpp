// DLedgerLeaderElector: what a member does by itself. Its StateMaintainer loops each 10 ms, but for the time
// that it waits for the answers of a round of heartbeats or votes.
//
//   leader      heartbeats once more than 2 s have passed since the last round began;
//               a candidate if no round has had a majority for more than 6 s
//   follower    a candidate once more than 6 s have passed since its leader's last heartbeat
//   candidate   asks for votes when its pause is over:
//               in the present term if nobody has had the chance to vote in it yet (WAIT_TO_REVOTE),
//               in the next one if the last round was lost (WAIT_TO_VOTE_NEXT)
//
// Whoever hears of a higher term becomes a candidate first, and takes the term over in its next loop
// (needIncreaseTermImmediately): until then it answers TERM_NOT_READY, and its asker asks again.
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration loop = 10_ms;  ///< StateMaintainer.doWork: sleep(10)

SimTime next_loop(const Site& site, SimTime not_before) {
  return next_on_grid(member_of(site).grid, loop, std::max(site.now(), not_before));
}

SimTime due_of(const Site& site) {
  const DLedgerMember& member = member_of(site);
  if (member.round.running) return member.round.until;
  switch (member.role) {
    case MemberRole::none: return SimTime::max();
    case MemberRole::leader: return next_loop(site, member.last_beat + dledger::heartBeatTimeIntervalMs);
    case MemberRole::follower: return next_loop(site, member.last_heard + dledger::silence);
    case MemberRole::candidate: break;
  }
  return next_loop(site, member.increase_term ? site.now() : member.next_vote - 1_ns);
}

void tell_role(const Site& site) {
  site.record(RecordKind::member_role_changed, site.subject(),
              static_cast<std::int64_t>(member_of(site).role), member_of(site).term);
}

void work(Site& site) {
  DLedgerMember& member = member_of(site);
  switch (member.role) {
    case MemberRole::none: return;
    case MemberRole::leader: return send_heartbeats(site);
    case MemberRole::follower: return become_candidate(site, member.term);
    case MemberRole::candidate: return ask_for_votes(site);
  }
}

}  // namespace

void arm_maintain(Site& site) {
  const SimTime due = due_of(site);
  if (due == SimTime::max()) return disarm(site, member_of(site).maintain_timer);
  arm(site, member_of(site).maintain_timer, due, DLedgerOn::maintain);
}

void maintain(Site& site, const DLedgerEvent& event) {
  DLedgerMember& member = member_of(site);
  if (!fired(member.maintain_timer, event.ticket)) return;
  if (member.round.running) return round_done(site);
  member.grid = site.now();
  work(site);
  arm_maintain(site);
}

void round_done(Site& site) {
  DLedgerMember& member = member_of(site);
  member.round.running = false;
  member.grid = site.now();
  for (DLedgerPeer& peer : member.peers) peer.round = 0;
  member.round.beats ? finish_beats(site) : finish_votes(site);
  arm_maintain(site);
}

namespace {

bool have_all_answered(const Site& site) {
  return member_of(site).round.all == static_cast<std::int32_t>(member_of(site).peers.size()) + 1;
}

}  // namespace

void round_failed(Site& site) {
  DLedgerRound& round = member_of(site).round;
  if (!round.running) return;
  ++round.all;
  if (have_all_answered(site)) round_done(site);
}

bool is_counted(const Site& site) {
  const DLedgerRound& round = member_of(site).round;
  return is_quorum(site, round.accepted) || is_quorum(site, round.accepted + round.not_ready) ||
         have_all_answered(site);
}

void become_candidate(Site& site, std::int32_t term) {
  DLedgerMember& member = member_of(site);
  if (term < member.term) return;
  member.known_max = std::max(member.known_max, term);
  member.role = MemberRole::candidate;
  member.leader = no_vote;
  tell_role(site);
  stop_dispatchers(site);
  if (member.serves) change_to_slave(site);
  disarm(site, member.take_over_timer);
  arm_maintain(site);
}

void become_follower(Site& site, std::int32_t leader) {
  DLedgerMember& member = member_of(site);
  member.last_vote = LastVote::wait_to_revote;
  member.role = MemberRole::follower;
  member.leader = leader;
  member.last_heard = site.now();
  tell_role(site);
  change_to_slave(site);
  handle_waiting(site);
  arm_maintain(site);
}

void become_leader(Site& site, std::int32_t term) {
  DLedgerMember& member = member_of(site);
  if (member.term != term) return;
  member.role = MemberRole::leader;
  member.leader = self_id(site);
  member.last_beat = never;
  tell_role(site);
  start_dispatchers(site);
  advance_commit(site);
  begin_take_over(site);
}

}  // namespace brokersim::model::rocketmq
