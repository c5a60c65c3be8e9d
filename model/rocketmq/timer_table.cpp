#include "model/rocketmq/timer_table.hpp"

#include <algorithm>

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t millisecond = 1'000'000;

Timed next_of(Timed state, TimerOn on) {
  switch (on) {
    case TimerOn::stored: return Timed::waiting;
    case TimerOn::rolled: return Timed::rolled;
    case TimerOn::given_up: return state == Timed::waiting ? Timed::given_up : state;
    case TimerOn::passed: return Timed::passed;
    case TimerOn::over: break;
  }
  const bool had_come = state == Timed::delivered || state == Timed::delivered_again;
  return had_come ? Timed::delivered_again : Timed::delivered;
}

}  // namespace

TimerMonitor::TimerMonitor(const Config& config) : watch_(config), furthest_(config.brokers.size()) {}

void TimerMonitor::reset() {
  shadows_.clear();
  furthest_.assign(furthest_.size(), {});
  watch_.reset();
}

void TimerMonitor::on(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::clock_set) see_clocks(at);
  watch_.on(record);
  if (kind == RecordKind::timer_stored) move(at, record, TimerOn::stored);
  if (kind == RecordKind::timer_over) move(at, record, TimerOn::over);
  if (kind == RecordKind::timer_rolled) move(at, record, TimerOn::rolled);
  if (kind == RecordKind::timer_given_up) move(at, record, TimerOn::given_up);
  if (kind == RecordKind::timer_passed) pass(at, record);
}

/// What has come, rolled or been given up before stays that: nothing is read of it a second time.
void TimerMonitor::pass(SimTime at, const sim::Record& record) {
  const Timed state = shadows_[{record.a & 0xffff, record.b}].state;
  if (state == Timed::none || state == Timed::waiting) move(at, record, TimerOn::passed);
}

void TimerMonitor::see_clocks(SimTime at) {
  for (std::size_t broker = 0; broker < furthest_.size(); ++broker)
    furthest_[broker] = {watch_.deaths(broker), furthest_wall(broker, at)};
}

SimTime TimerMonitor::furthest_wall(std::size_t broker, SimTime at) const {
  const SimTime wall = watch_.wall(broker, at);
  const Furthest& furthest = furthest_[broker];
  return furthest.deaths == watch_.deaths(broker) ? std::max(wall, furthest.wall) : wall;
}

TimerGuard TimerMonitor::guard_of(std::size_t broker, SimTime wall, const Shadow& shadow, TimerOn on) const {
  if (on == TimerOn::over && wall < shadow.due) return TimerGuard::early;
  if (on == TimerOn::stored)
    return watch_.crashes(broker) != shadow.crashes ? TimerGuard::crashed : TimerGuard::in_time;
  return watch_.deaths(broker) != shadow.deaths ? TimerGuard::restarted : TimerGuard::in_time;
}

void TimerMonitor::move(SimTime at, const sim::Record& record, TimerOn on) {
  const auto broker = static_cast<std::size_t>(record.a & 0xffff);
  Shadow& shadow = shadows_[{record.a & 0xffff, record.b}];
  const SimTime wall = watch_.wall(broker, at);
  const TimerGuard guard = guard_of(broker, furthest_wall(broker, at), shadow, on);
  const Timed next = next_of(shadow.state, on);
  coverage_.hit(monitor_.expect(shadow.state, on, guard, next), monitor_.profile());
  shadow.state = next;
  if (on != TimerOn::stored) return;
  shadow.deaths = watch_.deaths(broker);
  shadow.crashes = watch_.crashes(broker);
  shadow.due = wall + Duration{(record.a >> 16) * millisecond};
}

}  // namespace brokersim::model::rocketmq
