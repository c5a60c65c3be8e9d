// Send requests: the checks, the put, the answer. Without a stall a request is executed at once; for what
// happens while the append lock is held see append_lock.cpp.
#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model::rocketmq {

namespace {

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
  if (site.memory.stopping || site.is_slave() || site.memory.disk_full)
    return PutStatus::SERVICE_NOT_AVAILABLE;
  if (const PutStatus timer = check_timer(site, request); timer != PutStatus::PUT_OK) return timer;
  if (is_pending_full(site)) return pending_full(site);
  // The page fault finds no block for the file: the JVM throws an InternalError out of the put.
  if (is_disk_exhausted(site)) return PutStatus::UNKNOWN_ERROR;
  // The encoder allows 64 KiB beyond the body for the rest of the record; the model's records need less.
  if (request.size > static_cast<std::uint32_t>(site.settings().maxMessageSize))
    return PutStatus::MESSAGE_ILLEGAL;
  const bool waits = request.mark != Mark::no_wait;
  return waits && lacks_replicas(site) ? PutStatus::IN_SYNC_REPLICAS_NOT_ENOUGH : PutStatus::PUT_OK;
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

/// handleDiskFlush (4.9: submitFlushRequest): what nobody waits for wakes the flush service all the same,
/// under SYNC_FLUSH too, which flushes it at once.
void wake_for_nobody(Site& site) {
  if (site.flushes_sync()) {
    group_wakeup(site);
    if (site.has_pool()) commit_arm(site);
  } else {
    wake_services(site);
    async_arm(site);
  }
}

LogRecord stored_form(Site& site, const WaitingSend& send) {
  const Payload& request = send.request;
  if (request.mark == Mark::transactional) return half_of(site, request);
  if (kind_of(site.all(), request.topic) == TopicKind::retry) return retry_of(site, request);
  if (request.mark == Mark::timer_delay || request.mark == Mark::timer_deliver)
    return timer_form(site, message_of(request), request);
  const auto level = static_cast<std::int32_t>(request.record);
  return level > 0 ? delayed(site, message_of(request), level) : message_of(request);
}

void put_send(Site& site, const WaitingSend& send) {
  const LogRecord& record = append(site, stored_form(site, send));
  const bool flush = site.flushes_sync() && record.waits;
  WaitingSend put = send;
  put.queue_offset = record.queue_offset;
  settle_put(site, put, flush, record.waits);
  // handleDiskFlush does not wake the commit service under SYNC_FLUSH: the pool's 200 ms pass.
  if (!flush) wake_for_nobody(site);
  if (flush && site.has_pool()) commit_arm(site);
  arm_reput(site);
  if (site.memory.stopping) continue_stop(site);
}

bool is_send_back(const WaitingSend& send) { return send.request.kind == PayloadKind::send_back; }

}  // namespace

PutStatus check_request(Site& site, const WaitingSend& send) {
  return is_send_back(send) ? check_send_back(site, send) : check_send(site, send.request);
}

void put(Site& site, const WaitingSend& send) {
  if (is_send_back(send)) return put_send_back(site, send);
  put_send(site, send);
}

void refuse(Site& site, const WaitingSend& send, PutStatus why) {
  if (is_send_back(send)) return answer_send_back(site, send, why);
  answer_send(site, send.request, send.connection, send.generation, why, 0, 0);
}

void execute(Site& site, const WaitingSend& send) {
  const PutStatus status = check_request(site, send);
  if (status != PutStatus::PUT_OK) return refuse(site, send, status);
  put(site, send);
}

const LogRecord& put_now(Site& site, const LogRecord& record) {
  const LogRecord& stored = append(site, record);
  wake_for_nobody(site);
  arm_reput(site);
  if (site.memory.stopping) continue_stop(site);
  return stored;
}

bool put_without_waiting(Site& site, const LogRecord& record) {
  if (!may_append(site)) return false;
  put_now(site, record);
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
  if (has_to_wait(site)) return wait_for_thread(site, send);
  execute(site, send);
}

}  // namespace brokersim::model::rocketmq
