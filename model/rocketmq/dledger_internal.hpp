// A member of a DLedger group, as its files share it.
//
//   dledger_elector.cpp   DLedgerLeaderElector: StateMaintainer, roles
//   dledger_votes.cpp     votes                        dledger_beats.cpp   heartbeats
//   dledger_peers.cpp     connections and answers      dledger_group.cpp   the group as others see it
//   dledger_pusher.cpp    EntryDispatcher, QuorumAckChecker: the leader's side of the log
//   dledger_handler.cpp   EntryHandler: the follower's
//   dledger_store.cpp     DLedgerMmapFileStore, the file of MemberState
//   dledger_role.cpp      DLedgerRoleChangeHandler: master or slave
//   dledger_life.cpp      starts, ends, events
#pragma once

#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

inline DLedgerMember& member_of(const Site& site) { return site.memory.dledger; }
inline std::int32_t self_id(const Site& site) { return static_cast<std::int32_t>(site.number); }
/// MemberState.isQuorum.
inline bool is_quorum(const Site& site, std::int32_t count) {
  const auto members = static_cast<std::int32_t>(member_of(site).peers.size()) + 1;
  return count >= members / 2 + 1;
}
void arm(Site& site, ServiceTimer& timer, SimTime due, DLedgerOn on, std::uint16_t peer = 0);

// dledger_group.cpp -------------------------------------------------------------------------------
/// Nothing is on its way within the group.
bool group_idle(const World& world, const Config& config, std::size_t set);

// dledger_store.cpp -------------------------------------------------------------------------------
/// How many entries the log has: ledgerEndIndex + 1.
inline std::int64_t entries_of(const Site& site) {
  return static_cast<std::int64_t>(site.broker.cache.log.size());
}
/// ledgerEndTerm; -1 of an empty log.
std::int32_t end_term(const Broker& broker);
std::int32_t term_of_entry(const Site& site, std::int64_t index);
/// Entry `at` of the batch is the one that the log has with this index.
bool has_entry(const Site& site, const EntryBatch& batch, std::size_t at, std::int64_t index);
/// Into a slot of World::entry_batches.
std::uint32_t batch_of(const Site& site, std::int64_t first, std::int64_t end);
/// appendAsFollower, of those from `from` on.
void append_entries(Site& site, const EntryBatch& batch, std::size_t from);
void truncate_entries(Site& site, std::int64_t kept);
/// Entries up to here are committed, says somebody who knew of this term.
void update_committed(Site& site, std::int32_t term, std::int64_t entries);
void set_vote(Site& site, std::int32_t vote);
void next_term(Site& site);

// dledger_elector.cpp -----------------------------------------------------------------------------
void arm_maintain(Site& site);
void maintain(Site& site, const DLedgerEvent& event);
void become_candidate(Site& site, std::int32_t term);
void become_follower(Site& site, std::int32_t leader);
void become_leader(Site& site, std::int32_t term);
/// The thread of StateMaintainer goes on.
void round_done(Site& site);

// dledger_votes.cpp, dledger_beats.cpp ------------------------------------------------------------
void ask_for_votes(Site& site);
void on_vote(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void count_vote(Site& site, VoteResult result, std::int32_t term);
void finish_votes(Site& site);
void send_heartbeats(Site& site);
void on_heartbeat_of_leader(Site& site, ConnectionId connection, std::uint16_t generation,
                            const Payload& request);
void count_beat(Site& site, HeartbeatCode code, std::int32_t term);
void finish_beats(Site& site);
/// One of the peers cannot be reached, or its answer will never come.
void round_failed(Site& site);
/// A majority has answered yes, or would have if all terms were ready, or nobody is left to answer.
bool is_counted(const Site& site);

// dledger_peers.cpp -------------------------------------------------------------------------------
/// Sends, once there is a connection.
void call_peer(Site& site, DLedgerPeer& peer, Payload request);
/// All of them, for the round that has the request's number.
void call_peers(Site& site, const Payload& request);
/// The number of the broker at the other end of a connection that it opened.
std::int32_t member_behind(const Site& site, ConnectionId connection);
void on_round_response(Site& site, ConnectionId connection, const Payload& response);
void on_push_response(Site& site, ConnectionId connection, const Payload& response);
bool is_to_peer(const Site& site, ConnectionId connection);
void peer_opened(Site& site, ConnectionId connection);
/// Refused, too.
void peer_lost(Site& site, ConnectionId connection);
void peer_connect_timeout(Site& site, const DLedgerEvent& event);

// dledger_pusher.cpp ------------------------------------------------------------------------------
void arm_dispatch(Site& site);
void dispatch(Site& site, const DLedgerEvent& event);
/// checkAndFreshState: the dispatchers of a new leader begin.
void start_dispatchers(Site& site);
void stop_dispatchers(Site& site);
/// A dispatcher that had nothing to compare has something.
void wake_dispatchers(Site& site);
void push_answered(Site& site, DLedgerPeer& peer, const Payload& response);
/// The connection under it is gone.
void push_failed(Site& site, DLedgerPeer& peer);
/// A leader has appended an entry.
void dledger_appended(Site& site);
/// QuorumAckChecker: what a majority has is committed, and whoever waits for it is answered.
void advance_commit(Site& site);
/// The put waits for its majority.
void wait_for_majority(Site& site, const WaitingSend& put);
void ack_deadline(Site& site, const DLedgerEvent& event);
/// DLedgerServer.handleAppend: LEADER_PENDING_FULL.
bool is_pending_full(const Site& site);

// dledger_handler.cpp -----------------------------------------------------------------------------
void on_push(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
/// Pushes that wait may have their turn.
void handle_waiting(Site& site);
void gap_check(Site& site, const DLedgerEvent& event);

// dledger_role.cpp --------------------------------------------------------------------------------
void change_to_slave(Site& site);
/// The special services have ended: the rest of it.
void member_goes_on(Site& site);
/// SlaveSynchronize.setMasterAddr, with each answer to a registration; -1: no master is listed.
void master_named(Site& site, std::int32_t master);
/// A new leader serves when everything is committed and dispatched; it looks each 100 ms.
void begin_take_over(Site& site);
void take_over(Site& site, const DLedgerEvent& event);

// dledger_life.cpp --------------------------------------------------------------------------------
/// The process starts: a candidate, with the term and the vote that the file says.
void start_member(Site& site);
/// Before the run: the first member has been the leader for long.
void join_group(Site& site);
void stop_member(Site& site);
/// What a crash leaves: no terms without entries, no commit beyond them.
void cut_member_log(Site& site);
void lose_term_file(Site& site, const PowerLoss& loss);
void dledger_clock_set(Site& site, Duration by);

}  // namespace brokersim::model::rocketmq
