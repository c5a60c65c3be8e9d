// Ops: what says that a half message is resolved. 5.3: TransactionalMessageServiceImpl.deletePrepareMessage
// and batchSendOpMessage, driven by TransactionalOpBatchService. 4.9: one op record for each, at once
// (TransactionalMessageBridge.putOpMessage).
//
// The service wakes an interval after the *start* of its last wake, or when more than transactionOpMsgMaxSize
// bytes are pending. A wake writes if that size is reached, or an interval has passed since
// lastWriteTimestamp, which is taken *within* a wake and starts at the first op of a life. So the first batch
// goes out 3 to 6 s after a start's first op, and later ones wait 0 to 3 s, unless a wake's own work took it
// into the next millisecond: then the next wake finds 2,999 ms and does nothing.
#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/replication.hpp"
#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::size_t queue_capacity =
    20'000;  ///< deletePrepareMessage: new MessageQueueOpContext(.., 20000)

Duration interval_of(const Site& site) { return std::max(site.settings().transactionOpBatchInterval, 1_ms); }

/// The offset's digits and a comma.
std::int64_t body_size(std::int64_t offset) {
  std::int64_t size = 2;
  while (offset >= 10) offset /= 10, ++size;
  return size;
}

void lose(const Site& site, const std::vector<BufferedOp>& ops) {
  for (const BufferedOp& op : ops)
    site.record(RecordKind::op_lost, op.intent.value, site.subject(), op.half_offset);
}

/// One op record; the gate has been passed.
void put_ops(Site& site, const std::vector<BufferedOp>& ops, std::int64_t bytes) {
  auto& offsets = site.broker.cache.op_offsets;
  LogRecord record;
  record.topic = op_topic(site.all());
  record.size = static_cast<std::uint32_t>(bytes);
  record.op_count = static_cast<std::uint16_t>(ops.size());
  record.first_op = static_cast<std::int64_t>(offsets.size());
  record.born = site.wall();
  for (const BufferedOp& op : ops) offsets.append(op.half_offset);
  const std::int64_t at = put_now(site, record).queue_offset;
  site.record(RecordKind::op_record, site.subject(), record.op_count, at);
  for (const BufferedOp& op : ops)
    site.record(RecordKind::op_stored, op.intent.value, site.subject(), op.half_offset);
}

/// writeOp. That it failed is only logged (4.9: ignored): these offsets are gone.
void write(Site& site, const std::vector<BufferedOp>& ops, std::int64_t bytes) {
  switch (gate(site)) {
    case Gate::refused: return lose(site, ops);
    case Gate::blocked: return site.memory.transactions.batch.blocked.push_back({ops, bytes});
    case Gate::open: return put_ops(site, ops, bytes);
  }
}

/// getOpMessage: from the front, until the body has transactionOpMsgMaxSize bytes.
void write_batch(Site& site, std::vector<BufferedOp> ops, std::int64_t bytes) {
  OpBatch& batch = site.memory.transactions.batch;
  const std::int64_t more = bytes;
  std::size_t taken = 0;
  for (; taken < batch.ops.size() && bytes < site.settings().transactionOpMsgMaxSize; ++taken) {
    ops.push_back(batch.ops[taken]);
    bytes += body_size(batch.ops[taken].half_offset);
  }
  batch.ops.erase(batch.ops.begin(), batch.ops.begin() + static_cast<std::ptrdiff_t>(taken));
  batch.bytes -= bytes - more;
  batch.last_write = site.now();
  ++batch.writes;
  write(site, ops, bytes);
}

bool is_full(const Site& site) {
  return site.memory.transactions.batch.bytes >= site.settings().transactionOpMsgMaxSize;
}

/// Whether a wake writes now.
bool is_due(const Site& site) {
  const OpBatch& batch = site.memory.transactions.batch;
  return !batch.ops.empty() && (is_full(site) || site.now() - batch.last_write >= interval_of(site));
}

/// Whether the write at the last wake had slipped into the next millisecond: asked once, when it matters.
bool slipped(const Site& site) {
  const OpBatch& batch = site.memory.transactions.batch;
  const std::uint64_t life = site.world.processes[site.broker.process.value].incarnation.value;
  const auto key =
      sim::DrawKey::of(Purpose::op_batch_slip, site.broker.process.value, life << 32 | batch.writes);
  return batch.writes > 0 && site.context.choices().chance(key, site.config.op_batch_slip_chance);
}

/// The first wake that will write. Those before it find too little, and move nothing.
void arm_wake(Site& site) {
  OpBatch& batch = site.memory.transactions.batch;
  SimTime due = next_on_grid(batch.wakes.last, interval_of(site), site.now());
  if (!is_full(site)) {
    while (due - batch.last_write < interval_of(site)) due += interval_of(site);
    if (due - batch.last_write == interval_of(site) && slipped(site)) due += interval_of(site);
  }
  arm(site, batch.timer, due, BrokerOn::op_batch);
}

void write_one(Site& site) {
  OpBatch& batch = site.memory.transactions.batch;
  const BufferedOp op = batch.ops.front();
  batch.ops.erase(batch.ops.begin());
  batch.bytes -= body_size(op.half_offset);
  write(site, {op}, body_size(op.half_offset) - 1);
  if (!batch.ops.empty()) arm(site, batch.timer, site.now(), BrokerOn::op_batch);
}

/// The thread of the service waits in the append lock. (So it seems also when END_TRANSACTION's does that
/// found the queue full: 20,000 ops while the lock is held.)
bool is_blocked(const Site& site) { return !site.memory.transactions.batch.blocked.empty(); }

/// batchSendOpMessage. More than one record's worth is written by wakes that follow each other at once.
void wake(Site& site) {
  OpBatch& batch = site.memory.transactions.batch;
  batch.wakes.last = site.now();
  if (is_due(site)) write_batch(site, {}, 0);
  if (batch.ops.empty() || is_blocked(site)) return;
  if (is_full(site)) return arm(site, batch.timer, site.now(), BrokerOn::op_batch);
  arm_wake(site);
}

}  // namespace

void add_op(Site& site, IntentId intent, std::int64_t half_offset) {
  OpBatch& batch = site.memory.transactions.batch;
  if (!std::exchange(batch.used, true)) batch.last_write = site.now();
  site.record(RecordKind::op_buffered, intent.value, site.subject(), half_offset);
  // offer() first waits 100 ms for room; nothing but its own thread waits with it, so they are left out.
  if (!site.is_4_9() && batch.ops.size() >= queue_capacity)
    return write_batch(site, {{intent, half_offset}}, body_size(half_offset));
  batch.ops.push_back({intent, half_offset});
  batch.bytes += body_size(half_offset);
  if (site.memory.stopping && !site.is_4_9()) return;  // the service's thread has ended
  if (!site.is_4_9() && is_blocked(site)) return;
  if (site.is_4_9() || batch.bytes > site.settings().transactionOpMsgMaxSize)
    return arm(site, batch.timer, site.now(), BrokerOn::op_batch);
  if (!batch.timer.armed || is_full(site)) arm_wake(site);
}

void op_batch_wakes(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.transactions.batch.timer, event)) return;
  if (!site.is_4_9()) return wake(site);
  write_one(site);
  end_thread_free(site);
}

/// onWaitEnd has taken its time: a wake that is overdue follows at once.
void release_ops(Site& site) {
  OpBatch& batch = site.memory.transactions.batch;
  const std::vector<BlockedOps> blocked = std::exchange(batch.blocked, {});
  for (const BlockedOps& record : blocked)
    met_in_lock(site) == PutStatus::PUT_OK ? put_ops(site, record.ops, record.bytes) : lose(site, record.ops);
  if (site.is_4_9()) return end_thread_free(site);
  if (blocked.empty() || site.memory.stopping) return;
  const bool overdue = site.now() - batch.wakes.last >= interval_of(site);
  if (overdue || is_full(site)) return arm(site, batch.timer, site.now(), BrokerOn::op_batch);
  if (!batch.ops.empty()) arm_wake(site);
}

/// wakeupTimestamp is compared with the clock each time waitForRunning returns, which it does at once when a
/// wake is due; set back, the service sleeps on the old interval first, so the grid is that of the old clock.
void ops_clock_set(Site& site, Duration by) {
  OpBatch& batch = site.memory.transactions.batch;
  if (site.is_4_9() || !batch.used) return;
  batch.last_write = batch.last_write - by;
  if (batch.ops.empty() || is_blocked(site) || site.memory.stopping) return;
  disarm(site, batch.timer);
  arm_wake(site);
}

/// TransactionalMessageServiceImpl.close, before the store shuts down: ServiceThread.shutdown wakes the
/// service a last time, under the same condition. What is younger dies with the process.
void op_batch_stops(Site& site) {
  OpBatch& batch = site.memory.transactions.batch;
  if (site.is_4_9()) return;
  disarm(site, batch.timer);
  if (is_due(site)) write_batch(site, {}, 0);
}

void forget_transactions(Site& site) {
  OpBatch& batch = site.memory.transactions.batch;
  for (const BlockedOps& record : std::exchange(batch.blocked, {})) lose(site, record.ops);
  lose(site, std::exchange(batch.ops, {}));
  for (const WaitingSend& end : puts_that_wait(site.memory, PayloadKind::end_transaction))
    lose(site, {{end.request.intent, end.request.offset}});
}

}  // namespace brokersim::model::rocketmq
