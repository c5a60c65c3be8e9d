#include "model/rocketmq/controller_table.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::uint32_t profile = static_cast<std::uint32_t>(Profile::v5_3);

std::int64_t low(std::int64_t packed) { return packed & 0xffff; }

}  // namespace

ControllerMonitor::ControllerMonitor(const Config& config) : config_(config) { reset(); }

void ControllerMonitor::reset() {
  roles_.clear();
  sets_.assign(config_.brokers.size(), SetNow::alone);
  for (std::size_t b = 0; b < config_.brokers.size(); ++b) {
    const std::size_t set = master_of(config_, b);
    roles_.push_back(set == b ? RoleNow::master : RoleNow::slave);
    if (set != b) sets_[set] = SetNow::shared;
  }
}

void ControllerMonitor::on(SimTime /*at*/, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::role_taken) return on_role(record);
  if (kind == RecordKind::master_elected || kind == RecordKind::no_master ||
      kind == RecordKind::sync_set_changed)
    return on_set(record);
  const bool is_broker = record.subject < config_.brokers.size();
  if (kind == RecordKind::process_died && is_broker && config_.brokers[record.subject].is_controlled())
    move_role(record.subject, RoleOn::died, RoleNow::fenced);
}

void ControllerMonitor::on_role(const sim::Record& record) {
  const auto role = static_cast<RoleTaken>(record.a);
  if (role == RoleTaken::fenced) return move_role(record.subject, RoleOn::started, RoleNow::fenced);
  if (role == RoleTaken::slave) return move_role(record.subject, RoleOn::made_slave, RoleNow::slave);
  move_role(record.subject, RoleOn::made_master, RoleNow::master);
}

void ControllerMonitor::on_set(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  const auto first = static_cast<std::size_t>(low(record.a));
  if (kind == RecordKind::no_master) return move_set(first, SetOn::nobody, SetGuard::any, SetNow::leaderless);
  if (kind == RecordKind::master_elected) {
    const bool clean = static_cast<Election>(record.b >> 32) == Election::clean;
    return move_set(master_of(config_, first), SetOn::elected, clean ? SetGuard::clean : SetGuard::unclean,
                    SetNow::alone);
  }
  if (static_cast<SetChange>(record.a >> 16) == SetChange::expanded)
    return move_set(first, SetOn::expanded, SetGuard::any, SetNow::shared);
  const bool is_left_alone = record.b == 1;
  move_set(first, SetOn::shrunk, is_left_alone ? SetGuard::the_master : SetGuard::several,
           is_left_alone ? SetNow::alone : SetNow::shared);
}

void ControllerMonitor::move_role(std::size_t broker, RoleOn on, RoleNow next) {
  RoleNow& state = roles_.at(broker);
  role_coverage_.hit(sim::Monitor<role_table>(profile).expect(state, on, RoleGuard::any, next), profile);
  state = next;
}

void ControllerMonitor::move_set(std::size_t set, SetOn on, SetGuard guard, SetNow next) {
  SetNow& state = sets_.at(set);
  set_coverage_.hit(sim::Monitor<set_table>(profile).expect(state, on, guard, next), profile);
  state = next;
}

}  // namespace brokersim::model::rocketmq
