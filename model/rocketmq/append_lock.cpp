// What waits while the append lock is held.
//
// sendMessageThreadPoolNums threads block in it; further sends and send-backs wait in sendThreadPoolQueue,
// which BrokerFastFailure scans each 10 ms, as it does the queue of END_TRANSACTION. In a DLedger group (5.3)
// send-backs that wait for their majority hold threads, too. The services of the
// broker itself block in the lock with their own threads. When it is free everybody who was blocked appends;
// in which order the threads get it decides nothing that is counted.
#include "model/rocketmq/append_lock.hpp"

#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration scan_interval = 10_ms;  ///< BrokerFastFailure.start

/// consumerSendMsgBack of 5.3 puts synchronously: in a DLedger group its thread waits for the majority.
std::size_t threads_in_puts(const Site& site) {
  if (!site.in_group() || site.is_4_9()) return 0;
  const std::vector<WaitingSend>& puts = site.memory.waiting_replicas;
  return static_cast<std::size_t>(std::count_if(puts.begin(), puts.end(), [](const WaitingSend& put) {
    return put.request.kind == PayloadKind::send_back;
  }));
}

/// Those that are free, or in the append lock.
std::size_t send_threads(const Site& site) {
  const auto all = static_cast<std::size_t>(site.settings().sendMessageThreadPoolNums);
  return all - std::min(all, threads_in_puts(site));
}

/// All others of waiting_lock are in the queue.
std::size_t blocked_threads(const Site& site) {
  return site.memory.append_stalled ? std::min(site.memory.waiting_lock.size(), send_threads(site)) : 0;
}

/// When the head of the send queue is answered: it waited too long, or the page cache is busy.
SimTime sends_expire(const Site& site) {
  const Broker::Memory& memory = site.memory;
  const std::size_t head = blocked_threads(site);
  if (head == memory.waiting_lock.size()) return SimTime::max();
  const SimTime busy = memory.append_stalled
                           ? memory.stall_since + site.settings().osPageCacheBusyTimeOutMills + 1_ns
                           : SimTime::max();
  return std::min(memory.waiting_lock[head].since + site.settings().waitTimeMillsInSendQueue, busy);
}

SimTime ends_expire(const Site& site) {
  const std::vector<WaitingSend>& queued = site.memory.ends_queued;
  if (queued.empty()) return SimTime::max();
  return queued.front().since + site.settings().waitTimeMillsInTransactionQueue;
}

/// Threads that block in the lock are not in the queue.
void drop_old_sends(Site& site) {
  std::vector<WaitingSend>& waiting = site.memory.waiting_lock;
  const std::size_t first = blocked_threads(site);
  const bool busy = page_cache_busy(site);
  std::size_t last = first;
  for (; last < waiting.size(); ++last) {
    if (!busy && site.now() - waiting[last].since < site.settings().waitTimeMillsInSendQueue) break;
    refuse(site, waiting[last], busy ? PutStatus::OS_PAGE_CACHE_BUSY : PutStatus::QUEUE_TIMEOUT);
  }
  waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(first),
                waiting.begin() + static_cast<std::ptrdiff_t>(last));
}

/// A thread that was blocked. To a consumer every error is SYSTEM_ERROR.
void append_now(Site& site, const WaitingSend& send) {
  const PutStatus met = met_in_lock(site);
  if (met == PutStatus::PUT_OK) return put(site, send);
  const bool is_send_back = send.request.kind == PayloadKind::send_back;
  refuse(site, send, is_send_back ? PutStatus::UNKNOWN_ERROR : met);
}

/// In order, as long as there are threads.
void work_off_queue(Site& site) {
  const std::vector<WaitingSend> queued = std::exchange(site.memory.waiting_lock, {});
  auto next = queued.begin();
  while (next != queued.end() && send_threads(site) > 0) execute(site, *next++);
  site.memory.waiting_lock.assign(next, queued.end());
}

/// The blocked threads append, then the queue is worked off.
void release_sends(Site& site) {
  std::vector<WaitingSend>& waiting = site.memory.waiting_lock;
  const auto blocked = static_cast<std::ptrdiff_t>(std::min(waiting.size(), send_threads(site)));
  const std::vector<WaitingSend> threads(waiting.begin(), waiting.begin() + blocked);
  waiting.erase(waiting.begin(), waiting.begin() + blocked);
  for (const WaitingSend& send : threads) append_now(site, send);
  work_off_queue(site);
}

/// The thread that has become free takes the next of the queue into the lock, unless that is refused before.
void take_into_lock(Site& site) {
  std::vector<WaitingSend>& waiting = site.memory.waiting_lock;
  const std::size_t last = send_threads(site) - 1;
  while (last < waiting.size()) {
    const WaitingSend send = waiting[last];
    const PutStatus status = check_request(site, send);
    if (status == PutStatus::PUT_OK) return;
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(last));
    refuse(site, send, status);
  }
}

}  // namespace

bool page_cache_busy(const Site& site) {
  // isOSPageCacheBusy takes a difference of 10,000 s for a clock that was set, or a lock that is free.
  const Duration held = site.now() - site.memory.stall_since;
  return site.memory.append_stalled && held < 10'000_s && held > site.settings().osPageCacheBusyTimeOutMills;
}

Gate gate(const Site& site) {
  if (site.memory.stopping || site.is_slave() || page_cache_busy(site)) return Gate::refused;
  if (site.memory.disk_full || is_disk_exhausted(site) || is_pending_full(site)) return Gate::refused;
  return site.memory.append_stalled ? Gate::blocked : Gate::open;
}

PutStatus pending_full(const Site& site) {
  return site.is_4_9() ? PutStatus::OS_PAGECACHE_BUSY : PutStatus::OS_PAGE_CACHE_BUSY;
}

/// In controller mode a thread that was let in as a master's appends to what has become a slave's log, and
/// the next handshake cuts that off again; mostly its client has given up by then. Here it is refused.
PutStatus met_in_lock(const Site& site) {
  const bool is_leader = !site.is_slave() && !is_pending_full(site);
  if (site.in_group()) return is_leader ? PutStatus::PUT_OK : pending_full(site);
  return site.is_slave() ? PutStatus::SERVICE_NOT_AVAILABLE : PutStatus::PUT_OK;
}

void arm_scan(Site& site) {
  Broker::Memory& memory = site.memory;
  const SimTime expires = std::min(sends_expire(site), ends_expire(site));
  if (expires == SimTime::max()) return disarm(site, memory.scan_timer);
  // The grid point *at* the instant counts, so the search begins just before it.
  const SimTime due = next_on_grid(memory.scan_grid, scan_interval, expires + Duration{-1});
  arm(site, memory.scan_timer, std::max(due, next_on_grid(memory.scan_grid, scan_interval, site.now())),
      BrokerOn::queue_scan);
}

bool has_to_wait(const Site& site) {
  return site.memory.append_stalled || !site.memory.waiting_lock.empty() || send_threads(site) == 0;
}

void send_thread_free(Site& site) {
  site.memory.append_stalled ? take_into_lock(site) : work_off_queue(site);
  arm_scan(site);
}

/// SendMessageProcessor.rejectRequest comes before the queue.
void wait_for_thread(Site& site, const WaitingSend& send) {
  Broker::Memory& memory = site.memory;
  if (page_cache_busy(site)) return refuse(site, send, PutStatus::OS_PAGE_CACHE_BUSY);
  const bool thread_free = memory.waiting_lock.size() < send_threads(site);
  if (thread_free) {
    const PutStatus status = check_request(site, send);
    if (status != PutStatus::PUT_OK) return refuse(site, send, status);
  }
  memory.waiting_lock.push_back(send);
  arm_scan(site);
}

/// BrokerFastFailure.cleanExpiredRequest.
void queue_scan(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.scan_timer, event)) return;
  drop_old_sends(site);
  drop_old_ends(site);
  arm_scan(site);
}

void sends_clock_set(Site& site, Duration by) {
  Broker::Memory& memory = site.memory;
  for (WaitingSend& send : memory.waiting_lock) send.since = send.since - by;
  for (WaitingSend& end : memory.ends_queued) end.since = end.since - by;
  if (memory.append_stalled) memory.stall_since = memory.stall_since - by;
  arm_scan(site);
}

void broker_stall(World& world, std::size_t broker, bool stalled, Context& context) {
  Site site(world, broker, context);
  if (stalled == site.memory.append_stalled) return;
  site.memory.append_stalled = stalled;
  site.memory.stall_since = site.now();
  if (stalled) return;
  release_sends(site);
  release_ends(site);
  release_ops(site);
  release_check(site);
  arm_scan(site);
  resume_delays(site);
  resume_timer(site);
  resume_pops(site);
}

}  // namespace brokersim::model::rocketmq
