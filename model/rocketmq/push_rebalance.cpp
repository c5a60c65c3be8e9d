// RebalanceService, RebalanceImpl, RebalancePushImpl: which queues are mine. One thread goes topic after
// topic:
//
//   GET_CONSUMER_LIST_BY_GROUP -> share -> drop what is no longer mine -> per new queue QUERY_CONSUMER_OFFSET
//   (none: GET_MAX_OFFSET) -> pull requests -> heartbeats if anything changed -> next topic
//
// Each effect is an event of its own: a crash may fall between two dropped queues.
#include "model/rocketmq/push_internal.hpp"
#include "model/rocketmq/remoting_times.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration wait_interval = 20_s;  // RebalanceService.waitInterval
constexpr Duration min_interval = 1_s;    // RebalanceService.minInterval (5.x)

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

void update_table(const Push& push);

/// rebalanceByTopic of BROADCASTING: every queue.
void take_all(const Push& push, const std::vector<QueuePlace>& all) {
  state_of(push).wanted = all;
  state_of(push).at = 0;
  update_table(push);
}

/// rebalanceByTopic, first half. A topic without a route is looked up (findConsumerIdList) and left for the
/// next time: the route was read before it was fetched (measured: the first retry of a fresh group comes 20 s
/// late).
void begin_topic(const Push& push) {
  PushRebalance& r = state_of(push);
  const std::vector<TopicId> topics = subscription_of(push.all(), push.config);
  while (r.topic < topics.size()) {
    const std::vector<QueuePlace> all = known_queues(push, topics[r.topic]);
    if (push.is_broadcasting()) return take_all(push, all);
    if (!all.empty()) {
      Payload request;
      request.kind = PayloadKind::get_consumer_list;
      r.opaque = call(push, CallFor::member_list, pick_broker(push, all), request, api_timeout);
      return;
    }
    if (asks_name_servers(push.world)) {
      r.looks_up = true;
      return refresh_route(push, topics[r.topic]);
    }
    fetch_retry_route(push);
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

/// Not mine any more; or given up once, not released, and mine again: only isPullExpired takes that away.
bool is_unwanted(const Push& push, const PushQueue& queue) {
  constexpr Duration pull_max_idle_time = 120_s;  // ProcessQueue.PULL_MAX_IDLE_TIME
  const auto& wanted = state_of(push).wanted;
  if (!queue.used || queue.topic != current_topic(push) || queue.orderly.tried) return false;
  if (std::find(wanted.begin(), wanted.end(), name_of(queue)) == wanted.end()) return true;
  return queue.orderly.dropped && push.now() - queue.orderly.pulled_at > pull_max_idle_time;
}

/// updateProcessQueueTableInRebalance of 5.x drops all before it releases the first.
void drop_unwanted(const Push& push) {
  for (std::uint32_t slot = 0; slot < push.memory.queues.size(); ++slot) {
    push.memory.queues[slot].orderly.tried = false;
    if (!push.is_4_9() && is_unwanted(push, push.memory.queues[slot])) drop_queue(push, slot);
  }
}

/// QueryAssignmentProcessor.allocate4Pop with a popShareQueueNum of -1: everybody pops from all queues of
/// each broker.
void take_any_queue(const Push& push) {
  PushRebalance& r = state_of(push);
  r.wanted.clear();
  r.at = 0;
  for (const QueuePlace& place : known_queues(push, current_topic(push))) {
    if (r.wanted.empty() || r.wanted.back().broker != place.broker)
      r.wanted.push_back({place.broker, any_queue});
  }
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
  for (std::size_t slot = 0; slot < queues.size(); ++slot) {
    if (is_unwanted(push, queues[slot])) return static_cast<std::int64_t>(slot);
  }
  return -1;
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
  if (push.is_orderly()) {
    queue.orderly.locked = true;
    queue.orderly.locked_at = std::exchange(r.granted_at, SimTime::max());
    queue.orderly.pulled_at = queue.orderly.locked_at;
    arm_lock_all(push);
  }
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
  const std::uint16_t set = r.wanted[r.at].broker;
  // MQAdminImpl.maxOffset asks the master alone.
  const bool of_master = what == CallFor::query_max_offset;
  const std::int32_t address = of_master ? address_in_publish(push, set) : address_in_subscribe(push, set);
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
    const auto is_dropped = [](const PushQueue& queue) {
      return queue.state == PullState::correcting || queue.orderly.dropped;
    };
    if (slot < 0 || is_dropped(push.memory.queues[static_cast<std::size_t>(slot)])) r.balanced = false;
  }
  r.wanted.clear();
  r.at = 0;
  ++r.topic;
  if (std::exchange(r.changed, false) && beat_all(push, BeatBy::rebalance)) return;
  begin_topic(push);
}

/// RebalancePushImpl.tryRemoveOrderMessageQueue (4.9: the same within removeUnnecessaryMessageQueue): a queue
/// with a message in the listener is kept, and nobody else may consume it, unless 5.x has not renewed its
/// lock for 20 s.
void release_or_wait(const Push& push, std::uint32_t slot) {
  constexpr Duration force_unlock = 20_s;  // UNLOCK_DELAY_TIME_MILLS
  PushRebalance& r = state_of(push);
  PushQueue& queue = push.memory.queues[slot];
  drop_queue(push, slot);
  const bool forced = !push.is_4_9() && push.now() > queue.orderly.locked_at + force_unlock;
  if (forced || !is_in_listener(push, slot)) {
    release_queue(push, slot);
    r.changed = true;
    return go_on(push);
  }
  persist(push, queue);
  r.releasing = slot + 1;
  arm(push, r.release_timer, push.now() + (push.is_4_9() ? 1_s : 500_ms), {.on = PushOn::release_timeout});
}

void give_up(const Push& push, std::uint32_t slot) {
  if (push.is_orderly()) return release_or_wait(push, slot);
  persist(push, push.memory.queues[slot]);
  remove_queue(push, slot);
  state_of(push).changed = true;
  go_on(push);
}

/// RebalanceImpl.lock. Without a master in the route there is nobody to ask.
void ask_for_lock(const Push& push) {
  PushRebalance& r = state_of(push);
  const QueuePlace place = r.wanted[r.at];
  const std::int32_t address = address_in_publish(push, place.broker);
  if (address < 0) return lock_new_over(push, nullptr);
  r.opaque = call_lock(push, CallFor::lock_new, static_cast<std::uint16_t>(address),
                       {{current_topic(push), place.queue}});
}

void ask_local_file(const Push& push);

/// One step of updateProcessQueueTableInRebalance: drops a queue, or asks where a new one begins.
void update_table(const Push& push) {
  PushRebalance& r = state_of(push);
  const std::int64_t unwanted = next_unwanted(push);
  if (unwanted >= 0) return give_up(push, static_cast<std::uint32_t>(unwanted));
  while (r.at < r.wanted.size() && slot_of(push, current_topic(push), r.wanted[r.at]) >= 0) ++r.at;
  if (r.at == r.wanted.size()) return end_topic(push);
  if (push.is_orderly()) return ask_for_lock(push);
  if (push.is_broadcasting()) return ask_local_file(push);
  if (push.is_pop()) {
    add_queue(push, 0, -1);
    return go_on(push);
  }
  ask_for_offset(push, CallFor::query_offset, PayloadKind::query_consumer_offset);
}

void next_queue(const Push& push) {
  state_of(push).granted_at = SimTime::max();
  ++state_of(push).at;
  update_table(push);
}

/// computePullFromWhere with LocalFileOffsetStore.
void ask_local_file(const Push& push) {
  const PushRebalance& r = state_of(push);
  const std::int64_t stored = local_offset(push, current_topic(push), r.wanted[r.at]);
  const bool from_last = push.settings().consumeFromWhere == ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  if (stored < 0 && from_last)
    return ask_for_offset(push, CallFor::query_max_offset, PayloadKind::get_max_offset);
  add_queue(push, std::max<std::int64_t>(0, stored), stored);
  go_on(push);
}

}  // namespace

std::vector<TopicId> subscription_of(const Config& config, const PushConsumerConfig& consumer) {
  std::vector<TopicId> topics = consumer.topics;
  // In POP mode too %RETRY%group is pulled; but nothing is ever sent back to it.
  if (consumer.settings.messageModel == MessageModel::CLUSTERING && !consumer.pops())
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

/// No answer is an IllegalStateException, which 5.x takes for "not balanced": it comes back in a second.
/// (GET_CONSUMER_LIST_BY_GROUP, asked behind a route that was found, changes nothing any more.)
void rebalance_route_over(const Push& push, TopicId topic, LookedUp result) {
  PushRebalance& r = state_of(push);
  if (!r.looks_up || current_topic(push) != topic) return;
  r.looks_up = false;
  if (result == LookedUp::failed && topic != push.retry()) r.balanced = false;
  ++r.topic;
  begin_topic(push);
}

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
  // QUERY_ASSIGNMENT is as good a question; with POP its answer names no members.
  push.is_pop() ? take_any_queue(push)
                : take_share(push, push.world.member_lists.slots[answer->size].members);
  release_payload(push.world, *answer);
  if (push.is_orderly()) drop_unwanted(push);
  update_table(push);
}

/// Refused, or no answer: the queue is left for the next rebalance. (rebalanceLater of 5.x comes no earlier
/// than that: it is a second after the last.)
void lock_new_over(const Push& push, const Payload* answer) {
  const bool granted = answer != nullptr && !push.world.queue_sets.slots[answer->size].queues.empty();
  if (answer != nullptr) release_payload(push.world, *answer);
  if (!granted) return next_queue(push);
  state_of(push).granted_at = push.now();
  ask_for_offset(push, CallFor::query_offset, PayloadKind::query_consumer_offset);
}

void release_goes_on(const Push& push) {
  state_of(push).releasing = 0;
  disarm(push, state_of(push).release_timer);
  go_on(push);
}

void on_release_timeout(const Push& push, const PushEvent& event) {
  PushRebalance& r = state_of(push);
  if (!fired(r.release_timer, event) || r.releasing == 0) return;
  push.memory.queues[r.releasing - 1].orderly.tried = true;
  r.releasing = 0;
  go_on(push);
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

}  // namespace brokersim::model::rocketmq
