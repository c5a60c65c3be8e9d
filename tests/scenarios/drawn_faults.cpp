// What strikes a drawn cluster.
#include <algorithm>
#include <iterator>

#include "model/event_name.hpp"
#include "tests/scenarios/drawn_cluster.hpp"

namespace brokersim::swarm {

using namespace model;

namespace {

/// What a fault may be is what its kind reads; the rest stays as it is by default.
void aim(Dice& dice, const Config& config, FaultConfig& fault) {
  FaultAction& action = fault.action;
  const auto brokers = std::ssize(config.brokers), hosts = std::ssize(config.hosts);
  action.process = ProcessId(static_cast<std::uint16_t>(dice.below(brokers)));
  action.host = HostId(static_cast<std::uint16_t>(dice.below(brokers)));
  action.other_host =
      HostId(static_cast<std::uint16_t>((action.host.value + 1 + dice.below(hosts - 1)) % hosts));
  action.factor = 20;
  const bool of_any = action.kind == FaultKind::kill || action.kind == FaultKind::pause;
  if (of_any && dice.once_in(4))
    action.process =
        ProcessId(static_cast<std::uint16_t>(dice.below(static_cast<std::int64_t>(process_count(config)))));
  if (action.kind == FaultKind::power_loss) action.tail = dice.one_of({Tail::gone, Tail::gone, Tail::torn});
  if (action.kind == FaultKind::truncate_log) action.bytes = 1 + dice.below(5'000);
  if (action.kind == FaultKind::clock_jump) action.jump = dice.one_of({-20_s, -1_s, 1_s, 20_s});
  if (action.kind == FaultKind::rolling_restart) {
    for (std::int64_t b = 0; b < brokers; ++b)
      action.processes.push_back(broker_process(static_cast<std::size_t>(b)));
    action.duration = dice.up_to(5_s);
  }
}

bool has_disk_size(const Config& config, const FaultConfig& fault) {
  return config.hosts[fault.action.host.value].disk_size > 0;
}

/// Some hosts against some others, or from one against everybody: each way, or one way.
void cut(Dice& dice, const Config& config, FaultAction& action) {
  const auto hosts = std::ssize(config.hosts);
  action.one_way = dice.once_in(2);
  for (std::uint16_t host = 0; host < hosts; ++host)
    (dice.once_in(2) ? action.from : action.to).push_back(HostId(host));
  if (action.from.empty() || action.to.empty()) {
    action.from = {HostId(0)};
    action.to = {HostId(static_cast<std::uint16_t>(hosts - 1))};
  }
}

/// The nth request to some broker is answered into a connection that has broken.
void lose_response(Dice& dice, FaultConfig& fault) {
  fault.trigger.kind = TriggerKind::on_event;
  fault.trigger.event = static_cast<std::uint16_t>(dice.one_of(
      {EventName::broker_send_request, EventName::broker_pull_request, EventName::broker_send_back}));
  fault.trigger.nth = 1 + dice.below(100);
  fault.trigger.any_actor = false;
  fault.trigger.actor = fault.action.process;
}

bool is_controlled(const Config& config) {
  return std::any_of(config.brokers.begin(), config.brokers.end(),
                     [](const BrokerConfig& broker) { return broker.is_controlled(); });
}

bool is_undone(FaultKind kind) {
  return kind != FaultKind::reset && kind != FaultKind::rolling_restart && kind != FaultKind::response_lost;
}

/// A replica in controller mode that comes back empty gets another brokerId: not modelled.
FaultKind drawn_kind(Dice& dice, const Config& config) {
  const FaultKind kind =
      dice.one_of({FaultKind::kill, FaultKind::kill, FaultKind::kill, FaultKind::stop, FaultKind::pause,
                   FaultKind::pause, FaultKind::power_loss, FaultKind::power_loss, FaultKind::partition,
                   FaultKind::partition, FaultKind::slow_disk, FaultKind::reset, FaultKind::disk_full,
                   FaultKind::disk_lost, FaultKind::truncate_log, FaultKind::clock_jump,
                   FaultKind::rolling_restart, FaultKind::append_stall, FaultKind::response_lost});
  return kind == FaultKind::disk_lost && is_controlled(config) ? FaultKind::power_loss : kind;
}

FaultConfig fault(Dice& dice, const Config& config) {
  FaultConfig fault;
  fault.trigger.time = Distribution::uniform(50_ms, dice.one_of({1_s, 5_s, 30_s}));
  fault.action.kind = drawn_kind(dice, config);
  aim(dice, config, fault);
  if (fault.action.kind == FaultKind::disk_full && !has_disk_size(config, fault))
    fault.action.kind = FaultKind::slow_disk;
  if (fault.action.kind == FaultKind::partition && dice.once_in(3)) cut(dice, config, fault.action);
  if (fault.action.kind == FaultKind::response_lost) lose_response(dice, fault);
  fault.restores = is_undone(fault.action.kind);
  if (fault.restores) fault.restore_after = dice.up_to(dice.one_of({1_s, 10_s, 40_s}));
  return fault;
}

/// Kills and pauses of any broker, again and again.
FaultConfig campaign(Dice& dice, const Config& config) {
  FaultConfig fault;
  fault.trigger.kind = TriggerKind::process;
  fault.trigger.time = Distribution::exponential(dice.one_of({2_s, 10_s}));
  fault.trigger.until = 40_s;
  fault.campaign.kinds = {FaultKind::kill, FaultKind::pause};
  for (const BrokerConfig& broker : config.brokers) fault.campaign.on.push_back(broker.name);
  for (const FaultKind kind : fault.campaign.kinds) {
    for (std::size_t b = 0; b < config.brokers.size(); ++b) {
      FaultAction& action = fault.campaign.actions.emplace_back();
      action.kind = kind;
      action.process = broker_process(b);
    }
  }
  fault.restores = true;
  fault.restore_after = dice.up_to(8_s);
  return fault;
}

}  // namespace

void add_faults(Dice& dice, Config& config) {
  for (std::int64_t f = dice.below(4); f > 0; --f) config.faults.push_back(fault(dice, config));
  if (dice.once_in(8)) config.faults.push_back(campaign(dice, config));
}

}  // namespace brokersim::swarm
