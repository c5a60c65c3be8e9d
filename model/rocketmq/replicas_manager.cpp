// ReplicasManager: how a broker in controller mode finds out what it is.
//
//   start      after 1 s (the first look finds no controller in its list yet), then each 5 s until it is
//              told: register; if the set has no living master, a heartbeat and brokerElect. (The real one
//              repeats some of these steps within the 5 s.) Until then it is fenced: no name server lists it,
//              and it takes no messages
//   heartbeat  each brokerHeartbeatInterval, on the one channel to the controller; it also brings a channel
//              that is gone back
//   poll       each syncBrokerMetadataPeriod: a role change that no push has brought; if the set has lost its
//              master for good, brokerElect
//   check      each checkSyncStateSetPeriod, at a master
//
// Nothing of this fences a master that has lost its controller: it goes on as it is.
#include "model/rocketmq/remoting_times.hpp"
#include "model/rocketmq/replica_set.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_try = 1_s;        ///< schedulingSyncControllerMetadata: the second of its tries
constexpr Duration retry_pause = 5_s;      ///< RETRY_INTERVAL_SECOND
constexpr Duration first_heartbeat = 1_s;  ///< BrokerController.scheduleSendHeartbeat
constexpr Duration first_poll = 3_s;       ///< schedulingSyncBrokerMetadata

Replicas& replicas_of(Site& site) { return site.memory.replicas; }

void arm(Site& site, ServiceTimer& timer, SimTime due, ControllerOn on) {
  rocketmq::arm(site.context, timer, site.now(), due, [&](std::uint32_t ticket) {
    Event event{};
    event.body = ControllerEvent{on, ticket};
    return host::to_process(site.world, site.broker.process, event);
  });
}

void arm_heartbeat(Site& site) {
  Replicas& replicas = replicas_of(site);
  const Duration period = site.settings().brokerHeartbeatInterval;
  const SimTime due = next_on_grid(replicas.heartbeat_grid, period, site.now());
  arm(site, replicas.heartbeat_timer, due, ControllerOn::heartbeat_due);
}

void arm_poll(Site& site) {
  Replicas& replicas = replicas_of(site);
  const Duration period = site.settings().syncBrokerMetadataPeriod;
  const SimTime due = next_on_grid(replicas.metadata_grid, period, site.now());
  arm(site, replicas.metadata_timer, due, ControllerOn::metadata_due);
}

void try_later(Site& site) {
  arm(site, replicas_of(site).start_timer, site.now() + retry_pause, ControllerOn::start_try);
}

// --------------------------------------------------------------------------------- the channel

/// What waited on it has failed: a start tries again, everything else comes again by itself.
void link_lost(Site& site) {
  Replicas& replicas = replicas_of(site);
  disarm(site.context, replicas.link.connect_timer);
  disarm(site.context, replicas.link.call_timer);
  replicas.link = ControllerLink{};
  replicas.altering = replicas.electing = false;
  replicas.to_ask.clear();
  const bool starts = replicas.step == StartStep::registering || replicas.step == StartStep::electing;
  if (starts && !replicas.start_timer.armed) try_later(site);
}

void give_up(Site& site) {
  network::close(site.world, replicas_of(site).link.connection, true, site.context);
  link_lost(site);
}

void connect(Site& site) {
  ControllerLink& link = replicas_of(site).link;
  if (link.connecting || link.open) return;
  link.connecting = true;
  link.connection =
      network::connect(site.world, site.broker.process, controller_process(site.all()), site.context);
  arm(site, link.connect_timer, site.now() + connect_timeout, ControllerOn::connect_timeout);
}

bool is_link(const Site& site, ConnectionId connection) {
  const ControllerLink& link = site.memory.replicas.link;
  return (link.connecting || link.open) && link.connection == connection;
}

/// False: there is no channel, and what was to be sent is not.
bool send(Site& site, Payload request) {
  Replicas& replicas = replicas_of(site);
  if (!replicas.link.open) return false;
  request.opaque = replicas.next_opaque++;
  const auto life = site.world.processes[site.broker.process.value].incarnation.value;
  const auto subject = sim::subject(site.broker.process.value, life);
  if (network::send(site.world, replicas.link.connection, true, request, subject, request.opaque,
                    site.context))
    return true;
  link_lost(site);
  return false;
}

/// invokeSync.
bool call(Site& site, Payload request) {
  if (!send(site, request)) return false;
  ControllerLink& link = replicas_of(site).link;
  ++link.waits;
  if (!link.call_timer.armed)
    arm(site, link.call_timer, site.now() + outer_api_timeout, ControllerOn::call_timeout);
  return true;
}

Payload request_of(PayloadKind kind) {
  Payload request;
  request.kind = kind;
  return request;
}

// --------------------------------------------------------------------------------- requests

void send_heartbeat(Site& site) {
  Payload heartbeat = request_of(PayloadKind::controller_heartbeat);
  heartbeat.oneway = true;
  heartbeat.sequence = static_cast<std::uint32_t>(last_epoch(site.broker.disk.epochs));
  heartbeat.offset = site.memory.appended.bytes;
  send(site, heartbeat);
}

void elect(Site& site) {
  if (replicas_of(site).electing) return;
  replicas_of(site).electing = call(site, request_of(PayloadKind::controller_elect));
}

/// The next step of startBasicService, on a channel that is open.
void go_on_starting(Site& site) {
  if (replicas_of(site).step == StartStep::registering) {
    call(site, request_of(PayloadKind::controller_register));
    return;
  }
  send_heartbeat(site);
  elect(site);
}

void run(Site& site) {
  Replicas& replicas = replicas_of(site);
  disarm(site.context, replicas.start_timer);
  replicas.step = StartStep::running;
  replicas.fenced = false;
  // With the role in the real broker; but one that is fenced could put nothing, and mostly it is one instant.
  if (replicas.role == ReplicaRole::master) start_special_services(site);
  replicas.metadata_grid = site.now() + first_poll;
  arm_poll(site);
  if (!replicas.heartbeat_timer.armed) arm_heartbeat(site);
}

bool is_told(const Site& site) { return site.memory.replicas.view.master >= 0; }

void on_start_try(Site& site) {
  if (replicas_of(site).step == StartStep::electing && is_told(site)) return run(site);
  if (replicas_of(site).link.open) return go_on_starting(site);
  connect(site);
}

void on_registered(Site& site, const SetView& view) {
  replicas_of(site).step = StartStep::electing;
  if (view.master >= 0) {
    take_view(site, view);
    return run(site);
  }
  go_on_starting(site);
}

void on_elected(Site& site, const Payload& answer) {
  replicas_of(site).electing = false;
  const SetView view = view_in(answer);
  const bool found = answer.status == Status::SEND_OK && view.master >= 0;
  if (found) take_view(site, view);
  if (replicas_of(site).step != StartStep::electing) return;
  found ? run(site) : try_later(site);
}

void on_replica_info(Site& site, const SetView& view) {
  const Replicas& replicas = replicas_of(site);
  if (view.epoch > replicas.view.epoch) return view.master >= 0 ? take_view(site, view) : elect(site);
  if (view.epoch == replicas.view.epoch && replicas.role == ReplicaRole::master) take_sync_set(site, view);
}

/// A refusal leaves the set unconfirmed; the next check, or the next acknowledgement, asks again.
void on_altered(Site& site, const Payload& answer) {
  Replicas& replicas = replicas_of(site);
  replicas.altering = false;
  if (answer.status == Status::SEND_OK) take_sync_set(site, view_in(answer));
  if (replicas.to_ask.empty()) return;
  const BrokerMask next = replicas.to_ask.front();
  replicas.to_ask.erase(replicas.to_ask.begin());
  ask_to_alter(site, next);
}

void on_response(Site& site, const Payload& answer) {
  ControllerLink& link = replicas_of(site).link;
  if (link.waits > 0 && --link.waits == 0) disarm(site.context, link.call_timer);
  const auto asked = static_cast<PayloadKind>(answer.queue);
  if (asked == PayloadKind::controller_register) return on_registered(site, view_in(answer));
  if (asked == PayloadKind::controller_elect) return on_elected(site, answer);
  if (asked == PayloadKind::controller_get_replica_info) return on_replica_info(site, view_in(answer));
  sim::check(asked == PayloadKind::controller_alter, "an answer of the controller that nobody asked for");
  on_altered(site, answer);
}

void on_heartbeat_due(Site& site) {
  arm_heartbeat(site);
  if (replicas_of(site).fenced) return;
  replicas_of(site).link.open ? send_heartbeat(site) : connect(site);
}

void on_poll_due(Site& site) {
  arm_poll(site);
  call(site, request_of(PayloadKind::controller_get_replica_info));
}

void on_check_due(Site& site) {
  arm_check(site, site.memory.replicas.check_grid);
  check_sync_set(site);
}

}  // namespace

void start_replicas(Site& site) {
  if (!site.config.is_controlled()) return;
  Replicas& replicas = replicas_of(site);
  replicas.step = StartStep::registering;
  replicas.caught_up.assign(site.all().brokers.size(), SimTime::max());
  replicas.confirmed = site.memory.appended.bytes;
  replicas.heartbeat_grid = site.now() + first_heartbeat;
  arm(site, replicas.start_timer, site.now() + first_try, ControllerOn::start_try);
  arm_heartbeat(site);
  site.record(RecordKind::role_taken, site.subject(), static_cast<std::int64_t>(RoleTaken::fenced));
}

void join_replicas(Site& site) {
  if (!site.config.is_controlled()) return;
  Replicas& replicas = replicas_of(site);
  const std::size_t set = master_of(site.all(), site.number);
  replicas.step = StartStep::running;
  replicas.fenced = false;
  replicas.role = set == site.number ? ReplicaRole::master : ReplicaRole::slave;
  replicas.view = site.world.controllers[0].disk.sets[set];
  replicas.confirmed = 0;
  replicas.received_epoch = replicas.view.epoch;
  site.broker.disk.epochs = {{replicas.view.epoch, 0}};
  replicas.caught_up.assign(site.all().brokers.size(), SimTime::max());
  const BrokerSettings& s = site.settings();
  const auto grid = [&](Service service, Duration period) {
    return site.now() - service_phase(site, service, period);
  };
  replicas.heartbeat_grid = grid(Service::controller_heartbeat, s.brokerHeartbeatInterval);
  replicas.metadata_grid = grid(Service::controller_poll, s.syncBrokerMetadataPeriod);
  arm_heartbeat(site);
  arm_poll(site);
  if (replicas.role == ReplicaRole::master)
    arm_check(site, grid(Service::controller_check, s.checkSyncStateSetPeriod));
  replicas.link.open = true;
  replicas.link.connection =
      network::establish(site.world, site.broker.process, controller_process(site.all()), site.context);
  controller_knows(site.world, site.number, replicas.link.connection, replicas.heartbeat_grid, site.context);
}

/// The role stays known, for what is said of a dead master's log.
void stop_replicas(Site& site) {
  if (!site.config.is_controlled()) return;
  Replicas& replicas = replicas_of(site);
  for (ServiceTimer* timer : {&replicas.start_timer, &replicas.heartbeat_timer, &replicas.metadata_timer,
                              &replicas.check_timer, &replicas.link.connect_timer, &replicas.link.call_timer})
    disarm(site.context, *timer);
  const ReplicaRole role = replicas.role;
  replicas = {};
  replicas.role = role;
  replicas.fenced = false;
}

namespace {

bool somebody_returns(const World& world, const Config& config, BrokerMask set) {
  for (std::size_t b = 0; b < config.brokers.size(); ++b) {
    if (has(set, b) && !faults::stays_dead(world, config, broker_process(b))) return true;
  }
  return false;
}

bool has_everything(const World& world, std::size_t slave, std::size_t master) {
  const Broker::Memory& own = world.brokers[slave].memory;
  return own.ha_client.state == HaState::transfer &&
         own.ha_client.master == static_cast<std::int32_t>(master) &&
         own.appended.bytes == world.brokers[master].memory.appended.bytes;
}

}  // namespace

bool replicas_idle(const World& world, const Config& config, std::size_t broker) {
  if (!config.brokers[broker].is_controlled()) return true;
  if (faults::stays_dead(world, config, controller_process(config))) return true;
  const SetView& view = world.controllers[0].disk.sets[master_of(config, broker)];
  if (view.master < 0) return !somebody_returns(world, config, view.in_sync);
  const Replicas& replicas = world.brokers[broker].memory.replicas;
  const auto master = static_cast<std::size_t>(view.master);
  if (replicas.fenced) return false;
  if (master == broker) return replicas.role == ReplicaRole::master;
  return replicas.role == ReplicaRole::slave && has_everything(world, broker, master);
}

void ask_to_alter(Site& site, BrokerMask wanted) {
  Replicas& replicas = replicas_of(site);
  if (replicas.altering) return;
  Payload request = request_of(PayloadKind::controller_alter);
  put_view(request,
           {static_cast<std::int32_t>(site.number), replicas.view.epoch, wanted, replicas.view.sync_epoch});
  replicas.asked = wanted;
  replicas.altering = call(site, request);
}

/// Each request takes the epoch of the set as it is when its turn comes, so none makes the next one void;
/// what it asks for was decided before. (The same change twice in a row is one: the second would be refused.)
void queue_to_alter(Site& site, BrokerMask wanted) {
  Replicas& replicas = replicas_of(site);
  if (!replicas.altering) return ask_to_alter(site, wanted);
  const BrokerMask last = replicas.to_ask.empty() ? replicas.asked : replicas.to_ask.back();
  if (wanted != last) replicas.to_ask.push_back(wanted);
}

void arm_check(Site& site, SimTime first) {
  Replicas& replicas = replicas_of(site);
  replicas.check_grid = first;
  const SimTime due = next_on_grid(first, site.settings().checkSyncStateSetPeriod, site.now());
  arm(site, replicas.check_timer, due, ControllerOn::check_due);
}

void disarm_check(Site& site) { disarm(site.context, replicas_of(site).check_timer); }

void replicas_receive(World& world, std::size_t broker, ConnectionId connection, const Payload& payload,
                      Context& context) {
  Site site(world, broker, context);
  if (!is_link(site, connection)) return;
  payload.kind == PayloadKind::role_changed ? take_view(site, view_in(payload)) : on_response(site, payload);
}

void replicas_connection_opened(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  Site site(world, broker, context);
  if (!is_link(site, connection)) return;
  ControllerLink& link = replicas_of(site).link;
  disarm(context, link.connect_timer);
  link.connecting = false;
  link.open = true;
  replicas_of(site).step == StartStep::running ? send_heartbeat(site) : go_on_starting(site);
}

void replicas_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  Site site(world, broker, context);
  if (is_link(site, connection)) link_lost(site);
}

void replicas_step(World& world, std::size_t broker, const ControllerEvent& event, Context& context) {
  Site site(world, broker, context);
  ServiceTimer* timer = timer_of(replicas_of(site), event.on);
  if (timer == nullptr || !fired(*timer, event.ticket)) return;
  switch (event.on) {
    case ControllerOn::start_try: return on_start_try(site);
    case ControllerOn::heartbeat_due: return on_heartbeat_due(site);
    case ControllerOn::metadata_due: return on_poll_due(site);
    case ControllerOn::check_due: return on_check_due(site);
    case ControllerOn::connect_timeout:
    case ControllerOn::call_timeout: return give_up(site);
    case ControllerOn::scan_brokers:
    case ControllerOn::scan_masters: return;
  }
}

}  // namespace brokersim::model::rocketmq
