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

/// A JSON file that is written in place and never synced.
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

/// Whose file it is.
struct FileOwner {
  ProcessId process;
  HostId host;
  SimTime now;
  Context& context;
};

/// Writes it in place; `which` tells the files of one process apart.
void write_file(const FileOwner& owner, OffsetFile& file, const OffsetTable& content, std::uint64_t which);
/// What a power loss leaves of a file that was never synced. `rewritten`: its process lived, and so wrote it
/// again each few seconds, changed or not.
void lose_file(const FileOwner& owner, OffsetFile& file, UnsyncedFiles files, std::uint64_t which,
               bool rewritten);

}  // namespace brokersim::model::rocketmq
