// RebalanceLockManager: which client of a group may consume which queue in order. In the memory of one
// broker, so that a restart forgets it.
//
//   LOCK_BATCH_MQ of a free queue, or by its holder     locked for 60 s from now on
//   by another client within these 60 s                 refused
//   once they are over                                  whoever asks gets it, and the 60 s do not begin anew
//
// The last is what tryLockBatch does (5.3.3 and 4.9.8): it sets the client of an expired entry and not its
// time. So a queue that was taken over from a dead client is open to everybody until somebody unlocks it.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// LockEntry, under its group and queue.
struct QueueLock {
  GroupId group;
  TopicId topic;
  std::uint16_t queue = 0;
  ProcessId client;
  std::uint32_t life = 0;  ///< of the client: its id has the pid in it (changeInstanceNameToPID)
  SimTime updated{};       ///< lastUpdateTimestamp
};

/// isExpired asks for more than 60 s. A life counts as the present one or a former one (canonical.cpp).
constexpr auto fields(const QueueLock& lock) {
  const auto& [group, topic, queue, client, life, updated] = lock;
  return std::tuple(group, topic, queue, client, life, sim::Since<60'000'000'001>{updated});
}

using QueueLocks = std::vector<QueueLock>;  ///< in the order of their first lock

}  // namespace brokersim::model::rocketmq
