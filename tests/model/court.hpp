// A court for the ledger's tests: what the logs hold, what the consumers did, what the producers were told
// and what the recorder heard are set by hand, and the judge is asked.
#pragma once

#include <cstdint>
#include <string>

#include "model/ledger/judge.hpp"
#include "tests/catch.hpp"

namespace brokersim::model::ledger {

inline SimTime at(Duration time) { return SimTime{} + time; }

/// One broker and one producer of topic "orders" with two queues; readers are added by `reader`.
struct Court {
  Config config;
  World world;
  Evidence evidence;
  Inventory inventory;
  bool drained = true;

  explicit Court(SendMode send = SendMode::sync) {
    config.brokers.resize(1);
    add_topic("orders");
    add_producer(0, send);
    world.brokers.resize(1);
    world.brokers[0].cache.topics = {2};
    evidence.reset(config);
  }

  void add_topic(const std::string& name) {
    config.topics.push_back({.name = name, .queues = 2});
    if (!world.brokers.empty()) world.brokers[0].cache.topics.push_back(2);
  }
  void add_producer(std::uint16_t topic, SendMode send = SendMode::sync) {
    ProducerConfig& producer = config.producers.emplace_back();
    producer.topic = TopicId(topic);
    producer.send = send;
    producer.messages = 1000;
  }
  /// A group with one consumer, which stands at `next` in both queues.
  void reader(std::int64_t next = 0, std::uint16_t topic = 0) {
    const auto group = static_cast<std::uint16_t>(config.groups.size());
    config.groups.push_back("group-" + std::to_string(group));
    ConsumerConfig& consumer = config.consumers.emplace_back();
    consumer.group = GroupId(group);
    consumer.topic = TopicId(topic);
    auto& queues = world.consumers.emplace_back().queues;
    queues.resize(2);
    queues[1].queue = 1;
    for (rocketmq::ReaderQueue& queue : queues) queue.next = next;
    world.verdict.effects.emplace_back();
    evidence.reset(config);
  }

  void hears(Duration time, RecordKind kind, std::uint32_t subject, std::int64_t a = 0, std::int64_t b = 0) {
    evidence.on(at(time), make_record(kind, subject, a, b));
  }
  /// A new intent whose first try leaves for `queue`.
  std::uint32_t intent(Told told, std::int64_t producer = 0, std::int64_t queue = 0) {
    const IntentId id = world.verdict.begin();
    hears(0_s, RecordKind::send_begun, id.value, producer);
    hears(0_s, RecordKind::attempt_sent, id.value, 0, queue);
    if (told != Told::nothing) world.verdict.tell(id, told);
    return id.value;
  }
  void acknowledged(std::uint32_t intent, Duration time) { hears(time, RecordKind::acknowledged, intent); }
  /// A copy that a log holds at the end.
  void stored(std::uint32_t intent, std::int64_t offset = 0, std::uint16_t topic = 0) {
    rocketmq::LogRecord record;
    record.intent = IntentId(intent);
    record.queue_offset = offset;
    record.topic = TopicId(topic);
    world.brokers[0].cache.log.append(record);
    hears(0_s, RecordKind::appended, intent, 0, offset);
  }
  /// A copy that a crash took.
  void taken(std::uint32_t intent, LossKind kind, Duration time) {
    hears(0_s, RecordKind::appended, intent);
    hears(time, RecordKind::copy_lost, intent, static_cast<std::int64_t>(kind));
  }
  void processed(std::uint32_t intent, std::uint16_t group = 0) {
    hears(0_s, RecordKind::delivered, intent, group);
    const int times = world.verdict.apply(GroupId(group), IntentId(intent));
    hears(0_s, RecordKind::processed, intent, group, times);
  }

  Outcome judged(std::uint32_t intent, std::size_t group = 0) {
    take_inventory(world, config, evidence, drained, inventory);
    return judge(world, config, evidence, inventory, intent, group);
  }
};

inline void check_unblemished(const Outcome& outcome) {
  CHECK_FALSE(outcome.duplicated);
  CHECK_FALSE(outcome.redelivered);
  CHECK_FALSE(outcome.reordered);
  CHECK_FALSE(outcome.late);
  CHECK_FALSE(outcome.vanished);
  CHECK(outcome.cause == Cause::none);
  CHECK(outcome.duplicate_cause == Cause::none);
}

}  // namespace brokersim::model::ledger
