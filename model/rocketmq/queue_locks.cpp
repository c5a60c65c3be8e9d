// RebalanceLockManager.tryLockBatch and unlockBatch, and the requests that they serve
// (AdminBrokerProcessor.lockBatchMQ, unlockBatchMQ; lockInStrictMode is false, so no other broker is asked).
#include "model/rocketmq/queue_locks.hpp"

#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration lock_max_live_time = 60_s;  ///< REBALANCE_LOCK_MAX_LIVE_TIME of the broker

/// Who asks, and for whom.
struct Asker {
  ProcessId client;
  std::uint32_t life = 0;
  GroupId group;
};

Asker asker_of(const Site& site, ConnectionId connection, const Payload& request) {
  return {site.world.network.connections[connection.value].client, request.record, GroupId(request.group)};
}

bool is_expired(const Site& site, const QueueLock& lock) {
  return site.now() - lock.updated > lock_max_live_time;
}

bool is_of(const QueueLock& lock, const Asker& asker) {
  return lock.client == asker.client && lock.life == asker.life;
}

QueueLocks::iterator find(Site& site, const Asker& asker, const TopicQueue& name) {
  QueueLocks& locks = site.memory.locks;
  return std::find_if(locks.begin(), locks.end(), [&](const QueueLock& lock) {
    return lock.group == asker.group && lock.topic == name.topic && lock.queue == name.queue;
  });
}

void tell(const Site& site, RecordKind kind, const Asker& asker, const TopicQueue& name,
          QueueLocking locking) {
  const std::int64_t place =
      name.queue | static_cast<std::int64_t>(site.number) << 16 | std::int64_t{name.topic.value} << 32;
  site.record(kind, asker.client.value, place,
              asker.group.value | static_cast<std::int64_t>(locking) << 16 |
                  static_cast<std::int64_t>(asker.life) << 32);
}

/// One queue of tryLockBatch. An expired entry gets its new client and keeps its old time: it stays expired,
/// so the next who asks gets it too.
QueueLocking try_lock(Site& site, const Asker& asker, const TopicQueue& name) {
  const auto found = find(site, asker, name);
  if (found == site.memory.locks.end()) {
    site.memory.locks.push_back({asker.group, name.topic, name.queue, asker.client, asker.life, site.now()});
    return QueueLocking::granted;
  }
  const bool expired = is_expired(site, *found);
  if (!expired && !is_of(*found, asker)) return QueueLocking::refused;
  found->client = asker.client;
  found->life = asker.life;
  if (expired) return QueueLocking::taken_over;
  found->updated = site.now();
  return QueueLocking::renewed;
}

}  // namespace

void on_lock_batch(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const Asker asker = asker_of(site, connection, request);
  std::erase_if(site.world.queue_sets.slots[request.size].queues, [&](const TopicQueue& name) {
    const QueueLocking locking = try_lock(site, asker, name);
    tell(site, RecordKind::queue_locked, asker, name, locking);
    return locking == QueueLocking::refused;
  });
  Payload response = request;
  response.kind = PayloadKind::lock_batch_response;
  if (!reply(site, connection, generation, response)) release_payload(site.world, response);
}

/// The holder is asked for by its client id, whether its lock has expired or not.
void on_unlock_batch(Site& site, ConnectionId connection, const Payload& request) {
  const Asker asker = asker_of(site, connection, request);
  for (const TopicQueue& name : site.world.queue_sets.slots[request.size].queues) {
    const auto found = find(site, asker, name);
    const bool holds = found != site.memory.locks.end() && is_of(*found, asker);
    if (holds) site.memory.locks.erase(found);
    tell(site, RecordKind::queue_unlocked, asker, name,
         holds ? QueueLocking::released : QueueLocking::not_held);
  }
  release_payload(site.world, request);
}

bool has_lock(const Site& site, GroupId group) {
  const QueueLocks& locks = site.memory.locks;
  return std::any_of(locks.begin(), locks.end(),
                     [&](const QueueLock& lock) { return lock.group == group && !is_expired(site, lock); });
}

}  // namespace brokersim::model::rocketmq
