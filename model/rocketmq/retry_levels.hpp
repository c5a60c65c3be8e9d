// How often a message that a consumer group could not process comes again, and after how long, as data.
//
//   reconsumeTimes of the message that is sent back -> delay level -> delay (messageDelayLevel)
//
// AbstractSendMessageProcessor.consumerSendMsgBack: level 3 + reconsumeTimes, unless the client names one;
// from maxReconsumeTimes on, or with a negative level, the message goes to %DLQ%group. With the default
// settings a message is delivered 17 times over 4 h 45 min 40 s (and the time that polls and rebalances add).
#pragma once

#include <array>
#include <cstdint>

#include "sim/types.hpp"

namespace brokersim::model::rocketmq {

using namespace sim::literals;

struct RetryLevel {
  std::int32_t times;   ///< reconsumeTimes of the message that is sent back
  std::int32_t level;   ///< of SCHEDULE_TOPIC_XXXX
  sim::Duration delay;  ///< with the default messageDelayLevel
};

inline constexpr std::int32_t first_retry_level = 3;
inline constexpr std::int32_t default_reconsume_max = 16;  ///< SubscriptionGroupConfig.retryMaxTimes
inline constexpr std::int32_t dead_letter_level = -1;      ///< instead of a level

inline constexpr std::array<RetryLevel, default_reconsume_max> retry_levels{{
    {0, 3, 10_s},
    {1, 4, 30_s},
    {2, 5, 60_s},
    {3, 6, 120_s},
    {4, 7, 180_s},
    {5, 8, 240_s},
    {6, 9, 300_s},
    {7, 10, 360_s},
    {8, 11, 420_s},
    {9, 12, 480_s},
    {10, 13, 540_s},
    {11, 14, 600_s},
    {12, 15, 1200_s},
    {13, 16, 1800_s},
    {14, 17, 3600_s},
    {15, 18, 7200_s},
}};

/// DefaultMQPushConsumerImpl.getMaxReconsumeTimes: -1 stands for 16.
constexpr std::int32_t reconsume_max(std::int32_t maxReconsumeTimes) {
  return maxReconsumeTimes == -1 ? default_reconsume_max : maxReconsumeTimes;
}

/// The level of a message that is sent back, or `dead_letter_level`. `asked`: what the client named; 0:
/// nothing.
constexpr std::int32_t retry_level(std::int32_t times, std::int32_t asked, std::int32_t max) {
  if (times >= max || asked < 0) return dead_letter_level;
  return asked == 0 ? first_retry_level + times : asked;
}

static_assert(
    [] {
      for (const RetryLevel& row : retry_levels) {
        if (retry_level(row.times, 0, default_reconsume_max) != row.level) return false;
      }
      return retry_level(default_reconsume_max, 0, default_reconsume_max) == dead_letter_level;
    }(),
    "the table is the rule, written out");

}  // namespace brokersim::model::rocketmq
