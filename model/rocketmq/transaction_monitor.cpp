#include "model/rocketmq/transaction_monitor.hpp"

#include <algorithm>

#include "model/who_serves.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// A pass went past it: it means nothing to later passes, unless a crash sets the offsets back.
bool is_closed(HalfState state) {
  return state == HalfState::superseded || state == HalfState::resolved || state == HalfState::discarded ||
         state == HalfState::escaped || state == HalfState::given_up;
}

bool is_of_pass(HalfEvent event) {
  return event >= HalfEvent::copied_to_check && event <= HalfEvent::pass_stops;
}

HalfEvent discard_event(std::int64_t reason) {
  return static_cast<DiscardReason>(reason) == DiscardReason::checks_spent ? HalfEvent::checks_spent
                                                                           : HalfEvent::too_old;
}

HalfEvent escape_event(std::int64_t how) {
  return static_cast<HalfEscape>(how) == HalfEscape::put ? HalfEvent::escape : HalfEvent::escape_failure;
}

/// Of a record that means the same whatever its other fields say.
HalfEvent event_of(RecordKind kind) {
  if (kind == RecordKind::half_stored) return HalfEvent::stored;
  if (kind == RecordKind::copy_stored) return HalfEvent::copy_stored;
  if (kind == RecordKind::op_buffered) return HalfEvent::op_buffered;
  if (kind == RecordKind::op_stored) return HalfEvent::op_written;
  if (kind == RecordKind::op_lost) return HalfEvent::op_lost;
  return HalfEvent::stepped_over;
}

HalfState with_op(HalfState state, HalfState next) {
  if (is_closed(state) || state == HalfState::op_stored) return state;
  return next;
}

/// Where an event leads, whether or not the table allows it.
HalfState after(HalfState state, HalfEvent event, HalfGuard guard) {
  switch (event) {
    case HalfEvent::stored: return HalfState::half;
    case HalfEvent::copy_stored: return HalfState::copy;
    case HalfEvent::op_buffered: return with_op(state, HalfState::op_in_memory);
    case HalfEvent::op_written: return with_op(state, HalfState::op_stored);
    case HalfEvent::op_lost:
      if (guard == HalfGuard::of_half) return HalfState::half;
      return guard == HalfGuard::of_copy ? HalfState::copy : state;
    case HalfEvent::copied_to_check:
    case HalfEvent::copied_immune: return HalfState::superseded;
    case HalfEvent::passed_by_op: return HalfState::resolved;
    case HalfEvent::checks_spent:
    case HalfEvent::too_old: return HalfState::discarded;
    case HalfEvent::escape: return HalfState::escaped;
    case HalfEvent::escape_failure: return HalfState::given_up;
    case HalfEvent::truncation: return HalfState::none;
    case HalfEvent::commit:
    case HalfEvent::rollback:
    case HalfEvent::refusal:
    case HalfEvent::late_refusal:
    case HalfEvent::pass_stops:
    case HalfEvent::stepped_over: return state;
  }
  return state;
}

}  // namespace

TransactionMonitor::TransactionMonitor(const Config& config) : config_(config) { reset(); }

void TransactionMonitor::reset() {
  brokers_.clear();
  masters_.clear();
  for (std::size_t b = 0; b < config_.brokers.size(); ++b) {
    const auto profile = static_cast<unsigned>(config_.brokers[b].profile);
    brokers_.push_back({sim::Monitor<transaction_rows>(profile),
                        {},
                        {},
                        0,
                        false,
                        master_of(config_, b),
                        config_.brokers[b].elects_master() || config_.brokers[b].has_stand_in()});
    masters_.push_back(b);
  }
}

HalfState TransactionMonitor::state(std::size_t broker, std::int64_t offset) const {
  const auto& halves = brokers_[broker].halves;
  const auto index = static_cast<std::size_t>(offset);
  return index < halves.size() ? halves[index].state : HalfState::none;
}

TransactionMonitor::Shadow& TransactionMonitor::shadow(BrokerShadow& broker, std::int64_t offset) {
  const auto index = static_cast<std::size_t>(offset);
  if (index >= broker.halves.size()) broker.halves.resize(index + 1);
  return broker.halves[index];
}

/// What it finds in its log is what the one before it had, as far as that has got there; the ops in memory
/// have not. An op record that it had written itself, as a master that did not know yet, it may have kept. To
/// the passes it is a crash: the offsets that they begin with are older.
void TransactionMonitor::inherit(BrokerShadow& heir, const BrokerShadow& from) {
  heir.halves.resize(std::max(heir.halves.size(), from.halves.size()));
  for (std::size_t i = 0; i < from.halves.size(); ++i) inherit_half(heir, from, i);
  for (const auto& [intent, offset] : from.latest) heir.latest[intent] = offset;
  ++heir.lives;
}

void TransactionMonitor::inherit_half(BrokerShadow& heir, const BrokerShadow& from, std::size_t i) {
  const bool is_there = from.halves[i].state != HalfState::none;
  if (!is_there && from.halves[i].was == HalfState::none) return;
  const bool has_op = heir.halves[i].state == HalfState::op_stored;
  Shadow& half = heir.halves[i] = from.halves[i];
  if (!is_there) half.state = half.was;
  half.was = HalfState::none;
  half.inherited = true;
  half.buffered = 0;
  half.life = heir.lives;
  if (half.state == HalfState::op_in_memory) half.state = half.is_copy ? HalfState::copy : HalfState::half;
  if (has_op && !is_closed(half.state)) half.state = HalfState::op_stored;
}

void TransactionMonitor::elected(std::size_t broker) {
  const std::size_t before = std::exchange(masters_[brokers_[broker].set], broker);
  if (before != broker) inherit(brokers_[broker], brokers_[before]);
  // What a power loss took from a member it took from nobody's master: its log may be shorter than this.
  for (Shadow& half : brokers_[broker].halves) half.inherited = true;
  for (Shadow& half : brokers_[before].halves) half.was = HalfState::none;
}

/// It reads what its master has told, as far as that has got there. Its master will not know what it did.
void TransactionMonitor::acts(std::size_t broker) {
  inherit(brokers_[broker], brokers_[brokers_[broker].set]);
}

/// Its master may be up again, and take half messages and verdicts, before it is registered.
void TransactionMonitor::look_at_master(BrokerShadow& broker, std::int64_t offset) {
  const auto number = static_cast<std::size_t>(&broker - brokers_.data());
  if (!config_.brokers[number].has_stand_in() || broker.set == number) return;
  Shadow& half = shadow(broker, offset);
  const BrokerShadow& master = brokers_[broker.set];
  const auto index = static_cast<std::size_t>(offset);
  const bool has_left = half.state == HalfState::escaped || half.state == HalfState::given_up;
  if (has_left || index >= master.halves.size()) return;
  inherit_half(broker, master, index);
  half.life = broker.lives - 1;
}

void TransactionMonitor::lost(BrokerShadow& broker, const sim::Record& record) {
  const Shadow before = shadow(broker, record.b);
  take(broker, HalfEvent::truncation, record.b);
  if (!broker.elects || static_cast<LossKind>(record.a >> 16) == LossKind::diverged) return;
  Shadow& half = shadow(broker, record.b);
  half = before;
  half.state = HalfState::none;
  half.was = before.state != HalfState::none ? before.state : before.was;
}

void TransactionMonitor::take(BrokerShadow& broker, HalfEvent event, std::int64_t offset) {
  look_at_master(broker, offset);
  Shadow& half = shadow(broker, offset);
  const bool is_new = event == HalfEvent::stored || event == HalfEvent::copy_stored;
  if (is_new && half.inherited) half = {};
  if (is_new) half.was = HalfState::none;
  // Of a replica that has not been master since, or whose log has been cut meanwhile: while a final message
  // waited for replicas (sendFinalMessage: FLUSH_SLAVE_TIMEOUT is a success), or an op for its batch.
  const bool of_log = event == HalfEvent::truncation || event == HalfEvent::op_lost ||
                      event == HalfEvent::op_buffered || event == HalfEvent::op_written;
  if (of_log && broker.elects && half.state == HalfState::none) return;
  if (event == HalfEvent::op_buffered) ++half.buffered;
  // An op can be lost before it is buffered: while its final message waits for the flush.
  if (event == HalfEvent::op_written || event == HalfEvent::op_lost)
    half.buffered = std::max(0, half.buffered - 1);
  HalfGuard guard = HalfGuard::any;
  if (event == HalfEvent::op_lost && half.state == HalfState::op_in_memory) {
    guard = half.buffered > 0 ? HalfGuard::again : half.is_copy ? HalfGuard::of_copy : HalfGuard::of_half;
  } else if (event == HalfEvent::passed_by_op && half.is_immune) {
    guard = HalfGuard::by_original;
  }
  if (is_of_pass(event) && is_closed(half.state) && half.life < broker.lives) guard = HalfGuard::after_crash;
  const HalfState next = after(half.state, event, guard);
  coverage_.hit(broker.monitor.expect(half.state, event, guard, next), broker.monitor.profile());
  half.state = next;
  // A pass that stops at it will come to it again.
  if (is_of_pass(event) && event != HalfEvent::pass_stops) half.life = broker.lives;
  if (event == HalfEvent::truncation) half = {};
}

void TransactionMonitor::took_in(BrokerShadow& broker, HalfEvent event, std::uint32_t intent,
                                 std::int64_t offset) {
  take(broker, event, offset);
  Shadow& half = shadow(broker, offset);
  half.is_copy = event == HalfEvent::copy_stored;
  half.is_immune = half.is_copy && std::exchange(broker.copies_immune, false);
  half.life = broker.lives;
  broker.latest[intent] = offset;
}

/// The answer does not say which record was meant: the last one of its intent stands for it.
void TransactionMonitor::refused(BrokerShadow& broker, std::uint32_t intent, EndRefusal why) {
  const auto found = broker.latest.find(intent);
  const HalfEvent event = why == EndRefusal::too_late ? HalfEvent::late_refusal : HalfEvent::refusal;
  if (found != broker.latest.end()) take(broker, event, found->second);
}

/// Mostly it ends behind the last one.
void TransactionMonitor::stopped_at(BrokerShadow& broker, std::int64_t offset) {
  look_at_master(broker, offset);
  if (shadow(broker, offset).state != HalfState::none) take(broker, HalfEvent::pass_stops, offset);
}

void TransactionMonitor::of_end(RecordKind kind, const sim::Record& record) {
  BrokerShadow& broker = broker_of(record);
  if (kind == RecordKind::end_refused)
    return refused(broker, record.subject, static_cast<EndRefusal>(record.b));
  const auto verdict = static_cast<TransactionVerdict>(record.a >> 16 & 0xff);
  take(broker, verdict == TransactionVerdict::commit ? HalfEvent::commit : HalfEvent::rollback, record.b);
}

void TransactionMonitor::of_pass(RecordKind kind, const sim::Record& record) {
  BrokerShadow& broker = broker_of(record);
  if (kind == RecordKind::half_resolved) return take(broker, HalfEvent::passed_by_op, record.b);
  if (kind == RecordKind::half_discarded) return take(broker, discard_event(record.a >> 16), record.b);
  if (kind == RecordKind::half_escape_over) return take(broker, escape_event(record.a >> 16), record.b);
  broker.copies_immune = static_cast<HalfCopy>(record.a >> 16) == HalfCopy::immune;
  take(broker, broker.copies_immune ? HalfEvent::copied_immune : HalfEvent::copied_to_check, record.b);
}

void TransactionMonitor::on(SimTime, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::half_stored || kind == RecordKind::copy_stored)
    return took_in(broker_of(record), event_of(kind), record.subject, record.b);
  if (kind == RecordKind::end_executed || kind == RecordKind::end_refused) return of_end(kind, record);
  if (kind == RecordKind::half_copied || kind == RecordKind::half_resolved ||
      kind == RecordKind::half_discarded || kind == RecordKind::half_escape_over)
    return of_pass(kind, record);
  if (kind == RecordKind::half_lost) return lost(broker_of(record), record);
  if (kind == RecordKind::op_buffered || kind == RecordKind::op_stored || kind == RecordKind::op_lost ||
      kind == RecordKind::half_stepped_over)
    return take(broker_of(record), event_of(kind), record.b);
  if (const auto master = who_serves(record)) return elected(*master);
  if (kind == RecordKind::stood_in && static_cast<StandIn>(record.a) == StandIn::acting)
    return acts(record.subject);
  if (kind == RecordKind::pass_ended) return stopped_at(brokers_[record.subject], record.a);
  if (kind == RecordKind::process_died && record.subject < brokers_.size()) ++brokers_[record.subject].lives;
}

}  // namespace brokersim::model::rocketmq
