#include "model/rocketmq/pop_table.hpp"

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

}  // namespace

PopMonitor::PopMonitor(const Config& config) : config_(config), deaths_(config.brokers.size()) {}

void PopMonitor::reset() {
  lives_.clear();
  deaths_.assign(deaths_.size(), 0);
}

/// Processes are numbered brokers first.
void PopMonitor::died(const sim::Record& record) {
  const bool of_host = static_cast<RecordKind>(record.kind) == RecordKind::host_lost_power;
  for (std::size_t broker = 0; broker < deaths_.size(); ++broker) {
    const bool is_it =
        of_host ? config_.brokers[broker].host.value == record.subject : broker == record.subject;
    if (is_it) ++deaths_[broker];
  }
}

void PopMonitor::on(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::host_lost_power || kind == RecordKind::process_died)
    return died(record);
  if (const std::optional<PopOn> on = event_of(kind)) move(record, *on);
}

void PopMonitor::move(const sim::Record& record, PopOn on) {
  Shadow& shadow = lives_[{record.a, record.b}];
  const std::uint32_t deaths = deaths_[static_cast<std::size_t>(record.a >> 48)];
  if (shadow.state == Popped::none) shadow.deaths = deaths;
  const PopGuard guard = deaths == shadow.deaths ? PopGuard::alive : PopGuard::restarted;
  const Popped next = next_of(shadow.state, on);
  coverage_.hit(monitor_.expect(shadow.state, on, guard, next));
  shadow.state = next;
}

}  // namespace brokersim::model::rocketmq
