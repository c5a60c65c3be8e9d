// MQClientInstance: start, heartbeats, and what the client knows of routes.
//
// There are no name servers yet: the routes of the scenario's topics are known and stay; that of %RETRY%group
// is looked up where the real client asks a name server, which knows a topic from the moment a living broker
// has created it.
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration api_timeout = 3_s;                // ClientConfig.mqClientApiTimeout
constexpr Duration first_scheduled_heartbeat = 1_s;  // MQClientInstance.startScheduledTask
constexpr Duration first_route_poll = 10_ms;         // likewise

/// Marks the events of the scheduled task; the others go from broker to broker.
constexpr std::uint32_t scheduled = 1;

void arm_heartbeat(const Push& push) {
  const SimTime due = next_tick(push.memory.since + first_scheduled_heartbeat,
                                push.settings().heartbeatBrokerInterval, push.now());
  arm(push, push.memory.heartbeat_timer, due, {.on = PushOn::heartbeat, .slot = scheduled});
}

bool lacks_route(const Push& push) {
  const auto& route = push.memory.retry_route;
  return std::find(route.begin(), route.end(), 0) != route.end();
}

/// A poll that can find nothing new is no event. The very first runs while start() still looks up the routes
/// and connects, so it finds what that found (measured: a fresh group's retry topic is not known to it).
void arm_route_poll(const Push& push) {
  if (!lacks_route(push)) return disarm(push, push.memory.route_timer);
  const SimTime first = push.memory.since + first_route_poll;
  const SimTime due = next_tick(first, push.settings().pollNameServerInterval, std::max(first, push.now()));
  arm(push, push.memory.route_timer, due, {.on = PushOn::route_poll});
}

bool is_registered(const Push& push, std::size_t broker) {
  const host::Life life = push.world.processes[push.world.brokers[broker].process.value].life;
  const bool alive = life == host::Life::running || life == host::Life::paused;
  return alive && push.world.brokers[broker].cache.topics[push.retry().value] != 0;
}

void heartbeat(const Push& push, std::uint16_t broker) {
  if (is_calling(push, CallFor::heartbeat, broker)) return;  // lockHeartbeat
  Payload request;
  request.kind = PayloadKind::heartbeat;
  call(push, CallFor::heartbeat, broker, request, api_timeout);
}

}  // namespace

/// DefaultMQPushConsumerImpl.start: the routes first (updateTopicSubscribeInfoWhenSubscriptionChanged), then
/// the heartbeats, and when all brokers have answered or failed, the rebalance.
void start_services(const Push& push) {
  PushConsumer::Memory& memory = push.memory;
  memory.since = memory.rebalance.last = push.now();
  fetch_retry_route(push);
  arm_heartbeat(push);
  memory.first_heartbeats = push.brokers();
  heartbeat_all(push);
}

void heartbeat_all(const Push& push) { push.schedule({}, {.on = PushOn::heartbeat}); }

void on_heartbeat_due(const Push& push, const PushEvent& event) {
  if (event.slot == scheduled) {
    if (!fired(push.memory.heartbeat_timer, event)) return;
    arm_heartbeat(push);
  }
  if (event.broker >= push.brokers()) return;
  heartbeat(push, event.broker);
  const auto next = static_cast<std::uint16_t>(event.broker + 1);
  if (next < push.brokers()) push.schedule({}, {.on = PushOn::heartbeat, .broker = next});
}

void heartbeat_over(const Push& push, std::uint16_t broker, bool answered) {
  PushChannel& channel = push.memory.channels[broker];
  const bool wakes = channel.first_heartbeat && answered;
  channel.first_heartbeat = false;
  if (push.memory.first_heartbeats > 0 && --push.memory.first_heartbeats == 0) rebalance_wakeup(push);
  if (wakes) rebalance_wakeup(push);
}

/// MQClientInstance.onChannelActive (since 5.2.0): a client that finds a broker again registers at once.
/// While a heartbeat is what has opened the channel, the lock is taken and nothing follows.
void heartbeat_new_channel(const Push& push, std::uint16_t broker) {
  if (push.is_4_9() || is_calling(push, CallFor::heartbeat, broker)) return;
  push.memory.channels[broker].first_heartbeat = true;
  heartbeat(push, broker);
}

bool knows_retry_route(const Push& push) {
  const auto& route = push.memory.retry_route;
  return std::find(route.begin(), route.end(), 1) != route.end();
}

void fetch_retry_route(const Push& push) {
  for (std::size_t b = 0; b < push.brokers(); ++b) {
    if (is_registered(push, b)) push.memory.retry_route[b] = 1;
  }
  arm_route_poll(push);
}

void on_route_poll(const Push& push, const PushEvent& event) {
  if (fired(push.memory.route_timer, event)) fetch_retry_route(push);
}

}  // namespace brokersim::model::rocketmq
