// The settings whose defaults engineers know by heart: each is honoured with that default, or said aloud.
// None is taken and silently ignored.
//
// Not among them, because no broker.conf and no client sets them: what name servers and controllers are
// configured with (scanNotActiveBrokerInterval, enableElectUncleanMaster), DLedgerConfig (maxWaitAckTimeMs,
// heartBeatTimeIntervalMs, maxHeartBeatLeak, min- and maxVoteIntervalMs), the retryMaxTimes of a group
// (SubscriptionGroupConfig), system properties (the intervals of rebalances and of queue locks), and
// constants (the time-outs of a pull, the expiry of a broker, the 120 s of ProducerManager).
#include <algorithm>

#include "scenarios/read/settings.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;

/// What a file that sets it to something else gets at the least: its wish, an error, or a warning.
enum class Answer : std::uint8_t { honoured, refused, told };

struct Documented {
  std::string_view scope, name, value;  ///< the default of 5.3.3; of a setting of 4.9.8 alone, of that
  Answer answer;
  std::string_view version = "5.3";
};

constexpr Documented documented[] = {
    // transactions
    {"broker", "transactionCheckInterval", "30000", Answer::honoured},
    {"broker", "transactionCheckInterval", "60000", Answer::honoured, "4.9"},
    {"broker", "transactionTimeOut", "6000", Answer::honoured},
    {"broker", "transactionCheckMax", "15", Answer::honoured},
    {"broker", "transactionOpMsgMaxSize", "4096", Answer::honoured},
    {"broker", "transactionOpBatchInterval", "3000", Answer::honoured},
    {"broker", "waitTimeMillsInTransactionQueue", "3000", Answer::honoured},
    {"broker", "fileReservedTime", "72", Answer::honoured},
    {"producer", "checkRequestHoldMax", "2000", Answer::honoured},
    {"producer", "checkThreadPoolMinSize", "1", Answer::told},
    {"producer", "checkThreadPoolMaxSize", "1", Answer::told},
    // sending
    {"broker", "waitTimeMillsInSendQueue", "200", Answer::honoured},
    {"broker", "osPageCacheBusyTimeOutMills", "1000", Answer::honoured},
    {"producer", "sendMsgTimeout", "3000", Answer::honoured},
    {"producer", "sendMsgMaxTimeoutPerRequest", "-1", Answer::honoured},
    {"producer", "retryTimesWhenSendFailed", "2", Answer::honoured},
    {"producer", "retryTimesWhenSendAsyncFailed", "2", Answer::honoured},
    {"producer", "retryAnotherBrokerWhenNotStoreOK", "false", Answer::honoured},
    {"producer", "sendLatencyEnable", "false", Answer::honoured},
    {"producer", "sendLatencyFaultEnable", "false", Answer::honoured, "4.9"},
    {"producer", "connectTimeoutMillis", "3000", Answer::honoured},
    {"producer", "heartbeatBrokerInterval", "30000", Answer::honoured},
    // store
    {"broker", "flushDiskType", "ASYNC_FLUSH", Answer::honoured},
    {"broker", "flushIntervalCommitLog", "500", Answer::honoured},
    {"broker", "flushCommitLogLeastPages", "4", Answer::honoured},
    {"broker", "flushCommitLogThoroughInterval", "10000", Answer::honoured},
    {"broker", "syncFlushTimeout", "5000", Answer::honoured},
    {"broker", "commitIntervalCommitLog", "200", Answer::honoured},
    {"broker", "commitCommitLogLeastPages", "4", Answer::honoured},
    {"broker", "commitCommitLogThoroughInterval", "200", Answer::honoured},
    {"broker", "transientStorePoolEnable", "false", Answer::honoured},
    {"broker", "readUnCommitted", "false", Answer::honoured},
    {"broker", "flushIntervalConsumeQueue", "1000", Answer::told},
    {"broker", "flushConsumeQueueLeastPages", "2", Answer::told},
    {"broker", "flushConsumeQueueThoroughInterval", "60000", Answer::told},
    {"broker", "flushConsumerOffsetInterval", "5000", Answer::honoured},
    {"broker", "flushDelayOffsetInterval", "10000", Answer::honoured},
    // consuming
    {"consumer", "pollNameServerInterval", "30000", Answer::honoured},
    {"consumer", "heartbeatBrokerInterval", "30000", Answer::honoured},
    {"consumer", "persistConsumerOffsetInterval", "5000", Answer::honoured},
    {"consumer", "pullBatchSize", "32", Answer::honoured},
    {"consumer", "consumeMessageBatchMaxSize", "1", Answer::honoured},
    {"consumer", "consumeThreadMin", "20", Answer::honoured},
    {"consumer", "consumeThreadMax", "20", Answer::honoured},
    {"consumer", "pullThresholdForQueue", "1000", Answer::honoured},
    {"consumer", "pullThresholdSizeForQueue", "100", Answer::honoured},
    {"consumer", "consumeConcurrentlyMaxSpan", "2000", Answer::honoured},
    {"consumer", "maxReconsumeTimes", "-1", Answer::honoured},
    {"consumer", "consumeTimeout", "15", Answer::honoured},
    {"consumer", "connectTimeoutMillis", "3000", Answer::honoured},
    {"broker", "channelExpiredTimeout", "120000", Answer::told},
    // Wait for orderly consumers.
    {"consumer", "suspendCurrentQueueTimeMillis", "1000", Answer::honoured},
    // Replication.
    {"broker", "brokerRole", "ASYNC_MASTER", Answer::honoured},
    {"broker", "haSendHeartbeatInterval", "5000", Answer::honoured},
    {"broker", "haHousekeepingInterval", "20000", Answer::honoured},
    {"broker", "haTransferBatchSize", "32768", Answer::honoured},
    {"broker", "haMaxGapNotInSync", "268435456", Answer::honoured},
    {"broker", "haSlaveFallbehindMax", "268435456", Answer::honoured, "4.9"},
    {"broker", "slaveTimeout", "3000", Answer::honoured},
    {"broker", "inSyncReplicas", "1", Answer::honoured},
    {"broker", "minInSyncReplicas", "1", Answer::honoured},
    {"broker", "totalReplicas", "1", Answer::honoured},
    {"broker", "enableAutoInSyncReplicas", "false", Answer::honoured},
    {"broker", "slaveReadEnable", "false", Answer::honoured},
    // Slave as acting master.
    {"broker", "enableSlaveActingMaster", "false", Answer::honoured},
    {"broker", "enableRemoteEscape", "false", Answer::honoured},
    {"broker", "brokerHeartbeatInterval", "1000", Answer::honoured},
    {"broker", "brokerNotActiveTimeoutMillis", "10000", Answer::honoured},
    // controller mode
    {"broker", "enableControllerMode", "false", Answer::honoured},
    {"broker", "allAckInSyncStateSet", "false", Answer::honoured},
    {"broker", "haMaxTimeSlaveNotCatchup", "15000", Answer::honoured},
    {"broker", "controllerHeartBeatTimeoutMills", "10000", Answer::honoured},
    {"broker", "syncBrokerMetadataPeriod", "5000", Answer::honoured},
    {"broker", "checkSyncStateSetPeriod", "5000", Answer::honoured},
    {"controller", "scanNotActiveBrokerInterval", "5000", Answer::honoured},
    {"controller", "enableElectUncleanMaster", "false", Answer::honoured},
    // DLedger
    {"broker", "enableDLegerCommitLog", "false", Answer::honoured},
    // name servers
    {"broker", "registerNameServerPeriod", "30000", Answer::honoured},
    {"producer", "pollNameServerInterval", "30000", Answer::honoured},
    // POP.
    {"broker", "reviveQueueNum", "8", Answer::honoured},
    {"consumer", "popInvisibleTime", "60000", Answer::honoured},
    // The timer wheel.
    {"broker", "timerPrecisionMs", "1000", Answer::honoured},
    {"broker", "timerMaxDelaySec", "259200", Answer::honoured},
    {"broker", "timerRollWindowSlot", "172800", Answer::honoured},
};

/// A value that is not the default, and that a setting of its kind could have.
std::string another(std::string_view value) {
  if (value == "false") return "true";
  return value == "ASYNC_MASTER" ? "SYNC_MASTER" : "7";
}

std::string place_of(const Documented& row) {
  if (row.scope == "broker") return "/cluster/brokers/0/config/";
  return row.scope == "producer" ? "/producers/0/config/" : "/consumers/0/config/";
}

constexpr const char* file =
    R"({ "cluster": { "kind": "rocketmq", "brokers": [ { "name": "broker-a", "config": {} } ],
    "topics": [ { "name": "orders" } ] }, "producers": [ { "name": "shop", "config": {} } ],
    "consumers": [ { "name": "billing", "config": {} } ] })";

/// What is said of the file that sets it to another value.
std::vector<Problem> problems_with(const Documented& row) {
  const Override sets[] = {{"cluster.version", '"' + std::string(row.version) + '"'},
                           {place_of(row) + std::string(row.name), another(row.value)}};
  std::vector<Problem> problems;
  try {
    read_scenario(file, "test", sets, &problems);
  } catch (const ScenarioError& error) {
    problems = error.problems;
  }
  return problems;
}

const read::SettingText& listed(const Documented& row, const std::vector<read::SettingText>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const read::SettingText& setting) {
    return setting.scope == row.scope && setting.name == row.name;
  });
  REQUIRE(found != all.end());
  return *found;
}

}  // namespace

TEST_CASE("a setting with a well-known default is honoured with it, or said aloud", "[settings]") {
  const auto all = read::all_settings();
  for (const Documented& row : documented) {
    INFO(row.scope << " " << row.name << " " << row.version);
    const read::SettingText& setting = listed(row, all);
    if (setting.honoured) {
      const auto profile = row.version == "4.9" ? model::Profile::v4_9 : model::Profile::v5_3;
      CHECK(setting.default_of(profile) == row.value);
      continue;
    }
    CHECK(row.answer != Answer::honoured);
    const std::vector<Problem> problems = problems_with(row);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].pointer == place_of(row) + std::string(row.name));
    CHECK(problems[0].warning == (row.answer == Answer::told));
    CHECK(to_string(problems[0]).find(setting.instead) != std::string::npos);
  }
}

TEST_CASE("a setting that is refused may still say what the model does anyway", "[settings]") {
  for (const read::SettingText& setting : read::all_settings()) {
    if (!setting.only_value || setting.honoured || setting.default_5_3 == "-" || setting.scope == "reader")
      continue;
    INFO(setting.scope << " " << setting.name);
    const Documented row{setting.scope, setting.name, "", Answer::refused};
    const Override sets[] = {
        {place_of(row) + std::string(row.name), '"' + std::string(*setting.only_value) + '"'}};
    std::vector<Problem> problems;
    read_scenario(file, "test", sets, &problems);
    CHECK(problems.empty());
  }
}

}  // namespace brokersim::tests
