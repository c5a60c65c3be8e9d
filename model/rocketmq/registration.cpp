#include "model/rocketmq/registration.hpp"

#include <algorithm>

#include "model/host/host.hpp"
#include "model/network/fabric.hpp"
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/name_server.hpp"
#include "model/rocketmq/remoting_times.hpp"
#include "model/rocketmq/route_data.hpp"
#include "model/rocketmq/stand_in.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_periodic = 10_s;  ///< BrokerController.start
constexpr Duration alive_interval = 1_s;   ///< brokerHeartbeatInterval, syncBrokerMemberGroupPeriod
constexpr Duration group_timeout = 3_s;    ///< BrokerOuterAPI.syncBrokerMemberGroup

/// The arguments of a step in one hand.
struct Registering {
  World& world;
  std::size_t broker;
  Context& context;
  Registrar& self;
  Registrar::Memory& memory;
  const BrokerConfig& config;

  Registering(World& w, std::size_t b, Context& c)
      : world(w),
        broker(b),
        context(c),
        self(w.registrars[b]),
        memory(self.memory),
        config(c.config().brokers[b]) {}

  SimTime now() const { return host::monotonic(context); }
  bool is_4_9() const { return config.profile == Profile::v4_9; }
  void arm(ServiceTimer& timer, SimTime due, NameOn on, std::size_t server) const {
    rocketmq::arm(context, timer, now(), due, [&](std::uint32_t ticket) {
      Event event{};
      event.body = NameEvent{on, static_cast<std::uint16_t>(server), ticket};
      return host::to_process(world, self.process, event);
    });
  }
};

/// BrokerConfig.registerBrokerTimeoutMills.
Duration register_timeout(const Registering& reg) { return reg.is_4_9() ? 6_s : 24_s; }

bool has_name_servers(const World& world) { return !world.registrars.empty(); }

/// Math.max(10000, Math.min(registerNameServerPeriod, 60000)).
Duration period_of(const Registering& reg) {
  return std::clamp(reg.config.settings.registerNameServerPeriod, Duration{10_s}, Duration{60_s});
}

/// `up_for` says when it started; one that has been up for long is anywhere in its period.
SimTime grid_before_the_run(const Registering& reg) {
  if (reg.config.up_for >= Duration{}) return reg.now() - reg.config.up_for + first_periodic;
  const Site site(reg.world, reg.broker, reg.context);
  return reg.now() - service_phase(site, Service::registration, period_of(reg));
}

void arm_period(const Registering& reg) {
  const SimTime due = next_on_grid(reg.memory.grid, period_of(reg), reg.now());
  reg.arm(reg.memory.timer, due, NameOn::register_due, 0);
}

void connect(const Registering& reg, std::size_t server) {
  NameLink& link = reg.memory.links[server];
  link.connecting = true;
  const ProcessId to = name_server_process(reg.context.config(), server);
  link.connection = network::connect(reg.world, reg.self.process, to, reg.context);
  reg.arm(link.connect_timer, reg.now() + connect_timeout, NameOn::register_connect_timeout, server);
}

/// What waited for the channel, or on it, fails; the next registration tries again.
void link_lost(const Registering& reg, NameLink& link) {
  disarm(reg.context, link.connect_timer);
  disarm(reg.context, link.call_timer);
  link = NameLink{};
}

void send(const Registering& reg, std::size_t server, Payload request, TopicRoute topics) {
  NameLink& link = reg.memory.links[server];
  request.kind = PayloadKind::register_broker;
  request.opaque = reg.memory.next_opaque++;
  if (request.mark != Mark::one_topic) {
    request.size = reg.world.routes.take();
    reg.world.routes[request.size].route = std::move(topics);
  }
  const auto life = reg.world.processes[reg.self.process.value].incarnation.value;
  const auto subject = sim::subject(sim::subject(reg.self.process.value, life), server);
  if (!network::send(reg.world, link.connection, true, request, subject, request.opaque, reg.context)) {
    release_payload(reg.world, request);
    return link_lost(reg, link);
  }
  if (request.oneway) return;
  ++link.waits;
  if (!link.call_timer.armed)
    reg.arm(link.call_timer, reg.now() + register_timeout(reg), NameOn::register_timeout, server);
}

/// brokerId 0 or another one, and stateVersion: in controller mode nextVersion(masterEpoch)
/// (ReplicasManager), of a member of a DLedger group 0.
void note_role(const Registering& reg, Payload& request) {
  const Broker& broker = reg.world.brokers[reg.broker];
  if (reg.config.in_group()) request.record = broker.memory.dledger.serves ? 1 : 0;
  if (!reg.config.is_controlled()) return;
  request.record = broker.memory.replicas.role == ReplicaRole::master ? 1 : 0;
  request.sequence = static_cast<std::uint32_t>(broker.memory.replicas.view.epoch);
}

void send_all(const Registering& reg, std::size_t server, bool oneway) {
  Payload request;
  request.oneway = oneway;
  note_role(reg, request);
  send(reg, server, request, {topics_of(reg.world, reg.context.config(), reg.broker), {}});
}

void send_topic(const Registering& reg, std::size_t server, TopicId topic) {
  Payload request;
  request.mark = Mark::one_topic;
  note_role(reg, request);
  request.topic = topic;
  request.queue = reg.world.brokers[reg.broker].cache.topics[topic.value];
  send(reg, server, request, {});
}

/// doRegisterBrokerAll, to one of the name servers.
void register_all(const Registering& reg, std::size_t server, bool oneway) {
  NameLink& link = reg.memory.links[server];
  if (link.open) return send_all(reg, server, oneway);
  link.all_due = true;
  link.oneway = oneway;
  if (!link.connecting) connect(reg, server);
}

void register_topic(const Registering& reg, std::size_t server, TopicId topic) {
  NameLink& link = reg.memory.links[server];
  if (link.open) return send_topic(reg, server, topic);
  link.topics_due.push_back(topic);
  if (!link.connecting) connect(reg, server);
}

/// To each name server, one after another: all brokers' pools have four threads for it.
void register_everywhere(const Registering& reg, bool oneway = false) {
  for (std::size_t server = 0; server < reg.memory.links.size(); ++server) register_all(reg, server, oneway);
}

std::int32_t server_behind(const Registering& reg, ConnectionId connection) {
  const auto& links = reg.memory.links;
  for (std::size_t server = 0; server < links.size(); ++server) {
    const bool in_use = links[server].connecting || links[server].open;
    if (in_use && links[server].connection == connection) return static_cast<std::int32_t>(server);
  }
  return -1;
}

/// BrokerController.isIsolated: a broker in controller mode that is not told what it is, or one that
/// BrokerPreOnlineService has not let through.
bool is_isolated(const Registering& reg) {
  const Broker::Memory& broker = reg.world.brokers[reg.broker].memory;
  return reg.config.is_controlled() ? broker.replicas.fenced : broker.acting.step != PreOnline::through;
}

// --------------------------------------------------------------------------------- heartbeats

void arm_alive(const Registering& reg) {
  const SimTime due = next_on_grid(reg.memory.alive_grid, alive_interval, reg.now());
  reg.arm(reg.memory.alive_timer, due, NameOn::alive_due, 0);
}

/// sendHeartbeat, to all of them; to one goes syncBrokerMemberGroup too, and of an isolated broker that
/// alone. (The real broker keeps to the one that it has chosen; here it is the first whose channel is open.)
void send_alive(const Registering& reg, std::size_t server, bool asks) {
  NameLink& link = reg.memory.links[server];
  Payload request;
  request.kind = PayloadKind::broker_alive;
  request.oneway = !asks;
  request.record = is_isolated(reg) ? 0 : 1;
  request.opaque = reg.memory.next_opaque++;
  const auto life = reg.world.processes[reg.self.process.value].incarnation.value;
  const auto subject = sim::subject(sim::subject(reg.self.process.value, life), server);
  if (!network::send(reg.world, link.connection, true, request, subject, request.opaque, reg.context))
    return link_lost(reg, link);
  if (!asks) return;
  ++link.waits;
  if (!link.call_timer.armed)
    reg.arm(link.call_timer, reg.now() + group_timeout, NameOn::register_timeout, server);
}

void send_all_alive(const Registering& reg) {
  bool asks = true;
  for (std::size_t server = 0; server < reg.memory.links.size(); ++server) {
    const NameLink& link = reg.memory.links[server];
    if (link.open && (asks || !is_isolated(reg))) send_alive(reg, server, asks);
    asks = asks && !link.open;
    if (!link.open && !link.connecting) connect(reg, server);
  }
}

void on_alive_due(const Registering& reg, const NameEvent& event) {
  if (!fired(reg.memory.alive_timer, event.ticket)) return;
  arm_alive(reg);
  send_all_alive(reg);
}

/// The first comes after a second; of BrokerPreOnlineService at once.
void begin_alive(const Registering& reg) {
  if (!reg.config.has_stand_in()) return;
  const bool late = is_isolated(reg);
  reg.memory.alive_grid = reg.now() + alive_interval;
  arm_alive(reg);
  if (late) send_all_alive(reg);
}

void answered(const Registering& reg, NameLink& link) {
  if (link.waits > 0 && --link.waits == 0) disarm(reg.context, link.call_timer);
}

void on_name_route(const Registering& reg, const Payload& answer) {
  Site site(reg.world, reg.broker, reg.context);
  if (answer.status != Status::SEND_OK) return escape_route_told(site, answer.topic, nullptr);
  const TopicRoute route = reg.world.routes[answer.size].route;
  release_payload(reg.world, answer);
  escape_route_told(site, answer.topic, &route);
}

void on_due(const Registering& reg, const NameEvent& event) {
  if (!fired(reg.memory.timer, event.ticket)) return;
  arm_period(reg);
  if (!is_isolated(reg)) register_everywhere(reg);
}

void give_up(const Registering& reg, NameLink& link) {
  network::close(reg.world, link.connection, true, reg.context);
  link_lost(reg, link);
}

}  // namespace

std::vector<std::uint8_t> topics_of(const World& world, const Config& config, std::size_t broker) {
  std::vector<std::uint8_t> topics = world.brokers[broker].cache.topics;
  topics.resize(topic_count(config) + 1);
  const BrokerSettings& settings = config.brokers[broker].settings;
  if (settings.autoCreateTopicEnable)
    topics.back() = static_cast<std::uint8_t>(std::min(settings.defaultTopicQueueNums, 255));
  return topics;
}

/// Running since long: it is registered, and somewhere in its period.
void registrar_start_world(World& world, std::size_t broker, Context& context) {
  if (!has_name_servers(world)) return;
  const Registering reg(world, broker, context);
  reg.self.process = broker_process(broker);
  reg.memory.serving = true;
  reg.memory.links.resize(context.config().name_servers.size());
  reg.memory.grid = grid_before_the_run(reg);
  arm_period(reg);
  if (reg.config.has_stand_in()) {
    const Site site(world, broker, context);
    reg.memory.alive_grid = reg.now() - service_phase(site, Service::broker_alive, alive_interval);
    arm_alive(reg);
  }
  // A heartbeat is younger than any registration.
  const SimTime registered = std::min(reg.memory.timer.due - period_of(reg), reg.now());
  const SimTime last = reg.config.has_stand_in() ? reg.now() : registered;
  for (std::size_t server = 0; server < reg.memory.links.size(); ++server) {
    NameLink& link = reg.memory.links[server];
    link.open = true;
    link.connection =
        network::establish(world, reg.self.process, name_server_process(context.config(), server), context);
    name_server_knows(world, server, broker, link.connection, last, context);
  }
}

void registrar_serve(World& world, std::size_t broker, Context& context) {
  if (!has_name_servers(world)) return;
  const Registering reg(world, broker, context);
  reg.memory = {};
  reg.memory.serving = true;
  reg.memory.links.resize(context.config().name_servers.size());
  reg.memory.grid = reg.now() + first_periodic;
  arm_period(reg);
  if (reg.is_4_9() && !reg.config.in_group()) register_everywhere(reg);
  begin_alive(reg);
}

void registrar_stops(World& world, std::size_t broker, Context& context) {
  if (!has_name_servers(world)) return;
  const Registering reg(world, broker, context);
  disarm(context, reg.memory.timer);
  disarm(context, reg.memory.alive_timer);
  for (NameLink& link : reg.memory.links) link_lost(reg, link);
  reg.memory = {};
}

/// Of a DLedger group one-way (DLedgerRoleChangeHandler: registerBrokerAll(true, true, ..)), so a new slave
/// learns its master with its next periodic registration.
void registrar_role_taken(World& world, std::size_t broker, Context& context) {
  if (!has_name_servers(world) || !world.registrars[broker].memory.serving) return;
  const Registering reg(world, broker, context);
  register_everywhere(reg, reg.config.in_group());
}

bool registrar_asks_route(World& world, std::size_t broker, TopicId topic, Context& context) {
  const Registering reg(world, broker, context);
  const auto open = std::find_if(reg.memory.links.begin(), reg.memory.links.end(),
                                 [](const NameLink& link) { return link.open; });
  if (open == reg.memory.links.end()) return false;
  Payload request;
  request.kind = PayloadKind::get_route;
  request.topic = topic;
  request.opaque = reg.memory.next_opaque++;
  const auto life = world.processes[reg.self.process.value].incarnation.value;
  return network::send(world, open->connection, true, request, sim::subject(reg.self.process.value, life),
                       request.opaque, context);
}

void registrar_topic_created(World& world, std::size_t broker, TopicId topic, Context& context) {
  if (!has_name_servers(world) || !world.registrars[broker].memory.serving) return;
  const Registering reg(world, broker, context);
  if (reg.is_4_9()) return register_everywhere(reg, true);
  for (std::size_t server = 0; server < reg.memory.links.size(); ++server) register_topic(reg, server, topic);
}

/// The name server's answer to a registration, whatever it is: "register broker failed" is only logged.
void registrar_receive(World& world, std::size_t broker, ConnectionId connection, const Payload& payload,
                       Context& context) {
  const Registering reg(world, broker, context);
  const std::int32_t server = server_behind(reg, connection);
  if (payload.kind == PayloadKind::route) return on_name_route(reg, payload);
  if (server < 0) return;
  if (payload.kind != PayloadKind::register_response && payload.kind != PayloadKind::member_group) return;
  answered(reg, reg.memory.links[static_cast<std::size_t>(server)]);
  Site site(world, broker, context);
  if (payload.kind == PayloadKind::member_group)
    return group_told(site, static_cast<BrokerMask>(payload.offset));
  site.memory.slave_sync.has_master = payload.record != 0;
  if (site.in_group()) return master_named(site, static_cast<std::int32_t>(payload.record) - 1);
  if (payload.record != 0) ha_master_learned(site, payload.record - 1);
}

void registrar_connection_opened(World& world, std::size_t broker, ConnectionId connection,
                                 Context& context) {
  const Registering reg(world, broker, context);
  const std::int32_t found = server_behind(reg, connection);
  if (found < 0) return;
  const auto server = static_cast<std::size_t>(found);
  NameLink& link = reg.memory.links[server];
  disarm(context, link.connect_timer);
  link.connecting = false;
  link.open = true;
  const std::vector<TopicId> topics = std::exchange(link.topics_due, {});
  if (std::exchange(link.all_due, false)) send_all(reg, server, link.oneway);
  for (const TopicId topic : topics) {
    if (reg.memory.links[server].open) send_topic(reg, server, topic);
  }
  const bool asks_first = world.brokers[broker].memory.acting.step == PreOnline::asking;
  if (asks_first && reg.memory.links[server].open) send_alive(reg, server, true);
}

void registrar_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  const Registering reg(world, broker, context);
  const std::int32_t server = server_behind(reg, connection);
  if (server >= 0) link_lost(reg, reg.memory.links[static_cast<std::size_t>(server)]);
}

void registrar_step(World& world, std::size_t broker, const NameEvent& event, Context& context) {
  const Registering reg(world, broker, context);
  if (event.on == NameOn::register_due) return on_due(reg, event);
  if (event.on == NameOn::alive_due) return on_alive_due(reg, event);
  if (event.server >= reg.memory.links.size()) return;
  NameLink& link = reg.memory.links[event.server];
  ServiceTimer& timer = event.on == NameOn::register_connect_timeout ? link.connect_timer : link.call_timer;
  if (fired(timer, event.ticket)) give_up(reg, link);
}

}  // namespace brokersim::model::rocketmq
