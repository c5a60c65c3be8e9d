#include "model/rocketmq/transaction_client_monitor.hpp"

#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

namespace {

using namespace transaction_client;

constexpr std::int64_t from_check = std::int64_t{1} << 8;

TransactionVerdict verdict_of(const sim::Record& record) {
  return static_cast<TransactionVerdict>(record.b & (from_check - 1));
}

Guard said(TransactionVerdict verdict) {
  switch (verdict) {
    case TransactionVerdict::unknown: return Guard::unknown;
    case TransactionVerdict::commit: return Guard::commit;
    case TransactionVerdict::rollback: return Guard::rollback;
  }
  return Guard::any;
}

OnCheck reply_of(TransactionVerdict verdict) {
  switch (verdict) {
    case TransactionVerdict::unknown: return OnCheck::reply_unknown;
    case TransactionVerdict::commit: return OnCheck::reply_commit;
    case TransactionVerdict::rollback: return OnCheck::reply_rollback;
  }
  return OnCheck::reply_unknown;
}

Handler handler_of(const TransactionConfig& config) {
  if (config.check_answer != CheckAnswer::local_state) return Handler::fixed;
  return config.check_absent_is_rollback ? Handler::absent_is_rollback : Handler::looks_up;
}

On skipped_by(Status status) {
  if (status == Status::FLUSH_DISK_TIMEOUT) return On::flush_disk_timeout;
  return status == Status::FLUSH_SLAVE_TIMEOUT ? On::flush_slave_timeout : On::slave_not_available;
}

State ended(State state) {
  if (state == State::local_committed) return State::committed_ended;
  if (state == State::committed_told) return State::done_committed;
  return state == State::skipped ? State::done_skipped : State::done_rolled_back;
}

State died(State state, Database database) {
  if (state == State::none) return State::none;
  if (database == Database::committed) return State::died_committed;
  return database == Database::rolled_back ? State::died_rolled_back : State::died_absent;
}

}  // namespace

void TransactionClientMonitor::on(SimTime, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::send_begun) return on_begun(record);
  const bool is_end = kind == RecordKind::end_sent || kind == RecordKind::end_unsent;
  if (is_end && (record.b & from_check) != 0) return on_reply(shadow_of(record), record);
  if (is_end) return on_end(shadow_of(record), record);
  if (kind == RecordKind::check_received || kind == RecordKind::check_dropped) {
    Shadow& shadow = shadow_of(record);
    const OnCheck on = kind == RecordKind::check_received ? OnCheck::check : OnCheck::drop;
    return move(shadow, static_cast<std::size_t>(record.a), on, Handler::any, shadow.database);
  }
  if (kind == RecordKind::local_begun || kind == RecordKind::local_done || kind == RecordKind::local_skipped)
    return on_local(shadow_of(record), kind, record);
  const bool fails = kind == RecordKind::told_failed || kind == RecordKind::unobserved;
  if (fails || kind == RecordKind::acknowledged) on_told(shadow_of(record), kind, record);
}

TransactionClientMonitor::Shadow& TransactionClientMonitor::shadow_of(const sim::Record& record) {
  if (record.subject >= intents_.size()) intents_.resize(record.subject + 1);
  return intents_[record.subject];
}

void TransactionClientMonitor::on_begun(const sim::Record& record) {
  const auto producer = static_cast<std::uint16_t>(record.a);
  if (!config_.producers[producer].transaction) return;
  Shadow& shadow = shadow_of(record);
  shadow.producer = producer;
  move(shadow, On::begin, Guard::any, State::half_sending);
}

void TransactionClientMonitor::on_local(Shadow& shadow, RecordKind kind, const sim::Record& record) {
  if (kind == RecordKind::local_skipped)
    return move(shadow, skipped_by(static_cast<Status>(record.b)), Guard::any, State::skipped);
  if (kind == RecordKind::local_begun) {
    move(shadow, shadow.producer, OnCheck::begin, Handler::any, Database::running);
    return move(shadow, On::send_ok, Guard::any, State::local_running);
  }
  const bool commits = static_cast<LocalOutcome>(record.b) == LocalOutcome::commit;
  move(shadow, shadow.producer, commits ? OnCheck::commit : OnCheck::rollback, Handler::any,
       commits ? Database::committed : Database::rolled_back);
  move(shadow, commits ? On::local_commit : On::local_rollback, Guard::any,
       commits ? State::local_committed : State::local_rolled_back);
}

/// Of every send, transactional or not.
void TransactionClientMonitor::on_told(Shadow& shadow, RecordKind kind, const sim::Record& record) {
  if (shadow.state == State::none) return;
  if (kind == RecordKind::acknowledged) {
    const bool early = shadow.state == State::local_committed;
    return move(shadow, On::told, Guard::any, early ? State::committed_told : State::done_committed);
  }
  if (static_cast<SendError>(record.a) != SendError::died)
    return move(shadow, On::exception, Guard::any, State::failed);
  if (shadow.database == Database::running)
    move(shadow, shadow.producer, OnCheck::die, Handler::any, Database::absent);
  move(shadow, On::died, Guard::any, died(shadow.state, shadow.database));
}

void TransactionClientMonitor::on_end(Shadow& shadow, const sim::Record& record) {
  move(shadow, On::end, said(verdict_of(record)), ended(shadow.state));
}

void TransactionClientMonitor::on_reply(Shadow& shadow, const sim::Record& record) {
  const auto producer = static_cast<std::size_t>(record.a);
  const auto& transaction = config_.producers[producer].transaction;
  sim::check(transaction.has_value(), "a producer without a TransactionListener answered a check");
  move(shadow, producer, reply_of(verdict_of(record)), handler_of(*transaction), shadow.database);
}

void TransactionClientMonitor::move(Shadow& shadow, On on, Guard guard, State to) {
  const auto profile = static_cast<unsigned>(config_.producers[shadow.producer].profile);
  coverage_.hit(sim::Monitor<transaction_client_rows>(profile).expect(shadow.state, on, guard, to), profile);
  shadow.state = to;
}

void TransactionClientMonitor::move(Shadow& shadow, std::size_t producer, OnCheck on, Handler handler,
                                    Database to) {
  const auto profile = static_cast<unsigned>(config_.producers[producer].profile);
  check_coverage_.hit(sim::Monitor<transaction_check_rows>(profile).expect(shadow.database, on, handler, to),
                      profile);
  shadow.database = to;
}

}  // namespace brokersim::model::rocketmq
