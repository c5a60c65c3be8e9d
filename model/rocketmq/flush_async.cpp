// ASYNC_FLUSH: FlushRealTimeService, and what both flush services share.
//
// A loop decides at its beginning whether it is thorough (CommitLog.FlushRealTimeService.run), sleeps
// flushIntervalCommitLog, then flushes. A flush call takes its time, so the period is the interval plus
// the duration of the call. Loops whose flush would find too few dirty pages are not events.
#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

LoopGrid loops_of(const Site& site) {
  const BrokerSettings& settings = site.settings();
  // An interval of 0 would be a busy loop.
  const Duration interval = std::max(settings.flushIntervalCommitLog, Duration(1_ms));
  return {site.memory.flush_grid, interval, site.memory.flush_last, settings.flushCommitLogThoroughInterval};
}

/// DefaultMappedFile.isAbleToFlush, apart from thorough loops: a full file is always flushed.
bool has_enough(const Site& site, LogPosition target) {
  const LogPosition flushed = site.memory.flushed;
  return site.memory.appended.bytes >= file_end(site, flushed.bytes) ||
         has_pages(site, flushed, target, site.settings().flushCommitLogLeastPages);
}

void arm_loop(Site& site, std::int64_t loop, SimTime due, bool by_pages) {
  site.memory.flush_by_pages = by_pages;
  site.memory.flush_loop = loop;
  arm(site, site.memory.flush_timer, due, BrokerOn::flush_tick);
}

}  // namespace

LogPosition flushable(const Site& site) {
  return within_file(site, site.memory.flushed, site.broker.cache.committed);
}

/// A flush covers what was readable when it began (DefaultMappedFile.flush reads the position first).
void start_flush(Site& site) {
  site.memory.flush_running = true;
  site.broker.cache.sync_limit = std::numeric_limits<std::int64_t>::max();
  site.memory.flush_target = flushable(site);
  host::sync(site.world, site.broker.process, site.memory.flush_target, site.context);
}

void arm_flush(Site& site) {
  if (site.memory.stopping) return continue_stop(site);
  if (site.flushes_sync()) return group_arm(site);
  async_arm(site);
}

void async_arm(Site& site) {
  Broker::Memory& memory = site.memory;
  if (memory.flush_running || (memory.flush_timer.armed && memory.flush_by_pages)) return;
  const LogPosition target = flushable(site);
  if (target.bytes == memory.flushed.bytes) return;
  const bool by_pages = has_enough(site, target);
  if (memory.flush_timer.armed && !by_pages) return;
  const LoopGrid loops = loops_of(site);
  const std::int64_t present = loops.at(site.now());
  const std::int64_t loop = by_pages ? present : loops.thorough_from(present);
  arm_loop(site, loop, loops.begin(loop + 1), by_pages);
}

/// lastFlushTimestamp and the clock that it is compared with part. A loop has decided at its beginning; the
/// one that is going on is taken to decide again, which is one interval early at the most.
void flush_clock_set(Site& site, Duration by) {
  Broker::Memory& memory = site.memory;
  if (!memory.flush_running) {
    const LoopGrid loops = loops_of(site);
    const std::int64_t present = loops.at(site.now());
    memory.flush_last = loops.last_after(present);
    memory.flush_grid = loops.begin(present);
    memory.flush_loop -= present;
    const bool is_decided = memory.flush_by_pages || memory.flush_loop == 0;
    if (memory.flush_timer.armed && !is_decided) disarm(site, memory.flush_timer);
  }
  memory.flush_last = memory.flush_last - by;
  async_arm(site);
}

/// ServiceThread.wakeup and waitForRunning; Thread.sleep (flushCommitLogTimed) hears no wake-up.
void async_wakeup(Site& site) {
  Broker::Memory& memory = site.memory;
  if (site.settings().flushCommitLogTimed) return;
  if (memory.flush_running) {
    memory.flush_notified = true;
    return;
  }
  if (memory.flush_timer.armed && memory.flush_timer.due <= site.now()) return;
  const LoopGrid loops = loops_of(site);
  const std::int64_t present = loops.at(site.now());
  const LogPosition target = flushable(site);
  const bool thorough = loops.thorough_from(present) == present;
  if (target.bytes != memory.flushed.bytes && (thorough || has_enough(site, target)))
    return arm_loop(site, present, site.now(), true);
  // The woken loop finds too little and the next one begins.
  memory.flush_last = loops.last_after(present);
  memory.flush_grid = site.now();
  disarm(site, memory.flush_timer);
}

void async_tick(Site& site, const BrokerEvent& event) {
  Broker::Memory& memory = site.memory;
  if (!fired(memory.flush_timer, event) || memory.flush_running) return;
  memory.flush_last = loops_of(site).last_after(memory.flush_loop);
  start_flush(site);
}

void async_flushed(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.flush_grid = site.now();
  if (std::exchange(memory.flush_notified, false)) async_wakeup(site);
  async_arm(site);
}

namespace {

/// A log that was cut while a sync was still under way ends earlier: that of a dead process (truncate_log),
/// or that of a living replica, whose master has another end (then it may have grown again).
LogPosition within_log(const Site& site, LogPosition upto) {
  const std::int64_t limit = site.broker.cache.sync_limit;
  if (upto.bytes > limit) upto = {records_until(site.broker.cache.log, limit), limit};
  const LogPosition end = site.broker.cache.committed;
  return upto.bytes > end.bytes ? end : upto;
}

}  // namespace

/// Where a sync that is under way ends is known when it is over: until then the log may have grown again, and
/// been cut again.
void forget_flushed_beyond(Site& site, LogPosition end) {
  Broker& broker = site.broker;
  Broker::Memory& memory = site.memory;
  if (memory.flush_running) broker.cache.sync_limit = std::min(broker.cache.sync_limit, end.bytes);
  for (LogPosition* position :
       {&broker.disk.synced, &broker.cache.writeback, &memory.flushed, &memory.committed}) {
    if (position->bytes > end.bytes) *position = end;
  }
}

void on_flushed(Site& site) {
  Broker::Memory& memory = site.memory;
  if (!memory.flush_running) return;
  memory.flush_running = false;
  memory.flushed = within_log(site, memory.flush_target);
  if (site.flushes_sync()) {
    group_flushed(site);
  } else {
    async_flushed(site);
  }
  arm_reput(site);
  if (memory.stopping) continue_stop(site);
}

/// A page goes to the disk whole: records that were appended to the last dirty page after the call began
/// are durable with it. The broker does not know.
void broker_pages_written(World& world, std::size_t broker, LogPosition upto, Context& context) {
  Site site(world, broker, context);
  const auto& log = site.broker.cache.log;
  const std::int64_t page_end = (upto.bytes + os_page_size - 1) / os_page_size * os_page_size;
  LogPosition durable = within_log(site, upto);
  while (durable.records < site.broker.cache.committed.records &&
         log[static_cast<std::size_t>(durable.records)].end <= page_end) {
    durable.bytes = log[static_cast<std::size_t>(durable.records++)].end;
  }
  LogPosition& synced = site.broker.disk.synced;
  if (durable.bytes > synced.bytes) synced = durable;
}

/// The disk and the process learn of it in two steps: a crash may fall between them.
void broker_synced(World& world, std::size_t broker, LogPosition upto, Context& context) {
  Site site(world, broker, context);
  LogPosition& synced = site.broker.disk.synced;
  const LogPosition durable = within_log(site, upto);
  if (durable.bytes > synced.bytes) synced = durable;
  site.record(RecordKind::flushed, site.subject(), upto.records, upto.bytes);
  // A call that an earlier life made has another target: a new life flushes beyond what it found.
  if (site.memory.flush_running && site.memory.flush_target == upto) schedule(site, {}, BrokerOn::flushed);
}

}  // namespace brokersim::model::rocketmq
