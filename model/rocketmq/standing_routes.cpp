#include "model/rocketmq/standing_routes.hpp"

namespace brokersim::model::rocketmq {

namespace {

bool is_registered(const World& world, const Broker& broker, TopicId topic) {
  const host::Life life = world.processes[broker.process.value].life;
  const bool alive = life == host::Life::running || life == host::Life::paused;
  return alive && broker.cache.topics[topic.value] != 0;
}

}  // namespace

std::vector<std::uint8_t> brokers_registered_for(const World& world, TopicId topic) {
  std::vector<std::uint8_t> listed;
  for (const Broker& broker : world.brokers) listed.push_back(is_registered(world, broker, topic) ? 1 : 0);
  return listed;
}

}  // namespace brokersim::model::rocketmq
