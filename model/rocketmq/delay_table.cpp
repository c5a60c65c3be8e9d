#include "model/rocketmq/delay_table.hpp"

namespace brokersim::model::rocketmq {

namespace {

Delayed next_of(Delayed state, DelayOn on) {
  if (on == DelayOn::scheduled) return Delayed::waiting;
  return state == Delayed::waiting ? Delayed::delivered : Delayed::delivered_again;
}

}  // namespace

DelayMonitor::DelayMonitor(const Config& config) : config_(config), crashes_(config.brokers.size()) {}

void DelayMonitor::reset() {
  shadows_.clear();
  crashes_.assign(crashes_.size(), 0);
}

void DelayMonitor::on(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::process_died) died(record.subject, static_cast<FaultKind>(record.a));
  if (kind == RecordKind::host_lost_power) lost_power(record.subject);
  if (kind == RecordKind::scheduled) move(at, record, DelayOn::scheduled);
  if (kind == RecordKind::delay_over) move(at, record, DelayOn::delay_over);
}

/// Processes are numbered brokers first.
void DelayMonitor::died(std::uint32_t process, FaultKind why) {
  if (process < crashes_.size() && why != FaultKind::stop) ++crashes_[process];
}

/// Of a broker that was stopped before it takes what the stop has written and the kernel has not.
void DelayMonitor::lost_power(std::uint32_t host) {
  for (std::size_t broker = 0; broker < crashes_.size(); ++broker) {
    if (config_.brokers[broker].host.value == host) ++crashes_[broker];
  }
}

Duration DelayMonitor::delay_of(std::int64_t place) const {
  const auto& levels = config_.brokers[static_cast<std::size_t>(place & 0xffff)].settings.messageDelayLevel;
  return levels[static_cast<std::size_t>(place >> 16) - 1];
}

DelayGuard DelayMonitor::guard_of(SimTime at, const Shadow& shadow, std::int64_t place, DelayOn on) const {
  if (on == DelayOn::delay_over && at - shadow.since < delay_of(place)) return DelayGuard::early;
  const bool crashed = crashes_[static_cast<std::size_t>(place & 0xffff)] != shadow.crashes;
  return crashed ? DelayGuard::crashed : DelayGuard::in_time;
}

void DelayMonitor::move(SimTime at, const sim::Record& record, DelayOn on) {
  Shadow& shadow = shadows_[{record.a, record.b}];
  const DelayGuard guard = guard_of(at, shadow, record.a, on);
  const Delayed next = next_of(shadow.state, on);
  coverage_.hit(monitor_.expect(shadow.state, on, guard, next));
  shadow.state = next;
  shadow.crashes = crashes_[static_cast<std::size_t>(record.a & 0xffff)];
  if (on == DelayOn::scheduled) shadow.since = at;
}

}  // namespace brokersim::model::rocketmq
