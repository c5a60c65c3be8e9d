#include "tests/scenarios/drawn_cluster.hpp"

#include <iterator>
#include <string>
#include <vector>

#include "scenarios/read/settings.hpp"
#include "tests/scenarios/swarm.hpp"

namespace brokersim::swarm {

using namespace model;
namespace read = scenarios::read;

namespace {

// ------------------------------------------------------------------------------- clusters

BrokerConfig master(Dice& dice, std::uint16_t set) {
  BrokerConfig broker;
  broker.name = "broker-" + std::to_string(set);
  broker.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
  broker.restart_time = dice.up_to(dice.one_of({500_ms, 5_s}));
  BrokerSettings& settings = broker.settings = read::broker_defaults(broker.profile);
  settings.brokerName = broker.name;
  settings.brokerRole = dice.one_of({BrokerRole::ASYNC_MASTER, BrokerRole::SYNC_MASTER});
  settings.flushDiskType = dice.one_of({FlushDiskType::ASYNC_FLUSH, FlushDiskType::SYNC_FLUSH});
  settings.slaveTimeout = dice.one_of({200_ms, 3_s});
  settings.haTransferBatchSize = dice.one_of({300, 2'000, 32 * 1024});
  settings.mappedFileSizeCommitLog = dice.one_of({std::int64_t{1} << 16, std::int64_t{1} << 30});
  settings.transactionCheckInterval = dice.one_of({1_s, 10_s});
  return broker;
}

BrokerConfig slave_of(Dice& dice, const BrokerConfig& master, std::uint16_t set, std::int64_t id) {
  BrokerConfig slave = master;
  slave.name += "-slave-" + std::to_string(id);
  slave.set = set;
  slave.settings.brokerId = id;
  slave.settings.brokerRole = BrokerRole::SLAVE;
  slave.settings.flushDiskType = dice.one_of({FlushDiskType::ASYNC_FLUSH, FlushDiskType::SYNC_FLUSH});
  if (dice.once_in(4)) slave.up_for = 1_s * dice.below(20);
  return slave;
}

void add_brokers(Dice& dice, Config& config) {
  const auto sets = static_cast<std::uint16_t>(1 + dice.below(2));
  std::vector<BrokerConfig> slaves;
  for (std::uint16_t set = 0; set < sets; ++set) {
    BrokerConfig& own = config.brokers.emplace_back(master(dice, set));
    const std::int64_t count = dice.below(3);
    own.settings.inSyncReplicas =
        own.profile == Profile::v4_9 ? 1 : static_cast<std::int32_t>(1 + dice.below(count + 1));
    for (std::int64_t id = 1; id <= count; ++id) slaves.push_back(slave_of(dice, own, set, id));
  }
  config.brokers.insert(config.brokers.end(), slaves.begin(), slaves.end());
  for (BrokerConfig& broker : config.brokers) {
    broker.host = HostId(static_cast<std::uint16_t>(config.hosts.size()));
    HostConfig& host = config.hosts.emplace_back();
    host.name = "host-of-" + broker.name;
    host.sync_time = dice.up_to(dice.one_of({5_ms, 5_ms, 500_ms}));
    host.rack = dice.one_of({"", "rack-1", "rack-2"});
    if (dice.once_in(3)) host.disk_size = std::int64_t{1} << 31;
  }
}

void delay(Dice& dice, const Config& config, ProducerConfig& producer) {
  bool has_timer = producer.profile == Profile::v5_3;
  for (const BrokerConfig& broker : config.brokers) has_timer = has_timer && broker.profile == Profile::v5_3;
  if (has_timer && dice.once_in(2)) {
    producer.delay = dice.up_to(20_s);
  } else {
    producer.delay_level = static_cast<std::int32_t>(1 + dice.below(3));  // 1 s, 5 s, 10 s
  }
}

void add_producer(Dice& dice, Config& config, std::int64_t number) {
  ProducerConfig& producer = config.producers.emplace_back();
  producer.name = "shop-" + std::to_string(number);
  producer.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
  producer.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
  producer.send = dice.one_of({SendMode::sync, SendMode::sync, SendMode::async, SendMode::oneway});
  if (producer.send == SendMode::oneway) producer.on_result = OnResult::unchecked;
  producer.threads = static_cast<std::int32_t>(1 + dice.below(4));
  producer.rate = static_cast<double>(5 + dice.below(200));
  producer.messages = 1 + dice.below(200);
  producer.body_size_min = dice.one_of({100, 256});
  producer.body_size_max = dice.one_of({256, 1000});
  producer.restart_time = dice.up_to(1_s);
  producer.settings = read::producer_defaults(producer.profile);
  producer.settings.sendMsgTimeout = dice.one_of({500_ms, 3_s, 6_s});
  if (producer.send == SendMode::sync && dice.once_in(4)) producer.transaction.emplace();
  if (!producer.transaction && dice.once_in(5)) delay(dice, config, producer);
}

void add_member(Dice& dice, Config& config, const PushConsumerConfig& like, std::int64_t number) {
  PushConsumerConfig& member = config.push_consumers.emplace_back(like);
  member.name += "-" + std::to_string(number);
  member.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
  member.restart_time = dice.up_to(2_s);
  if (dice.once_in(4)) member.start_at = 1_s * dice.below(30);
}

/// A broadcasting consumer is a group by itself; the members of another one are of one kind.
void add_group(Dice& dice, Config& config, const std::string& name) {
  PushConsumerConfig like;
  like.name = name;
  like.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
  like.group = GroupId(static_cast<std::uint16_t>(config.groups.size()));
  like.topics = {TopicId(0)};
  like.work.time = dice.up_to(20_ms);
  like.work.fail_chance = dice.one_of({0.0, 0.0, 0.02});
  const bool broadcasts = dice.once_in(6);
  if (broadcasts) {
    like.settings.messageModel = MessageModel::BROADCASTING;
  } else if (dice.once_in(4)) {
    like.listener = model::Listener::orderly;
    like.settings.maxReconsumeTimes = dice.one_of({-1, 3});
    like.work.fail_result = FailResult::suspend;
  }
  config.groups.push_back(broadcasts ? name + "-1" : name);
  for (std::int64_t i = broadcasts ? 1 : 1 + dice.below(2); i > 0; --i) add_member(dice, config, like, i);
}

void add_name_servers(Dice& dice, Config& config) {
  for (std::int64_t n = 1 + dice.below(2); n > 0; --n) {
    NameServerConfig& server = config.name_servers.emplace_back();
    server.name = "ns-" + std::to_string(n);
    server.host = HostId(static_cast<std::uint16_t>(config.hosts.size()));
    config.hosts.emplace_back().name = "host-of-" + server.name;
  }
}

// ------------------------------------------------------------------------------- what strikes it

/// What a fault may be is what its kind reads; the rest stays as it is by default.
void aim(Dice& dice, const Config& config, FaultConfig& fault) {
  FaultAction& action = fault.action;
  const auto brokers = std::ssize(config.brokers), hosts = std::ssize(config.hosts);
  action.process = ProcessId(static_cast<std::uint16_t>(dice.below(brokers)));
  action.host = HostId(static_cast<std::uint16_t>(dice.below(brokers)));
  action.other_host =
      HostId(static_cast<std::uint16_t>((action.host.value + 1 + dice.below(hosts - 1)) % hosts));
  action.factor = 20;
  const bool of_any = action.kind == FaultKind::kill || action.kind == FaultKind::pause;
  if (of_any && dice.once_in(4))
    action.process =
        ProcessId(static_cast<std::uint16_t>(dice.below(static_cast<std::int64_t>(process_count(config)))));
  if (action.kind == FaultKind::power_loss) action.tail = dice.one_of({Tail::gone, Tail::gone, Tail::torn});
  if (action.kind == FaultKind::truncate_log) action.bytes = 1 + dice.below(5'000);
  if (action.kind == FaultKind::clock_jump) action.jump = dice.one_of({-20_s, -1_s, 1_s, 20_s});
  if (action.kind == FaultKind::rolling_restart) {
    for (std::int64_t b = 0; b < brokers; ++b)
      action.processes.push_back(broker_process(static_cast<std::size_t>(b)));
    action.duration = dice.up_to(5_s);
  }
}

bool has_disk_size(const Config& config, const FaultConfig& fault) {
  return config.hosts[fault.action.host.value].disk_size > 0;
}

FaultConfig fault(Dice& dice, const Config& config) {
  FaultConfig fault;
  fault.trigger.time = Distribution::uniform(50_ms, dice.one_of({1_s, 5_s, 30_s}));
  fault.action.kind = dice.one_of(
      {FaultKind::kill, FaultKind::kill, FaultKind::kill, FaultKind::stop, FaultKind::pause, FaultKind::pause,
       FaultKind::power_loss, FaultKind::power_loss, FaultKind::partition, FaultKind::partition,
       FaultKind::slow_disk, FaultKind::reset, FaultKind::disk_full, FaultKind::disk_lost,
       FaultKind::truncate_log, FaultKind::clock_jump, FaultKind::rolling_restart});
  aim(dice, config, fault);
  if (fault.action.kind == FaultKind::disk_full && !has_disk_size(config, fault))
    fault.action.kind = FaultKind::slow_disk;
  fault.restores = fault.action.kind != FaultKind::reset && fault.action.kind != FaultKind::rolling_restart;
  if (fault.restores) fault.restore_after = dice.up_to(dice.one_of({1_s, 10_s, 40_s}));
  return fault;
}

/// Kills and pauses of any broker, again and again.
FaultConfig campaign(Dice& dice, const Config& config) {
  FaultConfig fault;
  fault.trigger.kind = TriggerKind::process;
  fault.trigger.time = Distribution::exponential(dice.one_of({2_s, 10_s}));
  fault.trigger.until = 40_s;
  fault.campaign.kinds = {FaultKind::kill, FaultKind::pause};
  for (const BrokerConfig& broker : config.brokers) fault.campaign.on.push_back(broker.name);
  for (const FaultKind kind : fault.campaign.kinds) {
    for (std::size_t b = 0; b < config.brokers.size(); ++b) {
      FaultAction& action = fault.campaign.actions.emplace_back();
      action.kind = kind;
      action.process = broker_process(b);
    }
  }
  fault.restores = true;
  fault.restore_after = dice.up_to(8_s);
  return fault;
}

}  // namespace

Config drawn_cluster(std::uint64_t seed) {
  Dice dice(seed, 83);
  Config config;
  add_brokers(dice, config);
  if (dice.once_in(3)) add_name_servers(dice, config);
  config.hosts.emplace_back().name = "clients";
  config.network.delay = dice.up_to(dice.one_of({500_us, 5_ms}));
  config.topics.push_back({.name = "orders", .queues = static_cast<std::int32_t>(1 + dice.below(4))});
  config.producer_groups = {"shop"};
  for (std::int64_t p = dice.below(2); p >= 0; --p) add_producer(dice, config, p);
  for (std::int64_t g = dice.below(2); g > 0; --g) add_group(dice, config, "billing-" + std::to_string(g));
  for (std::int64_t f = dice.below(4); f > 0; --f) config.faults.push_back(fault(dice, config));
  if (dice.once_in(8)) config.faults.push_back(campaign(dice, config));
  config.duration_max = 2_min;
  config.drain_timeout = 30_min;
  return config;
}

}  // namespace brokersim::swarm
