// HEART_BEAT: how a broker learns which producers of a group it may ask, and one more synchronous call that
// can close the channel under all others.
//
//   scheduled task    1 s after the client's start, then each heartbeatBrokerInterval: all known brokers,
//                     one after another (MQClientInstance.startScheduledTask, sendHeartbeatToAllBroker)
//   channel active    5.2 and later: the broker that a channel has opened to (onChannelActive)
//
// A broker is known from a fetched topic route. A 4.9 producer also polls the route of TBW102, which brokers
// with autoCreateTopicEnable serve; from 5.1.1 on one that has never sent knows nobody.
#include <algorithm>

#include "model/network/fabric.hpp"
#include "model/rocketmq/client.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_heartbeat = 1_s;    // MQClientInstance.startScheduledTask
constexpr Duration heartbeat_timeout = 3_s;  // ClientConfig.mqClientApiTimeout

/// What else a heartbeat's subject draws: attempts of wakeup_latency.
enum class Wakes : std::uint64_t { timed_out, connected, active, count };

Heartbeats& beats_of(const Client& client) { return client.self.memory.heartbeats; }

bool may_be_asked(const Client& client);

/// A producer's heartbeats go to brokerId 0 alone. (In controller mode those of producers whom no broker asks
/// go to slaves too, which no count shows.)
bool knows_master(const Client& client, std::size_t broker) {
  const Config& config = client.context.config();
  const std::size_t set = master_of(config, broker);
  const bool is_elected =
      config.brokers[set].in_group() || (config.brokers[set].is_controlled() && may_be_asked(client));
  if (!is_elected) return knows_address(client.world, client.self.process, broker);
  return master_known_to(client.world, config, client.self.process, set) ==
             static_cast<std::int32_t>(broker) &&
         knows_address(client.world, client.self.process, broker);
}

bool knows(const Client& client, std::size_t broker) {
  if (asks_name_servers(client.world)) return knows_master(client, broker);
  if (beats_of(client).routed) return true;
  const BrokerConfig& config = client.context.config().brokers[broker];
  return client.config.profile == Profile::v4_9 && config.settings.autoCreateTopicEnable;
}

bool knows_anybody(const Client& client) {
  const std::size_t brokers = client.self.memory.channels.size();
  for (std::size_t broker = 0; broker < brokers; ++broker) {
    if (knows(client, broker)) return true;
  }
  return false;
}

/// A broker may ask any producer of the group, one without a TransactionListener too.
bool may_be_asked(const Client& client) {
  const auto& producers = client.context.config().producers;
  return std::any_of(producers.begin(), producers.end(), [&](const ProducerConfig& other) {
    return other.transaction.has_value() && other.group == client.config.group;
  });
}

/// Of a client that sends nothing more and is never asked, heartbeats could only close a channel that nobody
/// uses.
bool matter(const Client& client) { return !has_finished(client) || may_be_asked(client); }

Event event_of(const Client& client, ProducerOn on, HeartbeatBy by, std::uint16_t broker,
               std::uint32_t number) {
  Event event{};
  event.body = ProducerEvent{on, static_cast<std::uint16_t>(by), broker, number};
  return host::to_process(client.world, client.self.process, event);
}

Duration latency(const Client& client, std::uint16_t broker, Wakes wakes, std::uint64_t number) {
  const auto attempt = number * static_cast<std::uint64_t>(Wakes::count) + static_cast<std::uint64_t>(wakes);
  return wakeup_latency(client, heartbeat_subject(client, broker), attempt);
}

void arm_task(const Client& client) {
  Heartbeats& beats = beats_of(client);
  const Duration wait = std::max(beats.due - client.now(), Duration{});  // a paused process has missed some
  beats.timer = client.context.arm(wait, event_of(client, ProducerOn::heartbeat, HeartbeatBy::task, 0, 0));
}

void switch_on(const Client& client) {
  Heartbeats& beats = beats_of(client);
  if (beats.on || !knows_anybody(client) || !matter(client)) return;
  const Duration interval = client.config.settings.heartbeatBrokerInterval;
  if (beats.due <= client.now()) beats.due += interval * ((client.now() - beats.due) / interval + 1);
  beats.on = true;
  arm_task(client);
}

void heartbeat_ended(const Client& client);

/// NettyRemotingClient.invokeSync, as for a send.
bool closes_socket(const Client& client) {
  const Heartbeats& beats = beats_of(client);
  if (!client.config.settings.clientCloseSocketIfTimeout || beats.orphaned) return false;
  if (client.config.profile == Profile::v4_9) return true;
  return beats.left_with_channel > 100_ms || beats.left_with_channel > heartbeat_timeout / 4;
}

void timed_out(const Client& client) {
  const std::uint16_t broker = beats_of(client).broker;
  const bool closes = closes_socket(client);
  beats_of(client).waits = Waits::nothing;
  if (closes) close_channel(client, broker);
  heartbeat_ended(client);
}

void write(const Client& client) {
  Heartbeats& beats = beats_of(client);
  beats.waits = Waits::nothing;
  beats.left_with_channel = heartbeat_timeout - (client.now() - beats.begun);
  if (beats.left_with_channel <= Duration{}) return timed_out(client);
  Payload request;
  request.kind = PayloadKind::heartbeat;
  request.opaque = beats.number;
  request.group = client.config.group.value;
  const std::uint16_t broker = beats.broker;
  if (!network::send(client.world, channel_to(client, broker).connection, true, request,
                     heartbeat_subject(client, broker), beats.number, client.context)) {
    channel_is_dead(client, broker);
    return heartbeat_ended(client);
  }
  beats.waits = Waits::answer;
  const Duration wait = beats.left_with_channel + latency(client, broker, Wakes::timed_out, beats.number);
  beats.timeout = client.context.arm(
      wait, event_of(client, ProducerOn::heartbeat_timeout, beats.by, broker, beats.number));
}

void send_heartbeat(const Client& client, HeartbeatBy by, std::uint16_t broker) {
  Heartbeats& beats = beats_of(client);
  beats.by = by;
  beats.broker = broker;
  beats.begun = client.now();
  beats.orphaned = false;
  ++beats.number;
  if (channel_to(client, broker).open) return write(client);
  beats.waits = Waits::connection;
  if (!channel_to(client, broker).connecting) connect(client, broker);
}

/// The task's next broker from this one on; after the last it gives the lock back.
void send_to_next(const Client& client, std::size_t broker) {
  Heartbeats& beats = beats_of(client);
  while (broker < client.self.memory.channels.size() && !knows(client, broker)) ++broker;
  if (broker < client.self.memory.channels.size()) {
    return send_heartbeat(client, HeartbeatBy::task, static_cast<std::uint16_t>(broker));
  }
  beats.by = HeartbeatBy::nobody;
  if (!beats.late) return;
  beats.late = false;
  send_to_next(client, 0);
}

/// The NettyEventExecutor takes its events one by one.
void next_event(const Client& client) {
  Heartbeats& beats = beats_of(client);
  beats.by = HeartbeatBy::nobody;
  if (beats.active.empty()) return;
  const std::uint16_t broker = beats.active.front();
  beats.active.erase(beats.active.begin());
  send_heartbeat(client, HeartbeatBy::listener, broker);
}

/// Answered or not, the thread that sent it goes on. (Unless the client has come to rest meanwhile.)
void heartbeat_ended(const Client& client) {
  const Heartbeats& beats = beats_of(client);
  if (beats.by == HeartbeatBy::task) return send_to_next(client, std::size_t{beats.broker} + 1);
  if (beats.by == HeartbeatBy::listener) next_event(client);
}

/// tryLock fails while the other thread sends: "lock heartBeat, but failed".
void task_runs(const Client& client) {
  Heartbeats& beats = beats_of(client);
  beats.due += client.config.settings.heartbeatBrokerInterval;
  arm_task(client);
  if (beats.by == HeartbeatBy::task) beats.late = true;
  if (beats.by == HeartbeatBy::nobody) send_to_next(client, 0);
}

void listener_runs(const Client& client, std::uint16_t broker) {
  Heartbeats& beats = beats_of(client);
  if (beats.by == HeartbeatBy::listener) beats.active.push_back(broker);
  if (beats.by == HeartbeatBy::nobody) send_heartbeat(client, HeartbeatBy::listener, broker);
}

void waiter_runs(const Client& client, std::uint32_t number) {
  Heartbeats& beats = beats_of(client);
  if (beats.waits != Waits::processor || beats.number != number) return;
  if (channel_to(client, beats.broker).open) return write(client);
  beats.waits = Waits::nothing;  // RemotingConnectException: somebody has closed it again
  heartbeat_ended(client);
}

}  // namespace

std::uint64_t heartbeat_subject(const Client& client, std::uint16_t broker) {
  const auto life = client.world.processes[client.self.process.value].incarnation.value;
  return sim::subject(sim::subject(client.self.process.value, life), broker);
}

void start_heartbeats(const Client& client) {
  Heartbeats& beats = beats_of(client);
  beats.usual = client.config.settings.heartbeatBrokerInterval == ProducerSettings{}.heartbeatBrokerInterval;
  const bool polls_default =
      asks_name_servers(client.world) && client.config.profile == Profile::v4_9;  // TBW102
  const bool will_know = knows_anybody(client) || polls_default || !has_finished(client);
  if (!will_know || !matter(client)) return;
  beats.due = client.now() + first_heartbeat;
  switch_on(client);
}

void learn_route(const Client& client) {
  Heartbeats& beats = beats_of(client);
  if (beats.routed && !asks_name_servers(client.world)) return;
  beats.routed = true;
  switch_on(client);
}

void rest_heartbeats(const Client& client) {
  Heartbeats& beats = beats_of(client);
  if (!beats.on || matter(client)) return;
  forget_heartbeats(client);
  const std::uint32_t number = beats.number;
  beats = {};
  beats.number = number;
}

void forget_heartbeats(const Client& client) {
  client.context.cancel(beats_of(client).timer);
  client.context.cancel(beats_of(client).timeout);
}

void on_heartbeat(const Client& client, const ProducerEvent& event) {
  if (!beats_of(client).on) return;
  switch (static_cast<HeartbeatBy>(event.thread)) {
    case HeartbeatBy::nobody: return;
    case HeartbeatBy::task: return task_runs(client);
    case HeartbeatBy::listener: return listener_runs(client, event.broker);
    case HeartbeatBy::waiter: return waiter_runs(client, event.call);
  }
}

void on_heartbeat_timeout(const Client& client, std::uint32_t number) {
  const Heartbeats& beats = beats_of(client);
  if (beats.waits != Waits::answer || beats.number != number) return;
  timed_out(client);
}

void on_heartbeat_response(const Client& client, std::uint16_t broker, const Payload& response) {
  Heartbeats& beats = beats_of(client);
  if (beats.waits != Waits::answer || beats.orphaned || beats.broker != broker) return;
  if (beats.number != response.opaque) return;
  client.context.cancel(beats.timeout);
  beats.waits = Waits::nothing;
  heartbeat_ended(client);
}

void heartbeat_channel_opened(const Client& client, std::uint16_t broker) {
  Heartbeats& beats = beats_of(client);
  if (!beats.on) return;
  if (beats.waits == Waits::connection && beats.broker == broker) {
    beats.waits = Waits::processor;
    client.context.after(latency(client, broker, Wakes::connected, beats.number),
                         event_of(client, ProducerOn::heartbeat, HeartbeatBy::waiter, broker, beats.number));
  }
  if (client.config.profile == Profile::v4_9 || !knows(client, broker)) return;
  client.context.after(latency(client, broker, Wakes::active, channel_to(client, broker).connects),
                       event_of(client, ProducerOn::heartbeat, HeartbeatBy::listener, broker, 0));
}

void heartbeat_failed(const Client& client, std::uint16_t broker, Waits waits) {
  Heartbeats& beats = beats_of(client);
  const bool is_meant = beats.by != HeartbeatBy::nobody && beats.waits == waits && beats.broker == broker;
  if (!is_meant || beats.orphaned) return;
  client.context.cancel(beats.timeout);
  beats.waits = Waits::nothing;
  heartbeat_ended(client);
}

void heartbeat_forsaken(const Client& client, std::uint16_t broker) {
  Heartbeats& beats = beats_of(client);
  if (beats.waits == Waits::answer && beats.broker == broker) beats.orphaned = true;
}

}  // namespace brokersim::model::rocketmq
