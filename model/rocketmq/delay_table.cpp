#include "model/rocketmq/delay_table.hpp"

#include <utility>

#include "model/who_serves.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// The set whose levels the broker delivers. (An acting master is told of in its set's name.)
std::size_t levels_of(const Config& config, std::size_t broker) {
  return config.brokers[broker].elects_master() ? master_of(config, broker) : broker;
}

Delayed next_of(Delayed state, DelayOn on) {
  if (on == DelayOn::scheduled) return Delayed::waiting;
  return state == Delayed::waiting ? Delayed::delivered : Delayed::delivered_again;
}

}  // namespace

DelayMonitor::DelayMonitor(const Config& config) : config_(config), watch_(config) { reset(); }

void DelayMonitor::reset() {
  shadows_.clear();
  watch_.reset();
  moves_.clear();
  for (std::uint32_t broker = 0; broker < config_.brokers.size(); ++broker) moves_.push_back({0, broker});
  escapes_ = false;
}

void DelayMonitor::on(SimTime at, const sim::Record& record) {
  watch_.on(record);
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::scheduled) move(at, record, DelayOn::scheduled);
  if (kind == RecordKind::delay_over) move(at, record, DelayOn::delay_over);
  if (kind == RecordKind::stood_in) on_move(record);
  if (const auto master = who_serves(record)) on_election(*master, kind == RecordKind::member_serves);
  escapes_ = kind == RecordKind::escaped;
}

/// In controller mode a master whose epoch is renewed goes on; a member that serves again begins anew.
void DelayMonitor::on_election(std::size_t broker, bool begins_anew) {
  Moves& moves = moves_[master_of(config_, broker)];
  const bool is_another = std::exchange(moves.master, static_cast<std::uint32_t>(broker)) != broker;
  if (is_another || begins_anew) ++moves.count;
}

/// A master that was deposed and one that was elected may deliver side by side, so where it is elected it
/// counts who does it, too.
std::uint32_t DelayMonitor::moves_by(std::size_t broker) const {
  constexpr std::uint32_t brokers_most = 1024;
  const std::uint32_t of_set = moves_[levels_of(config_, broker)].count;
  if (!config_.brokers[broker].elects_master()) return of_set;
  return of_set * brokers_most + static_cast<std::uint32_t>(broker);
}

/// Whose file counts is another question than before.
void DelayMonitor::on_move(const sim::Record& record) {
  const auto what = static_cast<StandIn>(record.a);
  if (what == StandIn::acting || what == StandIn::yielded || what == StandIn::delays_taken)
    ++moves_[master_of(config_, record.subject)].count;
}

Duration DelayMonitor::delay_of(std::int64_t place) const {
  const auto& levels = config_.brokers[static_cast<std::size_t>(place & 0xffff)].settings.messageDelayLevel;
  return levels[static_cast<std::size_t>(place >> 16) - 1];
}

/// What a clock that was set back makes wait for longer than its level's delay is due at once
/// (correctDeliverTimestamp).
DelayGuard DelayMonitor::guard_of(SimTime wall, const Shadow& shadow, std::int64_t place, DelayOn on) const {
  const auto broker = static_cast<std::size_t>(place & 0xffff);
  const bool moved = moves_by(broker) != shadow.moves;
  // A master that has been elected goes on as one that has crashed: with an old delayOffset.json. (What it
  // delivers need not be what another one has put there.)
  if (config_.brokers[broker].elects_master() && moved) return DelayGuard::crashed;
  const bool is_early = wall >= shadow.since && wall - shadow.since < delay_of(place);
  if (on == DelayOn::delay_over && is_early) return DelayGuard::early;
  if (on == DelayOn::delay_over && (escapes_ || moved)) return DelayGuard::elsewhere;
  const bool crashed = watch_.crashes(broker) != shadow.crashes;
  return crashed ? DelayGuard::crashed : DelayGuard::in_time;
}

void DelayMonitor::move(SimTime at, const sim::Record& record, DelayOn on) {
  const auto broker = static_cast<std::size_t>(record.a & 0xffff);
  const std::int64_t place = (record.a >> 16 << 16) | static_cast<std::int64_t>(levels_of(config_, broker));
  Shadow& shadow = shadows_[{place, record.b}];
  const SimTime wall = watch_.wall(broker, at);
  const DelayGuard guard = guard_of(wall, shadow, record.a, on);
  const Delayed next = next_of(shadow.state, on);
  const auto profile = static_cast<std::uint32_t>(config_.brokers[broker].profile);
  coverage_.hit(sim::Monitor<delay_table>(profile).expect(shadow.state, on, guard, next), profile);
  shadow.state = next;
  shadow.crashes = watch_.crashes(broker);
  // An escape may be over behind the end of its broker's turn: the master does not know of it.
  shadow.moves = moves_by(broker) - (escapes_ ? 1U : 0U);
  if (on == DelayOn::scheduled) shadow.since = wall;
}

}  // namespace brokersim::model::rocketmq
