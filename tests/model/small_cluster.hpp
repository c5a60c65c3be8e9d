// One broker, one producer with one thread and ten messages a second, every delay 1 ms, every sync 2 ms.
// Message k leaves at 100 k ms (the first 2 ms later: it opens the connection) and arrives 1 ms later.
#pragma once

#include <vector>

#include "model/model.hpp"
#include "tests/model/own_times.hpp"

namespace brokersim::model {

using Sim = sim::Simulation<Model>;

inline const ProcessId broker0{0}, producer0{1};

inline Config small_cluster() {
  Config config;
  config.hosts.resize(2);
  for (HostConfig& host : config.hosts) host.sync_time = Distribution::constant(2_ms);
  config.network.delay = Distribution::constant(1_ms);
  config.brokers.resize(1);
  config.brokers[0].name = "broker-a";
  config.brokers[0].restart_time = Distribution::constant(3_s);
  config.topics.push_back({.name = "orders", .queues = 1});
  config.producers.resize(1);
  ProducerConfig& producer = config.producers[0];
  producer.name = "shop";
  producer.host = HostId(1);
  producer.rate = 10;
  producer.messages = 100'000;
  producer.pacing = Pacing::per_thread_skip;
  producer.restart_time = Distribution::constant(1_s);
  producer.settings.retryTimesWhenSendFailed = 0;
  take_no_own_time(config);
  return config;
}

/// The same with a slave of the broker on a third host, whose connection has been open for long.
inline Config small_replica_set() {
  Config config = small_cluster();
  config.hosts.push_back(config.hosts[0]);
  config.brokers[0].settings.brokerName = "broker-a";
  BrokerConfig slave = config.brokers[0];
  slave.name = "broker-a-slave";
  slave.host = HostId(2);
  slave.set = 0;
  slave.settings.brokerId = 1;
  slave.settings.brokerRole = BrokerRole::SLAVE;
  config.brokers.push_back(slave);
  return config;
}

inline FaultConfig fault_at(Duration time, FaultKind kind) {
  FaultConfig fault;
  fault.trigger.time = Distribution::constant(time);
  fault.action.kind = kind;
  fault.action.host = HostId(0);
  fault.action.other_host = HostId(1);
  return fault;
}

inline FaultConfig fault_on(EventName event, std::int64_t nth, bool before, FaultKind kind) {
  FaultConfig fault = fault_at({}, kind);
  fault.trigger.kind = TriggerKind::on_event;
  fault.trigger.event = static_cast<std::uint16_t>(event);
  fault.trigger.nth = nth;
  fault.trigger.before = before;
  return fault;
}

inline FaultConfig restoring(FaultConfig fault, Duration after) {
  fault.restores = true;
  fault.restore_after = Distribution::constant(after);
  return fault;
}

/// A run and everything that it recorded.
struct Run {
  sim::VectorRecorder recorder;
  Sim simulation;

  explicit Run(Config config, Duration until = Duration{}, std::uint64_t seed = 1)
      : simulation(std::move(config), sim::Seed(seed), &recorder) {
    simulation.run_until(SimTime{} + until);
  }
  void until(Duration time) { simulation.run_until(SimTime{} + time); }

  /// The times of all records of a kind, or of those about one subject.
  std::vector<Duration> times(RecordKind kind) const { return times_if(kind, false, 0); }
  std::vector<Duration> times(RecordKind kind, std::uint32_t subject) const {
    return times_if(kind, true, subject);
  }

  std::vector<std::uint32_t> subjects(RecordKind kind) const {
    std::vector<std::uint32_t> all;
    for (const auto& r : recorder.records()) {
      if (r.record.kind == static_cast<std::uint32_t>(kind)) all.push_back(r.record.subject);
    }
    return all;
  }

 private:
  std::vector<Duration> times_if(RecordKind kind, bool one, std::uint32_t subject) const {
    std::vector<Duration> all;
    for (const auto& r : recorder.records()) {
      const bool wanted = !one || r.record.subject == subject;
      if (wanted && r.record.kind == static_cast<std::uint32_t>(kind)) all.push_back(r.at - SimTime{});
    }
    return all;
  }
};

inline void heal(Run& run) {
  Event event{};
  event.body = faults::Event{.on = faults::On::heal};
  run.simulation.inject(event);
}

}  // namespace brokersim::model
