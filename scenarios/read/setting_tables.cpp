// The settings that the model honours. Names, classes and limits as in RocketMQ 5.3.3; what 4.9.8
// lacks is marked. Defaults are those of the structs in model/config.hpp, which is where they live.
#include <algorithm>
#include <array>
#include <limits>

#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::BrokerSettings;
using model::ControllerSettings;
using model::NameServerSettings;
using model::ProducerSettings;
using model::PushConsumerSettings;

constexpr std::int64_t int_max =
    std::numeric_limits<std::int32_t>::max();  // Java's int, and ms in it: 24 days
constexpr std::int64_t pages_max = 1 << 18;    // one file of 1 GiB
/// The wheel has the slots of 7 days, of which TIMER_BLANK_SLOTS stay free.
constexpr std::int64_t timer_slots_max = 7 * 24 * 3600 - 60;
constexpr std::int64_t timer_delay_max = std::int64_t{10} * 365 * 24 * 3600;  // ten years
constexpr std::int64_t checks_max = 255;  // of one half message: LogRecord::times
constexpr std::int64_t hours_max = 10 * 365 * 24, minutes_max = hours_max * 60;  // ten years

constexpr auto broker_table = std::to_array<Setting<BrokerSettings>>({
    {"flushDiskType", &BrokerSettings::flushDiskType, Unit::none, 0, 0, true, "MessageStoreConfig",
     "when a send is answered: ASYNC_FLUSH from the page cache, SYNC_FLUSH once it is on disk"},
    {"flushIntervalCommitLog", &BrokerSettings::flushIntervalCommitLog, Unit::milliseconds, 1, int_max, true,
     "MessageStoreConfig",
     "ASYNC_FLUSH: pause between two flushes; a power loss takes what came since the last"},
    {"flushCommitLogLeastPages", &BrokerSettings::flushCommitLogLeastPages, Unit::pages, 0, pages_max, true,
     "MessageStoreConfig",
     "ASYNC_FLUSH: a flush that finds fewer dirty pages leaves them to the thorough one"},
    {"flushCommitLogThoroughInterval", &BrokerSettings::flushCommitLogThoroughInterval, Unit::milliseconds, 0,
     int_max, true, "MessageStoreConfig",
     "ASYNC_FLUSH: after so long any number of dirty pages is flushed; at low rates all that came since is "
     "at risk"},
    {"flushCommitLogTimed", &BrokerSettings::flushCommitLogTimed, Unit::none, 0, 1, true,
     "MessageStoreConfig",
     "ASYNC_FLUSH: sleep the whole interval (true), or let a put wake the flush (false)"},
    {"wakeFlushWhenPutMessage", &BrokerSettings::wakeFlushWhenPutMessage, Unit::none, 0, 1, false,
     "MessageStoreConfig", "ASYNC_FLUSH without the timer: a put wakes the flush service"},
    {"syncFlushTimeout", &BrokerSettings::syncFlushTimeout, Unit::milliseconds, 1, int_max, true,
     "MessageStoreConfig",
     "SYNC_FLUSH: after so long the answer is FLUSH_DISK_TIMEOUT, though the message is stored"},
    {"transientStorePoolEnable", &BrokerSettings::transientStorePoolEnable, Unit::none, 0, 1, true,
     "MessageStoreConfig",
     "append to process memory first; a kill loses what is not yet committed to the page cache"},
    {"commitIntervalCommitLog", &BrokerSettings::commitIntervalCommitLog, Unit::milliseconds, 1, int_max,
     true, "MessageStoreConfig",
     "transient pool: pause between two commits to the page cache; a kill takes what came since the last"},
    {"commitCommitLogLeastPages", &BrokerSettings::commitCommitLogLeastPages, Unit::pages, 0, pages_max, true,
     "MessageStoreConfig", "transient pool: a commit that finds fewer pages leaves them to the thorough one"},
    {"commitCommitLogThoroughInterval", &BrokerSettings::commitCommitLogThoroughInterval, Unit::milliseconds,
     0, int_max, true, "MessageStoreConfig",
     "transient pool: after so long any number of pages is committed"},
    {"wakeCommitWhenPutMessage", &BrokerSettings::wakeCommitWhenPutMessage, Unit::none, 0, 1, false,
     "MessageStoreConfig", "transient pool: a put wakes the commit service"},
    {"readUnCommitted", &BrokerSettings::readUnCommitted, Unit::none, 0, 1, false, "MessageStoreConfig",
     "consumers may read what is not yet flushed (SYNC_FLUSH) or committed (transient pool)"},
    {"mappedFileSizeCommitLog", &BrokerSettings::mappedFileSizeCommitLog, Unit::bytes, 1 << 16, int_max, true,
     "MessageStoreConfig",
     "size of one commit-log file: one flush covers one file, and a full file whatever its pages"},
    {"maxMessageSize", &BrokerSettings::maxMessageSize, Unit::bytes, 1, int_max, true, "MessageStoreConfig",
     "a larger message is refused (MESSAGE_ILLEGAL)"},
    {"osPageCacheBusyTimeOutMills", &BrokerSettings::osPageCacheBusyTimeOutMills, Unit::milliseconds, 1,
     int_max, true, "MessageStoreConfig",
     "an append lock held longer makes the broker refuse sends (SYSTEM_BUSY)"},
    {"waitTimeMillsInSendQueue", &BrokerSettings::waitTimeMillsInSendQueue, Unit::milliseconds, 1, int_max,
     true, "BrokerConfig",
     "a send that waited longer for a thread is refused (SYSTEM_BUSY), which 5.3 clients retry"},
    {"sendMessageThreadPoolNums", &BrokerSettings::sendMessageThreadPoolNums, Unit::none, 1, 10'000, true,
     "BrokerConfig",
     "threads that execute sends: so many block while the append lock is held, and the others wait in the "
     "queue; RocketMQ takes the number of processors, at most 4"},
    {"endTransactionThreadPoolNums", &BrokerSettings::endTransactionThreadPoolNums, Unit::none, 1, 10'000,
     true, "BrokerConfig",
     "threads that execute verdicts; RocketMQ takes 8 and twice the number of processors: 16 of four"},
    {"waitTimeMillsInTransactionQueue", &BrokerSettings::waitTimeMillsInTransactionQueue, Unit::milliseconds,
     1, int_max, true, "BrokerConfig",
     "a verdict that waited longer for a thread is dropped; nobody is told"},
    {"autoCreateTopicEnable", &BrokerSettings::autoCreateTopicEnable, Unit::none, 0, 1, true, "BrokerConfig",
     "a send to an unknown topic creates it; false: TOPIC_NOT_EXIST"},
    {"defaultTopicQueueNums", &BrokerSettings::defaultTopicQueueNums, Unit::none, 1, 10'000, true,
     "BrokerConfig", "queues of a topic that is created so, if it is below the client's 4"},
    {"transactionTimeOut", &BrokerSettings::transactionTimeOut, Unit::milliseconds, 0, int_max, true,
     "BrokerConfig", "a half message younger than this is not checked"},
    {"transactionCheckMax", &BrokerSettings::transactionCheckMax, Unit::none, 0, checks_max, true,
     "BrokerConfig",
     "after so many checks a half message is given up (TRANS_CHECK_MAX_TIME_TOPIC); the model counts to 255"},
    {"transactionCheckInterval", &BrokerSettings::transactionCheckInterval, Unit::milliseconds, 1, int_max,
     true, "BrokerConfig", "pause between two passes that look for half messages without a verdict"},
    {"transactionOpMsgMaxSize", &BrokerSettings::transactionOpMsgMaxSize, Unit::bytes, 0, int_max, false,
     "BrokerConfig", "verdicts that fill one op message of this size are written at once"},
    {"transactionOpBatchInterval", &BrokerSettings::transactionOpBatchInterval, Unit::milliseconds, 1,
     int_max, false, "BrokerConfig", "other verdicts wait in memory so long until the op topic has them"},
    {"rejectTransactionMessage", &BrokerSettings::rejectTransactionMessage, Unit::none, 0, 1, true,
     "BrokerConfig", "half messages are refused (NO_PERMISSION)"},
    {"fileReservedTime", &BrokerSettings::fileReservedTime, Unit::hours, 1, hours_max, true,
     "MessageStoreConfig",
     "a file of the commit log older than this is deleted, a half message of this age given up unchecked"},
    {"deleteWhen", &BrokerSettings::deleteWhen, Unit::none, 0, 23, true, "MessageStoreConfig",
     "hours of the day in which old files are deleted; the host's clock begins at midnight"},
    {"diskMaxUsedSpaceRatio", &BrokerSettings::diskMaxUsedSpaceRatio, Unit::percent, 10, 95, true,
     "MessageStoreConfig", "a disk fuller than this: old files are deleted at any hour"},
    {"diskSpaceCleanForciblyRatio", &BrokerSettings::diskSpaceCleanForciblyRatio, Unit::percent, 30, 85,
     false, "MessageStoreConfig", "fuller than this: files are deleted whatever their age; 4.9: always 85"},
    {"diskSpaceWarningLevelRatio", &BrokerSettings::diskSpaceWarningLevelRatio, Unit::percent, 35, 90, false,
     "MessageStoreConfig", "fuller than this: sends are refused (SERVICE_NOT_AVAILABLE); 4.9: always 90"},
    {"cleanFileForciblyEnable", &BrokerSettings::cleanFileForciblyEnable, Unit::none, 0, 1, true,
     "MessageStoreConfig", "false: a file is never deleted before its time"},
    {"cleanResourceInterval", &BrokerSettings::cleanResourceInterval, Unit::milliseconds, 1, int_max, true,
     "MessageStoreConfig", "pause between two looks at the disk and at old files"},
    {"deleteFileBatchMax", &BrokerSettings::deleteFileBatchMax, Unit::none, 1, 50, false,
     "MessageStoreConfig", "files that one look deletes; 4.9: always 10"},
    {"longPollingEnable", &BrokerSettings::longPollingEnable, Unit::none, 0, 1, true, "BrokerConfig",
     "a pull that finds nothing waits as long as its client says"},
    {"shortPollingTimeMills", &BrokerSettings::shortPollingTimeMills, Unit::milliseconds, 1, int_max, true,
     "BrokerConfig", "without long polling: it waits so long"},
    {"notifyConsumerIdsChangedEnable", &BrokerSettings::notifyConsumerIdsChangedEnable, Unit::none, 0, 1,
     true, "BrokerConfig",
     "members of a group are told at once when one joins or leaves; false: their next rebalance notices"},
    {"flushConsumerOffsetInterval", &BrokerSettings::flushConsumerOffsetInterval, Unit::milliseconds, 1,
     int_max, true, "BrokerConfig",
     "pause between two writes of consumerOffset.json; a crash of the broker sets offsets back to the last"},
    {"maxTransferBytesOnMessageInMemory", &BrokerSettings::maxTransferBytesOnMessageInMemory, Unit::bytes, 1,
     int_max, true, "MessageStoreConfig", "records that one pull gets together; it gets one in any case"},
    // The real one has no upper limit, the answer to a pull in the model has.
    {"maxTransferCountOnMessageInMemory", &BrokerSettings::maxTransferCountOnMessageInMemory, Unit::none, 1,
     32, true, "MessageStoreConfig", "records that one pull gets, whatever its pullBatchSize"},
    {"messageDelayLevel", &BrokerSettings::messageDelayLevel, Unit::none, 0, 0, true, "MessageStoreConfig",
     "delays by level, from 1; the nth retry of a message has level n + 2"},
    {"flushDelayOffsetInterval", &BrokerSettings::flushDelayOffsetInterval, Unit::milliseconds, 1, int_max,
     true, "MessageStoreConfig",
     "pause between two writes of delayOffset.json; after a crash what fell due since the last is delivered "
     "again"},
    {"timerWheelEnable", &BrokerSettings::timerWheelEnable, Unit::none, 0, 1, false, "MessageStoreConfig",
     "messages with a time of their own are taken; false: they are refused (SYSTEM_ERROR)"},
    {"timerPrecisionMs", &BrokerSettings::timerPrecisionMs, Unit::milliseconds, 1, int_max, false,
     "MessageStoreConfig",
     "slots of the timer wheel; a message comes up to one later than asked (the next lower of 100, 200, 500, "
     "1000)"},
    {"timerMaxDelaySec", &BrokerSettings::timerMaxDelaySec, Unit::none, 0, timer_delay_max, false,
     "MessageStoreConfig", "seconds; what shall come later is refused (MESSAGE_ILLEGAL)"},
    {"timerRollWindowSlot", &BrokerSettings::timerRollWindowSlot, Unit::none, 2, timer_slots_max, false,
     "MessageStoreConfig", "what lies so many slots away is stored again on its way there"},
    {"timerFlushIntervalMs", &BrokerSettings::timerFlushIntervalMs, Unit::milliseconds, 1, int_max, false,
     "MessageStoreConfig",
     "pause between two checkpoints of the timer wheel; after a crash what was sent or delivered since is "
     "delivered again"},
    {"timerEnableRetryUntilSuccess", &BrokerSettings::timerEnableRetryUntilSuccess, Unit::none, 0, 1, false,
     "MessageStoreConfig",
     "the timer wheel puts a message until the store takes it; false: three times, then it is lost"},
    {"reviveQueueNum", &BrokerSettings::reviveQueueNum, Unit::none, 1, 255, false, "BrokerConfig",
     "POP: queues of the revive topic, each read by a thread of its own"},
    {"reviveInterval", &BrokerSettings::reviveInterval, Unit::milliseconds, 1, int_max, false, "BrokerConfig",
     "POP: pause between two looks at a revive queue: redelivery comes as much later"},
    {"reviveMaxSlow", &BrokerSettings::reviveMaxSlow, Unit::none, 1, 255, false, "BrokerConfig",
     "POP: the rest of a revive queue that had nothing grows to so many reviveIntervals"},
    {"popFromRetryProbability", &BrokerSettings::popFromRetryProbability, Unit::percent, 0, 100, false,
     "BrokerConfig", "POP: how often a pop looks at the retry topic first; else it does if there is room"},
    {"enablePopBufferMerge", &BrokerSettings::enablePopBufferMerge, Unit::none, 0, 1, false, "BrokerConfig",
     "POP: checkpoints stay in memory, where acks meet them; a killed broker hands those out again"},
    {"popCkStayBufferTime", &BrokerSettings::popCkStayBufferTime, Unit::milliseconds, 1, int_max, false,
     "BrokerConfig", "POP: how long a checkpoint stays in memory before it is stored"},
    {"popCkStayBufferTimeOut", &BrokerSettings::popCkStayBufferTimeOut, Unit::milliseconds, 0, int_max, false,
     "BrokerConfig", "POP: a checkpoint leaves memory so long before its revive time"},
    {"popCkMaxBufferSize", &BrokerSettings::popCkMaxBufferSize, Unit::none, 0, int_max, false, "BrokerConfig",
     "POP: with more checkpoints in memory a new one is stored at once"},
    {"brokerName", &BrokerSettings::brokerName, Unit::none, 0, 0, true, "BrokerConfig",
     "the replica set: a master and its slaves have the same; the broker's own name unless it is set"},
    {"brokerId", &BrokerSettings::brokerId, Unit::none, 0, int_max, true, "BrokerConfig",
     "0 is the master of its brokerName, any other number a slave"},
    {"brokerRole", &BrokerSettings::brokerRole, Unit::none, 0, 0, true, "MessageStoreConfig",
     "SYNC_MASTER asks slaves before a send is answered (4.9: one of them; 5.3: as inSyncReplicas says), "
     "ASYNC_MASTER does not; a SLAVE copies its master's log"},
    {"slaveReadEnable", &BrokerSettings::slaveReadEnable, Unit::none, 0, 1, true, "BrokerConfig",
     "consumers may read from a slave (5.3: else it refuses all pulls)"},
    {"inSyncReplicas", &BrokerSettings::inSyncReplicas, Unit::none, 1, 100, false, "MessageStoreConfig",
     "SYNC_MASTER: so many replicas, the master among them, must have a message before its send is answered"},
    {"slaveTimeout", &BrokerSettings::slaveTimeout, Unit::milliseconds, 1, int_max, true,
     "MessageStoreConfig", "SYNC_MASTER: after so long the answer is FLUSH_SLAVE_TIMEOUT"},
    {"haSlaveFallbehindMax", &BrokerSettings::haSlaveFallbehindMax, Unit::bytes, 0,
     std::numeric_limits<std::int64_t>::max(), true, "MessageStoreConfig",
     "SYNC_MASTER: with no slave nearer than this the answer is SLAVE_NOT_AVAILABLE", false},
    {"haSendHeartbeatInterval", &BrokerSettings::haSendHeartbeatInterval, Unit::milliseconds, 1, int_max,
     true, "MessageStoreConfig", "a silent replication connection carries a header (or a report) so often"},
    {"haHousekeepingInterval", &BrokerSettings::haHousekeepingInterval, Unit::milliseconds, 1, int_max, true,
     "MessageStoreConfig", "a replication connection that was silent for longer is closed"},
    {"haTransferBatchSize", &BrokerSettings::haTransferBatchSize, Unit::bytes, 1, int_max, true,
     "MessageStoreConfig", "most bytes of the log that one transfer to a slave takes"},
    {"registerNameServerPeriod", &BrokerSettings::registerNameServerPeriod, Unit::milliseconds, 1, int_max,
     true, "BrokerConfig",
     "pause between two registrations at the name servers; 10000 to 60000, whatever is set"},
    {"enableControllerMode", &BrokerSettings::enableControllerMode, Unit::none, 0, 1, false, "BrokerConfig",
     "the controller says which broker of a brokerName is the master, and elects another one when that is "
     "gone; brokerId and brokerRole mean nothing then"},
    {"allAckInSyncStateSet", &BrokerSettings::allAckInSyncStateSet, Unit::none, 0, 1, false,
     "MessageStoreConfig",
     "controller mode: a send is answered, and a message visible, once every replica of the SyncStateSet has "
     "it; inSyncReplicas is ignored"},
    {"minInSyncReplicas", &BrokerSettings::minInSyncReplicas, Unit::none, 1, 100, false, "MessageStoreConfig",
     "controller mode: with a smaller SyncStateSet sends are refused (SYSTEM_ERROR) before they are stored; "
     "acting master: with enableAutoInSyncReplicas so many replicas are needed in any case"},
    {"haMaxTimeSlaveNotCatchup", &BrokerSettings::haMaxTimeSlaveNotCatchup, Unit::milliseconds, 1, int_max,
     false, "MessageStoreConfig",
     "controller mode: a slave that was not sent everything for so long leaves the SyncStateSet"},
    {"brokerHeartbeatInterval", &BrokerSettings::brokerHeartbeatInterval, Unit::milliseconds, 1, int_max,
     false, "BrokerConfig", "controller mode: pause between two heartbeats to the controller"},
    {"controllerHeartBeatTimeoutMills", &BrokerSettings::controllerHeartBeatTimeoutMills, Unit::milliseconds,
     1, int_max, false, "BrokerConfig",
     "controller mode: a broker that was silent for longer is given up, and another master elected"},
    {"syncBrokerMetadataPeriod", &BrokerSettings::syncBrokerMetadataPeriod, Unit::milliseconds, 1, int_max,
     false, "BrokerConfig",
     "controller mode: pause between two looks at what the controller says of the set"},
    {"checkSyncStateSetPeriod", &BrokerSettings::checkSyncStateSetPeriod, Unit::milliseconds, 1, int_max,
     false, "BrokerConfig", "controller mode: pause between two looks of a master at who is in sync"},
    {"brokerElectionPriority", &BrokerSettings::brokerElectionPriority, Unit::none, 0, int_max, false,
     "BrokerConfig",
     "controller mode: of replicas with the same epoch and the same log the one with the lowest is elected"},
    {"enableDLegerCommitLog", &BrokerSettings::enableDLegerCommitLog, Unit::none, 0, 1, true,
     "MessageStoreConfig",
     "the broker is a member of a DLedger group, which elects its master; a send is answered once a majority "
     "has it in the page cache"},
    {"dLegerGroup", &BrokerSettings::dLegerGroup, Unit::none, 0, 0, true, "MessageStoreConfig",
     "the group's name; its brokerName, unless that is set"},
    {"dLegerPeers", &BrokerSettings::dLegerPeers, Unit::none, 0, 0, true, "MessageStoreConfig",
     "its members, \"n0-host:port;n1-host:port;...\"; each is a broker of the file, whose host counts"},
    {"dLegerSelfId", &BrokerSettings::dLegerSelfId, Unit::none, 0, 0, true, "MessageStoreConfig",
     "which of them the broker is: a letter and a number; its brokerId as a slave is that number and one"},
    {"enableSlaveActingMaster", &BrokerSettings::enableSlaveActingMaster, Unit::none, 0, 1, false,
     "BrokerConfig",
     "while no master of its set is registered, the slave with the lowest brokerId keeps its locks and "
     "offsets "
     "and delivers its delayed messages; and a name server forgets a silent broker after 10 s"},
    {"enableAutoInSyncReplicas", &BrokerSettings::enableAutoInSyncReplicas, Unit::none, 0, 1, false,
     "MessageStoreConfig",
     "acting master: a SYNC_MASTER needs no more replicas than are at hand, down to minInSyncReplicas; "
     "false: "
     "with fewer than inSyncReplicas sends are refused (SYSTEM_ERROR) before they are stored"},
    {"haMaxGapNotInSync", &BrokerSettings::haMaxGapNotInSync, Unit::bytes, 1,
     std::numeric_limits<std::int64_t>::max(), false, "MessageStoreConfig",
     "acting master: a slave that is so far behind is not at hand"},
    {"enableRemoteEscape", &BrokerSettings::enableRemoteEscape, Unit::none, 0, 1, false, "BrokerConfig",
     "an acting master puts delayed messages and retries that are due, and half messages, into another set; "
     "false: the former wait for their master, half messages are given up"},
    {"totalReplicas", &BrokerSettings::totalReplicas, Unit::none, 1, 100, false, "MessageStoreConfig",
     "acting master: above 1 a master that comes back takes its slaves' offsets, if their version is not "
     "lower, before it is registered; 1: it never does"},
    {"skipPreOnline", &BrokerSettings::skipPreOnline, Unit::none, 0, 1, false, "BrokerConfig",
     "acting master: true: registered at once, whatever totalReplicas says"},
    {"brokerNotActiveTimeoutMillis", &BrokerSettings::brokerNotActiveTimeoutMillis, Unit::milliseconds, 1,
     int_max, false, "BrokerConfig",
     "acting master: name servers forget a broker that was silent for longer, with their next look (each 5 "
     "s)"},
    {"consumerOffsetUpdateVersionStep", &BrokerSettings::consumerOffsetUpdateVersionStep, Unit::none, 1,
     int_max, false, "BrokerConfig",
     "acting master: the version of the consumer offsets, by which a master that comes back decides whose "
     "count, steps with every so-manieth commit"},
    {"delayOffsetUpdateVersionStep", &BrokerSettings::delayOffsetUpdateVersionStep, Unit::none, 1, int_max,
     false, "BrokerConfig",
     "acting master: the same of the offsets of delay levels, which each poll of a level that waits stores"},
});

constexpr auto producer_table = std::to_array<Setting<ProducerBlock>>({
    {"sendMsgTimeout", &ProducerSettings::sendMsgTimeout, Unit::milliseconds, 1, int_max, true,
     "DefaultMQProducer", "one budget for all tries of a send"},
    {"sendMsgMaxTimeoutPerRequest", &ProducerSettings::sendMsgMaxTimeoutPerRequest, Unit::milliseconds, -1,
     int_max, false, "DefaultMQProducer", "bound of one try within that budget; -1: none"},
    {"retryTimesWhenSendFailed", &ProducerSettings::retryTimesWhenSendFailed, Unit::none, 0, 100, true,
     "DefaultMQProducer", "further tries of a synchronous send; each may store another copy"},
    {"retryTimesWhenSendAsyncFailed", &ProducerSettings::retryTimesWhenSendAsyncFailed, Unit::none, 0, 100,
     true, "DefaultMQProducer",
     "further tries of an asynchronous send, after failures of the transport only"},
    {"retryAnotherBrokerWhenNotStoreOK", &ProducerSettings::retryAnotherBrokerWhenNotStoreOK, Unit::none, 0,
     1, true, "DefaultMQProducer", "retry statuses other than SEND_OK too"},
    {"connectTimeoutMillis", &ProducerSettings::connectTimeoutMillis, Unit::milliseconds, 1, int_max, true,
     "NettyClientConfig", "how long a connect to a host that does not answer may take"},
    {"clientCloseSocketIfTimeout", &ProducerSettings::clientCloseSocketIfTimeout, Unit::none, 0, 1, true,
     "NettyClientConfig", "a synchronous call that times out closes its connection, which all threads share"},
    {"clientAsyncSemaphoreValue", &ProducerSettings::clientAsyncSemaphoreValue, Unit::none, 1, int_max, true,
     "NettyClientConfig", "asynchronous sends in flight at once; more wait within their time-out"},
    {"clientOnewaySemaphoreValue", &ProducerSettings::clientOnewaySemaphoreValue, Unit::none, 1, int_max,
     true, "NettyClientConfig",
     "one-way sends being written at once, of no effect: writing takes no time here"},
    {"heartbeatBrokerInterval", &ProducerSettings::heartbeatBrokerInterval, Unit::milliseconds, 1, int_max,
     true, "ClientConfig", "pause between two heartbeats, by which brokers know whom to ask for a verdict"},
    {"pollNameServerInterval", &ProducerSettings::pollNameServerInterval, Unit::milliseconds, 1, int_max,
     true, "ClientConfig", "pause between two looks at the routes of its topics"},
    {"sendLatencyEnable", &ProducerSettings::sendLatencyEnable, Unit::none, 0, 1, false, "ClientConfig",
     "avoid a broker for a while after a slow or failed try"},
    {"sendLatencyFaultEnable", &ProducerSettings::sendLatencyEnable, Unit::none, 0, 1, true,
     "DefaultMQProducer", "the same, as a client program sets it; the only way in 4.9"},
    {"checkRequestHoldMax", &ProducerBlock::checkRequestHoldMax, Unit::none, 1, int_max, true,
     "TransactionMQProducer", "checks that wait for the one thread that answers them; more are dropped"},
});

// The ranges are those of DefaultMQPushConsumerImpl.checkConfig: outside them the client does not start.
constexpr auto consumer_table = std::to_array<Setting<PushConsumerSettings>>({
    {"messageModel", &PushConsumerSettings::messageModel, Unit::none, 0, 0, true, "DefaultMQPushConsumer",
     "CLUSTERING: each message to one member of the group; BROADCASTING: to every member"},
    {"consumeFromWhere", &PushConsumerSettings::consumeFromWhere, Unit::none, 0, 0, true,
     "DefaultMQPushConsumer", "where a group begins that has no offset yet: it never sees what lies before"},
    {"consumeThreadMin", &PushConsumerSettings::consumeThreadMin, Unit::none, 1, 1'000, true,
     "DefaultMQPushConsumer",
     "threads that call the listener: so many messages are in work when the process dies"},
    {"consumeThreadMax", &PushConsumerSettings::consumeThreadMax, Unit::none, 1, 1'000, true,
     "DefaultMQPushConsumer",
     "not below consumeThreadMin, and of no effect: the queue before the threads has no end"},
    {"consumeConcurrentlyMaxSpan", &PushConsumerSettings::consumeConcurrentlyMaxSpan, Unit::none, 1, 65'535,
     true, "DefaultMQPushConsumer",
     "a queue is not pulled while its oldest and newest message in work lie farther apart"},
    {"pullThresholdForQueue", &PushConsumerSettings::pullThresholdForQueue, Unit::none, 1, 65'535, true,
     "DefaultMQPushConsumer", "a queue is not pulled while more messages of it wait in the client"},
    {"pullThresholdSizeForQueue", &PushConsumerSettings::pullThresholdSizeForQueue, Unit::mebibytes, 1, 1'024,
     true, "DefaultMQPushConsumer", "the same for the size of their bodies"},
    {"pullInterval", &PushConsumerSettings::pullInterval, Unit::milliseconds, 0, 65'535, true,
     "DefaultMQPushConsumer",
     "pause between two pulls of a queue, each of which takes an offset to the broker"},
    {"pullTimeDelayMillsWhenException", &PushConsumerSettings::pullTimeDelayMillsWhenException,
     Unit::milliseconds, 0, int_max, true, "ClientConfig",
     "pause before the next pull of a queue behind one that failed"},
    {"consumeMessageBatchMaxSize", &PushConsumerSettings::consumeMessageBatchMaxSize, Unit::none, 1, 1'024,
     true, "DefaultMQPushConsumer", "messages of one call of the listener, which succeed or fail together"},
    // Of more than 32 the broker gives 32 (maxTransferCountOnMessageInMemory).
    {"pullBatchSize", &PushConsumerSettings::pullBatchSize, Unit::none, 1, 1'024, true,
     "DefaultMQPushConsumer", "messages of one pull; the broker gives 32 at the most"},
    {"maxReconsumeTimes", &PushConsumerSettings::maxReconsumeTimes, Unit::none, -1, int_max, true,
     "DefaultMQPushConsumer",
     "retries before the dead-letter queue; -1: 16, and of an orderly listener without end"},
    {"suspendCurrentQueueTimeMillis", &PushConsumerSettings::suspendCurrentQueueTimeMillis,
     Unit::milliseconds, 0, int_max, true, "DefaultMQPushConsumer",
     "pause of a queue whose orderly listener has failed; taken as 10 ms to 30 s"},
    {"consumeTimeout", &PushConsumerSettings::consumeTimeout, Unit::minutes, 1, minutes_max, true,
     "DefaultMQPushConsumer", "work that takes longer: the message is sent back while the listener runs"},
    {"persistConsumerOffsetInterval", &PushConsumerSettings::persistConsumerOffsetInterval,
     Unit::milliseconds, 1, int_max, true, "ClientConfig",
     "pause between two reports of offsets to the broker; what a dead member consumed since comes again, "
     "unless a pull took the offset along"},
    {"heartbeatBrokerInterval", &PushConsumerSettings::heartbeatBrokerInterval, Unit::milliseconds, 1,
     int_max, true, "ClientConfig", "pause between two heartbeats, by which brokers know a group's members"},
    {"pollNameServerInterval", &PushConsumerSettings::pollNameServerInterval, Unit::milliseconds, 1, int_max,
     true, "ClientConfig", "pause between two looks at the routes of its topics, by which it finds new ones"},
    {"connectTimeoutMillis", &PushConsumerSettings::connectTimeoutMillis, Unit::milliseconds, 1, int_max,
     true, "NettyClientConfig", "how long a connect to a host that does not answer may take"},
    {"popInvisibleTime", &PushConsumerSettings::popInvisibleTime, Unit::milliseconds, 5000, 300000, false,
     "DefaultMQPushConsumer",
     "POP: what is not acknowledged so long after it was popped comes again; a listener that takes longer is "
     "not heard"},
    {"popBatchNums", &PushConsumerSettings::popBatchNums, Unit::none, 1, 32, false, "DefaultMQPushConsumer",
     "POP: messages of one pop, which share a checkpoint if they are of one queue"},
    {"popThresholdForQueue", &PushConsumerSettings::popThresholdForQueue, Unit::none, 1, 1024, false,
     "DefaultMQPushConsumer",
     "POP: nothing is popped while more messages of a topic and broker are in the client"},
});

constexpr auto reader_table = std::to_array<Setting<ReaderSettings>>({
    {"pullBatchSize", &ReaderSettings::pullBatchSize, Unit::none, 1, 32, true, "DefaultMQPushConsumer",
     "messages of one pull"},
    {"pullTimeDelayMillsWhenException", &ReaderSettings::pullTimeDelayMillsWhenException, Unit::milliseconds,
     0, int_max, true, "ClientConfig", "pause before the next pull of a queue behind one that failed"},
});

constexpr auto controller_table = std::to_array<Setting<ControllerSettings>>({
    {"enableElectUncleanMaster", &ControllerSettings::enableElectUncleanMaster, Unit::none, 0, 1, false,
     "ControllerConfig",
     "if nobody of the SyncStateSet lives, a replica outside it becomes the master, with the log that it "
     "has; "
     "false: there is no master until one of the set is back"},
    {"scanNotActiveBrokerInterval", &ControllerSettings::scanNotActiveBrokerInterval, Unit::milliseconds, 1,
     int_max, false, "ControllerConfig", "pause between two looks for brokers without a heartbeat"},
    {"scanInactiveMasterInterval", &ControllerSettings::scanInactiveMasterInterval, Unit::milliseconds, 1,
     int_max, false, "ControllerConfig", "pause between two looks for sets whose master is gone"},
    {"notifyBrokerRoleChanged", &ControllerSettings::notifyBrokerRoleChanged, Unit::none, 0, 1, false,
     "ControllerConfig",
     "brokers are told of an election at once; false: when they look (syncBrokerMetadataPeriod)"},
});

constexpr auto name_server_table = std::to_array<Setting<NameServerSettings>>({
    {"supportActingMaster", &NameServerSettings::supportActingMaster, Unit::none, 0, 1, false,
     "NamesrvConfig",
     "routes show the acting master of a set (enableSlaveActingMaster) under brokerId 0, where clients look "
     "for "
     "locks and offsets"},
});

/// Whether each row says where it was read and what it changes.
template <class Table>
constexpr bool is_told(const Table& table) {
  return std::all_of(table.begin(), table.end(), [](const auto& row) {
    return !row.name.empty() && !row.source.empty() && !row.meaning.empty();
  });
}
static_assert(is_told(broker_table) && is_told(producer_table) && is_told(consumer_table) &&
                  is_told(reader_table) && is_told(controller_table) && is_told(name_server_table),
              "a setting needs the class that declares it, and a sentence that says what it changes");

}  // namespace

std::span<const Setting<BrokerSettings>> broker_settings() { return broker_table; }
std::span<const Setting<ProducerBlock>> producer_settings() { return producer_table; }
std::span<const Setting<PushConsumerSettings>> consumer_settings() { return consumer_table; }
std::span<const Setting<ReaderSettings>> reader_settings() { return reader_table; }
std::span<const Setting<ControllerSettings>> controller_settings() { return controller_table; }
std::span<const Setting<NameServerSettings>> name_server_settings() { return name_server_table; }

BrokerSettings broker_defaults(model::Profile profile) {
  BrokerSettings settings;
  // CommitLog.submitFlushRequest of 4.9 wakes the service on every put; 5.x made it a setting.
  if (profile == model::Profile::v4_9) settings.wakeFlushWhenPutMessage = true;
  // BrokerConfig of 4.9; 30 s since 5.1.1.
  if (profile == model::Profile::v4_9) settings.transactionCheckInterval = model::Duration{60'000'000'000};
  return settings;
}

ProducerSettings producer_defaults(model::Profile) { return {}; }

std::string_view to_string(Scope scope) {
  constexpr std::array<std::string_view, 6> names{"broker", "producer",   "consumer",
                                                  "reader", "controller", "nameserver"};
  return names[static_cast<std::size_t>(scope)];
}

}  // namespace brokersim::scenarios::read
