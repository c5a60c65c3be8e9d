// The immutable configuration of a run: what a scenario file says, after every default is filled in.
// Written once by the reader (or by a test), then shared by all seeds. Settings keep the names of
// the brokers and clients themselves; their files give them in the brokers' units (milliseconds
// where RocketMQ says milliseconds), here they are Durations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "model/config/broker.hpp"
#include "model/config/consumer.hpp"
#include "model/config/environment.hpp"
#include "model/config/faults.hpp"
#include "model/config/producer.hpp"

namespace brokersim::model {

struct Config {
  std::vector<HostConfig> hosts;
  NetworkConfig network;
  std::vector<BrokerConfig> brokers;  ///< masters first: replica set n is that of broker n
  std::vector<TopicConfig> topics;
  std::vector<ProducerConfig> producers;
  std::vector<ConsumerConfig> consumers;
  std::vector<PushConsumerConfig> push_consumers;
  std::vector<NameServerConfig> name_servers;
  std::vector<ControllerConfig> controllers;  ///< one, if any broker is in controller mode
  std::vector<std::string> groups;            ///< consumer groups
  std::vector<std::string> producer_groups;   ///< of producers; every producer is in one
  std::vector<FaultConfig> faults;
  /// The scenario ends at the latest now, even if producers still had messages.
  Duration duration_max = 1_h;
  /// After healing, the run goes on until nothing is pending, or so long.
  Duration drain_timeout = 10_min;

  bool operator==(const Config&) const = default;
};

/// Processes are numbered brokers first, then producers, then plain readers, then push consumers, then name
/// servers, then the controller.
inline ProcessId broker_process(std::size_t broker) { return ProcessId(static_cast<std::uint16_t>(broker)); }
inline ProcessId producer_process(const Config& c, std::size_t producer) {
  return ProcessId(static_cast<std::uint16_t>(c.brokers.size() + producer));
}
inline ProcessId consumer_process(const Config& c, std::size_t consumer) {
  return ProcessId(static_cast<std::uint16_t>(c.brokers.size() + c.producers.size() + consumer));
}
inline ProcessId push_consumer_process(const Config& c, std::size_t consumer) {
  return consumer_process(c, c.consumers.size() + consumer);
}
inline ProcessId name_server_process(const Config& c, std::size_t server) {
  return push_consumer_process(c, c.push_consumers.size() + server);
}
inline ProcessId controller_process(const Config& c) { return name_server_process(c, c.name_servers.size()); }
inline std::size_t process_count(const Config& c) {
  return c.brokers.size() + c.producers.size() + c.consumers.size() + c.push_consumers.size() +
         c.name_servers.size() + c.controllers.size();
}

/// Whether any group consumes in MessageRequestMode POP.
inline bool uses_pop(const Config& c) {
  for (const PushConsumerConfig& consumer : c.push_consumers) {
    if (consumer.pops()) return true;
  }
  return false;
}

/// Whether any broker could ever have something in its timer wheel. The checkpoints of POP go by it.
inline bool uses_timer(const Config& c) {
  for (const ProducerConfig& producer : c.producers) {
    if (producer.is_timed()) return true;
  }
  return uses_pop(c);
}

/// How many replica sets there are. A MessageQueue is one of a topic, a set and a number.
inline std::size_t set_count(const Config& c) {
  std::size_t sets = 0;
  while (sets < c.brokers.size() && c.brokers[sets].set == own_set && !c.brokers[sets].is_slave()) ++sets;
  return sets;
}
/// The broker that has the number of the broker's set, which may be itself: the master that is configured for
/// it. In controller mode, and of a DLedger group, the one that the run begins with as master.
inline std::size_t master_of(const Config& c, std::size_t broker) {
  const std::uint16_t set = c.brokers[broker].set;
  return set == own_set ? broker : set;
}
/// Of some set a client's route says who has brokerId 0, so it may have to address any broker.
inline bool any_found_by_route(const Config& c) {
  return std::any_of(c.brokers.begin(), c.brokers.end(),
                     [](const BrokerConfig& broker) { return broker.is_found_by_route(); });
}
/// The numbers of the brokers of a set, in order.
inline std::vector<std::uint16_t> members_of(const Config& c, std::size_t set) {
  std::vector<std::uint16_t> members;
  for (std::size_t b = 0; b < c.brokers.size(); ++b) {
    if (master_of(c, b) == set) members.push_back(static_cast<std::uint16_t>(b));
  }
  return members;
}

}  // namespace brokersim::model
