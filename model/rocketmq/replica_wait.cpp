// What a put waits for before it is answered: its flush, its replicas, or both
// (CommitLog.handleDiskFlushAndHA; 4.9: submitFlushRequest and submitReplicaRequest). The two run side by
// side; if both fail, the replicas' status is the answer.
//
// GroupTransferService works off its requests one after another, so a request that waits holds up those
// behind it, whatever their slaves have acknowledged.
//   5.3  asks each connection whether it has acknowledged so much, until inSyncReplicas have (the master is
//   one);
//        a request whose slaveTimeout is over before its turn comes is not asked at all
//        in controller mode with allAckInSyncStateSet: until each of the SyncStateSet has
//   4.9  one slave is enough, and the furthest report of anybody counts, even of one that is gone
#include <algorithm>
#include <utility>

#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration wait_4_9 =
    1_s;  ///< HAService.GroupTransferService: notifyTransferObject.waitForRunning(1000)

/// allAckInSyncStateSet: the whole set, as it is now, whether or not its members have a connection.
bool all_in_sync_have(const Site& site, std::int64_t bytes) {
  const BrokerMask set = acknowledging_set(site);
  if (size_of(set) <= 1) return true;
  const auto& peers = site.memory.ha.peers;
  const auto acked = std::count_if(peers.begin(), peers.end(), [&](const HaPeer& peer) {
    return peer.slave >= 0 && has(set, static_cast<std::size_t>(peer.slave)) && peer.acked >= bytes;
  });
  return 1 + acked >= size_of(set);
}

bool waits_for_all(const Site& site) {
  return site.config.is_controlled() && site.settings().allAckInSyncStateSet;
}

bool is_covered(const Site& site, const WaitingSend& put) {
  const HaMaster& master = site.memory.ha;
  if (waits_for_all(site)) return all_in_sync_have(site, put.upto.bytes);
  if (site.is_4_9()) return master.pushed >= put.upto.bytes;
  const auto acked = std::count_if(master.peers.begin(), master.peers.end(),
                                   [&](const HaPeer& peer) { return peer.acked >= put.upto.bytes; });
  return 1 + acked >= put.replicas_needed;
}

SimTime deadline_of(const Site& site, const WaitingSend& put) {
  return put.since + site.settings().slaveTimeout;
}

/// 4.9 looks at the clock when a wait of 1 s ends.
SimTime gives_up(const Site& site, const WaitingSend& put) {
  const SimTime deadline = deadline_of(site, put);
  if (!site.is_4_9()) return deadline;
  const SimTime first = std::max(site.memory.ha.head_waits, put.since);
  return first >= deadline ? first : next_on_grid(first, wait_4_9, deadline - 1_ns);
}

/// Of the first request: PUT_OK, FLUSH_SLAVE_TIMEOUT, or nothing yet.
std::optional<PutStatus> verdict(const Site& site, const WaitingSend& put) {
  const bool over = site.now() >= gives_up(site, put);
  if (over && !site.is_4_9()) return PutStatus::FLUSH_SLAVE_TIMEOUT;
  if (is_covered(site, put)) return PutStatus::PUT_OK;
  return over ? std::optional(PutStatus::FLUSH_SLAVE_TIMEOUT) : std::nullopt;
}

void arm_deadline(Site& site) {
  const std::vector<WaitingSend>& waiting = site.memory.waiting_replicas;
  if (waiting.empty()) return disarm(site, site.memory.ha.deadline);
  arm(site, site.memory.ha.deadline, gives_up(site, waiting.front()), BrokerOn::replica_deadline);
}

/// The same put in the other list: no two records end at the same place.
WaitingSend* find(std::vector<WaitingSend>& puts, const WaitingSend& put) {
  const auto at =
      std::lower_bound(puts.begin(), puts.end(), put.upto.bytes,
                       [](const WaitingSend& other, std::int64_t bytes) { return other.upto.bytes < bytes; });
  return at != puts.end() && at->upto.bytes == put.upto.bytes ? &*at : nullptr;
}

PutStatus both(const WaitingSend& put) {
  return put.replicas != PutStatus::PUT_OK ? put.replicas : put.flush;
}

/// WAIT_QUORUM_ACK_TIMEOUT of a DLedger group.
bool missed_majority(const Site& site, const WaitingSend& put) {
  return site.in_group() && put.replicas != PutStatus::PUT_OK;
}

void send_back_over(Site& site, const WaitingSend& put) {
  answer_send_back(site, put, both(put));
  if (site.in_group()) send_thread_free(site);
}

void put_over(Site& site, const WaitingSend& put) {
  if (put.level >= 0) return delay_put_over(site, static_cast<std::size_t>(put.level), both(put));
  if (put.request.kind == PayloadKind::send_back) return send_back_over(site, put);
  if (put.request.kind == PayloadKind::end_transaction)
    return missed_majority(site, put) ? final_refused(site, put.request) : final_stored(site, put.request);
  answer_send(site, put.request, put.connection, put.generation, both(put), put.queue_offset,
              put.upto.records - 1);
}

}  // namespace

/// needHandleHA and handleHA (4.9: submitReplicaRequest); the caller has asked for WAIT.
ReplicaWait replicas_of_put(const Site& site, const WaitingSend& put) {
  const BrokerSettings& settings = site.settings();
  if (waits_for_all(site)) return ReplicaWait::wait;
  // changeToMaster: a master in controller mode is a SYNC_MASTER.
  if (settings.brokerRole != BrokerRole::SYNC_MASTER && !site.config.is_controlled())
    return ReplicaWait::none;
  if (!site.is_4_9()) return put.replicas_needed <= 1 ? ReplicaWait::none : ReplicaWait::wait;
  const HaMaster& master = site.memory.ha;
  const bool near = put.upto.bytes - master.pushed < settings.haSlaveFallbehindMax;
  return !master.peers.empty() && near ? ReplicaWait::wait : ReplicaWait::unavailable;
}

void wait_for_replicas(Site& site, const WaitingSend& put) {
  site.memory.waiting_replicas.push_back(put);
  ha_wake(site);
  // A slave that is ahead of a master that has lost its tail has "acknowledged" it already.
  if (site.memory.waiting_replicas.size() == 1) release_replicated(site);
}

void release_replicated(Site& site) {
  std::vector<WaitingSend>& waiting = site.memory.waiting_replicas;
  site.memory.ha.head_waits = site.now();
  while (!waiting.empty()) {
    const auto status = verdict(site, waiting.front());
    if (!status) break;
    const WaitingSend put = waiting.front();
    waiting.erase(waiting.begin());
    replicas_over(site, put, *status);
  }
  arm_deadline(site);
}

void replica_deadline(Site& site, const BrokerEvent& event) {
  if (fired(site.memory.ha.deadline, event)) release_replicated(site);
}

std::vector<WaitingSend> puts_that_wait(const Broker::Memory& memory, PayloadKind kind) {
  std::vector<WaitingSend> found;
  for (const auto* waiting : {&memory.waiting_flush, &memory.waiting_replicas}) {
    for (const WaitingSend& put : *waiting) {
      if (put.request.kind == kind) found.push_back(put);
    }
  }
  const auto before = [](const WaitingSend& a, const WaitingSend& b) { return a.upto.bytes < b.upto.bytes; };
  const auto same = [](const WaitingSend& a, const WaitingSend& b) { return a.upto.bytes == b.upto.bytes; };
  std::sort(found.begin(), found.end(), before);
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

void flush_over(Site& site, WaitingSend put, PutStatus status) {
  put.flush = status;
  if (WaitingSend* other = find(site.memory.waiting_replicas, put))
    other->flush = status;
  else
    put_over(site, put);
}

void replicas_over(Site& site, WaitingSend put, PutStatus status) {
  put.replicas = status;
  if (WaitingSend* other = find(site.memory.waiting_flush, put))
    other->replicas = status;
  else
    put_over(site, put);
}

void settle_put(Site& site, WaitingSend put, bool flush, bool waits) {
  put.since = site.now();
  put.upto = site.memory.appended;
  put.replicas_needed = static_cast<std::uint8_t>(needed_replicas(site));
  if (site.in_group()) return wait_for_majority(site, put);
  const ReplicaWait replicas = waits ? replicas_of_put(site, put) : ReplicaWait::none;
  if (replicas == ReplicaWait::unavailable) put.replicas = PutStatus::SLAVE_NOT_AVAILABLE;
  if (flush) group_wait(site, put);
  if (replicas == ReplicaWait::wait) return wait_for_replicas(site, put);
  if (!flush) put_over(site, put);
}

}  // namespace brokersim::model::rocketmq
