// What the clients' tables of channels have in common: one channel per broker, found by its connection.
#pragma once

#include <cstdint>
#include <vector>

#include "model/ids.hpp"

namespace brokersim::model::rocketmq {

/// The broker at the other end of a connection; -1: this life of the process has forgotten it. Of a channel
/// that is not in use the connection is somebody else's by now.
template <class Channel, class InUse>
std::int32_t broker_behind(const std::vector<Channel>& channels, ConnectionId connection, InUse in_use) {
  for (std::size_t b = 0; b < channels.size(); ++b) {
    if (in_use(channels[b]) && channels[b].connection == connection) return static_cast<std::int32_t>(b);
  }
  return -1;
}

}  // namespace brokersim::model::rocketmq
