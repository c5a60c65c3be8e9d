// The settings that the model honours. Names, classes and limits as in RocketMQ 5.3.3; what 4.9.8
// lacks is marked. Defaults are those of the structs in model/config.hpp, which is where they live.
#include <array>
#include <limits>

#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::BrokerSettings;
using model::ProducerSettings;

constexpr std::int64_t int_max =
    std::numeric_limits<std::int32_t>::max();  // Java's int, and ms in it: 24 days
constexpr std::int64_t pages_max = 1 << 18;    // one file of 1 GiB

constexpr std::array<Setting<BrokerSettings>, 20> broker_table{{
    {"flushDiskType", &BrokerSettings::flushDiskType, Unit::none, 0, 0, true, "MessageStoreConfig",
     "when a send is answered: ASYNC_FLUSH from the page cache, SYNC_FLUSH once it is on disk"},
    {"flushIntervalCommitLog", &BrokerSettings::flushIntervalCommitLog, Unit::milliseconds, 1, int_max, true,
     "MessageStoreConfig", "ASYNC_FLUSH: pause between two flushes"},
    {"flushCommitLogLeastPages", &BrokerSettings::flushCommitLogLeastPages, Unit::pages, 0, pages_max, true,
     "MessageStoreConfig", "ASYNC_FLUSH: fewer dirty pages wait for the thorough flush"},
    {"flushCommitLogThoroughInterval", &BrokerSettings::flushCommitLogThoroughInterval, Unit::milliseconds, 0,
     int_max, true, "MessageStoreConfig", "ASYNC_FLUSH: after so long any number of dirty pages is flushed"},
    {"flushCommitLogTimed", &BrokerSettings::flushCommitLogTimed, Unit::none, 0, 1, true,
     "MessageStoreConfig",
     "ASYNC_FLUSH: sleep the whole interval (true), or let a put wake the flush (false)"},
    {"wakeFlushWhenPutMessage", &BrokerSettings::wakeFlushWhenPutMessage, Unit::none, 0, 1, false,
     "MessageStoreConfig", "ASYNC_FLUSH without the timer: a put wakes the flush service"},
    {"syncFlushTimeout", &BrokerSettings::syncFlushTimeout, Unit::milliseconds, 1, int_max, true,
     "MessageStoreConfig", "SYNC_FLUSH: after so long the answer is FLUSH_DISK_TIMEOUT"},
    {"transientStorePoolEnable", &BrokerSettings::transientStorePoolEnable, Unit::none, 0, 1, true,
     "MessageStoreConfig",
     "append to process memory first; a kill loses what is not yet committed to the page cache"},
    {"commitIntervalCommitLog", &BrokerSettings::commitIntervalCommitLog, Unit::milliseconds, 1, int_max,
     true, "MessageStoreConfig", "transient pool: pause between two commits to the page cache"},
    {"commitCommitLogLeastPages", &BrokerSettings::commitCommitLogLeastPages, Unit::pages, 0, pages_max, true,
     "MessageStoreConfig", "transient pool: fewer pages wait for the thorough commit"},
    {"commitCommitLogThoroughInterval", &BrokerSettings::commitCommitLogThoroughInterval, Unit::milliseconds,
     0, int_max, true, "MessageStoreConfig",
     "transient pool: after so long any number of pages is committed"},
    {"wakeCommitWhenPutMessage", &BrokerSettings::wakeCommitWhenPutMessage, Unit::none, 0, 1, false,
     "MessageStoreConfig", "transient pool: a put wakes the commit service"},
    {"readUnCommitted", &BrokerSettings::readUnCommitted, Unit::none, 0, 1, false, "MessageStoreConfig",
     "consumers may read what is not yet flushed (SYNC_FLUSH) or committed (transient pool)"},
    {"mappedFileSizeCommitLog", &BrokerSettings::mappedFileSizeCommitLog, Unit::bytes, 1 << 16, int_max, true,
     "MessageStoreConfig", "size of one commit-log file; a full file is flushed whatever its pages"},
    {"maxMessageSize", &BrokerSettings::maxMessageSize, Unit::bytes, 1, int_max, true, "MessageStoreConfig",
     "a larger message is refused (MESSAGE_ILLEGAL)"},
    {"osPageCacheBusyTimeOutMills", &BrokerSettings::osPageCacheBusyTimeOutMills, Unit::milliseconds, 1,
     int_max, true, "MessageStoreConfig",
     "an append lock held longer makes the broker refuse sends (SYSTEM_BUSY)"},
    {"waitTimeMillsInSendQueue", &BrokerSettings::waitTimeMillsInSendQueue, Unit::milliseconds, 1, int_max,
     true, "BrokerConfig", "a send that waited longer for a thread is refused (SYSTEM_BUSY)"},
    {"sendMessageThreadPoolNums", &BrokerSettings::sendMessageThreadPoolNums, Unit::none, 1, 10'000, true,
     "BrokerConfig", "threads that execute sends; RocketMQ takes the number of processors, at most 4"},
    {"autoCreateTopicEnable", &BrokerSettings::autoCreateTopicEnable, Unit::none, 0, 1, true, "BrokerConfig",
     "a send to an unknown topic creates it"},
    {"defaultTopicQueueNums", &BrokerSettings::defaultTopicQueueNums, Unit::none, 1, 10'000, true,
     "BrokerConfig", "queues of a topic that is created so"},
}};

constexpr std::array<Setting<ProducerSettings>, 9> producer_table{{
    {"sendMsgTimeout", &ProducerSettings::sendMsgTimeout, Unit::milliseconds, 1, int_max, true,
     "DefaultMQProducer", "one budget for all tries of a send"},
    {"sendMsgMaxTimeoutPerRequest", &ProducerSettings::sendMsgMaxTimeoutPerRequest, Unit::milliseconds, -1,
     int_max, false, "DefaultMQProducer", "bound of one try within that budget; -1: none"},
    {"retryTimesWhenSendFailed", &ProducerSettings::retryTimesWhenSendFailed, Unit::none, 0, 100, true,
     "DefaultMQProducer", "further tries of a synchronous send"},
    {"retryTimesWhenSendAsyncFailed", &ProducerSettings::retryTimesWhenSendAsyncFailed, Unit::none, 0, 100,
     true, "DefaultMQProducer", "further tries of an asynchronous send"},
    {"retryAnotherBrokerWhenNotStoreOK", &ProducerSettings::retryAnotherBrokerWhenNotStoreOK, Unit::none, 0,
     1, true, "DefaultMQProducer", "retry statuses other than SEND_OK too"},
    {"connectTimeoutMillis", &ProducerSettings::connectTimeoutMillis, Unit::milliseconds, 1, int_max, true,
     "NettyClientConfig", "how long a connect may take"},
    {"clientCloseSocketIfTimeout", &ProducerSettings::clientCloseSocketIfTimeout, Unit::none, 0, 1, true,
     "NettyClientConfig", "a synchronous call that times out closes its connection, which all threads share"},
    {"clientAsyncSemaphoreValue", &ProducerSettings::clientAsyncSemaphoreValue, Unit::none, 1, int_max, true,
     "NettyClientConfig", "asynchronous sends in flight at once"},
    {"clientOnewaySemaphoreValue", &ProducerSettings::clientOnewaySemaphoreValue, Unit::none, 1, int_max,
     true, "NettyClientConfig", "one-way sends in flight at once"},
}};

constexpr std::array<Setting<ConsumerSettings>, 1> consumer_table{{
    // Of more than 32 the broker gives 32 (maxTransferCountOnMessageInMemory).
    {"pullBatchSize", &ConsumerSettings::pullBatchSize, Unit::none, 1, 32, true, "DefaultMQPushConsumer",
     "messages of one pull"},
}};

}  // namespace

std::span<const Setting<BrokerSettings>> broker_settings() { return broker_table; }
std::span<const Setting<ProducerSettings>> producer_settings() { return producer_table; }
std::span<const Setting<ConsumerSettings>> consumer_settings() { return consumer_table; }

BrokerSettings broker_defaults(model::Profile profile) {
  BrokerSettings settings;
  // CommitLog.submitFlushRequest of 4.9 wakes the service on every put; 5.x made it a setting.
  if (profile == model::Profile::v4_9) settings.wakeFlushWhenPutMessage = true;
  return settings;
}

ProducerSettings producer_defaults(model::Profile) { return {}; }

std::string_view to_string(Scope scope) {
  constexpr std::array<std::string_view, 3> names{"broker", "producer", "consumer"};
  return names[static_cast<std::size_t>(scope)];
}

}  // namespace brokersim::scenarios::read
