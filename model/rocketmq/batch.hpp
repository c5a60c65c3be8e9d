// Pull responses carry message ids: a range of offsets would lie after a truncation, because offsets
// are reused. Batches in flight are pooled; a slot is lowest-free, so that equal worlds have equal slots.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/payload.hpp"

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

struct BatchPool {
  std::vector<Batch> slots;
  std::uint32_t take();  ///< an empty batch, marked used
  void release(std::uint32_t slot);
  Batch& operator[](std::uint32_t slot) { return slots[slot]; }
  const Batch& operator[](std::uint32_t slot) const { return slots[slot]; }
};

constexpr auto fields(const BatchPool& pool) {
  const auto& [slots] = pool;
  return std::tie(slots);
}

/// Members of a consumer group on their way to one of them (GET_CONSUMER_LIST_BY_GROUP).
struct MemberList {
  bool used = false;
  std::vector<ProcessId> members;
};

constexpr auto fields(const MemberList& list) {
  const auto& [used, members] = list;
  return std::tie(used, members);
}

struct MemberListPool {
  std::vector<MemberList> slots;
  std::uint32_t take();  ///< an empty list, marked used
  void release(std::uint32_t slot);
};

constexpr auto fields(const MemberListPool& pool) {
  const auto& [slots] = pool;
  return std::tie(slots);
}

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

struct QueueSetPool {
  std::vector<QueueSet> slots;
  std::uint32_t take();  ///< an empty set, marked used
  void release(std::uint32_t slot);
};

constexpr auto fields(const QueueSetPool& pool) {
  const auto& [slots] = pool;
  return std::tie(slots);
}

}  // namespace brokersim::model::rocketmq
