// topics.json: a topic is created or changed, by an operator or by a send (TopicConfigManager). What a power
// loss leaves of the file: recovery.cpp.
#include "model/rocketmq/broker_internal.hpp"
#include "model/rocketmq/registration.hpp"

namespace brokersim::model::rocketmq {

void put_topic(Site& site, TopicId topic, std::int32_t queues, SimTime written) {
  Broker& broker = site.broker;
  if (written >= broker.cache.topics_durable) broker.disk.topics = broker.cache.topics;
  broker.cache.topics[topic.value] = static_cast<std::uint8_t>(queues);
  broker.cache.topics_durable = written + draw_writeback(site, ++broker.cache.topics_version);
  site.record(RecordKind::topic_created, site.subject(), topic.value);
  registrar_topic_created(site.world, site.number, topic, site.context);
}

void broker_create_topic(World& world, std::size_t broker, TopicId topic, Context& context) {
  Site site(world, broker, context);
  const host::Life life = world.processes[site.broker.process.value].life;
  if (life == host::Life::dead || life == host::Life::starting)
    return;  // the operator's command finds nobody
  put_topic(site, topic, context.config().topics[topic.value].queues, site.now());
}

}  // namespace brokersim::model::rocketmq
