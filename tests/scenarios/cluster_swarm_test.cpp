// A swarm of whole clusters: replica sets, their settings, every kind of client and faults, drawn from a
// seed, and what must hold of the real brokers too in every one of them. A breach prints the seed and the
// cluster as a scenario file.
//
//   BROKERSIM_SWARM_FIRST=5000 BROKERSIM_SWARM_SEEDS=2000 build/dev/test_scenarios "[cluster-swarm]"
//   ./dev swarm 60        # for an hour, from a fresh seed on
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "scenarios/read/settings.hpp"
#include "scenarios/run/seed_run.hpp"
#include "scenarios/scenario.hpp"
#include "sim/random.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using namespace brokersim::model;

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(
        sim::below(sim::keyed_bits(seed_, {83, ++asked_, 0}), static_cast<std::uint64_t>(n)));
  }
  bool once_in(std::int64_t n) { return below(n) == 0; }
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return all.begin()[below(static_cast<std::int64_t>(all.size()))];
  }
  Distribution up_to(Duration high) { return Distribution::uniform({}, high); }

 private:
  std::uint64_t seed_, asked_ = 0;
};

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
}

void add_group(Dice& dice, Config& config, const std::string& name) {
  const GroupId group(static_cast<std::uint16_t>(config.groups.size()));
  config.groups.push_back(name);
  for (std::int64_t i = 1 + dice.below(2); i > 0; --i) {
    PushConsumerConfig& member = config.push_consumers.emplace_back();
    member.name = name + "-" + std::to_string(i);
    member.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
    member.group = group;
    member.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
    member.topics = {TopicId(0)};
    member.work.time = dice.up_to(20_ms);
  }
}

FaultConfig fault(Dice& dice, const Config& config) {
  FaultConfig fault;
  fault.trigger.time = Distribution::uniform(50_ms, dice.one_of({1_s, 5_s, 30_s}));
  fault.action.kind =
      dice.one_of({FaultKind::kill, FaultKind::kill, FaultKind::stop, FaultKind::pause, FaultKind::power_loss,
                   FaultKind::partition, FaultKind::slow_disk, FaultKind::reset});
  const auto brokers = std::ssize(config.brokers), hosts = std::ssize(config.hosts);
  fault.action.process = ProcessId(static_cast<std::uint16_t>(dice.below(brokers)));
  fault.action.host = HostId(static_cast<std::uint16_t>(dice.below(brokers)));
  fault.action.other_host =
      HostId(static_cast<std::uint16_t>((fault.action.host.value + 1 + dice.below(hosts - 1)) % hosts));
  fault.action.factor = 20;
  fault.restores = fault.action.kind != FaultKind::reset;
  if (fault.restores) fault.restore_after = dice.up_to(dice.one_of({1_s, 10_s, 40_s}));
  return fault;
}

Config drawn(std::uint64_t seed) {
  Dice dice(seed);
  Config config;
  add_brokers(dice, config);
  config.hosts.emplace_back().name = "clients";
  config.network.delay = dice.up_to(dice.one_of({500_us, 5_ms}));
  config.topics.push_back({.name = "orders", .queues = static_cast<std::int32_t>(1 + dice.below(4))});
  config.producer_groups = {"shop"};
  for (std::int64_t p = dice.below(2); p >= 0; --p) add_producer(dice, config, p);
  for (std::int64_t g = dice.below(2); g > 0; --g) add_group(dice, config, "billing");
  for (std::int64_t f = dice.below(4); f > 0; --f) config.faults.push_back(fault(dice, config));
  config.duration_max = 2_min;
  config.drain_timeout = 30_min;
  return config;
}

// ------------------------------------------------------------------------------- what must hold

struct Breaches {
  std::string text;
  void unless(bool holds, const std::string& rule) {
    if (!holds && text.find(rule) == std::string::npos) text += "\n  broken: " + rule;
  }
};

bool strikes(const Config& config, FaultKind kind) {
  return std::any_of(config.faults.begin(), config.faults.end(),
                     [&](const FaultConfig& fault) { return fault.action.kind == kind; });
}

/// What the run says while it goes on.
class Listener final : public sim::Recorder {
 public:
  Listener(const Config& config, Breaches& breaches)
      : config_(config),
        breaches_(breaches),
        flushed_(config.brokers.size()),
        copies_(config.brokers.size()),
        keeps_(!strikes(config, FaultKind::power_loss)) {}

  void on(SimTime, const sim::Record& record) override {
    const auto kind = static_cast<RecordKind>(record.kind);
    if (kind == RecordKind::flushed) flushed_[record.subject] = std::max(flushed_[record.subject], record.a);
    if (kind == RecordKind::log_truncated) truncated(record);
    if (kind == RecordKind::appended || kind == RecordKind::replicated)
      copies_[static_cast<std::size_t>(record.a >> 16)].insert(record.subject);
    if (kind == RecordKind::acknowledged) acknowledged(record);
  }

 private:
  /// What a sync has made durable no crash takes (no fault here takes disks).
  void truncated(const sim::Record& record) {
    breaches_.unless(record.a >= flushed_[record.subject], "the log below the flushed offset never changes");
  }

  /// 5.3, a SYNC_MASTER that waits for all its slaves, and every page cache survives. A slave that comes
  /// empty begins with the last file, and its report counts for all that lies before it, too.
  void acknowledged(const sim::Record& record) {
    if (!keeps_ || static_cast<Status>(record.a) != Status::SEND_OK) return;
    for (std::size_t set = 0; set < set_count(config_); ++set) {
      if (copies_[set].count(record.subject) != 0 && waits_for_all(set)) everywhere(set, record.subject);
    }
  }
  bool waits_for_all(std::size_t set) const {
    const BrokerConfig& broker = config_.brokers[set];
    return broker.profile == Profile::v5_3 && broker.settings.brokerRole == BrokerRole::SYNC_MASTER &&
           broker.settings.inSyncReplicas == replicas(set) && !has_new_slave(set);
  }
  bool has_new_slave(std::size_t set) const {
    for (std::size_t b = set_count(config_); b < config_.brokers.size(); ++b) {
      if (master_of(config_, b) == set && config_.brokers[b].up_for >= Duration{}) return true;
    }
    return false;
  }
  std::int32_t replicas(std::size_t set) const {
    std::int32_t count = 0;
    for (std::size_t b = 0; b < config_.brokers.size(); ++b) count += master_of(config_, b) == set ? 1 : 0;
    return count;
  }
  /// A retry may have stored it in another set as well, which nobody has acknowledged.
  void everywhere(std::size_t set, std::uint32_t intent) {
    std::size_t sets = 0;
    for (std::size_t other = 0; other < set_count(config_); ++other) sets += copies_[other].count(intent);
    if (sets > 1) return;
    for (std::size_t b = 0; b < config_.brokers.size(); ++b) {
      if (master_of(config_, b) != set) continue;
      breaches_.unless(copies_[b].count(intent) != 0,
                       "with inSyncReplicas of all, what is acknowledged is on every replica");
    }
  }

  const Config& config_;
  Breaches& breaches_;
  std::vector<std::int64_t> flushed_;
  std::vector<std::set<std::uint32_t>> copies_;
  bool keeps_;
};

std::int64_t of_causes(const GroupCounts& counts, Count count) {
  std::int64_t sum = 0;
  for (std::size_t k = 1; k < cause_kinds; ++k) sum += counts.causes[static_cast<std::size_t>(count)][k];
  return sum;
}

void check_sums(const GroupCounts& n, Breaches& breaches) {
  const std::int64_t classes = n[Count::processed] + n[Count::ghost] + n[Count::dead_lettered] +
                               n[Count::stuck] + n[Count::lost] + n[Count::failed] + n[Count::rolled_back];
  breaches.unless(classes == n[Count::intents], "each intent is in one class");
  for (const Count count : {Count::lost, Count::ghost, Count::duplicated, Count::failed, Count::vanished})
    breaches.unless(of_causes(n, count) == n[count], std::string(to_string(count)) + " has a cause");
}

/// A SEND_OK of a SYNC_FLUSH master stands for a disk, and no fault here takes disks. A transaction may
/// vanish without any crash, when its checks are spent.
void check_promises(const Config& config, const GroupCounts& n, Breaches& breaches) {
  bool all_sync = true, plain = true;
  for (std::size_t set = 0; set < set_count(config); ++set)
    all_sync = all_sync && config.brokers[set].settings.flushDiskType == FlushDiskType::SYNC_FLUSH;
  for (const ProducerConfig& producer : config.producers) plain = plain && !producer.transaction;
  if (all_sync && plain)
    breaches.unless(n[Count::vanished] == 0, "with SYNC_FLUSH no SEND_OK record vanishes from its master");
  if (plain && !strikes(config, FaultKind::power_loss))
    breaches.unless(n[Count::vanished] == 0, "a page cache survives the death of its process");
}

std::shared_ptr<const Config> shared(Config config) {
  return std::make_shared<const Config>(std::move(config));
}

std::string described(const Config& config) {
  Scenario scenario;
  scenario.config = config;
  return effective_json(scenario);
}

/// Tells what happened in the swarm, so that its rules are not kept for want of trouble.
struct Seen {
  std::map<Count, std::int64_t> counts;
  std::int64_t not_drained = 0;
};

void check_one(std::uint64_t seed, Breaches& breaches, Seen& seen) {
  const auto config = shared(drawn(seed));
  SeedRunner runner(config);
  Listener listener(*config, breaches);
  const SeedResult result = runner.run(sim::Seed(seed), listener);
  for (const GroupCounts& n : result.groups) {
    check_sums(n, breaches);
    check_promises(*config, n, breaches);
    for (std::size_t count = 0; count < count_kinds; ++count)
      seen.counts[static_cast<Count>(count)] += n.counts[count];
  }
  seen.not_drained += result.drained ? 0 : 1;
  if (seed % 10 != 0) return;
  const auto reread = read_scenario(described(*config), "swarm.json");
  breaches.unless(SeedRunner(shared(reread.config)).run(sim::Seed(seed)).trace_hash == result.trace_hash,
                  "its scenario file gives the same run");
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

}  // namespace

TEST_CASE("in 2,000 clusters with replicas what is promised is kept", "[cluster-swarm]") {
  const std::uint64_t first = from_environment("BROKERSIM_SWARM_FIRST", 1);
  const std::uint64_t seeds = from_environment("BROKERSIM_SWARM_SEEDS", 2'000);
  Seen seen;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    Breaches breaches;
    try {
      check_one(seed, breaches, seen);
    } catch (const std::exception& bug) {  // BugError of a monitor, or a file that does not read back
      breaches.text += std::string("\n  ") + bug.what();
    }
    if (!breaches.text.empty())
      FAIL_CHECK("swarm seed " << seed << breaches.text << "\n" << described(drawn(seed)));
  }
  for (const Count count : {Count::vanished, Count::lost, Count::failed, Count::duplicated, Count::late})
    CHECK(seen.counts[count] > 0);
  CHECK(seen.not_drained < static_cast<std::int64_t>(seeds / 20 + 1));
}
