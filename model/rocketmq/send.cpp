// Send requests: the checks, the put, the answer; and overload, when the append lock is held.
//
// Without a stall a request is executed at once. While the lock is held, sendMessageThreadPoolNums
// threads block in it and everything else waits in sendThreadPoolQueue, which BrokerFastFailure scans.
#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration scan_interval = 10_ms;  ///< BrokerFastFailure.start

/// DefaultMessageStore.isOSPageCacheBusy: the append lock has been held too long.
bool page_cache_busy(const Site& site) {
  return site.memory.append_stalled &&
         site.now() - site.memory.stall_since > site.settings().osPageCacheBusyTimeOutMills;
}

/// AbstractSendMessageProcessor.msgCheck.
PutStatus check_topic(Site& site, const Payload& request) {
  std::uint8_t& queues = site.broker.cache.topics[request.topic.value];
  // A retry topic can be created by a send too, with its one queue (createTopicInSendMessageBackMethod).
  const bool is_retry = kind_of(site.all(), request.topic) == TopicKind::retry;
  if (queues == 0 && is_retry) put_topic(site, request.topic, 1, site.now());
  if (queues == 0) {
    if (!site.settings().autoCreateTopicEnable) return PutStatus::TOPIC_NOT_EXIST;
    put_topic(site, request.topic, auto_created_queues(site.settings()), site.now());
  }
  return request.queue < queues ? PutStatus::PUT_OK : PutStatus::INVALID_QUEUE;
}

PutStatus check_send(Site& site, const Payload& request) {
  if (const PutStatus topic = check_topic(site, request); topic != PutStatus::PUT_OK) return topic;
  if (request.mark == Mark::transactional && site.settings().rejectTransactionMessage)
    return PutStatus::NO_PERMISSION;
  if (site.memory.stopping) return PutStatus::SERVICE_NOT_AVAILABLE;
  // The encoder allows 64 KiB beyond the body for the rest of the record; the model's records need less.
  if (request.size > static_cast<std::uint32_t>(site.settings().maxMessageSize))
    return PutStatus::MESSAGE_ILLEGAL;
  return PutStatus::PUT_OK;
}

/// CommitLog.DefaultFlushManager.handleDiskFlush with ASYNC_FLUSH.
void wake_services(Site& site) {
  const BrokerSettings& settings = site.settings();
  if (!site.has_pool()) {
    if (site.is_4_9() || settings.wakeFlushWhenPutMessage) async_wakeup(site);
  } else if (site.is_4_9() || settings.wakeCommitWhenPutMessage) {
    commit_wakeup(site);
  } else {
    commit_arm(site);
  }
}

/// Nobody waits for this put: GroupCommitService flushes it at its next wake, each 10 ms at the latest.
void wake_for_nobody(Site& site) {
  if (site.flushes_sync()) {
    group_arm(site);
    if (site.has_pool()) commit_arm(site);
  } else {
    wake_services(site);
    async_arm(site);
  }
}

LogRecord stored_form(Site& site, const WaitingSend& send) {
  const Payload& request = send.request;
  if (request.mark == Mark::transactional) return half_of(site, request);
  const bool is_retry = kind_of(site.all(), request.topic) == TopicKind::retry;
  return is_retry ? retry_of(site, request) : message_of(request);
}

void put(Site& site, const WaitingSend& send) {
  const Payload& request = send.request;
  const LogRecord& record = append(site, stored_form(site, send));
  if (site.flushes_sync() && record.waits) {
    WaitingSend waiting = send;
    waiting.since = site.now();
    waiting.upto = site.memory.appended;
    waiting.queue_offset = record.queue_offset;
    group_wait(site, waiting);
    // handleDiskFlush does not wake the commit service under SYNC_FLUSH: the pool's 200 ms pass.
    if (site.has_pool()) commit_arm(site);
  } else {
    answer_send(site, request, send.connection, send.generation, PutStatus::PUT_OK, record.queue_offset,
                site.memory.appended.records - 1);
    wake_for_nobody(site);
  }
  arm_reput(site);
  if (site.memory.stopping) continue_stop(site);
}

void refuse(Site& site, const WaitingSend& send, PutStatus why) {
  answer_send(site, send.request, send.connection, send.generation, why, 0, 0);
}

void execute(Site& site, const WaitingSend& send) {
  const PutStatus status = check_send(site, send.request);
  if (status != PutStatus::PUT_OK) return refuse(site, send, status);
  put(site, send);
}

std::size_t blocked_threads(const Site& site) {
  const auto threads = static_cast<std::size_t>(site.settings().sendMessageThreadPoolNums);
  return std::min(site.memory.waiting_lock.size(), threads);
}

/// The first scan that will answer somebody: of the queue's head, or of everybody once the page cache is
/// busy.
void arm_scan(Site& site) {
  Broker::Memory& memory = site.memory;
  const std::size_t head = blocked_threads(site);
  if (head == memory.waiting_lock.size()) return disarm(site, memory.scan_timer);
  const SimTime expires = memory.waiting_lock[head].since + site.settings().waitTimeMillsInSendQueue;
  const SimTime busy = memory.stall_since + site.settings().osPageCacheBusyTimeOutMills + 1_ns;
  // The grid point *at* the instant counts, so the search begins just before it.
  const SimTime due = next_on_grid(memory.scan_grid, scan_interval, std::min(expires, busy) + Duration{-1});
  arm(site, memory.scan_timer, std::max(due, next_on_grid(memory.scan_grid, scan_interval, site.now())),
      BrokerOn::queue_scan);
}

void wait_for_lock(Site& site, const WaitingSend& send) {
  Broker::Memory& memory = site.memory;
  if (page_cache_busy(site)) return refuse(site, send, PutStatus::OS_PAGE_CACHE_BUSY);
  const bool thread_free =
      memory.waiting_lock.size() < static_cast<std::size_t>(site.settings().sendMessageThreadPoolNums);
  if (thread_free) {
    const PutStatus status = check_send(site, send.request);
    if (status != PutStatus::PUT_OK) return refuse(site, send, status);
  }
  memory.waiting_lock.push_back(send);
  arm_scan(site);
}

}  // namespace

bool put_without_waiting(Site& site, const LogRecord& record) {
  if (!may_append(site)) return false;
  append(site, record);
  wake_for_nobody(site);
  arm_reput(site);
  return true;
}

void answer_send(Site& site, const Payload& request, ConnectionId connection, std::uint16_t generation,
                 PutStatus put, std::int64_t queue_offset, std::int64_t record) {
  const PutRow& row = row_of(put);
  const auto status = static_cast<std::int64_t>(row.response);
  // What a consumer hears of its retries is no answer to the producer of the intent.
  if (!row.stored && is_user_topic(site.all(), request.topic))
    site.record(RecordKind::refused, request.intent.value, status, site.subject());
  if (request.oneway) return;
  Payload response = request;
  response.kind = PayloadKind::send_response;
  response.status = row.response;
  response.offset = queue_offset;
  response.record = static_cast<std::uint32_t>(record);
  answer_later(site, {true, response, connection, generation});
}

void on_send_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  WaitingSend send;
  send.request = request;
  send.connection = connection;
  send.generation = generation;
  send.since = site.now();
  if (site.memory.append_stalled) return wait_for_lock(site, send);
  execute(site, send);
}

/// BrokerFastFailure.cleanExpiredRequest: threads that block in the lock are not in the queue.
void queue_scan(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.scan_timer, event)) return;
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
  arm_scan(site);
}

/// The lock is free: the blocked threads append, then the queue is worked off, in order.
void release_lock(Site& site) {
  std::vector<WaitingSend> waiting = std::exchange(site.memory.waiting_lock, {});
  disarm(site, site.memory.scan_timer);
  const auto threads = static_cast<std::size_t>(site.settings().sendMessageThreadPoolNums);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (i < threads) {
      put(site, waiting[i]);
    } else {
      execute(site, waiting[i]);
    }
  }
}

void broker_stall(World& world, std::size_t broker, bool stalled, Context& context) {
  Site site(world, broker, context);
  if (stalled == site.memory.append_stalled) return;
  site.memory.append_stalled = stalled;
  site.memory.stall_since = site.now();
  if (stalled) return;
  release_lock(site);
  resume_delays(site);
}

}  // namespace brokersim::model::rocketmq
