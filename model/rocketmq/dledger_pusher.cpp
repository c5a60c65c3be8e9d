// The leader's side of the log (DLedgerEntryPusher). One EntryDispatcher per peer, which loops each
// millisecond:
//
//   COMPARE    does the peer have this entry of ours? from our last one downwards, one by one
//   TRUNCATE   this one is the last that it keeps (or gets)
//   APPEND     entry after entry, at most 1,000 without an answer; what has none after 1 s goes again
//   COMMIT     how far the majority is, if no push has said so for 1 s
//
// An answer that says no, or none, leads back to COMPARE, after 500 ms if it was a COMPARE or TRUNCATE
// itself. An entry is committed when a majority has it, whatever its term (QuorumAckChecker); Raft would ask
// for one of the leader's own term behind it.
//
// What one loop finds to append travels together here; the real ones are requests of their own.
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration loop = 1_ms;            ///< waitForRunning(1)
constexpr Duration after_error = 500_ms;   ///< EntryDispatcher.doWork
constexpr Duration answer_timeout = 3_s;   ///< of a COMPARE or TRUNCATE
constexpr Duration commit_interval = 1_s;  ///< doCommit
constexpr std::int64_t maxPendingSize = 1000;

SimTime loop_after(const DLedgerPeer& peer, SimTime time) { return next_on_grid(peer.grid, loop, time); }

/// checkAndFreshState, changeState(-1, COMPARE).
void to_compare(Site& site, DLedgerPeer& peer, Duration pause) {
  peer.state = PushType::compare;
  peer.compare = -1;
  peer.asked = 0;
  peer.due = entries_of(site) == 0 ? SimTime::max() : loop_after(peer, site.now() + pause);
}

bool may_append_more(const Site& site, const DLedgerPeer& peer) {
  return peer.next < entries_of(site) && peer.next - peer.acked - 1 < maxPendingSize;
}

SimTime due_in_append(const Site& site, const DLedgerPeer& peer) {
  SimTime due = SimTime::max();
  if (may_append_more(site, peer)) due = loop_after(peer, site.now());
  if (peer.next > peer.acked + 1)
    due = std::min(due, loop_after(peer, std::max(site.now(), peer.oldest + dledger::maxPushTimeOutMs)));
  if (peer.told < member_of(site).committed)
    due = std::min(due, loop_after(peer, std::max(site.now(), peer.last_push + commit_interval)));
  return due;
}

void to_append(Site& site, DLedgerPeer& peer, std::int64_t index) {
  peer.state = PushType::append;
  peer.compare = -1;
  peer.asked = 0;
  peer.acked = std::max(peer.acked, index);
  peer.next = index + 1;
  peer.told = 0;
  peer.last_push = site.now();
  advance_commit(site);
}

Payload request_of(Site& site, PushType type, std::int64_t first, std::int64_t end) {
  const DLedgerMember& member = member_of(site);
  Payload request;
  request.kind = PayloadKind::dledger_push;
  request.attempt = static_cast<std::uint8_t>(type);
  request.sequence = static_cast<std::uint32_t>(member.term);
  request.offset = first;
  request.record = static_cast<std::uint32_t>(member.committed);
  request.size = batch_of(site, first, end);
  request.opaque = ++member_of(site).opaque;
  return request;
}

/// COMPARE or TRUNCATE of one entry.
void ask(Site& site, DLedgerPeer& peer, std::int64_t index) {
  const Payload request = request_of(site, peer.state, index, index + 1);
  peer.compare = index;
  peer.asked = request.opaque;
  peer.due = site.now() + answer_timeout;
  call_peer(site, peer, request);
}

void compare(Site& site, DLedgerPeer& peer) {
  const std::int64_t last = entries_of(site) - 1;
  if (last < 0) {
    peer.due = SimTime::max();
    return;
  }
  ask(site, peer, peer.compare < 0 || peer.compare > last ? last : peer.compare);
}

void push(Site& site, DLedgerPeer& peer, PushType type, std::int64_t first, std::int64_t end) {
  peer.last_push = site.now();
  peer.told = member_of(site).committed;
  call_peer(site, peer, request_of(site, type, first, end));
}

void append_to(Site& site, DLedgerPeer& peer) {
  const bool pends = peer.next > peer.acked + 1;
  if (pends && site.now() > peer.oldest + dledger::maxPushTimeOutMs) {
    peer.next = peer.acked + 1;
    peer.oldest = site.now();
  }
  if (may_append_more(site, peer)) {
    if (peer.next == peer.acked + 1) peer.oldest = site.now();
    const std::int64_t end = std::min(entries_of(site), peer.acked + 1 + maxPendingSize);
    const std::int64_t first = std::exchange(peer.next, end);
    push(site, peer, PushType::append, first, end);
  } else if (peer.told < member_of(site).committed && site.now() > peer.last_push + commit_interval) {
    push(site, peer, PushType::commit, 0, 0);
  }
  peer.due = due_in_append(site, peer);
}

void loop_of(Site& site, DLedgerPeer& peer) {
  if (peer.state == PushType::append) return append_to(site, peer);
  if (peer.asked != 0) return to_compare(site, peer, after_error);
  peer.state == PushType::truncate ? ask(site, peer, peer.compare) : compare(site, peer);
}

/// doCompare: where the logs meet, or where to look next.
void compared(Site& site, DLedgerPeer& peer, PushCode code, std::int64_t entries) {
  peer.due = site.now();
  if (code == PushCode::success) {
    if (peer.compare == entries - 1) return to_append(site, peer, peer.compare);
    peer.state = PushType::truncate;
    return;
  }
  if (entries == 0) {  // the logs do not meet at all: the peer begins anew
    peer.state = PushType::truncate;
    peer.compare = 0;
    return;
  }
  peer.compare = peer.compare >= entries ? entries - 1 : peer.compare - 1;
  if (peer.compare >= 0) return;
  peer.state = PushType::truncate;
  peer.compare = 0;
}

void appended(Site& site, DLedgerPeer& peer, const Payload& response) {
  const auto code = static_cast<PushCode>(response.queue);
  if (static_cast<std::int32_t>(response.sequence) != peer.term || peer.state != PushType::append) return;
  if (code == PushCode::inconsistent_state) return to_compare(site, peer, {});
  if (code != PushCode::success) return;
  const std::int64_t last = response.offset + std::int64_t{response.size} - 1;
  if (last <= peer.acked) return;
  peer.acked = last;
  peer.next = std::max(peer.next, last + 1);
  peer.oldest = site.now();
  advance_commit(site);
}

void release_committed(Site& site) {
  std::vector<WaitingSend>& waiting = site.memory.waiting_replicas;
  while (!waiting.empty() && waiting.front().upto.records <= member_of(site).committed) {
    const WaitingSend put = waiting.front();
    waiting.erase(waiting.begin());
    replicas_over(site, put, PutStatus::PUT_OK);
  }
}

/// TimeoutFuture.isTimeOut: more than so many milliseconds.
SimTime gives_up(const WaitingSend& put) { return put.since + dledger::maxWaitAckTimeMs + 1_ms; }

/// DefaultMessageStore.putMessage: a thread that waits for the result itself. (4.9 sends back
/// asynchronously.)
bool holds_thread(const Site& site, const WaitingSend& put) {
  const PayloadKind kind = put.request.kind;
  return kind == PayloadKind::end_transaction || (kind == PayloadKind::send_back && !site.is_4_9());
}

/// waitForPutResult: UNKNOWN_ERROR.
SimTime leaves(const Site& site, const WaitingSend& put) {
  const BrokerSettings& settings = site.settings();
  return put.since + std::max(settings.syncFlushTimeout, settings.slaveTimeout) + 5_s;
}

/// Of a leader the first put that waits too long; of one that has been deposed the first thread that does.
SimTime ack_due(const Site& site) {
  const std::vector<WaitingSend>& waiting = site.memory.waiting_replicas;
  if (waiting.empty()) return SimTime::max();
  if (member_of(site).role == MemberRole::leader) return gives_up(waiting.front());
  const auto first = std::find_if(waiting.begin(), waiting.end(),
                                  [&](const WaitingSend& put) { return holds_thread(site, put); });
  return first == waiting.end() ? SimTime::max() : leaves(site, *first);
}

void arm_ack(Site& site) {
  const SimTime due = ack_due(site);
  if (due == SimTime::max()) return disarm(site, member_of(site).ack_timer);
  arm(site, member_of(site).ack_timer, due, DLedgerOn::ack_deadline);
}

void miss_majority(Site& site, const WaitingSend& put, PutStatus status) {
  site.record(RecordKind::majority_missed, put.request.intent.value, site.subject());
  replicas_over(site, put, status);
}

/// QuorumAckChecker, its first look as the leader of a new term: what waited since an earlier one gets
/// TERM_CHANGED, which DLedgerCommitLog does not know.
void refuse_earlier_terms(Site& site) {
  for (const WaitingSend& put : std::exchange(site.memory.waiting_replicas, {}))
    miss_majority(site, put, PutStatus::UNKNOWN_ERROR);
}

/// Nobody answers the others: their clients have given up long before.
void free_threads(Site& site) {
  std::vector<WaitingSend>& waiting = site.memory.waiting_replicas;
  std::vector<WaitingSend> over;
  std::copy_if(waiting.begin(), waiting.end(), std::back_inserter(over), [&](const WaitingSend& put) {
    return holds_thread(site, put) && leaves(site, put) <= site.now();
  });
  std::erase_if(waiting, [&](const WaitingSend& put) {
    return holds_thread(site, put) && leaves(site, put) <= site.now();
  });
  for (const WaitingSend& put : over) miss_majority(site, put, PutStatus::UNKNOWN_ERROR);
}

}  // namespace

void arm_dispatch(Site& site) {
  SimTime due = SimTime::max();
  for (const DLedgerPeer& peer : member_of(site).peers) due = std::min(due, peer.due);
  if (due == SimTime::max()) return disarm(site, member_of(site).dispatch_timer);
  arm(site, member_of(site).dispatch_timer, due, DLedgerOn::dispatch);
}

/// One peer at a time: a crash may fall between two.
void dispatch(Site& site, const DLedgerEvent& event) {
  DLedgerMember& member = member_of(site);
  if (!fired(member.dispatch_timer, event.ticket)) return;
  const auto due = std::find_if(member.peers.begin(), member.peers.end(),
                                [&](const DLedgerPeer& peer) { return peer.due <= site.now(); });
  if (due != member.peers.end()) loop_of(site, *due);
  arm_dispatch(site);
}

void start_dispatchers(Site& site) {
  refuse_earlier_terms(site);
  for (DLedgerPeer& peer : member_of(site).peers) {
    peer.term = member_of(site).term;
    peer.acked = -1;
    peer.next = peer.told = 0;
    to_compare(site, peer, {});
  }
  arm_dispatch(site);
}

void wake_dispatchers(Site& site) {
  for (DLedgerPeer& peer : member_of(site).peers) {
    if (peer.state == PushType::compare && peer.due == SimTime::max())
      peer.due = loop_after(peer, site.now());
  }
}

/// Nobody answers a put that waits, as QuorumAckChecker does nothing while it is not the leader. A thread
/// that waits for one goes on when it has waited long enough.
void stop_dispatchers(Site& site) {
  for (DLedgerPeer& peer : member_of(site).peers) {
    peer.due = SimTime::max();
    peer.asked = 0;
  }
  arm_dispatch(site);
  arm_ack(site);
}

void push_answered(Site& site, DLedgerPeer& peer, const Payload& response) {
  const auto code = static_cast<PushCode>(response.queue);
  switch (static_cast<PushType>(response.attempt)) {
    case PushType::commit: return;
    case PushType::append: appended(site, peer, response); break;
    case PushType::compare:
    case PushType::truncate:
      if (peer.asked != response.opaque) return;
      peer.asked = 0;
      if (code == PushCode::not_follower) {
        to_compare(site, peer, after_error);
      } else if (peer.state == PushType::compare) {
        compared(site, peer, code, response.record);
      } else if (code == PushCode::success) {
        to_append(site, peer, peer.compare);
      } else {
        to_compare(site, peer, after_error);
      }
  }
  arm_dispatch(site);
}

/// What was appended on it is sent again when its second is over.
void push_failed(Site& site, DLedgerPeer& peer) {
  if (peer.asked == 0) return;
  to_compare(site, peer, after_error);
  arm_dispatch(site);
}

/// Of each member how far it is, the leader itself being at its end; the one in the middle counts.
void advance_commit(Site& site) {
  DLedgerMember& member = member_of(site);
  if (member.role != MemberRole::leader) return;
  std::vector<std::int64_t> marks{entries_of(site) - 1};
  for (const DLedgerPeer& peer : member.peers) marks.push_back(peer.term == member.term ? peer.acked : -1);
  std::sort(marks.rbegin(), marks.rend());
  update_committed(site, member.term, marks[marks.size() / 2] + 1);
  for (DLedgerPeer& peer : member.peers) {
    if (peer.state == PushType::append && peer.term == member.term) peer.due = due_in_append(site, peer);
  }
  release_committed(site);
  arm_ack(site);
}

void wait_for_majority(Site& site, const WaitingSend& put) {
  site.memory.waiting_replicas.push_back(put);
  release_committed(site);
  arm_ack(site);
}

/// DLedgerCommitLog: WAIT_QUORUM_ACK_TIMEOUT.
void ack_deadline(Site& site, const DLedgerEvent& event) {
  if (!fired(member_of(site).ack_timer, event.ticket)) return;
  if (member_of(site).role != MemberRole::leader) return free_threads(site), arm_ack(site);
  std::vector<WaitingSend>& waiting = site.memory.waiting_replicas;
  while (!waiting.empty() && gives_up(waiting.front()) <= site.now()) {
    const WaitingSend put = waiting.front();
    waiting.erase(waiting.begin());
    miss_majority(site, put,
                  site.is_4_9() ? PutStatus::OS_PAGECACHE_BUSY : PutStatus::IN_SYNC_REPLICAS_NOT_ENOUGH);
  }
  arm_ack(site);
}

bool is_pending_full(const Site& site) {
  return site.in_group() && entries_of(site) - member_of(site).committed > dledger::maxPendingRequestsNum;
}

}  // namespace brokersim::model::rocketmq
