// The commit log: how large a record is, where it goes, and which part of the log one file holds.
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replication.hpp"

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

/// The name, and what the scenario's own topics add to each message. Only the broker's topics have to spell
/// theirs: a put allocates nothing.
std::int64_t topic_share(const Config& config, TopicId topic) {
  if (!is_user_topic(config, topic)) return static_cast<std::int64_t>(topic_name(config, topic).size());
  const TopicConfig& own = config.topics[topic.value];
  return static_cast<std::int64_t>(own.name.size()) + own.properties_size;
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

/// What the world outside hears of a put. Half messages, ops and scheduled ones are no copies of the message
/// yet; whoever put them tells.
void tell_append(const Site& site, const LogRecord& record) {
  const auto broker = static_cast<std::int64_t>(site.number);
  const auto tell = [&](RecordKind kind, std::int64_t a) {
    site.record(kind, record.intent.value, a, record.queue_offset);
  };
  switch (kind_of(site.all(), record.topic)) {
    case TopicKind::user: return tell(RecordKind::appended, record.queue | broker << 16);
    case TopicKind::scheduled:
      return tell(RecordKind::scheduled, broker | std::int64_t{record.queue + 1} << 16);
    case TopicKind::timer:
      if (is_pop_mark(record)) return;
      return tell(RecordKind::timer_stored, broker | std::max(std::int64_t{0}, record.timer_ms) << 16);
    case TopicKind::retry: return tell(RecordKind::retry_stored, record.group);
    case TopicKind::dead_letter: return tell(RecordKind::dead_lettered, record.group);
    case TopicKind::half:
      if (record.times != 0) return;  // a copy: check_pass.cpp tells of those
      tell(RecordKind::half_stored, broker);
      // A crash has truncated the half queue, and the offset of the check service lies beyond its end.
      if (record.queue_offset < committed_offset(site, transaction_group(site.all()), record.topic, 0))
        tell(RecordKind::half_stepped_over, broker);
      return;
    case TopicKind::op:
    case TopicKind::revive:
    case TopicKind::pop_retry:
    case TopicKind::discarded: return;
  }
}

/// Every broker of the host sees a disk that is fuller than before.
void tell_neighbours(Site& site, HostId host) {
  for (std::size_t i = 0; i < site.world.brokers.size(); ++i) {
    if (site.all().brokers[i].host == host) broker_disk_changed(site.world, i, site.context);
  }
}

}  // namespace

std::int64_t record_size(const Config& config, const BrokerConfig& broker, const LogRecord& record) {
  const std::int64_t properties = broker.profile == Profile::v4_9 ? properties_4_9 : properties_5_3;
  const std::int64_t header = broker.in_group() ? dledger::entry_header : 0;
  return header + fixed_size + record.size + properties + topic_share(config, record.topic);
}

LogRecord message_of(const Payload& request) {
  LogRecord message;
  message.intent = request.intent;
  message.sequence = request.sequence;
  message.size = request.size;
  message.topic = request.topic;
  message.queue = request.queue;
  message.attempt = request.attempt;
  message.born = WallTime(request.offset);
  return message;
}

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

std::int64_t file_end(const Site& site, std::int64_t bytes) {
  const std::int64_t size = site.settings().mappedFileSizeCommitLog;
  return (bytes / size + 1) * size;
}

void cut_ops(Broker& broker, std::size_t kept) {
  const auto& log = broker.cache.log;
  for (std::size_t i = kept; i < log.size(); ++i) {
    if (log[i].op_count == 0) continue;
    return broker.cache.op_offsets.truncate(static_cast<std::size_t>(log[i].first_op));
  }
}

LogPosition record_end_before(const Site& site, std::int64_t bytes) {
  const auto& log = site.broker.cache.log;
  const std::int64_t records = records_until(log, bytes);
  return {records, records == 0 ? 0 : log[static_cast<std::size_t>(records - 1)].end};
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

const LogRecord& append(Site& site, LogRecord record) {
  Broker::Memory& memory = site.memory;
  Queue& queue = queue_of(site.broker, record.topic, record.queue);
  const std::int64_t size = record_size(site.all(), site.config, record);
  const std::int64_t begin = make_room(site, size);
  record.end = begin + size;
  record.queue_offset = queue.next_offset++;
  record.stored = site.wall();
  site.broker.cache.log.append(record);
  memory.appended = {memory.appended.records + 1, record.end};
  put_in_cache(site, begin);
  tell_append(site, record);
  ha_appended(site);
  dledger_appended(site);
  const HostId host = site.world.processes[site.broker.process.value].host;
  const bool begins_file = begin > 0 && begin % site.settings().mappedFileSizeCommitLog == 0;
  if (begins_file) arm_clean(site);
  if (site.all().hosts[host.value].disk_size > 0) tell_neighbours(site, host);
  return site.broker.cache.log.back();
}

/// checkBeforePutMessage: a slave takes nothing but its master's log.
bool may_append(const Site& site) {
  return !site.memory.stopping && !site.memory.append_stalled && !site.is_slave() && !site.memory.disk_full &&
         !is_disk_exhausted(site) && !is_pending_full(site);
}

bool put_throws(const Site& site) {
  return !site.memory.stopping && !site.memory.append_stalled && !site.is_slave() && !site.memory.disk_full &&
         is_disk_exhausted(site);
}

const LogRecord* record_at(const Broker& broker, TopicId topic, std::uint16_t queue, std::int64_t offset) {
  if (broker.memory.queues.empty()) return nullptr;
  const Queue& found = queue_of(broker, topic, queue);
  if (offset < 0 || offset >= static_cast<std::int64_t>(found.index.size())) return nullptr;
  const std::int64_t number = found.index[static_cast<std::size_t>(offset)];
  return number < broker.cache.first.records ? nullptr : &broker.cache.log[static_cast<std::size_t>(number)];
}

std::int64_t queue_number(const Broker& broker, TopicId topic, std::uint16_t queue) {
  return broker.memory.first_queue[topic.value] + std::int64_t{queue};
}

Queue& queue_of(Broker& broker, TopicId topic, std::uint16_t number) {
  return broker.memory.queues[broker.memory.first_queue[topic.value] + number];
}

const Queue& queue_of(const Broker& broker, TopicId topic, std::uint16_t number) {
  return broker.memory.queues[broker.memory.first_queue[topic.value] + number];
}

std::int32_t queues_at_most(const Site& site, TopicId topic) {
  if (is_user_topic(site.all(), topic))
    return std::max(site.all().topics[topic.value].queues, auto_created_queues(site.settings()));
  const TopicKind kind = kind_of(site.all(), topic);
  if (kind == TopicKind::revive)
    return site.all().brokers[master_of(site.all(), site.number)].settings.reviveQueueNum;
  const bool scheduled = kind == TopicKind::scheduled;
  return scheduled ? static_cast<std::int32_t>(site.settings().messageDelayLevel.size()) : 1;
}

void make_queues(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.first_queue.clear();
  memory.queues.clear();
  for (std::size_t t = 0; t < topic_count(site.all()); ++t) {
    const TopicId topic(static_cast<std::uint16_t>(t));
    memory.first_queue.push_back(static_cast<std::uint32_t>(memory.queues.size()));
    for (std::int32_t q = 0; q < queues_at_most(site, topic); ++q) {
      Queue queue;
      queue.topic = topic;
      queue.number = static_cast<std::uint16_t>(q);
      memory.queues.push_back(queue);
    }
  }
}

}  // namespace brokersim::model::rocketmq
