// EndTransactionProcessor.processRequest. There is no guard against a second COMMIT: each one that is valid
// appends a final message. Nobody reads the answers, so there are none.
#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

std::int64_t where(const Site& site, const Payload& request) {
  const bool from_check = request.mark == Mark::from_check;
  return static_cast<std::int64_t>(site.number) | static_cast<std::int64_t>(request.verdict) << 16 |
         std::int64_t{from_check} << 24;
}

/// DefaultMessageStore.lookMessageByOffset reads the mapped file: what only a transient pool holds is not
/// there.
const LogRecord* record_of(const Site& site, const Payload& request) {
  if (request.record >= site.broker.cache.committed.records) return nullptr;
  return &site.broker.cache.log[request.record];
}

/// rejectCommitOrRollback (5.3; since 5.1.1): here transactionTimeOut is the least immunity, unlike in the
/// pass.
bool is_too_late(const Site& site, const Payload& request, const LogRecord& record) {
  if (site.is_4_9() || request.mark == Mark::from_check || record.immunity_seconds == 0) return false;
  const Duration time_out = site.settings().transactionTimeOut;
  return since(site.wall(), record.born) > std::max(immunity_of(record, time_out), time_out);
}

/// After a truncation anything may stand there. A message without PGROUP ends in a NullPointerException,
/// which is an error to the client like all the others.
bool has_group(const Site& site, const LogRecord& record, std::uint16_t group) {
  return kind_of(site.all(), record.topic) == TopicKind::half && record.group == group;
}

/// In the order of the source; `count`: nothing stands against it.
EndRefusal refusal_of(const Site& site, const Payload& request) {
  if (request.verdict == TransactionVerdict::unknown) return EndRefusal::unknown_verdict;
  const LogRecord* record = record_of(site, request);
  if (record == nullptr) return EndRefusal::no_record;
  if (is_too_late(site, request, *record)) return EndRefusal::too_late;
  if (!has_group(site, *record, request.group)) return EndRefusal::other_group;
  if (record->queue_offset != request.offset) return EndRefusal::other_offset;
  return EndRefusal::count;
}

void refuse(const Site& site, const Payload& request, EndRefusal why) {
  site.record(RecordKind::end_refused, request.intent.value, where(site, request),
              static_cast<std::int64_t>(why));
}

}  // namespace

/// The final message and its op are two effects. In 5.3 the second is in memory, which a crash between them
/// takes away as it does a moment later; in 4.9 it is an append, and an event of its own (add_op).
void on_end_transaction(Site& site, const Payload& request) {
  const EndRefusal why = refusal_of(site, request);
  if (why != EndRefusal::count) return refuse(site, request, why);
  const LogRecord half = *record_of(site, request);
  const bool commits = request.verdict == TransactionVerdict::commit;
  if (commits && !put_without_waiting(site, final_of(half)))
    return refuse(site, request, EndRefusal::append_failed);
  site.record(RecordKind::end_executed, half.intent.value, where(site, request), half.queue_offset);
  add_op(site, half.intent, half.queue_offset);
}

}  // namespace brokersim::model::rocketmq
