// Whole worlds with transactions and crashes: the table holds, steps are pure, and everything comes to an
// end.
#include "model/rocketmq/transaction_monitor.hpp"
#include "tests/model/client_lab.hpp"
#include "tests/model/purity.hpp"

#include "model/rocketmq/broker_internal.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;

namespace {

class Monitored final : public sim::Recorder {
 public:
  explicit Monitored(const Config& config) : monitor(config) {}
  void on(SimTime at, const sim::Record& record) override {
    monitor.on(at, record);
    ++counts[static_cast<RecordKind>(record.kind)];
  }
  rocketmq::TransactionMonitor monitor;
  std::map<RecordKind, std::int64_t> counts;
};

/// Twenty transactions, each check interval 5 s, and a broker that dies twice.
Config troubled(Profile profile, FlushDiskType flush, FaultKind fault) {
  Config config = lab();
  config.brokers[0].profile = profile;
  BrokerSettings& broker = config.brokers[0].settings;
  broker.flushDiskType = flush;
  broker.transactionCheckInterval = 5_s;
  config.producer_groups = {"shop"};
  ProducerConfig& producer = config.producers[0];
  producer.profile = profile;
  producer.messages = 20;
  producer.rate = 2;
  producer.transaction.emplace();
  producer.transaction->rollback_chance = 0.2;
  producer.transaction->returns_unknown = true;
  producer.transaction->check_answers_from = 2;
  for (const auto& [low, high] : {std::pair{1_s, 8_s}, std::pair{12_s, 30_s}}) {
    FaultConfig config_of_fault = fault_during({}, 1_s, fault, ProcessId(0));
    config_of_fault.trigger.time = Distribution::uniform(low, high);
    config_of_fault.action.host = HostId(0);
    config.faults.push_back(config_of_fault);
  }
  return config;
}

constexpr FaultKind deaths[] = {FaultKind::kill, FaultKind::stop, FaultKind::power_loss};

}  // namespace

TEST_CASE("transaction world: the table holds through kills, stops and power losses") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    for (const FlushDiskType flush : {FlushDiskType::ASYNC_FLUSH, FlushDiskType::SYNC_FLUSH}) {
      for (const FaultKind fault : deaths) {
        const Config config = troubled(profile, flush, fault);
        std::int64_t resolved = 0, copied = 0;
        for (std::uint64_t seed = 1; seed <= 15; ++seed) {
          Monitored monitored(config);
          sim::Simulation<Model> simulation(config, sim::Seed(seed), &monitored);
          simulation.run_until(SimTime{} + 300_s);
          CHECK(rocketmq::transactions_idle(simulation.world().brokers[0], config));
          resolved += monitored.counts[RecordKind::half_resolved];
          copied += monitored.counts[RecordKind::copy_stored];
        }
        CHECK(resolved > 0);
        CHECK(copied > 0);
      }
    }
  }
}

TEST_CASE("transaction world: its steps are pure") {
  for (const FaultKind fault : deaths) {
    Config config = troubled(Profile::v5_3, FlushDiskType::ASYNC_FLUSH, fault);
    config.producers[0].messages = 4;
    CHECK(run_on_copies(config, sim::Seed(3), SimTime{} + 60_s) > 100);
  }
}
