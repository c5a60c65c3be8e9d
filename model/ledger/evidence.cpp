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
  groups_.resize(config.groups.size());
  for (auto& group : groups_) group.clear();
  streams_.clear();
  healed_ = false;
}

const Consumption& Evidence::consumption(std::size_t group, std::size_t intent) const {
  static constexpr Consumption nothing{};
  return intent < groups_[group].size() ? groups_[group][intent] : nothing;
}

Trail& Evidence::trail_of(const sim::Record& record) {
  if (record.subject >= trails_.size()) trails_.resize(record.subject + 1);
  return trails_[record.subject];
}

Consumption& Evidence::consumption_of(std::size_t group, std::uint32_t intent) {
  auto& intents = groups_[group];
  if (intent >= intents.size()) intents.resize(intent + 1);
  return intents[intent];
}

void Evidence::on(SimTime at, const sim::Record& record) {
  // A switch over all kinds would hide the few that matter here; the rest is for the trace.
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::send_begun) {
    Trail& trail = trail_of(record);
    trail.begun = at;
    trail.producer = static_cast<std::uint16_t>(record.a);
  } else if (kind == RecordKind::attempt_sent) {
    on_sent(trail_of(record), record);
  } else if (kind == RecordKind::acknowledged || kind == RecordKind::believed_sent) {
    trail_of(record).believed = at;
  } else if (kind == RecordKind::told_failed || kind == RecordKind::unobserved) {
    Trail& trail = trail_of(record);
    trail.told_at = at;
    trail.error = static_cast<SendError>(record.a);
  } else if (kind == RecordKind::appended) {
    saturating_increment(trail_of(record).appended);
  } else if (kind == RecordKind::copy_lost) {
    Trail& trail = trail_of(record);
    saturating_increment(trail.copies_lost);
    trail.lost_at = at;
    trail.loss = static_cast<LossKind>(record.a);
  } else if (kind == RecordKind::delivered) {
    saturating_increment(consumption_of(static_cast<std::size_t>(record.a), record.subject).deliveries);
  } else if (kind == RecordKind::processed) {
    on_processed(record);
  } else if (kind == RecordKind::healed) {
    healed_ = record.a != 0;
  }
}

/// A try that finds no connection leaves for nowhere: the first that leaves need not be attempt 0.
void Evidence::on_sent(Trail& trail, const sim::Record& record) {
  if (trail.attempts == 0) trail.first_queue = static_cast<std::uint32_t>(record.b);
  saturating_increment(trail.attempts);
}

/// Intents are numbered in the order of their first attempt, so within one producer and first queue
/// their numbers are their sequence: a smaller one that is processed after a larger one came too late.
void Evidence::on_processed(const sim::Record& record) {
  Consumption& consumption = consumption_of(static_cast<std::size_t>(record.a), record.subject);
  if (record.b > 1) return;
  consumption.late = healed_;
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
  std::size_t sum = trails_.capacity() * sizeof(Trail) + streams_.capacity() * sizeof(Stream);
  for (const auto& group : groups_) sum += group.capacity() * sizeof(Consumption);
  return sum;
}

}  // namespace brokersim::model::ledger
