// A small cluster with push consumers of one group "billing": broker on host 0, producer and consumers on
// host 1, every network delay 1 ms, work that takes 2 ms. Everything that was recorded is kept, and the
// monitor of consuming listens.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "model/rocketmq/consume_monitor.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {

struct PushLab {
  /// `messages` at `rate` per second, from 5 s on: then the consumers own their queues.
  static Config config(std::size_t members = 1, std::int64_t messages = 10, std::int32_t queues = 4) {
    Config c = small_cluster();
    c.topics[0].queues = queues;
    c.groups = {"billing"};
    c.producers[0].messages = messages;
    c.producers[0].start_at = 5_s;
    c.brokers[0].up_for = Duration{};
    for (std::size_t i = 0; i < members; ++i) c.push_consumers.push_back(member());
    return c;
  }
  static PushConsumerConfig member() {
    PushConsumerConfig consumer;
    consumer.name = "billing";
    consumer.host = HostId(1);
    consumer.topics = {TopicId(0)};
    consumer.restart_time = Distribution::constant(1_s);
    consumer.work.time = Distribution::constant(2_ms);
    consumer.settings.consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_FIRST_OFFSET;
    return consumer;
  }
  static FaultConfig fault(Duration time, FaultKind kind, ProcessId process) {
    FaultConfig fault = fault_at(time, kind);
    fault.action.process = process;
    return fault;
  }

  explicit PushLab(Config c, Duration until, std::uint64_t seed = 1) : run(std::move(c), until, seed) {
    watch();
  }

  /// All records so far go through the monitor (a BugError is a failed test).
  void watch() {
    rocketmq::ConsumeMonitor monitor(run.simulation.config());
    for (const sim::StampedRecord& r : run.recorder.records()) monitor.on(r.at, r.record);
    coverage.merge(monitor.coverage());
  }

  const World& world() const { return run.simulation.world(); }
  const rocketmq::PushConsumer::Memory& memory(std::size_t member = 0) const {
    return world().push_consumers[member].memory;
  }
  std::size_t count(RecordKind kind) const { return run.times(kind).size(); }
  std::vector<Duration> times(RecordKind kind, std::uint32_t intent) const { return run.times(kind, intent); }
  std::vector<sim::Record> all(RecordKind kind) const {
    std::vector<sim::Record> found;
    for (const sim::StampedRecord& r : run.recorder.records()) {
      if (r.record.kind == static_cast<std::uint32_t>(kind)) found.push_back(r.record);
    }
    return found;
  }
  /// How often the effect of each intent was applied.
  std::map<std::uint32_t, int> effects() const {
    std::map<std::uint32_t, int> times;
    for (const std::uint32_t intent : run.subjects(RecordKind::processed)) ++times[intent];
    return times;
  }
  /// Whether the first so many intents were all processed exactly once.
  bool once_each(std::int64_t messages) const {
    const auto times = effects();
    if (times.size() != static_cast<std::size_t>(messages)) return false;
    for (const auto& [intent, n] : times) {
      if (n != 1) return false;
    }
    return true;
  }

  Run run;
  sim::RowCoverage<rocketmq::consume_rows> coverage;
};

}  // namespace brokersim::model
