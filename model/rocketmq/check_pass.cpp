// One pass of TransactionalMessageServiceImpl.check over the half queue, resumable: it reads on within one
// event, and an event ends with each effect (a copy, its question, a discarded message) and each sleep.
#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration pass_time_max = 60_s;    ///< MAX_PROCESS_TIME_LIMIT
constexpr Duration sleep_without_op = 1_s;  ///< SLEEP_WHILE_NO_OP (5.x)
/// A put that fails is tried again at once, and so is (4.9) a pull that finds nothing; here each millisecond.
constexpr Duration retry_time = 1_ms;
/// Clocks are read in whole milliseconds: younger than this is born in the future.
constexpr Duration clock_step = 1_ms;

CheckPass& pass_of(Site& site) { return site.memory.transactions.pass; }

}  // namespace

void advance(CheckPass& pass) { pass.next = ++pass.at; }

void go_on_in(Site& site, Duration delay) {
  arm(site, site.memory.transactions.check_timer, site.now() + delay, BrokerOn::check_pass);
}

namespace {

/// What a slave puts is refused until the time of its pass is over.
void try_again(Site& site) {
  if (!site.is_slave()) return go_on_in(site, retry_time);
  go_on_in(site, pass_time_max + clock_step - since(site.wall(), pass_of(site).begun));
}

/// What a pass does with one half message that takes its time; keys the draw.
enum class Effect : std::uint8_t { copy, question, discard };

void go_on_after(Site& site, const LogRecord& half, Effect effect) {
  const std::uint64_t broker = site.broker.process.value,
                      offset = static_cast<std::uint64_t>(half.queue_offset);
  const std::uint64_t life = site.world.processes[site.broker.process.value].incarnation.value;
  const auto key = sim::DrawKey::of(Purpose::check_effect, sim::subject(broker, offset),
                                    life << 8 | static_cast<std::uint64_t>(effect));
  go_on_in(site, site.context.choices().duration(key, site.config.check_effect_time));
}

/// The thread waits in the append lock, with the half message that the pass has come to.
void block(Site& site, BlockedPut put) { pass_of(site).blocked = put; }

void tell_resolved(const Site& site, std::int64_t offset) {
  const LogRecord* half = record_at(site.broker, half_topic(site.all()), 0, offset);
  site.record(RecordKind::half_resolved, half == nullptr ? no_intent.value : half->intent.value,
              site.subject(), offset);
}

void end_pass(Site& site) {
  CheckPass& pass = pass_of(site);
  const std::int64_t next_op = next_op_offset(pass);
  if (pass.next != pass.half_from) store_check_offset(site, half_topic(site.all()), pass.next);
  if (next_op != pass.op_from) store_check_offset(site, op_topic(site.all()), next_op);
  site.record(RecordKind::pass_ended, site.subject(), pass.next, next_op);
  pass = {};
  check_service_sleeps(site);
}

/// removeMap.remove(i): an op record names it.
bool pass_by_op(Site& site) {
  CheckPass& pass = pass_of(site);
  const std::int64_t op = take_removal(pass, pass.at);
  if (op < 0) return false;
  settle(pass, op);
  tell_resolved(site, pass.at);
  advance(pass);
  return true;
}

/// No half message there. Behind the end of the queue (after a truncation) the pass goes back to it, and from
/// before its first offset (retention) on to that, once.
bool go_back(Site& site) {
  CheckPass& pass = pass_of(site);
  const bool again = std::exchange(pass.missed, true);
  if (again || nothing_new(site.broker, half_topic(site.all()), pass.at)) return end_pass(site), false;
  const std::int64_t first = first_offset(site.broker, half_topic(site.all()), 0);
  pass.at = pass.next = pass.at < first ? first : queue_end(site.broker, half_topic(site.all()));
  return true;
}

/// needDiscard, needSkip.
std::optional<DiscardReason> discard_reason(const Site& site, const LogRecord& half) {
  if (half.times > 0 && half.times >= site.settings().transactionCheckMax) return DiscardReason::checks_spent;
  if (since(site.wall(), half.born) > site.settings().fileReservedTime) return DiscardReason::too_old;
  return std::nullopt;
}

/// resolveDiscardMsg is over.
void pass_discarded(Site& site, const LogRecord& half, DiscardReason why) {
  site.record(RecordKind::half_discarded, half.intent.value,
              static_cast<std::int64_t>(site.number) | static_cast<std::int64_t>(why) << 16,
              half.queue_offset);
  advance(pass_of(site));
  go_on_after(site, half, Effect::discard);
}

/// That the append failed is only logged: the half message is in neither topic then.
/// That a slave goes past it so says nothing: its offsets are its new master's soon.
void discard(Site& site, const LogRecord& half, DiscardReason why) {
  if (site.is_slave()) return advance(pass_of(site)), go_on_after(site, half, Effect::discard);
  const Gate met = gate(site);
  if (met == Gate::blocked) return block(site, BlockedPut::discard);
  if (met == Gate::open) put_now(site, discarded_of(half, site.all()));
  pass_discarded(site, half, why);
}

/// The gate has been passed.
void put_copy(Site& site, const LogRecord& half, HalfCopy why) {
  const LogRecord& copy = put_now(site, copy_of(half, why));
  const auto broker = static_cast<std::int64_t>(site.number);
  site.record(RecordKind::half_copied, half.intent.value, broker | static_cast<std::int64_t>(why) << 16,
              half.queue_offset);
  site.record(RecordKind::copy_stored, half.intent.value, broker | std::int64_t{copy.times} << 16,
              copy.queue_offset);
  advance(pass_of(site));
}

/// putBackHalfMsgQueue; the question follows in an event of its own.
void put_to_check(Site& site, const LogRecord& half) {
  put_copy(site, half, HalfCopy::to_check);
  pass_of(site).asking = site.memory.appended.records - 1;
  go_on_in(site, {});
}

/// Within checkPrepareQueueOffset, which goes on with the next half message.
void put_immune(Site& site, const LogRecord& half) {
  put_copy(site, half, HalfCopy::immune);
  go_on_after(site, half, Effect::copy);
}

/// checkPrepareQueueOffset: true if it has passed the half message, by an op of its original or by a copy.
/// The op is noted as done though its other half messages may be open, as in the source.
bool pass_by_original(Site& site, const LogRecord& half) {
  CheckPass& pass = pass_of(site);
  const std::int64_t op = half.prepared_offset < 0 ? -1 : take_removal(pass, half.prepared_offset);
  if (op < 0) return false;
  pass.done_ops.push_back(op);
  tell_resolved(site, pass.at);
  advance(pass);
  return true;
}

void check(Site& site, const LogRecord& half) {
  switch (gate(site)) {
    case Gate::refused: return try_again(site);
    case Gate::blocked: return block(site, BlockedPut::copy_to_check);
    case Gate::open: return put_to_check(site, half);
  }
}

/// True: the pass goes on later. A copy that is refused leaves the half message to what follows.
bool keep_immune(Site& site, const LogRecord& half) {
  switch (gate(site)) {
    case Gate::refused: return false;
    case Gate::blocked: return block(site, BlockedPut::immune_copy), true;
    case Gate::open: return put_immune(site, half), true;
  }
  return false;
}

bool needs_check(const Site& site, const LogRecord& half, Duration age) {
  const CheckPass& pass = site.memory.transactions.pass;
  const Duration time_out = site.settings().transactionTimeOut;
  if (age <= -clock_step) return true;
  if (pass.ops_found) return since(pass.last_op_born, pass.begun) > time_out;
  return age > immunity_of(half, time_out);
}

/// Another pull of ops. Once there are none: 5.x sleeps a second and looks again, 4.9 looks again at once,
/// which is over as soon as the half message is old enough. True: read on.
bool read_more(Site& site, const LogRecord& half, Duration age) {
  CheckPass& pass = pass_of(site);
  read_ops(site, pass);
  if (pass.ops_found) return true;
  if (!site.is_4_9()) return go_on_in(site, sleep_without_op), false;
  if (needs_check(site, half, age)) return true;
  return try_again(site), false;
}

/// A half message that no op names. True: read on.
bool visit(Site& site, const LogRecord& half) {
  if (const auto why = discard_reason(site, half)) return discard(site, half, *why), false;
  if (half.stored >= pass_of(site).begun) return end_pass(site), false;
  const Duration age = since(site.wall(), half.born);
  const bool is_young = age < immunity_of(half, site.settings().transactionTimeOut);
  if (half.immunity_seconds == 0) {
    if (is_young && age > -clock_step) return end_pass(site), false;
  } else if (is_young) {
    if (pass_by_original(site, half)) return true;
    if (keep_immune(site, half)) return false;
  }
  if (!needs_check(site, half, age)) return read_more(site, half, age);
  return check(site, half), false;
}

/// One turn of the loop. True: the next follows at once.
bool turn(Site& site) {
  CheckPass& pass = pass_of(site);
  if (since(site.wall(), pass.begun) > pass_time_max) return end_pass(site), false;
  if (pass_by_op(site)) return true;
  const LogRecord* half = record_at(site.broker, half_topic(site.all()), 0, pass.at);
  if (half == nullptr) return go_back(site);
  if (escapes_halves(site)) return escape_half(site, LogRecord(*half)), false;
  return visit(site, LogRecord(*half));
}

void read_on(Site& site) {
  while (turn(site)) {
  }
  compact(pass_of(site));
}

Payload question_of(const LogRecord& copy, std::int64_t record) {
  Payload question;
  question.kind = PayloadKind::check_transaction_state;
  question.oneway = true;
  question.topic = copy.real_topic;
  question.queue = copy.real_queue;
  question.intent = copy.intent;
  question.size = copy.size;
  question.sequence = copy.sequence;
  question.offset = copy.queue_offset;
  question.record = static_cast<std::uint32_t>(record);
  question.group = copy.group;
  return question;
}

/// Broker2Client.checkProducerTransactionState: one-way; what goes wrong is only logged.
bool send_question(Site& site, const ClientChannel& channel, const LogRecord& copy, std::int64_t record) {
  if (site.world.network.connections[channel.connection.value].generation != channel.generation) return false;
  const std::uint64_t which = std::uint64_t{1} << 32 | copy.times;
  return network::send(site.world, channel.connection, false, question_of(copy, record), copy.intent.value,
                       which, site.context);
}

/// AbstractTransactionalMessageCheckListener.sendCheckMessage, in a thread of its own: the pass goes on.
void ask(Site& site) {
  const std::int64_t record = std::exchange(pass_of(site).asking, -1);
  const LogRecord copy = site.broker.cache.log[static_cast<std::size_t>(record)];
  const auto channel = available_producer(site, ProducerGroupId(copy.group));
  if (channel && send_question(site, *channel, copy, record)) {
    site.record(RecordKind::check_asked, copy.intent.value, site.subject(), channel->client.value);
  } else {
    site.record(RecordKind::check_unasked, copy.intent.value, site.subject(), copy.queue_offset);
  }
  go_on_after(site, copy, Effect::question);
}

}  // namespace

void begin_pass(Site& site) {
  CheckPass& pass = pass_of(site);
  pass = {};
  pass.running = true;
  pass.begun = site.wall();
  pass.half_from = pass.at = pass.next = check_offset(site, half_topic(site.all()));
  pass.op_from = pass.op_next = check_offset(site, op_topic(site.all()));
  site.record(RecordKind::pass_begun, site.subject(), pass.half_from, pass.op_from);
  read_ops(site, pass);
  read_on(site);
}

/// The lock is free. Once the store is shut down that was the last the thread did.
void release_check(Site& site) {
  CheckPass& pass = pass_of(site);
  const BlockedPut put = std::exchange(pass.blocked, BlockedPut::none);
  if (put == BlockedPut::none) return;
  const LogRecord* blocked = record_at(site.broker, half_topic(site.all()), 0, pass.at);
  // Deleted with its file meanwhile, or cut off, or the put is refused.
  if (blocked == nullptr || met_in_lock(site) != PutStatus::PUT_OK) return try_again(site);
  const LogRecord half = *blocked;
  if (put == BlockedPut::copy_to_check) put_to_check(site, half);
  if (put == BlockedPut::immune_copy) put_immune(site, half);
  if (put == BlockedPut::discard) {
    const auto why = discard_reason(site, half);
    put_now(site, discarded_of(half, site.all()));
    pass_discarded(site, half, why.value_or(DiscardReason::too_old));
  }
  if (site.memory.stopping) check_stops(site);
}

void continue_pass(Site& site) {
  if (pass_of(site).asking >= 0) return ask(site);
  read_on(site);
}

}  // namespace brokersim::model::rocketmq
