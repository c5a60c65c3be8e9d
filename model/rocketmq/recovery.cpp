// A broker's lives: what a kill, a power loss and a graceful stop leave, and how a start finds it.
//
// DefaultMessageStore.load, CommitLog.recoverNormally and recoverAbnormally: the log is read to its last
// whole record and everything is dispatched. Both set flushedWhere to that end (setFlushedWhere): what an
// earlier process left dirty in the page cache is *believed* flushed. It becomes durable with the next
// flush (force() covers the whole file), or when the kernel writes it back. Both profiles do the same.
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replica_set.hpp"
#include "model/rocketmq/stand_in.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// DefaultMessageStore.shutdown sleeps so long between refusing sends and the last flush.
Duration shutdown_pause(const Site& site) { return site.is_4_9() ? 1_s : 3_s; }

constexpr Duration first_scan_delay = 1_s;  ///< BrokerFastFailure.start: first after 1000 ms

/// Whole loops between two thorough ones.
Duration thorough_period(Duration interval, Duration thorough) {
  interval = std::max(interval, Duration(1_ms));
  return interval * std::max<std::int64_t>(1, (thorough.ns + interval.ns - 1) / interval.ns);
}

/// Started long before the scenario: each service is somewhere in its period.
void start_in_mid_life(Site& site) {
  Broker::Memory& memory = site.memory;
  const BrokerSettings& s = site.settings();
  const Duration flush = site.flushes_sync()
                             ? 10_ms
                             : thorough_period(s.flushIntervalCommitLog, s.flushCommitLogThoroughInterval);
  memory.flush_grid = site.now() - service_phase(site, Service::flush, flush);
  memory.flush_last =
      memory.flush_grid - s.flushCommitLogThoroughInterval;  // the loop begun there is thorough
  const Duration commit = thorough_period(s.commitIntervalCommitLog, s.commitCommitLogThoroughInterval);
  memory.commit_grid = memory.commit_last = site.now() - service_phase(site, Service::commit, commit);
  memory.reput_grid = site.now() - service_phase(site, Service::reput, 1_ms);
  memory.scan_grid = site.now() - service_phase(site, Service::scan, 10_ms);
  memory.hold_grid = site.now() - service_phase(site, Service::hold, 5_s);
  memory.client_scan_grid = site.now() - service_phase(site, Service::client_scan, 10_s);
}

/// Negative: since long before; the services that ask draw their phases.
SimTime up_since(const Site& site) {
  return site.config.up_for < Duration{} ? never : site.now() - site.config.up_for;
}

/// Just started: all services begin their first period now, the first loops being thorough.
void start_services(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.flush_grid = memory.commit_grid = memory.commit_last = memory.reput_grid = site.now();
  memory.flush_last = never;
  memory.scan_grid = site.now() + first_scan_delay;
  memory.hold_grid = memory.client_scan_grid = site.now();
  const HostId host = site.world.processes[site.broker.process.value].host;
  const bool may_clean = site.all().hosts[host.value].disk_size > 0 ||
                         memory.appended.bytes > file_end(site, site.broker.cache.first.bytes);
  if (may_clean) memory.clean_grid = site.now() + 60_s;  // DefaultMessageStore.addScheduleTask
  arm_clean(site);
}

/// A recovered file has no pool buffer (MappedFileQueue.doLoad): until it is full, puts go to the page cache.
std::int64_t first_pool_file(const Site& site, std::int64_t end) {
  if (!site.has_pool()) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t size = site.settings().mappedFileSizeCommitLog;
  return (end + size - 1) / size * size;
}

void tell_released(const Site& site, const LogRecord& record) {
  if (!is_user_topic(site.all(), record.topic) || site.is_slave()) return;
  const std::int64_t where = record.queue | static_cast<std::int64_t>(site.number) << 16;
  site.record(RecordKind::released, record.intent.value, where, record.queue_offset);
}

/// Of a DLedger log what is known to be committed. (The real member dispatches the rest of it too when it
/// starts after a crash, and keeps consume-queue entries of what its leader then has it truncate.)
std::size_t dispatched_by_recovery(const Site& site) {
  const Broker::PageCache& cache = site.broker.cache;
  return site.in_group() ? static_cast<std::size_t>(cache.dledger.committed) : cache.log.size();
}

/// The consume queues as re-dispatching the log leaves them; queue offsets go on from there.
void rebuild_queues(Site& site) {
  make_queues(site);
  const auto& log = site.broker.cache.log;
  for (std::size_t i = 0; i < dispatched_by_recovery(site); ++i) {
    const LogRecord& record = log[i];
    if (record.topic == no_topic) continue;
    add_to_queue(site, record, static_cast<std::int64_t>(i));
    if (static_cast<std::int64_t>(i) >= site.broker.cache.indexed) tell_released(site, record);
  }
}

/// The log ends with its last whole record.
void cut_rest(Site& site) {
  Broker::PageCache& cache = site.broker.cache;
  if (!site.is_slave()) return;
  cache.committed =
      end_of_whole_records(site.broker, site.settings().mappedFileSizeCommitLog, cache.committed);
  cache.ends_inside = cache.garbled = false;
  LogPosition& synced = site.broker.disk.synced;
  if (synced.bytes > cache.committed.bytes) synced = cache.committed;
}

/// The services that read system topics begin where their offsets say, which may be far behind.
void start_readers(Site& site, SimTime since) {
  start_offsets(site, since);
  start_delays(site, since);
  start_timer(site, since);
  start_pop(site, since);
  start_transactions(site, since);
  start_slave_sync(site, since);
}

/// A slave that has been up for long is connected.
void establish_replication(Site& site, SimTime since) {
  if (!site.config.is_slave()) return;
  start_ha_client(site, since == never ? site.now() : since);
  if (since == never || site.config.is_controlled()) ha_join(site);
}

std::size_t offset_entries(const Site& site) {
  return (site.all().groups.size() + 1) * site.memory.queues.size() + version_entries(site);
}

void recover(Site& site) {
  Broker& broker = site.broker;
  broker.memory = {};
  cut_rest(site);
  rebuild_queues(site);
  const LogPosition end = broker.cache.committed;
  broker.memory.appended = broker.memory.flushed = broker.memory.committed = end;
  broker.memory.pool_from = first_pool_file(site, end.bytes);
  broker.memory.dispatched = broker.cache.indexed = static_cast<std::int64_t>(dispatched_by_recovery(site));
  broker.memory.offsets = broker.cache.offsets.written;
  broker.memory.offsets.resize(offset_entries(site), -1);
  broker.disk.abort_file = true;
}

/// Where the log ends from now on, and why what lies behind it is gone.
struct Cut {
  LogPosition end;
  LossKind why = LossKind::unflushed_tail;
  /// What begins from here on had reached the disk.
  std::int64_t written_from = std::numeric_limits<std::int64_t>::max();
};

LossKind why_lost(const Site& site, const Cut& cut, std::size_t record) {
  const auto& log = site.broker.cache.log;
  if (record >= static_cast<std::size_t>(site.broker.cache.committed.records))
    return cut.why == LossKind::disk_lost ? cut.why : LossKind::uncommitted_pool;
  const std::int64_t begin = record == 0 ? 0 : log[record - 1].end;
  return begin >= cut.written_from ? LossKind::torn_tail : cut.why;
}

/// Drops the log's tail; records beyond `committed` were in the pool only.
void truncate(Site& site, const Cut& cut) {
  const LogPosition end = cut.end;
  Broker& broker = site.broker;
  auto& log = broker.cache.log;
  const std::size_t kept = static_cast<std::size_t>(end.records), all = log.size();
  const auto first = static_cast<std::size_t>(broker.cache.first.records);
  for (std::size_t i = std::max(kept, first); i < all; ++i) tell_lost(site, log[i], why_lost(site, cut, i));
  cut_ops(broker, kept);
  log.truncate(kept);
  broker.cache.committed = end;
  broker.cache.indexed = std::min(broker.cache.indexed, end.records);
  if (site.in_group()) cut_member_log(site);
  if (all > kept)
    site.record(RecordKind::log_truncated, site.subject(), end.records,
                static_cast<std::int64_t>(all - kept));
}

/// The kernel goes on with what a dead process left dirty.
void settle_writeback(Site& site) {
  Broker& broker = site.broker;
  if (broker.cache.writeback_durable > site.now()) return;
  if (broker.cache.writeback.bytes > broker.disk.synced.bytes) broker.disk.synced = broker.cache.writeback;
}

void leave_to_kernel(Site& site) {
  Broker& broker = site.broker;
  settle_writeback(site);
  if (broker.cache.committed.bytes <= broker.disk.synced.bytes) return;
  broker.cache.writeback = broker.cache.committed;
  const std::uint64_t life = site.world.processes[broker.process.value].incarnation.value;
  broker.cache.writeback_durable = site.now() + draw_writeback(site, std::uint64_t{1} << 32 | life);
}

/// TopicConfigManager.init puts the system's own topics into the table before it loads the file.
void forget_topics(const Site& site, std::vector<std::uint8_t>& topics) {
  for (std::size_t t = 0; t < topics.size(); ++t) {
    const TopicKind kind = kind_of(site.all(), TopicId(static_cast<std::uint16_t>(t)));
    const bool is_made = kind != TopicKind::user && kind != TopicKind::retry &&
                         kind != TopicKind::dead_letter && kind != TopicKind::pop_retry;
    if (!is_made) topics[t] = 0;
  }
}

/// ConfigManager.persist, never synced: 5.3.3 copies topics.json to .bak and rewrites it in place, 4.9
/// writes a temporary file, copies to .bak, deletes topics.json and renames. Either way a power loss
/// leaves the old version, the new one, or an empty file whose .bak fell with it (MixAll.string2File):
/// renaming to a name that is free does not make ext4 write the data first.
void lose_topics(Site& site, UnsyncedFiles files) {
  Broker& broker = site.broker;
  if (broker.cache.topics == broker.disk.topics) return;
  const auto key =
      sim::DrawKey::of(Purpose::unsynced_files, broker.process.value, broker.cache.topics_version);
  if (site.now() >= broker.cache.topics_durable) files = UnsyncedFiles::new_version;
  if (files == UnsyncedFiles::draw) {
    constexpr UnsyncedFiles outcomes[] = {UnsyncedFiles::old_version, UnsyncedFiles::new_version,
                                          UnsyncedFiles::empty};
    files = outcomes[site.context.choices().pick(key, 3)];
  }
  if (files == UnsyncedFiles::new_version) broker.disk.topics = broker.cache.topics;
  if (files == UnsyncedFiles::empty) forget_topics(site, broker.disk.topics);
  if (broker.cache.topics == broker.disk.topics) return;
  broker.cache.topics = broker.disk.topics;
  const auto known =
      broker.cache.topics.size() -
      static_cast<std::size_t>(std::count(broker.cache.topics.begin(), broker.cache.topics.end(), 0));
  site.record(RecordKind::topics_lost, site.subject(), static_cast<std::int64_t>(known));
}

/// A page of the unsynced tail had not reached the disk; what lies before it had, and so had what lies
/// behind. CommitLog.recoverAbnormally ends at the first record that is none.
Cut torn(Site& site) {
  const Broker& broker = site.broker;
  const std::int64_t first = broker.disk.synced.bytes / os_page_size;
  const std::int64_t last = (broker.cache.committed.bytes - 1) / os_page_size;
  if (broker.cache.committed.bytes <= broker.disk.synced.bytes) return {.end = broker.disk.synced};
  const std::uint64_t losses =
      site.world.hosts[site.world.processes[broker.process.value].host.value].power_losses;
  const auto key = sim::DrawKey::of(Purpose::torn_page, broker.process.value, losses);
  const std::int64_t hole =
      first + site.context.choices().pick(key, static_cast<std::uint32_t>(last - first + 1));
  const LogPosition before = record_end_before(site, hole * os_page_size);
  const LogPosition synced = broker.disk.synced;
  return {.end = before.bytes > synced.bytes ? before : synced, .written_from = (hole + 1) * os_page_size};
}

/// Of a broker in controller mode what it was stays known: whether its log was the set's.
void forget_memory(Site& site) {
  stop_replicas(site);
  stop_member(site);
  const Replicas was = site.memory.replicas;
  site.memory = {};
  site.memory.replicas = was;
}

/// Nothing is left but what the broker makes itself when it starts.
void lose_disk(Site& site, const OffsetTable& had) {
  Broker& broker = site.broker;
  truncate(site, {.end = {}, .why = LossKind::disk_lost});
  broker.cache.first = broker.cache.writeback = broker.disk.synced = {};
  forget_topics(site, broker.cache.topics);
  broker.disk.topics = broker.cache.topics;
  site.record(RecordKind::topics_lost, site.subject());
  broker.cache.offsets.written.clear();
  broker.cache.offsets.before.clear();
  broker.cache.delay_offsets.written.clear();
  broker.cache.delay_offsets.before.clear();
  broker.cache.timer_log = {};
  broker.disk.timer = {};
  tell_offsets_back(site, had);
}

void know_topics(Site& site) {
  const auto& topics = site.context.config().topics;
  Broker& broker = site.broker;
  broker.cache.topics.assign(topic_count(site.all()), 0);
  for (std::size_t t = topics.size(); t < topics.size() + system_topics; ++t) {
    const TopicId topic(static_cast<std::uint16_t>(t));
    broker.cache.topics[t] = static_cast<std::uint8_t>(queues_at_most(site, topic));
  }
  for (std::size_t t = 0; t < topics.size(); ++t) {
    sim::check(topics[t].queues > 0 && topics[t].queues < 256, "a topic has 1 to 255 queues on a broker");
    if (topics[t].created_at < Duration{})
      broker.cache.topics[t] = static_cast<std::uint8_t>(topics[t].queues);
  }
  if (uses_timer(site.all())) broker.cache.topics[timer_topic(site.all()).value] = 1;
  if (uses_pop(site.all()))
    broker.cache.topics[revive_topic(site.all()).value] =
        static_cast<std::uint8_t>(queues_at_most(site, revive_topic(site.all())));
  broker.disk.topics = broker.cache.topics;
  std::vector<std::size_t> young;
  for (std::size_t t = 0; t < topics.size(); ++t) {
    if (topics[t].created_at >= Duration{}) young.push_back(t);
  }
  std::stable_sort(young.begin(), young.end(),
                   [&](std::size_t a, std::size_t b) { return topics[a].created_at < topics[b].created_at; });
  for (const std::size_t t : young) {
    put_topic(site, TopicId(static_cast<std::uint16_t>(t)), topics[t].queues,
              site.now() + topics[t].created_at);
  }
}

}  // namespace

Duration service_phase(const Site& site, Service service, Duration period) {
  const auto key = sim::DrawKey::of(Purpose::service_phase, site.broker.process.value,
                                    static_cast<std::uint64_t>(service));
  const Duration last = std::max(period, Duration(1_ns)) - 1_ns;
  return site.context.choices().duration(key, Distribution::uniform({}, last));
}

Duration draw_writeback(const Site& site, std::uint64_t what) {
  const HostId host = site.world.processes[site.broker.process.value].host;
  const auto key = sim::DrawKey::of(Purpose::page_writeback, site.broker.process.value, what);
  return site.context.choices().duration(key, site.context.config().hosts[host.value].page_writeback);
}

void broker_start_world(World& world, std::size_t broker, Context& context) {
  Site site(world, broker, context);
  know_topics(site);
  recover(site);
  start_in_mid_life(site);
  join_replicas(site);
  join_group(site);
  begin_stand_in(site, never);
  start_readers(site, up_since(site));
  establish_replication(site, up_since(site));
  arm_clean(site);
}

void broker_serve(World& world, std::size_t broker, Context& context) {
  Site site(world, broker, context);
  recover(site);
  start_services(site);
  begin_stand_in(site, site.now());
  start_readers(site, site.now());
  start_ha_client(site, site.now());
  start_replicas(site);
  start_member(site);
  tell_stepped_over(site);
}

void broker_killed(World& world, std::size_t broker, Context& context) {
  Site site(world, broker, context);
  forget_transactions(site);
  timer_dies(site);
  const OffsetTable had = offsets_before_crash(site.broker);
  forget_memory(site);
  truncate(site, {.end = site.broker.cache.committed});
  tell_offsets_back(site, had);
  leave_to_kernel(site);
}

void broker_power_lost(World& world, std::size_t broker, const PowerLoss& loss, Context& context) {
  Site site(world, broker, context);
  forget_transactions(site);
  timer_dies(site);
  const bool lived = !site.memory.offsets.empty();
  const OffsetTable had = offsets_before_crash(site.broker);
  forget_memory(site);
  settle_writeback(site);
  if (site.in_group()) lose_term_file(site, loss);
  if (loss.disk_lost) return lose_disk(site, had);
  truncate(site, loss.tail == Tail::torn ? torn(site) : Cut{.end = site.broker.disk.synced});
  site.broker.disk.synced = site.broker.cache.committed;
  site.broker.cache.writeback = {};
  lose_topics(site, loss.files);
  lose_file(site, site.broker.cache.offsets, loss.files, 1, lived);
  tell_offsets_back(site, had);
  lose_file(site, site.broker.cache.delay_offsets, loss.files, 2, lived);
  timer_loses_power(site);
}

/// The broker is dead.
void broker_log_cut(World& world, std::size_t broker, std::int64_t bytes, Context& context) {
  Site site(world, broker, context);
  Broker& b = site.broker;
  const OffsetTable had = offsets_before_crash(b);
  LogPosition end = record_end_before(site, b.cache.committed.bytes - bytes);
  if (end.bytes < b.cache.first.bytes) end = b.cache.first;
  truncate(site, {.end = end, .why = LossKind::truncated_tail});
  if (b.disk.synced.bytes > end.bytes) b.disk.synced = end;
  if (b.cache.writeback.bytes > end.bytes) b.cache.writeback = end;
  tell_offsets_back(site, had);
}

/// DefaultMessageStore.truncateFiles: isOffsetAligned, truncateDirtyFiles. The consume queues are cut with
/// the log, and its offsets are given out again.
bool truncate_diverged(Site& site, std::int64_t bytes) {
  Broker& broker = site.broker;
  Broker::Memory& memory = site.memory;
  if (bytes >= memory.appended.bytes) return true;
  const LogPosition whole = record_end_before(site, bytes);
  const bool begins_file = bytes % site.settings().mappedFileSizeCommitLog == 0;
  if (whole.bytes != bytes && !begins_file) return false;
  const LogPosition end{whole.records, bytes};
  truncate(site, {.end = end, .why = LossKind::diverged});
  forget_flushed_beyond(site, end);
  memory.appended = end;
  broker.cache.ends_inside = broker.cache.garbled = false;
  broker.cache.cut = {};
  rebuild_queues(site);
  memory.dispatched = broker.cache.indexed = end.records;
  memory.replicas.confirmed = std::min(memory.replicas.confirmed, bytes);
  drop_flush_waits(site, bytes);
  return true;
}

void broker_stop(World& world, std::size_t broker, Context& context) {
  Site site(world, broker, context);
  op_batch_stops(site);
  stop_replication(site);
  timer_stops(site);
  pop_stops(site);
  stop_member(site);
  site.memory.stopping = true;
  check_stops(site);
  site.memory.stop_since = site.now();
  continue_stop(site);
}

void continue_stop(Site& site) {
  Broker::Memory& memory = site.memory;
  if (memory.flush_running) return;
  if (memory.committed.bytes != memory.appended.bytes) commit_all(site);
  arm_reput(site);
  if (flushable(site).bytes != memory.flushed.bytes) return start_flush(site);
  if (memory.stop_announced)
    return;  // a send that was blocked in the append lock came late: it is in the page cache
  memory.stop_announced = true;
  const SimTime earliest = memory.stop_since + shutdown_pause(site);
  schedule(site, std::max(earliest - site.now(), Duration{}), BrokerOn::stop_done);
}

/// dispatch.cpp ends the life after this event.
void stop_done(Site& site) {
  persist_all(site);
  site.broker.disk.abort_file = false;
}

}  // namespace brokersim::model::rocketmq
