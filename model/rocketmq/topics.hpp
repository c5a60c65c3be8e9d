// Topic ids on a broker: those of the scenario, then RocketMQ's own (TopicValidator, MixAll).
//
//   0 .. n-1     the scenario's topics
//   n            RMQ_SYS_TRANS_HALF_TOPIC       1 queue
//   n + 1        RMQ_SYS_TRANS_OP_HALF_TOPIC    1 queue
//   n + 2        TRANS_CHECK_MAX_TIME_TOPIC     1 queue
//   n + 3        SCHEDULE_TOPIC_XXXX            one queue per delay level
//   n + 4 + 2g   %RETRY%g                       1 queue, created by the group's first heartbeat
//   n + 5 + 2g   %DLQ%g                         1 queue, created by its first message
//   then         rmq_sys_wheel_timer            1 queue, if any producer of the scenario sends to it, or with
//   POP then         rmq_sys_REVIVE_LOG_cluster     reviveQueueNum queues, if any group is in POP mode, and
//                %RETRY%g_t                     1 queue per group and topic of the scenario, of POP
//
// The group CID_RMQ_SYS_TRANS, whose offsets the check service keeps, stands behind the scenario's groups.
#pragma once

#include <string>

#include "model/config.hpp"

namespace brokersim::model::rocketmq {

enum class TopicKind : std::uint8_t {
  user,
  half,
  op,
  discarded,
  scheduled,
  retry,
  dead_letter,
  timer,
  revive,
  pop_retry
};

inline constexpr std::size_t system_topics = 4;

inline TopicId system_topic(const Config& config, std::size_t which) {
  return TopicId(static_cast<std::uint16_t>(config.topics.size() + which));
}
inline TopicId half_topic(const Config& config) { return system_topic(config, 0); }
inline TopicId op_topic(const Config& config) { return system_topic(config, 1); }
inline TopicId discarded_topic(const Config& config) { return system_topic(config, 2); }
inline TopicId scheduled_topic(const Config& config) { return system_topic(config, 3); }
/// The same where no configuration is at hand, from the half topic.
constexpr TopicId scheduled_beside(TopicId half) { return half + std::uint16_t{3}; }
inline TopicId retry_topic(const Config& config, GroupId group) {
  return system_topic(config, system_topics + 2 * std::size_t{group.value});
}
inline TopicId dead_letter_topic(const Config& config, GroupId group) {
  return system_topic(config, system_topics + 2 * std::size_t{group.value} + 1);
}
inline GroupId transaction_group(const Config& config) {
  return GroupId(static_cast<std::uint16_t>(config.groups.size()));
}

/// How many topics there can be.
inline std::size_t topic_count(const Config& config) {
  const std::size_t of_pop = uses_pop(config) ? 1 + config.groups.size() * config.topics.size() : 0;
  return config.topics.size() + system_topics + 2 * config.groups.size() + (uses_timer(config) ? 1 : 0) +
         of_pop;
}
/// Exists where uses_timer().
inline TopicId timer_topic(const Config& config) {
  return system_topic(config, system_topics + 2 * config.groups.size());
}

/// Exists where uses_pop().
inline TopicId revive_topic(const Config& config) {
  return system_topic(config, system_topics + 2 * config.groups.size() + 1);
}
/// Where what a group has not acknowledged goes: %RETRY%group_topic (KeyBuilder.buildPopRetryTopicV1).
inline TopicId pop_retry_topic(const Config& config, GroupId group, TopicId topic) {
  const std::size_t place = std::size_t{group.value} * config.topics.size() + topic.value;
  return system_topic(config, system_topics + 2 * config.groups.size() + 2 + place);
}
/// The group and the normal topic of such a topic.
inline std::size_t pop_retry_place(const Config& config, TopicId topic) {
  return topic.value - pop_retry_topic(config, GroupId(0), TopicId(0)).value;
}
inline TopicId popped_topic(const Config& config, TopicId retry) {
  return TopicId(static_cast<std::uint16_t>(pop_retry_place(config, retry) % config.topics.size()));
}

inline bool is_user_topic(const Config& config, TopicId topic) { return topic.value < config.topics.size(); }

inline TopicKind kind_of(const Config& config, TopicId topic) {
  if (is_user_topic(config, topic)) return TopicKind::user;
  const std::size_t which = topic.value - config.topics.size();
  if (which < system_topics) return static_cast<TopicKind>(static_cast<std::size_t>(TopicKind::half) + which);
  const std::size_t of_groups = 2 * config.groups.size();
  if (which - system_topics == of_groups) return TopicKind::timer;
  if (which - system_topics == of_groups + 1) return TopicKind::revive;
  if (which - system_topics > of_groups) return TopicKind::pop_retry;
  return (which - system_topics) % 2 == 0 ? TopicKind::retry : TopicKind::dead_letter;
}

/// Of a retry or dead-letter topic.
inline GroupId group_of(const Config& config, TopicId topic) {
  return GroupId(static_cast<std::uint16_t>((topic.value - config.topics.size() - system_topics) / 2));
}

/// "orders", "%RETRY%billing": as the broker calls it.
std::string topic_name(const Config& config, TopicId topic);

}  // namespace brokersim::model::rocketmq
