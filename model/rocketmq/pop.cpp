// PopMessageProcessor and PopLongPollingService.
//
// QueueLockManager keeps two pops of one group out of one queue. Here a pop is one step, so nobody ever finds
// a queue locked. Its records are put as with WAIT=false: an answer does not wait for SYNC_FLUSH.
#include "model/rocketmq/pop.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr Duration poll_interval = 20_ms;    ///< PopLongPollingService.run
constexpr Duration poll_time = 15_s;         ///< the pollTime of each request: BROKER_SUSPEND_MAX_TIME_MILLIS
constexpr Duration poll_ends_early = 50_ms;  ///< PopRequest.isTimeout

PopService& service(Site& site) { return site.memory.pop; }

/// One pop while it goes from queue to queue.
struct Taking {
  const Payload& request;
  ProcessId client;
  WallTime popped;
  std::uint8_t revive_queue = 0;
  std::uint32_t random = 0;  ///< randomQ: 0 to 99
  std::int64_t rest = 0;     ///< restNum
  PopBatch batch;

  bool is_full() const { return batch.messages.size() >= request.size; }
};

/// A request that was woken is executed anew: `attempt` says how often it was.
std::uint32_t draw_random(const Site& site, const PopWaiting& pop) {
  const std::uint64_t key = site.world.network.connections[pop.connection.value].key;
  const std::uint64_t subject = sim::subject(key, pop.request.opaque);
  return site.context.choices().pick(sim::DrawKey::of(Purpose::pop_random, subject, pop.request.attempt),
                                     100);
}

/// getInitOffset: of CONSUME_FROM_LAST_OFFSET too it is the first message while that is in memory
/// (initPopOffsetByCheckMsgInMem), else the last one. It is committed at once.
std::int64_t begin_at(Site& site, const Payload& request, ProcessId client, TopicId topic,
                      std::uint16_t queue) {
  const std::int64_t first = first_offset(site.broker, topic, queue);
  const bool from_last = request.sequence != 0 && kind_of(site.all(), topic) == TopicKind::user;
  const std::int64_t last = visible_end(site.broker, topic, queue) - 1;
  const std::int64_t begin = from_last && first > 0 ? std::max<std::int64_t>(0, last) : first;
  commit_offset(site, GroupId(request.group), topic, queue, begin);
  if (begin > first) {
    const std::int64_t place =
        queue | static_cast<std::int64_t>(site.number) << 16 | std::int64_t{topic.value} << 32;
    site.record(RecordKind::queue_assigned, client.value, place, begin);
  }
  return begin;
}

/// Messages have come into a queue that had become empty, and the group's offset is behind all of them.
void tell_skipped(const Site& site, ProcessId client, TopicId topic, std::uint16_t queue,
                  std::int64_t offset) {
  const std::int64_t place =
      queue | static_cast<std::int64_t>(site.number) << 16 | std::int64_t{topic.value} << 32;
  site.record(RecordKind::queue_skipped, client.value, place,
              offset - first_offset(site.broker, topic, queue));
}

/// The offset where this pop begins to read: a wrong one is corrected in the table. Not that of an empty
/// queue (NO_MESSAGE_IN_QUEUE): what comes first there is stepped over later (OFFSET_OVERFLOW_BADLY).
std::int64_t readable_offset(Site& site, const Payload& request, ProcessId client, TopicId topic,
                             std::uint16_t queue) {
  const GroupId group(request.group);
  std::int64_t offset = pop_offset(site, group, topic, queue);
  if (offset < 0) offset = begin_at(site, request, client, topic, queue);
  const std::int64_t first = first_offset(site.broker, topic, queue);
  const std::int64_t end = visible_end(site.broker, topic, queue);
  if (end == 0) return offset;
  const std::int64_t right = std::clamp(offset, first, end);
  if (right != offset) commit_offset(site, group, topic, queue, right);
  if (right < offset) tell_skipped(site, client, topic, queue, right);
  return right;
}

/// DefaultMessageStore.getMessage: a first record always goes.
std::int64_t read_until(const Site& site, const Taking& taking, TopicId topic, std::uint16_t queue,
                        std::int64_t offset) {
  const std::int64_t room =
      std::int64_t{taking.request.size} - static_cast<std::int64_t>(taking.batch.messages.size());
  const std::int64_t most = std::min<std::int64_t>(room, site.settings().maxTransferCountOnMessageInMemory);
  const std::int64_t end = std::min(visible_end(site.broker, topic, queue), offset + most);
  std::int64_t bytes = 0, next = offset;
  for (; next < end; ++next) {
    bytes += record_size(site.all(), site.config, *record_at(site.broker, topic, queue, next));
    if (next > offset && bytes > site.settings().maxTransferBytesOnMessageInMemory) break;
  }
  return next;
}

void hand_out(Site& site, Taking& taking, const PopMark& mark) {
  for (std::uint8_t i = 0; i < mark.count; ++i) {
    const LogRecord& record = *record_at(site.broker, mark.key.topic, mark.key.queue, mark.key.start + i);
    taking.batch.messages.push_back({record.intent, mark.key, i, record.times, record.born});
  }
}

/// popMsgFromQueue.
void take_from_queue(Site& site, Taking& taking, TopicId topic, std::uint16_t queue) {
  const std::int64_t offset = readable_offset(site, taking.request, taking.client, topic, queue);
  const std::int64_t end = visible_end(site.broker, topic, queue);
  if (end == 0) return;
  const std::int64_t next = taking.is_full() ? offset : read_until(site, taking, topic, queue, offset);
  taking.rest += end - next;
  if (next == offset) return;
  PopMark mark;
  mark.key = {GroupId(taking.request.group), topic, queue, offset, taking.popped};
  mark.invisible_ms = taking.batch.invisible_ms;
  mark.count = static_cast<std::uint8_t>(next - offset);
  add_checkpoint(site, mark, taking.revive_queue, next);
  hand_out(site, taking, mark);
}

/// popMsgFromTopic: all its queues, beginning with a random one.
void take_from_topic(Site& site, Taking& taking, TopicId topic) {
  const std::uint32_t queues = site.broker.cache.topics[topic.value];
  for (std::uint32_t i = 0; i < queues; ++i)
    take_from_queue(site, taking, topic, static_cast<std::uint16_t>((taking.random + i) % queues));
}

void take(Site& site, Taking& taking) {
  const TopicId topic = taking.request.topic;
  const TopicId retry = pop_retry_topic(site.all(), GroupId(taking.request.group), topic);
  const bool retry_first = static_cast<std::int32_t>(taking.random) < site.settings().popFromRetryProbability;
  if (retry_first) take_from_topic(site, taking, retry);
  take_from_topic(site, taking, topic);
  if (!retry_first && !taking.is_full()) take_from_topic(site, taking, retry);
}

void answer(Site& site, const PopWaiting& pop, Payload response) {
  response.kind = PayloadKind::pop_response;
  if (!reply(site, pop.connection, pop.generation, response)) release_payload(site.world, response);
}

void answer_found(Site& site, const PopWaiting& pop, Taking& taking) {
  Payload response = pop.request;
  response.status = Status::PULL_FOUND;
  response.size = site.world.pop_batches.take();
  taking.batch.used = true;
  taking.batch.revive_queue = taking.revive_queue;
  site.world.pop_batches[response.size] = taking.batch;
  answer(site, pop, response);
}

void answer_error(Site& site, const PopWaiting& pop, Status status) {
  Payload response = pop.request;
  response.size = 0;
  response.status = status;
  answer(site, pop, response);
}

void arm_poll(Site& site) {
  SimTime first = SimTime::max();
  for (const PopWaiting& pop : service(site).polling) first = std::min(first, pop.until);
  if (first == SimTime::max()) return disarm(site, service(site).poll_timer);
  arm(site, service(site).poll_timer,
      next_on_grid(service(site).poll_grid, poll_interval, std::max(first, site.now())), BrokerOn::pop_poll);
}

/// When the request is over: bornTime is of its client's clock.
SimTime poll_ends(const Site& site, const Payload& request) {
  const WallTime ends(request.offset + (poll_time - poll_ends_early).ns);
  return site.now() + Duration{ends.value - site.wall().value};
}

/// polling().
void poll_or_answer(Site& site, PopWaiting pop) {
  pop.until = poll_ends(site, pop.request);
  if (site.now() > pop.until) return answer_error(site, pop, Status::PULL_NOT_FOUND);
  if (pop.request.attempt < 255) ++pop.request.attempt;
  service(site).polling.push_back(pop);
  arm_poll(site);
}

/// PopMessageRequestHeader.isTimeoutTooMuch: by this host's clock, and bornTime is of its client's.
bool is_too_old(const Site& site, const Payload& request) {
  return site.wall().value - request.offset > (poll_time + 500_ms).ns;
}

Status check_pop(const Site& site, const Payload& request) {
  if (is_too_old(site, request)) return Status::PULL_NOT_FOUND;
  if (!site.settings().timerWheelEnable) return Status::SYSTEM_ERROR;
  return site.broker.cache.topics[request.topic.value] == 0 ? Status::TOPIC_NOT_EXIST : Status::SEND_OK;
}

/// processRequest; true: it has left messages for another one that waits.
bool execute_pop(Site& site, const PopWaiting& pop) {
  const Status status = check_pop(site, pop.request);
  if (status != Status::SEND_OK) return answer_error(site, pop, status), false;
  if (gate(site) == Gate::blocked) return service(site).blocked.push_back(pop), false;
  const auto revive_queues = static_cast<std::uint32_t>(site.settings().reviveQueueNum);
  Taking taking{.request = pop.request,
                .client = site.world.network.connections[pop.connection.value].client,
                .popped = WallTime(site.wall().value / millisecond * millisecond),
                .revive_queue = static_cast<std::uint8_t>(service(site).number++ % revive_queues),
                .random = draw_random(site, pop),
                .rest = 0,
                .batch = {}};
  taking.batch.invisible_ms = static_cast<std::int32_t>(pop.request.record);
  take(site, taking);
  if (taking.batch.messages.empty()) return poll_or_answer(site, pop), false;
  answer_found(site, pop, taking);
  return taking.rest > 0;
}

/// The request of this group for this topic that has waited longest is executed again; false: nobody waits.
bool wake(Site& site, TopicId topic, std::uint16_t group, bool& left_some) {
  std::vector<PopWaiting>& polling = service(site).polling;
  auto first = polling.end();
  for (auto it = polling.begin(); it != polling.end(); ++it) {
    const bool is_it = it->request.topic == topic && it->request.group == group;
    if (is_it && (first == polling.end() || it->until < first->until)) first = it;
  }
  if (first == polling.end()) return false;
  const PopWaiting pop = *first;
  polling.erase(first);
  left_some = execute_pop(site, pop);
  return true;
}

void wake_while_some_left(Site& site, TopicId topic, std::uint16_t group, bool left_some) {
  while (left_some && wake(site, topic, group, left_some)) continue;
}

bool has_news(const Site& site, GroupId group, TopicId topic) {
  const std::uint32_t queues = site.broker.cache.topics[topic.value];
  for (std::uint32_t q = 0; q < queues; ++q) {
    const auto queue = static_cast<std::uint16_t>(q);
    if (visible_end(site.broker, topic, queue) >
        std::max<std::int64_t>(0, pop_offset(site, group, topic, queue)))
      return true;
  }
  return false;
}

}  // namespace

std::int64_t pop_position(const Broker& broker, GroupId group, TopicId topic, std::uint16_t queue) {
  const Broker::Memory& memory = broker.memory;
  if (memory.queues.empty()) return -1;
  const auto number = static_cast<std::size_t>(queue_number(broker, topic, queue));
  const std::int64_t committed = memory.offsets[std::size_t{group.value} * memory.queues.size() + number];
  return std::max(committed, latest_offset(broker, group, topic, queue));
}

std::int64_t pop_offset(const Site& site, GroupId group, TopicId topic, std::uint16_t queue) {
  return pop_position(site.broker, group, topic, queue);
}

void on_pop(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const bool left_some = execute_pop(site, {request, connection, generation, SimTime::max()});
  wake_while_some_left(site, request.topic, request.group, left_some);
  arm_poll(site);
}

/// notifyMessageArriving, of the topic itself: what is revived wakes nobody, for the name of a retry topic
/// (V1) does not say of which topic it is.
void pop_arrivals(Site& site) {
  const std::vector<PopWaiting> polling = service(site).polling;
  for (const PopWaiting& pop : polling) {
    bool left_some = false;
    if (has_news(site, GroupId(pop.request.group), pop.request.topic) &&
        wake(site, pop.request.topic, pop.request.group, left_some))
      wake_while_some_left(site, pop.request.topic, pop.request.group, left_some);
  }
  if (!polling.empty()) arm_poll(site);
}

/// A request whose time is over looks for the last time.
void pop_poll(Site& site, const BrokerEvent& event) {
  if (!fired(service(site).poll_timer, event)) return;
  for (const PopWaiting& pop : std::exchange(service(site).polling, {})) {
    if (site.now() <= pop.until) {
      service(site).polling.push_back(pop);
    } else {
      execute_pop(site, pop);
    }
  }
  arm_poll(site);
}

void forget_pops(Site& site, ConnectionId connection) {
  const auto is_its = [&](const PopWaiting& pop) { return pop.connection == connection; };
  if (std::erase_if(service(site).polling, is_its) > 0) arm_poll(site);
}

void pops_clock_set(Site& site, Duration by) {
  for (PopWaiting& pop : service(site).polling) pop.until = pop.until - by;
  arm_poll(site);
  arm_buffer(site);
  arm_revive(site);
}

void resume_pops(Site& site) {
  if (service(site).revive.empty() || gate(site) != Gate::open) return;
  for (const PopWaiting& pop : std::exchange(service(site).blocked, {})) {
    if (pop.request.kind == PayloadKind::pop_message) {
      on_pop(site, pop.connection, pop.generation, pop.request);
    } else {
      on_pop_settlement(site, pop.connection, pop.generation, pop.request);
    }
  }
  arm_buffer(site);
  arm_revive(site);
}

/// Only where some group pops: without one there is nothing that it could find.
void start_pop(Site& site, SimTime since) {
  if (!uses_pop(site.all()) || site.is_slave()) return;
  const bool long_ago = since == never;
  const SimTime begin = long_ago ? site.now() - service_phase(site, Service::pop_poll, poll_interval) : since;
  service(site).poll_grid = service(site).buffer_grid = begin;
  start_revive(site, since);
}

}  // namespace brokersim::model::rocketmq
