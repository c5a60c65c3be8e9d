// Pull responses carry message ids: a range of offsets would lie after a truncation, because offsets
// are reused. Batches in flight are pooled.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/payload.hpp"
#include "model/rocketmq/pool.hpp"

namespace brokersim::model::rocketmq {

struct Batch {
  static constexpr std::size_t capacity = 32;  ///< pullBatchSize
  bool used = false;
  std::uint8_t count = 0;
  std::array<IntentId, capacity> intents{};
  std::array<std::uint32_t, capacity> records{};  ///< numbers in the broker's log (commitLogOffset)
  std::array<std::uint32_t, capacity> sizes{};    ///< of the bodies, bytes
  std::array<std::uint8_t, capacity> times{};     ///< RECONSUME_TIMES
  std::array<bool, capacity> waits{};             ///< WAIT
};

/// All free batches are alike.
constexpr auto fields(const Batch& batch) {
  const auto& [used, count, intents, records, sizes, times, waits] = batch.used ? batch : Batch{};
  return std::tuple(used, count, intents, records, sizes, times, waits);
}

using BatchPool = Pool<Batch>;

/// Members of a consumer group on their way to one of them (GET_CONSUMER_LIST_BY_GROUP).
struct MemberList {
  bool used = false;
  std::vector<ProcessId> members;
};

constexpr auto fields(const MemberList& list) {
  const auto& [used, members] = list;
  return std::tie(used, members);
}

using MemberListPool = Pool<MemberList>;

/// A queue of one broker.
struct TopicQueue {
  TopicId topic;
  std::uint16_t queue = 0;
  friend bool operator==(const TopicQueue&, const TopicQueue&) = default;
};

constexpr auto fields(const TopicQueue& name) {
  const auto& [topic, queue] = name;
  return std::tie(topic, queue);
}

/// Queues that a consumer wants locked or unlocked, and of an answer those that are locked.
struct QueueSet {
  bool used = false;
  std::vector<TopicQueue> queues;
};

constexpr auto fields(const QueueSet& set) {
  const auto& [used, queues] = set;
  return std::tie(used, queues);
}

using QueueSetPool = Pool<QueueSet>;

}  // namespace brokersim::model::rocketmq
