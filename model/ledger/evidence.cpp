#include "model/ledger/evidence.hpp"

#include <algorithm>
#include <utility>

#include "sim/check.hpp"

namespace brokersim::model::ledger {

namespace {

void saturating_increment(std::uint8_t& counter) {
  if (counter < 255) ++counter;
}

}  // namespace

void Evidence::reset(const Config& config) {
  trails_.clear();
  consuming_.reset(config);
  transactions_.reset(config);
  streams_.clear();
  serves_.reset(config);
  route_learned_.assign(process_count(config), SimTime{-1});
  config_ = &config;
  healed_at_ = SimTime{-1};
  timed_out_ = no_intent.value;
}

Trail& Evidence::trail_of(const sim::Record& record) {
  if (record.subject >= trails_.size()) trails_.resize(std::size_t{record.subject} + 1);
  return trails_[record.subject];
}

void Evidence::on(SimTime at, const sim::Record& record) {
  // A switch over all kinds would hide the few that matter here; the rest is for the trace.
  const auto kind = static_cast<RecordKind>(record.kind);
  serves_.on(at, record);
  consuming_.hear(at, record);
  if (kind == RecordKind::route_learned) {
    route_learned_[record.subject] = at;
    return;
  }
  if (kind >= RecordKind::pop_buffered && kind <= RecordKind::pop_dropped) {
    if (record.subject != no_intent.value) consuming_.on(at, record);
    return;
  }
  if (kind >= RecordKind::scheduled_lost && kind <= RecordKind::timer_passed)
    return on_timer(at, trail_of(record), kind, record);
  if (kind == RecordKind::replicated || kind == RecordKind::replica_lost) on_replica(at, record);
  if (kind >= RecordKind::member_role_changed && kind <= RecordKind::majority_missed)
    return on_group(at, record);
  if (kind == RecordKind::half_escaped || kind == RecordKind::half_escape_over)
    return transactions_.on(at, record);
  if (kind > RecordKind::timer_passed) return;  // what replicas and controllers do
  if (kind == RecordKind::scheduled) on_scheduled(at, trail_of(record), record);
  if (kind >= RecordKind::consume_begun) return consuming_.on(at, record);
  if (kind == RecordKind::send_begun) {
    Trail& trail = trail_of(record);
    trail.begun = at;
    trail.producer = static_cast<std::uint16_t>(record.a);
  } else if (kind == RecordKind::attempt_sent) {
    on_sent(trail_of(record), record);
  } else if (kind == RecordKind::appended || kind == RecordKind::copy_lost) {
    on_copy(at, record);
  } else if (kind == RecordKind::delivered) {
    consuming_.on_delivered(record);
  } else if (kind == RecordKind::processed) {
    on_processed(at, record);
  } else if (kind < RecordKind::appended) {
    on_belief(at, record);
  } else if (kind == RecordKind::process_died) {
    consuming_.on(at, record);
  } else if (kind == RecordKind::healed) {
    healed_at_ = record.a != 0 ? at : SimTime{-1};
  } else if (kind >= RecordKind::half_stored || kind == RecordKind::log_truncated) {
    transactions_.on(at, record);
  }
}

void Evidence::on_belief(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::acknowledged || kind == RecordKind::believed_sent) {
    trail_of(record).believed = at;
  } else if (kind == RecordKind::told_failed || kind == RecordKind::unobserved) {
    Trail& trail = trail_of(record);
    trail.told_at = at;
    trail.error = static_cast<SendError>(record.a);
    trail.route_old = has_old_route(trail);
    trail.status = static_cast<Status>(record.b);
  }
}

bool Evidence::has_old_route(const Trail& trail) const {
  const SimTime learned = route_learned_[producer_process(*config_, trail.producer).value];
  const auto is_unknown = [&](std::size_t broker) {
    return config_->brokers[broker].elects_master() && serves_.since(broker) > learned;
  };
  if (trail.attempts > 0) return is_unknown(trail.first_queue >> 16);
  for (std::size_t b = 0; b < config_->brokers.size(); ++b) {
    if (is_unknown(b)) return true;
  }
  return false;
}

void Evidence::on_copy(SimTime at, const sim::Record& record) {
  Trail& trail = trail_of(record);
  if (static_cast<RecordKind>(record.kind) == RecordKind::appended) return on_appended(trail, record);
  on_lost(at, trail, static_cast<LossKind>(record.a));
  transactions_.on(at, record);
}

void Evidence::on_appended(Trail& trail, const sim::Record& record) {
  const Cause again = consuming_.take_delivered_again(record.subject);
  const bool by_timer = std::exchange(timed_out_, no_intent.value) == record.subject;
  trail.stored_by = static_cast<std::uint16_t>(record.a >> 16);
  trail.follows_another = consuming_.offsets().follows_another(trail.stored_by);
  consuming_.on_appended(record.subject, static_cast<std::uint32_t>(record.a));
  if (trail.appended == 1 && again != Cause::none) trail.copied_by = again;
  if (trail.appended == 1 && by_timer && trail.timers_over > trail.timers)
    trail.copied_by = Cause::storage_timer_checkpoint_forgotten;
  saturating_increment(trail.appended);
}

/// What a replica cuts off when it comes back is gone by what took its master's copy, if anything did, or
/// that of the replica which was elected: then everybody had it, and the crash is the reason.
void Evidence::on_lost(SimTime at, Trail& trail, LossKind kind) {
  const bool is_cut = kind == LossKind::diverged;
  const bool follows = is_cut && trail.copies_lost > 0;
  const bool by_elected = is_cut && elected_lost(trail);
  saturating_increment(trail.copies_lost);
  if (follows) return;
  trail.lost_at = by_elected ? trail.replica_loss.at : at;
  trail.loss = by_elected ? trail.replica_loss.kind : kind;
}

/// Only controllers make a master of a replica. One that loses what it has stored itself was the master: it
/// is one that was deposed and not yet cut off, and loses what would have been cut off.
void Evidence::on_replica(SimTime at, const sim::Record& record) {
  const bool lost = static_cast<RecordKind>(record.kind) == RecordKind::replica_lost;
  const auto broker = static_cast<std::uint16_t>((lost ? record.a : record.a >> 16) & 0xffff);
  if (!config_->brokers[broker].is_controlled()) return;
  Trail& trail = trail_of(record);
  if (!lost) {
    if (trail.replica_loss.broker == broker) trail.replica_loss = {};
  } else if (broker == trail.stored_by) {
    on_lost(at, trail, LossKind::diverged);
  } else {
    trail.replica_loss = {at, broker, static_cast<LossKind>(record.a >> 16)};
  }
}

bool Evidence::elected_lost(const Trail& trail) const {
  const ReplicaLoss& loss = trail.replica_loss;
  return loss.at.ns >= 0 && serves_.taken(loss.broker) >= loss.at;
}

/// A copy more than there are records in rmq_sys_wheel_timer is one that a crash made.
void Evidence::on_timer(SimTime at, Trail& trail, RecordKind kind, const sim::Record& record) {
  constexpr std::int64_t millisecond = 1'000'000;
  if (kind == RecordKind::scheduled_lost) {
    if (trail.timers > trail.timers_over) --trail.timers;
    on_lost(at, trail, static_cast<LossKind>(record.a >> 16));
  } else if (kind == RecordKind::timer_stored) {
    saturating_increment(trail.timers);
    const auto broker = static_cast<std::size_t>(record.a & 0xffff);
    const Duration slot = timer_precision(config_->brokers[broker].settings.timerPrecisionMs);
    trail.due = at + Duration{(record.a >> 16) * millisecond} + slot;
  } else if (kind == RecordKind::timer_over) {
    saturating_increment(trail.timers_over);
    timed_out_ = record.subject;
  } else if (kind == RecordKind::timer_rolled) {
    if (trail.timers > 0) --trail.timers;
  } else if (trail.appended == 0) {  // It has not come before.
    if (kind == RecordKind::timer_given_up) trail.given_up = true;
    if (kind == RecordKind::timer_passed) trail.passed = true;
    trail.lost_at = at;
  }
}

/// What a consumer sends back is scheduled too, but by then a copy has been appended.
void Evidence::on_scheduled(SimTime at, Trail& trail, const sim::Record& record) {
  if (trail.due.ns >= 0 || config_->producers[trail.producer].delay_level == 0) return;
  const BrokerConfig& broker = config_->brokers[static_cast<std::size_t>(record.a & 0xffff)];
  trail.due = at + broker.settings.messageDelayLevel[static_cast<std::size_t>(record.a >> 16) - 1];
}

/// Of members of a DLedger group: what took a copy of theirs counts if nobody else has one at the end.
void Evidence::on_group(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::entry_truncated) {
    transactions_.on(at, record);
  } else if (kind == RecordKind::majority_missed) {
    trail_of(record).majority_missed = true;
  } else if (kind == RecordKind::member_copy_lost) {
    Trail& trail = trail_of(record);
    trail.member_lost = true;
    trail.lost_at = at;
  } else if (kind == RecordKind::copy_truncated) {
    Trail& trail = trail_of(record);
    trail.cut_off = true;
    if (!trail.member_lost) trail.lost_at = at;  // else a crash has decided about it before
  }
}

/// A try that finds no connection leaves for nowhere: the first that leaves need not be attempt 0.
void Evidence::on_sent(Trail& trail, const sim::Record& record) {
  if (trail.attempts == 0) trail.first_queue = static_cast<std::uint32_t>(record.b);
  saturating_increment(trail.attempts);
}

void Evidence::on_processed(SimTime at, const sim::Record& record) {
  const Trail& trail = trail_of(record);
  const Cause by_level = trail.copied_by;
  const Cause of_transaction = transactions_.trail(record.subject).duplicate;
  const Cause by_retry = trail.majority_missed ? Cause::replication_late_commit : Cause::none;
  const Cause of_send = of_transaction != Cause::none ? of_transaction : by_retry;
  consuming_.on_processed(record, {trail.appended > 1, by_level != Cause::none ? by_level : of_send});
  if ((record.b & 0xffff) > 1) return;
  Consumption& consumption = consuming_.edit(static_cast<std::size_t>(record.a), record.subject);
  consumption.processed_at = at;
  consumption.late = healed_at_.ns >= 0 && trail.due <= healed_at_;
  see_order(record, consumption);
}

/// Intents are numbered in the order of their first attempt, so within one producer and first queue
/// their numbers are their sequence: a smaller one that is processed after a larger one came too late.
void Evidence::see_order(const sim::Record& record, Consumption& consumption) {
  const Trail& trail = trail_of(record);
  const std::uint64_t key = static_cast<std::uint64_t>(record.a) << 48 |
                            static_cast<std::uint64_t>(trail.producer) << 32 | trail.first_queue;
  const auto place = std::lower_bound(streams_.begin(), streams_.end(), key,
                                      [](const Stream& stream, std::uint64_t k) { return stream.key < k; });
  if (place == streams_.end() || place->key != key) {
    streams_.insert(place, Stream{key, record.subject});
  } else if (record.subject < place->furthest) {
    consumption.reordered = true;
  } else {
    place->furthest = record.subject;
  }
}

std::size_t Evidence::bytes() const {
  return trails_.capacity() * sizeof(Trail) + streams_.capacity() * sizeof(Stream) + consuming_.bytes() +
         transactions_.bytes();
}

}  // namespace brokersim::model::ledger
