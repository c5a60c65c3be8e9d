#include "model/dispatch.hpp"

#include <algorithm>

#include "model/world.hpp"
#include "sim/check.hpp"

namespace brokersim::model {

namespace {

using host::Life;
using host::Process;
using host::Role;

bool is_start(const Event& event) {
  if (const auto* of_host = std::get_if<host::Event>(&event.body))
    return of_host->on == host::On::process_started;
  if (const auto* of_producer = std::get_if<rocketmq::ProducerEvent>(&event.body)) {
    return of_producer->on == rocketmq::ProducerOn::start;
  }
  if (const auto* of_push = std::get_if<rocketmq::PushEvent>(&event.body))
    return of_push->on == rocketmq::PushOn::start;
  const auto* of_consumer = std::get_if<rocketmq::ConsumerEvent>(&event.body);
  return of_consumer != nullptr && of_consumer->on == rocketmq::ConsumerOn::start;
}

/// Executed whatever becomes of the target: faults, the disk, the kernels of both ends.
bool is_of_environment(const Event& event) {
  if (std::holds_alternative<faults::Event>(event.body)) return true;
  if (const auto* bytes = std::get_if<network::Event>(&event.body)) return network::is_for_kernel(bytes->on);
  const auto* of_host = std::get_if<host::Event>(&event.body);
  return of_host != nullptr && (of_host->on == host::On::sync_done || of_host->on == host::On::pages_written);
}

bool is_waiting(const Process& process) { return process.life == Life::paused || !process.backlog.empty(); }

/// Is the event for a living process of this incarnation? Bytes are judged by their connection.
bool is_for_this_life(const World& world, const Event& event) {
  if (const auto* bytes = std::get_if<network::Event>(&event.body))
    return network::is_expected(world, *bytes);
  const Process& process = world.processes[event.target.value];
  if (event.incarnation != process.incarnation || process.life == Life::dead) return false;
  return process.life != Life::starting || is_start(event);
}

/// What the kernel and the scheduler make of an event before its target sees it.
bool is_admitted(World& world, const Event& event, Context& context) {
  if (const auto* bytes = std::get_if<network::Event>(&event.body)) {
    if (!network::arrives(world, *bytes, context)) return false;
    if (network::is_for_kernel(bytes->on)) return true;
  } else if (is_of_environment(event)) {
    return true;
  } else if (!is_for_this_life(world, event)) {
    return false;
  }
  Process& process = world.processes[event.target.value];
  if (!is_waiting(process)) [[likely]]
    return true;
  host::wait_behind(process, event);
  return false;
}

/// A fault has struck just before the event: it may find its target paused, dead or another one.
bool is_still_wanted(World& world, const Event& event, Context& context) {
  if (is_of_environment(event)) return true;
  if (!is_for_this_life(world, event)) {
    if (const auto* bytes = std::get_if<network::Event>(&event.body))
      network::turn_away(world, *bytes, context);
    return false;
  }
  Process& process = world.processes[event.target.value];
  if (process.life != Life::paused) return true;
  host::wait_in_front(process, event);
  return false;
}

bool is_client(Role role) {
  return role == Role::producer || role == Role::consumer || role == Role::push_consumer;
}

void serve(World& world, Process& process, Context& context) {
  const bool was_silent = process.silent;
  process.life = Life::running;
  process.silent = false;
  const auto self = static_cast<std::uint32_t>(&process - world.processes.data());
  context.record(make_record(RecordKind::process_served, self, process.incarnation.value));
  if (was_silent) network::path_changed(world, context);
  const ProcessId id(static_cast<std::uint16_t>(self));
  faults::process_served(world, id, context);
  if (is_client(process.role)) rocketmq::route_client_serve(world, id, context);
  switch (process.role) {
    case Role::broker:
      rocketmq::broker_serve(world, process.index, context);
      return rocketmq::registrar_serve(world, process.index, context);
    case Role::name_server: return rocketmq::name_server_serve(world, process.index, context);
    case Role::controller: return rocketmq::controller_serve(world, context);
    case Role::producer: return rocketmq::producer_serve(world, process.index, context);
    case Role::consumer: return rocketmq::consumer_serve(world, process.index, context);
    case Role::push_consumer: return rocketmq::push_consumer_serve(world, process.index, context);
  }
}

void route(World& world, const Event& header, const host::Event& event, Context& context) {
  if (event.on == host::On::pages_written) return host::pages_written(world, header.target, event, context);
  if (event.on == host::On::sync_done) return host::sync_done(world, header.target, event, context);
  serve(world, world.processes[header.target.value], context);
}

void route(World& world, const Event& header, const network::Event& event, Context& context) {
  network::step(world, header, event, context);
}

void route(World& world, const Event& header, const rocketmq::BrokerEvent& event, Context& context) {
  Process& process = world.processes[header.target.value];
  rocketmq::broker_step(world, process.index, event, context);
  if (event.on == rocketmq::BrokerOn::stop_done) stop_finished(world, header.target, context);
}

/// The first `start` of a client's life is its start-up itself; a later one is its own business.
void route(World& world, const Event& header, const rocketmq::ProducerEvent& event, Context& context) {
  Process& process = world.processes[header.target.value];
  if (process.life == Life::starting) return serve(world, process, context);
  rocketmq::producer_step(world, process.index, event, context);
}

void route(World& world, const Event& header, const rocketmq::ConsumerEvent& event, Context& context) {
  Process& process = world.processes[header.target.value];
  if (process.life == Life::starting) return serve(world, process, context);
  rocketmq::consumer_step(world, process.index, event, context);
}

void route(World& world, const Event& header, const rocketmq::PushEvent& event, Context& context) {
  Process& process = world.processes[header.target.value];
  if (process.life == Life::starting) return serve(world, process, context);
  rocketmq::push_consumer_step(world, process.index, event, context);
}

void route(World& world, const Event& header, const rocketmq::NameEvent& event, Context& context) {
  const Process& process = world.processes[header.target.value];
  if (process.role == Role::name_server)
    return rocketmq::name_server_step(world, process.index, event, context);
  if (process.role == Role::broker) return rocketmq::registrar_step(world, process.index, event, context);
  rocketmq::route_client_step(world, header.target, event, context);
}

void route(World& world, const Event& header, const rocketmq::ControllerEvent& event, Context& context) {
  const Process& process = world.processes[header.target.value];
  if (process.role == Role::controller) return rocketmq::controller_step(world, event, context);
  rocketmq::replicas_step(world, process.index, event, context);
}

void route(World& world, const Event& header, const rocketmq::DLedgerEvent& event, Context& context) {
  rocketmq::dledger_step(world, world.processes[header.target.value].index, event, context);
}

void route(World& world, const Event&, const faults::Event& event, Context& context) {
  faults::step(world, event, context);
}

/// An event that has reached its target. Faults may strike on either side of it.
void execute(World& world, const Event& event, Context& context) {
  const bool watched = world.faults.watching;
  if (watched) {
    faults::observe(world, event, true, context);
    if (!is_still_wanted(world, event, context)) return;
  }
  std::visit([&](const auto& body) { route(world, event, body, context); }, event.body);
  if (watched) faults::observe(world, event, false, context);
}

bool is_catch_up(const Event& event) {
  const auto* of_host = std::get_if<host::Event>(&event.body);
  return of_host != nullptr && of_host->on == host::On::catch_up;
}

/// One of the backlog. The next follows at this same instant, behind it everything that has been
/// scheduled for it before; that queues behind the backlog in turn, so the order of arrival holds.
void catch_up(World& world, const Event& header, Context& context) {
  Process& process = world.processes[header.target.value];
  if (header.incarnation != process.incarnation || process.life == Life::paused || process.backlog.empty())
    return;
  const Event event = host::take_waiting(process);
  if (!process.backlog.empty()) context.after(Duration{}, header);
  if (is_for_this_life(world, event)) {
    execute(world, event, context);
  } else if (const auto* bytes = std::get_if<network::Event>(&event.body)) {
    network::turn_away(world, *bytes, context);
  }
}

void add_process(World& world, Role role, std::size_t index, HostId host, Life life) {
  Process process;
  process.role = role;
  process.index = static_cast<std::uint16_t>(index);
  process.host = host;
  process.life = life;
  world.processes.push_back(std::move(process));
}

/// Of a file with name servers: they are up since long, and everybody else has a part that talks to them.
void build_names(World& world, const Config& config) {
  if (config.name_servers.empty()) return;
  world.name_servers.resize(config.name_servers.size());
  world.registrars.resize(config.brokers.size());
  world.route_clients.resize(world.processes.size() - config.brokers.size());
  for (std::size_t i = 0; i < config.name_servers.size(); ++i)
    add_process(world, Role::name_server, i, config.name_servers[i].host, Life::running);
}

/// Up since long, like the name servers.
void build_controller(World& world, const Config& config) {
  if (config.controllers.empty()) return;
  world.controllers.resize(1);
  add_process(world, Role::controller, 0, config.controllers[0].host, Life::running);
}

/// Brokers are up since long; clients come up at their `start_at`, which is their first service.
void build(World& world, const Config& config) {
  world.hosts.resize(config.hosts.size());
  world.brokers.resize(config.brokers.size());
  world.producers.resize(config.producers.size());
  world.consumers.resize(config.consumers.size());
  world.push_consumers.resize(config.push_consumers.size());
  for (std::size_t i = 0; i < config.brokers.size(); ++i) {
    add_process(world, Role::broker, i, config.brokers[i].host, Life::running);
    world.brokers[i].process = broker_process(i);
  }
  for (std::size_t i = 0; i < config.producers.size(); ++i) {
    add_process(world, Role::producer, i, config.producers[i].host, Life::starting);
    world.producers[i].process = producer_process(config, i);
  }
  for (std::size_t i = 0; i < config.consumers.size(); ++i) {
    add_process(world, Role::consumer, i, config.consumers[i].host, Life::starting);
    world.consumers[i].process = consumer_process(config, i);
  }
  for (std::size_t i = 0; i < config.push_consumers.size(); ++i) {
    add_process(world, Role::push_consumer, i, config.push_consumers[i].host, Life::starting);
    world.push_consumers[i].process = push_consumer_process(config, i);
  }
  build_names(world, config);
  build_controller(world, config);
}

template <class Body>
void start_at(World& world, ProcessId process, Duration time, Body body, Context& context) {
  Event event{};
  event.body = body;
  host::schedule(world, process, time, event, context);
}

void start_protocols(World& world, Context& context) {
  const Config& config = context.config();
  if (!world.controllers.empty()) rocketmq::controller_start_world(world, context);
  for (std::size_t i = 0; i < config.brokers.size(); ++i) rocketmq::broker_start_world(world, i, context);
  for (std::size_t i = 0; i < world.name_servers.size(); ++i)
    rocketmq::name_server_start_world(world, i, context);
  for (std::size_t i = 0; i < world.registrars.size(); ++i)
    rocketmq::registrar_start_world(world, i, context);
  for (std::size_t i = 0; i < config.producers.size(); ++i) {
    rocketmq::producer_start_world(world, i, context);
    const rocketmq::ProducerEvent start{.on = rocketmq::ProducerOn::start};
    start_at(world, producer_process(config, i), config.producers[i].start_at, start, context);
  }
  for (std::size_t i = 0; i < config.consumers.size(); ++i) {
    rocketmq::consumer_start_world(world, i, context);
    const rocketmq::ConsumerEvent start{.on = rocketmq::ConsumerOn::start};
    start_at(world, consumer_process(config, i), config.consumers[i].start_at, start, context);
  }
  for (std::size_t i = 0; i < config.push_consumers.size(); ++i) {
    rocketmq::push_consumer_start_world(world, i, context);
    const rocketmq::PushEvent start{.on = rocketmq::PushOn::start};
    start_at(world, push_consumer_process(config, i), config.push_consumers[i].start_at, start, context);
  }
}

}  // namespace

void Model::start(World& world, Context& context) {
  build(world, context.config());
  start_protocols(world, context);
  faults::start(world, context);
}

void Model::step(World& world, const Event& event, Context& context) {
  if (is_catch_up(event)) [[unlikely]]
    return catch_up(world, event, context);
  if (is_admitted(world, event, context)) execute(world, event, context);
}

bool workload_done(const World& world, const Config& config) {
  for (std::size_t i = 0; i < config.producers.size(); ++i) {
    if (!rocketmq::producer_done(world, config, i)) return false;
  }
  return true;
}

namespace {

/// It never comes back, and another one of its replica set goes on without it.
bool is_out_of_play(const World& world, const Config& config, std::size_t broker) {
  return faults::serving_broker(world, config, master_of(config, broker)) != broker &&
         faults::stays_dead(world, config, broker_process(broker));
}

}  // namespace

bool drained(const World& world, const Config& config) {
  // What is one-way is in nobody's table while it is on its way: only the network knows of it.
  if (world.network.requests != 0 || !faults::is_whole(world, config)) return false;
  for (std::size_t i = 0; i < config.producers.size(); ++i) {
    if (!rocketmq::producer_idle(world, config, i)) return false;
  }
  for (std::size_t i = 0; i < config.brokers.size(); ++i) {
    if (!is_out_of_play(world, config, i) && !rocketmq::broker_idle(world, config, i)) return false;
  }
  for (std::size_t i = 0; i < config.consumers.size(); ++i) {
    if (!rocketmq::consumer_idle(world, config, i)) return false;
  }
  for (std::size_t i = 0; i < config.push_consumers.size(); ++i) {
    if (faults::stays_dead(world, config, push_consumer_process(config, i))) continue;
    if (!rocketmq::push_consumer_idle(world, config, i)) return false;
  }
  return true;
}

}  // namespace brokersim::model
