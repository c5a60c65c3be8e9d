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
};

/// All free batches are alike.
constexpr auto fields(const Batch& batch) {
  const auto& [used, count, intents] = batch.used ? batch : Batch{};
  return std::tuple(used, count, intents);
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

/// Bytes that nobody will read: the batch of a found pull goes back to the pool.
inline void release_payload(BatchPool& pool, const Payload& payload) {
  const bool found = payload.kind == PayloadKind::pull_response && payload.status == Status::PULL_FOUND;
  if (found) pool.release(payload.size);
}

}  // namespace brokersim::model::rocketmq
