// EscapeBridge: what an acting master has to put goes to another set (enableRemoteEscape), as a send that
// waits for 3 s. ScheduleMessageService puts here, one message of each delay level at a time, and the check
// pass, one half message at a time (half_slot).
//
//   the route    of the topic, asked of the name server if there is none with a queue that takes sends, and
//                again after 30 s; where nobody answers, the old one serves on (TopicRouteInfoManager, which
//                asks beforehand: a name server that is silent costs one try of 3 s each 30 s here, and none
//                there)
//   the queue    the next of those, in turn (selectOneMessageQueue)
//   no answer    after 3 s, or no connection: the level tries again in its next poll, the pass soon. What had
//                been stored is there twice then. The call of a pass is a synchronous one: its time-out
//                closes the channel, under the others' calls too (NettyRemotingClient.invokeSync)
//
// The other set takes it as it takes its own broker's puts: it does not wait for a flush or replicas (WAIT is
// false), and where a send would wait for the append lock, the escape is refused.
#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/registration.hpp"
#include "model/rocketmq/stand_in.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration send_timeout = 3_s;  ///< EscapeBridge.SEND_TIMEOUT
constexpr Duration route_lives = 30_s;  ///< loadBalancePollNameServerInterval
constexpr std::uint32_t escape_slot_bits = 8;
constexpr std::uint32_t escape_tries_bits = 8;  ///< of a half message; what is above them is its immunity

EscapeBridge& bridge_of(const Site& site) { return site.memory.acting.bridge; }

/// A queue of another set that takes sends.
struct Destination {
  std::uint16_t broker, queue;
};

void add_destinations(const Site& site, const TopicRoute& route, std::vector<Destination>& found) {
  for (std::size_t set = 0; set < set_count(site.all()); ++set) {
    if (!takes_sends(route, site.all(), set) || set == master_of(site.all(), site.number)) continue;
    const auto broker = static_cast<std::uint16_t>(master_in(route, site.all(), set));
    for (std::uint16_t queue = 0; queue < route.queues[set]; ++queue) found.push_back({broker, queue});
  }
}

EscapeRoute* route_of(const Site& site, TopicId topic) {
  auto& routes = bridge_of(site).routes;
  const auto known = std::find_if(routes.begin(), routes.end(),
                                  [&](const EscapeRoute& route) { return route.topic == topic; });
  return known == routes.end() ? nullptr : &*known;
}

std::vector<Destination> destinations(const Site& site, TopicId topic) {
  std::vector<Destination> found;
  if (const EscapeRoute* known = route_of(site, topic)) add_destinations(site, known->route, found);
  return found;
}

/// It has a queue that takes sends, and is not due to be asked for again.
bool serves(const Site& site, TopicId topic) {
  const EscapeRoute* known = route_of(site, topic);
  return known != nullptr && site.now() - known->learned <= route_lives && !destinations(site, topic).empty();
}

/// Nobody has told another one: the next question is due after the next interval.
void keep_route(const Site& site, TopicId topic) {
  if (EscapeRoute* known = route_of(site, topic)) known->learned = site.now();
}

bool is_of_half(const Site& site, std::size_t slot) { return slot == half_slot(site); }

void over(Site& site, std::size_t slot, bool stored) {
  is_of_half(site, slot) ? half_escape_over(site, stored) : escape_over(site, slot, stored);
}

/// PUT_TO_REMOTE_BROKER_FAIL.
void fail(Site& site, std::size_t slot) {
  EscapeBridge& bridge = bridge_of(site);
  Escape& escape = bridge.escapes[slot];
  if (escape.broker == no_broker) {
    std::erase(bridge.asked, escape.request.topic);
    keep_route(site, escape.request.topic);
  }
  disarm(site, escape.timer);
  escape.used = escape.sent = false;
  over(site, slot, false);
}

Payload request_of(const LogRecord& message) {
  Payload request;
  request.kind = PayloadKind::escape;
  request.topic = message.real_topic;
  request.intent = message.intent;
  request.size = message.size;
  request.sequence = message.sequence;
  request.attempt = message.times;
  request.group = message.group;
  request.offset = message.born.value;
  request.record = static_cast<std::uint32_t>(message.queue_offset);
  return request;
}

/// TransactionalMessageUtil.buildTransactionalMessageFromHalfMessage keeps the properties of the half
/// message, but TRAN_PREPARED_QUEUE_OFFSET.
std::uint32_t opaque_of(const Site& site, std::size_t slot, std::uint32_t tries, const LogRecord& message) {
  const auto low = static_cast<std::uint32_t>(slot) | tries << escape_slot_bits;
  if (!is_of_half(site, slot)) return low;
  constexpr std::uint32_t above = escape_slot_bits + escape_tries_bits;
  return (low & ((1U << above) - 1)) | std::uint32_t{message.immunity_seconds} << above;
}

void send(Site& site, std::size_t slot) {
  Escape& escape = bridge_of(site).escapes[slot];
  const EscapeLink& link = bridge_of(site).links[escape.broker];
  const Payload& request = escape.request;
  const std::uint64_t key = site.world.network.connections[link.connection.value].key;
  const std::uint64_t attempt = slot | std::uint64_t{escape.tries} << escape_slot_bits;
  escape.sent =
      network::send(site.world, link.connection, true, request,
                    sim::subject(key, static_cast<std::uint64_t>(request.kind)), attempt, site.context);
  if (!escape.sent) fail(site, slot);
}

void arm_timeout(Site& site, std::size_t slot) {
  arm(site.context, bridge_of(site).escapes[slot].timer, site.now(), site.now() + send_timeout,
      [&](std::uint32_t ticket) {
        BrokerEvent body;
        body.on = BrokerOn::escape_timeout;
        body.records = static_cast<std::int64_t>(slot);
        body.slot = ticket;
        Event event{};
        event.body = body;
        return host::to_process(site.world, site.broker.process, event);
      });
}

void send_or_connect(Site& site, std::size_t slot) {
  EscapeBridge& bridge = bridge_of(site);
  EscapeLink& link = bridge.links[bridge.escapes[slot].broker];
  arm_timeout(site, slot);
  if (link.open) return send(site, slot);
  if (link.connecting) return;
  link.connecting = true;
  link.connection = network::connect(site.world, site.broker.process,
                                     broker_process(bridge.escapes[slot].broker), site.context);
}

/// tryToFindTopicPublishInfo, selectOneMessageQueue.
void choose(Site& site, std::size_t slot) {
  EscapeBridge& bridge = bridge_of(site);
  const std::vector<Destination> found = destinations(site, bridge.escapes[slot].request.topic);
  if (found.empty()) return fail(site, slot);
  const Destination to = found[bridge.next_queue++ % found.size()];
  bridge.escapes[slot].broker = to.broker;
  bridge.escapes[slot].request.queue = to.queue;
  send_or_connect(site, slot);
}

std::int32_t link_at(const Site& site, ConnectionId connection) {
  const auto& links = bridge_of(site).links;
  for (std::size_t b = 0; b < links.size(); ++b) {
    if ((links[b].open || links[b].connecting) && links[b].connection == connection)
      return static_cast<std::int32_t>(b);
  }
  return -1;
}

template <class Do>
void for_each_at(Site& site, std::size_t broker, bool sent, Do act) {
  for (std::size_t slot = 0; slot < bridge_of(site).escapes.size(); ++slot) {
    const Escape& escape = bridge_of(site).escapes[slot];
    const bool is_there = escape.used && escape.broker == broker;
    if (is_there && (sent || !escape.sent)) act(slot);
  }
}

/// With no name server at hand it goes by the route that it has.
void ask_route(Site& site, std::size_t slot) {
  auto& asked = bridge_of(site).asked;
  const TopicId topic = bridge_of(site).escapes[slot].request.topic;
  if (std::find(asked.begin(), asked.end(), topic) != asked.end()) return;
  if (registrar_asks_route(site.world, site.number, topic, site.context)) return asked.push_back(topic);
  keep_route(site, topic);
  choose(site, slot);
}

}  // namespace

bool is_escaping(const Site& site, std::size_t slot) {
  const auto& escapes = bridge_of(site).escapes;
  return slot < escapes.size() && escapes[slot].used;
}

void escape(Site& site, std::size_t slot, const LogRecord& message) {
  EscapeBridge& bridge = bridge_of(site);
  bridge.escapes.resize(half_slot(site) + 1);
  bridge.links.resize(site.all().brokers.size());
  Escape& escape = bridge.escapes[slot];
  escape.used = true;
  escape.broker = no_broker;
  escape.request = request_of(message);
  if (is_of_half(site, slot)) escape.request.mark = Mark::transactional;
  escape.request.opaque = opaque_of(site, slot, ++escape.tries, message);
  arm_timeout(site, slot);
  serves(site, message.real_topic) ? choose(site, slot) : ask_route(site, slot);
}

/// It acts no longer, or is about to die: nobody waits for what is under way.
void escapes_end(Site& site) {
  EscapeBridge& bridge = bridge_of(site);
  for (Escape& escape : bridge.escapes) disarm(site, escape.timer);
  for (const EscapeLink& link : bridge.links) {
    if (link.open || link.connecting) network::close(site.world, link.connection, true, site.context);
  }
  bridge = {};
}

void forget_half_escape(Site& site) {
  auto& escapes = bridge_of(site).escapes;
  if (half_slot(site) >= escapes.size()) return;
  Escape& escape = escapes[half_slot(site)];
  disarm(site, escape.timer);
  escape.used = escape.sent = false;
}

namespace {

/// What else is under way on it fails at once.
void close_link(Site& site, std::uint16_t broker) {
  const ConnectionId connection = bridge_of(site).links[broker].connection;
  network::close(site.world, connection, true, site.context);
  escape_lost(site, connection);
}

}  // namespace

void escape_timeout(Site& site, const BrokerEvent& event) {
  const auto slot = static_cast<std::size_t>(event.records);
  if (slot >= bridge_of(site).escapes.size() || !fired(bridge_of(site).escapes[slot].timer, event)) return;
  const Escape was = bridge_of(site).escapes[slot];
  fail(site, slot);
  if (is_of_half(site, slot) && was.sent) close_link(site, was.broker);
}

void escape_route_told(Site& site, TopicId topic, const TopicRoute* route) {
  EscapeBridge& bridge = bridge_of(site);
  std::erase(bridge.asked, topic);
  if (route == nullptr) {
    keep_route(site, topic);
  } else {
    std::erase_if(bridge.routes, [&](const EscapeRoute& known) { return known.topic == topic; });
    bridge.routes.push_back({topic, site.now(), *route});
  }
  for (std::size_t slot = 0; slot < bridge_of(site).escapes.size(); ++slot) {
    const Escape& escape = bridge_of(site).escapes[slot];
    if (escape.used && escape.broker == no_broker && escape.request.topic == topic) choose(site, slot);
  }
}

bool escapes_on(const Site& site, ConnectionId connection) { return link_at(site, connection) >= 0; }

void escape_opened(Site& site, ConnectionId connection) {
  const auto broker = static_cast<std::size_t>(link_at(site, connection));
  EscapeLink& link = bridge_of(site).links[broker];
  link.connecting = false;
  link.open = true;
  for_each_at(site, broker, false, [&](std::size_t slot) { send(site, slot); });
}

void escape_lost(Site& site, ConnectionId connection) {
  const auto broker = static_cast<std::size_t>(link_at(site, connection));
  bridge_of(site).links[broker] = {};
  for_each_at(site, broker, true, [&](std::size_t slot) { fail(site, slot); });
}

/// What is not SEND_OK has failed, stored or not.
void on_escape_over(Site& site, const Payload& answer) {
  const std::size_t slot = answer.opaque & ((1U << escape_slot_bits) - 1);
  auto& escapes = bridge_of(site).escapes;
  if (slot >= escapes.size() || !escapes[slot].used) return;
  if (escapes[slot].request.opaque != answer.opaque) return;
  disarm(site, escapes[slot].timer);
  escapes[slot].used = escapes[slot].sent = false;
  over(site, slot, answer.status == Status::SEND_OK);
}

// --------------------------------------------------------------------------------- the other set

namespace {

LogRecord escaped_message(const Payload& request) {
  LogRecord message = message_of(request);
  message.attempt = 0;
  message.times = request.attempt;
  message.group = request.group;
  message.waits = false;
  return message;
}

bool is_half(const Payload& request) { return request.mark == Mark::transactional; }

/// SendMessageProcessor takes it for a send of the producer's: parseHalfMessageInner.
LogRecord escaped_half(const Site& site, const Payload& request) {
  LogRecord half = escaped_message(request);
  half.real_topic = request.topic;
  half.real_queue = request.queue;
  half.topic = half_topic(site.all());
  half.queue = 0;
  half.immunity_seconds =
      static_cast<std::uint16_t>(request.opaque >> (escape_slot_bits + escape_tries_bits));
  return half;
}

/// A topic of its own, or a retry topic, which a send creates (createTopicInSendMessageBackMethod).
bool has_queue(Site& site, const Payload& request) {
  const bool is_retry = kind_of(site.all(), request.topic) == TopicKind::retry;
  if (is_retry && site.broker.cache.topics[request.topic.value] == 0)
    put_topic(site, request.topic, 1, site.now());
  return request.queue < site.broker.cache.topics[request.topic.value];
}

/// The broker that has put it here.
std::size_t acting_at(const Site& site, ConnectionId connection) {
  const ProcessId from = site.world.network.connections[connection.value].client;
  return site.world.processes[from.value].index;
}

/// Of one that has been checked before the put tells nothing (tell_append).
void put_half(Site& site, ConnectionId connection, const Payload& request) {
  site.record(RecordKind::half_escaped, request.intent.value,
              static_cast<std::int64_t>(acting_at(site, connection)), request.record);
  const LogRecord& half = put_now(site, escaped_half(site, request));
  if (half.times == 0) return;
  site.record(RecordKind::copy_stored, half.intent.value,
              static_cast<std::int64_t>(site.number) | std::int64_t{half.times} << 16, half.queue_offset);
}

/// From here on it is one of the messages of this set.
void put_escaped(Site& site, ConnectionId connection, const Payload& request) {
  if (is_half(request)) return put_half(site, connection, request);
  const std::size_t acting = acting_at(site, connection);
  const auto level = static_cast<std::int64_t>(request.opaque & ((1U << escape_slot_bits) - 1)) + 1;
  site.record(RecordKind::escaped, request.intent.value, static_cast<std::int64_t>(acting) | level << 16,
              static_cast<std::int64_t>(site.number));
  const auto set = static_cast<std::int64_t>(master_of(site.all(), acting));
  site.record(RecordKind::delay_over, request.intent.value, set | level << 16, request.record);
  put_now(site, escaped_message(request));
}

}  // namespace

void on_escape(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  Payload answer = request;
  answer.kind = PayloadKind::escape_over;
  const bool rejects = is_half(request) && site.settings().rejectTransactionMessage;
  const bool takes = may_append(site) && has_queue(site, request) && !rejects;
  answer.status = takes ? Status::SEND_OK : Status::SERVICE_NOT_AVAILABLE;
  if (takes) put_escaped(site, connection, request);
  reply(site, connection, generation, answer);
}

}  // namespace brokersim::model::rocketmq
