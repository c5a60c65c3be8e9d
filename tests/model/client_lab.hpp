// A whole model with one producer and what its application saw, for tests of the clients.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/model.hpp"
#include "model/record.hpp"
#include "tests/model/own_times.hpp"

namespace brokersim::model {

/// What happened to each intent, from the records.
struct Sent {
  SimTime begun{-1}, ended{-1};
  std::int64_t tries = 0, copies = 0;
  SendError error = SendError::none;
  Status status = Status::SEND_OK;
  bool told = false, succeeded = false;
  std::vector<std::int64_t> places;  ///< queue | broker << 16 of each try that left
};

class Log final : public sim::Recorder {
 public:
  void on(SimTime at, const sim::Record& record) override {
    const auto kind = static_cast<RecordKind>(record.kind);
    ++counts[kind];
    if (kind <= RecordKind::appended) of_send(kind, at, record);
    if (kind == RecordKind::processed || kind == RecordKind::delivered) order.push_back(record);
  }
  std::int64_t count(RecordKind kind) const { return counts.count(kind) != 0 ? counts.at(kind) : 0; }

  std::vector<Sent> sends;
  std::map<RecordKind, std::int64_t> counts;
  std::vector<sim::Record> order;  ///< deliveries and effects

 private:
  void of_send(RecordKind kind, SimTime at, const sim::Record& record) {
    if (record.subject >= sends.size()) sends.resize(record.subject + 1);
    Sent& sent = sends[record.subject];
    if (kind == RecordKind::send_begun) sent.begun = at;
    if (kind == RecordKind::attempt_sent) ++sent.tries, sent.places.push_back(record.b);
    if (kind == RecordKind::appended) ++sent.copies;
    const bool good = kind == RecordKind::acknowledged || kind == RecordKind::believed_sent;
    const bool bad = kind == RecordKind::told_failed || kind == RecordKind::unobserved;
    if (!good && !bad) return;
    sent.ended = at;
    sent.told = true;
    sent.succeeded = good;
    if (bad) sent.error = static_cast<SendError>(record.a);
    if (kind == RecordKind::told_failed) sent.status = static_cast<Status>(record.b);
  }
};

inline BrokerConfig broker_on(std::size_t host) {
  BrokerConfig broker;
  broker.name = "broker";
  broker.host = HostId(static_cast<std::uint16_t>(host));
  return broker;
}

/// Brokers on hosts of their own, one client host, one topic with 4 queues per broker; ASYNC_FLUSH.
inline Config lab(std::size_t brokers = 1) {
  Config config;
  for (std::size_t i = 0; i < brokers; ++i) {
    config.hosts.push_back(HostConfig{});
    config.brokers.push_back(broker_on(i));
  }
  config.hosts.push_back(HostConfig{});
  config.topics.emplace_back().name = "orders";
  config.network.delay = Distribution::constant(1_ms);
  ProducerConfig producer;
  producer.name = "shop";
  producer.host = HostId(static_cast<std::uint16_t>(brokers));
  producer.messages = 1;
  config.producers.push_back(producer);
  take_no_own_time(config);
  return config;
}

inline FaultConfig fault_at(Duration time, FaultKind kind, ProcessId process) {
  FaultConfig fault;
  fault.trigger.time = Distribution::constant(time);
  fault.action.kind = kind;
  fault.action.process = process;
  return fault;
}

/// Something that lasts: pause and resume, kill and restart.
inline FaultConfig fault_during(Duration time, Duration length, FaultKind kind, ProcessId process) {
  FaultConfig fault = fault_at(time, kind, process);
  fault.restores = true;
  fault.restore_after = Distribution::constant(length);
  return fault;
}

struct ClientRun {
  explicit ClientRun(const Config& config, std::uint64_t seed = 1)
      : simulation(config, sim::Seed(seed), &log) {}
  ClientRun& until(Duration time) { return simulation.run_until(SimTime{} + time), *this; }
  const World& world() const { return simulation.world(); }
  ledger::Told told(std::uint32_t intent) const { return world().verdict.told_of(IntentId(intent)); }

  Log log;
  sim::Simulation<Model> simulation;
};

}  // namespace brokersim::model
