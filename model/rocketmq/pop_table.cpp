#include "model/rocketmq/pop_table.hpp"

#include <algorithm>
#include <optional>

namespace brokersim::model::rocketmq {

namespace {

std::optional<PopOn> event_of(RecordKind kind) {
  if (kind == RecordKind::pop_buffered) return PopOn::buffered;
  if (kind == RecordKind::pop_stored) return PopOn::stored;
  if (kind == RecordKind::pop_acked) return PopOn::acknowledged;
  if (kind == RecordKind::pop_revived) return PopOn::revived;
  if (kind == RecordKind::pop_not_revived) return PopOn::not_revived;
  return std::nullopt;
}

Popped next_of(Popped state, PopOn on) {
  switch (on) {
    case PopOn::buffered: return Popped::buffered;
    case PopOn::stored: return state == Popped::buffered_done ? Popped::acknowledged : Popped::out;
    case PopOn::acknowledged:
      if (state == Popped::revived) return state;
      return state == Popped::buffered ? Popped::buffered_done : Popped::acknowledged;
    case PopOn::revived:
    case PopOn::not_revived: break;
  }
  return Popped::revived;
}

/// Something that may keep marks from the revive topic, or bring them there in another order.
bool disturbs(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  const bool stalls =
      kind == RecordKind::fault_struck && static_cast<FaultKind>(record.a) == FaultKind::append_stall;
  return stalls || kind == RecordKind::disk_full || kind == RecordKind::process_paused ||
         kind == RecordKind::clock_set;
}

}  // namespace

PopMonitor::PopMonitor(const Config& config) : config_(config), brokers_(config) {}

void PopMonitor::reset() {
  lives_.clear();
  brokers_.reset();
  disturbances_ = 0;
}

void PopMonitor::on(SimTime at, const sim::Record& record) {
  brokers_.on(record);
  if (disturbs(record)) ++disturbances_;
  if (const std::optional<PopOn> on = event_of(static_cast<RecordKind>(record.kind))) move(at, record, *on);
}

/// A revival comes so long after the revive time at the most: rounds of the service, and what a scan takes.
PopGuard PopMonitor::guard_of(SimTime at, const Shadow& shadow, std::size_t broker) const {
  if (disturbances(broker) != shadow.disturbances) return PopGuard::disturbed;
  const BrokerSettings& settings = config_.brokers[broker].settings;
  const Duration latest = 20_s + settings.reviveInterval * (settings.reviveMaxSlow + 2);
  const bool late = shadow.state == Popped::acknowledged && at - shadow.acknowledged_at < latest;
  return late ? PopGuard::late : PopGuard::alive;
}

PopMonitor::Shadow& PopMonitor::life_of(Lives& lives, PopOn on) {
  const auto is_open = [on](const Shadow& life) {
    const bool in_memory = life.state == Popped::buffered || life.state == Popped::buffered_done;
    return on == PopOn::stored ? in_memory : in_memory || life.state == Popped::out;
  };
  const auto open = std::find_if(lives.begin(), lives.end(), is_open);
  if (open != lives.end()) return *open;
  const bool begins = on == PopOn::stored || on == PopOn::buffered;
  return begins || lives.empty() ? lives.emplace_back() : lives.back();
}

void PopMonitor::move(SimTime at, const sim::Record& record, PopOn on) {
  Shadow& shadow = life_of(lives_[{record.a, record.b}], on);
  const auto broker = static_cast<std::size_t>(record.a >> 48);
  if (shadow.state == Popped::none) shadow.disturbances = disturbances(broker);
  const PopGuard guard = guard_of(at, shadow, broker);
  const Popped next = next_of(shadow.state, on);
  coverage_.hit(monitor_.expect(shadow.state, on, guard, next), monitor_.profile());
  shadow.state = next;
  if (on == PopOn::acknowledged) shadow.acknowledged_at = at;
}

}  // namespace brokersim::model::rocketmq
