// A court for tests of push consumers: see court.hpp.
#pragma once

#include "tests/model/court.hpp"

namespace brokersim::model::ledger {

/// A group of two push consumers of "orders" (processes 2 and 3, behind the broker and the producer).
struct ListenerCourt : Court {
  static constexpr std::uint16_t first = 2, second = 3;
  static constexpr std::uint16_t schedule_topic = 4, retry_topic = 5, dead_letter_topic = 6;

  ListenerCourt() {
    config.groups.emplace_back("billing");
    for (int i = 0; i < 2; ++i) config.push_consumers.emplace_back().topics = {TopicId(0)};
    world.verdict.effects.emplace_back();
    evidence.reset(config);
    auto& memory = world.brokers[0].memory;
    memory.first_queue = {0, 2, 3, 4, 5, 6, 7};
    memory.queues.resize(8);
    memory.offsets.assign(16, -1);
    memory.delays.levels.resize(18);
  }

  void begins(std::uint32_t id, std::uint16_t process = first, std::int64_t times = 0, Duration time = 1_s) {
    hears(time, RecordKind::delivered, id, 0, 0);
    hears(time, RecordKind::consume_begun, id, 0, process | times << 16);
  }
  /// Queue 0 of the orders.
  void assigned(std::uint16_t process, Duration time) {
    hears(time, RecordKind::queue_assigned, process, 0, 0);
  }
  void effect(std::uint32_t id, Duration time = 1_s) {
    const int times = world.verdict.apply(GroupId(0), IntentId(id));
    const std::int64_t process = evidence.consuming().work(0, id).consumer;
    hears(time, RecordKind::processed, id, 0, times | process << 16);
  }
  void returns(std::uint32_t id, ConsumeResult result, Duration time = 1_s) {
    const std::int64_t process = evidence.consuming().work(0, id).consumer;
    hears(time, RecordKind::consume_result, id, 0, static_cast<std::int64_t>(result) | process << 16);
  }
  void consumes(std::uint32_t id, std::uint16_t process = first, std::int64_t times = 0,
                Duration time = 1_s) {
    begins(id, process, times, time);
    effect(id, time);
    returns(id, ConsumeResult::success, time);
  }
  void sent_back(std::uint32_t id, std::int64_t level = 3) {
    hears(1_s, RecordKind::sent_back, id, 0, level);
  }
  /// Through delay level 3 into the retry topic.
  void delayed(std::uint32_t id, std::int64_t offset) {
    hears(1_s, RecordKind::scheduled, id, 3 << 16, offset);
  }
  void delivered(std::uint32_t id, std::int64_t offset) {
    hears(11_s, RecordKind::delay_over, id, 3 << 16, offset);
    hears(11_s, RecordKind::retry_stored, id, 0, 0);
  }
  void retried(std::uint32_t id, std::int64_t offset = 0) { delayed(id, offset), delivered(id, offset); }
  void send_back_fails(std::uint32_t id) {
    hears(6_s, RecordKind::send_back_failed, id, 0,
          static_cast<std::int64_t>(ConsumeResult::send_back_timed_out));
  }
  void dies(std::uint16_t process, Duration time) { hears(time, RecordKind::process_died, process); }
  void committed(std::int64_t offset, std::uint16_t topic = 0) {
    auto& memory = world.brokers[0].memory;
    memory.offsets[memory.first_queue[topic]] = offset;
  }
  void lies(std::uint32_t id, std::uint16_t topic, std::int64_t offset = 0, std::uint16_t queue = 0) {
    rocketmq::LogRecord record;
    record.intent = IntentId(id);
    record.topic = TopicId(topic);
    record.queue = queue;
    record.queue_offset = offset;
    world.brokers[0].cache.log.append(record);
  }
  std::uint32_t order() {
    const std::uint32_t id = intent(Told::acknowledged);
    acknowledged(id, 500_ms);
    stored(id, 0);
    return id;
  }
  const Work& work(std::uint32_t id) const { return evidence.consuming().work(0, id); }
  Cause why_twice(std::uint32_t id) {
    const Outcome outcome = judged(id);
    CHECK(outcome.outcome == Class::processed);
    CHECK(outcome.duplicated);
    return outcome.duplicate_cause;
  }
};

}  // namespace brokersim::model::ledger
