// What lies in the logs at the end, and what of it is still to come to whom.
#include <algorithm>

#include "model/ledger/judge.hpp"
#include "model/rocketmq/topics.hpp"

namespace brokersim::model::ledger {

namespace {

using rocketmq::LogRecord;
using rocketmq::TopicKind;

void count_up(std::uint8_t& counter) {
  if (counter < 255) ++counter;
}

bool has_topic(const std::vector<TopicId>& topics, TopicId topic) {
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

bool reads(const Config& config, std::size_t group, TopicId topic) {
  return std::any_of(config.consumers.begin(), config.consumers.end(),
                     [&](const ConsumerConfig& consumer) {
                       return consumer.group.value == group && consumer.topic == topic;
                     }) ||
         std::any_of(config.push_consumers.begin(), config.push_consumers.end(),
                     [&](const PushConsumerConfig& consumer) {
                       return consumer.group.value == group && has_topic(consumer.topics, topic);
                     });
}

bool somebody_reads(const Config& config, TopicId topic) {
  for (std::size_t group = 0; group < config.groups.size(); ++group) {
    if (reads(config, group, topic)) return true;
  }
  return false;
}

bool concerns(const Config& config, const ProducerConfig& producer, std::size_t group) {
  return is_log(config, group) ? !somebody_reads(config, producer.topic)
                               : reads(config, group, producer.topic);
}

bool listens(const Config& config, std::size_t group) {
  return std::any_of(config.push_consumers.begin(), config.push_consumers.end(),
                     [&](const PushConsumerConfig& consumer) { return consumer.group.value == group; });
}

bool topic_known(const rocketmq::Broker& broker, TopicId topic) {
  return broker.cache.topics[topic.value] != 0;
}

/// One look through the logs.
struct Search {
  const World& world;
  const Config& config;
  const Evidence& evidence;
  bool drained;
  Inventory& found;
};

/// Whose log it is, and the replica set by which clients call its queues.
struct Shelf {
  std::size_t broker, set;
};

/// Where the group's plain reader stands in this queue; none: it has no reader there.
const rocketmq::ReaderQueue* position(const Search& search, std::size_t group, std::size_t set,
                                      const LogRecord& record) {
  for (std::size_t c = 0; c < search.world.consumers.size(); ++c) {
    const ConsumerConfig& consumer = search.config.consumers[c];
    if (consumer.group.value != group || consumer.topic != record.topic) continue;
    for (const rocketmq::ReaderQueue& queue : search.world.consumers[c].queues) {
      if (queue.broker == set && queue.queue == record.queue) return &queue;
    }
  }
  return nullptr;
}

/// The offset that the broker has stored for the group; -1: none.
std::int64_t committed_offset(const rocketmq::Broker& broker, std::size_t group, const LogRecord& record) {
  const bool lives = !broker.memory.offsets.empty();
  const rocketmq::OffsetTable& table = lives ? broker.memory.offsets : broker.cache.offsets.written;
  const auto& queues = broker.memory.queues;
  if (record.topic.value >= broker.memory.first_queue.size()) return -1;
  const std::size_t entry =
      group * queues.size() + broker.memory.first_queue[record.topic.value] + record.queue;
  return entry < table.size() ? table[entry] : -1;
}

/// The first of the group's members that pulls from the record's queue, and that `fits`; null: nobody.
template <class Fits>
const rocketmq::PushQueue* find_puller(const Search& search, std::size_t group, std::size_t set,
                                       const LogRecord& record, Fits fits) {
  for (std::size_t c = 0; c < search.world.push_consumers.size(); ++c) {
    const PushConsumerConfig& consumer = search.config.push_consumers[c];
    if (consumer.group.value != group || consumer.pops()) continue;
    for (const rocketmq::PushQueue& queue : search.world.push_consumers[c].memory.queues) {
      const bool is_it =
          queue.used && queue.topic == record.topic && queue.broker == set && queue.queue == record.queue;
      if (is_it && fits(queue)) return &queue;
    }
  }
  return nullptr;
}

/// Where a broadcasting member stands, which tells no broker so; -1: it does not have the queue.
std::int64_t member_position(const Search& search, std::size_t group, std::size_t set,
                             const LogRecord& record) {
  const rocketmq::PushQueue* queue =
      find_puller(search, group, set, record, [](const rocketmq::PushQueue&) { return true; });
  if (queue == nullptr) return -1;
  return queue->held.empty() ? queue->next : queue->held.first;
}

/// Of a group of push consumers. A new reader stands where it began until it commits something.
std::int64_t group_position(const Search& search, std::size_t group, Shelf shelf, const LogRecord& record) {
  const std::int64_t member =
      is_broadcasting(search.config, group) ? member_position(search, group, shelf.set, record) : -1;
  if (member >= 0) return member;
  const std::int64_t committed = committed_offset(search.world.brokers[shelf.broker], group, record);
  if (committed >= 0) return committed;
  return search.evidence.consuming().latest_position(group, record.topic, shelf.set, record.queue);
}

/// A member of the group that lives has read on, and holds nothing of the queue: its next commit is behind
/// the record.
bool was_read_past(const Search& search, std::size_t group, Shelf shelf, const LogRecord& record) {
  const auto is_past = [&](const rocketmq::PushQueue& queue) {
    return queue.held.empty() && queue.next > record.queue_offset;
  };
  return find_puller(search, group, shelf.set, record, is_past) != nullptr;
}

bool is_ahead_of_group(const Search& search, std::size_t group, Shelf shelf, const LogRecord& record) {
  if (record.queue_offset < group_position(search, group, shelf, record)) {
    const GroupId id(static_cast<std::uint16_t>(group));
    return consumes_by_pop(search.config, group) &&
           rocketmq::is_out(search.world.brokers[shelf.broker], search.config, id, record);
  }
  const Work& work = search.evidence.consuming().work(group, record.intent.value);
  const bool settled = work.acknowledged_at.ns >= 0 || work.failed > 0;
  return !(search.drained && (settled || was_read_past(search, group, shelf, record)));
}

bool still_to_come(const Search& search, std::size_t group, Shelf shelf, const LogRecord& record) {
  if (!topic_known(search.world.brokers[shelf.broker], record.topic)) return true;
  if (listens(search.config, group)) return is_ahead_of_group(search, group, shelf, record);
  const rocketmq::ReaderQueue* reader = position(search, group, shelf.set, record);
  return reader == nullptr || record.queue_offset >= reader->next;
}

Passed how_passed(const Search& search, std::size_t group, std::size_t set, const LogRecord& record) {
  const ConsumptionEvidence& consuming = search.evidence.consuming();
  const std::int64_t first = consuming.first_position(group, record.topic, set, record.queue);
  if (record.queue_offset < first) return Passed::at_its_start;
  const std::int64_t latest = consuming.latest_position(group, record.topic, set, record.queue);
  if (is_broadcasting(search.config, group) && record.queue_offset < latest) return Passed::by_a_later_start;
  return consuming.skipped(group, set, record.queue) ? Passed::by_a_skip : Passed::not_at_all;
}

/// A group that does not read the topic is not asked about its messages.
void see_copy(const Search& search, Shelf shelf, const LogRecord& record) {
  const std::uint32_t intent = record.intent.value;
  count_up(search.found.copies[intent]);
  if (topic_known(search.world.brokers[shelf.broker], record.topic)) count_up(search.found.reachable[intent]);
  for (std::size_t g = 0; g < search.config.groups.size(); ++g) {
    if (search.world.verdict.effects[g][intent] != 0) continue;
    if (still_to_come(search, g, shelf, record))
      search.found.pending[g][intent] = 1;
    else if (listens(search.config, g))
      search.found.passed[g][intent] = how_passed(search, g, shelf.set, record);
  }
}

bool is_delivered(const rocketmq::Broker& broker, const LogRecord& record) {
  const auto& levels = broker.memory.delays.levels;
  return record.queue < levels.size() && record.queue_offset < levels[record.queue].next;
}

/// A record in SCHEDULE_TOPIC_XXXX or rmq_sys_wheel_timer: on its way to its topic, not back to a group.
bool is_of_producer(const Config& config, const LogRecord& record) {
  const TopicKind kind = rocketmq::kind_of(config, record.topic);
  return kind == TopicKind::timer ||
         (kind == TopicKind::scheduled && rocketmq::is_user_topic(config, record.real_topic));
}

void see(const Search& search, Shelf shelf, const LogRecord& record) {
  if (rocketmq::is_pop_mark(record)) return;  // is_out looks at them
  const std::uint32_t intent = record.intent.value;
  Inventory& found = search.found;
  switch (rocketmq::kind_of(search.config, record.topic)) {
    case TopicKind::user: return see_copy(search, shelf, record);
    case TopicKind::half: return count_up(found.halves[intent]);
    case TopicKind::op: ++found.op_records; return;
    case TopicKind::discarded: return;
    case TopicKind::timer:
      if (rocketmq::timer_holds(search.world.brokers[shelf.broker], record)) found.delayed[intent] = 1;
      return;
    case TopicKind::scheduled:
      if (is_delivered(search.world.brokers[shelf.broker], record)) return;
      if (is_of_producer(search.config, record)) {
        found.delayed[intent] = 1;
      } else if (!is_broadcasting(search.config, record.group)) {
        found.pending[record.group][intent] = 1;
      }
      return;
    case TopicKind::revive: return;
    case TopicKind::pop_retry:
    case TopicKind::retry:
      if (is_broadcasting(search.config, record.group)) return;
      if (search.world.verdict.effects[record.group][intent] != 0) return;
      if (is_ahead_of_group(search, record.group, shelf, record)) found.pending[record.group][intent] = 1;
      return;
    case TopicKind::dead_letter: found.dead[record.group][intent] = 1; return;
  }
}

/// A log that nobody can read any more, or the copies of slaves: what lies there is not lost as long as
/// another log of the set holds it.
void see_unserved(const Search& search, std::size_t broker, const LogRecord& record) {
  if (rocketmq::is_pop_mark(record)) return;
  const bool is_half = search.config.brokers[broker].elects_master() &&
                       rocketmq::kind_of(search.config, record.topic) == TopicKind::half;
  const bool counts = rocketmq::is_user_topic(search.config, record.topic) ||
                      is_of_producer(search.config, record) || is_half;
  if (!counts) return;
  if (faults::stays_dead(search.world, search.config, broker_process(broker)))
    search.found.buried[record.intent.value] = static_cast<std::uint16_t>(broker);
}

void look_through(const Search& search, std::size_t broker) {
  const Shelf shelf{broker, master_of(search.config, broker)};
  const bool serves = faults::serving_broker(search.world, search.config, shelf.set) == broker;
  const auto& cache = search.world.brokers[broker].cache;
  for (auto i = static_cast<std::size_t>(cache.first.records); i < cache.log.size(); ++i)
    serves ? see(search, shelf, cache.log[i]) : see_unserved(search, broker, cache.log[i]);
}

void list_concerns(const Config& config, Inventory& inventory) {
  inventory.judged.resize(judged_groups(config));
  for (std::size_t group = 0; group < inventory.judged.size(); ++group) {
    inventory.judged[group].clear();
    for (const ProducerConfig& producer : config.producers)
      inventory.judged[group].push_back(concerns(config, producer, group) ? 1 : 0);
  }
}

bool is_mismatched(const Config& config, std::size_t group, TopicId topic) {
  bool some = false, all = true;
  for (const PushConsumerConfig& consumer : config.push_consumers) {
    if (consumer.group.value != group) continue;
    const bool subscribes = has_topic(consumer.topics, topic);
    some = some || subscribes;
    all = all && subscribes;
  }
  return some && !all;
}

void list_mismatches(const Config& config, Inventory& inventory) {
  inventory.mismatched.resize(config.groups.size());
  for (std::size_t group = 0; group < config.groups.size(); ++group) {
    inventory.mismatched[group].assign(config.topics.size(), 0);
    for (std::size_t topic = 0; topic < config.topics.size(); ++topic) {
      const TopicId id(static_cast<std::uint16_t>(topic));
      inventory.mismatched[group][topic] = is_mismatched(config, group, id) ? 1 : 0;
    }
  }
}

template <class T>
void clear(std::vector<std::vector<T>>& per_group, std::size_t groups, std::size_t intents) {
  per_group.resize(groups);
  for (auto& group : per_group) group.assign(intents, T{});
}

void clear(Inventory& inventory, std::size_t groups, std::size_t intents) {
  inventory.copies.assign(intents, 0);
  inventory.reachable.assign(intents, 0);
  inventory.halves.assign(intents, 0);
  inventory.delayed.assign(intents, 0);
  inventory.buried.assign(intents, nowhere);
  inventory.op_records = 0;
  clear(inventory.pending, groups, intents);
  clear(inventory.dead, groups, intents);
  clear(inventory.passed, groups, intents);
}

}  // namespace

bool consumes_by_pop(const Config& config, std::size_t group) {
  return std::any_of(
      config.push_consumers.begin(), config.push_consumers.end(),
      [&](const PushConsumerConfig& consumer) { return consumer.group.value == group && consumer.pops(); });
}

bool is_broadcasting(const Config& config, std::size_t group) {
  return std::any_of(
      config.push_consumers.begin(), config.push_consumers.end(), [&](const PushConsumerConfig& consumer) {
        return consumer.group.value == group && consumer.settings.messageModel == MessageModel::BROADCASTING;
      });
}

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

void take_inventory(const World& world, const Config& config, const Evidence& evidence, bool drained,
                    Inventory& inventory) {
  list_concerns(config, inventory);
  list_mismatches(config, inventory);
  clear(inventory, config.groups.size(), world.verdict.size());
  const Search search{world, config, evidence, drained, inventory};
  for (std::size_t b = 0; b < world.brokers.size(); ++b) look_through(search, b);
}

}  // namespace brokersim::model::ledger
