#include "model/rocketmq/route_client.hpp"

#include <algorithm>

#include "model/host/host.hpp"
#include "model/network/fabric.hpp"
#include "model/rocketmq/remoting_times.hpp"
#include "model/world.hpp"
#include "sim/check.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_poll = 10_ms;  ///< MQClientInstance.startScheduledTask

/// The arguments of a step in one hand.
struct Routing {
  World& world;
  ProcessId process;
  Context& context;
  RouteClient::Memory& memory;

  Routing(World& w, ProcessId p, Context& c)
      : world(w), process(p), context(c), memory(route_client_of(w, p).memory) {}

  const Config& all() const { return context.config(); }
  const host::Process& owner() const { return world.processes[process.value]; }
  SimTime now() const { return host::monotonic(context); }
  std::uint64_t life() const { return sim::subject(process.value, owner().incarnation.value); }
  std::uint32_t servers() const { return static_cast<std::uint32_t>(all().name_servers.size()); }
  void arm(ServiceTimer& timer, SimTime due, NameOn on) const {
    rocketmq::arm(context, timer, now(), due, [&](std::uint32_t ticket) {
      Event event{};
      event.body = NameEvent{on, 0, ticket};
      return host::to_process(world, process, event);
    });
  }
};

// ------------------------------------------------------------------------------------- who asks

/// A plain reader is a client of 5.3.
Profile profile_of(const Routing& routing) {
  const host::Process& owner = routing.owner();
  if (owner.role == host::Role::producer) return routing.all().producers[owner.index].profile;
  if (owner.role == host::Role::push_consumer) return routing.all().push_consumers[owner.index].profile;
  return Profile::v5_3;
}

Duration poll_interval(const Routing& routing) {
  const host::Process& owner = routing.owner();
  if (owner.role == host::Role::producer)
    return routing.all().producers[owner.index].settings.pollNameServerInterval;
  if (owner.role == host::Role::push_consumer)
    return routing.all().push_consumers[owner.index].settings.pollNameServerInterval;
  return ProducerSettings{}.pollNameServerInterval;
}

Duration connect_timeout(const Routing& routing) {
  const host::Process& owner = routing.owner();
  if (owner.role == host::Role::producer)
    return routing.all().producers[owner.index].settings.connectTimeoutMillis;
  if (owner.role == host::Role::push_consumer)
    return routing.all().push_consumers[owner.index].settings.connectTimeoutMillis;
  return ProducerSettings{}.connectTimeoutMillis;
}

/// subscriptions() and getPublishTopicList().
std::vector<TopicId> polled_topics(const Routing& routing) {
  const host::Process& owner = routing.owner();
  switch (owner.role) {
    case host::Role::producer: return producer_polled_topics(routing.world, routing.all(), owner.index);
    case host::Role::push_consumer:
      return subscription_of(routing.all(), routing.all().push_consumers[owner.index]);
    case host::Role::consumer: return {routing.all().consumers[owner.index].topic};
    case host::Role::broker:
    case host::Role::name_server:
    case host::Role::controller: break;
  }
  return {};
}

void tell(const Routing& routing, const LookUp& about, LookedUp result) {
  const host::Process& owner = routing.owner();
  switch (owner.role) {
    case host::Role::producer:
      return producer_route_over(routing.world, owner.index, about.topic, about.is_default, result,
                                 routing.context);
    case host::Role::push_consumer:
      return push_consumer_route_over(routing.world, owner.index, about.topic, result, routing.context);
    case host::Role::consumer:
      return consumer_route_over(routing.world, owner.index, result, routing.context);
    case host::Role::broker:
    case host::Role::name_server:
    case host::Role::controller: break;
  }
}

// ------------------------------------------------------------------------------------- look-ups

void begin_next(const Routing& routing);

/// The present look-up is over; whoever waits goes on before the next one begins.
void over(const Routing& routing, LookedUp result) {
  RouteClient::Memory& memory = routing.memory;
  sim::check(!memory.look_ups.empty(), "a look-up ends that nobody began");
  const LookUp about = memory.look_ups.front();
  memory.look_ups.erase(memory.look_ups.begin());
  memory.asking = false;
  disarm(routing.context, memory.call_timer);
  // IllegalStateException leaves the loop over the topics.
  if (result == LookedUp::failed && about.polls)
    std::erase_if(memory.look_ups, [](const LookUp& look_up) { return look_up.polls; });
  const bool goes_on = !memory.look_ups.empty();
  tell(routing, about, result);
  if (goes_on) begin_next(routing);
}

void connect_to_next(const Routing& routing) {
  RouteClient::Memory& memory = routing.memory;
  ++memory.tried;
  memory.index = (memory.index + 1) % routing.servers();
  memory.server = static_cast<std::uint16_t>(memory.index);
  memory.connecting = true;
  memory.connection = network::connect(routing.world, routing.process,
                                       name_server_process(routing.all(), memory.server), routing.context);
  routing.arm(memory.connect_timer, routing.now() + connect_timeout(routing), NameOn::route_connect_timeout);
}

void forget_channel(const Routing& routing) {
  disarm(routing.context, routing.memory.connect_timer);
  routing.memory.connecting = routing.memory.open = false;
}

/// RemotingTimeoutException: the connect took it all. 4.9 closes the channel that it has just got, so that
/// the next look-up begins with the server that comes next, which with two servers is the silent one again.
void spent(const Routing& routing) {
  if (profile_of(routing) == Profile::v4_9) {
    network::close(routing.world, routing.memory.connection, true, routing.context);
    forget_channel(routing);
  }
  over(routing, LookedUp::failed);
}

/// NettyRemotingClient.invokeSync: what the connect has left of the time-out is the answer's.
void ask(const Routing& routing) {
  RouteClient::Memory& memory = routing.memory;
  const Duration left = api_timeout - (routing.now() - memory.begun);
  if (left <= Duration{}) return spent(routing);
  const LookUp& about = memory.look_ups.front();
  Payload request;
  request.kind = PayloadKind::get_route;
  request.topic = about.is_default ? default_topic(routing.all()) : about.topic;
  request.opaque = ++memory.opaque;
  if (!network::send(routing.world, memory.connection, true, request, routing.life(), request.opaque,
                     routing.context)) {
    forget_channel(routing);
    return over(routing, LookedUp::failed);
  }
  memory.asking = true;
  routing.arm(memory.call_timer, routing.now() + left, NameOn::route_timeout);
}

void begin_next(const Routing& routing) {
  RouteClient::Memory& memory = routing.memory;
  memory.begun = routing.now();
  memory.tried = 0;
  if (memory.open) return ask(routing);
  if (!memory.connecting) connect_to_next(routing);
}

/// RemotingConnectException. getAndCreateNameserverChannel of 4.9 goes on to the next in its list, once
/// round.
void not_connected(const Routing& routing) {
  forget_channel(routing);
  if (routing.memory.look_ups.empty()) return;
  const bool again = profile_of(routing) == Profile::v4_9 && routing.memory.tried < routing.servers();
  again ? connect_to_next(routing) : over(routing, LookedUp::failed);
}

void enqueue(const Routing& routing, const LookUp& wanted) {
  auto& look_ups = routing.memory.look_ups;
  for (LookUp& other : look_ups) {
    if (other.topic != wanted.topic || other.is_default != wanted.is_default) continue;
    other.polls = other.polls && wanted.polls;
    return;
  }
  look_ups.push_back(wanted);
  if (look_ups.size() == 1) begin_next(routing);
}

// ------------------------------------------------------------------------------------- answers

std::int64_t listed(const TopicRoute& route) {
  return std::count_if(route.addresses.begin(), route.addresses.end(),
                       [](std::uint8_t address) { return address != 0; });
}

/// The route of TBW102 gives each broker at most the client's defaultTopicQueueNums, 4.
TopicRoute as_default(TopicRoute route) {
  for (std::uint8_t& queues : route.queues) queues = std::min<std::uint8_t>(queues, 4);
  return route;
}

void learn(const Routing& routing, const LookUp& about, TopicRoute route) {
  auto& routes = routing.memory.routes;
  const auto found = std::find_if(routes.begin(), routes.end(),
                                  [&](const KnownRoute& known) { return known.topic == about.topic; });
  KnownRoute& entry = found == routes.end() ? routes.emplace_back() : *found;
  if (about.is_default) route = as_default(std::move(route));
  const bool changed = found == routes.end() || entry.route != route;
  entry = {about.topic, about.is_default, std::move(route)};
  if (!changed) return;
  routing.context.record(
      make_record(RecordKind::route_learned, routing.process.value, about.topic.value, listed(entry.route)));
}

void on_route(const Routing& routing, const Payload& answer) {
  const LookUp about = routing.memory.look_ups.front();
  if (answer.status != Status::SEND_OK) return over(routing, LookedUp::no_route);
  TopicRoute route = routing.world.routes[answer.size].route;
  release_payload(routing.world, answer);
  learn(routing, about, std::move(route));
  over(routing, LookedUp::found);
}

bool is_channel(const Routing& routing, ConnectionId connection) {
  const RouteClient::Memory& memory = routing.memory;
  return (memory.connecting || memory.open) && memory.connection == connection;
}

void arm_poll(const Routing& routing) {
  const SimTime due = next_on_grid(routing.memory.grid, poll_interval(routing), routing.now());
  routing.arm(routing.memory.poll_timer, due, NameOn::route_poll);
}

void on_poll(const Routing& routing) {
  arm_poll(routing);
  for (const TopicId topic : polled_topics(routing)) enqueue(routing, {topic, false, true});
}

/// clientCloseSocketIfTimeout: the next look-up goes to the next server.
void on_timeout(const Routing& routing) {
  if (routing.memory.open) network::close(routing.world, routing.memory.connection, true, routing.context);
  forget_channel(routing);
  over(routing, LookedUp::failed);
}

void on_connect_timeout(const Routing& routing) {
  network::close(routing.world, routing.memory.connection, true, routing.context);
  not_connected(routing);
}

}  // namespace

bool asks_name_servers(const World& world) { return !world.route_clients.empty(); }

RouteClient& route_client_of(World& world, ProcessId process) {
  return world.route_clients[process.value - world.brokers.size()];
}
const RouteClient& route_client_of(const World& world, ProcessId process) {
  return world.route_clients[process.value - world.brokers.size()];
}

const KnownRoute* find_route(const World& world, ProcessId process, TopicId topic) {
  const auto& routes = route_client_of(world, process).memory.routes;
  const auto found = std::find_if(routes.begin(), routes.end(),
                                  [&](const KnownRoute& known) { return known.topic == topic; });
  return found == routes.end() ? nullptr : &*found;
}

bool knows_address(const World& world, ProcessId process, std::size_t broker) {
  const auto& routes = route_client_of(world, process).memory.routes;
  return std::any_of(routes.begin(), routes.end(),
                     [&](const KnownRoute& known) { return known.route.addresses[broker] != 0; });
}

std::int32_t master_known_to(const World& world, const Config& config, ProcessId process, std::size_t set) {
  if (!config.brokers[set].is_found_by_route()) return static_cast<std::int32_t>(set);
  for (const KnownRoute& known : route_client_of(world, process).memory.routes) {
    const std::int32_t master = master_in(known.route, config, set);
    if (master >= 0) return master;
  }
  return -1;
}

/// The list of name servers is shuffled, and the index begins at random (updateNameServerAddressList,
/// initValueIndex): together one draw.
void route_client_serve(World& world, ProcessId process, Context& context) {
  if (!asks_name_servers(world)) return;
  const Routing routing(world, process, context);
  const auto key = sim::DrawKey::of(Purpose::name_server, routing.life());
  routing.memory = {};
  routing.memory.started = true;
  routing.memory.index = context.choices().pick(key, routing.servers());
  routing.memory.grid = routing.now() + first_poll;
  arm_poll(routing);
}

void route_client_stopped(World& world, ProcessId process, Context& context) {
  if (!asks_name_servers(world)) return;
  const Routing routing(world, process, context);
  for (ServiceTimer* timer :
       {&routing.memory.poll_timer, &routing.memory.connect_timer, &routing.memory.call_timer})
    disarm(context, *timer);
  routing.memory = {};
}

void look_up(World& world, ProcessId process, TopicId topic, bool is_default, Context& context) {
  enqueue(Routing(world, process, context), {topic, is_default, false});
}

bool looks_nothing_up(const World& world, ProcessId process) {
  const auto& look_ups = route_client_of(world, process).memory.look_ups;
  return std::all_of(look_ups.begin(), look_ups.end(), [](const LookUp& look_up) { return look_up.polls; });
}

void route_client_receive(World& world, ProcessId process, ConnectionId connection, const Payload& payload,
                          Context& context) {
  const Routing routing(world, process, context);
  const bool expected =
      is_channel(routing, connection) && routing.memory.asking && payload.opaque == routing.memory.opaque;
  expected ? on_route(routing, payload) : release_payload(world, payload);
}

void route_client_connection_opened(World& world, ProcessId process, ConnectionId connection,
                                    Context& context) {
  const Routing routing(world, process, context);
  if (!is_channel(routing, connection)) return;
  disarm(context, routing.memory.connect_timer);
  routing.memory.connecting = false;
  routing.memory.open = true;
  if (!routing.memory.look_ups.empty()) ask(routing);
}

/// A 4.9 client is not told of a FIN: what it asked waits for its time-out.
void route_client_connection_lost(World& world, ProcessId process, ConnectionId connection, bool orderly,
                                  Context& context) {
  const Routing routing(world, process, context);
  if (!is_channel(routing, connection)) return;
  if (routing.memory.connecting) return not_connected(routing);
  forget_channel(routing);
  const bool unnoticed = orderly && profile_of(routing) == Profile::v4_9;
  if (routing.memory.asking && !unnoticed) over(routing, LookedUp::failed);
}

void route_client_step(World& world, ProcessId process, const NameEvent& event, Context& context) {
  const Routing routing(world, process, context);
  RouteClient::Memory& memory = routing.memory;
  if (event.on == NameOn::route_poll && fired(memory.poll_timer, event.ticket)) on_poll(routing);
  if (event.on == NameOn::route_timeout && fired(memory.call_timer, event.ticket)) on_timeout(routing);
  if (event.on == NameOn::route_connect_timeout && fired(memory.connect_timer, event.ticket))
    on_connect_timeout(routing);
}

}  // namespace brokersim::model::rocketmq
