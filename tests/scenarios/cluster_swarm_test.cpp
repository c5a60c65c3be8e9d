// A swarm of whole clusters (drawn_cluster.hpp) and what must hold of the real brokers too in every one of
// them. A breach prints the seed and the cluster as a scenario file.
//
//   BROKERSIM_SWARM_FIRST=5000 BROKERSIM_SWARM_SEEDS=2000 build/dev/test_scenarios "[cluster-swarm]"
//   ./dev swarm 60        # for an hour, from a fresh seed on
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/scenarios/drawn_cluster.hpp"
#include "tests/scenarios/swarm.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using namespace brokersim::model;
using namespace brokersim::swarm;

namespace {

// ------------------------------------------------------------------------------- what must hold

bool strikes(const Config& config, FaultKind kind) {
  return std::any_of(config.faults.begin(), config.faults.end(),
                     [&](const FaultConfig& fault) { return fault.action.kind == kind; });
}

/// Retention belongs to what a full disk costs.
bool takes_disks(const Config& config) {
  return strikes(config, FaultKind::disk_lost) || strikes(config, FaultKind::truncate_log) ||
         strikes(config, FaultKind::disk_full);
}

/// Each page cache outlives its process.
bool keeps_pages(const Config& config) {
  return !strikes(config, FaultKind::power_loss) && !takes_disks(config);
}

/// Offsets of a group move back only by a rebalance, a crash, a slave's synchronisation, a truncation or a
/// reset. Told of queues from 1 on: queue 0 of a topic is not told from that of its retry topic.
/// Without partitions: what a client sent into one still arrives after the heal, on a connection that it has
/// given up long ago, and so behind the offsets that it sends on the next one.
class OffsetRule {
 public:
  OffsetRule(const Config& config, Breaches& breaches) : config_(config), breaches_(breaches) {}

  void on(const sim::Record& record) {
    static constexpr std::array excuses{
        RecordKind::queue_assigned,       RecordKind::queue_revoked, RecordKind::process_died,
        RecordKind::replica_synchronized, RecordKind::log_truncated, RecordKind::offsets_back,
        RecordKind::role_taken,           RecordKind::member_serves, RecordKind::stood_in};
    const auto kind = static_cast<RecordKind>(record.kind);
    if (std::find(excuses.begin(), excuses.end(), kind) != excuses.end()) ++excuses_;
    if (kind == RecordKind::offset_committed) committed(record);
  }

 private:
  struct Commit {
    std::int64_t offset = 0;
    std::uint64_t excuses = 0;  ///< so many until then
    std::uint32_t by = 0;
  };

  void committed(const sim::Record& record) {
    if ((record.a & 0xffff) == 0 || strikes(config_, FaultKind::partition)) return;
    const std::size_t member = record.subject - push_consumer_process(config_, 0).value;
    Commit& last = last_[{config_.push_consumers.at(member).group.value, record.a}];
    // Who had the queue before a rebalance may commit once more, and be late.
    const bool is_another = record.subject != last.by;
    breaches_.unless(record.b >= last.offset || excuses_ > last.excuses || is_another,
                     "offsets move back only by rebalance, crash, synchronisation, truncation or reset");
    last = {record.b, excuses_, record.subject};
  }

  const Config& config_;
  Breaches& breaches_;
  std::map<std::pair<std::uint16_t, std::int64_t>, Commit> last_;
  std::uint64_t excuses_ = 0;
};

/// What the run says while it goes on.
class Listener final : public sim::Recorder {
 public:
  Listener(const Config& config, Breaches& breaches)
      : config_(config),
        breaches_(breaches),
        flushed_(config.brokers.size()),
        copies_(config.brokers.size()),
        offsets_(config, breaches) {}

  void on(SimTime, const sim::Record& record) override {
    offsets_.on(record);
    const auto kind = static_cast<RecordKind>(record.kind);
    if (kind == RecordKind::flushed) flushed_[record.subject] = std::max(flushed_[record.subject], record.a);
    if (kind == RecordKind::log_truncated) truncated(record);
    if (kind == RecordKind::appended || kind == RecordKind::replicated)
      copies_[static_cast<std::size_t>(record.a >> 16)].insert(record.subject);
    if (kind == RecordKind::acknowledged) acknowledged(record);
  }

 private:
  /// What a sync has made durable no crash takes.
  void truncated(const sim::Record& record) {
    if (takes_disks(config_) || config_.brokers[record.subject].elects_master()) return;
    breaches_.unless(record.a >= flushed_[record.subject], "the log below the flushed offset never changes");
  }

  /// 5.3, a SYNC_MASTER that waits for all its slaves, and every page cache survives. A slave that comes
  /// empty begins with the last file, and its report counts for all that lies before it, too.
  void acknowledged(const sim::Record& record) {
    if (!keeps_pages(config_) || static_cast<Status>(record.a) != Status::SEND_OK) return;
    for (std::size_t set = 0; set < set_count(config_); ++set) {
      if (copies_[set].count(record.subject) != 0 && waits_for_all(set)) everywhere(set, record.subject);
    }
  }
  bool waits_for_all(std::size_t set) const {
    const BrokerConfig& broker = config_.brokers[set];
    return broker.profile == Profile::v5_3 && !broker.elects_master() &&
           broker.settings.brokerRole == BrokerRole::SYNC_MASTER &&
           broker.settings.inSyncReplicas == replicas(set) && !has_new_slave(set) &&
           !(broker.has_stand_in() && broker.settings.enableAutoInSyncReplicas);
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
  OffsetRule offsets_;
};

/// Whoever is elected has what was acknowledged: a majority has it (DLedger), or the whole SyncStateSet.
bool keeps_acknowledged(const Config& config, const BrokerConfig& broker) {
  return !broker.is_controlled() ||
         (broker.settings.allAckInSyncStateSet && !config.controllers[0].settings.enableElectUncleanMaster);
}

/// A SEND_OK of a SYNC_FLUSH master stands for a disk. A transaction may vanish without any crash, when its
/// checks are spent; a delayed message is on its way without waiting for any disk, and the timer wheel's
/// checkpoint may be ahead of it.
void check_promises(const Config& config, const GroupCounts& n, Breaches& breaches) {
  bool all_sync = true, plain = true, keeps = true;
  for (std::size_t set = 0; set < set_count(config); ++set) {
    const BrokerConfig& broker = config.brokers[set];
    all_sync =
        all_sync && broker.settings.flushDiskType == FlushDiskType::SYNC_FLUSH && !broker.elects_master();
    keeps = keeps && keeps_acknowledged(config, broker);
  }
  for (const ProducerConfig& producer : config.producers)
    plain = plain && !producer.transaction && producer.delay_level == 0 && !producer.is_timed();
  if (!plain) return;
  if (all_sync && !takes_disks(config))
    breaches.unless(n[Count::vanished] == 0, "with SYNC_FLUSH no SEND_OK record vanishes from its master");
  if (keeps_pages(config) && keeps)
    breaches.unless(n[Count::vanished] == 0, "a page cache survives the death of its process");
}

/// Tells what happened in the swarm, so that its rules are not kept for want of trouble.
struct Seen {
  std::map<Count, std::int64_t> counts;
  std::int64_t not_drained = 0;
};

void check_one(const std::shared_ptr<const Config>& config, std::uint64_t seed, Breaches& breaches,
               Seen& seen) {
  SeedRunner runner(config);
  Listener listener(*config, breaches);
  const SeedResult result = runner.run(sim::Seed(seed), listener);
  for (const GroupCounts& n : result.groups) {
    check_sums(n, {Count::lost, Count::ghost, Count::duplicated, Count::failed, Count::vanished}, breaches);
    if (result.drained) check_sums(n, {Count::stuck}, breaches);
    check_promises(*config, n, breaches);
    for (std::size_t count = 0; count < count_kinds; ++count)
      seen.counts[static_cast<Count>(count)] += n.counts[count];
  }
  seen.not_drained += result.drained ? 0 : 1;
  if (seed % 10 == 0) check_its_file(*config, seed, result.trace_hash, breaches);
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
  check_seeds(first, seeds, drawn_cluster,
              [&seen](const auto& config, std::uint64_t seed, Breaches& breaches) {
                check_one(config, seed, breaches, seen);
              });
  for (const Count count : {Count::vanished, Count::lost, Count::failed, Count::duplicated, Count::late})
    CHECK(seen.counts[count] > 0);
  CHECK(seen.not_drained < static_cast<std::int64_t>(seeds / 20 + 1));
}
