// What is told of consumers and of producers that may answer a check.
#include "model/record.hpp"
#include "scenarios/report/sentences.hpp"

namespace brokersim::scenarios {

using model::RecordKind;

std::string Storyteller::of_reader(const sim::Record& record) const {
  const RecordKind kind = static_cast<RecordKind>(record.kind);
  const bool known = kind == RecordKind::producer_known || kind == RecordKind::producer_forgotten;
  if (known && may_answer(record.subject))
    return broker(record.a) + (kind == RecordKind::producer_known ? " knows " : " has forgotten ") +
           process(record.subject) + (kind == RecordKind::producer_known ? " now: it can be asked." : ".");
  if (kind == RecordKind::route_learned && record.a == config_.producers[producer_].topic.value &&
      record.subject == model::producer_process(config_, producer_).value)
    return process(record.subject) + " has another route of the topic: " + std::to_string(record.b) +
           " brokers.";
  if (!is_member(record.subject)) return "";
  const std::string who = process(record.subject);
  if (kind == RecordKind::queue_assigned && is_own_queue(record.a))
    return who + " reads its queue now, from offset " + std::to_string(record.b) + ".";
  if (kind == RecordKind::queue_revoked && is_own_queue(record.a))
    return who + " reads its queue no more; it was at offset " + std::to_string(record.b) + ".";
  if (kind == RecordKind::queue_skipped &&
      is_own_queue(record.a | std::int64_t{config_.producers[producer_].topic.value} << 32))
    return who + " goes past " + std::to_string(record.b) + " messages of this queue that it never sees.";
  if (kind == RecordKind::member_left) return broker(record.a) + " has forgotten " + who + ".";
  return "";
}

}  // namespace brokersim::scenarios
