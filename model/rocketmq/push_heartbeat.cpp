// MQClientInstance: start, heartbeats, and what the client knows of routes.
//
// Routes come from the name servers (route_client.hpp). In a file that has none, those of the scenario's
// topics are known and stay, and that of %RETRY%group is asked of standing_routes.hpp.
//
// One lock (lockHeartbeat) and synchronous calls: a round of heartbeats goes from broker to broker, and
// whoever sends it waits. The thread of the scheduled tasks is one: while it waits for a silent broker,
// neither offsets are persisted nor routes polled.
#include "model/rocketmq/push_internal.hpp"
#include "model/rocketmq/remoting_times.hpp"
#include "model/rocketmq/standing_routes.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_scheduled_heartbeat = 1_s;  // MQClientInstance.startScheduledTask
constexpr Duration first_route_poll = 10_ms;         // likewise

PushBeats& beats_of(const Push& push) { return push.memory.beats; }

void arm_heartbeat(const Push& push) {
  const SimTime due = next_on_grid(push.memory.since + first_scheduled_heartbeat,
                                   push.settings().heartbeatBrokerInterval, push.now());
  arm(push, push.memory.heartbeat_timer, due,
      {.on = PushOn::heartbeat, .slot = static_cast<std::uint32_t>(BeatBy::scheduled)});
}

bool routed(const Push& push) { return asks_name_servers(push.world); }

bool lacks_route(const Push& push) {
  const auto& route = push.memory.retry_route;
  return std::find(route.begin(), route.end(), 0) != route.end();
}

/// A poll that can find nothing new is no event. The very first runs while start() still looks up the routes
/// and connects, so it finds what that found (measured: a fresh group's retry topic is not known to it).
void arm_route_poll(const Push& push) {
  if (routed(push)) return;  // route_client.cpp polls
  if (!lacks_route(push)) return disarm(push, push.memory.route_timer);
  const SimTime first = push.memory.since + first_route_poll;
  const SimTime due =
      next_on_grid(first, push.settings().pollNameServerInterval, std::max(first, push.now()));
  arm(push, push.memory.route_timer, due, {.on = PushOn::route_poll});
}

void beat(const Push& push, std::uint16_t broker) {
  beats_of(push).broker = broker;
  Payload request;
  request.kind = PayloadKind::heartbeat;
  call(push, CallFor::heartbeat, broker, request, api_timeout);
}

/// In brokerAddrTable; slaves too, which a consumer tells as well.
bool is_known(const Push& push, std::uint16_t broker) {
  return !routed(push) || knows_address(push.world, push.self.process, broker);
}

void round_over(const Push& push);

/// The first known broker from this one on; behind the last the round is over.
void beat_from(const Push& push, std::uint16_t broker) {
  while (broker < push.brokers() && !is_known(push, broker)) ++broker;
  broker < push.brokers() ? beat(push, broker) : round_over(push);
}

/// What came due while the thread of the scheduled tasks waited, in the order of their registration.
void run_held_tasks(const Push& push) {
  const bool routes = std::exchange(beats_of(push).holds_routes, false);
  const bool persists = std::exchange(beats_of(push).holds_persist, false);
  if (routes) fetch_retry_route(push);
  if (persists) persist_all_offsets(push);
}

/// The lock is free, and whoever held it goes on.
void round_over(const Push& push) {
  switch (std::exchange(beats_of(push).by, BeatBy::nobody)) {
    case BeatBy::start: return rebalance_wakeup(push);
    case BeatBy::scheduled: return run_held_tasks(push);
    case BeatBy::rebalance: return rebalance_goes_on(push);
    case BeatBy::channel:
    case BeatBy::nobody: return;
  }
}

void look_up_all(const Push& push) {
  for (const TopicId topic : subscription_of(push.all(), push.config))
    look_up(push.world, push.self.process, topic, false, push.context);
}

/// Not while a slave stands in for the set's master.
bool may_be_written(const Push& push, TopicId topic, std::uint16_t set) {
  if (!push.all().brokers[set].has_stand_in()) return true;
  const KnownRoute* known = find_route(push.world, push.self.process, topic);
  return known != nullptr && takes_sends(known->route, push.all(), set);
}

/// retry_route from the table of routes: the sets that have the topic and a master.
void learn_retry_route(const Push& push) {
  for (std::uint16_t set = 0; set < push.brokers(); ++set) {
    const bool has_it = known_queues_in(push, push.retry(), set) > 0 && address_in_publish(push, set) >= 0;
    push.memory.retry_route[set] = has_it && may_be_written(push, push.retry(), set) ? 1 : 0;
  }
}

}  // namespace

/// DefaultMQPushConsumerImpl.start: the routes first (updateTopicSubscribeInfoWhenSubscriptionChanged), then
/// the heartbeats, and when all brokers have answered or failed, the rebalance.
void start_services(const Push& push) {
  PushConsumer::Memory& memory = push.memory;
  memory.since = memory.rebalance.last = push.now();
  memory.starting = routed(push);
  arm_heartbeat(push);
  if (memory.starting) return look_up_all(push);
  fetch_retry_route(push);
  beat_all(push, BeatBy::start);
}

bool scheduled_thread_waits(const Push& push) { return beats_of(push).by == BeatBy::scheduled; }

bool beat_all(const Push& push, BeatBy by) {
  if (beats_of(push).by != BeatBy::nobody) return false;
  beats_of(push).by = by;
  beats_of(push).broker = 0;
  push.schedule({}, {.on = PushOn::heartbeat});
  return true;
}

/// The first broker of a round; each further one follows the answer of the one before (heartbeat_over).
void on_heartbeat_due(const Push& push, const PushEvent& event) {
  if (event.slot != static_cast<std::uint32_t>(BeatBy::scheduled)) return beat_from(push, 0);
  if (!fired(push.memory.heartbeat_timer, event)) return;
  arm_heartbeat(push);
  beat_all(push, BeatBy::scheduled);
}

/// A silent broker costs its mqClientApiTimeout before the next one hears of this client.
void heartbeat_over(const Push& push, std::uint16_t broker, bool answered) {
  if (beats_of(push).by == BeatBy::channel) {
    round_over(push);
    if (answered) rebalance_wakeup(push);
    return;
  }
  beat_from(push, static_cast<std::uint16_t>(broker + 1));
}

/// MQClientInstance.onChannelActive (since 5.2.0): a client that finds a broker again registers at once.
/// While other heartbeats are on their way, the lock is taken and nothing follows.
void heartbeat_new_channel(const Push& push, std::uint16_t broker) {
  if (push.is_4_9() || beats_of(push).by != BeatBy::nobody) return;
  beats_of(push).by = BeatBy::channel;
  beat(push, broker);
}

bool knows_retry_route(const Push& push) {
  const auto& route = push.memory.retry_route;
  return std::find(route.begin(), route.end(), 1) != route.end();
}

void fetch_retry_route(const Push& push) {
  if (routed(push)) return refresh_route(push, push.retry());
  const std::vector<std::uint8_t> registered = brokers_registered_for(push.world, push.retry());
  for (std::size_t b = 0; b < push.brokers(); ++b) {
    if (registered[b] != 0) push.memory.retry_route[b] = 1;
  }
  arm_route_poll(push);
}

void on_route_poll(const Push& push, const PushEvent& event) {
  if (!fired(push.memory.route_timer, event)) return;
  if (!scheduled_thread_waits(push)) return fetch_retry_route(push);
  beats_of(push).holds_routes = true;
}

void refresh_route(const Push& push, TopicId topic) {
  if (routed(push)) look_up(push.world, push.self.process, topic, false, push.context);
}

std::uint32_t known_queues_in(const Push& push, TopicId topic, std::uint16_t set) {
  const KnownRoute* known = find_route(push.world, push.self.process, topic);
  if (known == nullptr || set >= set_count(push.all())) return 0;
  const bool of_user = is_user_topic(push.all(), topic);
  const auto most = of_user ? static_cast<std::uint32_t>(push.all().topics[topic.value].queues) : 1U;
  return std::min<std::uint32_t>(known->route.queues[set], most);
}

std::int32_t address_in_publish(const Push& push, std::uint16_t set) {
  if (push.all().brokers[set].is_found_by_route())
    return master_known_to(push.world, push.all(), push.self.process, set);
  return is_known(push, set) ? std::int32_t{set} : -1;
}

/// The master, else the first of the slaves: MASTER_ID is what updatePullFromWhichNode always says here,
/// because no broker suggests another one (suggestWhichBrokerId, as long as nobody lags behind the memory).
std::int32_t address_in_subscribe(const Push& push, std::uint16_t set) {
  const bool moves = push.all().brokers[set].is_found_by_route();
  std::int32_t first = moves ? address_in_publish(push, set) : -1;
  if (first >= 0) return first;
  if (!moves && (!routed(push) || is_known(push, set))) return set;
  for (std::uint16_t b = 0; b < push.brokers(); ++b) {
    if (master_of(push.all(), b) != set || !is_known(push, b)) continue;
    const auto id = [&](std::int32_t broker) {
      return push.all().brokers[static_cast<std::size_t>(broker)].settings.brokerId;
    };
    if (first < 0 || id(b) < id(first)) first = b;
  }
  return first;
}

/// start() goes on when the last of its topics has been looked up. (One that gets no answer throws
/// IllegalStateException out of start(); the services of the client run all the same, and so does it here.)
void push_consumer_route_over(World& world, std::size_t consumer, TopicId topic, LookedUp result,
                              Context& context) {
  const Push push(world, consumer, context);
  if (!push.memory.started) return;
  learn_retry_route(push);
  rebalance_route_over(push, topic, result);
  if (!push.memory.starting || !looks_nothing_up(world, push.self.process)) return;
  push.memory.starting = false;
  beat_all(push, BeatBy::start);
}

}  // namespace brokersim::model::rocketmq
