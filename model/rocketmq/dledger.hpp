// A member of a DLedger group, as state: its term, its vote and its role (MemberState), what it waits for as
// a candidate or leader (DLedgerLeaderElector), and how far each peer has followed (DLedgerEntryPusher).
// Library: openmessaging/dledger 0.3.1.2, which RocketMQ 4.9.8 and 5.3.3 both use.
//
//   candidate --- accepted by a majority --> leader     EntryDispatcher per peer: COMPARE, TRUNCATE, APPEND
//      ^   '--- heartbeat of a leader ---> follower     a put waits until a majority has it in its page cache
//      '------- 6 s without the other(s) -----'
//
// An entry's index is the number of its record in the log. It carries the term in which a leader appended it;
// a log keeps its terms as spans.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/payload.hpp"
#include "model/rocketmq/log_record.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// DLedgerConfig. A broker's configuration cannot set any of them (DLedgerCommitLog).
namespace dledger {
inline constexpr Duration heartBeatTimeIntervalMs = 2_s;
inline constexpr std::int32_t maxHeartBeatLeak = 3;
inline constexpr Duration silence = heartBeatTimeIntervalMs * maxHeartBeatLeak;
inline constexpr Duration minVoteIntervalMs = 300_ms;
inline constexpr Duration maxVoteIntervalMs = 1_s;
inline constexpr Duration maxWaitAckTimeMs = 2500_ms;
inline constexpr Duration maxPushTimeOutMs = 1_s;
inline constexpr std::int64_t maxPendingRequestsNum = 10'000;
inline constexpr Duration flushFileInterval = 10_ms;
inline constexpr std::int64_t entry_header = 48;  ///< DLedgerEntry.BODY_OFFSET, bytes before each message
}  // namespace dledger

enum class MemberRole : std::uint8_t { none, candidate, follower, leader };

/// Entries from this index on were appended in this term.
struct TermSpan {
  std::int64_t first = 0;
  std::int32_t term = 0;
  friend bool operator==(const TermSpan&, const TermSpan&) = default;
};
constexpr auto fields(const TermSpan& span) {
  const auto& [first, term] = span;
  return std::tie(first, term);
}

inline constexpr std::int32_t no_vote = -1;

/// currterm: written at each change (MemberState.persistTerm), never synced.
struct TermFile {
  std::int32_t term = 0;
  std::int32_t vote = no_vote;  ///< currVoteFor: the number of a broker
  friend bool operator==(const TermFile&, const TermFile&) = default;
};
constexpr auto fields(const TermFile& file) {
  const auto& [term, vote] = file;
  return std::tie(term, vote);
}

/// Of the page cache.
struct DLedgerFiles {
  std::vector<TermSpan> terms;  ///< of the log, in order
  TermFile written, before;     ///< currterm: the present version, and the last that is certainly on the disk
  SimTime durable{};            ///< when the present one will be
  std::uint16_t version = 0;    ///< keys draws
  std::int64_t committed = 0;   ///< checkpoint: entries that were known to be committed
};
constexpr auto fields(const DLedgerFiles& files) {
  const auto& [terms, written, before, durable, version, committed] = files;
  return std::tuple_cat(std::tie(terms, written, before, committed), std::tuple(sim::Since<0>{durable}));
}

enum class PushType : std::uint8_t { compare, truncate, append, commit };
enum class PushCode : std::uint8_t { success, inconsistent_state, not_follower };
enum class HeartbeatCode : std::uint8_t { success, expired_term, inconsistent_leader, term_not_ready };
enum class VoteResult : std::uint8_t {
  accept,
  reject_already_has_leader,
  reject_already_voted,
  reject_expired_vote_term,
  reject_expired_ledger_term,
  reject_small_ledger_end_index,
  reject_term_not_ready,
  reject_term_small_than_ledger
};

/// VoteResponse.ParseResult, as far as a later round of votes depends on it.
enum class LastVote : std::uint8_t { wait_to_revote, wait_to_vote_next };

/// Another member, as this one sees it: the connection, and its EntryDispatcher if this one is the leader.
struct DLedgerPeer {
  std::uint16_t broker = 0;
  bool connecting = false, open = false;
  ConnectionId connection;
  ServiceTimer connect_timer;
  std::vector<Payload> waiting;  ///< for the connection
  std::uint32_t round = 0;       ///< opaque of a heartbeat or vote that is not answered yet; 0: none

  PushType state = PushType::compare;
  std::int32_t term = -1;        ///< in which the dispatcher has begun
  std::int64_t compare = -1;     ///< compareIndex
  std::int64_t next = 0;         ///< writeIndex
  std::int64_t acked = -1;       ///< peerWaterMark
  std::int64_t told = 0;         ///< entries that it knows to be committed, if it got the last push
  std::uint32_t asked = 0;       ///< opaque of a COMPARE or TRUNCATE that is not answered yet; 0: none
  SimTime last_push{};           ///< lastPushCommitTimeMs
  SimTime oldest{};              ///< when the first entry that is not acknowledged was pushed
  SimTime grid{};                ///< of its loop: 1 ms
  SimTime due = SimTime::max();  ///< of the next loop that has something to do
};
constexpr auto fields(const DLedgerPeer& peer) {
  const auto& [broker, connecting, open, connection, connect_timer, waiting, round, state, term, compare,
               next, acked, told, asked, last_push, oldest, grid, due] = peer;
  const bool in_use = connecting || open;
  const bool pends = next > acked + 1;
  return std::tuple_cat(
      std::tuple(broker, connecting, open, in_use ? connection : ConnectionId{}),
      std::tie(connect_timer, waiting, round, state, term, compare, next, acked, told, asked),
      std::tuple(told < next ? last_push : SimTime::max(), pends ? oldest : SimTime::max(),
                 sim::Phase<1'000'000>{grid}, due));
}

/// A round of heartbeats (as leader) or votes (as candidate): StateMaintainer waits for it.
struct DLedgerRound {
  bool running = false;
  bool beats = false;        ///< heartbeats, not votes
  std::uint32_t number = 0;  ///< opaque of its requests
  std::int32_t term = 0;     ///< in which it was begun
  SimTime until{};           ///< it waits no longer
  std::int32_t all = 0, accepted = 0, valid = 0, not_ready = 0, bigger = 0;
  bool other_leader = false;  ///< REJECT_ALREADY_HAS_LEADER, INCONSISTENT_LEADER
  std::int32_t max_term = 0;
};
constexpr auto fields(const DLedgerRound& round) {
  const auto& [running, beats, number, term, until, all, accepted, valid, not_ready, bigger, other_leader,
               max_term] = round.running ? round : DLedgerRound{};
  return std::tuple(running, beats, number, term, running ? until : SimTime::max(), all, accepted, valid,
                    not_ready, bigger, other_leader, max_term);
}

/// writeRequestMap: an APPEND whose turn has not come.
struct WaitingPush {
  Payload request;
  ConnectionId connection;
  std::uint16_t generation = 0;
};
constexpr auto fields(const WaitingPush& push) {
  const auto& [request, connection, generation] = push;
  return std::tuple(request, connection);
}

/// Of the process memory.
struct DLedgerMember {
  MemberRole role = MemberRole::none;
  bool serves = false;            ///< DLedgerRoleChangeHandler has made it the master
  std::int32_t term = 0;          ///< currTerm
  std::int32_t vote = no_vote;    ///< currVoteFor
  std::int32_t leader = no_vote;  ///< leaderId: the number of a broker
  std::int32_t known_max = -1;    ///< knownMaxTermInGroup
  bool increase_term = false;     ///< needIncreaseTermImmediately
  LastVote last_vote = LastVote::wait_to_revote;
  SimTime next_vote{};     ///< nextTimeToRequestVote
  SimTime last_heard{};    ///< lastLeaderHeartBeatTime
  SimTime last_beat{};     ///< lastSendHeartBeatTime
  SimTime last_success{};  ///< lastSuccHeartBeatTime
  SimTime grid{};          ///< of StateMaintainer: 10 ms
  ServiceTimer maintain_timer;
  DLedgerRound round;
  std::vector<DLedgerPeer> peers;
  ServiceTimer dispatch_timer;
  std::int64_t committed = 0;  ///< entries; committedIndex + 1
  ServiceTimer ack_timer;
  std::vector<WaitingPush> waiting;
  SimTime gap_grid{};
  ServiceTimer gap_timer;
  SimTime take_over_grid{};
  ServiceTimer take_over_timer;
  std::int32_t master = no_vote;  ///< that SlaveSynchronize asks: what the last registration's answer said
  std::uint32_t opaque = 0;
  std::uint32_t draws = 0;
};
constexpr auto fields(const DLedgerMember& member) {
  const auto& [role, serves, term, vote, leader, known_max, increase_term, last_vote, next_vote, last_heard,
               last_beat, last_success, grid, maintain_timer, round, peers, dispatch_timer, committed,
               ack_timer, waiting, gap_grid, gap_timer, take_over_grid, take_over_timer, master, opaque,
               draws] = member;
  const bool follows = role == MemberRole::follower, leads = role == MemberRole::leader;
  return std::tuple_cat(std::tuple(role, serves, term, vote, leader, known_max, increase_term, last_vote,
                                   sim::Since<0>{next_vote}, follows ? last_heard : SimTime::max(),
                                   leads ? last_beat : SimTime::max(), leads ? last_success : SimTime::max(),
                                   sim::Phase<10'000'000>{grid}),
                        std::tie(maintain_timer, round, peers, dispatch_timer, committed, ack_timer, waiting),
                        std::tuple(sim::Phase<1'000'000'000>{gap_grid}), std::tie(gap_timer),
                        std::tuple(sim::Phase<100'000'000>{take_over_grid}),
                        std::tie(take_over_timer, master));
}

/// Entries on their way to a follower: what one pass of an EntryDispatcher finds, or the one that a COMPARE
/// or TRUNCATE is about.
struct EntryBatch {
  bool used = false;
  std::vector<LogRecord> records;
  std::vector<std::int32_t> terms;  ///< of each
  std::vector<std::int64_t> ops;    ///< the bodies of the op records among them, one after another
};
constexpr auto fields(const EntryBatch& batch) {
  const auto& [used, records, terms, ops] = batch;
  return std::tie(used, records, terms, ops);
}

}  // namespace brokersim::model::rocketmq
