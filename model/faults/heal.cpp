// The operator repairs everything: what the drain begins with.
#include <algorithm>

#include "model/dispatch.hpp"
#include "model/world.hpp"

namespace brokersim::model::faults {

namespace {

using host::Life;
using network::Cut;

/// Whether a fault that nobody ever repairs has struck and broken just this.
template <class Broke>
bool stays_broken(const World& world, const Config& config, Broke broke) {
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    if (world.faults.states[i].stays && broke(config.faults[i].action)) return true;
  }
  return false;
}

bool strikes(const FaultAction& action, HostId host) {
  const auto& hosts = action.hosts;
  return hosts.empty() ? action.host == host : std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

bool stays_broken(const World& world, const Config& config, FaultKind kind, HostId host) {
  return stays_broken(
      world, config, [&](const FaultAction& action) { return action.kind == kind && strikes(action, host); });
}

/// Whoever took it, a host that nobody repairs stays without power.
bool stays_dark(const World& world, const Config& config, HostId host) {
  return stays_broken(world, config, FaultKind::power_loss, host) ||
         stays_broken(world, config, FaultKind::disk_lost, host);
}

bool stays_broken(const World& world, const Config& config, FaultKind kind, ProcessId process) {
  return stays_broken(world, config, [&](const FaultAction& action) {
    return action.kind == kind && action.process == process;
  });
}

bool stays_broken(const World& world, const Config& config, FaultKind kind, const Cut& link) {
  return stays_broken(world, config, [&](const FaultAction& action) {
    if (action.kind != kind) return false;
    const auto links = network::links_of(action);
    return std::find(links.begin(), links.end(), link) != links.end();
  });
}

/// Killed, stopped or without power, and so it stays.
bool is_left_dead(const World& world, const Config& config, ProcessId process) {
  return stays_broken(world, config, FaultKind::kill, process) ||
         stays_broken(world, config, FaultKind::stop, process) ||
         stays_broken(world, config, FaultKind::truncate_log, process) ||
         stays_dark(world, config, world.processes[process.value].host);
}

ProcessId process_id(std::size_t number) { return ProcessId(static_cast<std::uint16_t>(number)); }
HostId host_id(std::size_t number) { return HostId(static_cast<std::uint16_t>(number)); }

/// What an operator finds.
bool is_filled(const World& world, const Config& config, HostId host) {
  return world.hosts[host.value].disk_filled > 0 && !stays_broken(world, config, FaultKind::disk_full, host);
}

bool is_set_wrong(const World& world, const Config& config, HostId host) {
  return world.hosts[host.value].wall_clock_jump != Duration{} &&
         !stays_broken(world, config, FaultKind::clock_jump, host);
}

// --------------------------------------------------------------------------------- repairs

void mend_hosts(World& world, Context& context) {
  const Config& config = context.config();
  for (std::size_t i = 0; i < world.hosts.size(); ++i) {
    const HostId host = host_id(i);
    const Duration jump = world.hosts[i].wall_clock_jump;
    if (!stays_broken(world, config, FaultKind::slow_disk, host)) world.hosts[i].disk_factor = 1;
    if (is_filled(world, config, host)) host::fill_disk(world, host, 0, context);
    if (is_set_wrong(world, config, host)) host::set_clock(world, host, Duration{-jump.ns}, context);
    if (!stays_dark(world, config, host)) power_on(world, host, context);
  }
}

void mend_network(World& world, Context& context) {
  const Config& config = context.config();
  std::erase_if(world.network.delays, [&](const auto& delay) {
    return !stays_broken(world, config, FaultKind::delay, Cut{delay.a, delay.b});
  });
  std::erase_if(world.network.cuts,
                [&](const Cut& cut) { return !stays_broken(world, config, FaultKind::partition, cut); });
  network::path_changed(world, context);
}

/// One that is stopping is started again when it has stopped.
void mend_processes(World& world, Context& context) {
  const Config& config = context.config();
  for (std::size_t i = 0; i < world.processes.size(); ++i) {
    const ProcessId process = process_id(i);
    if (!is_left_dead(world, config, process)) start(world, process, context);
    if (!stays_broken(world, config, FaultKind::pause, process)) resume(world, process, context);
  }
}

void end_stalls(World& world, Context& context) {
  for (std::size_t i = 0; i < world.brokers.size(); ++i) {
    if (!world.brokers[i].memory.append_stalled) continue;
    if (stays_broken(world, context.config(), FaultKind::append_stall, world.brokers[i].process)) continue;
    rocketmq::broker_stall(world, i, false, context);
  }
}

// --------------------------------------------------------------------------------- what is in order

/// As well as it will ever be.
bool is_well(const World& world, const Config& config, HostId host) {
  return world.hosts[host.value].powered || stays_dark(world, config, host);
}

bool is_well(const World& world, const Config& config, ProcessId process) {
  switch (world.processes[process.value].life) {
    case Life::running: return true;
    case Life::paused: return stays_broken(world, config, FaultKind::pause, process);
    case Life::dead: return is_left_dead(world, config, process);
    case Life::starting:
    case Life::stopping: return false;
  }
  return false;
}

bool are_links_whole(const World& world, const Config& config) {
  return std::all_of(world.network.cuts.begin(), world.network.cuts.end(),
                     [&](const Cut& cut) { return stays_broken(world, config, FaultKind::partition, cut); });
}

/// Whether an operator finds anything to do. A process that is starting is none of his business: it was
/// restarted already, or its time (start_at) is still to come.
bool is_broken(const World& world, const Config& config) {
  for (std::size_t i = 0; i < world.hosts.size(); ++i) {
    const bool slow = world.hosts[i].disk_factor != 1;
    if (!is_well(world, config, host_id(i))) return true;
    if (is_filled(world, config, host_id(i)) || is_set_wrong(world, config, host_id(i))) return true;
    if (slow && !stays_broken(world, config, FaultKind::slow_disk, host_id(i))) return true;
  }
  for (std::size_t i = 0; i < world.processes.size(); ++i) {
    if (world.processes[i].life != Life::starting && !is_well(world, config, process_id(i))) return true;
  }
  for (const rocketmq::Broker& broker : world.brokers) {
    if (broker.memory.append_stalled && !stays_broken(world, config, FaultKind::append_stall, broker.process))
      return true;
  }
  return !are_links_whole(world, config) ||
         std::any_of(world.network.delays.begin(), world.network.delays.end(), [&](const auto& delay) {
           return !stays_broken(world, config, FaultKind::delay, Cut{delay.a, delay.b});
         });
}

}  // namespace

bool stays_dead(const World& world, const Config& config, ProcessId process) {
  return world.processes[process.value].life == Life::dead && is_left_dead(world, config, process);
}

namespace {

/// Whom the controller has made master; without one the first of its SyncStateSet that will ever be back.
std::size_t elected_broker(const World& world, const Config& config, std::size_t set) {
  const rocketmq::SetView& view = world.controllers[0].disk.sets[set];
  if (view.master >= 0) return static_cast<std::size_t>(view.master);
  for (std::size_t b = 0; b < config.brokers.size(); ++b) {
    if (rocketmq::has(view.in_sync, b) && !stays_dead(world, config, broker_process(b))) return b;
  }
  return set;
}

/// The elected master; of a group without one the member whose log would win, among those that live if any
/// does.
std::size_t serving_member(const World& world, const Config& config, std::size_t set) {
  const std::int32_t master = rocketmq::group_master(world, config, set);
  if (master >= 0) return static_cast<std::size_t>(master);
  const std::vector<std::uint16_t> members = members_of(config, set);
  std::vector<std::uint16_t> alive;
  for (const std::uint16_t member : members) {
    if (!stays_dead(world, config, broker_process(member))) alive.push_back(member);
  }
  return rocketmq::furthest_member(world, alive.empty() ? members : alive);
}

}  // namespace

std::size_t serving_broker(const World& world, const Config& config, std::size_t set) {
  if (config.brokers[set].is_controlled()) return elected_broker(world, config, set);
  if (config.brokers[set].in_group()) return serving_member(world, config, set);
  for (std::size_t b = set_count(config); b < config.brokers.size(); ++b) {
    if (master_of(config, b) != set) continue;
    if (!stays_dead(world, config, broker_process(set))) return set;
    if (!stays_dead(world, config, broker_process(b))) return b;
  }
  return set;
}

void heal(World& world, Context& context) {
  const bool was_broken = is_broken(world, context.config());
  world.faults.healed = true;
  world.faults.watching = false;
  mend_hosts(world, context);
  mend_network(world, context);
  mend_processes(world, context);
  end_stalls(world, context);
  context.record(make_record(RecordKind::healed, 0, was_broken ? 1 : 0));
}

bool needs_operator(const World& world, const Config& config) {
  for (std::size_t i = 0; i < world.processes.size(); ++i) {
    const Life life = world.processes[i].life;
    const bool is_down = life == Life::dead || life == Life::paused;
    if (is_down && !is_well(world, config, process_id(i))) return true;
  }
  for (std::size_t i = 0; i < world.hosts.size(); ++i) {
    if (!is_well(world, config, host_id(i))) return true;
  }
  return !are_links_whole(world, config);
}

bool is_whole(const World& world, const Config& config) {
  for (std::size_t i = 0; i < world.processes.size(); ++i) {
    const host::Process& process = world.processes[i];
    if (!is_well(world, config, process_id(i))) return false;
    if (process.life == Life::running && !process.backlog.empty()) return false;
  }
  for (std::size_t i = 0; i < world.hosts.size(); ++i) {
    if (!is_well(world, config, host_id(i))) return false;
  }
  return are_links_whole(world, config);
}

}  // namespace brokersim::model::faults
