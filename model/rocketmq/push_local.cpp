// LocalFileOffsetStore: a broadcasting consumer keeps its offsets in ~/.rocketmq_offsets/<clientId>/<group>/
// offsets.json, written each persistConsumerOffsetInterval and at a shutdown, and never synced.
//
// The client id of a broadcasting consumer has no pid in it (changeInstanceNameToPID is for CLUSTERING), so a
// restart finds the file again. Consumers on one host have instance names of their own here: with the default
// one they would overwrite each other's file.
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::uint64_t offsets_file = 1;

FileOwner owner_of(const Push& push) {
  return {push.self.process, push.config.host, push.now(), push.context};
}

/// Where a queue stands in the file.
std::size_t entry(const Push& push, TopicId topic, QueuePlace place) {
  std::size_t before = 0;
  for (const TopicId other : push.config.topics) {
    const auto queues = static_cast<std::size_t>(push.all().topics[other.value].queues);
    if (other == topic) return before + place.broker * queues + place.queue;
    before += push.brokers() * queues;
  }
  return before;
}

void put(const Push& push, OffsetTable& table, PushQueue& queue) {
  const std::size_t i = entry(push, queue.topic, name_of(queue));
  if (i >= table.size()) table.resize(i + 1, -1);
  table[i] = queue.committed;
  queue.dirty = false;
}

void write(const Push& push, const OffsetTable& table) {
  if (table != push.self.file.written) write_file(owner_of(push), push.self.file, table, offsets_file);
}

}  // namespace

std::int64_t local_offset(const Push& push, TopicId topic, QueuePlace place) {
  const OffsetTable& table = push.self.file.written;
  const std::size_t i = entry(push, topic, place);
  return i < table.size() ? table[i] : -1;
}

/// LocalFileOffsetStore.persist.
void write_local_offset(const Push& push, PushQueue& queue) {
  OffsetTable table = push.self.file.written;
  put(push, table, queue);
  write(push, table);
}

void write_local_offsets(const Push& push) {
  OffsetTable table = push.self.file.written;
  for (PushQueue& queue : push.memory.queues) {
    if (queue.used && queue.committed >= 0) put(push, table, queue);
  }
  write(push, table);
}

void push_consumer_power_lost(World& world, std::size_t consumer, UnsyncedFiles files, Context& context) {
  const bool lived = world.push_consumers[consumer].memory.started;
  push_consumer_killed(world, consumer, context);
  const Push push(world, consumer, context);
  if (push.is_broadcasting()) lose_file(owner_of(push), push.self.file, files, offsets_file, lived);
}

}  // namespace brokersim::model::rocketmq
