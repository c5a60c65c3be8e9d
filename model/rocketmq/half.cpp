// TransactionalMessageBridge: half messages, and what is made of them. WAIT=false is said by how they are put
// (put_without_waiting), but for the half message itself, which waits for its flush like any send.
#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

/// parseHalfMessageInner.
LogRecord half_of(const Site& site, const Payload& request) {
  LogRecord half = message_of(request);
  half.real_topic = request.topic;
  half.real_queue = request.queue;
  half.topic = half_topic(site.all());
  half.queue = 0;
  half.group = request.group;
  half.immunity_seconds = static_cast<std::uint16_t>(std::min<std::uint32_t>(request.record, 0xffff));
  return half;
}

/// renewHalfMessageInner keeps all properties and the born time, and needDiscard has counted the check in
/// them; renewImmunityHalfMessageInner adds where the first original stands, unless that is there already. So
/// a copy that is made to be checked keeps the mark of an immune one.
LogRecord copy_of(const LogRecord& half, HalfCopy why) {
  LogRecord copy = half;
  copy.times = static_cast<std::uint8_t>(std::min(half.times + 1, 0xff));
  if (why == HalfCopy::immune && half.prepared_offset < 0) copy.prepared_offset = half.queue_offset;
  return copy;
}

/// EndTransactionProcessor.endMessageTransaction.
LogRecord final_of(const LogRecord& half) {
  LogRecord message;
  message.intent = half.intent;
  message.sequence = half.sequence;
  message.size = half.size;
  message.topic = half.real_topic;
  message.queue = half.real_queue;
  message.attempt = half.attempt;
  message.born = half.born;
  return message;
}

/// DefaultTransactionalMessageCheckListener.toMessageExtBrokerInner: TRANS_CHECK_MAX_TIME_TOPIC has one
/// queue.
LogRecord discarded_of(const LogRecord& half, const Config& config) {
  LogRecord message = half;
  message.topic = discarded_topic(config);
  message.queue = 0;
  return message;
}

}  // namespace brokersim::model::rocketmq
