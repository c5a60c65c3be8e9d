#include "model/ledger/judge.hpp"

#include <algorithm>

namespace brokersim::model::ledger {

namespace {

void count_up(std::uint8_t& counter) {
  if (counter < 255) ++counter;
}

bool reads(const Config& config, std::size_t group, TopicId topic) {
  return std::any_of(config.consumers.begin(), config.consumers.end(), [&](const ConsumerConfig& consumer) {
    return consumer.group.value == group && consumer.topic == topic;
  });
}

bool somebody_reads(const Config& config, TopicId topic) {
  return std::any_of(config.consumers.begin(), config.consumers.end(),
                     [&](const ConsumerConfig& consumer) { return consumer.topic == topic; });
}

bool concerns(const Config& config, const ProducerConfig& producer, std::size_t group) {
  return is_log(config, group) ? !somebody_reads(config, producer.topic)
                               : reads(config, group, producer.topic);
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

/// The client got SEND_OK, whether or not anybody looked.
bool was_acknowledged(Told told) { return told == Told::acknowledged || told == Told::unchecked_ok; }

/// The producer lives and still waits: nobody can say yet what becomes of it.
bool still_open(Told told, const Trail& trail) {
  return told == Told::nothing && trail.error != SendError::died;
}

bool believed_safe(Told told) { return told != Told::failed && told != Told::nothing; }

/// Exposure: from the moment the producer believed it safe until the crash that took it.
Duration window_of(const Trail& trail) {
  if (trail.lost_at.ns < 0 || trail.believed.ns < 0) return {};
  return trail.lost_at > trail.believed ? trail.lost_at - trail.believed : Duration{};
}

void list_concerns(const Config& config, std::vector<std::vector<std::uint8_t>>& judged) {
  judged.resize(judged_groups(config));
  for (std::size_t group = 0; group < judged.size(); ++group) {
    judged[group].clear();
    for (const ProducerConfig& producer : config.producers) {
      judged[group].push_back(concerns(config, producer, group) ? 1 : 0);
    }
  }
}

}  // namespace

std::size_t judged_groups(const Config& config) {
  const bool unread =
      std::any_of(config.producers.begin(), config.producers.end(), [&](const ProducerConfig& producer) {
        return producer.messages > 0 && !somebody_reads(config, producer.topic);
      });
  return config.groups.size() + (unread || config.groups.empty() ? 1 : 0);
}

bool is_judged(const Evidence& evidence, const Inventory& inventory, std::size_t intent, std::size_t group) {
  return inventory.judged[group][evidence.trail(intent).producer] != 0;
}

void take_inventory(const World& world, const Config& config, Inventory& inventory) {
  const std::size_t intents = world.verdict.size();
  list_concerns(config, inventory.judged);
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
  const bool log_only = is_log(config, group);
  const bool exists = inventory.copies[intent] > 0;
  const int effects = log_only ? inventory.reachable[intent] : world.verdict.effects[group][intent];
  const bool pending = log_only ? exists && effects == 0 : inventory.pending[group][intent] != 0;

  Outcome outcome;
  outcome.vanished = !exists && was_acknowledged(told);
  outcome.duplicated = effects > 1;
  if (outcome.duplicated) outcome.duplicate_cause = Cause::production_unanswered_retry;
  if (!log_only) {
    const Consumption& consumption = evidence.consumption(group, intent);
    outcome.redelivered = consumption.deliveries > 1;
    outcome.reordered = consumption.reordered;
    outcome.late = consumption.late;
  }
  const ProducerConfig& producer = config.producers[trail.producer];
  if (effects > 0) {
    outcome.outcome = Class::processed;
    if (outcome.vanished) outcome.cause = cause_of_loss(trail, producer, exists);
  } else if (pending || still_open(told, trail)) {
    outcome.outcome = Class::stuck;
    if (exists && inventory.reachable[intent] == 0) outcome.cause = Cause::storage_topic_configuration_lost;
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
