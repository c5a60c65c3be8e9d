#include "model/ledger/consumption_evidence.hpp"

#include <algorithm>
#include <utility>

#include "model/ledger/reason.hpp"

namespace brokersim::model::ledger {

namespace {

void saturating_increment(std::uint8_t& counter) {
  if (counter < 255) ++counter;
}

/// `place`: queue | broker << 16 | topic << 32, as records have it.
std::uint64_t position_key(std::uint64_t group, std::int64_t place) {
  return group << 48 | static_cast<std::uint64_t>(place);
}

std::int64_t place_of(TopicId topic, std::size_t broker, std::uint16_t queue) {
  return queue | static_cast<std::int64_t>(broker) << 16 | static_cast<std::int64_t>(topic.value) << 32;
}

/// What is known when a listener gets a record that some listener had got before.
struct SecondDelivery {
  bool ignored;          ///< the queue had been taken away while it was in work
  OffsetsSince offsets;  ///< of its group
  bool died;             ///< whoever had got it has died
  bool assigned;         ///< a member has got a queue since
};

constexpr std::array<Reason<SecondDelivery>, 6> why_the_same_record{{
    {Cause::consumption_rebalance, [](const SecondDelivery& d) { return d.ignored; }},
    {Cause::replication_offset_not_synchronized, [](const SecondDelivery& d) { return d.offsets.moved; }},
    {Cause::consumption_offset_file_lost, [](const SecondDelivery& d) { return d.offsets.back; }},
    {Cause::consumption_offset_not_committed, [](const SecondDelivery& d) { return d.died; }},
    {Cause::consumption_rebalance, [](const SecondDelivery& d) { return d.assigned; }},
    {Cause::none,
     [](const SecondDelivery&) { return true; }},  // Another copy, which lies at the same offset.
}};

/// What is known when an effect is applied a second time.
struct SecondEffect {
  Cause way;    ///< the first by which this delivery, or one before it, was one too many
  bool copies;  ///< more than one entered the logs
};

template <Cause way>
constexpr bool came_by(const SecondEffect& effect) {
  return effect.way == way;
}

constexpr std::array<Reason<SecondEffect>, 14> why_applied_again{{
    {Cause::consumption_effect_before_failure, came_by<Cause::consumption_effect_before_failure>},
    {Cause::consumption_timed_out, came_by<Cause::consumption_timed_out>},
    {Cause::consumption_send_back_timed_out, came_by<Cause::consumption_send_back_timed_out>},
    {Cause::storage_delay_offset_forgotten, came_by<Cause::storage_delay_offset_forgotten>},
    {Cause::replication_delay_offset_not_synchronized,
     came_by<Cause::replication_delay_offset_not_synchronized>},
    {Cause::replication_late_commit, came_by<Cause::replication_late_commit>},
    {Cause::replication_offset_not_synchronized, came_by<Cause::replication_offset_not_synchronized>},
    {Cause::consumption_offset_file_lost, came_by<Cause::consumption_offset_file_lost>},
    {Cause::consumption_offset_not_committed, came_by<Cause::consumption_offset_not_committed>},
    {Cause::consumption_invisible_time_over, came_by<Cause::consumption_invisible_time_over>},
    {Cause::consumption_ack_missing, came_by<Cause::consumption_ack_missing>},
    {Cause::consumption_rebalance, came_by<Cause::consumption_rebalance>},
    // The caller puts the cause of the copies in its place.
    {Cause::production_unanswered_retry, [](const SecondEffect& effect) { return effect.copies; }},
    {Cause::consumption_rebalance, [](const SecondEffect&) { return true; }},
}};

void note(Work& work, Cause way) {
  if (work.again == Cause::none) work.again = way;
}

}  // namespace

void ConsumptionEvidence::reset(const Config& config) {
  groups_.resize(config.groups.size());
  work_.resize(config.groups.size());
  for (auto& group : groups_) group.clear();
  for (auto& group : work_) group.clear();
  deliveries_.assign(config.groups.size(), 0);
  offsets_.reset(config);
  delays_.reset(config);
  lies_at_.clear();
  assigned_.assign(config.groups.size(), SimTime{-1});
  delivered_offset_ = -1;
  died_.assign(process_count(config), SimTime{-1});
  group_of_.assign(died_.size(), nobody);
  for (std::size_t i = 0; i < config.push_consumers.size(); ++i)
    group_of_[push_consumer_process(config, i).value] = config.push_consumers[i].group.value;
  positions_.clear();
}

const Consumption& ConsumptionEvidence::consumption(std::size_t group, std::size_t intent) const {
  static constexpr Consumption nothing{};
  return intent < groups_[group].size() ? groups_[group][intent] : nothing;
}

Consumption& ConsumptionEvidence::edit(std::size_t group, std::size_t intent) {
  auto& intents = groups_[group];
  if (intent >= intents.size()) intents.resize(intent + 1);
  return intents[intent];
}

const Work& ConsumptionEvidence::work(std::size_t group, std::size_t intent) const {
  static constexpr Work nothing{};
  return intent < work_[group].size() ? work_[group][intent] : nothing;
}

Work& ConsumptionEvidence::work_of(const sim::Record& record) {
  return work_in(static_cast<std::size_t>(record.a), record.subject);
}

Work& ConsumptionEvidence::work_in(std::size_t group, std::size_t intent) {
  auto& intents = work_[group];
  if (intent >= intents.size()) intents.resize(intent + 1);
  return intents[intent];
}

std::int64_t ConsumptionEvidence::deliveries(std::size_t group) const { return deliveries_[group]; }

SimTime ConsumptionEvidence::died_at(std::uint16_t process) const {
  return process < died_.size() ? died_[process] : SimTime{-1};
}

void ConsumptionEvidence::hear(SimTime at, const sim::Record& record) {
  offsets_.on(at, record);
  delays_.on(at, record);
}

void ConsumptionEvidence::on_appended(std::uint32_t intent, std::uint32_t place) {
  if (intent >= lies_at_.size()) lies_at_.resize(std::size_t{intent} + 1);
  lies_at_[intent] = place;
}

void ConsumptionEvidence::on(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::consume_begun) {
    on_begun(at, work_of(record), record);
  } else if (kind == RecordKind::consume_result) {
    on_result(at, work_of(record), record);
  } else if (kind == RecordKind::consume_expired) {
    saturating_increment(work_of(record).failed);
    note(work_of(record), Cause::consumption_timed_out);
  } else if (kind == RecordKind::result_ignored) {
    work_of(record).ignored_now = true;
  } else if (kind >= RecordKind::pop_buffered && kind <= RecordKind::pop_dropped) {
    on_pop(at, work_in(static_cast<std::size_t>(record.a & 0xffff), record.subject), record);
  } else if (kind == RecordKind::work_failed) {
    work_of(record).work_failed_at = at;
  } else if (kind == RecordKind::sent_back) {
    on_sent_back(at, work_of(record), record);
  } else if (kind == RecordKind::returned_lost) {
    on_returned_lost(at, work_in(static_cast<std::size_t>(record.a & 0xffff), record.subject), record);
  } else if (kind == RecordKind::send_back_failed) {
    on_send_back_failed(work_of(record));
  } else if (kind == RecordKind::retry_stored) {
    on_retry_stored(work_of(record), record.subject);
  } else {
    on_process(at, record);
  }
}

/// A record that comes once more, though an effect or a send-back has been made of it, or a living listener
/// is still at work on it, is one delivery too many.
void ConsumptionEvidence::on_begun(SimTime at, Work& work, const sim::Record& record) {
  const auto times = static_cast<std::uint8_t>(std::min<std::int64_t>(record.b >> 16, 255));
  const bool same_as_last = times == work.times && delivered_offset_ == work.offset;
  const bool same_as_first = times == 0 && delivered_offset_ == work.first_offset;
  const bool lives = died_at(work.consumer) < work.delivered_at;
  const bool had_come = work.consumer != nobody && (same_as_last || same_as_first);
  const bool was_used = work.effect_now || work.sent_back_now || lives || !same_as_last;
  work.again_now = false;
  const Delivered delivered = delivery_now(work, record);
  offsets_.delivered(delivered);
  if (had_come && was_used) {
    const Cause why = why_delivered_again(work, delivered);
    work.again_now = why != Cause::none;
    note(work, why);
  }
  if (work.consumer == nobody) work.first_offset = delivered_offset_;
  work.delivered_at = at;
  work.offset = delivered_offset_;
  work.consumer = static_cast<std::uint16_t>(record.b & 0xffff);
  work.times = times;
  work.effect_now = work.sent_back_now = work.resent_now = work.ignored_now = work.result_now = false;
}

/// The record that a listener gets, as of the time when one got it before.
Delivered ConsumptionEvidence::delivery_now(const Work& work, const sim::Record& record) const {
  const bool retry = record.b >> 16 != 0;
  const std::uint32_t lies_at = record.subject < lies_at_.size() ? lies_at_[record.subject] : 0;
  return {static_cast<std::size_t>(record.a),
          retry ? work.retry_at : lies_at,
          delivered_offset_,
          retry,
          work.delivered_at,
          died_at(work.consumer)};
}

Cause ConsumptionEvidence::why_delivered_again(const Work& work, const Delivered& again) const {
  SecondDelivery facts{};
  facts.ignored = work.ignored_now;
  facts.died = again.reader_died >= work.delivered_at;
  facts.offsets = offsets_.since(again);
  facts.assigned = assigned_[again.group] >= work.delivered_at;
  return first_that_holds(why_the_same_record, facts);
}

/// What is revived is one delivery too many if its effect has been applied, or its listener is still at work;
/// and so is what is popped again because a crash has set the offset back.
void ConsumptionEvidence::on_pop(SimTime at, Work& work, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::pop_dropped) work.dropped = true;
  if (kind == RecordKind::pop_not_revived) work.not_revived = true;
  if (kind == RecordKind::pop_buffered || kind == RecordKind::pop_stored) {
    const auto group = static_cast<std::size_t>(record.a & 0xffff);
    const auto broker = static_cast<std::size_t>(record.a >> 48 & 0xffff);
    if (work.popped_at.ns >= 0 && offsets_.is_back_since(group, broker, work.popped_at))
      note(work, Cause::consumption_offset_file_lost);
    work.popped_at = at;
  }
  if (kind != RecordKind::pop_revived || work.consumer == nobody) return;
  const bool lives = died_at(work.consumer) < work.delivered_at;
  const bool works = lives && !work.effect_now && !work.result_now;
  if (works || work.ignored_now) return note(work, Cause::consumption_invisible_time_over);
  if (work.effect_now) note(work, Cause::consumption_ack_missing);
}

/// Records whose subject is no intent.
void ConsumptionEvidence::on_process(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::process_died) {
    if (record.subject < died_.size()) died_[record.subject] = at;
  } else if (kind == RecordKind::queue_assigned) {
    on_position(at, record);
  }
}

void ConsumptionEvidence::on_position(SimTime at, const sim::Record& record) {
  const std::uint16_t group = record.subject < group_of_.size() ? group_of_[record.subject] : nobody;
  if (group == nobody) return;
  const std::uint64_t key = position_key(group, record.a);
  assigned_[group] = at;
  const auto place = place_for(key);
  if (place == positions_.end() || place->key != key)
    positions_.insert(place, Position{key, record.b, record.b});
  else
    positions_[static_cast<std::size_t>(place - positions_.cbegin())].latest = record.b;
}

void ConsumptionEvidence::on_result(SimTime at, Work& work, const sim::Record& record) {
  const auto result = static_cast<ConsumeResult>(record.b & 0xffff);
  if (result == ConsumeResult::never) return;
  work.result_now = true;
  if (result != ConsumeResult::success) {
    saturating_increment(work.failed);
    // Somebody else may have applied it meanwhile: then two had the message.
    const bool its_own = work.effect_now && work.effect_by == static_cast<std::uint16_t>(record.b >> 16);
    if (its_own) note(work, Cause::consumption_effect_before_failure);
  } else if (work.acknowledged_at.ns < 0) {
    work.acknowledged_at = at;
    work.acknowledger = static_cast<std::uint16_t>(record.b >> 16);
  }
}

void ConsumptionEvidence::on_sent_back(SimTime at, Work& work, const sim::Record& record) {
  work.sent_back_now = true;
  work.returned_at = at;
  work.asked_dead = work.asked_dead || record.b == asked_dead_letter;
}

void ConsumptionEvidence::on_returned_lost(SimTime at, Work& work, const sim::Record& record) {
  work.returned_lost_at = at;
  work.returned_loss = static_cast<LossKind>(record.a >> 16);
}

/// First the client sends it to the retry topic itself; a second failure of one delivery says that this has
/// failed too, and it stays in the client.
void ConsumptionEvidence::on_send_back_failed(Work& work) {
  if (std::exchange(work.resent_now, true)) saturating_increment(work.kept);
}

/// Each failed delivery that did not stay in the client may come again once.
void ConsumptionEvidence::on_retry_stored(Work& work, std::uint32_t intent) {
  work.retry_at = std::uint32_t{delays_.broker()} << 16;
  if (const Cause again = take_delivered_again(intent); again != Cause::none) return note(work, again);
  saturating_increment(work.retries);
  if (work.retries > work.failed - work.kept) note(work, Cause::consumption_send_back_timed_out);
}

void ConsumptionEvidence::on_delivered(const sim::Record& record) {
  const auto group = static_cast<std::size_t>(record.a);
  saturating_increment(edit(group, record.subject).deliveries);
  delivered_offset_ = record.b;
  ++deliveries_[group];
}

void ConsumptionEvidence::on_processed(const sim::Record& record, const Copies& copies) {
  // A plain reader keeps its offsets: nothing but a second copy comes to it twice.
  if (record.subject >= work_[static_cast<std::size_t>(record.a)].size()) return;
  Work& work = work_of(record);
  work.effect_now = true;
  work.effect_by = static_cast<std::uint16_t>(record.b >> 16);
  if ((record.b & 0xffff) <= 1 || work.duplicate != Cause::none) return;
  // Of a message with further copies only what came by the retry topic, or once more, is known to be the
  // same.
  const bool known = !copies.several || work.times > 0 || work.again_now;
  const bool listened = work.consumer != nobody;
  const Cause cause = first_that_holds(
      why_applied_again, SecondEffect{known ? work.again : Cause::none, copies.several || !listened});
  const bool by_copies = cause == Cause::production_unanswered_retry && copies.why != Cause::none;
  work.duplicate = by_copies ? copies.why : cause;
}

std::vector<ConsumptionEvidence::Position>::const_iterator ConsumptionEvidence::place_for(
    std::uint64_t key) const {
  return std::lower_bound(positions_.begin(), positions_.end(), key,
                          [](const Position& position, std::uint64_t k) { return position.key < k; });
}

const ConsumptionEvidence::Position* ConsumptionEvidence::find(std::uint64_t key) const {
  const auto place = place_for(key);
  return place != positions_.end() && place->key == key ? &*place : nullptr;
}

std::int64_t ConsumptionEvidence::first_position(std::size_t group, TopicId topic, std::size_t broker,
                                                 std::uint16_t queue) const {
  const Position* position = find(position_key(group, place_of(topic, broker, queue)));
  return position == nullptr ? -1 : position->first;
}

std::int64_t ConsumptionEvidence::latest_position(std::size_t group, TopicId topic, std::size_t broker,
                                                  std::uint16_t queue) const {
  const Position* position = find(position_key(group, place_of(topic, broker, queue)));
  return position == nullptr ? -1 : position->latest;
}

std::size_t ConsumptionEvidence::bytes() const {
  std::size_t sum = positions_.capacity() * sizeof(Position);
  for (const auto& group : groups_) sum += group.capacity() * sizeof(Consumption);
  for (const auto& group : work_) sum += group.capacity() * sizeof(Work);
  return sum;
}

}  // namespace brokersim::model::ledger
