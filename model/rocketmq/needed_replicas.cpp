// CommitLog.asyncPutMessage, before the append: how many replicas a put that waits for any needs, and whether
// there are so many.
//
//   classic                   inSyncReplicas; nobody is counted, a put that finds nobody waits for its
//   time-out enableControllerMode      refused while the SyncStateSet is smaller than minInSyncReplicas
//   enableSlaveActingMaster   refused while fewer than it needs are at hand: of the registered brokers of the
//                             set (aliveReplicaNumInGroup) and of the connections that are less than
//                             haMaxGapNotInSync behind the smaller number. With enableAutoInSyncReplicas it
//                             needs no more than those, down to minInSyncReplicas
#include <algorithm>

#include "model/rocketmq/replica_set.hpp"
#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// DefaultHAService.inSyncReplicasNums, the master among them. A connection that has acknowledged nothing yet
/// (slaveAckOffset) has the whole log to go.
std::int32_t connections_in_sync(const Site& site) {
  const auto& peers = site.memory.ha.peers;
  const auto near = std::count_if(peers.begin(), peers.end(), [&](const HaPeer& peer) {
    return site.memory.appended.bytes - peer.acked < site.settings().haMaxGapNotInSync;
  });
  return 1 + static_cast<std::int32_t>(near);
}

std::int32_t at_hand(const Site& site) {
  return std::min(site.memory.acting.alive, connections_in_sync(site));
}

}  // namespace

/// calcNeedAckNums.
std::int32_t needed_replicas(const Site& site) {
  const BrokerSettings& settings = site.settings();
  if (!site.config.has_stand_in() || !settings.enableAutoInSyncReplicas) return settings.inSyncReplicas;
  return std::max(std::min(settings.inSyncReplicas, at_hand(site)), settings.minInSyncReplicas);
}

bool lacks_replicas(const Site& site) {
  const BrokerSettings& settings = site.settings();
  if (site.config.is_controlled()) return in_sync_count(site) < settings.minInSyncReplicas;
  const bool counts = site.config.has_stand_in() && settings.brokerRole == BrokerRole::SYNC_MASTER;
  return counts && needed_replicas(site) > at_hand(site);
}

}  // namespace brokersim::model::rocketmq
