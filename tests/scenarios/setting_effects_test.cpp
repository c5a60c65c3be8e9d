// Each honoured setting changes something: the same scenario of the library with two values of it, and what
// becomes more or less. A setting that is read and has no effect is found here; so is one without a row.
#include <algorithm>

#include "scenarios/read/settings.hpp"
#include "scenarios/run/seed_run.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;

/// What the second value does to the count, or to the trace alone.
enum class Moves : std::uint8_t { less, more, trace };

struct Effect {
  std::string scope, name, first, second;
  std::string scenario;  ///< of the library
  std::optional<Count> count;
  Moves moves;
  std::vector<Override> with = {};  ///< makes the scenario one in which the setting matters
};

const std::vector<Effect>& effects() {
  static const std::vector<Effect> table{
      {"broker", "flushDiskType", "ASYNC_FLUSH", "SYNC_FLUSH", "store-async-flush-power-loss",
       Count::vanished, Moves::less},
      {"broker", "flushIntervalCommitLog", "500", "50", "store-async-flush-power-loss", Count::vanished,
       Moves::less},
      {"broker", "flushCommitLogLeastPages", "4", "0", "store-ten-per-second-power-loss", Count::vanished,
       Moves::less},
      {"broker", "flushCommitLogThoroughInterval", "10000", "1000", "store-async-flush-low-traffic",
       Count::vanished, Moves::less},
      // Each commit of the pool wakes the flush.
      {"broker", "flushCommitLogTimed", "true", "false", "store-transient-pool-power-loss", Count::vanished,
       Moves::less},
      {"broker", "wakeFlushWhenPutMessage", "false", "true", "store-flush-not-timed-power-loss",
       Count::vanished, Moves::less},
      {"broker", "syncFlushTimeout", "5000", "10", "sending-producer-killed", Count::acknowledged,
       Moves::less},
      {"broker", "transientStorePoolEnable", "false", "true", "store-async-flush-kill", Count::vanished,
       Moves::more},
      {"broker",
       "commitIntervalCommitLog",
       "200",
       "20",
       "store-transient-pool-kill",
       Count::vanished,
       Moves::less,
       {{"cluster.brokers.*.config.wakeCommitWhenPutMessage", "false"},
        {"cluster.brokers.*.config.commitCommitLogLeastPages", "0"}}},
      {"broker", "commitCommitLogLeastPages", "4", "40", "store-transient-pool-kill", Count::vanished,
       Moves::more},
      {"broker", "commitCommitLogThoroughInterval", "200", "2000", "store-transient-pool-low-traffic-kill",
       Count::vanished, Moves::more},
      {"broker", "wakeCommitWhenPutMessage", "true", "false", "store-transient-pool-kill", Count::vanished,
       Moves::more},
      {"broker",
       "readUnCommitted",
       "false",
       "true",
       "consuming-ahead-of-truncation",
       Count::deliveries,
       Moves::more,
       {{"cluster.brokers.*.config.flushDiskType", "SYNC_FLUSH"},
        {"hosts", R"([ { "name": "host-1", "sync_time": "200ms" } ])"}}},
      // One flush covers one file.
      {"broker", "mappedFileSizeCommitLog", "1073741824", "65536", "store-async-flush-power-loss",
       Count::vanished, Moves::more},
      {"broker", "maxMessageSize", "4194304", "100", "consuming-a-new-group", Count::told_failed,
       Moves::more},
      {"broker", "osPageCacheBusyTimeOutMills", "1000", "50", "sending-page-cache-busy", Count::told_failed,
       Moves::more},
      {"broker", "waitTimeMillsInSendQueue", "200", "20", "sending-page-cache-busy", Count::told_failed,
       Moves::more},
      {"broker", "sendMessageThreadPoolNums", "4", "1", "sending-page-cache-busy-4.9", Count::told_failed,
       Moves::more},
      {"broker", "endTransactionThreadPoolNums", "16", "1", "transaction-verdicts-dropped", Count::stored,
       Moves::less},
      {"broker", "waitTimeMillsInTransactionQueue", "3000", "600000", "transaction-verdicts-dropped",
       Count::stored, Moves::more},
      // Idle producers of 4.9 are known by the topic that creates topics.
      {"broker", "autoCreateTopicEnable", "true", "false", "transaction-peer-known-in-4.9", Count::discarded,
       Moves::more},
      // The producers go on with the four queues of the topic that was lost; those that are no more are
      // refused.
      {"broker",
       "defaultTopicQueueNums",
       "8",
       "1",
       "store-topic-configuration-lost",
       Count::acknowledged,
       Moves::less,
       {{"producers.0.messages", "4000"}, {"cluster.brokers.*.config.autoCreateTopicEnable", "true"}}},
      {"broker", "transactionTimeOut", "6000", "1000", "transaction-check-answers-rollback-too-early",
       Count::checks, Moves::more},
      {"broker", "transactionCheckMax", "15", "2", "transaction-peer-unknown-to-the-broker",
       Count::half_records, Moves::less},
      {"broker", "transactionCheckInterval", "30000", "1000", "transaction-op-still-in-memory", Count::checks,
       Moves::more},
      {"broker", "transactionOpMsgMaxSize", "4096", "1", "transaction-broker-killed-with-ops-in-memory",
       Count::duplicated, Moves::less},
      {"broker", "transactionOpBatchInterval", "3000", "100", "transaction-broker-killed-with-ops-in-memory",
       Count::duplicated, Moves::less},
      {"broker", "rejectTransactionMessage", "false", "true", "transaction-smallest-world",
       Count::told_failed, Moves::more},
      {"broker",
       "fileReservedTime",
       "72",
       "1",
       "transaction-every-verdict-unknown",
       Count::checks,
       Moves::less,
       {{"cluster.brokers.*.config.transactionCheckInterval", "600000"}, {"drain_timeout", "4h"}}},
      // The clock begins at midnight: old files go in the second hour, and not in the fifth.
      {"broker",
       "deleteWhen",
       "04",
       "01",
       "consuming-retention",
       std::nullopt,
       Moves::trace,
       {{"cluster.brokers.*.config.fileReservedTime", "1"},
        {"producers.0.rate", "1/s"},
        {"producers.0.messages", "6000"},
        {"duration_max", "3h"},
        {"hosts", R"([ { "name": "host-1", "disk": { "size": "200MiB", "used": "100MiB" } } ])"},
        {"faults", "[]"}}},
      {"broker",
       "diskMaxUsedSpaceRatio",
       "75",
       "10",
       "consuming-retention",
       std::nullopt,
       Moves::trace,
       {{"cluster.brokers.*.config.fileReservedTime", "1"},
        {"producers.0.rate", "1/s"},
        {"producers.0.messages", "6000"},
        {"duration_max", "3h"},
        {"hosts", R"([ { "name": "host-1", "disk": { "size": "200MiB", "used": "100MiB" } } ])"},
        {"faults", "[]"}}},
      {"broker", "diskSpaceCleanForciblyRatio", "85", "30", "consuming-retention", std::nullopt,
       Moves::trace},
      {"broker", "diskSpaceWarningLevelRatio", "90", "35", "sending-disk-full", Count::told_failed,
       Moves::more},
      {"broker", "cleanFileForciblyEnable", "true", "false", "consuming-retention", Count::lost, Moves::less},
      {"broker", "cleanResourceInterval", "10000", "1000", "sending-disk-full", std::nullopt, Moves::trace},
      {"broker", "deleteFileBatchMax", "10", "1", "consuming-retention", Count::lost, Moves::less},
      {"broker", "longPollingEnable", "true", "false", "consuming-acknowledged-after-work", Count::late,
       Moves::more},
      {"broker",
       "shortPollingTimeMills",
       "1000",
       "10",
       "consuming-acknowledged-after-work",
       Count::late,
       Moves::less,
       {{"cluster.brokers.*.config.longPollingEnable", "false"}}},
      {"broker", "notifyConsumerIdsChangedEnable", "true", "false", "consuming-a-member-joins",
       Count::duplicated, Moves::more},
      {"broker", "flushConsumerOffsetInterval", "5000", "100", "transaction-offsets-forgotten",
       Count::extra_copies, Moves::less},
      // One message at a time leaves the listeners little to overtake.
      {"broker", "maxTransferBytesOnMessageInMemory", "262144", "1", "consuming-acknowledged-after-work",
       Count::reordered, Moves::less},
      {"broker", "maxTransferCountOnMessageInMemory", "32", "1", "consuming-acknowledged-after-work",
       Count::reordered, Moves::less},
      // Retries that are over before the broker dies are not delivered again.
      {"broker", "messageDelayLevel", "1s 5s 10s 30s", "1s 1s 1s 1s",
       "consuming-delayed-retries-again-after-a-kill", Count::duplicated, Moves::less},
      {"broker", "flushDelayOffsetInterval", "10000", "100", "consuming-delayed-retries-again-after-a-kill",
       Count::duplicated, Moves::less},
      {"broker", "timerWheelEnable", "true", "false", "timer-again-after-a-kill", Count::acknowledged,
       Moves::less},
      {"broker", "timerPrecisionMs", "1000", "100", "timer-again-after-a-kill", std::nullopt, Moves::trace},
      {"broker", "timerMaxDelaySec", "259200", "5", "timer-again-after-a-kill", Count::acknowledged,
       Moves::less},
      {"broker", "timerRollWindowSlot", "172800", "6", "timer-again-after-a-kill", std::nullopt,
       Moves::trace},
      {"broker", "timerFlushIntervalMs", "1000", "10", "timer-again-after-a-kill", Count::duplicated,
       Moves::less},
      {"broker", "timerEnableRetryUntilSuccess", "false", "true", "timer-given-up", Count::lost, Moves::less},
      {"broker", "brokerRole", "ASYNC_MASTER", "SYNC_MASTER", "replication-no-slave-4.9", Count::acknowledged,
       Moves::less},
      {"broker", "inSyncReplicas", "1", "2", "replication-sync-master-alone", Count::vanished, Moves::less},
      {"broker", "slaveTimeout", "3000", "500", "replication-paused-slave", std::nullopt, Moves::trace},
      {"broker", "haSlaveFallbehindMax", "268435456", "1", "replication-sync-master-4.9", Count::acknowledged,
       Moves::less},
      // A new slave of 4.9 connects at 5 s and reports for the first time when the interval is over: until
      // then all sends wait for it.
      {"broker",
       "haSendHeartbeatInterval",
       "5000",
       "100",
       "replication-sync-master-4.9",
       Count::acknowledged,
       Moves::more,
       {{"cluster.brokers.1.up_for", "0s"}, {"faults", "[]"}, {"producers.0.messages", "9000"}}},
      {"broker", "haHousekeepingInterval", "20000", "600000", "replication-paused-slave", std::nullopt,
       Moves::trace},
      {"broker", "haTransferBatchSize", "32768", "1000", "replication-sync-master-alone", std::nullopt,
       Moves::trace},
      {"broker", "registerNameServerPeriod", "30000", "10000", "names-name-server-restarted", std::nullopt,
       Moves::trace},
      {"broker", "allAckInSyncStateSet", "false", "true", "controller-kill-default", Count::vanished,
       Moves::less},
      {"broker", "minInSyncReplicas", "1", "2", "controller-min-in-sync-replicas", Count::told_failed,
       Moves::more},
      {"broker", "haMaxTimeSlaveNotCatchup", "15000", "1000", "controller-away-slave-killed",
       Count::told_failed, Moves::less},
      {"broker", "checkSyncStateSetPeriod", "5000", "500", "controller-away-slave-killed", std::nullopt,
       Moves::trace},
      {"broker", "brokerHeartbeatInterval", "1000", "5000", "controller-power-loss", std::nullopt,
       Moves::trace},
      {"broker", "controllerHeartBeatTimeoutMills", "10000", "20000", "controller-power-loss", std::nullopt,
       Moves::trace},
      {"broker",
       "syncBrokerMetadataPeriod",
       "5000",
       "1000",
       "controller-kill-default",
       std::nullopt,
       Moves::trace,
       {{"cluster.controllers.*.config.notifyBrokerRoleChanged", "false"}}},
      {"controller", "enableElectUncleanMaster", "false", "true", "controller-no-clean-election",
       Count::vanished, Moves::more},
      {"controller", "scanNotActiveBrokerInterval", "5000", "500", "controller-power-loss", std::nullopt,
       Moves::trace},
      {"controller", "scanInactiveMasterInterval", "5000", "500", "controller-away-master-killed",
       std::nullopt, Moves::trace},
      {"controller", "notifyBrokerRoleChanged", "true", "false", "controller-kill-default", std::nullopt,
       Moves::trace},
      {"producer", "sendMsgTimeout", "3000", "500", "sending-async-paused-broker", Count::told_failed,
       Moves::more},
      {"producer", "sendMsgMaxTimeoutPerRequest", "-1", "500", "sending-paused-broker", Count::extra_copies,
       Moves::more},
      {"producer", "retryTimesWhenSendFailed", "2", "0", "sending-connection-reset", Count::told_failed,
       Moves::more},
      {"producer",
       "retryTimesWhenSendAsyncFailed",
       "2",
       "0",
       "sending-connection-reset",
       Count::told_failed,
       Moves::more,
       {{"producers.*.send", "async"}}},
      {"producer", "retryAnotherBrokerWhenNotStoreOK", "false", "true", "sending-slow-disk",
       Count::extra_copies, Moves::more},
      {"producer", "connectTimeoutMillis", "3000", "100", "sending-kill-unseen", Count::told_failed,
       Moves::more},
      {"producer", "clientCloseSocketIfTimeout", "true", "false", "sending-paused-broker",
       Count::extra_copies, Moves::less},
      // Sends that wait for their turn have not left when the time is over.
      {"producer",
       "clientAsyncSemaphoreValue",
       "65535",
       "1",
       "sending-async-paused-broker",
       Count::threw_yet_stored,
       Moves::less,
       {{"producers.*.config.sendMsgTimeout", "500"}}},
      {"producer", "heartbeatBrokerInterval", "30000", "1000", "transaction-checks-spent-on-nobody",
       Count::discarded, Moves::less},
      // A broker without power leaves the route earlier.
      {"producer", "pollNameServerInterval", "30000", "1000", "names-master-without-power",
       Count::told_failed, Moves::less},
      {"producer", "sendLatencyEnable", "false", "true", "sending-two-masters-paused-latency-bound",
       Count::extra_copies, Moves::less},
      {"producer", "sendLatencyFaultEnable", "false", "true", "sending-two-masters-paused-latency-4.9",
       Count::told_failed, Moves::less},
      {"producer", "checkRequestHoldMax", "2000", "1", "transaction-append-lock-held", Count::checks,
       Moves::less},
      // A message that comes between the two questions of a new group, for its offset and for the last one.
      {"consumer",
       "consumeFromWhere",
       "CONSUME_FROM_LAST_OFFSET",
       "CONSUME_FROM_FIRST_OFFSET",
       "consuming-a-new-group",
       Count::lost,
       Moves::less,
       {{"network", R"({ "delay": "100ms" })"},
        {"consumers.0.start_at", "0s"},
        {"producers.0.start_at", "1500ms"}}},
      // Each member gets every message.
      {"consumer", "messageModel", "CLUSTERING", "BROADCASTING", "consuming-a-member-joins", Count::processed,
       Moves::more},
      {"consumer", "suspendCurrentQueueTimeMillis", "1000", "10000", "orderly-poison-dead-letter",
       std::nullopt, Moves::trace},
      {"consumer", "consumeThreadMin", "20", "1", "consuming-a-member-joins", Count::duplicated, Moves::less},
      {"consumer", "consumeConcurrentlyMaxSpan", "2000", "1", "consuming-acknowledged-after-work",
       Count::late, Moves::more},
      {"consumer", "pullThresholdForQueue", "1000", "1", "consuming-acknowledged-after-work", Count::late,
       Moves::more},
      {"consumer",
       "pullThresholdSizeForQueue",
       "100",
       "1",
       "consuming-acknowledged-after-work",
       Count::redelivered,
       Moves::less,
       {{"producers.*.size", "100KiB"}}},
      {"consumer", "pullInterval", "0", "500", "consuming-acknowledged-after-work", Count::late, Moves::more},
      // The count does not change; when what came is read does.
      {"consumer", "pullTimeDelayMillsWhenException", "1000", "20000",
       "consuming-delayed-retries-again-after-a-kill", std::nullopt, Moves::trace},
      {"consumer", "consumeMessageBatchMaxSize", "1", "4", "consuming-acknowledged-after-work",
       Count::reordered, Moves::more},
      {"consumer", "pullBatchSize", "32", "1", "consuming-acknowledged-after-work", Count::reordered,
       Moves::less},
      {"consumer", "maxReconsumeTimes", "5", "1", "consuming-retries-then-dead-letter", Count::deliveries,
       Moves::less},
      {"consumer", "consumeTimeout", "15", "1", "consuming-one-stuck-message", Count::deliveries,
       Moves::more},
      // At one message per second no pull takes the last offset along.
      {"consumer",
       "persistConsumerOffsetInterval",
       "5000",
       "60000",
       "consuming-fast-listener-killed",
       Count::duplicated,
       Moves::more,
       {{"faults.0.at", "30500ms"},
        {"consumers.1.start_at", "32s"},
        {"producers.0.rate", "1/s"},
        {"producers.0.messages", "40"},
        {"consumers.*.work.time", "10ms"}}},
      {"consumer", "heartbeatBrokerInterval", "30000", "1000", "consuming-send-back-to-a-paused-broker",
       Count::deliveries, Moves::more},
      // A broker that comes late: its retry topic is found by a look at the routes, or by the next rebalance.
      {"consumer",
       "pollNameServerInterval",
       "30000",
       "1000",
       "consuming-retries-then-dead-letter",
       std::nullopt,
       Moves::trace,
       {{"cluster.brokers",
         R"([ { "name": "broker-a", "host": "host-1" }, { "name": "broker-b", "host": "host-2" } ])"},
        {"faults", R"([ { "at": "0s", "kill": "broker-b", "restart_after": "65s" } ])"},
        {"consumers.0.start_at", "1s"}}},
      {"consumer",
       "connectTimeoutMillis",
       "3000",
       "100",
       "consuming-send-back-to-a-paused-broker",
       std::nullopt,
       Moves::trace,
       {{"faults",
         R"([ { "at": "2s", "kill": "broker-a", "seen_as": "silence", "restart_after": "10s" } ])"}}},
  };
  return table;
}

/// Honoured, and yet without an effect.
constexpr std::pair<std::string_view, std::string_view> effectless[] = {
    {"broker", "brokerName"},  // they say who belongs to whom: with other values it is another cluster
    {"broker", "brokerId"},
    {"broker", "enableControllerMode"},
    {"broker", "brokerElectionPriority"},  // the same for all changes nothing: controller_test
    {"broker", "slaveReadEnable"},         // no client reads from a slave yet
    {"consumer", "consumeThreadMax"},      // in RocketMQ, too: ThreadPoolExecutor with a queue without an end
    {"producer", "clientOnewaySemaphoreValue"},  // its permit is held while a request is written
};

struct Seen {
  std::int64_t count = 0;
  std::vector<std::uint64_t> traces;
};

std::string config_of(const std::string& scope) {
  if (scope == "broker") return "cluster.brokers.*.config.";
  if (scope == "controller") return "cluster.controllers.*.config.";
  return scope == "producer" ? "producers.*.config." : "consumers.*.config.";
}

Seen run(const Effect& effect, const std::string& value) {
  std::vector<Override> sets = effect.with;
  sets.push_back({config_of(effect.scope) + effect.name, value});
  const std::string path = "scenarios/library/rocketmq/" + effect.scenario + ".json";
  SeedRunner runner(std::make_shared<const model::Config>(load_scenario(path, sets).config));
  Seen seen;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const SeedResult result = runner.run(sim::Seed(seed));
    seen.traces.push_back(result.trace_hash);
    for (const GroupCounts& group : result.groups)
      if (effect.count) seen.count += group.counts[static_cast<std::size_t>(*effect.count)];
  }
  return seen;
}

void check_effects_on(std::string_view scope) {
  for (const Effect& effect : effects()) {
    if (effect.scope != scope) continue;
    INFO(effect.scope << " " << effect.name << " in " << effect.scenario);
    const Seen first = run(effect, effect.first), second = run(effect, effect.second);
    CHECK(first.traces != second.traces);
    if (effect.moves == Moves::less) CHECK(second.count < first.count);
    if (effect.moves == Moves::more) CHECK(second.count > first.count);
  }
}

}  // namespace

TEST_CASE("each setting of a broker changes a count or a trace", "[settings]") { check_effects_on("broker"); }
TEST_CASE("each setting of a producer changes a count or a trace", "[settings]") {
  check_effects_on("producer");
}
TEST_CASE("each setting of a controller changes a count or a trace", "[settings]") {
  check_effects_on("controller");
}
TEST_CASE("each setting of a push consumer changes a count or a trace", "[settings]") {
  check_effects_on("consumer");
}

TEST_CASE("every honoured setting has a row that shows its effect", "[settings]") {
  for (const read::SettingText& setting : read::all_settings()) {
    // A plain reader's few are those of a push consumer.
    if (!setting.honoured || setting.scope == "reader") continue;
    INFO(setting.scope << " " << setting.name << ": add a row to effects()");
    const auto shows = [&](const Effect& effect) {
      return effect.scope == setting.scope && effect.name == setting.name;
    };
    const bool shown = std::any_of(effects().begin(), effects().end(), shows);
    const std::pair<std::string_view, std::string_view> key{setting.scope, setting.name};
    const bool excused = std::find(std::begin(effectless), std::end(effectless), key) != std::end(effectless);
    CHECK(shown != excused);
  }
}

}  // namespace brokersim::tests
