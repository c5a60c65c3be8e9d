// Topic ids on a broker: those of the scenario, then RocketMQ's own (TopicValidator, MixAll).
//
//   0 .. n-1     the scenario's topics
//   n            RMQ_SYS_TRANS_HALF_TOPIC       1 queue
//   n + 1        RMQ_SYS_TRANS_OP_HALF_TOPIC    1 queue
//   n + 2        TRANS_CHECK_MAX_TIME_TOPIC     1 queue
//   n + 3        SCHEDULE_TOPIC_XXXX            one queue per delay level
//   n + 4 + 2g   %RETRY%g                       1 queue, created by the group's first heartbeat
//   n + 5 + 2g   %DLQ%g                         1 queue, created by its first message
//   the last     rmq_sys_wheel_timer            1 queue, if any producer of the scenario sends to it
//
// The group CID_RMQ_SYS_TRANS, whose offsets the check service keeps, stands behind the scenario's groups.
#pragma once

#include <string>

#include "model/config.hpp"

namespace brokersim::model::rocketmq {

enum class TopicKind : std::uint8_t { user, half, op, discarded, scheduled, retry, dead_letter, timer };

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
  return config.topics.size() + system_topics + 2 * config.groups.size() + (uses_timer(config) ? 1 : 0);
}
/// Exists where uses_timer().
inline TopicId timer_topic(const Config& config) {
  return system_topic(config, system_topics + 2 * config.groups.size());
}

inline bool is_user_topic(const Config& config, TopicId topic) { return topic.value < config.topics.size(); }

inline TopicKind kind_of(const Config& config, TopicId topic) {
  if (is_user_topic(config, topic)) return TopicKind::user;
  const std::size_t which = topic.value - config.topics.size();
  if (which < system_topics) return static_cast<TopicKind>(static_cast<std::size_t>(TopicKind::half) + which);
  if (which - system_topics == 2 * config.groups.size()) return TopicKind::timer;
  return (which - system_topics) % 2 == 0 ? TopicKind::retry : TopicKind::dead_letter;
}

/// Of a retry or dead-letter topic.
inline GroupId group_of(const Config& config, TopicId topic) {
  return GroupId(static_cast<std::uint16_t>((topic.value - config.topics.size() - system_topics) / 2));
}

/// "orders", "%RETRY%billing": as the broker calls it.
std::string topic_name(const Config& config, TopicId topic);

}  // namespace brokersim::model::rocketmq
