// RocketMQ brokers and topics.
// Settings keep the names of MessageStoreConfig and BrokerConfig.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "sim/distribution.hpp"

namespace brokersim::model {

using sim::Distribution;
using namespace sim::literals;

enum class Profile : std::uint8_t { v4_9, v5_3 };
enum class FlushDiskType : std::uint8_t { ASYNC_FLUSH, SYNC_FLUSH };
enum class BrokerRole : std::uint8_t { ASYNC_MASTER, SYNC_MASTER, SLAVE };

/// MessageStoreConfig and BrokerConfig, as far as the model honours them. Defaults: RocketMQ 5.3.3.
struct BrokerSettings {
  FlushDiskType flushDiskType = FlushDiskType::ASYNC_FLUSH;
  Duration flushIntervalCommitLog = 500_ms;
  std::int32_t flushCommitLogLeastPages = 4;
  Duration flushCommitLogThoroughInterval = 10_s;
  bool flushCommitLogTimed = true;  ///< true: sleeps the whole interval; false: a put may wake it
  bool wakeFlushWhenPutMessage = false;
  Duration syncFlushTimeout = 5_s;
  bool transientStorePoolEnable = false;
  Duration commitIntervalCommitLog = 200_ms;
  std::int32_t commitCommitLogLeastPages = 4;
  Duration commitCommitLogThoroughInterval = 200_ms;
  bool wakeCommitWhenPutMessage = true;
  bool readUnCommitted = false;
  std::int64_t mappedFileSizeCommitLog = 1LL << 30;  ///< bytes
  std::int32_t maxMessageSize = 4 * 1024 * 1024;     ///< bytes
  Duration osPageCacheBusyTimeOutMills = 1_s;
  Duration waitTimeMillsInSendQueue = 200_ms;
  std::int32_t sendMessageThreadPoolNums = 4;  ///< min(processors, 4)
  /// max(8 + 2 * processors, 4 * the default of sendMessageThreadPoolNums): on four processors.
  std::int32_t endTransactionThreadPoolNums = 16;
  Duration waitTimeMillsInTransactionQueue = 3_s;
  bool autoCreateTopicEnable = true;
  std::int32_t defaultTopicQueueNums = 8;

  // transactions
  Duration transactionTimeOut = 6_s;
  std::int32_t transactionCheckMax = 15;
  Duration transactionCheckInterval = 30_s;     ///< 60 s in 4.9
  std::int32_t transactionOpMsgMaxSize = 4096;  ///< bytes (5.3)
  Duration transactionOpBatchInterval = 3_s;    ///< (5.3)
  bool rejectTransactionMessage = false;
  Duration fileReservedTime = 72_h;  ///< in hours: a half older than this is skipped

  // retention
  std::vector<std::int32_t> deleteWhen{4};  ///< hours of the day
  std::int32_t diskMaxUsedSpaceRatio = 75;  ///< percent
  std::int32_t diskSpaceCleanForciblyRatio = 85;
  std::int32_t diskSpaceWarningLevelRatio = 90;
  bool cleanFileForciblyEnable = true;
  Duration cleanResourceInterval = 10_s;
  std::int32_t deleteFileBatchMax = 10;

  // consuming
  bool longPollingEnable = true;
  Duration shortPollingTimeMills = 1_s;
  bool notifyConsumerIdsChangedEnable = true;
  Duration flushConsumerOffsetInterval = 5_s;
  std::int32_t maxTransferBytesOnMessageInMemory = 256 * 1024;  ///< bytes of records, in one pull
  std::int32_t maxTransferCountOnMessageInMemory = 32;

  // delay levels: level n is the nth of these
  std::vector<Duration> messageDelayLevel{1_s,   5_s,   10_s,    30_s,    60_s,    120_s,
                                          180_s, 240_s, 300_s,   360_s,   420_s,   480_s,
                                          540_s, 600_s, 1'200_s, 1'800_s, 3'600_s, 7'200_s};
  Duration flushDelayOffsetInterval = 10_s;

  Duration registerNameServerPeriod = 30_s;  ///< at least 10 s, at most 60 s, whatever it says
  // timer wheel (5.3)
  bool timerWheelEnable = true;
  Duration timerPrecisionMs = 1_s;             ///< the next lower of 100, 200, 500 and 1000 ms
  std::int32_t timerMaxDelaySec = 259'200;     ///< seconds
  std::int32_t timerRollWindowSlot = 172'800;  ///< slots of timerPrecisionMs
  Duration timerFlushIntervalMs = 1_s;
  bool timerEnableRetryUntilSuccess = false;

  // POP (5.3)
  std::int32_t reviveQueueNum = 8;
  Duration reviveInterval = 1_s;
  std::int32_t reviveMaxSlow = 3;
  std::int32_t popFromRetryProbability = 20;  ///< percent
  bool enablePopBufferMerge = false;
  Duration popCkStayBufferTime = 10_s;
  Duration popCkStayBufferTimeOut = 3_s;
  std::int32_t popCkMaxBufferSize = 200'000;

  // replication
  std::string brokerName;     ///< of the replica set; the scenario's reader fills it in
  std::int64_t brokerId = 0;  ///< 0: the master
  BrokerRole brokerRole = BrokerRole::ASYNC_MASTER;
  bool slaveReadEnable = false;
  std::int32_t inSyncReplicas =
      1;  ///< SYNC_MASTER: acknowledgements that a put needs, the master's among them (5.3)
  Duration slaveTimeout = 3_s;
  std::int64_t haSlaveFallbehindMax = 256LL * 1024 * 1024;  ///< bytes (4.9)
  Duration haSendHeartbeatInterval = 5_s;
  Duration haHousekeepingInterval = 20_s;
  std::int32_t haTransferBatchSize = 32 * 1024;  ///< bytes

  // controller mode (5.3)
  bool enableControllerMode = false;
  bool allAckInSyncStateSet = false;
  std::int32_t minInSyncReplicas = 1;  ///< with an acting master: of enableAutoInSyncReplicas
  Duration haMaxTimeSlaveNotCatchup = 15_s;
  Duration brokerHeartbeatInterval = 1_s;
  Duration controllerHeartBeatTimeoutMills = 10_s;
  Duration syncBrokerMetadataPeriod = 5_s;
  Duration checkSyncStateSetPeriod = 5_s;
  std::int32_t brokerElectionPriority = std::numeric_limits<std::int32_t>::max();  ///< the lowest is chosen

  // DLedger
  bool enableDLegerCommitLog = false;
  std::string dLegerGroup;   ///< its members have the same brokerName
  std::string dLegerPeers;   ///< "n0-host:port;n1-host:port;..."
  std::string dLegerSelfId;  ///< n0, n1 ...
  // slave as acting master (5.3)
  bool enableSlaveActingMaster = false;
  bool enableAutoInSyncReplicas = false;
  std::int64_t haMaxGapNotInSync = 256LL * 1024 * 1024;  ///< bytes
  bool enableRemoteEscape = false;
  std::int32_t totalReplicas = 1;
  bool skipPreOnline = false;
  Duration brokerNotActiveTimeoutMillis = 10_s;
  std::int32_t consumerOffsetUpdateVersionStep = 500;
  std::int32_t delayOffsetUpdateVersionStep = 200;

  bool operator==(const BrokerSettings&) const = default;
};

/// As a replica set: the broker is a set of its own.
inline constexpr std::uint16_t own_set = 0xffff;

/// MessageStoreConfig.setTimerPrecisionMs: the next lower of these.
constexpr Duration timer_precision(Duration timerPrecisionMs) {
  for (const Duration candidate : {1000_ms, 500_ms, 200_ms}) {
    if (timerPrecisionMs >= candidate) return candidate;
  }
  return 100_ms;
}

struct BrokerConfig {
  std::string name;  ///< of the process; its replica set is called settings.brokerName
  HostId host;
  Profile profile = Profile::v5_3;
  BrokerSettings settings;
  /// From the restart of the process until it serves (JVM start, recovery of the log).
  Distribution restart_time = Distribution::uniform(3_s, 5_s);
  /// Between the decision about a send (appended, flushed) and its answer leaving the process: thread
  /// hand-over and encoding. If the process dies in between, what it stored has failed for its producer.
  Distribution answer_time = Distribution::uniform(50_us, 150_us);
  /// What one effect takes a check pass: reading, encoding, appending and logging one copy, putting its
  /// question into the pool, or moving one half message aside. Against the millisecond of ReputMessageService
  /// it decides whether a pass that spends the last check of several messages meets their copies at its end
  /// and discards them at once (measured: it did with five), or one of them alone, by luck.
  Distribution check_effect_time = Distribution::constant(250_us);
  /// How often a millisecond ends between the two readings of the clock in one wake of the op batch service
  /// (at its start, and when it takes the batch), so that the next wake finds too little time gone and skips.
  /// They are some ten microseconds apart on an idle machine; more under load.
  double op_batch_slip_chance = 0.05;
  /// How long the process has been serving when the run begins: its periodic services (check passes, op
  /// batches, persisting offsets) are so far into their periods. Negative: long, each phase is drawn.
  Duration up_for{-1};
  /// The replica set: the number of its master (brokerId 0) among the brokers; of a DLedger group, which
  /// elects its master, that of its first member.
  std::uint16_t set = own_set;

  /// In controller mode: when the run begins. Later its role is its own affair (model/rocketmq/replicas.hpp).
  bool is_slave() const { return settings.brokerRole == BrokerRole::SLAVE; }
  bool is_controlled() const { return settings.enableControllerMode; }
  /// A member of a DLedger group: whether it is master or slave is decided by elections.
  bool in_group() const { return settings.enableDLegerCommitLog; }
  /// Whoever is the master of its set is state, in one way or the other: clients know it from their routes.
  bool elects_master() const { return is_controlled() || in_group(); }
  /// A slave of its set stands in for a master that is gone.
  bool has_stand_in() const { return settings.enableSlaveActingMaster; }
  /// Who has brokerId 0 is what a client's route says, and may change.
  bool is_found_by_route() const { return elects_master() || has_stand_in(); }
  /// BrokerController.start: isolated, until BrokerPreOnlineService lets it register.
  bool comes_online_late() const {
    return has_stand_in() && settings.totalReplicas > 1 && !settings.skipPreOnline;
  }
  bool operator==(const BrokerConfig&) const = default;
};

/// NamesrvConfig, as far as the model honours it. Defaults: RocketMQ 5.3.3.
struct NameServerSettings {
  bool supportActingMaster = false;

  bool operator==(const NameServerSettings&) const = default;
};

/// A name server. A file without any has routes that everybody knows from the start and for ever.
struct NameServerConfig {
  std::string name;
  HostId host;
  Profile profile = Profile::v5_3;
  NameServerSettings settings;
  Distribution restart_time = Distribution::uniform(1_s, 2_s);

  bool operator==(const NameServerConfig&) const = default;
};

/// ControllerConfig, as far as the model honours it. Defaults: RocketMQ 5.3.3.
struct ControllerSettings {
  bool enableElectUncleanMaster = false;
  Duration scanNotActiveBrokerInterval = 5_s;
  Duration scanInactiveMasterInterval = 5_s;
  bool notifyBrokerRoleChanged = true;

  bool operator==(const ControllerSettings&) const = default;
};

/// The controller of all brokers in controller mode. It stands for the whole quorum.
struct ControllerConfig {
  std::string name;
  HostId host;
  ControllerSettings settings;
  Distribution restart_time = Distribution::uniform(1_s, 2_s);

  bool operator==(const ControllerConfig&) const = default;
};

struct TopicConfig {
  std::string name;
  std::int32_t queues = 4;  ///< per broker
  /// When the topic was created; before the run (long ago, safely on disk) if negative.
  Duration created_at{-1};
  std::int32_t properties_size = 0;  ///< bytes of further user properties per message

  bool operator==(const TopicConfig&) const = default;
};

}  // namespace brokersim::model
