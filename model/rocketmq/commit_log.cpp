// The commit log: how large a record is, where it goes, and which part of the log one file holds.
#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// MessageExtEncoder.calMsgLength for IPv4 addresses, without body, topic and properties.
constexpr std::int64_t fixed_size = 91;
/// CommitLog.DefaultAppendMessageCallback.END_FILE_MIN_BLANK_LENGTH: each file ends with a blank of at least
/// this.
constexpr std::int64_t blank_size_min = 8;

/// MessageDecoder.messageProperties2String: name, separator, value, separator.
constexpr std::int64_t property(std::string_view name, std::string_view value) {
  return static_cast<std::int64_t>(name.size() + value.size()) + 2;
}

/// UNIQ_KEY has 32 characters on a host with IPv4; KEYS is an application's business key of 13.
constexpr std::int64_t properties_4_9 = property("KEYS", "order-0000000") +
                                        property("UNIQ_KEY", "7F0000010001000000000000000000AB") +
                                        property("CLUSTER", "DefaultCluster");
constexpr std::int64_t properties_5_3 = properties_4_9 + property("WAIT", "true") +
                                        property("MSG_REGION", "DefaultRegion") +
                                        property("TRACE_ON", "true");

std::int64_t records_until(const sim::SealedLog<LogRecord>& log, std::int64_t bytes) {
  std::size_t low = 0, high = log.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (log[middle].end <= bytes) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return static_cast<std::int64_t>(low);
}

/// Bytes of a file without a pool buffer are in the page cache as soon as they are put.
void put_in_cache(Site& site, std::int64_t file_start) {
  if (file_start < site.memory.pool_from) site.broker.cache.committed = site.memory.appended;
}

/// Where the next record of this size begins; fills the rest of a file that is too short for it.
std::int64_t make_room(Site& site, std::int64_t size) {
  Broker::Memory& memory = site.memory;
  const std::int64_t end = file_end(site, memory.appended.bytes);
  if (memory.appended.bytes + size + blank_size_min <= end) return memory.appended.bytes;
  const std::int64_t old_file = memory.appended.bytes;
  memory.appended.bytes = end;
  put_in_cache(site, old_file);
  sim::check(size + blank_size_min <= site.settings().mappedFileSizeCommitLog,
             "a record that no file can hold");
  return end;
}

}  // namespace

std::int64_t record_size(const Config& config, const BrokerConfig& broker, const Payload& request) {
  const TopicConfig& topic = config.topics[request.topic.value];
  const std::int64_t properties = broker.profile == Profile::v4_9 ? properties_4_9 : properties_5_3;
  return fixed_size + request.size + static_cast<std::int64_t>(topic.name.size()) + properties +
         topic.properties_size;
}

std::int64_t file_end(const Site& site, std::int64_t bytes) {
  const std::int64_t size = site.settings().mappedFileSizeCommitLog;
  return (bytes / size + 1) * size;
}

LogPosition within_file(const Site& site, LogPosition from, LogPosition upto) {
  const std::int64_t end = file_end(site, from.bytes);
  if (upto.bytes <= end) return upto;
  return {records_until(site.broker.cache.log, end), end};
}

bool has_pages(const Site& site, LogPosition from, LogPosition upto, std::int32_t least) {
  const std::int64_t file = file_end(site, from.bytes) - site.settings().mappedFileSizeCommitLog;
  return (upto.bytes - file) / os_page_size - (from.bytes - file) / os_page_size >= least;
}

const LogRecord& append(Site& site, const Payload& request, std::int64_t size) {
  Broker::Memory& memory = site.memory;
  Queue& queue = queue_of(site.broker, request.topic, request.queue);
  const std::int64_t begin = make_room(site, size);
  LogRecord record;
  record.end = begin + size;
  record.queue_offset = queue.next_offset++;
  record.stored = host::wall_clock(site.world, site.broker.process, site.context);
  record.intent = request.intent;
  record.sequence = request.sequence;
  record.topic = request.topic;
  record.queue = request.queue;
  record.attempt = request.attempt;
  site.broker.cache.log.append(record);
  memory.appended = {memory.appended.records + 1, record.end};
  put_in_cache(site, begin);
  const std::int64_t where = request.queue | static_cast<std::int64_t>(site.number) << 16;
  site.record(RecordKind::appended, request.intent.value, where, record.queue_offset);
  return site.broker.cache.log.back();
}

Queue& queue_of(Broker& broker, TopicId topic, std::uint16_t number) {
  return broker.memory.queues[broker.memory.first_queue[topic.value] + number];
}

const Queue& queue_of(const Broker& broker, TopicId topic, std::uint16_t number) {
  return broker.memory.queues[broker.memory.first_queue[topic.value] + number];
}

void make_queues(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.first_queue.clear();
  memory.queues.clear();
  const auto& topics = site.context.config().topics;
  for (std::size_t t = 0; t < topics.size(); ++t) {
    memory.first_queue.push_back(static_cast<std::uint32_t>(memory.queues.size()));
    const std::int32_t count = std::max(topics[t].queues, auto_created_queues(site.settings()));
    for (std::int32_t q = 0; q < count; ++q) {
      Queue queue;
      queue.topic = TopicId(static_cast<std::uint16_t>(t));
      queue.number = static_cast<std::uint16_t>(q);
      memory.queues.push_back(queue);
    }
  }
}

}  // namespace brokersim::model::rocketmq
