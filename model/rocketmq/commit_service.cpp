// The transient store pool: CommitRealTimeService writes what was put into the pool to the page cache.
//
// A loop begins with the commit (CommitLog.CommitRealTimeService.run): everything if the last commit is
// commitCommitLogThoroughInterval old, else only from commitCommitLogLeastPages on; then waitForRunning,
// which each put ends (wakeCommitWhenPutMessage). So a high rate exposes 4 pages and a low one 200 ms.
// write(2) is instantaneous here, but an event of its own: a kill may fall before it.
#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

namespace {

LoopGrid loops_of(const Site& site) {
  const BrokerSettings& settings = site.settings();
  const Duration interval = std::max(settings.commitIntervalCommitLog, Duration(1_ms));
  // The loop at commit_grid has been; its timestamp is commit_last.
  return {site.memory.commit_grid, interval, site.memory.commit_last,
          settings.commitCommitLogThoroughInterval, 1};
}

LogPosition committable(const Site& site) {
  return within_file(site, site.memory.committed, site.memory.appended);
}

/// DefaultMappedFile.commit without the thorough loops. A file that was there at the start of the
/// process has no pool buffer: commit just follows its write position.
bool has_enough(const Site& site, LogPosition target) {
  const LogPosition committed = site.memory.committed;
  return committed.bytes < site.memory.pool_from ||
         site.memory.appended.bytes >= file_end(site, committed.bytes) ||
         has_pages(site, committed, target, site.settings().commitCommitLogLeastPages);
}

void commit(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.committed = committable(site);
  LogPosition& readable = site.broker.cache.committed;
  if (memory.committed.bytes <= readable.bytes) return;
  readable = memory.committed;
  site.record(RecordKind::committed, site.subject(), readable.records);
}

}  // namespace

/// New bytes in the pool, and nobody wakes the service.
void commit_arm(Site& site) {
  Broker::Memory& memory = site.memory;
  const LogPosition target = committable(site);
  if (target.bytes == memory.committed.bytes) return;
  const LoopGrid loops = loops_of(site);
  const std::int64_t next = loops.at(site.now()) + 1;
  const SimTime due = loops.begin(has_enough(site, target) ? next : loops.thorough_from(next));
  if (!memory.commit_timer.armed || due < memory.commit_timer.due)
    arm(site, memory.commit_timer, due, BrokerOn::commit_tick);
}

/// As flush_clock_set: the loop at commit_grid has been.
void commit_clock_set(Site& site, Duration by) {
  Broker::Memory& memory = site.memory;
  const LoopGrid loops = loops_of(site);
  const std::int64_t present = loops.at(site.now());
  memory.commit_last = loops.last_after(present) - by;
  memory.commit_grid = loops.begin(present);
  disarm(site, memory.commit_timer);
  commit_arm(site);
}

void commit_wakeup(Site& site) {
  Broker::Memory& memory = site.memory;
  if (memory.commit_timer.armed && memory.commit_timer.due <= site.now()) return;
  const LoopGrid loops = loops_of(site);
  const SimTime last = loops.last_after(loops.at(site.now()));
  const bool thorough = site.now() >= last + site.settings().commitCommitLogThoroughInterval;
  if (thorough || has_enough(site, committable(site)))
    return arm(site, memory.commit_timer, site.now(), BrokerOn::commit_tick);
  memory.commit_last = last;
  memory.commit_grid = site.now();
  disarm(site, memory.commit_timer);
  commit_arm(site);
}

void commit_tick(Site& site, const BrokerEvent& event) {
  Broker::Memory& memory = site.memory;
  if (!fired(memory.commit_timer, event)) return;
  commit(site);
  memory.commit_grid = memory.commit_last = site.now();
  commit_arm(site);
  if (!site.flushes_sync()) async_wakeup(site);
  arm_flush(site);
  arm_reput(site);
  ha_appended(site);
}

void commit_all(Site& site) {
  disarm(site, site.memory.commit_timer);
  while (site.memory.committed.bytes != site.memory.appended.bytes) commit(site);
}

}  // namespace brokersim::model::rocketmq
