// PullMessageProcessor and PullRequestHoldService, as far as a plain reader needs them. A pull that finds
// nothing stays suspended until a message arrives: the real broker answers PULL_NOT_FOUND after its hold
// time (15 s) and the reader asks again, which changes no count.
#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// The delay of an answer is drawn for what was asked: this position of this queue, by this request.
std::uint64_t draw_subject(const Payload& request) {
  return std::uint64_t{1} << 63 | static_cast<std::uint64_t>(request.topic.value) << 47 |
         static_cast<std::uint64_t>(request.queue) << 36 |
         (static_cast<std::uint64_t>(request.offset) & 0xfffffffffU);
}

std::uint32_t make_batch(Site& site, const Payload& request, std::int64_t end) {
  const std::uint32_t slot = site.world.batches.take();
  Batch& batch = site.world.batches[slot];
  const Queue& queue = queue_of(site.broker, request.topic, request.queue);
  const std::int64_t limit =
      request.size == 0 ? Batch::capacity : std::min<std::int64_t>(request.size, Batch::capacity);
  for (std::int64_t offset = request.offset; offset < end && batch.count < limit; ++offset) {
    const std::int64_t number = queue.index[static_cast<std::size_t>(offset)];
    batch.intents[batch.count++] = site.broker.cache.log[static_cast<std::size_t>(number)].intent;
  }
  return slot;
}

void answer(Site& site, const SuspendedPull& pull, Payload response) {
  response.kind = PayloadKind::pull_response;
  const Payload& request = pull.request;
  const bool sent =
      respond(site, pull.connection, pull.generation, response, draw_subject(request), request.opaque);
  if (!sent && response.status == Status::PULL_FOUND) site.world.batches.release(response.size);
}

/// PullMessageProcessor.processRequest and DefaultMessageStore.getMessage; false: nothing there yet.
bool try_pull(Site& site, const SuspendedPull& pull) {
  Payload response = pull.request;
  response.size = 0;
  if (pull.request.queue >= site.broker.cache.topics[pull.request.topic.value]) {
    response.status = Status::TOPIC_NOT_EXIST;
    return answer(site, pull, response), true;
  }
  const std::int64_t end = visible_end(site.broker, pull.request.topic, pull.request.queue);
  if (pull.request.offset == end) return false;
  if (pull.request.offset > end) {
    // OFFSET_OVERFLOW_BADLY: the reader is told the present end.
    response.status = Status::PULL_OFFSET_MOVED;
    response.offset = end;
    return answer(site, pull, response), true;
  }
  response.status = Status::PULL_FOUND;
  response.size = make_batch(site, pull.request, end);
  response.offset = pull.request.offset + site.world.batches[response.size].count;
  return answer(site, pull, response), true;
}

}  // namespace

std::int64_t visible_end(const Broker& broker, TopicId topic, std::uint16_t queue) {
  if (broker.memory.queues.empty() || queue >= broker.cache.topics[topic.value]) return 0;
  return static_cast<std::int64_t>(queue_of(broker, topic, queue).index.size());
}

void on_pull_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const SuspendedPull pull{request, connection, generation};
  if (!try_pull(site, pull)) site.memory.suspended.push_back(pull);
}

void answer_suspended_pulls(Site& site) {
  std::vector<SuspendedPull>& suspended = site.memory.suspended;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < suspended.size(); ++i) {
    if (!try_pull(site, suspended[i])) suspended[kept++] = suspended[i];
  }
  suspended.resize(kept);
}

void broker_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context&) {
  std::erase_if(world.brokers[broker].memory.suspended,
                [&](const SuspendedPull& pull) { return pull.connection == connection; });
}

}  // namespace brokersim::model::rocketmq
