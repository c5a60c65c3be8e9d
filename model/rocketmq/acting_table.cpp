#include "model/rocketmq/acting_table.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::uint32_t profile = static_cast<std::uint32_t>(Profile::v5_3);

StandGuard guard_of(StandIn what) {
  switch (what) {
    case StandIn::offsets_taken: return StandGuard::offsets_taken;
    case StandIn::offsets_kept: return StandGuard::offsets_kept;
    case StandIn::delays_taken: return StandGuard::delays_taken;
    case StandIn::delays_kept: return StandGuard::delays_kept;
    case StandIn::isolated:
    case StandIn::online:
    case StandIn::acting:
    case StandIn::yielded: break;
  }
  return StandGuard::any;
}

}  // namespace

StandInMonitor::StandInMonitor(const Config& config) : config_(config) { reset(); }

void StandInMonitor::reset() { states_.assign(config_.brokers.size(), Stand::online); }

void StandInMonitor::on(SimTime /*at*/, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::stood_in) return on_told(record.subject, static_cast<StandIn>(record.a));
  const bool is_broker = record.subject < config_.brokers.size();
  if (kind == RecordKind::process_died && is_broker && config_.brokers[record.subject].has_stand_in() &&
      states_[record.subject] != Stand::down)
    move(record.subject, StandOn::died, StandGuard::any, Stand::down);
}

void StandInMonitor::on_told(std::size_t broker, StandIn what) {
  const bool starts = states_.at(broker) == Stand::down;
  switch (what) {
    case StandIn::isolated: return move(broker, StandOn::started, StandGuard::late, Stand::isolated);
    case StandIn::online:
      return starts ? move(broker, StandOn::started, StandGuard::at_once, Stand::online)
                    : move(broker, StandOn::went_online, StandGuard::any, Stand::online);
    case StandIn::acting: return move(broker, StandOn::took_over, StandGuard::any, Stand::acting);
    case StandIn::yielded: return move(broker, StandOn::yielded, StandGuard::any, Stand::online);
    case StandIn::offsets_taken:
    case StandIn::offsets_kept:
    case StandIn::delays_taken:
    case StandIn::delays_kept: return move(broker, StandOn::compared, guard_of(what), Stand::isolated);
  }
}

void StandInMonitor::move(std::size_t broker, StandOn on, StandGuard guard, Stand next) {
  Stand& state = states_.at(broker);
  coverage_.hit(sim::Monitor<stand_table>(profile).expect(state, on, guard, next), profile);
  state = next;
}

}  // namespace brokersim::model::rocketmq
