// RebalanceService, RebalanceImpl, RebalancePushImpl: which queues are mine. One thread goes topic after
// topic:
//
//   GET_CONSUMER_LIST_BY_GROUP -> share -> drop what is no longer mine -> per new queue QUERY_CONSUMER_OFFSET
//   (none: GET_MAX_OFFSET) -> pull requests -> heartbeats if anything changed -> next topic
//
// Each effect is an event of its own: a crash may fall between two dropped queues.
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration wait_interval = 20_s;  // RebalanceService.waitInterval
constexpr Duration min_interval = 1_s;    // RebalanceService.minInterval (5.x)
constexpr Duration api_timeout = 3_s;     // ClientConfig.mqClientApiTimeout
constexpr Duration offset_timeout = 5_s;  // RemoteBrokerOffsetStore.fetchConsumeOffsetFromBroker
constexpr Duration admin_timeout = 6_s;   // MQAdminImpl.timeoutMillis

/// Marks the wake-ups of the service; the others go on with a rebalance that is under way.
constexpr std::uint32_t wakes = 1;

PushRebalance& state_of(const Push& push) { return push.memory.rebalance; }

TopicId current_topic(const Push& push) {
  return subscription_of(push.all(), push.config)[state_of(push).topic];
}

/// All queues of a topic that the client knows, sorted (MessageQueue.compareTo).
std::vector<QueuePlace> known_queues(const Push& push, TopicId topic) {
  std::vector<QueuePlace> all;
  if (asks_name_servers(push.world)) {
    for (std::uint16_t set = 0; set < set_count(push.all()); ++set) {
      const std::uint32_t count = known_queues_in(push, topic, set);
      for (std::uint32_t q = 0; q < count; ++q) all.push_back({set, static_cast<std::uint16_t>(q)});
    }
    return all;
  }
  const bool of_user = is_user_topic(push.all(), topic);
  const int per_broker = of_user ? push.all().topics[topic.value].queues : 1;
  for (std::uint16_t b = 0; b < push.brokers(); ++b) {
    if (!of_user && push.memory.retry_route[b] == 0) continue;
    for (int q = 0; q < per_broker; ++q) all.push_back({b, static_cast<std::uint16_t>(q)});
  }
  return all;
}

/// The slot of the process queue; -1: there is none.
std::int64_t slot_of(const Push& push, TopicId topic, QueuePlace place) {
  const auto& queues = push.memory.queues;
  for (std::size_t slot = 0; slot < queues.size(); ++slot) {
    const PushQueue& queue = queues[slot];
    if (queue.used && queue.topic == topic && QueuePlace{queue.broker, queue.queue} == place)
      return static_cast<std::int64_t>(slot);
  }
  return -1;
}

void go_on(const Push& push) { push.schedule({}, {.on = PushOn::rebalance}); }

void wait(const Push& push, SimTime due) {
  arm(push, state_of(push).timer, due, {.on = PushOn::rebalance, .slot = wakes});
}

void finish(const Push& push);

/// MQClientInstance.findBrokerAddrByTopic: any broker of the topic's route.
std::uint16_t pick_broker(const Push& push, const std::vector<QueuePlace>& queues) {
  std::vector<std::uint16_t> brokers;
  for (const QueuePlace& place : queues) {
    if (brokers.empty() || brokers.back() != place.broker) brokers.push_back(place.broker);
  }
  const auto key = sim::DrawKey::of(Purpose::chosen_broker, push.life(), push.memory.next_opaque);
  const std::uint16_t set =
      brokers[push.context.choices().pick(key, static_cast<std::uint32_t>(brokers.size()))];
  // BrokerData.selectBrokerAddr: its master, else a slave. A set in the route has somebody.
  const std::int32_t address = address_in_subscribe(push, set);
  return address < 0 ? set : static_cast<std::uint16_t>(address);
}

/// rebalanceByTopic, first half. A topic without a route is looked up and left for the next time: the route
/// was read before it was fetched (measured: the first retry of a fresh group comes 20 s late).
void begin_topic(const Push& push) {
  PushRebalance& r = state_of(push);
  const std::vector<TopicId> topics = subscription_of(push.all(), push.config);
  while (r.topic < topics.size()) {
    const std::vector<QueuePlace> all = known_queues(push, topics[r.topic]);
    if (!all.empty()) {
      Payload request;
      request.kind = PayloadKind::get_consumer_list;
      r.opaque = call(push, CallFor::member_list, pick_broker(push, all), request, api_timeout);
      return;
    }
    asks_name_servers(push.world) ? refresh_route(push, topics[r.topic]) : fetch_retry_route(push);
    ++r.topic;
  }
  finish(push);
}

/// doRebalance has returned: RebalanceService.run waits again.
void finish(const Push& push) {
  PushRebalance& r = state_of(push);
  r.running = false;
  r.last = push.now();
  r.wanted.clear();
  r.at = 0;
  const bool again = std::exchange(r.notified, false);
  if (again) return rebalance_wakeup(push);
  wait(push, push.now() + (r.balanced || push.is_4_9() ? wait_interval : min_interval));
}

void begin(const Push& push) {
  PushRebalance& r = state_of(push);
  r.running = r.balanced = true;
  r.notified = r.changed = false;
  r.topic = 0;
  begin_topic(push);
}

void take_share(const Push& push, std::vector<ProcessId> members) {
  PushRebalance& r = state_of(push);
  std::sort(members.begin(), members.end());
  const std::vector<QueuePlace> all = known_queues(push, current_topic(push));
  const auto me = std::find(members.begin(), members.end(), push.self.process);
  r.wanted.clear();
  r.at = 0;
  if (me == members.end()) return;  // AbstractAllocateMessageQueueStrategy.check: nothing is mine
  const auto [first, count] =
      share_of(all.size(), members.size(), static_cast<std::size_t>(me - members.begin()));
  for (std::size_t i = first; i < first + count; ++i) r.wanted.push_back(all[i]);
}

/// The first process queue of this topic that is no longer mine; -1: none.
std::int64_t next_unwanted(const Push& push) {
  const auto& queues = push.memory.queues;
  const auto& wanted = state_of(push).wanted;
  const TopicId topic = current_topic(push);
  for (std::size_t slot = 0; slot < queues.size(); ++slot) {
    const QueuePlace place{queues[slot].broker, queues[slot].queue};
    const bool mine = std::find(wanted.begin(), wanted.end(), place) != wanted.end();
    if (queues[slot].used && queues[slot].topic == topic && !mine) return static_cast<std::int64_t>(slot);
  }
  return -1;
}

std::uint32_t new_slot(const Push& push) {
  auto& queues = push.memory.queues;
  std::uint32_t slot = 0;
  while (slot < queues.size() && queues[slot].used) ++slot;
  if (slot == queues.size()) queues.emplace_back();
  return slot;
}

void record_queue(const Push& push, RecordKind kind, const PushQueue& queue, std::int64_t offset) {
  const std::int64_t place = place_of(queue) | std::int64_t{queue.topic.value} << 32;
  push.context.record(make_record(kind, push.self.process.value, place, offset));
}

/// `stored`: what the broker had for the group, -1 for nothing.
void add_queue(const Push& push, std::int64_t begins_at, std::int64_t stored) {
  PushRebalance& r = state_of(push);
  const std::uint32_t slot = new_slot(push);
  PushQueue& queue = push.memory.queues[slot];
  queue = PushQueue{};
  queue.used = true;
  queue.topic = current_topic(push);
  queue.broker = queue.from = r.wanted[r.at].broker;
  queue.queue = r.wanted[r.at].queue;
  queue.generation = push.memory.next_generation++;
  queue.next = begins_at;
  queue.held.first = queue.held.end = begins_at;
  queue.committed = stored;
  mark_dirty(push, queue);
  r.added.push_back(slot);
  r.changed = true;
  record_queue(push, RecordKind::queue_assigned, queue, begins_at);
  if (stored < 0 && begins_at > 0) {
    push.context.record(
        make_record(RecordKind::queue_skipped, push.self.process.value, place_of(queue), begins_at));
  }
}

void next_queue(const Push& push);

void ask_for_offset(const Push& push, CallFor what, PayloadKind kind) {
  PushRebalance& r = state_of(push);
  const std::int32_t address = address_in_subscribe(push, r.wanted[r.at].broker);
  if (address < 0) return next_queue(push);
  Payload request;
  request.kind = kind;
  request.topic = current_topic(push);
  request.queue = r.wanted[r.at].queue;
  const Duration timeout = what == CallFor::query_offset ? offset_timeout : admin_timeout;
  r.opaque = call(push, what, static_cast<std::uint16_t>(address), request, timeout);
}

/// The end of updateProcessQueueTableInRebalance, and messageQueueChanged.
void end_topic(const Push& push) {
  PushRebalance& r = state_of(push);
  // 5.x waits half a second before it pulls a new queue, so that its old owner may store its offset.
  for (const std::uint32_t slot : r.added) pull_later(push, slot, push.is_4_9() ? Duration{} : 500_ms);
  r.added.clear();
  for (const QueuePlace& place : r.wanted) {
    const std::int64_t slot = slot_of(push, current_topic(push), place);
    if (slot < 0 || push.memory.queues[static_cast<std::size_t>(slot)].state == PullState::correcting) {
      r.balanced = false;
    }
  }
  r.wanted.clear();
  r.at = 0;
  ++r.topic;
  if (std::exchange(r.changed, false) && beat_all(push, BeatBy::rebalance)) return;
  begin_topic(push);
}

/// One step of updateProcessQueueTableInRebalance: drops a queue, or asks where a new one begins.
void update_table(const Push& push) {
  PushRebalance& r = state_of(push);
  const std::int64_t unwanted = next_unwanted(push);
  if (unwanted >= 0) {
    persist(push, push.memory.queues[static_cast<std::size_t>(unwanted)]);
    remove_queue(push, static_cast<std::uint32_t>(unwanted));
    r.changed = true;
    return go_on(push);
  }
  while (r.at < r.wanted.size() && slot_of(push, current_topic(push), r.wanted[r.at]) >= 0) ++r.at;
  if (r.at == r.wanted.size()) return end_topic(push);
  ask_for_offset(push, CallFor::query_offset, PayloadKind::query_consumer_offset);
}

void next_queue(const Push& push) {
  ++state_of(push).at;
  update_table(push);
}

}  // namespace

std::vector<TopicId> subscription_of(const Config& config, const PushConsumerConfig& consumer) {
  std::vector<TopicId> topics = consumer.topics;
  topics.push_back(retry_topic(config, consumer.group));
  return topics;
}

std::pair<std::size_t, std::size_t> share_of(std::size_t queues, std::size_t members, std::size_t me) {
  const std::size_t rest = queues % members;
  const bool has_one_more = rest > 0 && me < rest;
  const std::size_t size = queues <= members ? 1 : queues / members + (has_one_more ? 1 : 0);
  const std::size_t first = has_one_more ? me * size : me * size + rest;
  if (first >= queues) return {queues, 0};
  return {first, std::min(size, queues - first)};
}

void rebalance_goes_on(const Push& push) { begin_topic(push); }

void rebalance_wakeup(const Push& push) {
  PushRebalance& r = state_of(push);
  if (r.running) {
    r.notified = true;
    return;
  }
  wait(push, push.is_4_9() ? push.now() : std::max(push.now(), r.last + min_interval));
}

void on_rebalance(const Push& push, const PushEvent& event) {
  PushRebalance& r = state_of(push);
  if (event.slot != wakes) {
    if (r.running) update_table(push);
    return;
  }
  if (fired(r.timer, event)) begin(push);
}

void member_list_over(const Push& push, const Payload* answer) {
  if (answer == nullptr || push.world.member_lists.slots[answer->size].members.empty()) {
    // An error, or "no consumer for this group": the topic stays as it is.
    if (answer != nullptr) release_payload(push.world, *answer);
    ++state_of(push).topic;
    return begin_topic(push);
  }
  take_share(push, push.world.member_lists.slots[answer->size].members);
  release_payload(push.world, *answer);
  update_table(push);
}

/// computePullFromWhere. On an error the queue is left for the next rebalance (5.x: in a second).
void offset_over(const Push& push, const Payload* answer) {
  const bool unknown = answer != nullptr && answer->status == Status::QUERY_NOT_FOUND;
  if (answer == nullptr || (!unknown && answer->status != Status::SEND_OK)) return next_queue(push);
  if (!unknown) {
    add_queue(push, answer->offset, answer->offset);
    return next_queue(push);
  }
  const bool from_last = push.settings().consumeFromWhere == ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  if (from_last && current_topic(push) != push.retry()) {
    return ask_for_offset(push, CallFor::query_max_offset, PayloadKind::get_max_offset);
  }
  add_queue(push, 0, -1);
  next_queue(push);
}

void max_offset_over(const Push& push, const Payload* answer) {
  if (answer != nullptr && answer->status == Status::SEND_OK) add_queue(push, answer->offset, -1);
  next_queue(push);
}

/// What is in work goes on, and its results are ignored (ProcessQueue.dropped).
void remove_queue(const Push& push, std::uint32_t slot) {
  PushQueue& queue = push.memory.queues[slot];
  push.context.cancel(queue.timer);
  for (const LocalRetry& retry : queue.retries) push.context.cancel(retry.timer);
  std::erase_if(push.memory.pending, [&](const PendingMessages& pending) { return pending.slot == slot; });
  std::erase(state_of(push).added, slot);
  std::erase(push.memory.pull_queue, slot);
  for (ConsumeThread& thread : push.memory.threads) {
    if (thread.state != ThreadState::free && thread.slot == slot) thread.dropped = true;
  }
  const std::int64_t ends_at = queue.committed < 0 ? queue.held.first : queue.committed;
  record_queue(push, RecordKind::queue_revoked, queue, ends_at);
  queue = PushQueue{};
  while (!push.memory.queues.empty() && !push.memory.queues.back().used) push.memory.queues.pop_back();
  pull_thread_goes_on(push);
}

}  // namespace brokersim::model::rocketmq
