// Stands in for the name servers in a file that has none: the one place where a client then learns something
// of brokers that no message has told it.
//
// It answers GET_ROUTEINFO_BY_TOPIC as a name server would that every living broker has told of its topics at
// once and without fail. A real broker registers a new topic at once too (TopicConfigManager, then
// registerBrokerAll), and a name server forgets one whose connection breaks; what is missing is the way there
// and back, its loss, and the 120 s for which a broker that vanished is still listed (name_server.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "model/ids.hpp"
#include "model/world.hpp"

namespace brokersim::model::rocketmq {

/// Per broker: 1 if it is listed with this topic.
std::vector<std::uint8_t> brokers_registered_for(const World& world, TopicId topic);

}  // namespace brokersim::model::rocketmq
