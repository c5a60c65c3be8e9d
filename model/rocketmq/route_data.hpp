// What name servers are told and answer: the topics of a broker that registers, the route of a topic. On its
// way it is in a pool.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/rocketmq/pool.hpp"
#include "model/rocketmq/topics.hpp"

namespace brokersim::model::rocketmq {

/// TopicRouteData: which replica sets have the topic, and at which addresses they are. A set has the number
/// of its master among the brokers.
struct TopicRoute {
  std::vector<std::uint8_t> queues;  ///< QueueData: per set; 0: it has none
  /// BrokerData: per broker; 1: it is registered. Where that may change, the one with brokerId 0 has
  /// a 2 or a 3.
  std::vector<std::uint8_t> addresses;

  friend bool operator==(const TopicRoute&, const TopicRoute&) = default;
};

/// `as_acting`: at brokerId 0 in its master's stead; the set's queues can be read, not written.
inline constexpr std::uint8_t as_slave = 1, as_master = 2, as_acting = 3;

/// The broker at brokerId 0 of a set; -1: none.
inline std::int32_t master_in(const TopicRoute& route, const Config& config, std::size_t set) {
  if (!config.brokers[set].is_found_by_route())
    return route.addresses[set] != 0 ? static_cast<std::int32_t>(set) : -1;
  for (std::size_t b = 0; b < route.addresses.size(); ++b) {
    if (master_of(config, b) == set && route.addresses[b] >= as_master) return static_cast<std::int32_t>(b);
  }
  return -1;
}

/// QueueData.perm has PERM_WRITE, and there is somebody at brokerId 0.
inline bool takes_sends(const TopicRoute& route, const Config& config, std::size_t set) {
  const std::int32_t master = master_in(route, config, set);
  return master >= 0 && route.addresses[static_cast<std::size_t>(master)] != as_acting;
}

constexpr auto fields(const TopicRoute& route) {
  const auto& [queues, addresses] = route;
  return std::tie(queues, addresses);
}

/// In a pool.
struct RouteSlot {
  bool used = false;
  TopicRoute route;  ///< of REGISTER_BROKER: `queues` per topic, TBW102 behind the last one
};

constexpr auto fields(const RouteSlot& slot) {
  const auto& [used, route] = slot;
  return std::tie(used, route);
}

/// TBW102, whose route a client takes for a topic that nobody has: where autoCreateTopicEnable is on, a send
/// to it creates the topic.
inline TopicId default_topic(const Config& config) {
  return TopicId(static_cast<std::uint16_t>(topic_count(config)));
}

}  // namespace brokersim::model::rocketmq
