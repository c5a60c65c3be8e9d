// Real settings of brokers that the model does not honour, and what it does instead.
#include <array>

#include "scenarios/read/known_groups.hpp"

namespace brokersim::scenarios::read {
namespace {

constexpr auto groups = std::to_array<KnownGroup>({
    // Master and slave.
    {.instead = "a slave finds its master by its brokerName", .in_both = "haListenPort haMasterAddress"},
    {.instead =
         "a slave copies as fast as the network carries, offsets of consumers as the slave gets them, and "
         "an empty one in controller mode from the first file on",
     .in_both = "duplicationEnable offsetCheckInSlave",
     .only_5_3 = "haFlowControlEnable maxHaTransferByteInSecond "
                 "syncFromLastFile syncMasterFlushOffsetWhenStartup"},
    // Slave as acting master.
    {.instead =
         "brokers of a set with an acting master ask a name server each second who is registered, an acting "
         "master asks for routes each 30 s, and each broker gives out its own locks",
     .only_5_3 = "compatibleWithOldNameSrv forwardTimeout loadBalancePollNameServerInterval lockInStrictMode "
                 "syncBrokerMemberGroupPeriod"},
    // DLedger.
    {.instead =
         "a DLedger leader is elected without preference, and pushes what one pass of its dispatcher finds",
     .in_both = "enableBatchPush preferredLeaderId storePathDLedgerCommitLog"},
    // Controller.
    {.instead = "the file's \"controllers\" are all there are, and every broker finds them",
     .only_5_3 = "controllerAddr fetchControllerAddrByDnsLookup sendHeartbeatTimeoutMillis "
                 "storePathBrokerIdentity storePathEpochFile syncControllerMetadataPeriod"},
    {.instead = "every replica may come into the SyncStateSet", .only_5_3 = "asyncLearner"},
    // Name servers.
    {.instead =
         "the file's \"nameservers\" are all there are, each registration has all topics and 24 s, and one "
         "of a new topic that topic alone (5.3)",
     .in_both = "compressedRegister fetchNamesrvAddrByAddressServer forceRegister namesrvAddr "
                "registerBrokerTimeoutMills",
     .only_5_3 = "enableSingleTopicRegister enableSplitRegistration fetchNameSrvAddrByDnsLookup "
                 "fetchNamesrvAddrInterval splitRegistrationSize updateNameServerAddrPeriod"},
    // POP.
    {.instead = "POP is as these settings leave it: its records are put at once and one by one, its retry "
                "topics are "
                "of version 1, nothing holds a pop back, and checkpoints are kept in the log",
     .only_5_3 =
         "ackMessageThreadPoolNums ackThreadPoolQueueCapacity appendAckAsync appendCkAsync "
         "defaultMessageRequestMode defaultPopShareQueueNum enableNotifyAfterPopOrderLockRelease "
         "enableNotifyBeforePopCalculateLag enablePopBatchAck enablePopLog "
         "enablePopMessageThreshold enableRetryTopicV2 enableSkipLongAwaitingAck "
         "initPopOffsetByCheckMsgInMem "
         "loadBalanceProcessorThreadPoolNums loadBalanceThreadPoolQueueCapacity maxPopPollingSize "
         "popCkOffsetMaxQueueSize "
         "popConsumerFSServiceInit popConsumerKVServiceEnable popConsumerKVServiceInit "
         "popConsumerKVServiceLog popInflightMessageThreshold "
         "popLongPollingForceNotifyInterval popPollingMapSize popPollingSize "
         "popResponseReturnActualRetryTopic popReviveMaxAttemptTimes popReviveMaxReturnSizePerRead "
         "retrieveMessageFromPopRetryTopicV1 reviveAckWaitMs "
         "reviveScanTime serverLoadBalancerEnable skipWhenCKRePutReachMaxTimes waitTimeMillsInAckQueue"},
    // Timer wheel.
    {.instead =
         "the timer wheel has as many threads as it needs, nothing is recalled, and no slot is ever full",
     .only_5_3 =
         "allowRecallWhenBrokerNotWriteable disappearTimeAfterStart mappedFileSizeTimerLog "
         "recallMessageEnable timerCongestNumEachSlot timerEnableCheckMetrics timerGetMessageThreadNum "
         "timerMetricSmallThreshold timerProgressLogIntervalMs timerPutMessageThreadNum "
         "timerSkipUnknownError "
         "timerStopEnqueue"},
    // ScheduleMessageService.
    {.instead = "delayed messages are delivered one after another, each put before the next",
     .in_both = "enableScheduleAsyncDeliver enableScheduleMessageStats scheduleAsyncDeliverMaxPendingLimit "
                "scheduleAsyncDeliverMaxResendNum2Blocked"},
    // SendMessageProcessor.
    {.instead = "sends wait for their flush without a thread of their own, and the same holds for what the "
                "broker answers later",
     .in_both = "putMessageFutureThreadPoolNums",
     .only_5_3 = "asyncSendEnable"},
    // Queues before threads.
    {.instead = "the queues before the threads take any number of requests, and time-outs in them are always "
                "looked for",
     .in_both = "brokerFastFailureEnable endTransactionPoolQueueCapacity sendThreadPoolQueueCapacity"},
    // Other requests.
    {.instead =
         "pulls, heartbeats, offsets and queries are executed when they come: their threads and queues "
         "are never full",
     .in_both =
         "adminBrokerThreadPoolNums clientManagerThreadPoolQueueCapacity clientManageThreadPoolNums "
         "consumerManagerThreadPoolQueueCapacity consumerManageThreadPoolNums heartbeatThreadPoolNums "
         "heartbeatThreadPoolQueueCapacity processReplyMessageThreadPoolNums pullMessageThreadPoolNums "
         "pullThreadPoolQueueCapacity putThreadPoolQueueCapacity queryMessageThreadPoolNums "
         "queryThreadPoolQueueCapacity replyThreadPoolQueueCapacity waitTimeMillsInHeartbeatQueue "
         "waitTimeMillsInPullQueue",
     .only_5_3 =
         "adminBrokerThreadPoolQueueCapacity litePullMessageEnable litePullMessageThreadPoolNums "
         "litePullThreadPoolQueueCapacity waitTimeMillsInAdminBrokerQueue waitTimeMillsInLitePullQueue"},
    // Appending.
    {.instead = "an append takes no time, and its lock is held by stall_appends alone, whatever kind of lock "
                "it is",
     .in_both = "debugLockEnable useReentrantLockWhenPutMessage",
     .only_5_3 = "maxAsyncPutMessageRequests putMessageTimeout spinLockCollisionRetreatOptimalDegree "
                 "topicQueueLockNum useABSLock"},
    // Record size.
    {.instead = "records are as long as the default makes them: CLUSTER, MSG_REGION=DefaultRegion and "
                "TRACE_ON=true, no CRC among the properties",
     .in_both = "brokerClusterName regionId traceOn",
     .only_5_3 = "autoMessageVersionOnTopicLen enabledAppendPropCRC forceVerifyPropCRC"},
    // Memory.
    {.instead = "reads come from memory, and neither a page nor a buffer is ever short: the transient pool "
                "has one for each new file",
     .in_both =
         "accessMessageInMemoryMaxRatio consumerFallbehindThreshold disableConsumeIfConsumerReadSlowly "
         "diskFallRecorded fastFailIfNoBufferInStorePool flushLeastPagesWhenWarmMapedFile "
         "maxTransferBytesOnMessageInDisk maxTransferCountOnMessageInDisk transferMsgByHeap "
         "transientStorePoolSize warmMapedFileEnable",
     .only_5_3 =
         "accessMessageInMemoryHotRatio cgColdReadThreshold coldCtrStrategyEnable coldDataFlowControlEnable "
         "coldDataScanEnable dataReadAheadEnable globalColdReadThreshold sampleSteps "
         "timerColdDataCheckIntervalMs usePIDColdCtrStrategy"},
    // Recovery.
    {.instead = "a start takes `restart_time`, and finds the log up to its last whole record",
     .in_both = "checkCRCOnRecover",
     .only_5_3 = "maxChecksumRange recheckReputOffsetFromCq recoverConcurrently recoverThreadPoolNums"},
    // Consume queues and indexes.
    {.instead = "consume queues and indexes are made of the log at each start, and cost nothing",
     .in_both =
         "bitMapLengthConsumeQueueExt enableConsumeQueueExt flushConsumeQueueLeastPages "
         "flushConsumeQueueThoroughInterval flushIntervalConsumeQueue mappedFileSizeConsumeQueue "
         "mappedFileSizeConsumeQueueExt maxHashSlotNum maxIndexNum messageIndexEnable messageIndexSafe",
     .only_5_3 =
         "batchDispatchRequestThreadPoolNums correctLogicMinOffsetForceInterval "
         "correctLogicMinOffsetSleepInterval enableBuildConsumeQueueConcurrently estimateAccumulation "
         "mapperFileSizeBatchConsumeQueue maxConsumeQueueScan putConsumeQueueDataByFileChannel "
         "sampleCountThreshold searchBcqByCacheEnable travelCqFileNumWhenGetMessage"},
    // Deletion.
    {.instead = "files are deleted at once, one after another, and nothing hangs on to them",
     .in_both =
         "deleteCommitLogFilesInterval deleteConsumeQueueFilesInterval destroyMapedFileIntervalForcibly "
         "readOnlyCommitLogStorePaths redeleteHangedFileInterval",
     .only_5_3 = "logicalDiskSpaceCleanForciblyThreshold replicasPerDiskPartition"},
    // Other stores.
    {.instead = "the store is the commit log, and topics and offsets are JSON files that are never synced",
     .in_both = "messageStorePlugIn",
     .only_5_3 =
         "bottomMostCompressionTypeForConsumeQueueStore cleanRocksDBDirtyCQIntervalMin configManagerVersion "
         "enableRocksDBLog memTableFlushIntervalMs realTimePersistRocksDBConfig rocksdbCompressionType "
         "rocksdbCQDoubleWriteEnable rocksdbFlushWalFrequency rocksdbWalFileRollingThreshold "
         "statRocksDBCQIntervalSec storeType"},
    // Other kinds of topics.
    {.instead = "topics are plain ones: no batches, no light queues, no compaction, no requests with replies",
     .in_both = "enableLmq enableMultiDispatch maxLmqConsumeQueueNum maxMsgsNumBatch storeReplyMessageEnable",
     .only_5_3 =
         "compactionCqMappedFileSize compactionMappedFileSize compactionScheduleInternal compactionThreadNum "
         "enableCompaction enableLmqStats enableMixedMessageType maxOffsetMapSize"},
    // Filters.
    {.instead = "consumers take every message of their topics: there are no tags and no filters",
     .in_both =
         "enableCalcFilterBitMap enablePropertyFilter expectConsumerNumUseFilter filterDataCleanTimeSpan "
         "filterSupportRetry maxErrorRateOfBloomFilter",
     .only_5_3 = "maxFilterMessageSize useStaticSubscription"},
    // Broadcasting.
    {.instead =
         "a broadcasting consumer keeps its offsets in a file of its own, and no broker keeps them for it",
     .only_5_3 = "broadcastOffsetExpireMaxSecond broadcastOffsetExpireSecond enableBroadcastOffsetStore"},
    // Clients that are gone.
    {.instead = "a client whose heartbeats stop is forgotten after 120 s",
     .only_5_3 = "channelExpiredTimeout subscriptionExpiredTimeout"},
    // DefaultConsumerIdsChangeListener.
    {.instead = "members of a group are told at once", .only_5_3 = "realTimeNotifyConsumerChange"},
    // Permissions.
    {.instead = "everybody may do everything from the start, and every group exists",
     .in_both = "aclEnable autoCreateSubscriptionGroup brokerPermission brokerTopicEnable clusterTopicEnable "
                "startAcceptSendRequestTimeStamp",
     .only_5_3 = "enableCreateSysGroup enableRegisterProducer rejectPullConsumerEnable "
                 "validateSystemTopicWhenUpdateTopic"},
    // Operators.
    {.instead = "an operator does what `faults` says, and nothing else",
     .in_both = "configBlackList defaultQueryMaxNum",
     .only_5_3 = "clearRetryTopicWhenDeleteTopic useServerSideResetOffset"},
    // Addresses and paths.
    {.instead = "processes know each other by their names in the file, and have the folders and the machine "
                "of their `host`",
     .in_both = "brokerIP1 brokerIP2 listenPort rocketmqHome storePathCommitLog storePathRootDir",
     .only_5_3 = "bindAddress brokerConfigPath inBrokerContainer"},
    // Network.
    {.instead =
         "the network has the delays of `network` and no buffers, limits or idle closes; a broker that "
         "stops closes its connections at once",
     .in_both = "serverAsyncSemaphoreValue serverCallbackExecutorThreads serverChannelMaxIdleTimeSeconds "
                "serverOnewaySemaphoreValue serverPooledByteBufAllocatorEnable serverSelectorThreads "
                "serverSocketBacklog serverSocketRcvBufSize serverSocketSndBufSize serverWorkerThreads "
                "useEpollNativeSelector writeBufferHighWaterMark writeBufferLowWaterMark",
     .only_5_3 = "enableFastChannelEventProcess enableNetWorkFlowControl enableShutdownGracefully "
                 "serverNettyWorkerGroupEnable shutdownWaitTimeSeconds"},
    // Statistics.
    {.instead = "the broker keeps no statistics, logs and traces of its own; the trace is `brokersim trace`",
     .in_both =
         "autoDeleteUnusedStats commercialBaseCount enableDetailStat isolateLogEnable msgTraceTopicName "
         "traceTopicEnable",
     .only_5_3 =
         "accountStatsEnable accountStatsPrintZeroValues commercialSizePerMsg maxStatsIdleTimeInMinutes "
         "metricGrpcExporterIntervalInMills metricGrpcExporterTimeOutInMills "
         "metricLoggingExporterIntervalInMills metricsExporterType metricsGrpcExporterHeader "
         "metricsGrpcExporterTarget metricsInDelta metricsLabel metricsOtelCardinalityLimit "
         "metricsPromExporterHost metricsPromExporterPort printChannelGroups printChannelGroupsMinNum "
         "transactionMetricFlushInterval"},
    // Read by nobody.
    {.instead = "RocketMQ declares it and never reads it",
     .in_both = "flushConsumerOffsetHistoryInterval highSpeedMode putMsgIndexHightWater",
     .only_5_3 =
         "cleanOfflineBrokerInterval cleanSwapedMapInterval commitLogForceSwapMapInterval "
         "commitLogSwapMapInterval commitLogSwapMapReserveFileNum dispatchCqCacheNum dispatchCqThreads "
         "dispatchFromSenderThread enableAsyncReput enableCleanExpiredOffset logicQueueForceSwapMapInterval "
         "logicQueueSwapMapInterval logicQueueSwapMapReserveFileNum mappedFileSwapEnable "
         "maxBatchDeleteFilesNum maxRecoveryCommitlogFiles maxSlaveResendLength maxTopicLength "
         "pullBatchMaxMessageCount timerInterceptDelayLevel",
     .only_4_9 =
         "commercialBigCount commercialEnable commercialTimerCount commercialTransCount filterServerNums "
         "maxDelayTime"},
});
static_assert(all_told(groups), "each group says what the model does instead");

}  // namespace

std::span<const KnownGroup> known_of_brokers() { return groups; }

}  // namespace brokersim::scenarios::read
