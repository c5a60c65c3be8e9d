// Rolling restarts: each process is stopped in an orderly way and started again; a pause after it serves, the
// next one follows. What somebody else has killed is started as well.
#include "model/dispatch.hpp"
#include "model/world.hpp"

namespace brokersim::model::faults {

namespace {

using host::Life;

/// The process whose restart is under way.
ProcessId present(const FaultAction& action, const FaultState& state) {
  return action.processes[static_cast<std::size_t>(state.rolled) - 1];
}

void restart(World& world, ProcessId process, Context& context) {
  stop(world, process, context);
  // While it is still stopping this is remembered.
  start(world, process, context);
}

/// The present one is done with.
void go_on_behind(World& world, std::uint16_t fault, Context& context) {
  FaultState& state = world.faults.states[fault];
  const FaultAction& action = context.config().faults[fault].action;
  state.rolls = false;
  if (state.rolled == action.processes.size()) {
    --state.restores_due;
    return;
  }
  const auto key =
      sim::DrawKey::of(Purpose::rolling_pause, fault, std::uint64_t{state.struck} << 16 | state.rolled);
  model::Event event{};
  event.body = Event{On::roll, fault, 0, 0};
  context.after(context.choices().duration(key, action.duration), event);
}

}  // namespace

/// One that cannot be restarted now (paused, or its host is without power) is left out.
void roll_on(World& world, std::uint16_t fault, Context& context) {
  FaultState& state = world.faults.states[fault];
  const FaultAction& action = context.config().faults[fault].action;
  const ProcessId process = action.processes[state.rolled++];
  restart(world, process, context);
  const Life life = world.processes[process.value].life;
  state.rolls = life == Life::stopping || life == Life::starting;
  if (!state.rolls) go_on_behind(world, fault, context);
}

void process_served(World& world, ProcessId process, Context& context) {
  if (world.faults.healed) return;
  for (std::size_t i = 0; i < world.faults.states.size(); ++i) {
    const FaultState& state = world.faults.states[i];
    if (state.rolls && present(context.config().faults[i].action, state) == process)
      go_on_behind(world, static_cast<std::uint16_t>(i), context);
  }
}

}  // namespace brokersim::model::faults
