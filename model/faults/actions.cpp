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

std::vector<HostId> hosts_of(const FaultAction& action) {
  return action.hosts.empty() ? std::vector<HostId>{action.host} : action.hosts;
}

bool is_slowed(const World& world, const network::Cut& link) {
  const auto& delays = world.network.delays;
  return std::any_of(delays.begin(), delays.end(),
                     [&](const auto& d) { return d.a == link.a && d.b == link.b; });
}

bool is_partitioned(const World& world, const FaultAction& action) {
  const auto& cuts = world.network.cuts;
  const auto links = network::links_of(action);
  return std::any_of(links.begin(), links.end(), [&](const network::Cut& link) {
    return std::find(cuts.begin(), cuts.end(), link) != cuts.end();
  });
}

bool some_have_power(const World& world, const FaultAction& action) {
  const auto hosts = hosts_of(action);
  return std::any_of(hosts.begin(), hosts.end(),
                     [&](HostId host) { return world.hosts[host.value].powered; });
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
    case FaultKind::power_loss: return some_have_power(world, action);
    case FaultKind::disk_lost: return world.hosts[action.host.value].powered;
    case FaultKind::disk_full: return world.hosts[action.host.value].disk_filled == 0;
    case FaultKind::clock_jump: return world.hosts[action.host.value].wall_clock_jump == Duration{};
    case FaultKind::truncate_log: return life_of(world, action.process) != Life::stopping;
    case FaultKind::rolling_restart: return state.restores_due == 0;
    case FaultKind::slow_disk: return world.hosts[action.host.value].disk_factor == 1.0;
    case FaultKind::delay: return !is_slowed(world, link_of(action));
    case FaultKind::partition: return !is_partitioned(world, action);
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
    case FaultKind::disk_free:
    case FaultKind::clock_right:
    case FaultKind::append_go_on: return true;
  }
  return false;
}

std::optional<FaultKind> contrary(FaultKind kind) {
  switch (kind) {
    case FaultKind::kill:
    case FaultKind::truncate_log:
    case FaultKind::stop: return FaultKind::restart;
    case FaultKind::pause: return FaultKind::resume;
    case FaultKind::disk_lost:
    case FaultKind::power_loss: return FaultKind::power_on;
    case FaultKind::disk_full: return FaultKind::disk_free;
    case FaultKind::clock_jump: return FaultKind::clock_right;
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
    case FaultKind::disk_free:
    case FaultKind::clock_right:
    case FaultKind::rolling_restart:
    case FaultKind::create_topic: return std::nullopt;
  }
  return std::nullopt;
}

/// Which of its actions; 0 of a fault that has one.
std::uint16_t choose(std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  const auto& actions = context.config().faults[fault].campaign.actions;
  if (actions.empty()) return 0;
  const auto key = sim::DrawKey::of(Purpose::campaign_action, fault, occurrence);
  return static_cast<std::uint16_t>(context.choices().pick(key, static_cast<std::uint32_t>(actions.size())));
}

/// For records: counted from 1; 0 of a fault that is no campaign.
std::int64_t said(const FaultConfig& fault, std::uint16_t choice) {
  return fault.campaign.actions.empty() ? 0 : choice + 1;
}

/// One occurrence of a fault.
struct Strike {
  std::uint16_t fault = 0;
  std::uint32_t occurrence = 0;
  std::uint16_t choice = 0;
};

void slow_link(World& world, const Strike& strike, const FaultAction& action, Context& context) {
  const auto [fault, occurrence, choice] = strike;
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

void lose_power(World& world, const FaultAction& action, Context& context) {
  const bool disk_lost = action.kind == FaultKind::disk_lost;
  for (const HostId host : hosts_of(action))
    power_loss(world, host, {action.files, action.tail, disk_lost}, context);
}

void restore_power(World& world, const FaultAction& action, Context& context) {
  for (const HostId host : hosts_of(action)) power_on(world, host, context);
}

void cut_links(World& world, const FaultAction& action) {
  for (const network::Cut& link : network::links_of(action)) network::cut(world, link);
}

void mend_links(World& world, const FaultAction& action, Context& context) {
  for (const network::Cut& link : network::links_of(action)) network::mend(world, link, context);
}

/// A file that is cut under a running broker ends it: its mapped pages are gone (SIGBUS).
void cut_log(World& world, const FaultAction& action, Context& context) {
  kill(world, action.process, false, context);
  rocketmq::broker_log_cut(world, broker_of(world, action.process), action.bytes, context);
}

void set_right(World& world, HostId host, Context& context) {
  host::set_clock(world, host, Duration{-world.hosts[host.value].wall_clock_jump.ns}, context);
}

void roll(World& world, std::uint16_t fault, Context& context) {
  world.faults.states[fault].rolled = 0;
  ++world.faults.states[fault].restores_due;
  roll_on(world, fault, context);
}

void perform(World& world, FaultKind kind, const Strike& strike, Context& context) {
  const FaultAction& action = action_of(context.config().faults[strike.fault], strike.choice);
  switch (kind) {
    case FaultKind::kill: return kill(world, action.process, action.silent, context);
    case FaultKind::stop: return stop(world, action.process, context);
    case FaultKind::restart: return model::start(world, action.process, context);
    case FaultKind::pause: return pause(world, action.process, context);
    case FaultKind::resume: return resume(world, action.process, context);
    case FaultKind::disk_lost:
    case FaultKind::power_loss: return lose_power(world, action, context);
    case FaultKind::power_on: return restore_power(world, action, context);
    case FaultKind::disk_full: return host::fill_disk(world, action.host, action.used, context);
    case FaultKind::disk_free: return host::fill_disk(world, action.host, 0, context);
    case FaultKind::truncate_log: return cut_log(world, action, context);
    case FaultKind::clock_jump: return host::set_clock(world, action.host, action.jump, context);
    case FaultKind::clock_right: return set_right(world, action.host, context);
    case FaultKind::rolling_restart: return roll(world, strike.fault, context);
    case FaultKind::slow_disk: world.hosts[action.host.value].disk_factor = action.factor; return;
    case FaultKind::disk_normal: world.hosts[action.host.value].disk_factor = 1; return;
    case FaultKind::delay: return slow_link(world, strike, action, context);
    case FaultKind::delay_over: return network::speed_up(world, link_of(action).a, link_of(action).b);
    case FaultKind::partition: return cut_links(world, action);
    case FaultKind::heal_link: return mend_links(world, action, context);
    case FaultKind::append_stall:
      return rocketmq::broker_stall(world, broker_of(world, action.process), true, context);
    case FaultKind::append_go_on: return let_append(world, action.process, context);
    case FaultKind::reset: return reset_all(world, action.process, context);
    case FaultKind::response_lost: return lose_response(world, world.faults.states[strike.fault], context);
    case FaultKind::create_topic:
      return rocketmq::broker_create_topic(world, broker_of(world, action.process), action.topic, context);
  }
}

void schedule_restoration(World& world, const Strike& strike, Context& context) {
  const auto [fault, occurrence, choice] = strike;
  const FaultConfig& config = context.config().faults[fault];
  if (!config.restores || !contrary(action_of(config, choice).kind)) return;
  const auto key = sim::DrawKey::of(Purpose::fault_restore, fault, occurrence);
  ++world.faults.states[fault].restores_due;
  model::Event event{};
  event.body = Event{On::restore, fault, occurrence, choice};
  context.after(context.choices().duration(key, config.restore_after), event);
}

}  // namespace

void strike(World& world, std::uint16_t fault, std::uint32_t occurrence, Context& context) {
  FaultState& state = world.faults.states[fault];
  const std::uint16_t choice = choose(fault, occurrence, context);
  const FaultAction& action = action_of(context.config().faults[fault], choice);
  if (!can_strike(world, action, state)) {
    ++state.skipped;
    return;
  }
  ++state.struck;
  if (state.left > 0) --state.left;
  state.stays = context.config().faults[fault].never_restored;
  const auto kind = static_cast<std::int64_t>(action.kind);
  context.record(
      make_record(RecordKind::fault_struck, fault, kind, said(context.config().faults[fault], choice)));
  perform(world, action.kind, {fault, occurrence, choice}, context);
  schedule_restoration(world, {fault, occurrence, choice}, context);
}

void restore(World& world, std::uint16_t fault, std::uint16_t choice, Context& context) {
  ++world.faults.states[fault].restored;
  context.record(
      make_record(RecordKind::fault_restored, fault, 0, said(context.config().faults[fault], choice)));
  const FaultAction& action = action_of(context.config().faults[fault], choice);
  perform(world, *contrary(action.kind), {fault, 0, choice}, context);
}

}  // namespace brokersim::model::faults
