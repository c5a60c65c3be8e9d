#include "model/rocketmq/delay_table.hpp"

#include <utility>

namespace brokersim::model::rocketmq {

namespace {

Delayed next_of(Delayed state, DelayOn on) {
  if (on == DelayOn::scheduled) return Delayed::waiting;
  return state == Delayed::waiting ? Delayed::delivered : Delayed::delivered_again;
}

}  // namespace

DelayMonitor::DelayMonitor(const Config& config) : config_(config), watch_(config) { reset(); }

void DelayMonitor::reset() {
  shadows_.clear();
  watch_.reset();
  moves_.assign(config_.brokers.size(), 0);
  elections_.assign(config_.brokers.size(), 0);
  masters_.clear();
  for (std::size_t broker = 0; broker < config_.brokers.size(); ++broker) masters_.push_back(broker);
  escapes_ = false;
}

void DelayMonitor::on(SimTime at, const sim::Record& record) {
  watch_.on(record);
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::scheduled) move(at, record, DelayOn::scheduled);
  if (kind == RecordKind::delay_over) move(at, record, DelayOn::delay_over);
  if (kind == RecordKind::stood_in) on_move(record);
  const bool is_elected =
      kind == RecordKind::role_taken && static_cast<RoleTaken>(record.a) == RoleTaken::master;
  if (is_elected || kind == RecordKind::member_serves) elected(record.subject);
  escapes_ = kind == RecordKind::escaped;
}

/// Whose file counts is another question than before.
void DelayMonitor::on_move(const sim::Record& record) {
  const auto what = static_cast<StandIn>(record.a);
  if (what == StandIn::acting || what == StandIn::yielded || what == StandIn::delays_taken)
    ++moves_[master_of(config_, record.subject)];
}

Duration DelayMonitor::delay_of(std::int64_t place) const {
  const auto& levels = config_.brokers[static_cast<std::size_t>(place & 0xffff)].settings.messageDelayLevel;
  return levels[static_cast<std::size_t>(place >> 16) - 1];
}

/// What a clock that was set back makes wait for longer than its level's delay is due at once
/// (correctDeliverTimestamp).
DelayGuard DelayMonitor::guard_of(SimTime wall, const Shadow& shadow, std::int64_t place, DelayOn on) const {
  const bool is_early = wall >= shadow.since && wall - shadow.since < delay_of(place);
  if (on == DelayOn::delay_over && is_early) return DelayGuard::early;
  const bool elsewhere = escapes_ || moves_[static_cast<std::size_t>(place & 0xffff)] != shadow.moves;
  if (on == DelayOn::delay_over && elsewhere) return DelayGuard::elsewhere;
  const bool crashed = crashes(static_cast<std::size_t>(place & 0xffff)) != shadow.crashes;
  return crashed ? DelayGuard::crashed : DelayGuard::in_time;
}

std::uint32_t DelayMonitor::crashes(std::size_t broker) const {
  if (!config_.brokers[broker].elects_master()) return watch_.crashes(broker);
  return elections_[broker];
}

void DelayMonitor::elected(std::size_t broker) {
  const std::size_t before = std::exchange(masters_[master_of(config_, broker)], broker);
  std::vector<std::pair<Place, Shadow>> all;
  for (const auto& [place, shadow] : shadows_) {
    const auto& [where, offset] = place;
    const auto level = where >> 16 << 16;
    if (before != broker && static_cast<std::size_t>(where & 0xffff) == before)
      all.push_back({{level | static_cast<std::int64_t>(broker), offset}, shadow});
  }
  for (auto& [place, shadow] : all) {
    shadow.crashes = elections_[broker];
    shadows_[place] = shadow;
  }
  ++elections_[broker];
}

void DelayMonitor::move(SimTime at, const sim::Record& record, DelayOn on) {
  const auto broker = static_cast<std::size_t>(record.a & 0xffff);
  Shadow& shadow = shadows_[{record.a, record.b}];
  const SimTime wall = watch_.wall(broker, at);
  const DelayGuard guard = guard_of(wall, shadow, record.a, on);
  const Delayed next = next_of(shadow.state, on);
  const auto profile = static_cast<std::uint32_t>(config_.brokers[broker].profile);
  coverage_.hit(sim::Monitor<delay_table>(profile).expect(shadow.state, on, guard, next), profile);
  shadow.state = next;
  shadow.crashes = crashes(broker);
  shadow.moves = moves_[broker];
  if (on == DelayOn::scheduled) shadow.since = wall;
}

}  // namespace brokersim::model::rocketmq
