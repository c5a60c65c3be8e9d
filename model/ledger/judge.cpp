#include "model/ledger/judge.hpp"

#include "sim/check.hpp"

namespace brokersim::model::ledger {

namespace {

void count_up(std::uint8_t& counter) {
  if (counter < 255) ++counter;
}

bool topic_known(const rocketmq::Broker& broker, TopicId topic) {
  return broker.cache.topics[topic.value] != 0;
}

/// Where the group stands in this queue; none: it has no reader there.
const rocketmq::ReaderQueue* position(const World& world, const Config& config, std::size_t group,
                                      std::size_t broker, const rocketmq::LogRecord& record) {
  for (std::size_t c = 0; c < world.consumers.size(); ++c) {
    if (config.consumers[c].group.value != group || config.consumers[c].topic != record.topic) continue;
    for (const rocketmq::ReaderQueue& queue : world.consumers[c].queues) {
      if (queue.broker == broker && queue.queue == record.queue) return &queue;
    }
  }
  return nullptr;
}

bool still_to_come(const World& world, const Config& config, std::size_t group, std::size_t broker,
                   const rocketmq::LogRecord& record) {
  if (!topic_known(world.brokers[broker], record.topic)) return true;
  const rocketmq::ReaderQueue* reader = position(world, config, group, broker, record);
  return reader == nullptr || record.queue_offset >= reader->next;
}

Cause cause_of_loss(const Trail& trail, const ProducerConfig& producer, bool copy_exists) {
  if (copy_exists) return Cause::consumption_offset_skipped;
  if (trail.copies_lost > 0) {
    return trail.loss == LossKind::uncommitted_pool ? Cause::storage_uncommitted_pool
                                                    : Cause::storage_unflushed_tail;
  }
  return producer.send == SendMode::oneway ? Cause::production_oneway : Cause::production_unchecked_callback;
}

Cause cause_of_failure(Told told) {
  return told == Told::nothing ? Cause::production_producer_died : Cause::production_retries_exhausted;
}

bool believed_safe(Told told) { return told != Told::failed && told != Told::nothing; }

/// Exposure: from the moment the producer believed it safe until the crash that took it.
Duration window_of(const Trail& trail) {
  if (trail.lost_at.ns < 0 || trail.believed.ns < 0) return {};
  return trail.lost_at > trail.believed ? trail.lost_at - trail.believed : Duration{};
}

}  // namespace

void take_inventory(const World& world, const Config& config, Inventory& inventory) {
  const std::size_t intents = world.verdict.size();
  inventory.copies.assign(intents, 0);
  inventory.reachable.assign(intents, 0);
  inventory.pending.resize(config.groups.size());
  for (auto& group : inventory.pending) group.assign(intents, 0);
  for (std::size_t b = 0; b < world.brokers.size(); ++b) {
    const auto& log = world.brokers[b].cache.log;
    for (std::size_t i = 0; i < log.size(); ++i) {
      const rocketmq::LogRecord& record = log[i];
      count_up(inventory.copies[record.intent.value]);
      if (topic_known(world.brokers[b], record.topic)) count_up(inventory.reachable[record.intent.value]);
      for (std::size_t g = 0; g < config.groups.size(); ++g) {
        if (world.verdict.effects[g][record.intent.value] == 0 &&
            still_to_come(world, config, g, b, record)) {
          inventory.pending[g][record.intent.value] = 1;
        }
      }
    }
  }
}

Outcome judge(const World& world, const Config& config, const Evidence& evidence, const Inventory& inventory,
              std::size_t intent, std::size_t group) {
  const Trail& trail = evidence.trail(intent);
  const Told told = world.verdict.told_of(IntentId(static_cast<std::uint32_t>(intent)));
  const bool log_only = config.groups.empty();
  const bool exists = inventory.copies[intent] > 0;
  const int effects = log_only ? inventory.reachable[intent] : world.verdict.effects[group][intent];
  const bool pending = log_only ? exists && effects == 0 : inventory.pending[group][intent] != 0;

  Outcome outcome;
  outcome.vanished = !exists && told == Told::acknowledged;
  outcome.duplicated = effects > 1;
  if (outcome.duplicated) outcome.duplicate_cause = Cause::production_unanswered_retry;
  if (!log_only) {
    const Consumption& consumption = evidence.consumption(group, intent);
    outcome.redelivered = consumption.deliveries > 1;
    outcome.reordered = consumption.reordered;
    outcome.late = consumption.late;
  }
  const ProducerConfig& producer = config.producers[trail.stream >> 20];
  if (effects > 0) {
    outcome.outcome = Class::processed;
    if (outcome.vanished) outcome.cause = cause_of_loss(trail, producer, exists);
  } else if (pending) {
    outcome.outcome = Class::stuck;
    if (inventory.reachable[intent] == 0) outcome.cause = Cause::storage_topic_configuration_lost;
  } else if (believed_safe(told)) {
    outcome.outcome = Class::lost;
    outcome.cause = cause_of_loss(trail, producer, exists);
  } else {
    outcome.outcome = Class::failed;
    outcome.cause = cause_of_failure(told);
  }
  if (outcome.outcome == Class::lost || outcome.vanished) outcome.window = window_of(trail);
  return outcome;
}

}  // namespace brokersim::model::ledger
