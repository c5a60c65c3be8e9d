#include "model/rocketmq/push_consumer.hpp"

#include "model/rocketmq/push_internal.hpp"
#include "model/rocketmq/remoting_times.hpp"

namespace brokersim::model::rocketmq {

namespace {

void begin(const Push& push) {
  if (push.memory.started) return;
  push.memory.started = true;
  // Without name servers a client knows no slaves.
  const bool routed = asks_name_servers(push.world);
  const std::size_t brokers = routed ? push.all().brokers.size() : set_count(push.all());
  push.memory.channels.resize(brokers);
  push.memory.retry_route.resize(brokers);
  push.memory.threads.resize(static_cast<std::size_t>(push.settings().consumeThreadMin) + 1);
  start_services(push);
}

void forget(const Push& push) {
  PushConsumer::Memory& memory = push.memory;
  for (const PushChannel& channel : memory.channels) push.context.cancel(channel.connect_timer);
  for (const PushCall& call : memory.calls) push.context.cancel(call.timer);
  for (const PushQueue& queue : memory.queues) {
    push.context.cancel(queue.timer);
    for (const LocalRetry& retry : queue.retries) push.context.cancel(retry.timer);
  }
  for (ServiceTimer* timer :
       {&memory.heartbeat_timer, &memory.persist_timer, &memory.route_timer, &memory.clean_timer,
        &memory.rebalance.timer, &memory.rebalance.release_timer, &memory.orderly.lock_timer}) {
    disarm(push, *timer);
  }
  forget_orderly(push);
  memory = {};
}

void unregister(const Push& push, std::uint16_t broker) {
  Payload request;
  request.kind = PayloadKind::unregister_client;
  request.oneway = true;
  request.group = push.config.group.value;
  request.opaque = push.memory.next_opaque++;
  send_now(push, broker, request, sim::subject(push.life(), broker));
}

// ------------------------------------------------------------------------------------- idle

bool is_busy(const PushConsumer::Memory& memory) {
  const auto holds = [](const PushQueue& queue) {
    return queue.used && (!queue.held.empty() || queue.state == PullState::correcting);
  };
  // A listener that never returns keeps its message held; once that is gone, nobody waits for the thread.
  const auto works = [](const ConsumeThread& thread) {
    return thread.state != ThreadState::free && thread.state != ThreadState::stuck;
  };
  const auto settles = [](const PushCall& call) { return call.used && call.what == CallFor::pop_settle; };
  return !memory.started || memory.handed_off > 0 || !memory.pending.empty() || !memory.popped.empty() ||
         std::any_of(memory.calls.begin(), memory.calls.end(), settles) ||
         std::any_of(memory.queues.begin(), memory.queues.end(), holds) ||
         std::any_of(memory.threads.begin(), memory.threads.end(), works);
}

/// Somebody of the group has read the queue to its end. Whoever stands beyond it, behind a truncation, will
/// be told so by his next pull, and then has stepped over what took the place of what is gone.
bool is_read(const World& world, const Config& config, GroupId group, const PushQueue& name,
             std::int64_t end) {
  for (std::size_t c = 0; c < config.push_consumers.size(); ++c) {
    if (config.push_consumers[c].group != group) continue;
    for (const PushQueue& queue : world.push_consumers[c].memory.queues) {
      const bool is_it =
          queue.used && queue.topic == name.topic && queue.broker == name.broker && queue.queue == name.queue;
      if (is_it && queue.next == end && queue.held.empty()) return true;
    }
  }
  return false;
}

/// A retry topic that a crash has taken from topics.json is created again by the next heartbeat: what lies in
/// it is still to come.
bool waits_for_its_topic(const Broker& broker, const Config& config, TopicId topic) {
  if (kind_of(config, topic) != TopicKind::retry || broker.cache.topics[topic.value] != 0) return false;
  return std::any_of(broker.memory.queues.begin(), broker.memory.queues.end(),
                     [&](const Queue& queue) { return queue.topic == topic && queue.next_offset > 0; });
}

/// Every queue has been popped to its end.
bool is_popped(const World& world, const Config& config, GroupId group, TopicId topic) {
  for (std::size_t b = 0; b < set_count(config); ++b) {
    const Broker& broker = world.brokers[faults::serving_broker(world, config, b)];
    for (std::uint16_t q = 0; q < broker.cache.topics[topic.value]; ++q) {
      if (visible_end(broker, topic, q) > std::max<std::int64_t>(0, pop_position(broker, group, topic, q)))
        return false;
    }
  }
  return true;
}

bool is_topic_read(const World& world, const Config& config, GroupId group, TopicId topic) {
  PushQueue name;
  name.topic = topic;
  for (std::size_t b = 0; b < set_count(config); ++b) {
    const Broker& broker = world.brokers[faults::serving_broker(world, config, b)];
    if (waits_for_its_topic(broker, config, topic)) return false;
    const std::size_t queues = broker.cache.topics[topic.value];
    name.broker = static_cast<std::uint16_t>(b);
    for (std::size_t q = 0; q < queues; ++q) {
      name.queue = static_cast<std::uint16_t>(q);
      const std::int64_t end = visible_end(broker, topic, name.queue);
      if (end > 0 && !is_read(world, config, group, name, end)) return false;
    }
  }
  return true;
}

sim::LaneId lane_for(const World& world, std::size_t consumer, Context& context) {
  return consumer > 0 ? world.push_consumers[0].pull_lane : context.add_lane(pull_timeout);
}

}  // namespace

void arm(const Push& push, ServiceTimer& timer, SimTime due, PushEvent event) {
  arm(push.context, timer, push.now(), due, [&](std::uint32_t ticket) {
    event.generation = ticket;
    return push.event(event);
  });
}

void disarm(const Push& push, ServiceTimer& timer) { disarm(push.context, timer); }

bool fired(ServiceTimer& timer, const PushEvent& event) { return fired(timer, event.generation); }

void push_consumer_start_world(World& world, std::size_t consumer, Context& context) {
  const Config& config = context.config();
  PushConsumer& self = world.push_consumers[consumer];
  self.process = push_consumer_process(config, consumer);
  self.pull_lane = lane_for(world, consumer, context);
  world.verdict.effects.resize(config.groups.size());
}

/// A restart before its time waits for that.
void push_consumer_serve(World& world, std::size_t consumer, Context& context) {
  const Push push(world, consumer, context);
  const SimTime start = SimTime{} + push.config.start_at;
  if (start <= push.now()) return begin(push);
  push.schedule(start - push.now(), {.on = PushOn::start});
}

void push_consumer_killed(World& world, std::size_t consumer, Context& context) {
  forget(Push(world, consumer, context));
}

/// DefaultMQPushConsumerImpl.shutdown(0): nothing in work is waited for. Locks are given back before the
/// offsets are stored.
void push_consumer_stop(World& world, std::size_t consumer, Context& context) {
  const Push push(world, consumer, context);
  if (push.is_orderly()) unlock_all(push);
  for (PushQueue& queue : push.memory.queues) {
    if (queue.used && queue.state != PullState::correcting) persist(push, queue);
  }
  for (std::uint16_t b = 0; b < push.brokers(); ++b) unregister(push, b);
}

void push_consumer_receive(World& world, std::size_t consumer, ConnectionId connection,
                           const Payload& payload, Context& context) {
  const Push push(world, consumer, context);
  const std::int32_t broker = broker_at(push, connection);
  if (broker < 0) return release_payload(world, payload);
  if (payload.kind == PayloadKind::notify_consumer_ids_changed) return rebalance_wakeup(push);
  if (payload.kind == PayloadKind::pull_response || payload.kind == PayloadKind::pop_response)
    return on_pull_response(push, static_cast<std::uint16_t>(broker), payload);
  const std::optional<PushCall> call = take_call(push, payload.opaque);
  call ? call_over(push, *call, &payload, false) : release_payload(world, payload);
}

void push_consumer_connection_opened(World& world, std::size_t consumer, ConnectionId connection,
                                     Context& context) {
  const Push push(world, consumer, context);
  const std::int32_t broker = broker_at(push, connection);
  if (broker >= 0) channel_opened(push, static_cast<std::uint16_t>(broker));
}

void push_consumer_connection_refused(World& world, std::size_t consumer, ConnectionId connection,
                                      Context& context) {
  const Push push(world, consumer, context);
  const std::int32_t broker = broker_at(push, connection);
  if (broker >= 0) channel_lost(push, static_cast<std::uint16_t>(broker));
}

void push_consumer_connection_lost(World& world, std::size_t consumer, ConnectionId connection, bool orderly,
                                   Context& context) {
  const Push push(world, consumer, context);
  const std::int32_t broker = broker_at(push, connection);
  if (broker < 0) return;
  orderly ? channel_closed_by_broker(push, static_cast<std::uint16_t>(broker))
          : channel_lost(push, static_cast<std::uint16_t>(broker));
}

void push_consumer_step(World& world, std::size_t consumer, const PushEvent& event, Context& context) {
  const Push push(world, consumer, context);
  switch (event.on) {
    case PushOn::start: return begin(push);
    case PushOn::rebalance: return on_rebalance(push, event);
    case PushOn::heartbeat: return on_heartbeat_due(push, event);
    case PushOn::route_poll: return on_route_poll(push, event);
    case PushOn::persist: return on_persist(push, event);
    case PushOn::pull: return on_pull(push, event);
    case PushOn::call_timeout: return on_call_timeout(push, event);
    case PushOn::call_failed: return on_call_failed(push, event);
    case PushOn::connect_timeout: return on_connect_timeout(push, event);
    case PushOn::worked: return on_worked(push, event.slot);
    case PushOn::returned: return on_returned(push, event.slot);
    case PushOn::handed_off_worked: return on_worked_behind(push, event);
    case PushOn::resubmit: return on_resubmit(push, event);
    case PushOn::clean_expired: return on_clean_expired(push, event);
    case PushOn::fix_offset: return on_fix_offset(push, event);
    case PushOn::lock_all: return on_lock_all(push, event);
    case PushOn::lock_later:
    case PushOn::consume_later:
    case PushOn::unlock_later: return on_orderly_task(push, event);
    case PushOn::release_timeout: return on_release_timeout(push, event);
  }
}

bool is_stale(const PushConsumer& consumer, const PushEvent& event) {
  const PushConsumer::Memory& memory = consumer.memory;
  const auto was_cancelled = [&](const ServiceTimer& timer) { return !is_pending(timer, event.generation); };
  const auto is_of_queue = [&] {
    return event.slot < memory.queues.size() && memory.queues[event.slot].used &&
           memory.queues[event.slot].generation == event.generation;
  };
  const auto waits = [&](const PushCall& call) {
    return call.used && call.request.opaque == event.generation;
  };
  switch (event.on) {
    case PushOn::start:
    case PushOn::worked:
    case PushOn::returned:
    case PushOn::handed_off_worked: return false;
    case PushOn::rebalance: return event.slot != 0 && was_cancelled(memory.rebalance.timer);
    case PushOn::heartbeat:
      return event.slot == static_cast<std::uint32_t>(BeatBy::scheduled) &&
             was_cancelled(memory.heartbeat_timer);
    case PushOn::persist: return event.slot == 0 && was_cancelled(memory.persist_timer);
    case PushOn::route_poll: return was_cancelled(memory.route_timer);
    case PushOn::clean_expired: return was_cancelled(memory.clean_timer);
    case PushOn::lock_all: return was_cancelled(memory.orderly.lock_timer);
    case PushOn::release_timeout: return was_cancelled(memory.rebalance.release_timer);
    case PushOn::lock_later:
    case PushOn::consume_later:
    case PushOn::unlock_later: return is_stale_task(memory.orderly, event);
    case PushOn::pull:
    case PushOn::resubmit:
    case PushOn::fix_offset: return !is_of_queue();
    case PushOn::connect_timeout:
      return event.broker >= memory.channels.size() || !memory.channels[event.broker].connecting ||
             memory.channels[event.broker].connects != event.generation;
    case PushOn::call_failed:
    case PushOn::call_timeout: {
      const bool is_pull = event.slot < memory.queues.size() && memory.queues[event.slot].used &&
                           waits_for_time_out(memory.queues[event.slot]) &&
                           memory.queues[event.slot].opaque == event.generation;
      return !is_pull && std::none_of(memory.calls.begin(), memory.calls.end(), waits);
    }
  }
  return false;
}

std::size_t heap_bytes(const PushConsumer& consumer) {
  const PushConsumer::Memory& memory = consumer.memory;
  const auto heap = [](const auto& values) { return values.capacity() * sizeof(values[0]); };
  std::size_t total = heap(memory.channels) + memory.retry_route.capacity() + heap(memory.queues) +
                      heap(memory.pending) + heap(memory.threads) + heap(memory.calls) + heap(memory.popped) +
                      heap(memory.rebalance.wanted) + heap(memory.rebalance.added);
  total += heap(memory.pull_queue);
  for (const PendingMessages& pending : memory.pending) total += heap(pending.offsets);
  for (const PushQueue& queue : memory.queues) {
    total += queue.held.places.bytes() + heap(queue.retries);
    for (const LocalRetry& retry : queue.retries) total += heap(retry.offsets);
  }
  for (const ConsumeThread& thread : memory.threads) total += heap(thread.messages);
  for (const PushCall& call : memory.calls) total += heap(call.queues);
  total += heap(memory.orderly.held) + heap(memory.orderly.later);
  total += heap(consumer.file.written) + heap(consumer.file.before);
  return total;
}

bool push_consumer_idle(const World& world, const Config& config, std::size_t consumer) {
  if (is_busy(world.push_consumers[consumer].memory)) return false;
  const PushConsumerConfig& self = config.push_consumers[consumer];
  for (const TopicId topic : subscription_of(config, self)) {
    if (self.pops()) {
      const TopicId retry = pop_retry_topic(config, self.group, topic);
      if (is_popped(world, config, self.group, topic) && is_popped(world, config, self.group, retry))
        continue;
      return false;
    }
    if (!is_topic_read(world, config, self.group, topic)) return false;
  }
  return true;
}

}  // namespace brokersim::model::rocketmq
