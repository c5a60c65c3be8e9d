#include "model/ledger/judge.hpp"

#include <algorithm>

#include "model/ledger/loss.hpp"
#include "model/ledger/reason.hpp"

namespace brokersim::model::ledger {

namespace {

/// One intent for one group: all that its class and causes depend on.
struct Case {
  bool log_only = false;
  bool transactional = false;
  bool controlled = false;  ///< the brokers are in controller mode
  bool listened = false;    ///< the group has push consumers
  bool broadcasting = false;
  bool pops = false;  ///< the group is in POP mode
  Told told = Told::nothing;
  Local local = Local::absent;
  SendMode send = SendMode::sync;
  int effects = 0;
  bool exists = false;             ///< a log holds a copy
  std::uint16_t buried = nowhere;  ///< a broker that never comes back has the only copy
  bool elected_lost = false;       ///< a crash of the replica that was elected afterwards took its copy
  bool left_behind = false;        ///< a replica has it that its master cannot cut off, and nobody reads
  bool reachable = false;          ///< in a queue of a topic that its broker knows
  bool pending = false;
  bool stepped_over = false;  ///< its half message, which is all there is
  bool given_up = false;      ///< ... by an acting master
  bool dead = false;
  bool mismatched = false;
  Passed passed = Passed::not_at_all;
  const Trail* trail = nullptr;
  const TransactionTrail* transaction = nullptr;
  const Work* work = nullptr;
};

/// The producer lives and still waits: nobody can say yet what becomes of it.
bool is_open(const Case& c) { return c.told == Told::nothing && c.trail->error != SendError::died; }

/// The client got SEND_OK, whether or not anybody looked.
bool was_acknowledged(const Case& c) {
  const bool told = c.told == Told::acknowledged || c.told == Told::unchecked_ok;
  return told && (!c.transactional || c.local == Local::committed);
}

bool is_unchecked(const Case& c) { return c.told == Told::unchecked; }

/// Somebody counts on it: the application (or, of a transaction, its database) believes that it is sent.
bool is_counted_on(const Case& c) {
  return was_acknowledged(c) || is_unchecked(c) || (c.transactional && c.local == Local::committed);
}

/// CONSUME_SUCCESS without the effect that it stands for.
bool was_acknowledged_unprocessed(const Case& c) { return c.listened && c.work->acknowledged_at.ns >= 0; }

bool work_failed_behind(const Case& c) {
  return was_acknowledged_unprocessed(c) && c.work->work_failed_at.ns >= 0;
}

/// The client had got it and sent it back: its copy for the retry has gone with the tail of a log.
bool returned_copy_lost(const Case& c) { return c.listened && c.work->returned_lost_at.ns >= 0; }

/// A broker had taken it back, and its group has passed over nothing.
bool was_returned(const Case& c) {
  return c.listened && c.work->returned_at.ns >= 0 && c.passed == Passed::not_at_all;
}

/// Out of the pool, or in a way that SYNC_FLUSH does not close: the cause is that of any message.
template <LossKind loss>
bool returned_copy_took(const Case& c) {
  return returned_copy_lost(c) && c.work->returned_loss == loss;
}

bool was_taken(const Case& c) { return c.trail->copies_lost > 0 || c.elected_lost; }

/// The last copy of it that a log held was taken so.
template <LossKind loss>
bool was_taken(const Case& c) {
  return was_taken(c) && (c.trail->copies_lost > 0 ? c.trail->loss : c.trail->replica_loss.kind) == loss;
}

/// Of what a group has lost although a log holds it, or although its listener had got it.
constexpr std::array<Reason<Case>, 19> why_not_consumed{{
    {Cause::consumption_retries_dropped, [](const Case& c) { return c.listened && c.work->dropped; }},
    {Cause::consumption_not_revived, [](const Case& c) { return c.listened && c.work->not_revived; }},
    {Cause::consumption_broadcast_dropped,
     [](const Case& c) { return c.broadcasting && c.listened && c.work->failed > 0; }},
    {Cause::consumption_work_failed_behind, work_failed_behind},
    {Cause::consumption_acknowledged_before_work,
     [](const Case& c) { return was_acknowledged_unprocessed(c); }},
    {Cause::storage_uncommitted_pool, returned_copy_took<LossKind::uncommitted_pool>},
    {Cause::storage_torn_tail, returned_copy_took<LossKind::torn_tail>},
    {Cause::storage_truncated_tail, returned_copy_took<LossKind::truncated_tail>},
    {Cause::storage_disk_lost, returned_copy_took<LossKind::disk_lost>},
    {Cause::storage_retention, returned_copy_took<LossKind::retention>},
    {Cause::replication_returned_copy_lost, returned_copy_took<LossKind::diverged>},
    {Cause::consumption_returned_copy_lost, returned_copy_lost},
    {Cause::consumption_initial_position, [](const Case& c) { return c.passed == Passed::at_its_start; }},
    {Cause::consumption_checkpoint_lost,
     [](const Case& c) { return c.pops && c.passed != Passed::by_a_skip; }},
    {Cause::consumption_local_offsets_lost,
     [](const Case& c) { return c.passed == Passed::by_a_later_start; }},
    {Cause::consumption_subscription_mismatch,
     [](const Case& c) { return c.mismatched && c.passed != Passed::by_a_skip; }},
    // Its copy for the retry lies in a log that serves nobody any more.
    {Cause::replication_returned_copy_lost, was_returned},
    {Cause::replication_offset_skipped, [](const Case& c) { return c.trail->follows_another; }},
    {Cause::consumption_offset_skipped, [](const Case&) { return true; }},
}};

/// Of what no log holds.
constexpr std::array<Reason<Case>, 16> why_gone{{
    {Cause::replication_not_replicated, [](const Case& c) { return c.buried != nowhere && !c.elected_lost; }},
    // The half message without a final one: TransactionEvidence has heard what became of it.
    {Cause::transaction_half_lost,
     [](const Case& c) { return c.transactional && c.local == Local::committed; }},
    {Cause::storage_timer_given_up, [](const Case& c) { return c.trail->given_up; }},
    {Cause::storage_timer_slot_passed, [](const Case& c) { return c.trail->passed; }},
    {Cause::replication_majority_unflushed, [](const Case& c) { return c.trail->member_lost; }},
    {Cause::replication_truncated_by_leader, [](const Case& c) { return c.trail->cut_off; }},
    {Cause::storage_uncommitted_pool, was_taken<LossKind::uncommitted_pool>},
    {Cause::storage_torn_tail, was_taken<LossKind::torn_tail>},
    {Cause::storage_truncated_tail, was_taken<LossKind::truncated_tail>},
    {Cause::storage_disk_lost, was_taken<LossKind::disk_lost>},
    {Cause::storage_retention, was_taken<LossKind::retention>},
    {Cause::replication_truncated, was_taken<LossKind::diverged>},
    {Cause::storage_unflushed_tail, [](const Case& c) { return was_taken(c); }},
    {Cause::replication_truncated, [](const Case& c) { return c.left_behind; }},
    {Cause::production_oneway, [](const Case& c) { return c.send == SendMode::oneway; }},
    {Cause::production_unchecked_callback, [](const Case&) { return true; }},
}};

/// CommitLog.asyncPutMessage: IN_SYNC_REPLICAS_NOT_ENOUGH. (A client takes SYSTEM_ERROR from nobody else
/// there.)
bool lacked_replicas(const Case& c) {
  return c.controlled && c.trail->error == SendError::broker_error && c.trail->status == Status::SYSTEM_ERROR;
}

constexpr std::array<Reason<Case>, 6> why_failed{{
    {Cause::production_producer_died, [](const Case& c) { return c.told == Told::nothing; }},
    {Cause::production_message_refused,
     [](const Case& c) {
       return c.trail->error == SendError::broker_error && c.trail->status == Status::MESSAGE_ILLEGAL;
     }},
    {Cause::transaction_half_not_stored, [](const Case& c) { return c.transactional; }},
    {Cause::production_replicas_missing, lacked_replicas},
    {Cause::production_route_old, [](const Case& c) { return c.trail->route_old; }},
    {Cause::production_retries_exhausted, [](const Case&) { return true; }},
}};

constexpr std::array<Reason<Case>, 2> why_rolled_back{{
    {Cause::transaction_status_not_ok, [](const Case& c) { return c.transaction->local_skipped; }},
    {Cause::transaction_rolled_back, [](const Case&) { return true; }},
}};

constexpr std::array<Reason<Case>, 5> why_stuck{{
    {Cause::transaction_escape_given_up, [](const Case& c) { return !c.exists && c.given_up; }},
    {Cause::transaction_half_stepped_over, [](const Case& c) { return !c.exists && c.stepped_over; }},
    {Cause::storage_topic_configuration_lost, [](const Case& c) { return c.exists && !c.reachable; }},
    {Cause::consumption_subscription_mismatch, [](const Case& c) { return c.exists && c.mismatched; }},
    {Cause::none, [](const Case&) { return true; }},
}};

Cause why_it_is_gone(const Case& c) {
  const Cause cause = first_that_holds(why_gone, c);
  const bool was_stored = c.trail->appended > 0 || c.trail->timers > 0;
  if (cause == Cause::production_unchecked_callback)
    sim::check(!was_stored, "a message that was stored is gone, and no record says what took it");
  const bool by_transaction = cause == Cause::transaction_half_lost && c.transaction->loss != Cause::none;
  return by_transaction ? c.transaction->loss : cause;
}

Cause cause_of_loss(const Case& c) {
  const bool had_it = !c.log_only && (was_acknowledged_unprocessed(c) || returned_copy_lost(c));
  return c.exists || had_it ? first_that_holds(why_not_consumed, c) : why_it_is_gone(c);
}

/// The order is that of the project's design.
Class class_of(const Case& c) {
  if (c.effects > 0) return c.transactional && c.local != Local::committed ? Class::ghost : Class::processed;
  if (c.dead) return Class::dead_lettered;
  if (c.pending || is_open(c)) return Class::stuck;
  if (is_counted_on(c)) return Class::lost;
  const bool rolled_back = c.told == Told::rolled_back || c.local == Local::rolled_back;
  return c.transactional && rolled_back ? Class::rolled_back : Class::failed;
}

Cause cause_of(const Case& c, const Outcome& outcome) {
  switch (outcome.outcome) {
    case Class::processed: return outcome.vanished_cause;
    case Class::ghost: return Cause::transaction_check_answered_commit;
    case Class::dead_lettered:
      return c.work->asked_dead ? Cause::consumption_dead_letter_asked : Cause::consumption_retries_exhausted;
    case Class::stuck: return first_that_holds(why_stuck, c);
    case Class::lost: return cause_of_loss(c);
    case Class::failed: return first_that_holds(why_failed, c);
    case Class::rolled_back: return first_that_holds(why_rolled_back, c);
    case Class::count: break;
  }
  return Cause::none;
}

Cause cause_of_duplicate(const Case& c) {
  if (!c.log_only && c.work->duplicate != Cause::none) return c.work->duplicate;
  if (c.trail->copied_by != Cause::none) return c.trail->copied_by;
  if (c.transaction->duplicate != Cause::none) return c.transaction->duplicate;
  return c.trail->majority_missed ? Cause::replication_late_commit : Cause::production_unanswered_retry;
}

Duration between(SimTime from, SimTime to) { return from.ns >= 0 && to > from ? to - from : Duration{}; }

/// Somebody believed it safe, until something took it.
struct Exposure {
  SimTime believed, taken;
};

Exposure exposure_of(const Case& c, Cause cause, const ConsumptionEvidence& consuming) {
  if (cause == Cause::consumption_acknowledged_before_work)
    return {c.work->acknowledged_at, consuming.died_at(c.work->acknowledger)};
  if (cause == Cause::consumption_work_failed_behind)
    return {c.work->acknowledged_at, c.work->work_failed_at};
  const bool returned = cause == Cause::consumption_returned_copy_lost ||
                        cause == Cause::replication_returned_copy_lost ||
                        (c.exists && returned_copy_lost(c) && cause == storage_cause(c.work->returned_loss));
  if (returned) return {c.work->returned_at, c.work->returned_lost_at};
  const SimTime believed = c.trail->believed.ns >= 0 ? c.trail->believed : c.transaction->local_at;
  if (cause == Cause::replication_not_replicated)
    return {believed, consuming.died_at(broker_process(c.buried).value)};
  const bool of_transaction = c.transactional && c.transaction->loss != Cause::none;
  if (of_transaction) return {believed, c.transaction->lost_at};
  const bool in_replica = c.elected_lost && c.trail->copies_lost == 0;
  return {believed, in_replica ? c.trail->replica_loss.at : c.trail->lost_at};
}

void set_window(const Case& c, Cause cause, const ConsumptionEvidence& consuming, Outcome& outcome) {
  const Exposure exposure = exposure_of(c, cause, consuming);
  outcome.taken = exposure.taken;
  outcome.window = between(exposure.believed, exposure.taken);
}

/// Two masters have written behind one epoch entry, or a slave and its master find no point to agree on: the
/// record stays in a log that does not serve. (Looked for only where nothing else tells what became of it.)
bool lies_behind(const World& world, const Config& config, std::size_t intent) {
  for (std::size_t b = 0; b < config.brokers.size(); ++b) {
    const rocketmq::Broker::PageCache& cache = world.brokers[b].cache;
    if (!config.brokers[b].is_controlled()) continue;
    for (auto i = static_cast<std::size_t>(cache.first.records); i < cache.log.size(); ++i) {
      if (cache.log[i].intent.value == intent) return true;
    }
  }
  return false;
}

Case case_of(const World& world, const Config& config, const Evidence& evidence, const Inventory& inventory,
             std::size_t intent, std::size_t group) {
  const IntentId id(static_cast<std::uint32_t>(intent));
  Case c;
  c.trail = &evidence.trail(intent);
  c.transaction = &evidence.transactions().trail(intent);
  const ProducerConfig& producer = config.producers[c.trail->producer];
  c.log_only = is_log(config, group);
  c.transactional = producer.transaction.has_value();
  c.told = world.verdict.told_of(id);
  c.local = world.verdict.local_of(id);
  c.send = producer.send;
  const std::size_t asked = c.trail->first_queue >> 16;
  c.controlled = asked < config.brokers.size() && config.brokers[asked].is_controlled();
  c.exists = inventory.copies[intent] > 0;
  c.reachable = inventory.reachable[intent] > 0;
  if (!c.exists) {
    c.buried = inventory.buried[intent];
    c.elected_lost = evidence.elected_lost(*c.trail);
    const bool told = c.buried != nowhere || was_taken(c) || c.trail->appended == 0;
    c.left_behind = !told && lies_behind(world, config, intent);
  }
  const bool half_served = inventory.halves[intent] > 0;
  c.pending = evidence.transactions().is_pending(intent, half_served) || inventory.delayed[intent] != 0;
  c.stepped_over = evidence.transactions().is_stepped_over(intent);
  c.given_up = evidence.transactions().is_given_up(intent);
  if (c.log_only) {
    c.effects = inventory.reachable[intent];
    c.pending = c.pending || (c.exists && !c.reachable);
    return c;
  }
  c.work = &evidence.consuming().work(group, intent);
  c.listened = c.work->consumer != nobody;
  c.broadcasting = is_broadcasting(config, group);
  c.pops = consumes_by_pop(config, group);
  c.effects = world.verdict.effects[group][intent];
  c.pending = c.pending || inventory.pending[group][intent] != 0;
  c.dead = inventory.dead[group][intent] != 0;
  c.passed = inventory.passed[group][intent];
  c.mismatched = inventory.mismatched[group][producer.topic.value] != 0;
  return c;
}

void set_flags(const Case& c, const Consumption& consumption, Outcome& outcome) {
  // What retention deletes behind its readers has done its duty.
  const bool is_done = c.effects > 0 && was_taken<LossKind::retention>(c);
  outcome.vanished = !c.exists && was_acknowledged(c) && !c.pending && !is_done;
  outcome.duplicated = c.effects > 1;
  outcome.redelivered = consumption.deliveries > 1;
  outcome.reordered = consumption.reordered;
  outcome.late = consumption.late;
}

}  // namespace

Outcome judge(const World& world, const Config& config, const Evidence& evidence, const Inventory& inventory,
              std::size_t intent, std::size_t group) {
  const Case c = case_of(world, config, evidence, inventory, intent, group);
  Outcome outcome;
  set_flags(c, c.log_only ? Consumption{} : evidence.consumption(group, intent), outcome);
  if (outcome.duplicated) outcome.duplicate_cause = cause_of_duplicate(c);
  if (outcome.vanished) outcome.vanished_cause = why_it_is_gone(c);
  outcome.outcome = class_of(c);
  outcome.cause = cause_of(c, outcome);
  if (outcome.outcome == Class::lost || outcome.vanished)
    set_window(c, outcome.vanished ? outcome.vanished_cause : outcome.cause, evidence.consuming(), outcome);
  return outcome;
}

}  // namespace brokersim::model::ledger
