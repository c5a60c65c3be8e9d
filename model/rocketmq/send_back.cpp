// CONSUMER_SEND_MSG_BACK (AbstractSendMessageProcessor.consumerSendMsgBack), and the plain send to a retry
// topic that a consumer falls back to when that failed (SendMessageProcessor.handleRetryAndDLQ).
#include "model/rocketmq/broker_internal.hpp"
#include "model/rocketmq/retry_levels.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// createTopicInSendMessageBackMethod: retryQueueNums and DLQ_NUMS_PER_GROUP are 1.
void know_topic(Site& site, TopicId topic) {
  if (site.broker.cache.topics[topic.value] == 0) put_topic(site, topic, 1, site.now());
}

/// maxReconsumeTimes, which the client sends with each request.
std::int32_t asked_max(const Site& site, ConnectionId connection) {
  const ProcessId client = site.world.network.connections[connection.value].client;
  const host::Process& process = site.world.processes[client.value];
  if (process.role != host::Role::push_consumer) return default_reconsume_max;
  return reconsume_max(site.all().push_consumers[process.index].settings.maxReconsumeTimes);
}

/// lookMessageByOffset. After a truncation something else may lie there; its bytes begin elsewhere, as a
/// rule, so the broker finds no message.
const LogRecord* look_up(const Site& site, const Payload& request) {
  const auto& log = site.broker.cache.log;
  if (request.record >= log.size()) return nullptr;
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

/// False: the broker answers SYSTEM_ERROR.
bool put_back(Site& site, ConnectionId connection, const Payload& request) {
  const GroupId group(request.group);
  know_topic(site, retry_topic(site.all(), group));
  const LogRecord* found = look_up(site, request);
  if (found == nullptr || !may_append(site)) return false;
  LogRecord message = *found;
  const auto asked = static_cast<std::int8_t>(request.attempt);
  const std::int32_t level = retry_level(message.times, asked, asked_max(site, connection));
  ++message.times;
  site.record(RecordKind::sent_back, message.intent.value, group.value, level);
  return put_without_waiting(site, sent_back_form(site, message, group, level));
}

}  // namespace

void on_send_back(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  Payload response = request;
  response.kind = PayloadKind::send_back_response;
  response.status = put_back(site, connection, request) ? Status::SEND_OK : Status::SYSTEM_ERROR;
  answer_later(site, {true, response, connection, generation});
}

/// DefaultMQPushConsumerImpl.sendMessageBackAsNormalMessage has counted one up and named the level that the
/// broker would have chosen: `record` is the new RECONSUME_TIMES. Dead from beyond the maximum, which the
/// message that was sent back had reached then.
LogRecord retry_of(Site& site, ConnectionId connection, const Payload& request) {
  LogRecord message = message_of(request);
  message.times = static_cast<std::uint8_t>(request.record);
  const std::int32_t before = message.times - 1;
  const std::int32_t level = retry_level(before, 0, asked_max(site, connection));
  return sent_back_form(site, message, group_of(site.all(), request.topic), level);
}

}  // namespace brokersim::model::rocketmq
