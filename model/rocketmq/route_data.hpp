// What name servers are told and answer: the topics of a broker that registers, the route of a topic. On its
// way it is in a pool.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/rocketmq/pool.hpp"
#include "model/rocketmq/topics.hpp"

namespace brokersim::model::rocketmq {

/// In TopicRoute::addresses: a member of a DLedger group that has registered as its master.
inline constexpr std::uint8_t elected_address = 2;

/// TopicRouteData: which replica sets have the topic, and at which addresses they are. A set has the number
/// of its master among the brokers.
struct TopicRoute {
  std::vector<std::uint8_t> queues;     ///< QueueData: per set; 0: it has none
  std::vector<std::uint8_t> addresses;  ///< BrokerData: per broker; 0: it is not registered

  friend bool operator==(const TopicRoute&, const TopicRoute&) = default;
};

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
