// Controller mode in small: replicas of one brokerName, their controller, a name server, a producer. Every
// one-way delay is 1 ms; the producer sends each 100 ms. Replica 0 begins as the master, and all are in sync.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/small_cluster.hpp"

namespace brokersim::model {

/// Each process has a host of its own: the replicas 0, 1 ..., then the name server's, the producer's, the
/// controller's.
inline Config controlled(std::size_t replicas = 2) {
  Config config = small_cluster();
  config.hosts.assign(replicas + 3, config.hosts[0]);
  BrokerConfig broker = config.brokers[0];
  broker.settings.brokerName = "broker-a";
  broker.settings.enableControllerMode = true;
  config.brokers.assign(replicas, broker);
  for (std::size_t b = 0; b < replicas; ++b) {
    BrokerConfig& replica = config.brokers[b];
    replica.name += std::to_string(b);
    replica.host = HostId(static_cast<std::uint16_t>(b));
    replica.settings.brokerId = b == 0 ? 0 : static_cast<std::int64_t>(b) + 1;
    replica.settings.brokerRole = b == 0 ? BrokerRole::SYNC_MASTER : BrokerRole::SLAVE;
    if (b > 0) replica.set = 0;
  }
  const auto host = [&](std::size_t behind) { return HostId(static_cast<std::uint16_t>(replicas + behind)); };
  config.name_servers.push_back({"names", host(0), Profile::v5_3, {}, Distribution::constant(1_s)});
  config.producers[0].host = host(1);
  config.controllers.push_back({"controller", host(2), {}, Distribution::constant(1_s)});
  take_no_own_time(config);
  return config;
}

inline Config all_ack(Config config) {
  for (BrokerConfig& broker : config.brokers) broker.settings.allAckInSyncStateSet = true;
  return config;
}

inline Config with_min_in_sync(Config config, std::int32_t replicas) {
  for (BrokerConfig& broker : config.brokers) broker.settings.minInSyncReplicas = replicas;
  return config;
}

inline FaultConfig at_process(Duration time, FaultKind kind, std::size_t process) {
  FaultConfig fault = fault_at(time, kind);
  fault.action.process = ProcessId(static_cast<std::uint16_t>(process));
  return fault;
}

inline FaultConfig at_host(Duration time, FaultKind kind, std::size_t host) {
  FaultConfig fault = fault_at(time, kind);
  fault.action.host = HostId(static_cast<std::uint16_t>(host));
  return fault;
}

inline FaultConfig cut_at(Duration time, std::size_t a, std::size_t b) {
  FaultConfig fault = at_host(time, FaultKind::partition, a);
  fault.action.other_host = HostId(static_cast<std::uint16_t>(b));
  return fault;
}

inline FaultConfig never(FaultConfig fault) {
  fault.never_restored = true;
  return fault;
}

inline const rocketmq::Broker& replica(const Run& run, std::size_t number) {
  return run.simulation.world().brokers[number];
}
inline rocketmq::ReplicaRole role(const Run& run, std::size_t number) {
  return replica(run, number).memory.replicas.role;
}
inline const rocketmq::SetView& set_of(const Run& run) {
  return run.simulation.world().controllers[0].disk.sets[0];
}

inline bool holds(const rocketmq::Broker& broker, std::uint32_t intent) {
  const auto& log = broker.cache.log;
  return std::any_of(log.begin(), log.end(),
                     [&](const rocketmq::LogRecord& record) { return record.intent.value == intent; });
}

inline std::vector<std::uint32_t> acknowledged(const Run& run) {
  return run.subjects(RecordKind::acknowledged);
}

/// Acknowledged messages that a replica's log does not hold.
inline std::size_t missing(const Run& run, std::size_t number) {
  const auto known = acknowledged(run);
  return static_cast<std::size_t>(std::count_if(known.begin(), known.end(), [&](std::uint32_t intent) {
    return !holds(replica(run, number), intent);
  }));
}

inline std::size_t refusals(const Run& run, Status status) {
  return static_cast<std::size_t>(
      std::count_if(run.recorder.records().begin(), run.recorder.records().end(), [&](const auto& r) {
        return r.record.kind == static_cast<std::uint32_t>(RecordKind::refused) &&
               r.record.a == static_cast<std::int64_t>(status);
      }));
}

}  // namespace brokersim::model
