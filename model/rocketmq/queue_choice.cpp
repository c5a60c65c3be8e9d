// TopicPublishInfo and MQFaultStrategy: which queue a try goes to, and what tries say of their brokers.
//
// - Without sendLatencyEnable: the next queue in turn; a retry passes over the queues of the broker that
// failed.
// - With it, 5.3: the next queue of an available broker (on a retry: another one, from a new random place);
//   if there is none, of a reachable one; if there is none, the next queue.
// - With it, 4.9: the next queue of an available broker, the one that failed too; if there is none, of the
// best
//   of the unavailable ones, and if that is in no route any more, it is forgotten, and the next queue is
//   taken.
#include <algorithm>

#include "model/rocketmq/client.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

using Turn = std::uint32_t&;  ///< ThreadLocalIndex: whose turn it is next

bool avoids(const Client& client) { return client.config.settings.sendLatencyEnable; }
bool is_4_9(const Client& client) { return client.config.profile == Profile::v4_9; }

FaultItem& item_of(const Client& client, std::uint16_t broker) { return client.self.memory.faults[broker]; }

bool available(const Client& client, std::uint16_t broker) {
  return is_available(item_of(client, broker), client.now());
}

/// A queue by its number among those of all sets. A send goes to the set's master, which has its number.
void aim_at_number(const Client& client, Call& call, std::uint32_t queue) {
  const auto per_broker = static_cast<std::uint32_t>(client.queues_per_broker());
  call.broker = static_cast<std::uint16_t>(queue / per_broker);
  call.queue = static_cast<std::uint16_t>(queue % per_broker);
}

/// TopicPublishInfo.messageQueueList: broker by broker, queue by queue.
void aim_at(const Client& client, Call& call, std::uint32_t place) {
  aim_at_number(client, call, asks_name_servers(client.world) ? client.self.memory.publish[place] : place);
}

/// TopicPublishInfo.selectOneMessageQueue(filter): once round; false if none fits.
template <class Fits>
bool aim_at_next(const Client& client, Call& call, Turn turn, Fits fits) {
  const std::uint32_t count = queue_count(client);
  for (std::uint32_t i = 0; i < count; ++i) {
    aim_at(client, call, turn++ % count);
    if (fits(call.broker)) return true;
  }
  return false;
}

void aim_at_next(const Client& client, Call& call, Turn turn) {
  aim_at(client, call, turn++ % queue_count(client));
}

constexpr std::int32_t no_broker = -1;

/// MQFaultStrategy.selectOneMessageQueue (5.3).
void aim_avoiding(const Client& client, Call& call, Turn turn, std::int32_t last) {
  const auto is_another = [&](std::uint16_t broker) { return last != std::int32_t{broker}; };
  const auto fits = [&](std::uint16_t broker) { return available(client, broker) && is_another(broker); };
  if (aim_at_next(client, call, turn, fits)) return;
  const auto is_reachable = [&](std::uint16_t broker) {
    return item_of(client, broker).reachable && is_another(broker);
  };
  if (!aim_at_next(client, call, turn, is_reachable)) aim_at_next(client, call, turn);
}

/// LatencyFaultToleranceImpl.pickOneAtLeast (4.9), asked when all are unavailable: of the better half, by
/// latency and by when they come back. Whose turn it is there begins at random; here each is drawn.
std::uint16_t best_of_bad(const Client& client, const Call& call) {
  std::vector<std::uint16_t> brokers;
  for (std::uint16_t b = 0; b < client.self.memory.faults.size(); ++b) {
    if (item_of(client, b).known) brokers.push_back(b);
  }
  std::sort(brokers.begin(), brokers.end(), [&](std::uint16_t a, std::uint16_t b) {
    const FaultItem &x = item_of(client, a), &y = item_of(client, b);
    return x.latency != y.latency ? x.latency < y.latency : x.available_at < y.available_at;
  });
  const std::size_t half = std::max<std::size_t>(1, brokers.size() / 2);
  const auto key = sim::DrawKey::of(Purpose::chosen_broker, call.intent.value, call.attempt);
  return brokers[half == 1 ? 0 : client.context.choices().pick(key, static_cast<std::uint32_t>(half))];
}

/// TopicPublishInfo.getQueueIdByBroker, which looks at the QueueData: a set whose master alone is gone
/// counts.
bool is_in_route(const Client& client, std::uint16_t broker) {
  if (!asks_name_servers(client.world)) return true;
  const KnownRoute* known = find_route(client.world, client.self.process, client.config.topic);
  return known != nullptr && known->route.queues[broker] > 0;
}

/// MQFaultStrategy.selectOneMessageQueue (4.9.8): the turn moves on by one, however far the search goes.
void aim_avoiding_4_9(const Client& client, Call& call, Turn turn) {
  std::uint32_t look = turn++;
  if (aim_at_next(client, call, look, [&](std::uint16_t broker) { return available(client, broker); }))
    return;
  const std::uint16_t best = best_of_bad(client, call);
  if (!is_in_route(client, best)) {
    item_of(client, best) = FaultItem{};
    return aim_at_next(client, call, turn);
  }
  ++turn;  // the queue that selectOneMessageQueue gives is not used
  call.broker = best;
  call.queue = static_cast<std::uint16_t>(turn++ % static_cast<std::uint32_t>(client.queues_per_broker()));
}

void aim_by_strategy(const Client& client, Call& call, Turn turn, std::int32_t last) {
  is_4_9(client) ? aim_avoiding_4_9(client, call, turn) : aim_avoiding(client, call, turn, last);
}

/// Whatever the route says: the application has named it.
std::uint32_t fixed_queue(const Client& client) {
  const auto all = static_cast<std::uint32_t>(client.self.next_sequence.size());
  return static_cast<std::uint32_t>(client.config.fixed_queue) % all;
}

void aim_in_turn(const Client& client, Call& call) {
  Turn turn = client.thread(call.thread).next_queue;
  avoids(client) ? aim_by_strategy(client, call, turn, no_broker) : aim_at_next(client, call, turn);
}

}  // namespace

std::uint32_t queue_count(const Client& client) {
  if (asks_name_servers(client.world)) return static_cast<std::uint32_t>(client.self.memory.publish.size());
  return static_cast<std::uint32_t>(client.self.memory.channels.size()) *
         static_cast<std::uint32_t>(client.queues_per_broker());
}

/// Its number in the stream of its first queue; retries elsewhere keep it.
void choose_first_queue(const Client& client, Call& call, std::uint32_t count) {
  switch (client.config.queue_choice) {
    case QueueChoice::round_robin: aim_in_turn(client, call); break;
    case QueueChoice::fixed: aim_at_number(client, call, fixed_queue(client)); break;
    case QueueChoice::by_key: aim_at(client, call, call.intent.value % count); break;
  }
  const auto per_broker = static_cast<std::size_t>(client.queues_per_broker());
  call.sequence = client.self.next_sequence[call.broker * per_broker + call.queue]++;
}

/// With a single broker the search for another one walks around the whole list, so the queue after the last
/// is next.
void choose_next_queue(const Client& client, std::uint32_t slot, std::uint32_t& index) {
  Call& call = client.call(slot);
  // The real send keeps the TopicPublishInfo that it began with. Of a route that has lost all masters
  // meanwhile, the queue of its last try is as good as any.
  if (queue_count(client) == 0) return;
  const std::uint16_t last = call.broker;
  if (avoids(client)) return aim_by_strategy(client, call, index, last);
  const auto is_another = [&](std::uint16_t broker) { return broker != last; };
  if (!aim_at_next(client, call, index, is_another)) aim_at_next(client, call, index);
}

/// 5.3 alone, and only with sendLatencyEnable.
void reset_index(const Client& client, const Call& call, std::uint32_t& index) {
  if (!avoids(client) || is_4_9(client) || queue_count(client) == 0) return;
  constexpr std::uint64_t reset = std::uint64_t{1} << 32;  // beside the draws of a life's first index
  const auto key = sim::DrawKey::of(Purpose::first_queue, reset | call.intent.value, call.attempt);
  index = client.context.choices().pick(key, queue_count(client));
}

void try_succeeded(const Client& client, const Call& call, Duration latency) {
  if (!avoids(client)) return;
  update(item_of(client, call.broker), client.config.profile, client.now(), latency, false, true);
}

/// A synchronous or one-way send to a given queue goes by MQFaultStrategy neither before nor after.
void blame_broker(const Client& client, const Call& call, SendError error) {
  const FaultRule* rule = fault_rule(client.config.send, error);
  if (!avoids(client) || rule == nullptr) return;
  if (client.config.send != SendMode::async && client.config.queue_choice != QueueChoice::round_robin) return;
  update(item_of(client, call.broker), client.config.profile, client.now(), client.now() - call.try_begun,
         rule->isolates, rule->reachable);
}

}  // namespace brokersim::model::rocketmq
