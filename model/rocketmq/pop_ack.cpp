// AckMessageProcessor and ChangeInvisibleTimeProcessor: a consumer is done with a message, or wants it later.
#include "model/rocketmq/pop.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t millisecond = 1'000'000;

void answer(Site& site, const PopWaiting& waiting, Status status) {
  Payload response = waiting.request;
  response.kind = PayloadKind::pop_settled;
  response.status = status;
  reply(site, waiting.connection, waiting.generation, response);
}

Status check(const Site& site, const Payload& request) {
  const std::uint32_t queues = site.broker.cache.topics[request.topic.value];
  if (queues == 0) return Status::TOPIC_NOT_EXIST;
  if (request.queue >= queues) return Status::MESSAGE_ILLEGAL;
  const std::int64_t first = first_offset(site.broker, request.topic, request.queue);
  const std::int64_t end = visible_end(site.broker, request.topic, request.queue);
  const bool may_be_end = request.kind == PayloadKind::ack_message;
  const bool is_there =
      request.offset >= first && (request.offset < end || (may_be_end && request.offset == end));
  return is_there ? Status::SEND_OK : Status::QUERY_NOT_FOUND;  // NO_MESSAGE
}

/// appendAck, ackOrigin. What the store refuses is only logged: the consumer hears SUCCESS all the same.
void acknowledge(Site& site, const Payload& request) {
  const PopMark ack = mark_of(request);
  const bool merged = ack_in_buffer(site, ack);
  if (!merged && !put_mark(site, ack, request.attempt)) return;
  tell_pop(site, RecordKind::pop_acked, request.intent, ack.key, ack.count);
}

/// appendCheckPointThenAckOrigin: a checkpoint of its own for this message, then the ack of the old one. If
/// the store refuses the first, the second is left out.
Status change_invisible_time(Site& site, const Payload& request) {
  const PopMark old = mark_of(request);
  PopMark fresh;
  fresh.key = old.key;
  fresh.key.start = request.offset;
  fresh.key.popped = WallTime(site.wall().value / millisecond * millisecond);
  fresh.invisible_ms = static_cast<std::int32_t>(request.sequence >> 8) * 1000;
  fresh.count = 1;
  if (!put_mark(site, fresh, request.attempt)) return Status::SYSTEM_ERROR;
  tell_pop(site, RecordKind::pop_stored, request.intent, fresh.key, 0);
  acknowledge(site, request);
  return Status::SEND_OK;
}

}  // namespace

void on_pop_settlement(Site& site, ConnectionId connection, std::uint16_t generation,
                       const Payload& request) {
  const PopWaiting waiting{request, connection, generation, SimTime::max()};
  Status status = check(site, request);
  if (status != Status::SEND_OK) return answer(site, waiting, status);
  if (gate(site) == Gate::blocked) return site.memory.pop.blocked.push_back(waiting);
  if (request.kind == PayloadKind::ack_message) {
    acknowledge(site, request);
  } else {
    status = change_invisible_time(site, request);
  }
  answer(site, waiting, status);
}

void tell_pop(const Site& site, RecordKind kind, IntentId intent, const PopKey& key, std::uint8_t place) {
  const PopPlace at = place_in(key, place, site.number);
  site.record(kind, intent.value, at.where, at.which);
}

IntentId intent_of(const Site& site, const PopKey& key, std::uint8_t place) {
  const LogRecord* record = record_at(site.broker, key.topic, key.queue, key.start + place);
  return record == nullptr ? no_intent : record->intent;
}

namespace {

/// The bodies are JSON: so much without the names in them, for numbers of usual length.
std::uint32_t body_size(const Site& site, const PopMark& mark) {
  constexpr std::size_t ck_frame = 118, ak_frame = 96, per_message = 2;
  const std::size_t names = topic_name(site.all(), mark.key.topic).size() +
                            site.all().groups[mark.key.group.value].size() + site.config.name.size();
  return static_cast<std::uint32_t>(names + (mark.is_ack ? ak_frame : ck_frame + per_message * mark.count));
}

}  // namespace

bool put_mark(Site& site, const PopMark& mark, std::uint8_t revive_queue) {
  LogRecord record;
  record.topic = revive_topic(site.all());
  record.queue = revive_queue;
  record.size = body_size(site, mark);
  record.group = mark.key.group.value;
  record.pop_topic = mark.key.topic;
  record.sequence = mark.key.queue;
  record.first_op = mark.key.start;
  record.born = mark.key.popped;
  record.invisible_ms = mark.invisible_ms;
  record.times = mark.count;
  record.attempt = mark.is_ack ? 1 : 0;
  Payload asked;
  asked.mark = Mark::timer_deliver;
  asked.record = static_cast<std::uint32_t>(mark.deliver_time().value / millisecond);
  return put_without_waiting(site, timer_form(site, record, asked));
}

}  // namespace brokersim::model::rocketmq
