// CONSUMER_SEND_MSG_BACK (AbstractSendMessageProcessor.consumerSendMsgBack), and the plain send to a retry
// topic that a consumer falls back to when that failed (SendMessageProcessor.handleRetryAndDLQ).
#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replication.hpp"
#include "model/rocketmq/retry_levels.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// createTopicInSendMessageBackMethod: retryQueueNums and DLQ_NUMS_PER_GROUP are 1.
void know_topic(Site& site, TopicId topic) {
  if (site.broker.cache.topics[topic.value] == 0) put_topic(site, topic, 1, site.now());
}

/// maxReconsumeTimes, which the client sends with each request.
std::int32_t asked_max(const Payload& request) { return static_cast<std::int32_t>(request.sequence); }

/// lookMessageByOffset. After a truncation something else may lie there; its bytes begin elsewhere, as a
/// rule, so the broker finds no message.
const LogRecord* look_up(const Site& site, const Payload& request) {
  const auto& log = site.broker.cache.log;
  if (request.record >= log.size()) return nullptr;
  if (request.record < site.broker.cache.first.records) return nullptr;
  const LogRecord& record = log[request.record];
  return record.intent == request.intent ? &record : nullptr;
}

LogRecord for_topic(LogRecord message, TopicId topic, std::uint16_t group) {
  message.topic = topic;
  message.queue = 0;
  message.group = group;
  return message;
}

/// A message on its way to the retry topic of its group, or into its dead-letter queue; `level` is of
/// retry_level().
LogRecord sent_back_form(Site& site, const LogRecord& message, GroupId group, std::int32_t level) {
  const TopicId topic =
      level == dead_letter_level ? dead_letter_topic(site.all(), group) : retry_topic(site.all(), group);
  know_topic(site, topic);
  const LogRecord moved = for_topic(message, topic, group.value);
  return level == dead_letter_level ? moved : delayed(site, moved, level);
}

}  // namespace

/// A put that the store would refuse is SYSTEM_ERROR here, like a message that is not found.
PutStatus check_send_back(Site& site, const WaitingSend& send) {
  know_topic(site, retry_topic(site.all(), GroupId(send.request.group)));
  const bool stored = look_up(site, send.request) != nullptr && !site.memory.stopping && !site.is_slave() &&
                      !site.memory.disk_full && !is_disk_exhausted(site) && !is_pending_full(site);
  return stored ? PutStatus::PUT_OK : PutStatus::UNKNOWN_ERROR;
}

void put_send_back(Site& site, const WaitingSend& send) {
  const GroupId group(send.request.group);
  const LogRecord* found = look_up(site, send.request);
  // Cut off while it waited in the append lock. (Its thread has read it before.)
  if (found == nullptr) return answer_send_back(site, send, PutStatus::UNKNOWN_ERROR);
  LogRecord message = *found;
  const auto asked = static_cast<std::int8_t>(send.request.attempt);
  const std::int32_t max = asked_max(send.request);
  const std::int32_t level = retry_level(message.times, asked, max);
  const bool by_wish = asked < 0 && message.times < max;
  site.record(RecordKind::sent_back, message.intent.value, group.value, by_wish ? asked_dead_letter : level);
  ++message.times;
  message.waits = false;  // setWaitStoreMsgOK
  put_now(site, sent_back_form(site, message, group, level));
  settle_put(site, send, false, false);
}

void answer_send_back(Site& site, const WaitingSend& send, PutStatus put) {
  Payload response = send.request;
  response.kind = PayloadKind::send_back_response;
  response.status = row_of(put).response;
  answer_later(site, {true, response, send.connection, send.generation});
}

/// It runs in the threads of sends (sendMessageExecutor): in their queue, and behind them in the append lock.
/// A client that has given up meanwhile has sent the message again; this one is executed all the same.
void on_send_back(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const WaitingSend send{request, connection, generation, site.now(), {}, 0};
  if (has_to_wait(site)) return wait_for_thread(site, send);
  execute(site, send);
}

/// DefaultMQPushConsumerImpl.sendMessageBackAsNormalMessage, ConsumeMessageOrderlyService.sendMessageBack:
/// the client has counted up (`record`) and named a level (`attempt`).
/// SendMessageProcessor.handleRetryAndDLQ: 5.3 gives it up from beyond the maximum, or while the group holds
/// locks, at once (DELAY is -1). 4.9 gives it up at the maximum, and its setDelayTimeLevel(0) is overwritten
/// by the properties of the request (MessageAccessor.setProperties), so a dead letter takes its delay too.
LogRecord retry_of(Site& site, const Payload& request) {
  constexpr std::uint32_t times_most = 255;
  LogRecord message = message_of(request);
  message.sequence = 0;
  message.attempt = 0;
  message.times = static_cast<std::uint8_t>(std::min(request.record, times_most));
  message.waits = request.mark != Mark::no_wait;
  const GroupId group = group_of(site.all(), request.topic);
  const std::int32_t level = request.attempt;
  const std::int64_t times = request.record, max = asked_max(request);
  if (!site.is_4_9()) {
    const bool gives_up = times > max || has_lock(site, group);
    return sent_back_form(site, message, group, gives_up ? dead_letter_level : level);
  }
  if (times < max) return sent_back_form(site, message, group, level);
  return delayed(site, sent_back_form(site, message, group, dead_letter_level), level);
}

}  // namespace brokersim::model::rocketmq
