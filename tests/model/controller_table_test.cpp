// Controller mode: epochs, purity, and every row of the tables.
#include "model/rocketmq/controller_table.hpp"
#include "model/rocketmq/epochs.hpp"
#include "model/rocketmq/monitors.hpp"
#include "tests/catch.hpp"
#include "tests/model/controlled_set.hpp"
#include "tests/model/purity.hpp"

namespace brokersim::model {

TEST_CASE("controller: replicas agree where an epoch ended first", "[controller]") {
  using rocketmq::Epochs;
  const Epochs own{{1, 0}, {2, 4000}}, masters{{1, 0}, {2, 4000}, {3, 6000}};
  CHECK(rocketmq::consistent_point(own, 8000, masters, 9000) == 6000);
  CHECK(rocketmq::consistent_point(own, 5000, masters, 9000) == 5000);
  CHECK(rocketmq::consistent_point({{1, 0}, {5, 3000}}, 8000, masters, 9000) == 3000);
  CHECK_FALSE(rocketmq::consistent_point({{1, 100}}, 8000, masters, 9000));
  // setLastEpochEntryEndOffset leaves the last entry open if the log ends before it. (Both numbers are those
  // of the real EpochFileCache of 5.3.3.)
  const Epochs both{{1, 0}, {2, 4000}};
  CHECK(rocketmq::consistent_point(both, 3500, both, 9000) == 9000);
  CHECK(rocketmq::consistent_point(both, 9000, both, 3500) == 9000);
  CHECK(rocketmq::consistent_point(both, 3500, masters, 9000) == 6000);
  // appendEntry: an epoch that begins where the last one did is not noted.
  Epochs epochs{{1, 0}};
  rocketmq::append_epoch(epochs, {2, 0});
  CHECK(epochs.size() == 1);
  rocketmq::append_epoch(epochs, {2, 10});
  CHECK(epochs.size() == 2);
}

TEST_CASE("controller: steps depend on their arguments alone, through a failover and a rejoin",
          "[controller]") {
  Config config = all_ack(controlled());
  config.producers[0].rate = 2;
  config.faults.push_back(restoring(at_process(3003_ms, FaultKind::kill, 0), 2_s));
  CHECK(run_on_copies(config, sim::Seed(1), SimTime{} + 40_s) > 500);
}

TEST_CASE("controller: every row of both tables is taken", "[controller]") {
  std::vector<rocketmq::CoveredTable> counted;
  std::vector<std::vector<std::uint64_t>> hits(2);
  const auto play = [&](const Config& config, Duration until) {
    rocketmq::Monitors monitors(config);
    Sim simulation(config, sim::Seed(1), &monitors);
    simulation.run_until(SimTime{} + until);
    std::size_t table = 0;
    for (const rocketmq::CoveredTable& covered : monitors.tables()) {
      if (covered.name != "roles" && covered.name != "sync-state-sets") continue;
      hits[table].resize(covered.rows.size());
      for (std::size_t row = 0; row < covered.rows.size(); ++row)
        hits[table][row] += covered.rows[row].hits();
      ++table;
    }
  };
  // Three replicas: a kill, its return; then the new master is killed twice in a row.
  Config config = controlled(3);
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 0), 2_s));
  config.faults.push_back(restoring(at_process(60'050_ms, FaultKind::kill, 1), 2_s));
  config.faults.push_back(restoring(at_process(63_s, FaultKind::kill, 1), 1_s));
  config.faults.push_back(restoring(at_process(65_s, FaultKind::kill, 1), 1_s));
  play(config, 150_s);
  // Slaves leave a set of three one by one; then the master is alone, and dies.
  config = controlled(3);
  config.faults.push_back(never(at_process(5050_ms, FaultKind::kill, 2)));
  config.faults.push_back(restoring(at_process(6050_ms, FaultKind::kill, 1), 60_s));
  config.faults.push_back(restoring(at_process(20_s, FaultKind::kill, 0), 2_s));
  config.faults.push_back(restoring(at_process(24_s, FaultKind::kill, 0), 2_s));
  play(config, 150_s);
  // All die at once: nobody; and once they are back, whoever comes first.
  config = controlled();
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 1), 20_s));
  config.faults.push_back(restoring(at_process(5050_ms, FaultKind::kill, 0), 20_s));
  play(config, 80_s);
  for (const bool slave_first : {false, true}) {
    // Alone in the set, with a slave that is cut off from it.
    config = controlled();
    config.controllers[0].settings.enableElectUncleanMaster = true;
    config.faults.push_back(never(cut_at(2050_ms, 0, 1)));
    if (slave_first) config.faults.push_back(restoring(at_process(29_s, FaultKind::kill, 1), 5_s));
    config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, 0), 30_s));
    play(config, 80_s);
  }
  // Two of three in sync, and both die at once; the third one is outside.
  config = controlled(3);
  config.controllers[0].settings.enableElectUncleanMaster = true;
  config.faults.push_back(never(cut_at(2050_ms, 0, 2)));
  config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, 1), 5_s));
  config.faults.push_back(restoring(at_process(30'050_ms, FaultKind::kill, 0), 5_s));
  play(config, 60_s);
  // A stale master learns that it is none.
  config = controlled();
  config.faults.push_back(restoring(cut_at(5050_ms, 0, 4), 35_s));
  play(config, 80_s);
  // The only replica loses its channel: nobody, and then itself in a new epoch.
  config = controlled(1);
  config.faults.push_back(at_process(5050_ms, FaultKind::reset, 0));
  play(config, 40_s);
  for (std::size_t table = 0; table < hits.size(); ++table) {
    for (std::size_t row = 0; row < hits[table].size(); ++row) {
      INFO("table " << table << " row " << row);
      CHECK(hits[table][row] > 0);
    }
  }
}

}  // namespace brokersim::model
