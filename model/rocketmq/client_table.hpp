// Who is connected to a broker: ProducerManager and ConsumerManager. Filled by heartbeats, emptied by closed
// channels, by UNREGISTER_CLIENT and, 120 s after the last heartbeat, by a scan each 10 s.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// A client's channel as a broker keeps it.
struct ClientChannel {
  ProcessId client;
  ConnectionId connection;
  std::uint16_t generation = 0;  ///< of the connection's slot
  SimTime last_heartbeat{};      ///< monotonic
};

constexpr auto fields(const ClientChannel& channel) {
  const auto& [client, connection, generation, last_heartbeat] = channel;
  return std::tuple(client, connection, last_heartbeat);
}

/// ConsumerGroupInfo: the members of a group and the one subscription that the broker holds for all of them.
struct GroupMembers {
  std::vector<ClientChannel> members;
  std::vector<TopicId> subscription;
};

constexpr auto fields(const GroupMembers& group) {
  const auto& [members, subscription] = group;
  return std::tie(members, subscription);
}

struct ClientTable {
  std::vector<std::vector<ClientChannel>> producers;  ///< per producer group
  std::uint32_t next_producer = 0;                    ///< positiveAtomicCounter of getAvailableChannel
  std::vector<GroupMembers> consumers;                ///< per consumer group
};

constexpr auto fields(const ClientTable& table) {
  const auto& [producers, next_producer, consumers] = table;
  return std::tie(producers, next_producer, consumers);
}

}  // namespace brokersim::model::rocketmq
