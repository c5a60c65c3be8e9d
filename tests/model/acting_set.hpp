// An acting master in small: a set of one master and slaves with enableSlaveActingMaster, a name server that
// shows it, a producer, if wanted a push consumer. Every one-way delay is 1 ms; the producer sends each 100
// ms.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "model/rocketmq/route_client.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {

/// Each process has a host of its own: the brokers 0, 1 ..., then the producer's, the consumer's, the name
/// server's.
inline Config standing_in(std::size_t brokers = 2) {
  Config config = small_cluster();
  config.hosts.assign(brokers + 3, config.hosts[0]);
  BrokerConfig broker = config.brokers[0];
  broker.settings.brokerName = "broker-a";
  broker.settings.enableSlaveActingMaster = true;
  broker.settings.totalReplicas = 2;
  broker.settings.slaveReadEnable = true;
  config.brokers.assign(brokers, broker);
  for (std::size_t b = 1; b < brokers; ++b) {
    BrokerConfig& slave = config.brokers[b];
    slave.name = "slave-" + std::to_string(b);
    slave.host = HostId(static_cast<std::uint16_t>(b));
    slave.settings.brokerId = static_cast<std::int64_t>(b);
    slave.settings.brokerRole = BrokerRole::SLAVE;
    slave.set = 0;
  }
  config.producers[0].host = HostId(static_cast<std::uint16_t>(brokers));
  NameServerConfig names;
  names.name = "names";
  names.host = HostId(static_cast<std::uint16_t>(brokers + 2));
  names.settings.supportActingMaster = true;
  names.restart_time = Distribution::constant(1_s);
  config.name_servers.push_back(names);
  take_no_own_time(config);
  return config;
}

/// A group of one, which has everything to read.
inline Config with_consumer(Config config, Duration start_at = {}) {
  config.groups = {"billing"};
  PushConsumerConfig consumer;
  consumer.name = "billing";
  consumer.host = HostId(static_cast<std::uint16_t>(config.brokers.size() + 1));
  consumer.topics = {TopicId(0)};
  consumer.start_at = start_at;
  consumer.restart_time = Distribution::constant(1_s);
  consumer.work.time = Distribution::constant(2_ms);
  consumer.settings.consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_FIRST_OFFSET;
  config.push_consumers.push_back(consumer);
  return config;
}

inline Config without_pre_online(Config config) {
  for (BrokerConfig& broker : config.brokers) broker.settings.totalReplicas = 1;
  return config;
}

inline FaultConfig of_broker(Duration time, FaultKind kind, std::size_t broker) {
  FaultConfig fault = fault_at(time, kind);
  fault.action.process = broker_process(broker);
  fault.action.host = HostId(static_cast<std::uint16_t>(broker));
  return fault;
}

inline FaultConfig for_ever(FaultConfig fault) {
  fault.never_restored = true;
  return fault;
}

/// When a broker was told of to be this.
inline std::vector<Duration> stood(const Run& run, std::uint32_t broker, StandIn what) {
  std::vector<Duration> times;
  for (const auto& r : run.recorder.records()) {
    const bool is_it = r.record.kind == static_cast<std::uint32_t>(RecordKind::stood_in) &&
                       r.record.subject == broker && r.record.a == static_cast<std::int64_t>(what);
    if (is_it) times.push_back(r.at - SimTime{});
  }
  return times;
}

inline const rocketmq::Broker& broker_of(const Run& run, std::size_t number) {
  return run.simulation.world().brokers[number];
}

}  // namespace brokersim::model
