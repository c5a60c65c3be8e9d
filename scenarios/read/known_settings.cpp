// Real settings of RocketMQ that the model does not honour: whatever a properties file or a client
// program may set, by the setters of MessageStoreConfig, BrokerConfig, BrokerIdentity,
// NettyServerConfig, ClientConfig, DefaultMQProducer, TransactionMQProducer, DefaultMQPushConsumer and
// NettyClientConfig in 5.3.3 and 4.9.8 (MixAll.properties2Object takes a file's names from the setters).
#include <algorithm>
#include <array>

#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

constexpr std::string_view broker_in_both =
    "accessMessageInMemoryMaxRatio aclEnable adminBrokerThreadPoolNums autoCreateSubscriptionGroup "
    "autoDeleteUnusedStats "
    "bitMapLengthConsumeQueueExt brokerClusterName brokerFastFailureEnable brokerId brokerIP1 brokerIP2 "
    "brokerName brokerPermission brokerRole brokerTopicEnable checkCRCOnRecover cleanFileForciblyEnable "
    "cleanResourceInterval clientManagerThreadPoolQueueCapacity clientManageThreadPoolNums "
    "clusterTopicEnable commercialBaseCount compressedRegister configBlackList "
    "consumerFallbehindThreshold consumerManagerThreadPoolQueueCapacity consumerManageThreadPoolNums "
    "debugLockEnable defaultQueryMaxNum deleteCommitLogFilesInterval deleteConsumeQueueFilesInterval "
    "deleteWhen destroyMapedFileIntervalForcibly disableConsumeIfConsumerReadSlowly diskFallRecorded "
    "diskMaxUsedSpaceRatio dLegerGroup dLegerPeers dLegerSelfId duplicationEnable enableBatchPush "
    "enableCalcFilterBitMap enableConsumeQueueExt enableDetailStat enableDLegerCommitLog enableLmq "
    "enableMultiDispatch enablePropertyFilter enableScheduleAsyncDeliver enableScheduleMessageStats "
    "endTransactionPoolQueueCapacity expectConsumerNumUseFilter "
    "fastFailIfNoBufferInStorePool fetchNamesrvAddrByAddressServer filterDataCleanTimeSpan "
    "filterSupportRetry flushConsumeQueueLeastPages flushConsumeQueueThoroughInterval "
    "flushConsumerOffsetHistoryInterval flushIntervalConsumeQueue flushLeastPagesWhenWarmMapedFile "
    "forceRegister haHousekeepingInterval haListenPort haMasterAddress haSendHeartbeatInterval "
    "haTransferBatchSize heartbeatThreadPoolNums heartbeatThreadPoolQueueCapacity highSpeedMode "
    "isolateLogEnable listenPort mappedFileSizeConsumeQueue mappedFileSizeConsumeQueueExt "
    "maxErrorRateOfBloomFilter maxHashSlotNum maxIndexNum maxLmqConsumeQueueNum maxMsgsNumBatch "
    "maxTransferBytesOnMessageInDisk maxTransferCountOnMessageInDisk messageIndexEnable messageIndexSafe "
    "messageStorePlugIn "
    "msgTraceTopicName namesrvAddr offsetCheckInSlave preferredLeaderId processReplyMessageThreadPoolNums "
    "pullMessageThreadPoolNums pullThreadPoolQueueCapacity putMessageFutureThreadPoolNums "
    "putMsgIndexHightWater putThreadPoolQueueCapacity queryMessageThreadPoolNums "
    "queryThreadPoolQueueCapacity readOnlyCommitLogStorePaths redeleteHangedFileInterval regionId "
    "registerBrokerTimeoutMills registerNameServerPeriod replyThreadPoolQueueCapacity rocketmqHome "
    "scheduleAsyncDeliverMaxPendingLimit scheduleAsyncDeliverMaxResendNum2Blocked "
    "sendThreadPoolQueueCapacity serverAsyncSemaphoreValue serverCallbackExecutorThreads "
    "serverChannelMaxIdleTimeSeconds serverOnewaySemaphoreValue serverPooledByteBufAllocatorEnable "
    "serverSelectorThreads serverSocketBacklog serverSocketRcvBufSize serverSocketSndBufSize "
    "serverWorkerThreads slaveReadEnable slaveTimeout startAcceptSendRequestTimeStamp storePathCommitLog "
    "storePathDLedgerCommitLog storePathRootDir storeReplyMessageEnable traceOn traceTopicEnable "
    "transferMsgByHeap transientStorePoolSize useEpollNativeSelector useReentrantLockWhenPutMessage "
    "waitTimeMillsInHeartbeatQueue waitTimeMillsInPullQueue "
    "warmMapedFileEnable writeBufferHighWaterMark writeBufferLowWaterMark";

constexpr std::string_view broker_only_5_3 =
    "accessMessageInMemoryHotRatio accountStatsEnable accountStatsPrintZeroValues "
    "ackMessageThreadPoolNums ackThreadPoolQueueCapacity adminBrokerThreadPoolQueueCapacity "
    "allAckInSyncStateSet allowRecallWhenBrokerNotWriteable appendAckAsync appendCkAsync asyncLearner "
    "asyncSendEnable autoMessageVersionOnTopicLen batchDispatchRequestThreadPoolNums bindAddress "
    "bottomMostCompressionTypeForConsumeQueueStore broadcastOffsetExpireMaxSecond "
    "broadcastOffsetExpireSecond brokerConfigPath brokerElectionPriority brokerHeartbeatInterval "
    "brokerNotActiveTimeoutMillis cgColdReadThreshold channelExpiredTimeout checkSyncStateSetPeriod "
    "cleanOfflineBrokerInterval cleanRocksDBDirtyCQIntervalMin cleanSwapedMapInterval "
    "clearRetryTopicWhenDeleteTopic coldCtrStrategyEnable coldDataFlowControlEnable coldDataScanEnable "
    "commercialSizePerMsg commitLogForceSwapMapInterval commitLogSwapMapInterval "
    "commitLogSwapMapReserveFileNum compactionCqMappedFileSize compactionMappedFileSize "
    "compactionScheduleInternal compactionThreadNum compatibleWithOldNameSrv configManagerVersion "
    "consumerOffsetUpdateVersionStep controllerAddr controllerHeartBeatTimeoutMills "
    "correctLogicMinOffsetForceInterval correctLogicMinOffsetSleepInterval dataReadAheadEnable "
    "defaultMessageRequestMode defaultPopShareQueueNum delayOffsetUpdateVersionStep deleteFileBatchMax "
    "disappearTimeAfterStart diskSpaceCleanForciblyRatio diskSpaceWarningLevelRatio dispatchCqCacheNum "
    "dispatchCqThreads dispatchFromSenderThread enableAsyncReput enableAutoInSyncReplicas "
    "enableBroadcastOffsetStore enableBuildConsumeQueueConcurrently enableCleanExpiredOffset "
    "enableCompaction enableControllerMode enableCreateSysGroup enabledAppendPropCRC "
    "enableFastChannelEventProcess enableLmqStats enableMixedMessageType enableNetWorkFlowControl "
    "enableNotifyAfterPopOrderLockRelease enableNotifyBeforePopCalculateLag enablePopBatchAck "
    "enablePopBufferMerge enablePopLog enablePopMessageThreshold enableRegisterProducer "
    "enableRemoteEscape enableRetryTopicV2 enableRocksDBLog enableShutdownGracefully "
    "enableSingleTopicRegister enableSkipLongAwaitingAck enableSlaveActingMaster enableSplitRegistration "
    "estimateAccumulation fetchControllerAddrByDnsLookup fetchNameSrvAddrByDnsLookup "
    "fetchNamesrvAddrInterval forceVerifyPropCRC forwardTimeout globalColdReadThreshold "
    "haFlowControlEnable haMaxGapNotInSync haMaxTimeSlaveNotCatchup inBrokerContainer "
    "initPopOffsetByCheckMsgInMem inSyncReplicas litePullMessageEnable litePullMessageThreadPoolNums "
    "litePullThreadPoolQueueCapacity loadBalancePollNameServerInterval loadBalanceProcessorThreadPoolNums "
    "loadBalanceThreadPoolQueueCapacity lockInStrictMode logicalDiskSpaceCleanForciblyThreshold "
    "logicQueueForceSwapMapInterval logicQueueSwapMapInterval logicQueueSwapMapReserveFileNum "
    "mappedFileSizeTimerLog mappedFileSwapEnable mapperFileSizeBatchConsumeQueue "
    "maxAsyncPutMessageRequests maxBatchDeleteFilesNum maxChecksumRange maxConsumeQueueScan "
    "maxFilterMessageSize maxHaTransferByteInSecond maxOffsetMapSize maxPopPollingSize "
    "maxRecoveryCommitlogFiles maxSlaveResendLength maxStatsIdleTimeInMinutes maxTopicLength "
    "memTableFlushIntervalMs metricGrpcExporterIntervalInMills metricGrpcExporterTimeOutInMills "
    "metricLoggingExporterIntervalInMills metricsExporterType metricsGrpcExporterHeader "
    "metricsGrpcExporterTarget metricsInDelta metricsLabel metricsOtelCardinalityLimit "
    "metricsPromExporterHost metricsPromExporterPort minInSyncReplicas popCkMaxBufferSize "
    "popCkOffsetMaxQueueSize popCkStayBufferTime popCkStayBufferTimeOut popConsumerFSServiceInit "
    "popConsumerKVServiceEnable popConsumerKVServiceInit popConsumerKVServiceLog popFromRetryProbability "
    "popInflightMessageThreshold popLongPollingForceNotifyInterval popPollingMapSize popPollingSize "
    "popResponseReturnActualRetryTopic popReviveMaxAttemptTimes popReviveMaxReturnSizePerRead "
    "printChannelGroups printChannelGroupsMinNum pullBatchMaxMessageCount "
    "putConsumeQueueDataByFileChannel putMessageTimeout realTimeNotifyConsumerChange "
    "realTimePersistRocksDBConfig recallMessageEnable recheckReputOffsetFromCq recoverConcurrently "
    "recoverThreadPoolNums rejectPullConsumerEnable replicasPerDiskPartition "
    "retrieveMessageFromPopRetryTopicV1 reviveAckWaitMs reviveInterval reviveMaxSlow reviveQueueNum "
    "reviveScanTime rocksdbCompressionType rocksdbCQDoubleWriteEnable rocksdbFlushWalFrequency "
    "rocksdbWalFileRollingThreshold sampleCountThreshold sampleSteps searchBcqByCacheEnable "
    "sendHeartbeatTimeoutMillis serverLoadBalancerEnable serverNettyWorkerGroupEnable "
    "shutdownWaitTimeSeconds skipPreOnline skipWhenCKRePutReachMaxTimes "
    "spinLockCollisionRetreatOptimalDegree splitRegistrationSize statRocksDBCQIntervalSec "
    "storePathBrokerIdentity storePathEpochFile storeType subscriptionExpiredTimeout "
    "syncBrokerMemberGroupPeriod syncBrokerMetadataPeriod syncControllerMetadataPeriod syncFromLastFile "
    "syncMasterFlushOffsetWhenStartup timerColdDataCheckIntervalMs timerCongestNumEachSlot "
    "timerEnableCheckMetrics timerEnableRetryUntilSuccess timerFlushIntervalMs timerGetMessageThreadNum "
    "timerInterceptDelayLevel timerMaxDelaySec timerMetricSmallThreshold timerPrecisionMs "
    "timerProgressLogIntervalMs timerPutMessageThreadNum timerRollWindowSlot timerSkipUnknownError "
    "timerStopEnqueue timerWheelEnable topicQueueLockNum totalReplicas transactionMetricFlushInterval "
    "travelCqFileNumWhenGetMessage updateNameServerAddrPeriod useABSLock usePIDColdCtrStrategy "
    "useServerSideResetOffset useStaticSubscription validateSystemTopicWhenUpdateTopic "
    "waitTimeMillsInAckQueue waitTimeMillsInAdminBrokerQueue waitTimeMillsInLitePullQueue";

constexpr std::string_view broker_only_4_9 =
    "commercialBigCount commercialEnable commercialTimerCount commercialTransCount filterServerNums "
    "haSlaveFallbehindMax maxDelayTime";

constexpr std::string_view producer_in_both =
    "accessChannel channelNotActiveInterval checkThreadPoolMaxSize checkThreadPoolMinSize "
    "clientCallbackExecutorThreads clientChannelMaxIdleTimeSeconds clientIP "
    "clientPooledByteBufAllocatorEnable clientSocketRcvBufSize clientSocketSndBufSize clientWorkerThreads "
    "compressMsgBodyOverHowmuch createTopicKey defaultTopicQueueNums enableStreamRequestType instanceName "
    "language maxMessageSize mqClientApiTimeout namespace namesrvAddr persistConsumerOffsetInterval "
    "pollNameServerInterval producerGroup pullTimeDelayMillsWhenException sendLatencyFaultEnable "
    "sendMessageWithVIPChannel unitMode unitName useTLS vipChannelEnabled writeBufferHighWaterMark "
    "writeBufferLowWaterMark";

constexpr std::string_view producer_only_5_3 =
    "autoBatch backPressureForAsyncSendNum backPressureForAsyncSendNumInsideAdjust "
    "backPressureForAsyncSendSize backPressureForAsyncSendSizeInsideAdjust compressLevel compressType "
    "decodeDecompressBody decodeReadBody detectInterval detectTimeout disableCallbackExecutor "
    "disableNettyWorkerGroup enableBackpressureForAsyncMode enableHeartbeatChannelEventListener "
    "enableReconnectForGoAway enableTrace maxReconnectIntervalTimeSeconds namespaceV2 "
    "scanAvailableNameSrv sendLatencyEnable socksProxyConfig startDetectorEnable traceMsgBatchNum "
    "traceTopic useHeartbeatV2";

constexpr std::string_view consumer_in_both =
    "accessChannel adjustThreadPoolNumsThreshold awaitTerminationMillisWhenShutdown "
    "channelNotActiveInterval clientAsyncSemaphoreValue clientCallbackExecutorThreads "
    "clientChannelMaxIdleTimeSeconds clientCloseSocketIfTimeout clientIP clientOnewaySemaphoreValue "
    "clientPooledByteBufAllocatorEnable clientSocketRcvBufSize clientSocketSndBufSize clientWorkerThreads "
    "consumerGroup consumeTimestamp enableStreamRequestType instanceName language "
    "mqClientApiTimeout namespace namesrvAddr postSubscriptionWhenPull pullThresholdForTopic "
    "pullThresholdSizeForTopic unitMode "
    "unitName useTLS vipChannelEnabled writeBufferHighWaterMark writeBufferLowWaterMark";

constexpr std::string_view consumer_only_5_3 =
    "clientRebalance decodeDecompressBody decodeReadBody detectInterval detectTimeout "
    "disableCallbackExecutor disableNettyWorkerGroup enableHeartbeatChannelEventListener "
    "enableReconnectForGoAway enableTrace maxReconnectIntervalTimeSeconds namespaceV2 popBatchNums "
    "popInvisibleTime popThresholdForQueue pullBatchSizeInBytes scanAvailableNameSrv sendLatencyEnable "
    "socksProxyConfig startDetectorEnable traceMsgBatchNum traceTopic useHeartbeatV2";

void add(std::string_view names, bool in_5_3, bool in_4_9, std::vector<KnownSetting>& list) {
  while (!names.empty()) {
    const std::size_t space = std::min(names.find(' '), names.size());
    list.push_back({names.substr(0, space), in_5_3, in_4_9});
    names.remove_prefix(std::min(space + 1, names.size()));
  }
}

std::vector<KnownSetting> listed(std::string_view both, std::string_view only_5_3,
                                 std::string_view only_4_9) {
  std::vector<KnownSetting> list;
  add(both, true, true, list);
  add(only_5_3, true, false, list);
  add(only_4_9, false, true, list);
  return list;
}

/// A plain reader honours fewer of the consumer's settings than a push consumer does.
std::vector<KnownSetting> known_of_readers() {
  std::vector<KnownSetting> list = listed(consumer_in_both, consumer_only_5_3, "");
  for (const auto& setting : consumer_settings()) {
    const auto honoured = [&](const auto& row) { return row.name == setting.name; };
    if (std::none_of(reader_settings().begin(), reader_settings().end(), honoured))
      list.push_back({setting.name, true, setting.in_4_9});
  }
  return list;
}

}  // namespace

const std::vector<KnownSetting>& known_settings(Scope scope) {
  static const std::array<std::vector<KnownSetting>, 4> lists{
      listed(broker_in_both, broker_only_5_3, broker_only_4_9),
      listed(producer_in_both, producer_only_5_3, ""),
      listed(consumer_in_both, consumer_only_5_3, ""),
      known_of_readers(),
  };
  return lists[static_cast<std::size_t>(scope)];
}

}  // namespace brokersim::scenarios::read
