// RocketMQ consumers, and what their listeners do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/config/broker.hpp"
#include "model/ids.hpp"
#include "sim/distribution.hpp"

namespace brokersim::model {

using sim::Distribution;
using namespace sim::literals;

/// A plain reader: pulls every queue of a topic from the start and processes everything.
struct ConsumerConfig {
  std::string name;
  HostId host;
  GroupId group;
  TopicId topic;
  Duration start_at{};
  std::int32_t pullBatchSize = 32;
  Duration pullTimeDelayMillsWhenException = 1_s;
  Distribution work_time = Distribution::constant({0});  ///< per message, one after another in each queue
  Distribution restart_time = Distribution::uniform(1_s, 2_s);

  bool operator==(const ConsumerConfig&) const = default;
};

/// When the listener's result (CONSUME_SUCCESS) stands against the business effect.
enum class Acknowledge : std::uint8_t {
  after_work,   ///< the effect, then the result
  before_work,  ///< the result, then the effect, on the same consume thread
  hand_off      ///< the message goes to another thread; the result is returned at once
};

/// What a listener does that fails.
enum class FailResult : std::uint8_t {
  reconsume_later,  ///< returns RECONSUME_LATER
  exception,        ///< throws: as RECONSUME_LATER
  null,             ///< returns null: as RECONSUME_LATER
  ack_index,  ///< CONSUME_SUCCESS with ackIndex just before the message that failed: the rest is sent back
  never,      ///< does not return at all
  suspend     ///< an orderly listener returns SUSPEND_CURRENT_QUEUE_A_MOMENT
};

/// The business work of a listener: how long, and which deliveries fail.
struct WorkConfig {
  Distribution time = Distribution::uniform(1_ms, 3_ms);
  Acknowledge acknowledge = Acknowledge::after_work;
  double fail_chance = 0;        ///< of each delivery
  double poison_chance = 0;      ///< of each intent: it fails at every delivery (poison message)
  std::int32_t fails_first = 0;  ///< the first so many deliveries of each intent fail
  FailResult fail_result = FailResult::reconsume_later;
  /// context.setDelayLevelWhenNextConsume: 0: the broker chooses, -1: to %DLQ%group at once.
  std::int32_t delay_level = 0;
  bool applied_when_failing = false;  ///< the effect happens before the failure is reported

  bool operator==(const WorkConfig&) const = default;
};

enum class ConsumeFromWhere : std::uint8_t { CONSUME_FROM_LAST_OFFSET, CONSUME_FROM_FIRST_OFFSET };

enum class MessageModel : std::uint8_t { CLUSTERING, BROADCASTING };

/// MessageListenerConcurrently or MessageListenerOrderly.
enum class Listener : std::uint8_t { concurrently, orderly };

/// Of a group, set at the brokers (mqadmin setConsumeMode).
enum class MessageRequestMode : std::uint8_t {
  PULL,  ///< each queue has an owner, which pulls it
  POP    ///< every member asks for messages of any queue
};

/// DefaultMQPushConsumer.
struct PushConsumerSettings {
  MessageModel messageModel = MessageModel::CLUSTERING;
  ConsumeFromWhere consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  std::int32_t consumeThreadMin = 20;  ///< the pool's queue is unbounded, so this many run
  std::int32_t consumeThreadMax = 20;
  std::int32_t consumeConcurrentlyMaxSpan = 2000;
  std::int32_t pullThresholdForQueue = 1000;
  std::int32_t pullThresholdSizeForQueue = 100;  ///< MiB
  Duration pullInterval{};
  Duration pullTimeDelayMillsWhenException = 1_s;
  std::int32_t consumeMessageBatchMaxSize = 1;
  std::int32_t pullBatchSize = 32;
  std::int32_t maxReconsumeTimes = -1;  ///< -1: 16; of an orderly listener: without end
  Duration suspendCurrentQueueTimeMillis = 1_s;
  Duration consumeTimeout = 900_s;  ///< in minutes
  Duration persistConsumerOffsetInterval = 5_s;
  Duration heartbeatBrokerInterval = 30_s;
  Duration pollNameServerInterval = 30_s;
  Duration connectTimeoutMillis = 3_s;
  // POP
  Duration popInvisibleTime = 60_s;
  std::int32_t popBatchNums = 32;
  std::int32_t popThresholdForQueue = 96;

  bool operator==(const PushConsumerSettings&) const = default;
};

/// One instance (process) of a consumer group. Each broadcasting instance has a group of its own here: it
/// reads everything, and is judged by itself (docs/decisions).
struct PushConsumerConfig {
  std::string name;
  HostId host;
  GroupId group;
  Profile profile = Profile::v5_3;  ///< of the client
  std::vector<TopicId> topics;      ///< its subscription; members of one group may differ, by mistake
  Listener listener = Listener::concurrently;
  MessageRequestMode messageRequestMode = MessageRequestMode::PULL;
  Duration start_at{};
  Distribution restart_time = Distribution::uniform(1_s, 2_s);
  WorkConfig work;
  PushConsumerSettings settings;

  bool pops() const { return messageRequestMode == MessageRequestMode::POP; }
  bool operator==(const PushConsumerConfig&) const = default;
};

}  // namespace brokersim::model
