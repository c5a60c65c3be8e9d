// The life of a producer process, and which part of it an event is for.
#include "model/rocketmq/producer.hpp"

#include <algorithm>

#include "model/network/fabric.hpp"
#include "model/rocketmq/client.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_scan = 3_s;  // NettyRemotingClient.start

/// How long a first try waits in its lane; asynchronous calls get the second of grace of the scan.
Duration usual_wait(const ProducerConfig& config) {
  return config.send == SendMode::async ? config.settings.sendMsgTimeout + 1_s : first_timeout(config);
}

/// Producers with the same time-out share a lane: the agenda looks at all of them.
sim::LaneId lane_for(const World& world, const Config& config, std::size_t producer, Context& context) {
  const Duration wait = usual_wait(config.producers[producer]);
  for (std::size_t p = 0; p < producer; ++p) {
    if (usual_wait(config.producers[p]) == wait) return world.producers[p].timeout_lane;
  }
  return context.add_lane(wait);
}

/// ThreadLocalIndex starts at a random number, anew in each life of the process.
std::uint32_t first_queue(const Client& client, std::size_t thread) {
  const auto life = client.world.processes[client.self.process.value].incarnation.value;
  const auto key = sim::DrawKey::of(Purpose::first_queue, sim::subject(client.index, thread), life);
  const auto queues = static_cast<std::uint32_t>(client.self.next_sequence.size());
  return queues == 0 ? 0 : client.context.choices().pick(key, queues);
}

void start_threads(const Client& client) {
  auto& memory = client.self.memory;
  const auto threads = static_cast<std::size_t>(client.config.threads);
  memory.threads.resize(threads);
  const bool turns = client.config.queue_choice == QueueChoice::round_robin;
  for (std::size_t t = 0; turns && t < threads; ++t) memory.threads[t].next_queue = first_queue(client, t);
  if (turns && client.config.send == SendMode::async) memory.callback_queue = first_queue(client, threads);
}

void start_sending(const Client& client) {
  auto& memory = client.self.memory;
  if (memory.started) return;
  memory.started = true;
  start_threads(client);
  if (client.config.messages > 0) return start_schedule(client);
  if (asks_name_servers(client.world)) return;  // an idle client knows nobody whom to connect to
  for (std::size_t b = 0; b < memory.channels.size(); ++b) connect(client, static_cast<std::uint16_t>(b));
}

/// What dies with the process. The application never learns what became of its open sends.
void forget(const Client& client) {
  auto& memory = client.self.memory;
  forget_transactions(client);
  forget_heartbeats(client);
  for (const Call& call : memory.calls) {
    if (!call.open) continue;
    client.context.cancel(call.timer);
    if (call.told) continue;
    client.record(RecordKind::told_failed, call.intent, static_cast<std::int64_t>(SendError::died));
  }
  for (const Channel& channel : memory.channels) client.context.cancel(channel.connect_timer);
  client.context.cancel(memory.scan_timer);
  memory = {};
  client.self.open_sends = 0;
}

/// Future.get has timed out; until its thread runs again an answer would still be taken.
void wake_thread(const Client& client, std::uint32_t slot, std::uint32_t opaque) {
  Call& call = client.call(slot);
  const Duration late = wakeup_latency(client, call.intent.value, 1U + call.attempt);
  if (late == Duration{}) return sync_timed_out(client, slot);
  call.waking = true;
  Event event{};
  event.body = ProducerEvent{ProducerOn::call_timeout, call.thread, call.address, opaque};
  call.timer = client.context.arm(late, host::to_process(client.world, client.self.process, event));
}

void on_call_timeout(const Client& client, std::uint32_t opaque) {
  const std::int64_t slot = find_waiting(client, opaque);
  if (slot < 0) return;  // a paused process found the answer first
  const auto found = static_cast<std::uint32_t>(slot);
  if (client.call(found).waits == Waits::processor) return go_on_connected(client, found);
  if (client.config.send != SendMode::sync) return async_overdue(client, found);
  if (!client.call(found).waking) return wake_thread(client, found, opaque);
  sync_timed_out(client, found);
}

/// DefaultMQProducerImpl.shutdown: unregisterProducer, to each broker that the client knows. It would connect
/// for that, and wait for the answers; the broker has forgotten whoever has no channel, and nobody reads the
/// answer.
void unregister(const Client& client) {
  const Heartbeats& beats = client.self.memory.heartbeats;
  const auto& channels = client.self.memory.channels;
  if (!beats.on) return;
  Payload request;
  request.kind = PayloadKind::unregister_client;
  request.oneway = true;
  request.group = client.config.group.value;
  for (std::uint16_t broker = 0; broker < channels.size(); ++broker) {
    if (!channels[broker].open) continue;
    network::send(client.world, channels[broker].connection, true, request, heartbeat_subject(client, broker),
                  beats.number + 1, client.context);
  }
}

void on_response(const Client& client, ConnectionId connection, const Payload& payload) {
  const std::int64_t found = find_waiting(client, payload.opaque);
  if (found < 0) return;  // NettyRemotingAbstract.processResponseCommand: "not matched any request"
  const auto slot = static_cast<std::uint32_t>(found);
  const Call& call = client.call(slot);
  const Channel& channel = client.self.memory.channels[call.address];
  if (call.waits != Waits::answer || !channel.open || channel.connection != connection) return;
  client.config.send == SendMode::sync ? sync_answered(client, slot, payload)
                                       : async_answered(client, slot, payload);
}

}  // namespace

void producer_start_world(World& world, std::size_t producer, Context& context) {
  const Config& config = context.config();
  const bool in_transaction = config.producers[producer].transaction.has_value();
  sim::check(!in_transaction || config.producers[producer].send == SendMode::sync,
             "a half message is sent synchronously");
  Producer& self = world.producers[producer];
  self.process = producer_process(config, producer);
  self.timeout_lane = lane_for(world, config, producer, context);
  const auto queues = static_cast<std::size_t>(config.topics[config.producers[producer].topic.value].queues);
  self.next_sequence.assign(set_count(config) * queues, 0);
  world.verdict.effects.resize(config.groups.size());
}

void producer_serve(World& world, std::size_t producer, Context& context) {
  const Client client(world, producer, context);
  auto& memory = client.self.memory;
  memory = {};
  const bool any_address = any_found_by_route(context.config());
  memory.channels.resize(any_address ? context.config().brokers.size() : set_count(context.config()));
  if (client.config.settings.sendLatencyEnable) memory.faults.resize(memory.channels.size());
  memory.scan_grid = client.now() + first_scan;
  start_heartbeats(client);
  const SimTime start = SimTime{} + client.config.start_at;
  if (start <= client.now()) return start_sending(client);
  Event event{};
  event.body = ProducerEvent{ProducerOn::start, 0, 0, 0};
  host::schedule(world, client.self.process, start - client.now(), event, context);
}

namespace {

bool waits_for_route(const Client& client) {
  const auto& calls = client.self.memory.calls;
  return std::any_of(calls.begin(), calls.end(),
                     [](const Call& call) { return call.open && call.waits == Waits::route; });
}

/// MQClientInstance.topicRouteData2TopicPublishInfo: the queues of the sets that have a master and
/// can be written. (Of more
/// queues than the scenario gives the topic the others are not used.)
void publish(const Client& client) {
  const KnownRoute* known = find_route(client.world, client.self.process, client.config.topic);
  if (known == nullptr) return;
  const auto per_set = static_cast<std::uint32_t>(client.queues_per_broker());
  std::vector<std::uint32_t>& queues = client.self.memory.publish;
  queues.clear();
  for (std::uint32_t set = 0; set < set_count(client.context.config()); ++set) {
    if (!takes_sends(known->route, client.context.config(), set)) continue;
    const std::uint32_t count = std::min<std::uint32_t>(known->route.queues[set], per_set);
    for (std::uint32_t q = 0; q < count; ++q) queues.push_back(set * per_set + q);
  }
}

}  // namespace

/// A topic that nobody has takes the route of TBW102, if a broker creates topics.
void producer_route_over(World& world, std::size_t producer, TopicId topic, bool is_default, LookedUp result,
                         Context& context) {
  const Client client(world, producer, context);
  if (result == LookedUp::found) {
    publish(client);
    learn_route(client);
  }
  if (topic != client.config.topic) return;
  const bool is_unknown = find_route(world, client.self.process, topic) == nullptr;
  if (result == LookedUp::no_route && is_unknown && !is_default && waits_for_route(client))
    return look_up(world, client.self.process, topic, true, context);
  sends_go_on(client, !client.self.memory.publish.empty());
}

std::vector<TopicId> producer_polled_topics(const World& world, const Config& config, std::size_t producer) {
  std::vector<TopicId> topics;
  const bool default_too = config.producers[producer].profile == Profile::v4_9;
  if (default_too) topics.push_back(default_topic(config));
  if (world.producers[producer].memory.publishes) topics.push_back(config.producers[producer].topic);
  return topics;
}

void producer_killed(World& world, std::size_t producer, Context& context) {
  forget(Client(world, producer, context));
}

void producer_stop(World& world, std::size_t producer, Context& context) {
  const Client client(world, producer, context);
  unregister(client);
  for (const Channel& channel : client.self.memory.channels) {
    if (channel.open || (channel.connecting && channel.dialled))
      network::close(world, channel.connection, true, context);
  }
  forget(client);
}

void producer_receive(World& world, std::size_t producer, ConnectionId connection, const Payload& payload,
                      Context& context) {
  const Client client(world, producer, context);
  if (payload.kind == PayloadKind::send_response) return on_response(client, connection, payload);
  const std::int32_t found = broker_at(client, connection);
  if (found < 0) return;
  const auto broker = static_cast<std::uint16_t>(found);
  if (payload.kind == PayloadKind::heartbeat_response) return on_heartbeat_response(client, broker, payload);
  if (payload.kind == PayloadKind::check_transaction_state) on_check_request(client, broker, payload);
}

void producer_connection_opened(World& world, std::size_t producer, ConnectionId connection,
                                Context& context) {
  channel_opened(Client(world, producer, context), connection);
}

void producer_connection_refused(World& world, std::size_t producer, ConnectionId connection,
                                 Context& context) {
  channel_refused(Client(world, producer, context), connection);
}

void producer_connection_lost(World& world, std::size_t producer, ConnectionId connection, bool orderly,
                              Context& context) {
  channel_lost(Client(world, producer, context), connection, orderly);
}

void producer_step(World& world, std::size_t producer, const ProducerEvent& event, Context& context) {
  const Client client(world, producer, context);
  switch (event.on) {
    case ProducerOn::start: return start_sending(client);
    case ProducerOn::send: return on_due(client, event.thread);
    case ProducerOn::call_timeout: return on_call_timeout(client, event.call);
    case ProducerOn::connect: return dial(client, event.broker, event.call);
    case ProducerOn::connect_timeout: return on_connect_timeout(client, event.broker, event.call);
    case ProducerOn::scan: return scan_response_table(client);
    case ProducerOn::heartbeat: return on_heartbeat(client, event);
    case ProducerOn::heartbeat_timeout: return on_heartbeat_timeout(client, event.call);
    case ProducerOn::local_done: return on_local_done(client, event.call);
    case ProducerOn::checked: return on_checked(client);
    case ProducerOn::end_transaction: return on_end_transaction(client, event.call);
  }
}

bool producer_done(const World& world, const Config& config, std::size_t producer) {
  const Producer& self = world.producers[producer];
  if (self.begun < config.producers[producer].messages || self.open_sends > 0) return false;
  for (const Call& call : self.memory.calls) {
    if (call.open) return false;  // one-way, believed sent, not yet written
  }
  return self.memory.ends.empty();
}

bool producer_idle(const World& world, const Config& config, std::size_t producer) {
  return producer_done(world, config, producer) && world.producers[producer].memory.checks.empty();
}

}  // namespace brokersim::model::rocketmq
