#include "model/rocketmq/dledger_table.hpp"

#include <algorithm>

#include "model/rocketmq/dledger.hpp"
#include "model/world.hpp"

namespace brokersim::model::rocketmq {

DLedgerMonitor::DLedgerMonitor(const Config& config)
    : config_(config), members_(config.brokers.size()), logs_(config.brokers.size()) {}

void DLedgerMonitor::reset() {
  members_.assign(members_.size(), Member::outside);
  logs_.assign(logs_.size(), Log{});
}

/// Processes are numbered brokers first.
bool DLedgerMonitor::is_member(std::uint32_t broker) const {
  return broker < config_.brokers.size() && config_.brokers[broker].in_group();
}

void DLedgerMonitor::on(SimTime, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::member_role_changed) on_role(record.subject, record.a);
  if (kind == RecordKind::member_serves) move(record.subject, MemberOn::served, Member::master);
  if (kind == RecordKind::entry_appended) on_appended(record);
  if (kind == RecordKind::entry_committed) on_committed(record);
  if (kind == RecordKind::entry_truncated) on_cut(record, EntryOn::truncated);
  if (kind == RecordKind::log_truncated && is_member(record.subject)) on_cut(record, EntryOn::lost);
  if (kind == RecordKind::process_died && is_member(record.subject))
    move(record.subject, MemberOn::died, Member::dead);
}

void DLedgerMonitor::on_role(std::uint32_t broker, std::int64_t role) {
  const Member now = members_.at(broker);
  switch (static_cast<MemberRole>(role)) {
    case MemberRole::candidate:
      return move(broker, now == Member::dead ? MemberOn::started : MemberOn::stood, Member::candidate);
    case MemberRole::follower:
      return move(broker, now == Member::outside ? MemberOn::joined : MemberOn::followed, Member::follower);
    case MemberRole::leader: return move(broker, MemberOn::elected, Member::leader);
    case MemberRole::none: return;
  }
}

void DLedgerMonitor::move(std::uint32_t broker, MemberOn on, Member next) {
  Member& state = members_.at(broker);
  const auto profile = static_cast<std::uint32_t>(config_.brokers[broker].profile);
  member_coverage_.hit(sim::Monitor<member_table>(profile).expect(state, on, MemberGuard::any, next),
                       profile);
  state = next;
}

void DLedgerMonitor::take(std::uint32_t broker, Entry from, EntryOn on, EntryGuard guard, Entry next) {
  const auto profile = static_cast<std::uint32_t>(config_.brokers[broker].profile);
  entry_coverage_.hit(sim::Monitor<entry_table>(profile).expect(from, on, guard, next), profile);
}

void DLedgerMonitor::on_appended(const sim::Record& record) {
  Log& log = logs_.at(record.subject);
  const bool pushed = record.b >> 32 != 0;
  // An index that is there already, or one behind a hole, is in a state that no row begins with.
  const Entry from = record.a == log.end ? Entry::absent : Entry::stored;
  take(record.subject, from, EntryOn::appended, pushed ? EntryGuard::pushed : EntryGuard::leader,
       Entry::stored);
  log.end = record.a + 1;
}

void DLedgerMonitor::on_committed(const sim::Record& record) {
  Log& log = logs_.at(record.subject);
  const Entry from = record.a > log.end                    ? Entry::absent
                     : record.a - record.b < log.committed ? Entry::committed
                                                           : Entry::stored;
  take(record.subject, from, EntryOn::committed, EntryGuard::any, Entry::committed);
  log.committed = record.a;
}

void DLedgerMonitor::on_cut(const sim::Record& record, EntryOn on) {
  Log& log = logs_.at(record.subject);
  const Entry first = record.a < log.committed ? Entry::committed
                      : record.a < log.end     ? Entry::stored
                                               : Entry::absent;
  take(record.subject, first, on, EntryGuard::any, Entry::absent);
  log.end = record.a;
  log.committed = std::min(log.committed, log.end);
}

}  // namespace brokersim::model::rocketmq
