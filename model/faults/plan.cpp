// When faults strike: what has a time is scheduled here, one occurrence after another.
#include <algorithm>

#include "model/dispatch.hpp"
#include "model/world.hpp"

namespace brokersim::model::faults {

namespace {

void schedule(SimTime time, On on, std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  model::Event event{};
  event.body = Event{on, fault, occurrence};
  context.at(time, event);
}

/// The gap and the delay of each occurrence are keyed by the fault and the occurrence, so that faults
/// leave each other's times alone.
Duration drawn_wait(std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  const FaultConfig& config = context.config().faults[fault];
  return context.choices().duration(sim::DrawKey::of(Purpose::fault_time, fault, occurrence),
                                    config.trigger.time) +
         context.choices().duration(sim::DrawKey::of(Purpose::fault_delay, fault, occurrence), config.delay);
}

void schedule_occurrence(World& world, std::uint16_t fault, SimTime base, std::uint32_t occurrence,
                         Context& context) {
  const FaultTrigger& trigger = context.config().faults[fault].trigger;
  const SimTime time = base + drawn_wait(fault, occurrence, context);
  if (trigger.kind == TriggerKind::process && time > SimTime{} + trigger.until) return;
  if (context.config().faults[fault].campaign.at_most > 0 && world.faults.states[fault].left == 0) return;
  ++world.faults.states[fault].strikes_due;
  schedule(time, On::strike, fault, occurrence, context);
}

/// What waits in brokers and consumers may still be the event that a fault is tied to, and so may what comes
/// of a process that is just starting; a world that needs the operator is left to him.
bool nothing_comes(const World& world, const Config& config) {
  return needs_operator(world, config) || drained(world, config);
}

bool is_over(const World& world, const Config& config, std::size_t fault, SimTime now, bool workload_over) {
  const FaultState& state = world.faults.states[fault];
  const FaultTrigger& trigger = config.faults[fault].trigger;
  if (state.restores_due > 0) return false;
  switch (trigger.kind) {
    case TriggerKind::at_time: return state.strikes_due == 0;
    case TriggerKind::on_event:
      return state.strikes_due == 0 &&
             (state.seen >= trigger.nth || (workload_over && nothing_comes(world, config)));
    case TriggerKind::process:
      return state.strikes_due == 0 || workload_over || now >= SimTime{} + trigger.until;
  }
  return true;
}

}  // namespace

void start(World& world, Context& context) {
  const auto& faults = context.config().faults;
  world.faults.states.resize(faults.size());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const auto fault = static_cast<std::uint16_t>(i);
    const FaultTrigger& trigger = faults[i].trigger;
    world.faults.states[i].left = faults[i].campaign.at_most;
    if (trigger.kind == TriggerKind::on_event) {
      world.faults.watching = true;
    } else {
      const Duration from = trigger.kind == TriggerKind::process ? trigger.from : Duration{};
      schedule_occurrence(world, fault, SimTime{} + from, 0, context);
    }
  }
}

void step(World& world, const Event& event, Context& context) {
  if (event.on == On::heal) return heal(world, context);
  if (world.faults.healed) return;  // who has repaired everything lets nothing break again
  FaultState& state = world.faults.states[event.fault];
  if (event.on == On::restore) {
    --state.restores_due;
    return restore(world, event.fault, event.choice, context);
  }
  if (event.on == On::roll) return roll_on(world, event.fault, context);
  if (state.strikes_due > 0) --state.strikes_due;  // an exploration strikes what nobody has scheduled
  strike(world, event.fault, event.occurrence, context);
  if (context.config().faults[event.fault].trigger.kind != TriggerKind::process) return;
  schedule_occurrence(world, event.fault, context.now(), event.occurrence + 1, context);
}

bool over(const World& world, const Config& config, SimTime now) {
  // Asked before every event: the first fault that is not over answers for all.
  if (config.faults.empty()) return true;
  const bool workload_over = workload_done(world, config);
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    if (!is_over(world, config, i, now, workload_over)) return false;
  }
  return true;
}

}  // namespace brokersim::model::faults
