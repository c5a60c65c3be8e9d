// PullMessageProcessor and PullRequestHoldService.
//
// A plain reader needs little of them: a pull of its that finds nothing stays suspended until a message
// arrives. (The real broker answers PULL_NOT_FOUND after its hold time and the reader asks again, which
// changes no count.) A push consumer's pull is checked against its group's subscription, may carry an offset
// to commit, and is held for 15 s at the least: the service that answers it loops each 5 s.
#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// DefaultMQPushConsumerImpl.BROKER_SUSPEND_MAX_TIME_MILLIS, which each pull of it carries.
constexpr Duration suspend_timeout = 15_s;
constexpr Duration hold_interval = 5_s;  ///< PullRequestHoldService.run

/// The delay of an answer is drawn for what was asked: this position of this queue, by this request.
std::uint64_t draw_subject(const Payload& request) {
  return std::uint64_t{1} << 63 | static_cast<std::uint64_t>(request.topic.value) << 47 |
         static_cast<std::uint64_t>(request.queue) << 36 |
         (static_cast<std::uint64_t>(request.offset) & 0xfffffffffU);
}

/// maxMsgNums of the request, and what the broker allows.
std::int64_t count_limit(const Site& site, const Payload& request) {
  const std::int64_t most =
      std::min<std::int64_t>(Batch::capacity, site.settings().maxTransferCountOnMessageInMemory);
  return request.size == 0 ? most : std::min<std::int64_t>(request.size, most);
}

/// DefaultMessageStore.getMessage, isTheBatchFull: a first record always goes. All records are in the page
/// cache here, so the limits of what must be read from the disk do not come into it.
std::uint32_t make_batch(Site& site, const Payload& request, std::int64_t end) {
  const std::uint32_t slot = site.world.batches.take();
  Batch& batch = site.world.batches[slot];
  const Queue& queue = queue_of(site.broker, request.topic, request.queue);
  const std::int64_t limit = count_limit(site, request);
  std::int64_t bytes = 0;
  for (std::int64_t offset = request.offset; offset < end && batch.count < limit; ++offset) {
    const std::int64_t number = queue.index[static_cast<std::size_t>(offset)];
    const LogRecord& record = site.broker.cache.log[static_cast<std::size_t>(number)];
    bytes += record_size(site.all(), site.config, record);
    if (batch.count > 0 && bytes > site.settings().maxTransferBytesOnMessageInMemory) break;
    batch.records[batch.count] = static_cast<std::uint32_t>(number);
    batch.sizes[batch.count] = record.size;
    batch.times[batch.count] = record.times;
    batch.waits[batch.count] = record.waits;
    batch.intents[batch.count++] = record.intent;
  }
  return slot;
}

ProcessId client_of(const Site& site, ConnectionId connection) {
  return site.world.network.connections[connection.value].client;
}

bool is_push(const Site& site, ConnectionId connection) {
  return site.world.processes[client_of(site, connection).value].role == host::Role::push_consumer;
}

/// Of a suspended pull: a plain reader's has no end.
bool is_push(const SuspendedPull& pull) { return pull.until != SimTime::max(); }

void answer(Site& site, const SuspendedPull& pull, Payload response) {
  response.kind = PayloadKind::pull_response;
  const Payload& request = pull.request;
  const bool sent = is_push(site, pull.connection) ? reply(site, pull.connection, pull.generation, response)
                                                   : respond(site, pull.connection, pull.generation, response,
                                                             draw_subject(request), request.opaque);
  if (!sent && response.status == Status::PULL_FOUND) site.world.batches.release(response.size);
}

void answer_found(Site& site, const SuspendedPull& pull, Payload response, std::int64_t end) {
  response.status = Status::PULL_FOUND;
  response.size = make_batch(site, pull.request, end);
  response.offset = pull.request.offset + site.world.batches[response.size].count;
  answer(site, pull, response);
}

/// OFFSET_OVERFLOW_BADLY, OFFSET_TOO_SMALL and NO_MESSAGE_IN_QUEUE: the consumer is told where to go on.
void answer_moved(Site& site, const SuspendedPull& pull, Payload response, std::int64_t offset) {
  response.status = Status::PULL_OFFSET_MOVED;
  response.offset = offset;
  answer(site, pull, response);
}

/// DefaultMessageStore.nextOffsetCorrection: a slave (offsetCheckInSlave=false) leaves an offset that its
/// queue does not have as it is: PULL_RETRY_IMMEDIATELY. The real client asks again and again; here its pull
/// waits.
bool is_moved(const Site& site, std::int64_t offset, std::int64_t first, std::int64_t end) {
  return !site.is_slave() && (offset < first || offset > end);
}

/// PullMessageProcessor.rejectRequest. In 4.9 a slave without slaveReadEnable says PULL_RETRY_IMMEDIATELY
/// only if it has found nothing, because what it found overwrites the code.
bool refuses_pulls(const Site& site) {
  return !site.is_4_9() && site.is_slave() && !site.settings().slaveReadEnable;
}

// --------------------------------------------------------------------------------- plain readers

/// PullMessageProcessor.processRequest and DefaultMessageStore.getMessage; false: nothing there yet.
bool try_pull(Site& site, const SuspendedPull& pull) {
  Payload response = pull.request;
  response.size = 0;
  if (refuses_pulls(site)) {
    response.status = Status::SYSTEM_BUSY;
    return answer(site, pull, response), true;
  }
  if (pull.request.queue >= site.broker.cache.topics[pull.request.topic.value]) {
    response.status = Status::TOPIC_NOT_EXIST;
    return answer(site, pull, response), true;
  }
  const std::int64_t end = visible_end(site.broker, pull.request.topic, pull.request.queue);
  const std::int64_t first = first_offset(site.broker, pull.request.topic, pull.request.queue);
  const std::int64_t offset = pull.request.offset;
  if (is_moved(site, offset, first, end))
    return answer_moved(site, pull, response, offset < first ? first : end), true;
  if (offset < first || offset >= end) return false;
  return answer_found(site, pull, response, end), true;
}

// --------------------------------------------------------------------------------- push consumers

/// The checks of processRequest, in their order. A queue that the topic does not have is an illegal
/// parameter there; to a client both are errors after which it waits (pullTimeDelayMillsWhenException). One
/// that is woken does not come by rejectRequest again: held by a master, it is answered by what is a slave
/// now.
Status check_pull(const Site& site, const Payload& request, bool has_just_come) {
  if (has_just_come && refuses_pulls(site)) return Status::SYSTEM_BUSY;
  if (request.queue >= site.broker.cache.topics[request.topic.value]) return Status::TOPIC_NOT_EXIST;
  const auto& groups = site.memory.clients.consumers;
  if (request.group >= groups.size()) return Status::SUBSCRIPTION_NOT_EXIST;
  const std::vector<TopicId>& topics = groups[request.group].subscription;
  const bool subscribed = std::find(topics.begin(), topics.end(), request.topic) != topics.end();
  return subscribed ? Status::PULL_FOUND : Status::SUBSCRIPTION_NOT_EXIST;
}

/// A pull that has just come commits its offset whatever it finds; one that is woken does not do it again
/// (storeOffsetEnable needs brokerAllowSuspend; in 4.9 also that the broker is no slave).
void commit(Site& site, const SuspendedPull& pull) {
  if (pull.request.mark != Mark::commits || (site.is_4_9() && site.is_slave())) return;
  store_offset(site, client_of(site, pull.connection), pull.request, pull.request.sequence);
}

/// False: there is nothing, and it may be suspended.
bool answer_push(Site& site, const SuspendedPull& pull, bool may_suspend) {
  Payload response = pull.request;
  response.size = 0;
  response.status = check_pull(site, pull.request, may_suspend);
  if (response.status != Status::PULL_FOUND) return answer(site, pull, response), true;
  if (may_suspend) commit(site, pull);
  const std::int64_t end = visible_end(site.broker, pull.request.topic, pull.request.queue);
  const std::int64_t first = first_offset(site.broker, pull.request.topic, pull.request.queue);
  const std::int64_t offset = pull.request.offset;
  if (is_moved(site, offset, first, end))
    return answer_moved(site, pull, response, offset < first ? first : end), true;
  if (first <= offset && offset < end) return answer_found(site, pull, response, end), true;
  if (may_suspend) return false;
  response.status = Status::PULL_NOT_FOUND;
  return answer(site, pull, response), true;
}

bool has_news(const Site& site, const SuspendedPull& pull) {
  return visible_end(site.broker, pull.request.topic, pull.request.queue) > pull.request.offset;
}

Duration hold_period(const Site& site) {
  return site.settings().longPollingEnable ? hold_interval : site.settings().shortPollingTimeMills;
}

/// The first loop of PullRequestHoldService that answers somebody. Arrivals count only without long polling:
/// with it they answer at once.
void arm_hold(Site& site) {
  SimTime first = SimTime::max();
  for (const SuspendedPull& pull : site.memory.suspended) {
    if (!is_push(pull)) continue;
    first = std::min(first, has_news(site, pull) ? site.now() : pull.until);
  }
  if (first == SimTime::max()) return disarm(site, site.memory.hold_timer);
  const SimTime earliest = std::max(first - 1_ns, site.now());
  arm(site, site.memory.hold_timer, next_on_grid(site.memory.hold_grid, hold_period(site), earliest),
      BrokerOn::pull_hold);
}

/// Keeps those that are not answered.
template <class Answered>
void sift(Site& site, Answered answered) {
  std::vector<SuspendedPull>& suspended = site.memory.suspended;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < suspended.size(); ++i) {
    if (!answered(suspended[i])) suspended[kept++] = suspended[i];
  }
  suspended.resize(kept);
  arm_hold(site);
}

void on_push_pull(Site& site, SuspendedPull pull) {
  if (answer_push(site, pull, true)) return;
  pull.until = site.now() +
               (site.settings().longPollingEnable ? suspend_timeout : site.settings().shortPollingTimeMills);
  site.memory.suspended.push_back(pull);
  arm_hold(site);
}

}  // namespace

std::int64_t visible_end(const Broker& broker, TopicId topic, std::uint16_t queue) {
  if (broker.memory.queues.empty() || queue >= broker.cache.topics[topic.value]) return 0;
  return static_cast<std::int64_t>(queue_of(broker, topic, queue).index.size());
}

void on_pull_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const SuspendedPull pull{request, connection, generation, SimTime::max()};
  if (is_push(site, connection)) return on_push_pull(site, pull);
  if (!try_pull(site, pull)) site.memory.suspended.push_back(pull);
}

/// PullRequestHoldService.notifyMessageArriving, which ReputMessageService only calls with long polling.
void answer_suspended_pulls(Site& site) {
  const bool told = site.settings().longPollingEnable;
  sift(site, [&](const SuspendedPull& pull) {
    if (!is_push(pull)) return try_pull(site, pull);
    return told && has_news(site, pull) && answer_push(site, pull, false);
  });
}

/// PullRequestHoldService.checkHoldRequest.
void pull_hold(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.hold_timer, event)) return;
  sift(site, [&](const SuspendedPull& pull) {
    const bool due = is_push(pull) && (site.now() >= pull.until || has_news(site, pull));
    return due && answer_push(site, pull, false);
  });
}

void pulls_clock_set(Site& site, Duration by) {
  for (SuspendedPull& pull : site.memory.suspended) {
    if (is_push(pull)) pull.until = pull.until - by;
  }
  arm_hold(site);
}

void forget_pulls(Site& site, ConnectionId connection) {
  std::erase_if(site.memory.suspended,
                [&](const SuspendedPull& pull) { return pull.connection == connection; });
  arm_hold(site);
  forget_pops(site, connection);
}

}  // namespace brokersim::model::rocketmq
