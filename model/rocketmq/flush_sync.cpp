// SYNC_FLUSH: GroupCommitService and FlushDiskWatcher.
//
// waitForRunning(10) is woken by putRequest; then all requests are swapped and flush(0) covers whatever
// is readable. Requests that come during the flush have notified the service, which handles them at once
// after it. So under load each flush takes along everything that came during the one before.
#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration group_wait_interval = 10_ms;  ///< GroupCommitService.run: waitForRunning(10)
constexpr Duration group_try_interval = 1_ms;    ///< GroupCommitService.doCommit, 5.x: Thread.sleep(1)

/// How many flush calls one request is worth (GroupCommitService.doCommit): in 4.9.8 two, as a message
/// may lie in the next file.
std::int32_t tries_max(const Site& site) { return site.is_4_9() ? 2 : 1000; }

void arm_group(Site& site, SimTime due) {
  arm(site, site.memory.flush_timer, due, BrokerOn::group_commit_tick);
}

void arm_deadline(Site& site) {
  Broker::Memory& memory = site.memory;
  if (memory.waiting_flush.empty()) return disarm(site, memory.deadline_timer);
  const SimTime deadline = memory.waiting_flush.front().since + site.settings().syncFlushTimeout;
  arm(site, memory.deadline_timer, deadline, BrokerOn::flush_deadline);
}

/// Lets the first `count` go on, in log order. They may put something new.
void release(Site& site, std::size_t count, PutStatus put) {
  Broker::Memory& memory = site.memory;
  const auto end = memory.waiting_flush.begin() + static_cast<std::ptrdiff_t>(count);
  const std::vector<WaitingSend> released(memory.waiting_flush.begin(), end);
  memory.waiting_flush.erase(memory.waiting_flush.begin(), end);
  memory.group_swapped -= std::min(memory.group_swapped, static_cast<std::uint32_t>(count));
  memory.group_tries = 0;
  arm_deadline(site);
  for (const WaitingSend& waiting : released) flush_over(site, waiting, put);
}

void release_covered(Site& site) {
  const std::vector<WaitingSend>& waiting = site.memory.waiting_flush;
  std::size_t covered = 0;
  while (covered < waiting.size() && waiting[covered].upto.bytes <= site.memory.flushed.bytes) ++covered;
  if (covered > 0) release(site, covered, PutStatus::PUT_OK);
}

/// The 1 ms sleeps since the service met nothing readable count as tries of the first request.
std::int64_t tries_so_far(const Site& site) {
  const Broker::Memory& memory = site.memory;
  const std::int64_t slept = memory.group_trying ? (site.now() - memory.flush_grid) / group_try_interval : 0;
  return memory.group_tries + slept;
}

void give_up_head(Site& site) {
  // FlushDiskWatcher may have answered it before.
  if (site.memory.group_swapped > 0) release(site, 1, PutStatus::FLUSH_DISK_TIMEOUT);
  site.memory.group_trying = false;
}

/// Nothing is readable beyond what is flushed, but somebody waits: with a transient pool the service
/// tries each millisecond until the pool has been committed, or the request's tries are used up.
void try_on(Site& site) {
  Broker::Memory& memory = site.memory;
  if (!memory.group_trying) memory.flush_grid = site.now();
  memory.group_trying = true;
  arm_group(site, memory.flush_grid + group_try_interval * (tries_max(site) - memory.group_tries));
}

}  // namespace

void group_wait(Site& site, const WaitingSend& waiting) {
  site.memory.waiting_flush.push_back(waiting);
  if (site.memory.waiting_flush.size() == 1) arm_deadline(site);
  group_wakeup(site);
}

/// ServiceThread.wakeup: a service that is busy notices when it comes back to waitForRunning.
void group_wakeup(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.flush_notified = true;
  if (!memory.flush_running && !memory.group_trying) arm_group(site, site.now());
}

/// New bytes are readable without a wake-up: the pool has been committed.
void group_arm(Site& site) {
  Broker::Memory& memory = site.memory;
  if (memory.flush_running || flushable(site).bytes == memory.flushed.bytes) return;
  const Duration period = memory.group_trying ? group_try_interval : group_wait_interval;
  const SimTime due = next_on_grid(memory.flush_grid, period, site.now());
  if (!memory.flush_timer.armed || due < memory.flush_timer.due) arm_group(site, due);
}

void group_tick(Site& site, const BrokerEvent& event) {
  Broker::Memory& memory = site.memory;
  if (!fired(memory.flush_timer, event) || memory.flush_running) return;
  if (!memory.group_trying) {
    memory.group_swapped = static_cast<std::uint32_t>(memory.waiting_flush.size());
    memory.flush_notified = false;
    release_covered(site);
  }
  if (flushable(site).bytes != memory.flushed.bytes) {
    memory.group_tries = static_cast<std::int32_t>(tries_so_far(site));
    memory.group_trying = false;
    return start_flush(site);
  }
  if (memory.group_trying && tries_so_far(site) >= tries_max(site)) give_up_head(site);
  if (memory.group_swapped > 0) return try_on(site);
  memory.group_trying = false;
  memory.flush_grid = site.now();
  if (memory.flush_notified) arm_group(site, site.now());
}

void group_flushed(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.flush_grid = site.now();
  release_covered(site);
  if (memory.group_swapped > 0 && ++memory.group_tries >= tries_max(site)) give_up_head(site);
  if (memory.group_swapped > 0)
    return arm_group(site, site.now() + (site.is_4_9() ? Duration{} : group_try_interval));
  if (memory.flush_notified) return arm_group(site, site.now());
  group_arm(site);
}

/// FlushDiskWatcher: the message is in the log, and its flush goes on. (The watcher sleeps in whole
/// milliseconds and may give up to one of them early; not modelled.)
void flush_deadline(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.deadline_timer, event)) return;
  const std::vector<WaitingSend>& waiting = site.memory.waiting_flush;
  std::size_t overdue = 0;
  while (overdue < waiting.size() && waiting[overdue].since + site.settings().syncFlushTimeout <= site.now())
    ++overdue;
  release(site, overdue, PutStatus::FLUSH_DISK_TIMEOUT);
}

void drop_flush_waits(Site& site, std::int64_t bytes) {
  Broker::Memory& memory = site.memory;
  const auto gone = std::find_if(memory.waiting_flush.begin(), memory.waiting_flush.end(),
                                 [&](const WaitingSend& put) { return put.upto.bytes > bytes; });
  const std::vector<WaitingSend> dropped(gone, memory.waiting_flush.end());
  memory.waiting_flush.erase(gone, memory.waiting_flush.end());
  memory.group_swapped =
      std::min(memory.group_swapped, static_cast<std::uint32_t>(memory.waiting_flush.size()));
  arm_deadline(site);
  for (const WaitingSend& put : dropped) flush_over(site, put, PutStatus::FLUSH_DISK_TIMEOUT);
}

}  // namespace brokersim::model::rocketmq
