#include "model/ledger/evidence.hpp"

#include <algorithm>

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
  healed_ = false;
}

Trail& Evidence::trail_of(const sim::Record& record) {
  if (record.subject >= trails_.size()) trails_.resize(std::size_t{record.subject} + 1);
  return trails_[record.subject];
}

void Evidence::on(SimTime at, const sim::Record& record) {
  // A switch over all kinds would hide the few that matter here; the rest is for the trace.
  const auto kind = static_cast<RecordKind>(record.kind);
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
    on_processed(record);
  } else if (kind < RecordKind::appended) {
    on_belief(at, record);
  } else if (kind == RecordKind::process_died || kind == RecordKind::queue_skipped) {
    consuming_.on(at, record);
  } else if (kind == RecordKind::healed) {
    healed_ = record.a != 0;
  } else if (kind >= RecordKind::half_stored || kind == RecordKind::log_truncated) {
    if (kind == RecordKind::offsets_back) consuming_.on(at, record);
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
  }
}

void Evidence::on_copy(SimTime at, const sim::Record& record) {
  Trail& trail = trail_of(record);
  if (static_cast<RecordKind>(record.kind) == RecordKind::appended)
    return saturating_increment(trail.appended);
  // What a replica cuts off when it comes back is gone by what took its master's copy, if anything did.
  const bool follows = static_cast<LossKind>(record.a) == LossKind::diverged && trail.copies_lost > 0;
  saturating_increment(trail.copies_lost);
  if (follows) return;
  trail.lost_at = at;
  trail.loss = static_cast<LossKind>(record.a);
  transactions_.on(at, record);
}

/// A try that finds no connection leaves for nowhere: the first that leaves need not be attempt 0.
void Evidence::on_sent(Trail& trail, const sim::Record& record) {
  if (trail.attempts == 0) trail.first_queue = static_cast<std::uint32_t>(record.b);
  saturating_increment(trail.attempts);
}

void Evidence::on_processed(const sim::Record& record) {
  const Cause why = transactions_.trail(record.subject).duplicate;
  consuming_.on_processed(record, {trail_of(record).appended > 1, why});
  if ((record.b & 0xffff) > 1) return;
  Consumption& consumption = consuming_.edit(static_cast<std::size_t>(record.a), record.subject);
  consumption.late = healed_;
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
