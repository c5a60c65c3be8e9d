#include "model/rocketmq/consumer.hpp"

#include "model/host/host.hpp"
#include "model/network/fabric.hpp"
#include "model/rocketmq/channels.hpp"
#include "model/rocketmq/remoting_times.hpp"
#include "model/world.hpp"
#include "sim/check.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// consumerTimeoutMillisWhenSuspend and the second of grace of scanResponseTable (whose own period, up to
/// a second more, is left out). It is what finds a broker that has vanished without a word.

/// The arguments of a step in one hand.
struct Reader {
  World& world;
  Context& context;
  Consumer& self;
  const ConsumerConfig& config;

  Reader(World& w, std::size_t consumer, Context& c)
      : world(w), context(c), self(w.consumers[consumer]), config(c.config().consumers[consumer]) {}

  Event event(ConsumerOn on, const ReaderQueue& queue, IntentId intent = no_intent) const {
    Event e{};
    e.body = ConsumerEvent{on, queue.broker, queue.queue, intent};
    return host::to_process(world, self.process, e);
  }
  Consumer::Memory::Channel& channel(std::uint16_t broker) const { return self.memory.channels[broker]; }
};

ReaderQueue& queue_at(const Reader& reader, std::uint16_t set, std::uint16_t number) {
  const auto per_set = reader.self.queues.size() / set_count(reader.context.config());
  return reader.self.queues[set * per_set + number];
}

void connect(const Reader& reader, std::uint16_t broker) {
  auto& channel = reader.channel(broker);
  channel.connecting = true;
  channel.connection =
      network::connect(reader.world, reader.self.process, broker_process(broker), reader.context);
  Event timeout{};
  timeout.body = ConsumerEvent{ConsumerOn::connect_timeout, broker, ++channel.connects, no_intent};
  channel.connect_timer =
      reader.context.arm(connect_timeout, host::to_process(reader.world, reader.self.process, timeout));
}

void retry_later(const Reader& reader, ReaderQueue& queue) {
  reader.context.cancel(queue.timer);
  queue.state = ReaderState::resting;
  reader.context.after(reader.config.pullTimeDelayMillsWhenException, reader.event(ConsumerOn::pull, queue));
}

Payload pull_request(const Reader& reader, ReaderQueue& queue) {
  queue.opaque = reader.self.memory.next_opaque++;
  Payload request;
  request.kind = PayloadKind::pull_request;
  request.topic = reader.config.topic;
  request.queue = queue.queue;
  request.opaque = queue.opaque;
  request.size = static_cast<std::uint32_t>(reader.config.pullBatchSize);
  request.offset = queue.next;
  return request;
}

/// Its route lists the master of the queue's set. (A plain reader reads masters alone.)
bool find_address(const Reader& reader, ReaderQueue& queue) {
  queue.address = queue.broker;
  if (!asks_name_servers(reader.world)) return true;
  const std::int32_t master =
      master_known_to(reader.world, reader.context.config(), reader.self.process, queue.broker);
  if (master < 0) return false;
  queue.address = static_cast<std::uint16_t>(master);
  return knows_address(reader.world, reader.self.process, queue.address);
}

void pull(const Reader& reader, ReaderQueue& queue) {
  if (!find_address(reader, queue)) return retry_later(reader, queue);
  auto& channel = reader.channel(queue.address);
  if (!channel.open) {
    queue.state = ReaderState::connecting;
    if (!channel.connecting) connect(reader, queue.address);
    return;
  }
  const Payload request = pull_request(reader, queue);
  const auto flow = std::uint64_t{queue.broker} << 16 | queue.queue;
  const std::uint64_t subject =
      sim::subject(sim::subject(reader.self.process.value, flow), static_cast<std::uint64_t>(queue.next));
  if (!network::send(reader.world, channel.connection, true, request, subject, request.opaque,
                     reader.context)) {
    channel.open = false;
    return retry_later(reader, queue);
  }
  queue.state = ReaderState::pulling;
  queue.timer = reader.context.arm(reader.self.timeout_lane,
                                   reader.event(ConsumerOn::pull, queue, IntentId(queue.opaque)));
}

/// One message after the other; each effect is an event of its own, also when the work takes no time.
void work(const Reader& reader, ReaderQueue& queue) {
  queue.state = ReaderState::working;
  const IntentId intent = queue.working[queue.done];
  const auto subject = sim::subject(reader.self.process.value, intent.value);
  const auto key = sim::DrawKey::of(Purpose::work_time, subject, static_cast<std::uint64_t>(queue.next));
  reader.context.after(reader.context.choices().duration(key, reader.config.work_time),
                       reader.event(ConsumerOn::worked, queue, intent));
}

void on_worked(const Reader& reader, ReaderQueue& queue, IntentId intent) {
  sim::check(queue.state == ReaderState::working && queue.working[queue.done] == intent,
             "work on another message");
  const GroupId group = reader.config.group;
  const int times = reader.world.verdict.apply(group, intent);
  const std::int64_t at_me = std::int64_t{reader.self.process.value} << 16;
  reader.context.record(make_record(RecordKind::processed, intent.value, group.value, times | at_me));
  ++queue.done;
  ++queue.next;
  if (queue.done < queue.working.size()) return work(reader, queue);
  queue.working.clear();
  queue.done = 0;
  queue.next = queue.behind;
  pull(reader, queue);
}

/// Takes the ids out of the pooled batch, which is free from here on.
void take_batch(const Reader& reader, ReaderQueue& queue, const Payload& answer) {
  const Batch& batch = reader.world.batches[answer.size];
  queue.behind = answer.offset;
  queue.working.assign(batch.intents.begin(), batch.intents.begin() + batch.count);
  queue.done = 0;
  reader.world.batches.release(answer.size);
  const std::int64_t first = answer.offset - static_cast<std::int64_t>(queue.working.size());
  for (std::size_t i = 0; i < queue.working.size(); ++i) {
    reader.context.record(make_record(RecordKind::delivered, queue.working[i].value,
                                      reader.config.group.value, first + static_cast<std::int64_t>(i)));
  }
}

void on_found(const Reader& reader, ReaderQueue& queue, const Payload& answer) {
  take_batch(reader, queue, answer);
  queue.working.empty() ? pull(reader, queue) : work(reader, queue);
}

void on_moved(const Reader& reader, ReaderQueue& queue, const Payload& answer) {
  if (answer.offset > queue.next) {
    const std::int64_t place = queue.queue | std::int64_t{queue.broker} << 16;
    reader.context.record(
        make_record(RecordKind::queue_skipped, reader.self.process.value, place, answer.offset - queue.next));
  }
  queue.next = answer.offset;
  pull(reader, queue);
}

void on_answer(const Reader& reader, ReaderQueue& queue, const Payload& answer) {
  reader.context.cancel(queue.timer);
  if (answer.status == Status::PULL_FOUND) return on_found(reader, queue, answer);
  if (answer.status == Status::PULL_OFFSET_MOVED) return on_moved(reader, queue, answer);
  if (answer.status == Status::PULL_NOT_FOUND)
    return pull(reader, queue);  // held as long as the broker holds
  retry_later(reader, queue);
}

/// The broker whose channel this is; -1: this process has forgotten it.
std::int32_t broker_at(const Reader& reader, ConnectionId connection) {
  return broker_behind(reader.self.memory.channels, connection,
                       [](const auto& channel) { return channel.open || channel.connecting; });
}

template <class F>
void for_each_in(const Reader& reader, std::uint16_t broker, ReaderState state, F f) {
  for (ReaderQueue& queue : reader.self.queues) {
    if (queue.address == broker && queue.state == state) f(queue);
  }
}

void on_connected(const Reader& reader, std::uint16_t broker) {
  auto& channel = reader.channel(broker);
  channel.connecting = false;
  channel.open = true;
  reader.context.cancel(channel.connect_timer);
  for_each_in(reader, broker, ReaderState::connecting, [&](ReaderQueue& queue) { pull(reader, queue); });
}

/// No connection, or no longer: whoever waits on it tries again later.
void on_disconnected(const Reader& reader, std::uint16_t broker) {
  auto& channel = reader.channel(broker);
  channel.connecting = channel.open = false;
  reader.context.cancel(channel.connect_timer);
  const auto again = [&](ReaderQueue& queue) { retry_later(reader, queue); };
  for_each_in(reader, broker, ReaderState::connecting, again);
  for_each_in(reader, broker, ReaderState::pulling, again);
}

void on_connect_timeout(const Reader& reader, const ConsumerEvent& event) {
  const auto& channel = reader.channel(event.broker);
  if (!channel.connecting || channel.connects != event.queue) return;
  network::close(reader.world, channel.connection, true, reader.context);
  on_disconnected(reader, event.broker);
}

/// A pull that is due, or (then the event names it) one that was not answered. The real broker answers after
/// 15 s that there is nothing, and is asked again; ours holds the pull for as long as it takes, so silence
/// alone is no error: it is asked again at once, and if it is a broker that has lost its power meanwhile,
/// that request draws the reset.
void on_pull(const Reader& reader, ReaderQueue& queue, IntentId unanswered) {
  if (unanswered == no_intent) {
    if (queue.state == ReaderState::resting) pull(reader, queue);
  } else if (queue.state == ReaderState::pulling && queue.opaque == unanswered.value) {
    pull(reader, queue);
  }
}

void read_all(const Reader& reader) {
  reader.self.memory.reading = true;
  for (ReaderQueue& queue : reader.self.queues) pull(reader, queue);
}

void start_reading(const Reader& reader) {
  if (reader.self.memory.started) return;
  reader.self.memory.started = true;
  if (!asks_name_servers(reader.world)) return read_all(reader);
  look_up(reader.world, reader.self.process, reader.config.topic, false, reader.context);
}

sim::LaneId lane_for(const World& world, std::size_t consumer, Context& context) {
  return consumer > 0 ? world.consumers[0].timeout_lane : context.add_lane(pull_timeout);
}

}  // namespace

void consumer_start_world(World& world, std::size_t consumer, Context& context) {
  const Config& config = context.config();
  Consumer& self = world.consumers[consumer];
  self.process = consumer_process(config, consumer);
  self.topic = config.consumers[consumer].topic;
  self.timeout_lane = lane_for(world, consumer, context);
  const std::int32_t queues = config.topics[config.consumers[consumer].topic.value].queues;
  self.queues.clear();
  for (std::size_t b = 0; b < set_count(config); ++b) {
    for (std::int32_t q = 0; q < queues; ++q) {
      ReaderQueue queue;
      queue.broker = static_cast<std::uint16_t>(b);
      queue.queue = static_cast<std::uint16_t>(q);
      self.queues.push_back(queue);
    }
  }
  world.verdict.effects.resize(config.groups.size());
}

void consumer_serve(World& world, std::size_t consumer, Context& context) {
  const Reader reader(world, consumer, context);
  reader.self.memory = {};
  const bool any_address = any_found_by_route(context.config());
  reader.self.memory.channels.resize(any_address ? context.config().brokers.size()
                                                 : set_count(context.config()));
  const SimTime start = SimTime{} + reader.config.start_at;
  if (start <= host::monotonic(context)) return start_reading(reader);
  Event event{};
  event.body = ConsumerEvent{ConsumerOn::start, 0, 0, no_intent};
  host::schedule(world, reader.self.process, start - host::monotonic(context), event, context);
}

void consumer_killed(World& world, std::size_t consumer, Context& context) {
  const Reader reader(world, consumer, context);
  for (ReaderQueue& queue : reader.self.queues) {
    context.cancel(queue.timer);
    queue.state = ReaderState::resting;
    queue.working.clear();  // effects that were not applied: these messages are pulled again
    queue.done = 0;
  }
  for (const auto& channel : reader.self.memory.channels) context.cancel(channel.connect_timer);
  reader.self.memory = {};
}

void consumer_route_over(World& world, std::size_t consumer, LookedUp, Context& context) {
  const Reader reader(world, consumer, context);
  if (reader.self.memory.started && !reader.self.memory.reading) read_all(reader);
}

void consumer_receive(World& world, std::size_t consumer, ConnectionId connection, const Payload& payload,
                      Context& context) {
  const Reader reader(world, consumer, context);
  const std::int32_t broker = broker_at(reader, connection);
  if (broker < 0) return release_payload(world, payload);
  const std::size_t set = master_of(context.config(), static_cast<std::size_t>(broker));
  ReaderQueue& queue = queue_at(reader, static_cast<std::uint16_t>(set), payload.queue);
  const bool expected = queue.state == ReaderState::pulling && queue.opaque == payload.opaque;
  expected ? on_answer(reader, queue, payload) : release_payload(world, payload);
}

void consumer_connection_opened(World& world, std::size_t consumer, ConnectionId connection,
                                Context& context) {
  const Reader reader(world, consumer, context);
  const std::int32_t broker = broker_at(reader, connection);
  if (broker >= 0) on_connected(reader, static_cast<std::uint16_t>(broker));
}

void consumer_connection_refused(World& world, std::size_t consumer, ConnectionId connection,
                                 Context& context) {
  const Reader reader(world, consumer, context);
  const std::int32_t broker = broker_at(reader, connection);
  if (broker >= 0) on_disconnected(reader, static_cast<std::uint16_t>(broker));
}

void consumer_connection_lost(World& world, std::size_t consumer, ConnectionId connection, Context& context) {
  consumer_connection_refused(world, consumer, connection, context);
}

void consumer_step(World& world, std::size_t consumer, const ConsumerEvent& event, Context& context) {
  const Reader reader(world, consumer, context);
  switch (event.on) {
    case ConsumerOn::start: return start_reading(reader);
    case ConsumerOn::connect_timeout: return on_connect_timeout(reader, event);
    case ConsumerOn::pull: return on_pull(reader, queue_at(reader, event.broker, event.queue), event.intent);
    case ConsumerOn::worked:
      return on_worked(reader, queue_at(reader, event.broker, event.queue), event.intent);
  }
}

bool consumer_idle(const World& world, const Config& config, std::size_t consumer) {
  const Consumer& self = world.consumers[consumer];
  for (const ReaderQueue& queue : self.queues) {
    if (!queue.working.empty()) return false;
    const std::size_t serves = faults::serving_broker(world, config, queue.broker);
    const std::size_t reads = config.brokers[queue.broker].is_found_by_route() ? serves : queue.broker;
    if (queue.next != visible_end(world.brokers[reads], self.topic, queue.queue)) return false;
  }
  return true;
}

}  // namespace brokersim::model::rocketmq
