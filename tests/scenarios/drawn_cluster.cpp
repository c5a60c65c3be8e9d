#include "tests/scenarios/drawn_cluster.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "model/rocketmq/dledger_settings.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::swarm {

using namespace model;
namespace read = scenarios::read;

namespace {

// ------------------------------------------------------------------------------- clusters

/// Who is the master of a set.
enum class Mode : std::uint8_t {
  classic,     ///< who is configured to be
  acting,      ///< ... or the slave that stands in for him
  controller,  ///< whom the controller elects
  dledger      ///< whom the members elect
};

BrokerConfig master(Dice& dice, std::uint16_t set, Mode mode) {
  BrokerConfig broker;
  broker.name = "broker-" + std::to_string(set);
  const bool is_new = mode == Mode::acting || mode == Mode::controller;
  broker.profile = is_new ? Profile::v5_3 : dice.one_of({Profile::v5_3, Profile::v4_9});
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

void add_classic_set(Dice& dice, BrokerConfig& own, std::uint16_t set, std::vector<BrokerConfig>& slaves) {
  const std::int64_t count = dice.below(3);
  own.settings.inSyncReplicas =
      own.profile == Profile::v4_9 ? 1 : static_cast<std::int32_t>(1 + dice.below(count + 1));
  for (std::int64_t id = 1; id <= count; ++id) slaves.push_back(slave_of(dice, own, set, id));
}

void add_acting_set(Dice& dice, BrokerConfig& own, std::uint16_t set, std::vector<BrokerConfig>& slaves) {
  const std::int64_t count = 1 + dice.below(2);
  own.settings.enableSlaveActingMaster = true;
  own.settings.totalReplicas = dice.one_of({1, static_cast<std::int32_t>(count + 1)});
  own.settings.slaveReadEnable = dice.one_of({true, true, false});
  own.settings.enableRemoteEscape = dice.one_of({true, false});
  for (std::int64_t id = 1; id <= count; ++id) slaves.push_back(slave_of(dice, own, set, id));
}

void add_controlled_set(Dice& dice, BrokerConfig& own, std::uint16_t set, std::vector<BrokerConfig>& slaves) {
  const std::int64_t count = 1 + dice.below(2);
  own.settings.enableControllerMode = true;
  own.settings.brokerRole = BrokerRole::SYNC_MASTER;
  own.settings.allAckInSyncStateSet = dice.one_of({true, false});
  own.settings.minInSyncReplicas = dice.one_of({1, 2});
  for (std::int64_t id = 2; id <= count + 1; ++id) {
    slaves.push_back(slave_of(dice, own, set, id));
    slaves.back().up_for = BrokerConfig{}.up_for;
  }
}

void add_dledger_group(BrokerConfig& own, std::uint16_t set, std::vector<BrokerConfig>& slaves) {
  own.settings.enableDLegerCommitLog = true;
  own.settings.dLegerGroup = own.settings.brokerName;
  own.settings.dLegerPeers = "n0-host-0:40911;n1-host-1:40911;n2-host-2:40911";
  rocketmq::fix_by_dledger(own.settings);
  own.settings.dLegerSelfId = "n0";
  own.settings.brokerId = 1;
  for (std::int64_t id = 1; id < 3; ++id) {
    BrokerConfig& member = slaves.emplace_back(own);
    member.name += "-n" + std::to_string(id);
    member.set = set;
    member.settings.dLegerSelfId = "n" + std::to_string(id);
    member.settings.brokerId = id + 1;
  }
}

void add_set(Dice& dice, Config& config, std::uint16_t set, Mode mode, std::vector<BrokerConfig>& slaves) {
  BrokerConfig& own = config.brokers.emplace_back(master(dice, set, mode));
  switch (mode) {
    case Mode::classic: return add_classic_set(dice, own, set, slaves);
    case Mode::acting: return add_acting_set(dice, own, set, slaves);
    case Mode::controller: return add_controlled_set(dice, own, set, slaves);
    case Mode::dledger: return add_dledger_group(own, set, slaves);
  }
}

void add_host(Dice& dice, Config& config, BrokerConfig& broker) {
  broker.host = HostId(static_cast<std::uint16_t>(config.hosts.size()));
  HostConfig& host = config.hosts.emplace_back();
  host.name = "host-of-" + broker.name;
  host.sync_time = dice.up_to(dice.one_of({5_ms, 5_ms, 500_ms}));
  host.rack = dice.one_of({"", "rack-1", "rack-2"});
  if (dice.once_in(3) && !broker.in_group()) host.disk_size = std::int64_t{1} << 31;
}

/// The first set is of any mode; another one may be beside it.
void add_brokers(Dice& dice, Config& config, Mode mode) {
  const auto sets = static_cast<std::uint16_t>(1 + dice.below(2));
  std::vector<BrokerConfig> slaves;
  for (std::uint16_t set = 0; set < sets; ++set)
    add_set(dice, config, set, set == 0 ? mode : Mode::classic, slaves);
  config.brokers.insert(config.brokers.end(), slaves.begin(), slaves.end());
  for (BrokerConfig& broker : config.brokers) add_host(dice, config, broker);
}

bool is_new(const Config& config) {
  return std::all_of(config.brokers.begin(), config.brokers.end(),
                     [](const BrokerConfig& broker) { return broker.profile == Profile::v5_3; });
}

void delay(Dice& dice, const Config& config, ProducerConfig& producer, Mode mode) {
  const bool has_timer = mode == Mode::classic && producer.profile == Profile::v5_3 && is_new(config);
  if (has_timer && dice.once_in(2)) {
    producer.delay = dice.up_to(20_s);
  } else {
    producer.delay_level = static_cast<std::int32_t>(1 + dice.below(3));  // 1 s, 5 s, 10 s
  }
}

void add_producer(Dice& dice, Config& config, std::int64_t number, Mode mode) {
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
  if (producer.send == SendMode::sync && mode != Mode::acting && dice.once_in(4))
    producer.transaction.emplace();
  if (!producer.transaction && dice.once_in(5)) delay(dice, config, producer, mode);
}

void add_member(Dice& dice, Config& config, const PushConsumerConfig& like, std::int64_t number) {
  PushConsumerConfig& member = config.push_consumers.emplace_back(like);
  member.name += "-" + std::to_string(number);
  member.profile = like.pops() ? Profile::v5_3 : dice.one_of({Profile::v5_3, Profile::v4_9});
  member.restart_time = dice.up_to(2_s);
  if (dice.once_in(4)) member.start_at = 1_s * dice.below(30);
}

/// A broadcasting consumer is a group by itself; the members of another one are of one kind.
void add_group(Dice& dice, Config& config, const std::string& name, Mode mode) {
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
  } else if (mode == Mode::classic && is_new(config) && dice.once_in(3)) {
    like.messageRequestMode = MessageRequestMode::POP;
    like.settings.popInvisibleTime = dice.one_of({5_s, 60_s});
  }
  config.groups.push_back(broadcasts ? name + "-1" : name);
  for (std::int64_t i = broadcasts ? 1 : 1 + dice.below(2); i > 0; --i) add_member(dice, config, like, i);
}

/// Clients of a master that moves need them.
void add_name_servers(Dice& dice, Config& config, Mode mode) {
  if (mode == Mode::classic && !dice.once_in(3)) return;
  for (std::int64_t n = 1 + dice.below(2); n > 0; --n) {
    NameServerConfig& server = config.name_servers.emplace_back();
    server.name = "ns-" + std::to_string(n);
    server.host = HostId(static_cast<std::uint16_t>(config.hosts.size()));
    server.settings.supportActingMaster = mode == Mode::acting;
    config.hosts.emplace_back().name = "host-of-" + server.name;
  }
}

void add_controller(Dice& dice, Config& config) {
  ControllerConfig& controller = config.controllers.emplace_back();
  controller.name = "controller";
  controller.host = HostId(static_cast<std::uint16_t>(config.hosts.size()));
  controller.settings.enableElectUncleanMaster = dice.once_in(3);
  config.hosts.emplace_back().name = "host-of-controller";
}

/// What a set with an acting master may have besides.
void add_to_acting(Dice dice, Config& config) {
  const auto replicas = static_cast<std::int64_t>(members_of(config, 0).size());
  const auto needed = static_cast<std::int32_t>(1 + dice.below(replicas));
  const bool goes_down = dice.one_of({true, false});
  const std::int32_t least = dice.one_of({1, 2});
  const bool is_near = dice.once_in(4);
  for (std::size_t b = 0; b < config.brokers.size(); ++b) {
    BrokerSettings& own = config.brokers[b].settings;
    if (master_of(config, b) != 0) continue;
    own.inSyncReplicas = needed;
    own.enableAutoInSyncReplicas = goes_down;
    own.minInSyncReplicas = least;
    if (is_near) own.haMaxGapNotInSync = 1;
  }
  for (ProducerConfig& producer : config.producers) {
    const bool is_plain = producer.send == SendMode::sync && producer.delay_level == 0;
    if (is_plain && dice.once_in(3)) producer.transaction.emplace();
  }
}

}  // namespace

Config drawn_cluster(std::uint64_t seed) {
  Dice dice(seed, 83);
  Config config;
  const Mode mode = dice.one_of(
      {Mode::classic, Mode::classic, Mode::classic, Mode::acting, Mode::controller, Mode::dledger});
  add_brokers(dice, config, mode);
  add_name_servers(dice, config, mode);
  if (mode == Mode::controller) add_controller(dice, config);
  config.hosts.emplace_back().name = "clients";
  config.network.delay = dice.up_to(dice.one_of({500_us, 5_ms}));
  config.topics.push_back({.name = "orders", .queues = static_cast<std::int32_t>(1 + dice.below(4))});
  config.producer_groups = {"shop"};
  for (std::int64_t p = dice.below(2); p >= 0; --p) add_producer(dice, config, p, mode);
  for (std::int64_t g = dice.below(2); g > 0; --g)
    add_group(dice, config, "billing-" + std::to_string(g), mode);
  if (mode == Mode::acting) add_to_acting(Dice(seed, 89), config);
  add_faults(dice, config);
  config.duration_max = 2_min;
  config.drain_timeout = 30_min;
  return config;
}

}  // namespace brokersim::swarm
