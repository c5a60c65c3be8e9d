#include "model/ledger/offset_history.hpp"

#include <algorithm>
#include <utility>

namespace brokersim::model::ledger {

namespace {

constexpr std::uint16_t no_group = 0xffff;
constexpr std::uint64_t of_retries = std::uint64_t{1} << 63;

}  // namespace

void OffsetHistory::reset(const Config& config) {
  serves_.reset(config);
  groups_ = config.groups.size();
  group_of_.assign(process_count(config), no_group);
  for (std::size_t i = 0; i < config.push_consumers.size(); ++i)
    group_of_[push_consumer_process(config, i).value] = config.push_consumers[i].group.value;
  elects_.clear();
  in_group_.clear();
  for (const BrokerConfig& broker : config.brokers) {
    elects_.push_back(broker.elects_master());
    in_group_.push_back(broker.in_group());
  }
  down_.assign(elects_.size(), false);
  torn_.assign(elects_.size(), false);
  back_.assign(elects_.size() * groups_, SimTime{-1});
  commits_.clear();
  furthest_.clear();
  skips_.clear();
  just_assigned_ = false;
}

void OffsetHistory::on(SimTime at, const sim::Record& record) {
  serves_.on(at, record);
  const auto kind = static_cast<RecordKind>(record.kind);
  const bool is_broker = record.subject < down_.size();
  if (kind == RecordKind::offset_committed) on_commit(at, record);
  if (kind == RecordKind::offsets_back) on_offsets_back(at, record);
  if (kind == RecordKind::process_died && is_broker) down_[record.subject] = true;
  if (kind == RecordKind::process_served && is_broker) down_[record.subject] = false;
  // One that lives is cut by its new master.
  if (kind == RecordKind::log_truncated && down_[record.subject]) torn_[record.subject] = true;
  if (kind == RecordKind::replica_connected && is_broker) torn_[record.subject] = false;
  // A new group begins further on: its position says so.
  const bool assigned_before = std::exchange(just_assigned_, kind == RecordKind::queue_assigned);
  if (kind == RecordKind::queue_skipped && !assigned_before) on_skip(record);
}

std::size_t OffsetHistory::group_of(std::uint32_t process) const {
  return process < group_of_.size() ? group_of_[process] : no_group;
}

std::uint64_t OffsetHistory::key_of(std::size_t group, std::int64_t place) const {
  const auto broker = static_cast<std::size_t>(place >> 16 & 0xffff);
  const auto rest = static_cast<std::uint64_t>(place) & ~std::uint64_t{0xffff0000};
  return std::uint64_t{group} << 48 | std::uint64_t{serves_.set_of(broker)} << 16 | rest;
}

void OffsetHistory::on_commit(SimTime at, const sim::Record& record) {
  const std::size_t group = group_of(record.subject);
  if (group == no_group) return;
  commits_.push_back(
      {at, key_of(group, record.a), record.b, static_cast<std::uint16_t>(record.a >> 16 & 0xffff)});
}

/// Behind the groups of consumers stands that of the check service.
void OffsetHistory::on_offsets_back(SimTime at, const sim::Record& record) {
  const auto group = static_cast<std::size_t>(record.a);
  if (group < groups_) back_[serves_.set_of(record.subject) * groups_ + group] = at;
}

void OffsetHistory::on_skip(const sim::Record& record) {
  const std::size_t group = group_of(record.subject);
  if (group != no_group) skips_.push_back(key_of(group, record.a));
}

/// A DLedger group shows its readers what a majority has; nobody else loses that than a majority that has
/// lost power, and then the next leader's log is shorter than the one before.
bool OffsetHistory::follows_another(std::size_t broker) const {
  if (!elects_[broker]) return false;
  return in_group_[broker] || (serves_.changes(broker) > 0 && !torn_[broker]);
}

std::uint64_t OffsetHistory::key_of(const Delivered& record) const {
  return key_of(record.group, record.place) | (record.retry ? of_retries : 0);
}

std::size_t OffsetHistory::place_for(std::uint64_t key) const {
  const auto place = std::lower_bound(furthest_.begin(), furthest_.end(), key,
                                      [](const Furthest& entry, std::uint64_t k) { return entry.key < k; });
  return static_cast<std::size_t>(place - furthest_.begin());
}

void OffsetHistory::delivered(const Delivered& record) {
  const std::uint64_t key = key_of(record);
  const std::size_t place = place_for(key);
  if (place == furthest_.size() || furthest_[place].key != key)
    furthest_.insert(furthest_.begin() + static_cast<std::ptrdiff_t>(place), {key, record.offset});
  furthest_[place].offset = std::max(furthest_[place].offset, record.offset);
}

/// The record of a commit does not say of which topic: one beyond all that was delivered is of another.
OffsetsSince OffsetHistory::since(const Delivered& record) const {
  OffsetsSince facts;
  const std::size_t broker = record.place >> 16, place = place_for(key_of(record));
  const std::uint64_t key = key_of(record.group, record.place);
  const bool known = place < furthest_.size() && furthest_[place].key == key_of(record);
  const std::int64_t most = known ? furthest_[place].offset + 1 : 0;
  bool elsewhere = false;
  for (auto commit = commits_.rbegin(); commit != commits_.rend() && commit->at >= record.at; ++commit) {
    if (commit->key != key || commit->offset <= record.offset || commit->offset > most) continue;
    facts.committed = true;
    elsewhere = elsewhere || commit->broker != serves_.serving(broker);
  }
  const bool died = record.reader_died >= record.at;
  const auto counts = [&](SimTime when) {
    return when >= record.at && (facts.committed || !(died && record.reader_died < when));
  };
  facts.moved = elsewhere || counts(serves_.since(broker));
  facts.back = counts(back_[serves_.set_of(broker) * groups_ + record.group]);
  return facts;
}

bool OffsetHistory::is_back_since(std::size_t group, std::size_t broker, SimTime at) const {
  return back_[serves_.set_of(broker) * groups_ + group] >= at;
}

bool OffsetHistory::skipped(std::size_t group, std::size_t set, std::uint16_t queue) const {
  const std::uint64_t key = key_of(group, static_cast<std::int64_t>(set) << 16 | queue);
  return std::find(skips_.begin(), skips_.end(), key) != skips_.end();
}

}  // namespace brokersim::model::ledger
