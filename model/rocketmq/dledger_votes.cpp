// Votes (DLedgerLeaderElector.maintainAsCandidate, handleVote). A candidate waits for a majority, for the
// first that says that there is a leader, or 2 to 3 s, and then reads the answers once:
//
//   somebody knows a higher term                that term, after a pause
//   REJECT_ALREADY_HAS_LEADER                   the same term, after a pause and 6 s
//   no majority has answered                    the same term, after a pause
//   a majority's logs are ahead of its own      the same term, after a pause and 1 s
//   a majority has accepted                     leader
//   with those whose term was not ready         the same term, at once
//   otherwise                                   the next term, after a pause of 300 to 1,000 ms
#include "model/rocketmq/dledger_internal.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

struct Ballot {
  std::int32_t candidate, term, end_term;
  std::int64_t end;  ///< entries
};

Duration draw(Site& site, Duration least, Duration most) {
  const std::uint64_t life = site.world.processes[site.broker.process.value].incarnation.value;
  const auto key = sim::DrawKey::of(Purpose::dledger_vote, sim::subject(site.broker.process.value, life),
                                    ++member_of(site).draws);
  return site.context.choices().duration(key, Distribution::uniform(least, most));
}

/// getNextTimeToRequestVote.
void pause(Site& site, Duration more = {}) {
  const Duration drawn = draw(site, dledger::minVoteIntervalMs, dledger::maxVoteIntervalMs - 1_ms);
  member_of(site).next_vote = site.now() + drawn + more;
}

/// The log of the candidate must be as far as its own.
bool is_behind(const Site& site, const Ballot& ballot, VoteResult& why) {
  const std::int32_t own = end_term(site.broker);
  why = ballot.end_term < own ? VoteResult::reject_expired_ledger_term
                              : VoteResult::reject_small_ledger_end_index;
  return ballot.end_term < own || (ballot.end_term == own && ballot.end < entries_of(site));
}

/// handleVote; who votes for somebody else in this term has told it before.
VoteResult vote(Site& site, const Ballot& ballot) {
  DLedgerMember& member = member_of(site);
  VoteResult behind{};
  if (is_behind(site, ballot, behind)) return behind;
  if (ballot.term < member.term) return VoteResult::reject_expired_vote_term;
  if (ballot.term > member.term) {
    become_candidate(site, ballot.term);
    member.increase_term = true;
    arm_maintain(site);
    return VoteResult::reject_term_not_ready;
  }
  if (member.vote != no_vote && member.vote != ballot.candidate)
    return member.leader != no_vote ? VoteResult::reject_already_has_leader
                                    : VoteResult::reject_already_voted;
  if (ballot.term < end_term(site.broker)) return VoteResult::reject_term_small_than_ledger;
  set_vote(site, ballot.candidate);
  return VoteResult::accept;
}

/// Of the answer; that of a log ahead is the log's.
std::int32_t term_in_answer(const Site& site, VoteResult result) {
  return result == VoteResult::reject_term_small_than_ledger ? end_term(site.broker) : member_of(site).term;
}

bool is_decided(const Site& site) { return member_of(site).round.other_leader || is_counted(site); }

void add_vote(DLedgerRound& round, VoteResult result, std::int32_t term) {
  ++round.all;
  ++round.valid;
  switch (result) {
    case VoteResult::accept: ++round.accepted; return;
    case VoteResult::reject_already_has_leader: round.other_leader = true; return;
    case VoteResult::reject_term_small_than_ledger:
    case VoteResult::reject_expired_vote_term: round.max_term = std::max(round.max_term, term); return;
    case VoteResult::reject_expired_ledger_term:
    case VoteResult::reject_small_ledger_end_index: ++round.bigger; return;
    case VoteResult::reject_term_not_ready: ++round.not_ready; return;
    case VoteResult::reject_already_voted: return;
  }
}

void begin_round(Site& site, const Ballot& ballot) {
  DLedgerMember& member = member_of(site);
  member.round = {};
  member.round.running = true;
  member.round.number = ++member.opaque;
  member.round.term = member.round.max_term = ballot.term;
  member.round.until = site.now() + draw(site, 2_s, 2_s + dledger::maxVoteIntervalMs - 1_ms);
  const VoteResult own = vote(site, ballot);
  add_vote(member.round, own, term_in_answer(site, own));
}

void ask_all(Site& site, const Ballot& ballot) {
  Payload request;
  request.kind = PayloadKind::dledger_vote;
  request.sequence = static_cast<std::uint32_t>(ballot.term);
  request.record = static_cast<std::uint32_t>(ballot.end_term);
  request.offset = ballot.end;
  request.opaque = member_of(site).round.number;
  call_peers(site, request);
}

}  // namespace

void ask_for_votes(Site& site) {
  DLedgerMember& member = member_of(site);
  if (member.last_vote == LastVote::wait_to_vote_next || member.increase_term) {
    next_term(site);
    member.last_vote = LastVote::wait_to_revote;
  }
  if (member.increase_term) {
    pause(site);
    member.increase_term = false;
    return;
  }
  const Ballot ballot{self_id(site), member.term, end_term(site.broker), entries_of(site)};
  begin_round(site, ballot);
  ask_all(site, ballot);
  if (member.round.running && is_decided(site)) round_done(site);
}

void on_vote(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const Ballot ballot{member_behind(site, connection), static_cast<std::int32_t>(request.sequence),
                      static_cast<std::int32_t>(request.record), request.offset};
  const VoteResult result = vote(site, ballot);
  Payload response = request;
  response.kind = PayloadKind::dledger_vote_response;
  response.attempt = static_cast<std::uint8_t>(result);
  response.sequence = static_cast<std::uint32_t>(term_in_answer(site, result));
  reply(site, connection, generation, response);
}

void count_vote(Site& site, VoteResult result, std::int32_t term) {
  add_vote(member_of(site).round, result, term);
  if (is_decided(site)) round_done(site);
}

void finish_votes(Site& site) {
  DLedgerMember& member = member_of(site);
  const DLedgerRound round = member.round;
  const std::int32_t asked = round.term;
  member.last_vote = LastVote::wait_to_revote;
  if (round.max_term > asked) {
    member.last_vote = LastVote::wait_to_vote_next;
    pause(site);
    return become_candidate(site, round.max_term);
  }
  if (round.other_leader) return pause(site, dledger::silence);
  if (!is_quorum(site, round.valid)) return pause(site);
  if (!is_quorum(site, round.valid - round.bigger)) return pause(site, dledger::maxVoteIntervalMs);
  if (is_quorum(site, round.accepted)) return become_leader(site, asked);
  if (is_quorum(site, round.accepted + round.not_ready)) return;
  member.last_vote = LastVote::wait_to_vote_next;
  pause(site);
}

}  // namespace brokersim::model::rocketmq
