// Which slaves are in sync with a master in controller mode (AutoSwitchHAService), and the confirm offset.
//
//   joins   with a report that reaches the confirm offset and the beginning of the master's epoch. By default
//           the confirm offset *is* the end of the log, so a slave joins in a moment without appends on their
//           way
//   leaves  when its connection ends, at once; or found by the check, each 5 s: not caught up for
//           haMaxTimeSlaveNotCatchup. A slave counts as caught up whenever the master has *sent* it
//           everything (WriteSocketService: nothing to transfer), so one that is paused leaves with its
//           connection only, after haHousekeepingInterval
//
// The controller has the last word; until it has spoken, whoever may be in the set has to acknowledge too.
// Changes go to it one after another, each decided from the set that was confirmed at that moment: of two
// slaves that leave at one instant the second change takes the first slave in again.
#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model::rocketmq {

namespace {

Replicas& replicas_of(Site& site) { return site.memory.replicas; }

const HaPeer* peer_of(const Site& site, std::size_t slave) {
  for (const HaPeer& peer : site.memory.ha.peers) {
    if (peer.slave == static_cast<std::int32_t>(slave)) return &peer;
  }
  return nullptr;
}

bool is_sent_everything(const Site& site, const HaPeer& peer) {
  return peer.next >= site.broker.cache.committed.bytes;
}

template <class F>
void for_each_slave(const Site& site, BrokerMask set, F f) {
  for (std::size_t b = 0; b < site.all().brokers.size(); ++b) {
    if (b != site.number && has(set, b)) f(b);
  }
}

/// CommitLog.getConfirmOffset of a master.
std::int64_t confirm_offset(const Site& site) {
  const Replicas& replicas = site.memory.replicas;
  const bool waits_for_all = site.settings().allAckInSyncStateSet && size_of(replicas.view.in_sync) != 1;
  return waits_for_all ? replicas.confirmed : site.memory.appended.bytes;
}

void mark_synchronizing(Site& site, BrokerMask set) {
  replicas_of(site).synchronizing = true;
  replicas_of(site).wanted = set;
}

/// markSynchronizingSyncStateSet, and notifySyncStateSetChanged.
void want(Site& site, BrokerMask set) {
  mark_synchronizing(site, set);
  queue_to_alter(site, set);
}

void maybe_expand(Site& site, const HaPeer& peer) {
  const Replicas& replicas = site.memory.replicas;
  const auto slave = static_cast<std::size_t>(peer.slave);
  if (has(replicas.view.in_sync, slave) || peer.acked < confirm_offset(site)) return;
  const Epochs& epochs = site.broker.disk.epochs;
  if (epochs.empty() || peer.acked < epochs.back().start) return;
  want(site, replicas.view.in_sync | mask_of(slave));
}

/// When the write service last looked and found nothing to send; it looks each 100 ms.
SimTime last_idle(const Site& site, const HaPeer& peer) {
  return is_sent_everything(site, peer) ? site.now() : std::min(site.now(), peer.due - no_data_wait);
}

/// connectionCaughtUpTimeTable; max: it is not in it.
SimTime last_caught_up(const Site& site, std::size_t slave) {
  const HaPeer* peer = peer_of(site, slave);
  return peer != nullptr && peer->next >= 0 ? last_idle(site, *peer) : site.memory.replicas.caught_up[slave];
}

bool lags(const Site& site, std::size_t slave) {
  const SimTime last = last_caught_up(site, slave);
  return last == SimTime::max() || site.now() - last > site.settings().haMaxTimeSlaveNotCatchup;
}

bool is_master(const Site& site) { return site.memory.replicas.role == ReplicaRole::master; }

}  // namespace

void take_sync_set(Site& site, const SetView& view) {
  Replicas& replicas = replicas_of(site);
  if (view.sync_epoch <= replicas.view.sync_epoch) return;
  replicas.view.sync_epoch = view.sync_epoch;
  replicas.view.in_sync = view.in_sync;
  replicas.synchronizing = false;
  set_confirmed(site, computed_confirm_offset(site));
  if (!site.memory.waiting_replicas.empty()) release_replicated(site);
}

BrokerMask acknowledging_set(const Site& site) {
  const Replicas& replicas = site.memory.replicas;
  return replicas.view.in_sync | (replicas.synchronizing ? replicas.wanted : BrokerMask{0});
}

std::int32_t in_sync_count(const Site& site) {
  const Replicas& replicas = site.memory.replicas;
  const std::int32_t local = size_of(replicas.view.in_sync);
  return replicas.synchronizing ? std::max(local, size_of(replicas.wanted)) : local;
}

void slave_reported(Site& site, const HaPeer& peer) {
  if (!is_master(site)) return;
  Replicas& replicas = replicas_of(site);
  if (peer.acked >= peer.last_master_end) {
    const bool has_all = peer.acked == site.memory.appended.bytes;
    replicas.caught_up[static_cast<std::size_t>(peer.slave)] = has_all ? site.now() : peer.last_write;
    maybe_expand(site, peer);
  }
  if (has(replicas.view.in_sync, static_cast<std::size_t>(peer.slave)))
    set_confirmed(site, computed_confirm_offset(site));
}

void slave_parted(Site& site, const HaPeer& peer) {
  if (!is_master(site) || site.memory.stopping || peer.slave < 0) return;
  const auto slave = static_cast<std::size_t>(peer.slave);
  Replicas& replicas = replicas_of(site);
  if (peer.next >= 0) replicas.caught_up[slave] = last_idle(site, peer);
  if (has(replicas.view.in_sync, slave)) want(site, replicas.view.in_sync & ~mask_of(slave));
}

void check_sync_set(Site& site) {
  BrokerMask left = site.memory.replicas.view.in_sync;
  for_each_slave(site, left, [&](std::size_t slave) {
    if (lags(site, slave)) left &= ~mask_of(slave);
  });
  left |= mask_of(site.number);
  if (left == site.memory.replicas.view.in_sync) return;
  mark_synchronizing(site, left);
  ask_to_alter(site, left);
}

/// computeConfirmOffset: what every member has; as it was while one has no connection.
std::int64_t computed_confirm_offset(const Site& site) {
  const BrokerMask set = acknowledging_set(site);
  std::int64_t all_have = site.memory.appended.bytes;
  bool connected = true;
  for_each_slave(site, set,
                 [&](std::size_t slave) { connected = connected && peer_of(site, slave) != nullptr; });
  if (!connected) return site.memory.replicas.confirmed;
  for (const HaPeer& peer : site.memory.ha.peers) {
    const bool counts = peer.slave >= 0 && has(set, static_cast<std::size_t>(peer.slave)) && peer.acked > 0;
    if (counts) all_have = std::min(all_have, peer.acked);
  }
  return all_have;
}

void set_confirmed(Site& site, std::int64_t bytes) {
  replicas_of(site).confirmed = bytes;
  arm_reput(site);
}

}  // namespace brokersim::model::rocketmq
