// DefaultMessageStore.CleanCommitLogService: each cleanResourceInterval it looks how full the disk is.
//
//   in use, more than ...           appends           files of the commit log, but never the last one
//   diskMaxUsedSpaceRatio      75                     deleted if older than fileReservedTime
//   diskSpaceCleanForciblyRatio 85                    deleted whatever their age (cleanFileForciblyEnable)
//   diskSpaceWarningLevelRatio 90   SERVICE_NOT_      likewise
//                                   AVAILABLE
//
// In an hour of deleteWhen old files go, however empty the disk is. Nobody asks whether a file has been
// consumed. Between 85 and 90 % the mark "full" stays as it is; a start forgets it, and looks first after a
// minute. 4.9 deletes only beyond diskMaxUsedSpaceRatio, should that be set above the others. A file's age is
// that of its last record here (there: its last modification). Both profiles sleep 100 ms behind each file,
// which is left out. CleanConsumeQueueService follows at once, so the queues' first offsets are those of the
// log. Looks that would find nothing are no events.
#include <algorithm>

#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_look = 60_s;  ///< DefaultMessageStore.addScheduleTask: initial delay
constexpr std::int64_t hour = 3'600'000'000'000;

const HostConfig& host_of(const Site& site) {
  return site.all().hosts[site.world.processes[site.broker.process.value].host.value];
}

double disk_used(const Site& site) {
  return host::disk_used(site.world, site.all(), site.world.processes[site.broker.process.value].host);
}

/// getDiskSpaceWarningLevelRatio and its like bound what is configured.
double ratio(std::int32_t percent, double least, double most) {
  return std::clamp(static_cast<double>(percent) / 100.0, least, most);
}

/// isSpaceToDelete.
struct Look {
  bool warning = false;  ///< the disk counts as full
  bool at_once = false;  ///< cleanImmediately
  bool too_full = false;
};

Look look(const Site& site) {
  const BrokerSettings& settings = site.settings();
  const double used = disk_used(site);
  Look seen;
  seen.warning = used > ratio(settings.diskSpaceWarningLevelRatio, 0.35, 0.90);
  seen.at_once = seen.warning || used > ratio(settings.diskSpaceCleanForciblyRatio, 0.30, 0.85);
  seen.too_full =
      used > ratio(settings.diskMaxUsedSpaceRatio, 0.10, 0.95) || (!site.is_4_9() && seen.at_once);
  return seen;
}

/// Whether the look changes the mark.
bool changes_mark(const Site& site, const Look& seen) {
  return site.memory.disk_full ? !seen.at_once : seen.warning;
}

std::int64_t first_file_end(const Site& site) { return file_end(site, site.broker.cache.first.bytes); }

/// The last file is never deleted (MappedFileQueue.deleteExpiredFileByTime).
bool has_two_files(const Site& site) { return site.memory.appended.bytes > first_file_end(site); }

/// When the first file is older than fileReservedTime, by the wall clock.
WallTime expires(const Site& site) {
  const LogPosition end = record_end_before(site, first_file_end(site));
  const LogRecord& last = site.broker.cache.log[static_cast<std::size_t>(end.records - 1)];
  return WallTime(last.stored.value + site.settings().fileReservedTime.ns);
}

/// The first time that is not before `wall` and within an hour of deleteWhen.
WallTime next_hour_to_delete(const Site& site, WallTime wall) {
  const std::vector<std::int32_t>& hours = site.settings().deleteWhen;
  const std::int64_t present = wall.value >= 0 ? wall.value / hour : (wall.value + 1) / hour - 1;
  std::int64_t later = present;
  while (later < present + 24 && std::find(hours.begin(), hours.end(), (later % 24 + 24) % 24) == hours.end())
    ++later;
  return WallTime(std::max(wall.value, later * hour));
}

bool is_time_to_delete(const Site& site) { return next_hour_to_delete(site, site.wall()) == site.wall(); }

/// From when on a look will delete a file; SimTime::max(): there is none that it may.
SimTime deletes_from(const Site& site, const Look& seen) {
  if (!has_two_files(site)) return SimTime::max();
  if (seen.too_full && seen.at_once && site.settings().cleanFileForciblyEnable) return site.now();
  const WallTime wall = site.wall();
  WallTime first = std::max(wall, expires(site));
  if (!seen.too_full) first = next_hour_to_delete(site, first);
  return site.now() + Duration{first.value - wall.value};
}

/// A broker that has been up for long is somewhere in its period.
void know_grid(Site& site) {
  SimTime& grid = site.memory.clean_grid;
  if (grid != SimTime::max()) return;
  const bool long_ago = site.config.up_for < Duration{};
  grid = long_ago ? SimTime{} - service_phase(site, Service::clean, site.settings().cleanResourceInterval)
                  : SimTime{} - site.config.up_for + first_look;
}

void mark(Site& site, const Look& seen) {
  if (!changes_mark(site, seen)) return;
  site.memory.disk_full = seen.warning;
  site.record(RecordKind::disk_full, site.subject(), seen.warning ? 1 : 0);
  if (!seen.warning) resume_delays(site);
  if (!seen.warning) resume_pops(site);
}

/// A half message whose op waits in memory, or whose final message waits for its flush or its replicas.
bool has_verdict_under_way(const Site& site, std::int64_t records) {
  const auto& index = queue_of(site.broker, half_topic(site.all()), 0).index;
  const auto& ops = site.memory.transactions.batch.ops;
  const std::vector<WaitingSend> waiting = puts_that_wait(site.memory, PayloadKind::end_transaction);
  return std::any_of(ops.begin(), ops.end(),
                     [&](const BufferedOp& op) {
                       return index[static_cast<std::size_t>(op.half_offset)] < records;
                     }) ||
         std::any_of(waiting.begin(), waiting.end(),
                     [&](const WaitingSend& end) { return end.request.record < records; });
}

/// What is not yet flushed is left for the next look, and so is what somebody holds who waits for the append
/// lock or for a flush: a moment in reality, which no count sees.
bool may_delete(const Site& site, bool at_once) {
  if (!has_two_files(site) || first_file_end(site) > site.memory.flushed.bytes) return false;
  const std::int64_t records = record_end_before(site, first_file_end(site)).records;
  if (site.memory.append_stalled || has_verdict_under_way(site, records)) return false;
  return at_once || site.wall() >= expires(site);
}

void delete_first_file(Site& site) {
  Broker& broker = site.broker;
  const std::int64_t end = first_file_end(site);
  const LogPosition gone{record_end_before(site, end).records, end};
  for (std::int64_t i = broker.cache.first.records; i < gone.records; ++i)
    tell_lost(site, broker.cache.log[static_cast<std::size_t>(i)], LossKind::retention);
  site.record(RecordKind::files_deleted, site.subject(), gone.records - broker.cache.first.records,
              end - broker.cache.first.bytes);
  broker.cache.first = gone;
}

}  // namespace

bool is_disk_exhausted(const Site& site) { return host_of(site).disk_size > 0 && disk_used(site) >= 1; }

void arm_clean(Site& site) {
  if (site.memory.queues.empty() || (host_of(site).disk_size == 0 && !has_two_files(site))) return;
  if (site.memory.stopping) return disarm(site, site.memory.clean_timer);
  know_grid(site);
  const Look seen = look(site);
  const SimTime from = changes_mark(site, seen) ? site.now() : deletes_from(site, seen);
  if (from == SimTime::max()) return disarm(site, site.memory.clean_timer);
  const SimTime after = from > site.now() ? from - 1_ns : site.now();
  const Duration interval = std::max(site.settings().cleanResourceInterval, 1_ms);
  arm(site, site.memory.clean_timer, next_on_grid(site.memory.clean_grid, interval, after),
      BrokerOn::clean_files);
}

void clean_files(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.clean_timer, event)) return;
  const Look seen = look(site);
  mark(site, seen);
  const bool at_once = seen.at_once && site.settings().cleanFileForciblyEnable;
  if (seen.too_full || is_time_to_delete(site)) {
    for (std::int32_t i = 0; i < site.settings().deleteFileBatchMax && may_delete(site, at_once); ++i)
      delete_first_file(site);
  }
  arm_clean(site);
}

std::int64_t broker_disk_bytes(const Broker& broker) {
  return broker.cache.committed.bytes - broker.cache.first.bytes;
}

void broker_disk_changed(World& world, std::size_t broker, Context& context) {
  Site site(world, broker, context);
  arm_clean(site);
}

std::int64_t first_offset(const Broker& broker, TopicId topic, std::uint16_t queue) {
  const std::int64_t first = broker.cache.first.records;
  if (first == 0 || broker.memory.queues.empty()) return 0;
  const auto& index = queue_of(broker, topic, queue).index;
  std::size_t low = 0, high = index.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (index[middle] < first) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return static_cast<std::int64_t>(low);
}

}  // namespace brokersim::model::rocketmq
