// What the words of a file mean in the model's configuration.
#include "model/event.hpp"
#include "model/network/fabric.hpp"
#include "scenarios/read/settings.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using namespace brokersim::model;
using ledger::Cause;

const Scenario& everything() {
  static const Scenario scenario = load_scenario("tests/scenarios/good/everything.json");
  return scenario;
}

Config config_with(const std::string& producer) {
  return read_scenario(R"({ "cluster": { "kind": "rocketmq", "brokers": [ { "name": "broker-a" } ],
    "topics": [ { "name": "orders" } ] }, "producers": [ { "name": "shop", )" +
                           producer + " } ] }",
                       "test")
      .config;
}

const FaultConfig& fault(std::size_t i) { return everything().config.faults.at(i); }

}  // namespace

TEST_CASE("each setting in the file has a value of its own, so none can be taken for another") {
  const BrokerSettings& broker = everything().config.brokers[0].settings;
  CHECK(broker.flushIntervalCommitLog == 501_ms);
  CHECK(broker.flushCommitLogLeastPages == 5);
  CHECK(broker.flushCommitLogThoroughInterval == 10'001_ms);
  CHECK(!broker.flushCommitLogTimed);
  CHECK(broker.wakeFlushWhenPutMessage);
  CHECK(broker.syncFlushTimeout == 5001_ms);
  CHECK(broker.commitIntervalCommitLog == 201_ms);
  CHECK(broker.commitCommitLogLeastPages == 6);
  CHECK(broker.commitCommitLogThoroughInterval == 202_ms);
  CHECK(!broker.wakeCommitWhenPutMessage);
  CHECK(broker.readUnCommitted);
  CHECK(broker.mappedFileSizeCommitLog == 1'073'741'823);
  CHECK(broker.maxMessageSize == 4'194'303);
  CHECK(broker.osPageCacheBusyTimeOutMills == 1001_ms);
  CHECK(broker.waitTimeMillsInSendQueue == 203_ms);
  CHECK(broker.sendMessageThreadPoolNums == 3);
  CHECK(broker.endTransactionThreadPoolNums == 12);
  CHECK(broker.waitTimeMillsInTransactionQueue == 3003_ms);
  CHECK(!broker.autoCreateTopicEnable);
  CHECK(broker.defaultTopicQueueNums == 7);
  CHECK(broker.transactionTimeOut == 6001_ms);
  CHECK(broker.transactionCheckMax == 14);
  CHECK(broker.transactionCheckInterval == 30'001_ms);
  CHECK(broker.transactionOpMsgMaxSize == 4095);
  CHECK(broker.transactionOpBatchInterval == 3002_ms);
  CHECK(broker.rejectTransactionMessage);
  CHECK(broker.fileReservedTime == 48_h);
  CHECK(!broker.longPollingEnable);
  CHECK(broker.shortPollingTimeMills == 1002_ms);
  CHECK(!broker.notifyConsumerIdsChangedEnable);
  CHECK(broker.flushConsumerOffsetInterval == 5002_ms);
  CHECK(broker.maxTransferBytesOnMessageInMemory == 262'143);
  CHECK(broker.maxTransferCountOnMessageInMemory == 30);
  CHECK(broker.messageDelayLevel == std::vector<Duration>{2_s, 90_s, 5_min, 3_h, 24_h});
  CHECK(broker.flushDelayOffsetInterval == 10'002_ms);
  CHECK(broker.registerNameServerPeriod == 31'004_ms);
  CHECK_FALSE(broker.timerWheelEnable);
  CHECK(broker.timerPrecisionMs == 500_ms);
  CHECK(broker.timerMaxDelaySec == 3600);
  CHECK(broker.timerRollWindowSlot == 7200);
  CHECK(broker.timerFlushIntervalMs == 1003_ms);
  CHECK(broker.timerEnableRetryUntilSuccess);
  CHECK(broker.reviveQueueNum == 7);
  CHECK(broker.reviveInterval == 1005_ms);
  CHECK(broker.reviveMaxSlow == 2);
  CHECK(broker.popFromRetryProbability == 21);
  CHECK(broker.enablePopBufferMerge);
  CHECK(broker.popCkStayBufferTime == 10'004_ms);
  CHECK(broker.popCkStayBufferTimeOut == 3005_ms);
  CHECK(broker.popCkMaxBufferSize == 199'999);
  CHECK(broker.brokerName == "a");
  CHECK(broker.brokerId == 0);
  CHECK(broker.brokerRole == model::BrokerRole::SYNC_MASTER);
  CHECK(broker.slaveReadEnable);
  CHECK(broker.inSyncReplicas == 2);
  CHECK(broker.slaveTimeout == 3004_ms);
  CHECK(broker.haSendHeartbeatInterval == 5003_ms);
  CHECK(broker.haHousekeepingInterval == 20'001_ms);
  CHECK(broker.haTransferBatchSize == 32'767);
  CHECK(everything().config.brokers[1].settings.haSlaveFallbehindMax == 268'435'455);
  CHECK(broker.deleteWhen == std::vector<std::int32_t>{3, 16});
  CHECK(broker.diskMaxUsedSpaceRatio == 74);
  CHECK(broker.diskSpaceCleanForciblyRatio == 84);
  CHECK(broker.diskSpaceWarningLevelRatio == 89);
  CHECK(!broker.cleanFileForciblyEnable);
  CHECK(broker.cleanResourceInterval == 10'003_ms);
  CHECK(broker.deleteFileBatchMax == 9);
  const ProducerSettings& producer = everything().config.producers[0].settings;
  CHECK(producer.sendMsgTimeout == 3001_ms);
  CHECK(producer.sendMsgMaxTimeoutPerRequest == 900_ms);
  CHECK(producer.retryTimesWhenSendFailed == 3);
  CHECK(producer.retryTimesWhenSendAsyncFailed == 1);
  CHECK(producer.retryAnotherBrokerWhenNotStoreOK);
  CHECK(producer.connectTimeoutMillis == 2_s);
  CHECK(!producer.clientCloseSocketIfTimeout);
  CHECK(producer.clientAsyncSemaphoreValue == 100);
  CHECK(producer.clientOnewaySemaphoreValue == 200);
  CHECK(producer.heartbeatBrokerInterval == 31_s);
  CHECK(producer.sendLatencyEnable);
  CHECK(producer.pollNameServerInterval == 30'005_ms);
}

TEST_CASE("name servers are processes, numbered last") {
  const Config& c = everything().config;
  REQUIRE(c.name_servers.size() == 2);
  CHECK(c.name_servers[0].name == "ns-1");
  CHECK(c.hosts[c.name_servers[0].host.value].name == "rack-3");
  CHECK(c.name_servers[0].profile == Profile::v4_9);
  CHECK(c.name_servers[0].restart_time == sim::Distribution::constant(4_s));
  CHECK(c.name_servers[1].profile == Profile::v5_3);
  CHECK(name_server_process(c, 1).value == process_count(c) - 1);
}

TEST_CASE("the example of the design") {
  const Scenario scenario = load_scenario("tests/scenarios/good/as_in_the_design.json");
  const Config& c = scenario.config;
  CHECK(scenario.title == "Power loss with asynchronous flush");
  REQUIRE(c.brokers.size() == 1);
  CHECK(c.brokers[0].profile == Profile::v5_3);
  CHECK(c.hosts[c.brokers[0].host.value].name == "host-1");
  CHECK(c.network.delay == sim::Distribution::uniform(200_us, 600_us));
  REQUIRE(c.producers.size() == 1);
  CHECK(c.hosts[c.producers[0].host.value].name == "clients");
  CHECK(c.producers[0].threads == 8);
  CHECK(c.producers[0].rate == 1500.0);
  CHECK(c.producers[0].messages == 6000);
  CHECK(c.producers[0].settings.sendMsgTimeout == 3_s);
  REQUIRE(c.faults.size() == 1);
  CHECK(c.faults[0].trigger.time == sim::Distribution::uniform(3_s, 4_s));
  CHECK(c.faults[0].action.kind == FaultKind::power_loss);
  CHECK(c.faults[0].action.host == c.brokers[0].host);
  CHECK(c.faults[0].restores);
  CHECK(c.faults[0].restore_after == sim::Distribution::constant(10_s));
  REQUIRE(scenario.expect.size() == 1);
  CHECK(scenario.expect[0].count == Count::vanished);
  CHECK(*scenario.expect[0].mean == Interval{300, 500});
  CHECK(scenario.expect[0].cause == Cause::storage_unflushed_tail);
  CHECK(*scenario.expect[0].window_max == 600_ms);
}

TEST_CASE("what is left out has the model's own defaults") {
  const Config c = read_scenario(smallest, "test").config;
  Config expected;
  expected.hosts.resize(2);
  expected.hosts[0].name = "broker-a";
  expected.hosts[1].name = "clients";
  expected.brokers.resize(1);
  expected.brokers[0].name = expected.brokers[0].settings.brokerName = "broker-a";
  expected.topics.resize(1);
  expected.topics[0].name = "orders";
  expected.producers.resize(1);
  expected.producers[0].name = "shop";
  expected.producers[0].host = HostId(1);
  expected.producers[0].messages = 1000;
  expected.producer_groups = {"shop"};
  CHECK(c == expected);
}

TEST_CASE("hosts: declared ones first, then those that are only named, in the order of the file") {
  const Config& c = everything().config;
  REQUIRE(c.hosts.size() == 4);
  CHECK(c.hosts[0].wakeup_latency == sim::Distribution::exponential(2_ms));
  CHECK(c.producers[0].connect_time == sim::Distribution::uniform(1_ms, 2_ms));
  CHECK(c.brokers[0].answer_time == sim::Distribution::constant(80_us));
  CHECK(c.brokers[0].check_effect_time == sim::Distribution::constant(300_us));
  CHECK(c.brokers[0].op_batch_slip_chance == 0.2);
  CHECK(c.brokers[0].up_for == 14_s);
  CHECK(c.brokers[1].up_for < Duration{});
  CHECK(c.hosts[0].wall_clock_offset == Duration{-1'500'000'000});
  CHECK(c.hosts[0].rack == "west");
  CHECK(c.hosts[0].disk_size == 100LL << 30);
  CHECK(c.hosts[0].disk_used == 3LL << 29);
  CHECK(c.hosts[1].sync_time == sim::Distribution::empirical({1_ms, 2_ms, 4_ms}));
  CHECK(c.hosts[3].name == "clients");
  CHECK(c.hosts[3] == HostConfig{"clients"});
  REQUIRE(c.network.links.size() == 2);
  CHECK(c.network.links[1].a == HostId(3));
  CHECK(c.network.links[1].b == HostId(0));
}

TEST_CASE("instances: busy ones, then idle ones; processes are numbered brokers, producers, consumers") {
  const Config& c = everything().config;
  REQUIRE(c.producers.size() == 9);
  CHECK(c.producers[0].name == "shop-1");
  CHECK(c.producers[1].name == "shop-2");
  CHECK(c.producers[1].messages == 6000);
  CHECK(c.producers[2].name == "shop-3");
  CHECK(c.producers[2].messages == 0);
  CHECK(fault(1).trigger.actor == producer_process(c, 0));
  CHECK(fault(14).action.process == producer_process(c, 3));
  CHECK(fault(16).action.process == consumer_process(c, 0));
}

TEST_CASE("how producers send") {
  const Config& c = everything().config;
  CHECK(c.producers[0].on_result == OnResult::unchecked);  // "exceptions": "swallowed"
  CHECK(c.producers[0].accepts_every_status);
  CHECK(c.producers[0].delay_level == 5);
  CHECK(c.producers[3].delay_level == 0);
  CHECK(c.producers[0].arrivals == Arrivals::poisson);
  CHECK(c.producers[0].threads_start_together);
  CHECK(c.producers[0].body_size_min == 100);
  CHECK(c.producers[0].body_size_max == 2048);
  CHECK(c.producers[0].queue_choice == QueueChoice::by_key);
  CHECK(c.producers[3].on_result == OnResult::unchecked);  // "callback": "none"
  CHECK(c.producers[3].arrivals == Arrivals::bursts);
  CHECK(c.producers[3].burst_size == 50);
  CHECK(c.producers[3].burst_every == 100_ms);
  CHECK(c.producers[3].fixed_queue == 15);
  CHECK(c.producers[4].send == SendMode::oneway);
  CHECK(c.producers[4].arrivals == Arrivals::saturated);
  CHECK(c.producers[5].on_result == OnResult::checked);
  CHECK(config_with(R"("delay": "45s")").producers[0].delay == sim::Distribution::constant(45_s));
  CHECK(config_with(R"("deliver_at": "2min")").producers[0].deliver_at == Duration{120'000'000'000});
  CHECK(config_with(R"("send": "sync")").producers[0].on_result == OnResult::checked);
  CHECK(config_with(R"("pacing": "per_thread_skip")").producers[0].pacing == Pacing::per_thread_skip);
}

TEST_CASE("triggers") {
  CHECK(fault(1).trigger.kind == TriggerKind::on_event);
  CHECK(fault(1).trigger.event == static_cast<std::uint16_t>(EventName::producer_send));
  CHECK(!fault(1).trigger.any_actor);
  CHECK(fault(1).trigger.nth == 6000);
  CHECK(fault(1).trigger.before);
  CHECK(fault(1).delay == sim::Distribution::constant(20_ms));
  CHECK(fault(2).trigger.kind == TriggerKind::process);
  CHECK(fault(2).trigger.from == 1_min);
  CHECK(fault(2).trigger.until == 15_min);
  CHECK(fault(3).trigger.until == Duration::max());
  CHECK(fault(19).trigger.any_actor);
}

TEST_CASE("actions") {
  const FaultKind kinds[] = {FaultKind::power_loss,    FaultKind::kill,          FaultKind::pause,
                             FaultKind::stop,          FaultKind::slow_disk,     FaultKind::disk_normal,
                             FaultKind::append_stall,  FaultKind::append_go_on,  FaultKind::delay,
                             FaultKind::delay_over,    FaultKind::partition,     FaultKind::partition,
                             FaultKind::heal_link,     FaultKind::response_lost, FaultKind::reset,
                             FaultKind::restart,       FaultKind::pause,         FaultKind::resume,
                             FaultKind::power_on,      FaultKind::create_topic,  FaultKind::kill,
                             FaultKind::response_lost, FaultKind::power_loss,    FaultKind::disk_full,
                             FaultKind::disk_free,     FaultKind::disk_lost,     FaultKind::truncate_log,
                             FaultKind::clock_jump,    FaultKind::clock_right,   FaultKind::rolling_restart,
                             FaultKind::partition,     FaultKind::partition,     FaultKind::partition,
                             FaultKind::power_on};
  REQUIRE(everything().config.faults.size() == std::size(kinds) + 1);  // and a campaign
  for (std::size_t i = 0; i < std::size(kinds); ++i) CHECK(fault(i).action.kind == kinds[i]);
  CHECK(fault(0).action.files == UnsyncedFiles::empty);
  CHECK(fault(1).action.silent);
  CHECK(fault(4).action.factor == 20.5);
  CHECK(fault(8).action.duration == sim::Distribution::uniform(10_ms, 50_ms));
  CHECK(fault(8).action.host == HostId(0));
  CHECK(fault(8).action.other_host == HostId(3));
  CHECK(fault(10).action.all_links);
  CHECK(fault(10).restore_after == sim::Distribution::constant(1_min));
  CHECK(!fault(11).restores);
  CHECK(fault(11).never_restored);
  CHECK(!fault(10).never_restored);
  CHECK(fault(11).action.other_host == HostId(2));
}

TEST_CASE("a rack and \"all\" are the hosts that they stand for") {
  CHECK(fault(22).action.hosts == std::vector<HostId>{HostId(0), HostId(1)});
  CHECK(fault(22).action.tail == Tail::torn);
  CHECK(fault(33).action.hosts.size() == 4);
  CHECK(fault(0).action.hosts.empty());
}

TEST_CASE("disks and clocks") {
  CHECK(fault(23).action.used == 0.875);
  CHECK(fault(25).action.host == HostId(1));
  CHECK(fault(26).action.bytes == 64 << 10);
  CHECK(fault(26).restores);
  CHECK(fault(27).action.jump == Duration{-30'000'000'000});
  CHECK(fault(27).restore_after == sim::Distribution::constant(1_min));
}

TEST_CASE("a rolling restart goes in the order of the file") {
  CHECK(fault(29).action.processes == std::vector<ProcessId>{ProcessId(1), ProcessId(0)});
  CHECK(fault(29).action.duration == sim::Distribution::constant(30_s));
}

TEST_CASE("partitions: one way, one side against another, everybody to one") {
  const FaultAction& one_way = fault(30).action;
  CHECK(one_way.one_way);
  CHECK(one_way.from == std::vector<HostId>{HostId(0), HostId(1)});
  CHECK(one_way.to == std::vector<HostId>{HostId(2)});
  const FaultAction& partial = fault(31).action;
  CHECK(!partial.one_way);
  CHECK(network::links_of(partial) ==
        std::vector<network::Cut>{{HostId(0), HostId(1)}, {HostId(0), HostId(2)}});
  CHECK(network::links_of(fault(32).action) ==
        std::vector<network::Cut>{{network::any_host, HostId(3), true}});
}

TEST_CASE("a campaign: each action at each target that it can strike") {
  const FaultConfig& fault = everything().config.faults.back();
  const auto& actions = fault.campaign.actions;
  const Config& c = everything().config;
  // kill: broker-a, what runs on host-2 (broker-b, the slave and the reader search-1), bell. power_loss: the
  // hosts of both and of bell. stall_appends: the brokers.
  REQUIRE(actions.size() == 5 + 3 + 3);
  CHECK(actions[0].process == ProcessId(0));
  CHECK(actions[1].process == ProcessId(1));
  CHECK(actions[5].host == HostId(0));
  CHECK(actions[7].host == c.producers[5].host);
  CHECK(actions[8].kind == FaultKind::append_stall);
  CHECK(fault.trigger.kind == TriggerKind::process);
  CHECK(fault.trigger.from == 72_s);
  CHECK(fault.campaign.at_most == 3);
  CHECK(fault.restores);
  CHECK(fault.restore_after == sim::Distribution::constant(1500_ms));
}

TEST_CASE("expectations") {
  const auto& expect = everything().expect;
  REQUIRE(expect.size() == 11);
  CHECK(*expect[0].every_seed == Interval{0, 0});
  CHECK(expect[0].group == "billing");
  CHECK(expect[0].pointer == "/expect/0");
  CHECK(*expect[1].every_seed == Interval{0, 100});
  CHECK(*expect[2].median == Interval{400, 400});
  CHECK(expect[2].min->low == 1.0);
  CHECK(expect[2].min->contains(1e12));  // "min": 1 is a lower bound alone
  CHECK(expect[2].max->contains(0));
  CHECK(!expect[2].max->contains(901));
  CHECK(expect[2].measured == std::vector<std::int64_t>{601, 641, 682});
  CHECK(*expect[2].window_min == 1_us);
  CHECK(*expect[3].every_seed == Interval{6000, 6000});
  CHECK(!expect[5].count);
  CHECK(expect[6].count == Count::half_records);
  CHECK(expect[7].count == Count::checks);
  CHECK(expect[8].count == Count::discarded);
  CHECK(expect[8].cause == Cause::transaction_checks_spent);
  CHECK(expect[9].count == Count::op_records);
  CHECK(expect[10].count == Count::deliveries);
}

TEST_CASE("of a number, min and max are bounds on one side; null is an open end") {
  const Override set{
      "expect",
      R"([ { "lost": { "min": 3, "max": 9 } }, { "late": { "max": [1, null] } }, { "stored": [null, 5] } ])"};
  const auto expect = read_scenario(smallest, "test", {&set, 1}).expect;
  CHECK(expect[0].min->contains(1e9));
  CHECK(!expect[0].min->contains(2));
  CHECK(expect[0].max->contains(0));
  CHECK(!expect[0].max->contains(10));
  CHECK(!expect[1].max->contains(0));
  CHECK(expect[1].max->contains(1e9));
  CHECK(expect[2].every_seed->contains(0));
  CHECK(!expect[2].every_seed->contains(6));
}

TEST_CASE("versions choose the profile of brokers and clients") {
  const Config& c = everything().config;
  CHECK(c.brokers[0].profile == Profile::v5_3);
  CHECK(c.brokers[1].profile == Profile::v4_9);
  CHECK(c.producers[0].profile == Profile::v5_3);
  const auto with_version = [](const std::string& version) {
    const Override set{"cluster.version", '"' + version + '"'};
    return read_scenario(smallest, "test", {&set, 1}).config;
  };
  CHECK(with_version("4.9").producers[0].profile == Profile::v4_9);
  CHECK(with_version("4.9.7").brokers[0].profile == Profile::v4_9);
  CHECK(with_version("5.3.3").brokers[0].profile == Profile::v5_3);
  for (const char* other : {"5", "5.30", "5.3.", "5.3.x", "5.3.-1", "4.9.7.1", "", "4.90"}) {
    INFO(other);
    CHECK_THROWS_AS(with_version(other), ScenarioError);
  }
}

TEST_CASE("a slave stands behind all masters and knows its own", "[replication]") {
  const Config& c = read_scenario(R"({ "cluster": { "kind": "rocketmq", "brokers": [
      { "name": "a-1", "config": { "brokerName": "a", "brokerId": 1, "brokerRole": "SLAVE" } },
      { "name": "b" }, { "name": "a", "config": { "brokerId": 7 } } ],
    "topics": [ { "name": "orders" } ] }, "producers": [ { "name": "shop", "messages": 1 } ] })",
                                  "test")
                        .config;
  REQUIRE(c.brokers.size() == 3);
  CHECK(set_count(c) == 2);
  CHECK(c.brokers[0].name == "b");
  CHECK(c.brokers[1].settings.brokerId == 0);  // BrokerStartup sets a master's
  CHECK(c.brokers[2].name == "a-1");
  CHECK(master_of(c, 2) == 1);
  CHECK(master_of(c, 0) == 0);
}

TEST_CASE("a campaign on a name server strikes the host of it") {
  const Scenario scenario = read_scenario(R"({
      "title": "t",
      "cluster": {"kind": "rocketmq", "version": "5.3",
                  "brokers": [{"name": "broker-a", "host": "host-1"}],
                  "nameservers": [{"name": "ns-1", "host": "host-2"}],
                  "topics": [{"name": "orders"}]},
      "producers": [{"name": "shop", "topic": "orders", "messages": 1}],
      "faults": [{"campaign": {"every": "10s", "faults": ["power_loss"], "on": ["ns-1"], "repair": "1s"}}]
    })",
                                          "campaign.json");
  const Config& config = scenario.config;
  REQUIRE(config.faults.front().campaign.actions.size() == 1);
  CHECK(config.faults.front().campaign.actions.front().host == config.name_servers.front().host);
}

// Not in good/everything.json: a cluster with a broker of 4.9 has no POP.
TEST_CASE("a consumer in POP mode means what it says") {
  const Config config =
      read_scenario(R"({ "cluster": { "kind": "rocketmq", "brokers": [ { "name": "broker-a" } ],
    "topics": [ { "name": "orders" } ] }, "producers": [ { "name": "shop", "topic": "orders" } ],
    "consumers": [ { "name": "billing", "topic": "orders", "messageRequestMode": "POP",
      "config": { "popInvisibleTime": 61000, "popBatchNums": "31", "popThresholdForQueue": 97 } } ] })",
                    "test")
          .config;
  const auto& consumer = config.push_consumers.at(0);
  CHECK(consumer.pops());
  CHECK(consumer.settings.popInvisibleTime == 61'000_ms);
  CHECK(consumer.settings.popBatchNums == 31);
  CHECK(consumer.settings.popThresholdForQueue == 97);
}

}  // namespace brokersim::tests
