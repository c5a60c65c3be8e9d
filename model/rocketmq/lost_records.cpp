// What is told of a record that a crash, a cut or retention takes out of a log.
#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

/// Of a half message the kind is said if it was no crash of the usual sort.
void tell_lost(const Site& site, const LogRecord& record, LossKind kind) {
  if (is_pop_mark(record)) return;  // what it was about tells by itself that it is gone
  const TopicKind topic = kind_of(site.all(), record.topic);
  const std::uint32_t intent = record.intent.value;
  const bool scheduled = topic == TopicKind::scheduled && is_user_topic(site.all(), record.real_topic);
  if (site.is_slave() && kind != LossKind::diverged) {
    const bool of_member = site.in_group() && (topic == TopicKind::half || scheduled);
    if (topic == TopicKind::user || of_member)
      site.record(site.in_group() ? RecordKind::member_copy_lost : RecordKind::replica_lost, intent,
                  static_cast<std::int64_t>(site.number) | static_cast<std::int64_t>(kind) << 16,
                  record.queue_offset);
    return;
  }
  if (topic == TopicKind::user)
    site.record(RecordKind::copy_lost, intent, static_cast<std::int64_t>(kind), record.queue_offset);
  if (topic == TopicKind::half) {
    const std::int64_t why = kind == LossKind::diverged ? static_cast<std::int64_t>(kind) << 16 : 0;
    site.record(RecordKind::half_lost, intent, static_cast<std::int64_t>(site.number) | why,
                record.queue_offset);
  }
  const bool of_producer = scheduled || topic == TopicKind::timer;
  if (of_producer)
    site.record(RecordKind::scheduled_lost, intent,
                static_cast<std::int64_t>(site.number) | static_cast<std::int64_t>(kind) << 16,
                record.queue_offset);
  else if (topic == TopicKind::scheduled || topic == TopicKind::retry || topic == TopicKind::dead_letter ||
           topic == TopicKind::pop_retry)
    site.record(RecordKind::returned_lost, intent, record.group | static_cast<std::int64_t>(kind) << 16,
                record.queue_offset);
}

}  // namespace brokersim::model::rocketmq
