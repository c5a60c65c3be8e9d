// Faults that wait for the protocol: the nth event of a name, just before or just after it.
#include <algorithm>

#include "model/world.hpp"

namespace brokersim::model::faults {

namespace {

bool is_waiting(const FaultConfig& fault, const FaultState& state) {
  return fault.trigger.kind == TriggerKind::on_event && state.seen < fault.trigger.nth;
}

bool matches(const FaultTrigger& trigger, const model::Event& event, EventName name) {
  return static_cast<EventName>(trigger.event) == name &&
         (trigger.any_actor || trigger.actor == event.target);
}

void remember_connection(FaultState& state, const model::Event& event) {
  const auto* bytes = std::get_if<network::Event>(&event.body);
  if (bytes == nullptr) return;
  state.has_connection = true;
  state.connection = bytes->connection;
  state.generation = bytes->generation;
}

void fire(World& world, std::uint16_t fault, const model::Event& event, Context& context) {
  FaultState& state = world.faults.states[fault];
  remember_connection(state, event);
  const auto key = sim::DrawKey::of(Purpose::fault_delay, fault);
  const Duration delay = context.choices().duration(key, context.config().faults[fault].delay);
  if (delay == Duration{}) return strike(world, fault, 0, context);
  ++state.strikes_due;
  model::Event later{};
  later.body = Event{On::strike, fault, 0};
  context.after(delay, later);
}

bool some_wait(const World& world, const Config& config) {
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    if (is_waiting(config.faults[i], world.faults.states[i])) return true;
  }
  return false;
}

}  // namespace

void observe(World& world, const model::Event& event, bool before, Context& context) {
  if (!world.faults.watching || world.faults.healed) return;
  const auto& faults = context.config().faults;
  const EventName name = name_of(event);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    FaultState& state = world.faults.states[i];
    if (faults[i].trigger.before != before || !is_waiting(faults[i], state)) continue;
    if (!matches(faults[i].trigger, event, name) || ++state.seen < faults[i].trigger.nth) continue;
    world.faults.watching = some_wait(world, context.config());
    fire(world, static_cast<std::uint16_t>(i), event, context);
  }
}

}  // namespace brokersim::model::faults
