// Lives of processes and hosts. Each change is told to the network first (its sockets close), then to
// the protocol (its memory is gone).
#include "model/dispatch.hpp"
#include "model/world.hpp"

namespace brokersim::model {

namespace {

using host::Host;
using host::Life;
using host::Process;
using host::Role;

void forget_backlog(World& world, Process& process) {
  for (std::size_t i = process.backlog_done; i < process.backlog.size(); ++i) {
    const auto* bytes = std::get_if<network::Event>(&process.backlog[i].body);
    if (bytes != nullptr) network::drop(world, bytes->payload);
  }
  process.backlog.clear();
  process.backlog_done = 0;
}

void end_life(World& world, ProcessId id, FaultKind why, bool silent, Context& context) {
  Process& process = world.processes[id.value];
  process.life = Life::dead;
  process.silent = silent;
  forget_backlog(world, process);
  context.record(make_record(RecordKind::process_died, id.value, static_cast<std::int64_t>(why)));
}

ProcessId id_of(const World& world, const Process& process) {
  return ProcessId(static_cast<std::uint16_t>(&process - world.processes.data()));
}

/// The part of a broker or client that talks to name servers.
void lose_names(World& world, const Process& process, Context& context) {
  if (process.role == Role::broker) return rocketmq::registrar_stops(world, process.index, context);
  if (process.role == Role::name_server) return rocketmq::name_server_killed(world, process.index, context);
  if (process.role == Role::controller) return rocketmq::controller_killed(world, context);
  rocketmq::route_client_stopped(world, id_of(world, process), context);
}

void lose_memory(World& world, const Process& process, Context& context) {
  lose_names(world, process, context);
  switch (process.role) {
    case Role::name_server:
    case Role::controller: return;
    case Role::broker: return rocketmq::broker_killed(world, process.index, context);
    case Role::producer: return rocketmq::producer_killed(world, process.index, context);
    case Role::consumer: return rocketmq::consumer_killed(world, process.index, context);
    case Role::push_consumer: return rocketmq::push_consumer_killed(world, process.index, context);
  }
}

void lose_power(World& world, const Process& process, const PowerLoss& loss, Context& context) {
  if (process.role == Role::push_consumer)
    return rocketmq::push_consumer_power_lost(world, process.index,
                                              loss.disk_lost ? UnsyncedFiles::empty : loss.files, context);
  if (process.role != Role::broker) return lose_memory(world, process, context);
  lose_names(world, process, context);
  rocketmq::broker_power_lost(world, process.index, loss, context);
}

Duration restart_time(const Config& config, const Process& process, ProcessId id, Context& context) {
  const auto key = sim::DrawKey::of(Purpose::restart_time, id.value, process.incarnation.value);
  switch (process.role) {
    case Role::broker: return context.choices().duration(key, config.brokers[process.index].restart_time);
    case Role::producer: return context.choices().duration(key, config.producers[process.index].restart_time);
    case Role::consumer: return context.choices().duration(key, config.consumers[process.index].restart_time);
    case Role::push_consumer:
      return context.choices().duration(key, config.push_consumers[process.index].restart_time);
    case Role::name_server:
      return context.choices().duration(key, config.name_servers[process.index].restart_time);
    case Role::controller:
      return context.choices().duration(key, config.controllers[process.index].restart_time);
  }
  return {};
}

template <class F>
void for_each_on(World& world, HostId host, F f) {
  for (std::size_t i = 0; i < world.processes.size(); ++i) {
    if (world.processes[i].host == host) f(ProcessId(static_cast<std::uint16_t>(i)));
  }
}

}  // namespace

void kill(World& world, ProcessId id, bool silent, Context& context) {
  if (world.processes[id.value].life == Life::dead) return;
  // Its kernel closes the sockets knowing what was unread, so before that is forgotten.
  network::process_died(world, id, silent, context);
  end_life(world, id, FaultKind::kill, silent, context);
  lose_memory(world, world.processes[id.value], context);
}

void stop(World& world, ProcessId id, Context& context) {
  Process& process = world.processes[id.value];
  // SIGTERM waits while a process is paused, and nothing in this model would ever ask for both.
  if (process.life == Life::starting) return kill(world, id, false, context);
  if (process.life != Life::running) return;
  process.life = Life::stopping;
  switch (process.role) {
    case Role::broker:
      // BrokerController.shutdownBasicService (4.9: shutdown) ends the remoting server before the store:
      // producers see their connections close, and whatever is in flight goes unanswered. UNREGISTER_BROKER
      // goes to the name servers just before; that their channels close says the same.
      rocketmq::registrar_stops(world, process.index, context);
      network::process_stopped(world, id, context);
      return rocketmq::broker_stop(world, process.index, context);
    case Role::producer:
      rocketmq::producer_stop(world, process.index, context);
      return stop_finished(world, id, context);
    case Role::consumer:
    case Role::name_server:
    case Role::controller: return stop_finished(world, id, context);
    case Role::push_consumer:
      rocketmq::push_consumer_stop(world, process.index, context);
      return stop_finished(world, id, context);
  }
}

void stop_finished(World& world, ProcessId id, Context& context) {
  Process& process = world.processes[id.value];
  if (process.life != Life::stopping) return;
  end_life(world, id, FaultKind::stop, false, context);
  network::process_stopped(world, id, context);
  lose_memory(world, process, context);
  if (process.start_wanted) start(world, id, context);
}

void start(World& world, ProcessId id, Context& context) {
  Process& process = world.processes[id.value];
  if (process.life == Life::stopping) process.start_wanted = true;
  if (process.life != Life::dead || !world.hosts[process.host.value].powered) return;
  process.start_wanted = false;
  process.life = Life::starting;
  ++process.incarnation;
  Event started{};
  started.body = host::Event{.on = host::On::process_started};
  host::schedule(world, id, restart_time(context.config(), process, id, context), started, context);
}

void pause(World& world, ProcessId id, Context& context) {
  Process& process = world.processes[id.value];
  if (process.life != Life::running) return;
  process.life = Life::paused;
  context.record(make_record(RecordKind::process_paused, id.value));
}

void resume(World& world, ProcessId id, Context& context) {
  Process& process = world.processes[id.value];
  if (process.life != Life::paused) return;
  process.life = Life::running;
  context.record(make_record(RecordKind::process_resumed, id.value));
  if (process.backlog.empty()) return;
  Event catch_up{};
  catch_up.body = host::Event{.on = host::On::catch_up};
  host::schedule(world, id, Duration{}, catch_up, context);
}

void power_loss(World& world, HostId id, const PowerLoss& loss, Context& context) {
  Host& host = world.hosts[id.value];
  if (!host.powered) return;
  host.powered = false;
  ++host.power_losses;
  host.disk_busy_until = context.now();
  context.record(make_record(RecordKind::host_lost_power, id.value));
  std::vector<ProcessId> victims;
  for_each_on(world, id, [&](ProcessId process) {
    const bool alive = world.processes[process.value].life != Life::dead;
    // One that was dead already loses its page cache all the same.
    const Role role = world.processes[process.value].role;
    if (alive || role == Role::broker || role == Role::push_consumer) victims.push_back(process);
    if (alive) end_life(world, process, FaultKind::power_loss, false, context);
    world.processes[process.value].silent = false;  // the host is silent now, and once it is back it answers
  });
  network::host_lost_power(world, id, context);
  for (const ProcessId process : victims) lose_power(world, world.processes[process.value], loss, context);
}

void power_on(World& world, HostId id, Context& context) {
  Host& host = world.hosts[id.value];
  if (host.powered) return;
  host.powered = true;
  context.record(make_record(RecordKind::host_powered, id.value));
  network::path_changed(world, context);
  for_each_on(world, id, [&](ProcessId process) { start(world, process, context); });
}

}  // namespace brokersim::model
