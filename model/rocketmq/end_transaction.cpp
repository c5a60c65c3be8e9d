// EndTransactionProcessor.processRequest, in endTransactionThreadPoolNums threads of its own. There is no
// guard against a second COMMIT: each one that is valid appends a final message. Nobody reads the answers, so
// there are none.
//
//   queue -> thread: put of the final message (append lock) -> its flush (SYNC_FLUSH) -> op
//
// endMessageTransaction says setWaitStoreMsgOK(false), but setProperties then replaces the map that holds
// WAIT by the half message's: what the producer asked for (true) holds for the final message too.
#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/replica_set.hpp"
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
  const Broker::PageCache& cache = site.broker.cache;
  if (request.record >= cache.committed.records || request.record < cache.first.records) return nullptr;
  return &cache.log[request.record];
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

/// What was there when it was read may have been cut off while it waited in the append lock.
bool finds_half(const Site& site, const Payload& request) {
  const LogRecord* record = record_of(site, request);
  return record != nullptr && has_group(site, *record, request.group) &&
         record->queue_offset == request.offset;
}

/// In the order of the source; `count`: nothing stands against it.
EndRefusal refusal_of(const Site& site, const Payload& request) {
  if (site.is_slave()) return EndRefusal::slave;
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

/// Of these the broker knows: those in the append lock and those that wait for a flush; in 4.9 also those
/// that write an op. All others take no time.
std::size_t busy_threads(const Site& site) {
  const Broker::Memory& memory = site.memory;
  const OpBatch& ops = memory.transactions.batch;
  return memory.ends_blocked.size() + puts_that_wait(memory, PayloadKind::end_transaction).size() +
         (site.is_4_9() ? ops.ops.size() + ops.blocked.size() : 0);
}

bool has_free_thread(const Site& site) {
  return busy_threads(site) < static_cast<std::size_t>(site.settings().endTransactionThreadPoolNums);
}

void tell_executed(const Site& site, const Payload& request, const LogRecord& half) {
  site.record(RecordKind::end_executed, half.intent.value, where(site, request), half.queue_offset);
}

/// WAIT=false is stored in two kinds of half messages, and their copies inherit it: in an immune one, whose
/// properties renewImmunityHalfMessageInner writes once more, behind setWaitStoreMsgOK(false), and in one
/// that has come from another set (EscapeBridge.putMessage), whose properties travel behind it.
bool waits(const LogRecord& half) { return half.waits && half.prepared_offset < 0; }

/// The final message and its op are two effects. Under SYNC_FLUSH a flush lies between them. Else, in 5.3,
/// the second is in memory, which a crash between them takes away as it does a moment later; in 4.9 it is an
/// append, and an event of its own (add_op).
void put_final(Site& site, WaitingSend end) {
  const LogRecord half = *record_of(site, end.request);
  end.request.intent = half.intent;
  end.queue_offset = put_now(site, final_of(half)).queue_offset;
  tell_executed(site, end.request, half);
  settle_put(site, end, site.flushes_sync() && waits(half), waits(half));
}

void commit(Site& site, const WaitingSend& end) {
  if (waits(*record_of(site, end.request)) && lacks_replicas(site))
    return refuse(site, end.request, EndRefusal::append_failed);
  switch (gate(site)) {
    case Gate::refused: return refuse(site, end.request, EndRefusal::append_failed);
    case Gate::blocked: return site.memory.ends_blocked.push_back(end);
    case Gate::open: return put_final(site, end);
  }
}

void execute_end(Site& site, const WaitingSend& end) {
  const EndRefusal why = refusal_of(site, end.request);
  if (why != EndRefusal::count) return refuse(site, end.request, why);
  if (end.request.verdict == TransactionVerdict::commit) return commit(site, end);
  const LogRecord half = *record_of(site, end.request);
  tell_executed(site, end.request, half);
  add_op(site, half.intent, half.queue_offset);
}

}  // namespace

void on_end_transaction(Site& site, const Payload& request) {
  WaitingSend end;
  end.request = request;
  end.since = site.now();
  if (has_free_thread(site)) return execute_end(site, end);
  site.memory.ends_queued.push_back(end);
  arm_scan(site);
}

/// FLUSH_DISK_TIMEOUT, FLUSH_SLAVE_TIMEOUT and SLAVE_NOT_AVAILABLE are successes to sendFinalMessage. (The
/// half message itself may have been cut off meanwhile.)
void final_stored(Site& site, const Payload& request) {
  add_op(site, request.intent, request.offset);
  end_thread_free(site);
}

/// The final message may be committed all the same, and its half message is checked again.
void final_refused(Site& site, const Payload& request) {
  refuse(site, request, EndRefusal::append_failed);
  end_thread_free(site);
}

void end_thread_free(Site& site) {
  std::vector<WaitingSend>& queued = site.memory.ends_queued;
  while (!queued.empty() && has_free_thread(site)) {
    const WaitingSend end = queued.front();
    queued.erase(queued.begin());
    execute_end(site, end);
  }
  arm_scan(site);
}

void release_ends(Site& site) {
  for (const WaitingSend& end : std::exchange(site.memory.ends_blocked, {})) {
    const bool appends = met_in_lock(site) == PutStatus::PUT_OK && finds_half(site, end.request);
    appends ? put_final(site, end) : refuse(site, end.request, EndRefusal::append_failed);
  }
  end_thread_free(site);
}

/// BrokerFastFailure.cleanExpiredRequestInQueue: SYSTEM_BUSY, which nobody reads.
void drop_old_ends(Site& site) {
  std::vector<WaitingSend>& queued = site.memory.ends_queued;
  while (!queued.empty() &&
         site.now() - queued.front().since >= site.settings().waitTimeMillsInTransactionQueue) {
    refuse(site, queued.front().request, EndRefusal::queue_timeout);
    queued.erase(queued.begin());
  }
}

}  // namespace brokersim::model::rocketmq
