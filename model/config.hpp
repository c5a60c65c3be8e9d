// The immutable configuration of a run: what a scenario file says, after every default is filled in.
// Written once by the reader (or by a test), then shared by all seeds. Settings keep the names of
// the brokers and clients themselves; their files give them in the brokers' units (milliseconds
// where RocketMQ says milliseconds), here they are Durations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "sim/distribution.hpp"

namespace brokersim::model {

using sim::Distribution;
using namespace sim::literals;

// ------------------------------------------------------------------------------- environment

/// A machine: its processes share page cache, disk and power.
struct HostConfig {
  std::string name;
  /// How long one fsync/msync takes on an idle disk. Syncs of one disk queue behind each other. The dirty
  /// pages reach the disk at an instant drawn uniformly within the call, with what they hold then.
  Distribution sync_time = Distribution::lognormal(2_ms, 0.5);
  /// How long the kernel leaves a dirty page of a file that nobody syncs (dirty_expire_centisecs 30 s
  /// plus the 5 s period of the write-back thread).
  Distribution page_writeback = Distribution::uniform(30_s, 35_s);
  /// How long after its time a sleeping thread runs again (timer slack, a busy processor): sends that are
  /// due, and time-outs of synchronous calls.
  Distribution wakeup_latency = Distribution::exponential(100_us);
  /// Offset of the wall clock against simulation time.
  Duration wall_clock_offset{};

  bool operator==(const HostConfig&) const = default;
};

/// One-way delays. `hosts` empty: the default for all pairs; processes of one host use `loopback`.
struct LinkConfig {
  HostId a, b;
  Distribution delay = Distribution::uniform(100_us, 300_us);

  bool operator==(const LinkConfig&) const = default;
};

struct NetworkConfig {
  Distribution delay = Distribution::uniform(100_us, 300_us);
  Distribution loopback = Distribution::uniform(20_us, 60_us);
  std::vector<LinkConfig> links;  ///< exceptions to `delay`
  /// First retransmission after this; then doubling (Linux TCP_RTO_MIN).
  Duration retransmission_timeout = 200_ms;

  bool operator==(const NetworkConfig&) const = default;
};

// ------------------------------------------------------------------------------- RocketMQ broker

enum class Profile : std::uint8_t { v4_9, v5_3 };
enum class FlushDiskType : std::uint8_t { ASYNC_FLUSH, SYNC_FLUSH };

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

  // consuming
  bool longPollingEnable = true;
  Duration shortPollingTimeMills = 1_s;
  bool notifyConsumerIdsChangedEnable = true;
  Duration flushConsumerOffsetInterval = 5_s;
  bool autoCreateSubscriptionGroup = true;

  // delay levels: level n is the nth of these
  std::vector<Duration> messageDelayLevel{1_s,   5_s,   10_s,    30_s,    60_s,    120_s,
                                          180_s, 240_s, 300_s,   360_s,   420_s,   480_s,
                                          540_s, 600_s, 1'200_s, 1'800_s, 3'600_s, 7'200_s};
  Duration flushDelayOffsetInterval = 10_s;

  bool operator==(const BrokerSettings&) const = default;
};

struct BrokerConfig {
  std::string name;
  HostId host;
  Profile profile = Profile::v5_3;
  BrokerSettings settings;
  /// From the restart of the process until it serves (JVM start, recovery of the log).
  Distribution restart_time = Distribution::uniform(3_s, 5_s);
  /// Between the decision about a send (appended, flushed) and its answer leaving the process: thread
  /// hand-over and encoding. If the process dies in between, what it stored has failed for its producer.
  Distribution answer_time = Distribution::uniform(50_us, 150_us);
  /// How long the process has been serving when the run begins: its periodic services (check passes, op
  /// batches, persisting offsets) are so far into their periods. Negative: long, each phase is drawn.
  Duration up_for{-1};

  bool operator==(const BrokerConfig&) const = default;
};

struct TopicConfig {
  std::string name;
  std::int32_t queues = 4;  ///< per broker
  /// When the topic was created; before the run (long ago, safely on disk) if negative.
  Duration created_at{-1};
  std::int32_t properties_size = 0;  ///< bytes of further user properties per message

  bool operator==(const TopicConfig&) const = default;
};

// ------------------------------------------------------------------------------- RocketMQ clients

enum class SendMode : std::uint8_t { sync, async, oneway };

/// What the application does with the result of a send.
enum class OnResult : std::uint8_t {
  checked,    ///< looks: a failure is known to the application ("told")
  unchecked,  ///< never looks: async without (or with an empty) callback, a swallowed exception
};

enum class Arrivals : std::uint8_t {
  constant,  ///< one message each 1/rate
  poisson,   ///< exponential gaps of mean 1/rate
  bursts,    ///< `burst_size` at once, each `burst_every`
  saturated  ///< each thread sends as soon as it is free
};

/// How threads share the arrivals.
enum class Pacing : std::uint8_t {
  per_thread_catch_up,  ///< each thread has its own schedule of rate/threads; late sends follow at once
  per_thread_skip,      ///< the same, but slots that passed while a send was busy are skipped
  per_thread_sleep,  ///< each thread pauses threads/rate *after* a send has returned (Thread.sleep in a loop)
  shared             ///< one schedule; arrivals wait for a free thread
};

enum class QueueChoice : std::uint8_t {
  round_robin,  ///< per thread, starting at a random queue (ThreadLocalIndex)
  fixed,        ///< MessageQueue given by the application: no sync retry
  by_key        ///< selector (hash of the intent): no sync retry
};

/// ClientConfig, NettyClientConfig and DefaultMQProducer.
struct ProducerSettings {
  Duration sendMsgTimeout = 3_s;
  Duration sendMsgMaxTimeoutPerRequest{-1'000'000};  ///< negative: no bound
  std::int32_t retryTimesWhenSendFailed = 2;
  std::int32_t retryTimesWhenSendAsyncFailed = 2;
  bool retryAnotherBrokerWhenNotStoreOK = false;
  Duration connectTimeoutMillis = 3_s;
  bool clientCloseSocketIfTimeout = true;
  Duration heartbeatBrokerInterval = 30_s;
  std::int32_t clientAsyncSemaphoreValue = 65535;
  std::int32_t clientOnewaySemaphoreValue = 65535;

  bool operator==(const ProducerSettings&) const = default;
};

/// What the local transaction of a message comes to, and so which verdict it deserves.
enum class LocalOutcome : std::uint8_t { commit, rollback };

/// What the check-back handler (checkLocalTransaction) answers.
enum class CheckAnswer : std::uint8_t {
  local_state,  ///< COMMIT or ROLLBACK as the database says; UNKNOWN while it runs or if it never ran
  commit,
  rollback,
  unknown
};

/// TransactionMQProducer and its TransactionListener. `send` is sync then: a half message is one synchronous
/// send with its retries.
struct TransactionConfig {
  Distribution local_time = Distribution::uniform(1_ms, 5_ms);  ///< executeLocalTransaction
  double rollback_chance = 0;    ///< of a local transaction to end in ROLLBACK, drawn per intent
  bool returns_unknown = false;  ///< executeLocalTransaction returns UNKNOW whatever became of it
  CheckAnswer check_answer = CheckAnswer::local_state;
  std::int32_t check_answers_from = 1;  ///< the first so many minus one checks of each message get UNKNOW
  /// A check of a message whose local transaction is not in the database (never ran, or the process died in
  /// it) is answered ROLLBACK instead of UNKNOW (check_answer local_state only).
  bool check_absent_is_rollback = false;
  Distribution check_time = Distribution::uniform(500_us, 2_ms);  ///< checkLocalTransaction
  /// CHECK_IMMUNITY_TIME_IN_SECONDS, a property of each message; 0: not set.
  std::int32_t check_immunity_seconds = 0;
  std::int32_t checkRequestHoldMax = 2000;  ///< the check pool (of one thread) holds so many

  bool operator==(const TransactionConfig&) const = default;
};

struct ProducerConfig {
  std::string name;  ///< of the instance: "shop", or "shop-2" when there are several
  HostId host;
  TopicId topic;
  Profile profile = Profile::v5_3;  ///< of the client
  SendMode send = SendMode::sync;
  OnResult on_result = OnResult::checked;
  /// Statuses other than SEND_OK (FLUSH_DISK_TIMEOUT ...) count as success for this application.
  bool accepts_every_status = false;
  std::int32_t threads = 1;
  Arrivals arrivals = Arrivals::constant;
  double rate = 100;  ///< messages per second over all threads (constant, poisson)
  Pacing pacing = Pacing::per_thread_catch_up;
  bool threads_start_together = false;  ///< else the phases of the threads are spread over one period
  std::int32_t burst_size = 0;
  Duration burst_every{};
  std::int64_t messages = 0;  ///< stops after so many intents; 0: an idle instance that only connects
  std::int32_t body_size_min = 256, body_size_max = 256;  ///< bytes, uniform between the two
  QueueChoice queue_choice = QueueChoice::round_robin;
  std::int32_t fixed_queue = 0;
  Duration start_at{};
  Distribution restart_time = Distribution::uniform(1_s, 2_s);
  /// What opening a channel takes in the client itself, before the network is asked (Netty bootstrap, event
  /// loop). Measured: three refused tries take 2 to 14 ms on loopback.
  Distribution connect_time = Distribution::uniform(700_us, 4700_us);
  ProducerSettings settings;
  ProducerGroupId group;  ///< the producer group: who may answer whose checks
  std::optional<TransactionConfig> transaction;

  bool operator==(const ProducerConfig&) const = default;
};

/// A plain reader: pulls every queue of a topic from the start and processes everything.
struct ConsumerConfig {
  std::string name;
  HostId host;
  GroupId group;
  TopicId topic;
  Duration start_at{};
  std::int32_t pullBatchSize = 32;
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
  never             ///< does not return at all
};

/// The business work of a listener: how long, and which deliveries fail.
struct WorkConfig {
  Distribution time = Distribution::uniform(1_ms, 3_ms);
  Acknowledge acknowledge = Acknowledge::after_work;
  double fail_chance = 0;        ///< of each delivery
  double poison_chance = 0;      ///< of each intent: it fails at every delivery (poison message)
  std::int32_t fails_first = 0;  ///< the first so many deliveries of each intent fail
  FailResult fail_result = FailResult::reconsume_later;
  bool applied_when_failing = false;  ///< the effect happens before the failure is reported

  bool operator==(const WorkConfig&) const = default;
};

enum class ConsumeFromWhere : std::uint8_t { CONSUME_FROM_LAST_OFFSET, CONSUME_FROM_FIRST_OFFSET };

/// DefaultMQPushConsumer.
struct PushConsumerSettings {
  ConsumeFromWhere consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  std::int32_t consumeThreadMin = 20;  ///< the pool's queue is unbounded, so this many run
  std::int32_t consumeThreadMax = 20;
  std::int32_t consumeConcurrentlyMaxSpan = 2000;
  std::int32_t pullThresholdForQueue = 1000;
  std::int32_t pullThresholdSizeForQueue = 100;  ///< MiB
  Duration pullInterval{};
  std::int32_t consumeMessageBatchMaxSize = 1;
  std::int32_t pullBatchSize = 32;
  std::int32_t maxReconsumeTimes = -1;  ///< -1: 16
  Duration consumeTimeout = 900_s;      ///< in minutes
  Duration persistConsumerOffsetInterval = 5_s;
  Duration heartbeatBrokerInterval = 30_s;
  Duration pollNameServerInterval = 30_s;
  Duration connectTimeoutMillis = 3_s;

  bool operator==(const PushConsumerSettings&) const = default;
};

/// One instance (process) of a consumer group, clustering and concurrent.
struct PushConsumerConfig {
  std::string name;
  HostId host;
  GroupId group;
  Profile profile = Profile::v5_3;  ///< of the client
  std::vector<TopicId> topics;      ///< its subscription; members of one group may differ, by mistake
  Duration start_at{};
  Distribution restart_time = Distribution::uniform(1_s, 2_s);
  WorkConfig work;
  PushConsumerSettings settings;

  bool operator==(const PushConsumerConfig&) const = default;
};

// ------------------------------------------------------------------------------- faults

enum class FaultKind : std::uint8_t {
  kill,           ///< process: SIGKILL; page cache survives
  stop,           ///< process: graceful shutdown
  restart,        ///< process: start it (again); takes its restart_time
  pause,          ///< process: SIGSTOP
  resume,         ///< process: SIGCONT
  power_loss,     ///< host: all processes die, everything unsynced is gone
  power_on,       ///< host: boots, and its processes start
  slow_disk,      ///< host: syncs take `factor` times as long
  disk_normal,    ///< host
  delay,          ///< link: extra one-way delay `duration`
  delay_over,     ///< link
  partition,      ///< link: bytes are held until healed
  heal_link,      ///< link
  append_stall,   ///< broker: the append lock is held (page cache busy) until append_go_on
  append_go_on,   ///< broker
  reset,          ///< process: all its connections break now
  response_lost,  ///< process (broker): the connection of the triggering request breaks after execution
  create_topic    ///< process (broker): an operator creates the topic again
};

/// What became of files that were never synced (topics.json) at a power loss.
enum class UnsyncedFiles : std::uint8_t { draw, old_version, new_version, empty };

struct FaultAction {
  FaultKind kind = FaultKind::kill;
  ProcessId process;       ///< the kinds above that name a process or broker
  HostId host;             ///< power_loss, power_on, slow_disk, disk_normal; first end of a link
  HostId other_host;       ///< second end of a link
  bool all_links = false;  ///< link faults: host against everybody else
  bool silent = false;     ///< kill: peers see no reset, connects time out until the restart
  double factor = 1;       ///< slow_disk
  Distribution duration = Distribution::constant({0});  ///< delay
  UnsyncedFiles files = UnsyncedFiles::draw;
  TopicId topic;  ///< create_topic

  bool operator==(const FaultAction&) const = default;
};

enum class TriggerKind : std::uint8_t {
  at_time,   ///< once, at a time drawn from `time`
  on_event,  ///< at the nth event named `event` of `actor`
  process    ///< again and again, gaps drawn from `time`, between `from` and `until`
};

struct FaultTrigger {
  TriggerKind kind = TriggerKind::at_time;
  Distribution time = Distribution::constant({0});
  std::uint16_t event = 0;  ///< an EventName (model/event.hpp)
  bool any_actor = true;
  ProcessId actor;
  std::int64_t nth = 1;
  bool before = false;  ///< just before the event instead of just after it
  Duration from{};
  Duration until = Duration::max();

  bool operator==(const FaultTrigger&) const = default;
};

struct FaultConfig {
  FaultTrigger trigger;
  /// Drawn delay between the trigger and the action ("kill 20 ms after the 6000th send").
  Distribution delay = Distribution::constant({0});
  FaultAction action;
  /// The contrary action (restart, resume, power_on, heal ...) follows after this; none: only at heal.
  bool restores = false;
  Distribution restore_after = Distribution::constant({0});

  bool operator==(const FaultConfig&) const = default;
};

// ------------------------------------------------------------------------------- all of it

struct Config {
  std::vector<HostConfig> hosts;
  NetworkConfig network;
  std::vector<BrokerConfig> brokers;
  std::vector<TopicConfig> topics;
  std::vector<ProducerConfig> producers;
  std::vector<ConsumerConfig> consumers;
  std::vector<PushConsumerConfig> push_consumers;
  std::vector<std::string> groups;           ///< consumer groups
  std::vector<std::string> producer_groups;  ///< of producers; every producer is in one
  std::vector<FaultConfig> faults;
  /// The scenario ends at the latest now, even if producers still had messages.
  Duration duration_max = 1_h;
  /// After healing, the run goes on until nothing is pending, or so long.
  Duration drain_timeout = 10_min;

  bool operator==(const Config&) const = default;
};

/// Processes are numbered brokers first, then producers, then plain readers, then push consumers.
inline ProcessId broker_process(std::size_t broker) { return ProcessId(static_cast<std::uint16_t>(broker)); }
inline ProcessId producer_process(const Config& c, std::size_t producer) {
  return ProcessId(static_cast<std::uint16_t>(c.brokers.size() + producer));
}
inline ProcessId consumer_process(const Config& c, std::size_t consumer) {
  return ProcessId(static_cast<std::uint16_t>(c.brokers.size() + c.producers.size() + consumer));
}
inline ProcessId push_consumer_process(const Config& c, std::size_t consumer) {
  return consumer_process(c, c.consumers.size() + consumer);
}

}  // namespace brokersim::model
