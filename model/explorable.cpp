#include "model/explorable.hpp"

namespace brokersim::model {

ExplorableModel::Outcome ExplorableModel::outcome(const World& world) {
  Outcome intents(world.verdict.size());
  for (std::size_t i = 0; i < intents.size(); ++i) {
    intents[i].told = world.verdict.told_of(IntentId(static_cast<std::uint32_t>(i)));
    for (const auto& group : world.verdict.effects) intents[i].effects.push_back(group[i]);
  }
  for (const rocketmq::Broker& broker : world.brokers) {
    for (const rocketmq::LogRecord& record : broker.cache.log) {
      std::uint8_t& copies = intents[record.intent.value].copies;
      if (copies < 255) ++copies;
    }
  }
  return intents;
}

std::vector<Event> ExplorableModel::faults(const World& world) {
  std::vector<Event> strikes;
  for (std::size_t i = 0; i < world.faults.states.size(); ++i) {
    if (world.faults.states[i].restores_due > 0) continue;
    Event strike{};
    strike.body = faults::Event{faults::On::strike, static_cast<std::uint16_t>(i), 0};
    strikes.push_back(strike);
  }
  return strikes;
}

FaultAction kill_of(ProcessId process) {
  FaultAction action;
  action.kind = FaultKind::kill;
  action.process = process;
  return action;
}

FaultAction power_loss_of(HostId host) {
  FaultAction action;
  action.kind = FaultKind::power_loss;
  action.host = host;
  return action;
}

FaultAction reset_of(ProcessId process) {
  FaultAction action;
  action.kind = FaultKind::reset;
  action.process = process;
  return action;
}

/// A fault process whose time is over before its first occurrence.
void offer(Config& config, const FaultAction& action, Duration restore_after) {
  FaultConfig fault;
  fault.trigger.kind = TriggerKind::process;
  fault.trigger.time = Distribution::constant(1_ns);
  fault.trigger.until = Duration{};
  fault.action = action;
  fault.restores = true;
  fault.restore_after = Distribution::constant(restore_after);
  config.faults.push_back(fault);
}

}  // namespace brokersim::model
