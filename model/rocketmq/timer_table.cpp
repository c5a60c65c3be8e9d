#include "model/rocketmq/timer_table.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t millisecond = 1'000'000;

Timed next_of(Timed state, TimerOn on) {
  switch (on) {
    case TimerOn::stored: return Timed::waiting;
    case TimerOn::rolled: return Timed::rolled;
    case TimerOn::given_up: return state == Timed::waiting ? Timed::given_up : state;
    case TimerOn::over: break;
  }
  const bool had_come = state == Timed::delivered || state == Timed::delivered_again;
  return had_come ? Timed::delivered_again : Timed::delivered;
}

}  // namespace

TimerMonitor::TimerMonitor(const Config& config) : config_(config), crashes_(config.brokers.size()) {}

void TimerMonitor::reset() {
  shadows_.clear();
  crashes_.assign(crashes_.size(), 0);
}

/// Processes are numbered brokers first.
void TimerMonitor::on(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  const bool stops = static_cast<FaultKind>(record.a) == FaultKind::stop;
  if (kind == RecordKind::process_died && record.subject < crashes_.size() && !stops) crashed(record.subject);
  if (kind == RecordKind::host_lost_power) {
    for (std::size_t broker = 0; broker < crashes_.size(); ++broker) {
      if (config_.brokers[broker].host.value == record.subject) crashed(static_cast<std::uint32_t>(broker));
    }
  }
  if (kind == RecordKind::timer_stored) move(at, record, TimerOn::stored);
  if (kind == RecordKind::timer_over) move(at, record, TimerOn::over);
  if (kind == RecordKind::timer_rolled) move(at, record, TimerOn::rolled);
  if (kind == RecordKind::timer_given_up) move(at, record, TimerOn::given_up);
}

TimerGuard TimerMonitor::guard_of(SimTime at, const Shadow& shadow, std::uint32_t crashes, TimerOn on) const {
  if (on == TimerOn::over && at < shadow.due) return TimerGuard::early;
  return crashes != shadow.crashes ? TimerGuard::crashed : TimerGuard::in_time;
}

void TimerMonitor::move(SimTime at, const sim::Record& record, TimerOn on) {
  const std::int64_t broker = record.a & 0xffff;
  Shadow& shadow = shadows_[{broker, record.b}];
  const std::uint32_t crashes = crashes_[static_cast<std::size_t>(broker)];
  const TimerGuard guard = guard_of(at, shadow, crashes, on);
  const Timed next = next_of(shadow.state, on);
  coverage_.hit(monitor_.expect(shadow.state, on, guard, next));
  shadow.state = next;
  if (on != TimerOn::stored) return;
  shadow.crashes = crashes;
  shadow.due = at + Duration{(record.a >> 16) * millisecond};
}

}  // namespace brokersim::model::rocketmq
