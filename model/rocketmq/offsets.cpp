// ConsumerOffsetManager and the requests of ConsumerManageProcessor, and the JSON files that both offset
// tables of a broker are kept in.
//
// BrokerController: the file is written 10 s after the start and then each flushConsumerOffsetInterval,
// changed or not; a write of what is there already would change nothing and is no event here, but it keeps
// the file at the mercy of a power loss (lose_file). How the file is written: ConfigManager.persist (see
// recovery.cpp, lose_topics).
#include <utility>

#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_persist = 10_s;  ///< BrokerController: initial delay of the timer
constexpr std::uint64_t offsets_file = 1;
constexpr std::uint64_t unchanged_files = 16;  ///< added to a file's number in the key of a draw

std::size_t entry(const Site& site, GroupId group, TopicId topic, std::uint16_t queue) {
  const auto number = static_cast<std::size_t>(queue_number(site.broker, topic, queue));
  return std::size_t{group.value} * site.memory.queues.size() + number;
}

/// Somebody may ever commit an offset here: push consumers, or the check service.
bool has_readers(const Config& config) {
  const auto is_transactional = [](const ProducerConfig& p) { return p.transaction.has_value(); };
  return !config.push_consumers.empty() ||
         std::any_of(config.producers.begin(), config.producers.end(), is_transactional);
}

std::int64_t at(const OffsetTable& table, std::size_t i) { return i < table.size() ? table[i] : -1; }

bool is_written(const Site& site) {
  const OffsetTable& table = site.memory.offsets;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i] != at(site.broker.cache.offsets.written, i)) return false;
  }
  return true;
}

void arm_persist(Site& site) {
  Broker::Memory& memory = site.memory;
  if (is_written(site)) return disarm(site, memory.offsets_timer);
  if (memory.offsets_grid == SimTime::max()) memory.offsets_grid = site.now();
  const Duration interval = site.settings().flushConsumerOffsetInterval;
  arm(site, memory.offsets_timer, next_on_grid(memory.offsets_grid, interval, site.now()),
      BrokerOn::offsets_persist);
}

/// ConsumerManageProcessor.queryConsumerOffset of a group without an offset. 5.3: 0 if the first record is
/// still in memory (checkInMemByConsumeOffset; here the page cache holds everything), so not of an empty
/// queue. 4.9 asks the other way round (not checkInDiskByConsumeOffset), so an empty queue gives 0 too.
/// Neither asks once retention has deleted the first record (minOffset <= 0).
bool begins_at_zero(const Site& site, const Payload& request) {
  if (first_offset(site.broker, request.topic, request.queue) > 0) return false;
  if (site.is_4_9()) return true;
  return queue_of(site.broker, request.topic, request.queue).index.size() > 0;
}

void write_offsets(Site& site) {
  if (!is_written(site)) write_file(site, site.broker.cache.offsets, site.memory.offsets, offsets_file);
}

}  // namespace

std::int64_t committed_offset(const Site& site, GroupId group, TopicId topic, std::uint16_t queue) {
  return site.memory.offsets[entry(site, group, topic, queue)];
}

/// ConsumerOffsetManager.commitOffset: the last one counts, also if it is smaller (which is only logged).
void commit_offset(Site& site, GroupId group, TopicId topic, std::uint16_t queue, std::int64_t offset) {
  std::int64_t& stored = site.memory.offsets[entry(site, group, topic, queue)];
  if (std::exchange(stored, offset) != offset) arm_persist(site);
}

void store_offset(Site& site, ProcessId consumer, const Payload& request, std::int64_t offset) {
  const GroupId group(request.group);
  count_commit(site);
  if (site.config.has_stand_in()) arm_persist(site);
  if (committed_offset(site, group, request.topic, request.queue) == offset) return;
  commit_offset(site, group, request.topic, request.queue, offset);
  const std::int64_t where = request.queue | static_cast<std::int64_t>(site.number) << 16;
  site.record(RecordKind::offset_committed, consumer.value, where, offset);
}

/// 5.3 wants to know the topic; 4.9 stores whatever it is told. (Groups are created by their first
/// request: autoCreateSubscriptionGroup is true.)
void on_update_offset(Site& site, ConnectionId connection, const Payload& request) {
  if (!site.is_4_9() && site.broker.cache.topics[request.topic.value] == 0) return;
  store_offset(site, site.world.network.connections[connection.value].client, request, request.offset);
}

void on_query_offset(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  Payload response = request;
  response.kind = PayloadKind::consumer_offset;
  response.offset = committed_offset(site, GroupId(request.group), request.topic, request.queue);
  if (response.offset < 0) {
    response.offset = 0;
    if (!begins_at_zero(site, request)) response.status = Status::QUERY_NOT_FOUND;
  }
  reply(site, connection, generation, response);
}

/// AdminBrokerProcessor.getMaxOffset: what the consume queue says, whether the topic is known or not.
void on_max_offset(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  Payload response = request;
  response.kind = PayloadKind::max_offset;
  const Queue& queue = queue_of(site.broker, request.topic, request.queue);
  response.offset = static_cast<std::int64_t>(queue.index.size());
  reply(site, connection, generation, response);
}

void offsets_persist(Site& site, const BrokerEvent& event) {
  if (fired(site.memory.offsets_timer, event)) write_offsets(site);
}

void persist_offsets(Site& site) { write_offsets(site); }

/// A broker without readers keeps no phase, so that its states are as many as they were.
void start_offsets(Site& site, SimTime since) {
  site.memory.offsets_grid = SimTime::max();
  if (!has_readers(site.all())) return;
  const Duration interval = site.settings().flushConsumerOffsetInterval;
  site.memory.offsets_grid = since == never
                                 ? site.now() - service_phase(site, Service::offsets_persist, interval)
                                 : since + first_persist;
}

/// BrokerController.shutdownBasicService (4.9: shutdown): both files, when the store has been shut down.
void persist_all(Site& site) {
  write_offsets(site);
  write_delays(site);
}

namespace {

FileOwner owner_of(const Site& site) {
  const ProcessId process = site.broker.process;
  return {process, site.world.processes[process.value].host, site.now(), site.context};
}

}  // namespace

void lose_file(Site& site, OffsetFile& file, UnsyncedFiles files, std::uint64_t which, bool rewritten) {
  lose_file(owner_of(site), file, files, which, rewritten);
}

void write_file(Site& site, OffsetFile& file, const OffsetTable& content, std::uint64_t which) {
  write_file(owner_of(site), file, content, which);
}

/// The version that is certainly on disk, the present one, or nothing: the .bak was written as lately as the
/// file itself and fell with it. (Where only the .bak came through, that is the old version.) Of a file that
/// was written again as it was, the old version is the present one.
void lose_file(const FileOwner& owner, OffsetFile& file, UnsyncedFiles files, std::uint64_t which,
               bool rewritten) {
  const bool changed = owner.now < file.durable;
  if (!changed) file.before = file.written;
  if (changed || (rewritten && !file.written.empty())) {
    const std::uint64_t number = which + (changed ? 0 : unchanged_files);
    const auto key =
        sim::DrawKey::of(Purpose::unsynced_files, owner.process.value, number << 32 | file.version);
    constexpr UnsyncedFiles fates[] = {UnsyncedFiles::old_version, UnsyncedFiles::new_version,
                                       UnsyncedFiles::empty};
    if (files == UnsyncedFiles::draw) files = fates[owner.context.choices().pick(key, 3)];
    if (files == UnsyncedFiles::old_version) file.written = file.before;
    if (files == UnsyncedFiles::empty) file.written.clear();
    if (!changed) ++file.version;  // the next loss of the same content is another draw
  }
  file.before = file.written;
  file.durable = owner.now;
}

/// The kernel writes an inode back so long after it became dirty *first* (dirtied_when): writing a file again
/// and again does not put that off.
void write_file(const FileOwner& owner, OffsetFile& file, const OffsetTable& content, std::uint64_t which) {
  if (owner.now >= file.durable) {
    file.before = std::move(file.written);
    const auto key =
        sim::DrawKey::of(Purpose::page_writeback, owner.process.value, (which + 1) << 32 | ++file.version);
    const Distribution& writeback = owner.context.config().hosts[owner.host.value].page_writeback;
    file.durable = owner.now + owner.context.choices().duration(key, writeback);
  }
  file.written = content;
}

OffsetTable offsets_before_crash(const Broker& broker) {
  return broker.memory.offsets.empty() ? broker.cache.offsets.written : broker.memory.offsets;
}

namespace {

/// CID_RMQ_SYS_REVIVE_GROUP has its offsets in the row of CID_RMQ_SYS_TRANS, whose queues are others: these
/// are the last.
std::size_t pop_queues(const Site& site) {
  if (!uses_pop(site.all())) return 0;
  return static_cast<std::size_t>(queues_at_most(site, revive_topic(site.all()))) +
         site.all().groups.size() * site.all().topics.size();
}

}  // namespace

void tell_offsets_back(const Site& site, const OffsetTable& had) {
  if (site.is_slave()) return;  // nobody works by them
  const OffsetTable& left = site.broker.cache.offsets.written;
  const std::size_t groups = site.all().groups.size() + 1,
                    queues = (had.size() - std::min(had.size(), version_entries(site))) / groups;
  for (std::size_t group = 0; group < groups; ++group) {
    std::int64_t back = 0;
    const std::size_t of_pop = group + 1 == groups ? pop_queues(site) : 0;
    for (std::size_t i = group * queues; i + of_pop < (group + 1) * queues; ++i) {
      const std::int64_t was = std::max<std::int64_t>(0, had[i]), is = std::max<std::int64_t>(0, at(left, i));
      back += std::max<std::int64_t>(0, was - is);
    }
    if (back > 0)
      site.record(RecordKind::offsets_back, site.subject(), static_cast<std::int64_t>(group), back);
  }
}

}  // namespace brokersim::model::rocketmq
