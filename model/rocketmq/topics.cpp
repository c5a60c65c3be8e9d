#include "model/rocketmq/topics.hpp"

namespace brokersim::model::rocketmq {

std::string topic_name(const Config& config, TopicId topic) {
  switch (kind_of(config, topic)) {
    case TopicKind::user: return config.topics[topic.value].name;
    case TopicKind::half: return "RMQ_SYS_TRANS_HALF_TOPIC";
    case TopicKind::op: return "RMQ_SYS_TRANS_OP_HALF_TOPIC";
    case TopicKind::discarded: return "TRANS_CHECK_MAX_TIME_TOPIC";
    case TopicKind::scheduled: return "SCHEDULE_TOPIC_XXXX";
    case TopicKind::timer: return "rmq_sys_wheel_timer";
    case TopicKind::retry: return "%RETRY%" + config.groups[group_of(config, topic).value];
    case TopicKind::dead_letter: return "%DLQ%" + config.groups[group_of(config, topic).value];
    case TopicKind::revive: return "rmq_sys_REVIVE_LOG_DefaultCluster";
    case TopicKind::pop_retry:
      return "%RETRY%" + config.groups[pop_retry_place(config, topic) / config.topics.size()] + "_" +
             config.topics[popped_topic(config, topic).value].name;
  }
  return {};
}

}  // namespace brokersim::model::rocketmq
