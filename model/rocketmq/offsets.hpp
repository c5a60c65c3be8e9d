// ConsumerOffsetManager: how far each group has read each queue of one broker, in memory; consumerOffset.json
// is written each flushConsumerOffsetInterval if anything changed, and never synced. After a kill the file's
// last version counts; after a power loss that, the last one that the kernel had written back, or nothing
// (UnsyncedFiles).
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// The table: per group (those of the scenario, then CID_RMQ_SYS_TRANS) and queue (index in Memory::queues);
/// -1: the group has no offset there.
using OffsetTable = std::vector<std::int64_t>;

/// A JSON file of the broker that is written in place and never synced.
struct OffsetFile {
  OffsetTable written;        ///< its content in the page cache
  OffsetTable before;         ///< the last version that is certainly on disk
  SimTime durable{};          ///< when the kernel will have written back what `written` is then
  std::uint16_t version = 0;  ///< how often it became dirty: keys draws
};

constexpr auto fields(const OffsetFile& file) {
  const auto& [written, before, durable, version] = file;
  return std::tuple_cat(std::tie(written, before), std::tuple(sim::Since<0>{durable}));
}

}  // namespace brokersim::model::rocketmq
