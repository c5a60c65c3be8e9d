#include "model/rocketmq/name_server.hpp"

#include <algorithm>

#include "model/host/host.hpp"
#include "model/network/fabric.hpp"
#include "model/world.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration channel_idle = 120_s;  ///< NettyServerConfig.serverChannelMaxIdleTimeSeconds
constexpr Duration scan_interval = 5_s;   ///< NamesrvConfig.scanNotActiveBrokerInterval

/// The arguments of a step in one hand.
struct Names {
  World& world;
  std::size_t index;
  Context& context;
  NameServer& self;
  NameServer::Memory& memory;

  Names(World& w, std::size_t server, Context& c)
      : world(w), index(server), context(c), self(w.name_servers[server]), memory(self.memory) {}

  const Config& all() const { return context.config(); }
  SimTime now() const { return host::monotonic(context); }
  void record(RecordKind kind, std::size_t broker, std::int64_t b = 0) const {
    context.record(make_record(kind, self.process.value, static_cast<std::int64_t>(broker), b));
  }
};

/// The broker behind a connection; of a client -1.
std::int32_t broker_behind(const Names& names, ConnectionId connection) {
  const ProcessId client = names.world.network.connections[connection.value].client;
  const host::Process& process = names.world.processes[client.value];
  return process.role == host::Role::broker ? std::int32_t{process.index} : -1;
}

std::uint16_t generation_of(const Names& names, ConnectionId connection) {
  return names.world.network.connections[connection.value].generation;
}

/// When nothing has come from it for too long: heartbeatTimeoutMillis, which it has registered with, and the
/// next scan behind that.
SimTime deadline_of(const Names& names, std::size_t b) {
  const RegisteredBroker& broker = names.memory.brokers[b];
  const BrokerConfig& config = names.all().brokers[b];
  if (!config.has_stand_in()) return broker.last + channel_idle;
  const SimTime silent = broker.last + config.settings.brokerNotActiveTimeoutMillis;
  return next_on_grid(names.memory.scan_grid, scan_interval, silent);
}

/// The first broker that will have been silent for too long.
void arm_idle(const Names& names) {
  SimTime first = SimTime::max();
  for (std::size_t b = 0; b < names.memory.brokers.size(); ++b) {
    if (names.memory.brokers[b].registered) first = std::min(first, deadline_of(names, b));
  }
  if (first == SimTime::max()) return disarm(names.context, names.memory.idle_timer);
  arm(names.context, names.memory.idle_timer, names.now(), first, [&](std::uint32_t ticket) {
    Event event{};
    event.body = NameEvent{NameOn::broker_idle, 0, ticket};
    return host::to_process(names.world, names.self.process, event);
  });
}

bool anybody_of(const Names& names, std::size_t set) {
  const auto& brokers = names.memory.brokers;
  for (std::size_t b = 0; b < brokers.size(); ++b) {
    if (brokers[b].registered && master_of(names.all(), b) == set) return true;
  }
  return false;
}

/// unregisterBroker: a set of which nobody is left loses its topics (removeTopicByBrokerName).
void forget(const Names& names, std::size_t broker, Forgotten why) {
  if (!names.memory.brokers[broker].registered) return;
  names.memory.brokers[broker] = RegisteredBroker{};
  names.record(RecordKind::broker_forgotten, broker, static_cast<std::int64_t>(why));
  const std::size_t set = master_of(names.all(), broker);
  if (!anybody_of(names, set)) names.memory.topics[set].assign(names.memory.topics[set].size(), 0);
}

bool elects_master(const Names& names, std::size_t broker) {
  return names.all().brokers[broker].elects_master();
}

/// It has registered with brokerId 0.
bool is_master(const Names& names, std::size_t broker) {
  return elects_master(names, broker) ? names.memory.brokers[broker].is_master
                                      : !names.all().brokers[broker].is_slave();
}

/// The registered master of a broker's set; -1: none.
std::int32_t master_of_set(const Names& names, std::size_t broker) {
  const std::size_t set = master_of(names.all(), broker);
  for (std::size_t b = 0; b < names.memory.brokers.size(); ++b) {
    const bool is_its = names.memory.brokers[b].registered && master_of(names.all(), b) == set;
    if (is_its && is_master(names, b)) return static_cast<std::int32_t>(b);
  }
  return -1;
}

std::int64_t broker_id(const Names& names, std::size_t broker) {
  if (elects_master(names, broker) && is_master(names, broker)) return 0;
  const BrokerConfig& config = names.all().brokers[broker];
  return config.is_controlled() ? static_cast<std::int64_t>(broker) + 1 : config.settings.brokerId;
}

/// Whose topics count: the master's; since 5.0 also those of the first slave while there is no master
/// (isPrimeSlave).
bool tells_topics(const Names& names, std::size_t broker) {
  if (is_master(names, broker)) return true;
  if (names.all().name_servers[names.index].profile == Profile::v4_9) return false;
  const std::size_t set = master_of(names.all(), broker);
  for (std::size_t b = 0; b < names.memory.brokers.size(); ++b) {
    const bool before = broker_id(names, b) < broker_id(names, broker);
    if (names.memory.brokers[b].registered && master_of(names.all(), b) == set && before) return false;
  }
  return true;
}

/// createAndUpdateQueueData: what is not listed any more stays (deleteTopicWithBrokerRegistration is off).
void take_topics(const Names& names, std::size_t broker, const std::vector<std::uint8_t>& listed) {
  std::vector<std::uint8_t>& topics = names.memory.topics[master_of(names.all(), broker)];
  for (std::size_t t = 0; t < listed.size(); ++t) {
    if (listed[t] != 0) topics[t] = listed[t];
  }
}

void reply(const Names& names, ConnectionId connection, Payload answer) {
  const std::uint64_t key = names.world.network.connections[connection.value].key;
  const auto subject = sim::subject(key, static_cast<std::uint64_t>(answer.kind));
  if (!network::send(names.world, connection, false, answer, subject, answer.opaque, names.context))
    release_payload(names.world, answer);
}

/// The master's address in the answer to a slave (RegisterBrokerResult.haServerAddr).
std::uint32_t master_known_to(const Names& names, std::size_t broker) {
  const std::int32_t master = master_of_set(names, broker);
  return is_master(names, broker) || master < 0 ? 0 : static_cast<std::uint32_t>(master) + 1;
}

/// Two brokers register with brokerId 0: the one whose stateVersion is older is not listed, and of equals
/// (all members of a DLedger group are) the one that did so before. False: it is the one that registers now.
bool may_be_master(const Names& names, std::size_t broker, const Payload& request) {
  const bool wants = elects_master(names, broker) && request.record != 0;
  const std::int32_t other = wants ? master_of_set(names, broker) : -1;
  if (other < 0 || static_cast<std::size_t>(other) == broker) return true;
  const RegisteredBroker& listed = names.memory.brokers[static_cast<std::size_t>(other)];
  if (listed.epoch > static_cast<std::int32_t>(request.sequence)) return false;
  forget(names, static_cast<std::size_t>(other), Forgotten::replaced);
  return true;
}

void register_broker(const Names& names, std::size_t broker, ConnectionId connection,
                     const Payload& request) {
  if (!may_be_master(names, broker, request)) return forget(names, broker, Forgotten::replaced);
  RegisteredBroker& entry = names.memory.brokers[broker];
  const bool is_new = !entry.registered;
  entry = {true,        connection,          generation_of(names, connection),
           names.now(), request.record != 0, static_cast<std::int32_t>(request.sequence)};
  if (is_new) names.record(RecordKind::broker_registered, broker);
  if (!tells_topics(names, broker)) return;
  if (request.mark != Mark::one_topic)
    return take_topics(names, broker, names.world.routes[request.size].route.queues);
  names.memory.topics[master_of(names.all(), broker)][request.topic.value] =
      static_cast<std::uint8_t>(request.queue);
}

/// A single topic of a broker that is not known: "register broker failed", and the topic waits for the
/// broker's next whole registration.
void on_register(const Names& names, ConnectionId connection, const Payload& request) {
  const std::int32_t found = broker_behind(names, connection);
  sim::check(found >= 0, "only brokers register");
  const auto broker = static_cast<std::size_t>(found);
  Payload answer;
  answer.kind = PayloadKind::register_response;
  answer.opaque = request.opaque;
  const bool refused = request.mark == Mark::one_topic && !names.memory.brokers[broker].registered;
  if (refused) answer.status = Status::SYSTEM_ERROR;
  if (!refused) register_broker(names, broker, connection, request);
  release_payload(names.world, request);
  arm_idle(names);
  const bool is_listed = !refused && names.memory.brokers[broker].registered;
  answer.record = is_listed ? master_known_to(names, broker) : 0;
  if (!request.oneway) reply(names, connection, answer);
}

/// pickupTopicRouteData with supportActingMaster: of a set without a master the broker with the lowest
/// brokerId is shown at brokerId 0. (Its write permission went when its master was forgotten.)
bool stands_in(const Names& names, std::size_t broker) {
  const bool may = names.all().name_servers[names.index].settings.supportActingMaster;
  return may && names.all().brokers[broker].has_stand_in() && master_of_set(names, broker) < 0 &&
         tells_topics(names, broker);
}

/// At which brokerId a route shows it.
std::uint8_t shown_as(const Names& names, std::size_t broker) {
  if (!names.all().brokers[broker].is_found_by_route()) return as_slave;
  if (is_master(names, broker)) return as_master;
  return stands_in(names, broker) ? as_acting : as_slave;
}

/// RouteInfoManager.pickupTopicRouteData.
TopicRoute route_of(const Names& names, TopicId topic) {
  const std::size_t brokers = names.memory.brokers.size();
  TopicRoute route{std::vector<std::uint8_t>(brokers), std::vector<std::uint8_t>(brokers)};
  for (std::size_t set = 0; set < brokers; ++set) route.queues[set] = names.memory.topics[set][topic.value];
  for (std::size_t b = 0; b < brokers; ++b) {
    const bool has_topic = route.queues[master_of(names.all(), b)] != 0;
    const bool is_listed = has_topic && names.memory.brokers[b].registered;
    if (is_listed) route.addresses[b] = shown_as(names, b);
  }
  return route;
}

/// DefaultRequestProcessor.brokerHeartbeat and getBrokerMemberGroup, which come together. Who is not listed
/// does not come into the list by it.
void on_alive(const Names& names, ConnectionId connection, const Payload& request) {
  const auto broker = static_cast<std::size_t>(broker_behind(names, connection));
  RegisteredBroker& entry = names.memory.brokers[broker];
  const bool is_heartbeat = request.record != 0;
  if (entry.registered && is_heartbeat) entry.last = names.now();
  arm_idle(names);
  if (request.oneway) return;
  std::uint64_t members = 0;
  for (std::size_t b = 0; b < names.memory.brokers.size(); ++b) {
    const bool is_of_set = master_of(names.all(), b) == master_of(names.all(), broker);
    if (is_of_set && names.memory.brokers[b].registered) members |= mask_of(b);
  }
  Payload answer;
  answer.kind = PayloadKind::member_group;
  answer.opaque = request.opaque;
  answer.offset = static_cast<std::int64_t>(members);
  reply(names, connection, answer);
}

void on_get_route(const Names& names, ConnectionId connection, const Payload& request) {
  Payload answer;
  answer.kind = PayloadKind::route;
  answer.opaque = request.opaque;
  answer.topic = request.topic;
  TopicRoute route = route_of(names, request.topic);
  const bool found = std::any_of(route.addresses.begin(), route.addresses.end(),
                                 [](std::uint8_t address) { return address != 0; });
  if (!found) answer.status = Status::TOPIC_NOT_EXIST;
  if (found) {
    answer.size = names.world.routes.take();
    names.world.routes[answer.size].route = std::move(route);
  }
  reply(names, connection, answer);
}

void on_idle(const Names& names, const NameEvent& event) {
  if (!fired(names.memory.idle_timer, event.ticket)) return;
  for (std::size_t b = 0; b < names.memory.brokers.size(); ++b) {
    const RegisteredBroker broker = names.memory.brokers[b];
    if (!broker.registered || names.now() < deadline_of(names, b)) continue;
    forget(names, b, Forgotten::idle);
    if (generation_of(names, broker.connection) == broker.generation)
      network::close(names.world, broker.connection, false, names.context);
  }
  arm_idle(names);
}

void make_tables(const Names& names) {
  const std::size_t brokers = names.all().brokers.size();
  names.memory = {};
  names.memory.brokers.resize(brokers);
  names.memory.topics.assign(brokers, std::vector<std::uint8_t>(topic_count(names.all()) + 1));
}

bool scans(const Names& names) {
  const auto& brokers = names.all().brokers;
  return std::any_of(brokers.begin(), brokers.end(),
                     [](const auto& broker) { return broker.has_stand_in(); });
}

/// Up since long, it is anywhere in its period.
void begin_scans(const Names& names, bool is_new) {
  if (!scans(names)) return;
  const auto key = sim::DrawKey::of(Purpose::service_phase, names.self.process.value);
  const Distribution phase = Distribution::uniform({}, scan_interval - 1_ns);
  const Duration since = is_new ? Duration{} : names.context.choices().duration(key, phase);
  names.memory.scan_grid = names.now() - since + scan_interval;
}

}  // namespace

void name_server_start_world(World& world, std::size_t server, Context& context) {
  const Names names(world, server, context);
  names.self.process = name_server_process(context.config(), server);
  make_tables(names);
  begin_scans(names, false);
}

void name_server_serve(World& world, std::size_t server, Context& context) {
  const Names names(world, server, context);
  make_tables(names);
  begin_scans(names, true);
}

void name_server_killed(World& world, std::size_t server, Context& context) {
  const Names names(world, server, context);
  disarm(context, names.memory.idle_timer);
  make_tables(names);
}

void name_server_knows(World& world, std::size_t server, std::size_t broker, ConnectionId connection,
                       SimTime last, Context& context) {
  const Names names(world, server, context);
  const bool begins_as_master = elects_master(names, broker) && master_of(names.all(), broker) == broker;
  const std::int32_t epoch = names.all().brokers[broker].is_controlled() ? 1 : 0;
  names.memory.brokers[broker] = {true, connection,       generation_of(names, connection),
                                  last, begins_as_master, epoch};
  if (is_master(names, broker)) take_topics(names, broker, topics_of(world, names.all(), broker));
  arm_idle(names);
}

void name_server_receive(World& world, std::size_t server, ConnectionId connection, const Payload& payload,
                         Context& context) {
  const Names names(world, server, context);
  if (payload.kind == PayloadKind::register_broker) return on_register(names, connection, payload);
  if (payload.kind == PayloadKind::broker_alive) return on_alive(names, connection, payload);
  sim::check(payload.kind == PayloadKind::get_route,
             "a name server was sent something that it does not know");
  on_get_route(names, connection, payload);
}

void name_server_connection_lost(World& world, std::size_t server, ConnectionId connection,
                                 Context& context) {
  const Names names(world, server, context);
  const std::int32_t broker = broker_behind(names, connection);
  if (broker < 0) return;
  const RegisteredBroker& entry = names.memory.brokers[static_cast<std::size_t>(broker)];
  if (entry.connection != connection || entry.generation != generation_of(names, connection)) return;
  forget(names, static_cast<std::size_t>(broker), Forgotten::closed);
  arm_idle(names);
}

void name_server_step(World& world, std::size_t server, const NameEvent& event, Context& context) {
  on_idle(Names(world, server, context), event);
}

}  // namespace brokersim::model::rocketmq
