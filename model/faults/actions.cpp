// What faults do, and what undoes them.
#include <algorithm>
#include <optional>

#include "model/dispatch.hpp"
#include "model/world.hpp"

namespace brokersim::model::faults {

namespace {

using host::Life;

Life life_of(const World& world, ProcessId process) { return world.processes[process.value].life; }

bool can_act(const World& world, ProcessId process) {
  const Life life = life_of(world, process);
  return life == Life::running || life == Life::paused;
}

std::uint16_t broker_of(const World& world, ProcessId process) {
  return world.processes[process.value].index;
}

network::Cut link_of(const FaultAction& action) {
  return {action.host, action.all_links ? network::any_host : action.other_host};
}

bool is_slowed(const World& world, const network::Cut& link) {
  const auto& delays = world.network.delays;
  return std::any_of(delays.begin(), delays.end(),
                     [&](const auto& d) { return d.a == link.a && d.b == link.b; });
}

bool is_partitioned(const World& world, const network::Cut& link) {
  const auto& cuts = world.network.cuts;
  return std::find(cuts.begin(), cuts.end(), link) != cuts.end();
}

/// Whether there is something to break. What is broken in this way already stays as it is: the fault
/// is skipped, and with it its restoration. Repairs can always be made.
bool can_strike(const World& world, const FaultAction& action, const FaultState& state) {
  switch (action.kind) {
    case FaultKind::kill: return life_of(world, action.process) != Life::dead;
    case FaultKind::stop:
      return life_of(world, action.process) == Life::running ||
             life_of(world, action.process) == Life::starting;
    case FaultKind::pause: return life_of(world, action.process) == Life::running;
    case FaultKind::power_loss: return world.hosts[action.host.value].powered;
    case FaultKind::slow_disk: return world.hosts[action.host.value].disk_factor == 1.0;
    case FaultKind::delay: return !is_slowed(world, link_of(action));
    case FaultKind::partition: return !is_partitioned(world, link_of(action));
    case FaultKind::append_stall:
      return can_act(world, action.process) &&
             !world.brokers[broker_of(world, action.process)].memory.append_stalled;
    case FaultKind::create_topic: return can_act(world, action.process);
    case FaultKind::reset: return life_of(world, action.process) != Life::dead;
    case FaultKind::response_lost: return state.has_connection;
    case FaultKind::restart:
    case FaultKind::resume:
    case FaultKind::power_on:
    case FaultKind::disk_normal:
    case FaultKind::delay_over:
    case FaultKind::heal_link:
    case FaultKind::append_go_on: return true;
  }
  return false;
}

std::optional<FaultKind> contrary(FaultKind kind) {
  switch (kind) {
    case FaultKind::kill:
    case FaultKind::stop: return FaultKind::restart;
    case FaultKind::pause: return FaultKind::resume;
    case FaultKind::power_loss: return FaultKind::power_on;
    case FaultKind::slow_disk: return FaultKind::disk_normal;
    case FaultKind::delay: return FaultKind::delay_over;
    case FaultKind::partition: return FaultKind::heal_link;
    case FaultKind::append_stall: return FaultKind::append_go_on;
    case FaultKind::restart:
    case FaultKind::resume:
    case FaultKind::power_on:
    case FaultKind::disk_normal:
    case FaultKind::delay_over:
    case FaultKind::heal_link:
    case FaultKind::append_go_on:
    case FaultKind::reset:
    case FaultKind::response_lost:
    case FaultKind::create_topic: return std::nullopt;
  }
  return std::nullopt;
}

void slow_link(World& world, std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  const FaultAction& action = context.config().faults[fault].action;
  const auto key = sim::DrawKey::of(Purpose::extra_delay, fault, occurrence);
  const network::Cut link = link_of(action);
  network::slow_down(world, {link.a, link.b, context.choices().duration(key, action.duration)});
}

/// All its connections break now.
void reset_all(World& world, ProcessId process, Context& context) {
  for (std::size_t i = 0; i < world.network.connections.size(); ++i) {
    const network::Connection& c = world.network.connections[i];
    if (c.client != process && c.server != process) continue;
    network::reset(world, ConnectionId(static_cast<std::uint16_t>(i)), context);
  }
}

/// The request itself is executed even if this comes just before it: it has reached its kernel.
void lose_response(World& world, const FaultState& state, Context& context) {
  if (world.network.connections[state.connection.value].generation != state.generation) return;
  network::reset(world, state.connection, context);
}

void let_append(World& world, ProcessId process, Context& context) {
  const std::uint16_t broker = broker_of(world, process);
  if (!can_act(world, process) || !world.brokers[broker].memory.append_stalled) return;
  rocketmq::broker_stall(world, broker, false, context);
}

void perform(World& world, FaultKind kind, std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  const FaultAction& action = context.config().faults[fault].action;
  switch (kind) {
    case FaultKind::kill: return kill(world, action.process, action.silent, context);
    case FaultKind::stop: return stop(world, action.process, context);
    case FaultKind::restart: return model::start(world, action.process, context);
    case FaultKind::pause: return pause(world, action.process, context);
    case FaultKind::resume: return resume(world, action.process, context);
    case FaultKind::power_loss: return power_loss(world, action.host, action.files, context);
    case FaultKind::power_on: return power_on(world, action.host, context);
    case FaultKind::slow_disk: world.hosts[action.host.value].disk_factor = action.factor; return;
    case FaultKind::disk_normal: world.hosts[action.host.value].disk_factor = 1; return;
    case FaultKind::delay: return slow_link(world, fault, occurrence, context);
    case FaultKind::delay_over: return network::speed_up(world, link_of(action).a, link_of(action).b);
    case FaultKind::partition: return network::cut(world, link_of(action));
    case FaultKind::heal_link: return network::mend(world, link_of(action), context);
    case FaultKind::append_stall:
      return rocketmq::broker_stall(world, broker_of(world, action.process), true, context);
    case FaultKind::append_go_on: return let_append(world, action.process, context);
    case FaultKind::reset: return reset_all(world, action.process, context);
    case FaultKind::response_lost: return lose_response(world, world.faults.states[fault], context);
    case FaultKind::create_topic:
      return rocketmq::broker_create_topic(world, broker_of(world, action.process), action.topic, context);
  }
}

void schedule_restoration(World& world, std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  const FaultConfig& config = context.config().faults[fault];
  if (!config.restores || !contrary(config.action.kind)) return;
  const auto key = sim::DrawKey::of(Purpose::fault_restore, fault, occurrence);
  ++world.faults.states[fault].restores_due;
  model::Event event{};
  event.body = Event{On::restore, fault, occurrence};
  context.after(context.choices().duration(key, config.restore_after), event);
}

}  // namespace

void strike(World& world, std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  FaultState& state = world.faults.states[fault];
  const FaultAction& action = context.config().faults[fault].action;
  if (!can_strike(world, action, state)) {
    ++state.skipped;
    return;
  }
  ++state.struck;
  state.stays = context.config().faults[fault].never_restored;
  context.record(make_record(RecordKind::fault_struck, fault, static_cast<std::int64_t>(action.kind)));
  perform(world, action.kind, fault, occurrence, context);
  schedule_restoration(world, fault, occurrence, context);
}

void restore(World& world, std::uint16_t fault, Context& context) {
  ++world.faults.states[fault].restored;
  context.record(make_record(RecordKind::fault_restored, fault));
  perform(world, *contrary(context.config().faults[fault].action.kind), fault, 0, context);
}

}  // namespace brokersim::model::faults
