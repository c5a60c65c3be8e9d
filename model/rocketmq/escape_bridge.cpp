// EscapeBridge: what an acting master has to put goes to another set (enableRemoteEscape), as a send that
// waits for 3 s. Only ScheduleMessageService puts anything here.
//
//   the route    of the topic, asked of the name server if there is none with a queue that takes sends, and
//                again after 30 s; where nobody answers, the old one serves on (TopicRouteInfoManager, which
//                asks beforehand: a name server that is silent costs one try of 3 s each 30 s here, and none
//                there)
//   the queue    the next of those, in turn (selectOneMessageQueue)
//   no answer    after 3 s, or no connection: the level tries again in its next poll. What had been stored is
//                delivered twice then
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
constexpr std::uint32_t level_bits = 8;

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

/// PUT_TO_REMOTE_BROKER_FAIL.
void fail(Site& site, std::size_t level) {
  EscapeBridge& bridge = bridge_of(site);
  Escape& escape = bridge.escapes[level];
  if (escape.broker == no_broker) {
    std::erase(bridge.asked, escape.request.topic);
    keep_route(site, escape.request.topic);
  }
  disarm(site, escape.timer);
  escape.used = escape.sent = false;
  escape_over(site, level, false);
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

void send(Site& site, std::size_t level) {
  Escape& escape = bridge_of(site).escapes[level];
  const EscapeLink& link = bridge_of(site).links[escape.broker];
  const Payload& request = escape.request;
  const std::uint64_t key = site.world.network.connections[link.connection.value].key;
  escape.sent = network::send(site.world, link.connection, true, request,
                              sim::subject(key, static_cast<std::uint64_t>(request.kind)), request.opaque,
                              site.context);
  if (!escape.sent) fail(site, level);
}

void arm_timeout(Site& site, std::size_t level) {
  arm(site.context, bridge_of(site).escapes[level].timer, site.now(), site.now() + send_timeout,
      [&](std::uint32_t ticket) {
        BrokerEvent body;
        body.on = BrokerOn::escape_timeout;
        body.records = static_cast<std::int64_t>(level);
        body.slot = ticket;
        Event event{};
        event.body = body;
        return host::to_process(site.world, site.broker.process, event);
      });
}

void send_or_connect(Site& site, std::size_t level) {
  EscapeBridge& bridge = bridge_of(site);
  EscapeLink& link = bridge.links[bridge.escapes[level].broker];
  arm_timeout(site, level);
  if (link.open) return send(site, level);
  if (link.connecting) return;
  link.connecting = true;
  link.connection = network::connect(site.world, site.broker.process,
                                     broker_process(bridge.escapes[level].broker), site.context);
}

/// tryToFindTopicPublishInfo, selectOneMessageQueue.
void choose(Site& site, std::size_t level) {
  EscapeBridge& bridge = bridge_of(site);
  const std::vector<Destination> found = destinations(site, bridge.escapes[level].request.topic);
  if (found.empty()) return fail(site, level);
  const Destination to = found[bridge.next_queue++ % found.size()];
  bridge.escapes[level].broker = to.broker;
  bridge.escapes[level].request.queue = to.queue;
  send_or_connect(site, level);
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
  for (std::size_t level = 0; level < bridge_of(site).escapes.size(); ++level) {
    const Escape& escape = bridge_of(site).escapes[level];
    const bool is_there = escape.used && escape.broker == broker;
    if (is_there && (sent || !escape.sent)) act(level);
  }
}

/// With no name server at hand it goes by the route that it has.
void ask_route(Site& site, std::size_t level) {
  auto& asked = bridge_of(site).asked;
  const TopicId topic = bridge_of(site).escapes[level].request.topic;
  if (std::find(asked.begin(), asked.end(), topic) != asked.end()) return;
  if (registrar_asks_route(site.world, site.number, topic, site.context)) return asked.push_back(topic);
  keep_route(site, topic);
  choose(site, level);
}

}  // namespace

bool is_escaping(const Site& site, std::size_t level) {
  const auto& escapes = bridge_of(site).escapes;
  return level < escapes.size() && escapes[level].used;
}

void escape(Site& site, std::size_t level, const LogRecord& message) {
  EscapeBridge& bridge = bridge_of(site);
  bridge.escapes.resize(site.memory.delays.levels.size());
  bridge.links.resize(site.all().brokers.size());
  Escape& escape = bridge.escapes[level];
  escape.used = true;
  escape.broker = no_broker;
  escape.request = request_of(message);
  escape.request.opaque = static_cast<std::uint32_t>(level) | ++escape.tries << level_bits;
  arm_timeout(site, level);
  serves(site, message.real_topic) ? choose(site, level) : ask_route(site, level);
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

void escape_timeout(Site& site, const BrokerEvent& event) {
  const auto level = static_cast<std::size_t>(event.records);
  if (level < bridge_of(site).escapes.size() && fired(bridge_of(site).escapes[level].timer, event))
    fail(site, level);
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
  for (std::size_t level = 0; level < bridge_of(site).escapes.size(); ++level) {
    const Escape& escape = bridge_of(site).escapes[level];
    if (escape.used && escape.broker == no_broker && escape.request.topic == topic) choose(site, level);
  }
}

bool escapes_on(const Site& site, ConnectionId connection) { return link_at(site, connection) >= 0; }

void escape_opened(Site& site, ConnectionId connection) {
  const auto broker = static_cast<std::size_t>(link_at(site, connection));
  EscapeLink& link = bridge_of(site).links[broker];
  link.connecting = false;
  link.open = true;
  for_each_at(site, broker, false, [&](std::size_t level) { send(site, level); });
}

void escape_lost(Site& site, ConnectionId connection) {
  const auto broker = static_cast<std::size_t>(link_at(site, connection));
  bridge_of(site).links[broker] = {};
  for_each_at(site, broker, true, [&](std::size_t level) { fail(site, level); });
}

/// What is not SEND_OK has failed, stored or not.
void on_escape_over(Site& site, const Payload& answer) {
  const std::size_t level = answer.opaque & ((1U << level_bits) - 1);
  auto& escapes = bridge_of(site).escapes;
  if (level >= escapes.size() || !escapes[level].used) return;
  if (escapes[level].tries != answer.opaque >> level_bits) return;
  disarm(site, escapes[level].timer);
  escapes[level].used = escapes[level].sent = false;
  escape_over(site, level, answer.status == Status::SEND_OK);
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

/// A topic of its own, or a retry topic, which a send creates (createTopicInSendMessageBackMethod).
bool has_queue(Site& site, const Payload& request) {
  const bool is_retry = kind_of(site.all(), request.topic) == TopicKind::retry;
  if (is_retry && site.broker.cache.topics[request.topic.value] == 0)
    put_topic(site, request.topic, 1, site.now());
  return request.queue < site.broker.cache.topics[request.topic.value];
}

/// From here on it is one of the messages of this set.
void put_escaped(Site& site, ConnectionId connection, const Payload& request) {
  const ProcessId from = site.world.network.connections[connection.value].client;
  const std::size_t acting = site.world.processes[from.value].index;
  const auto level = static_cast<std::int64_t>(request.opaque & ((1U << level_bits) - 1)) + 1;
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
  const bool takes = may_append(site) && has_queue(site, request);
  answer.status = takes ? Status::SEND_OK : Status::SERVICE_NOT_AVAILABLE;
  if (takes) put_escaped(site, connection, request);
  reply(site, connection, generation, answer);
}

}  // namespace brokersim::model::rocketmq
