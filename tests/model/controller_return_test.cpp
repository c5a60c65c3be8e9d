// Controller mode: replicas that come back, and what they are then told, believe and get.
#include "tests/catch.hpp"
#include "tests/model/controlled_set.hpp"

namespace brokersim::model {

namespace {

using rocketmq::ReplicaRole;
using rocketmq::size_of;

/// Whether the log ends before its last epoch begins.
bool ends_before_its_epoch(const rocketmq::Broker& broker) {
  return broker.memory.appended.bytes < broker.disk.epochs.back().start;
}

}  // namespace

TEST_CASE("controller: of two slaves that leave together the second change takes the first in again",
          "[controller]") {
  Config config = controlled(3);
  config.faults.push_back(never(cut_at(2050_ms, 0, 1)));
  config.faults.push_back(never(cut_at(2050_ms, 0, 2)));
  // The way to the controller (host 5) takes 200 ms: the first request has no answer yet when the second
  // slave, whose last report came up to 100 ms before or after that of the first, has been silent for 20 s.
  FaultConfig slow = at_host(2050_ms, FaultKind::delay, 0);
  slow.action.other_host = HostId(5);
  slow.action.duration = Distribution::constant(200_ms);
  config.faults.push_back(never(slow));
  const Run run(config, 25_s);
  const auto changes = run.times(RecordKind::sync_set_changed);
  REQUIRE(changes.size() == 2);
  CHECK(changes[1] - changes[0] < 1_s);
  CHECK(size_of(set_of(run).in_sync) == 2);
}

TEST_CASE("controller: a slave whose log ends before its last epoch begins never gets a byte again",
          "[controller]") {
  std::size_t such = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Config config = controlled();
    config.producers[0].rate = 2;
    config.faults.push_back(restoring(at_process(15'050_ms, FaultKind::kill, 0), 1_s));
    // Up at 19 s, it asks at 20 s and notes the new epoch with the first piece, at 25 s. What it had got
    // before the kill was last flushed up to 10 s before that; its first flush is due 10 s after the start.
    config.faults.push_back(restoring(at_host(26'500_ms, FaultKind::power_loss, 0), 1_s));
    const Run run(config, 60_s, seed);
    if (!ends_before_its_epoch(replica(run, 0))) continue;
    ++such;
    // It connects, reports the end that its master has 5 s later, gets what begins there, and parts for 5 s.
    CHECK(set_of(run).in_sync == rocketmq::mask_of(1));
    const auto connected = run.times(RecordKind::replica_connected, 0);
    REQUIRE(connected.size() == 4);
    for (std::size_t i = 2; i < connected.size(); ++i) {
      CHECK(connected[i] - connected[i - 1] > 10_s);
      CHECK(connected[i] - connected[i - 1] < 10'200_ms);
    }
  }
  CHECK(such >= 5);
}

TEST_CASE("controller: a slave back before it was missed is told on its new channel", "[controller]") {
  Config config = controlled();
  config.brokers[1].restart_time = Distribution::constant(2_s);
  config.faults.push_back(restoring(at_host(5050_ms, FaultKind::power_loss, 1), 1_s));
  config.faults.push_back(never(at_process(60'050_ms, FaultKind::kill, 0)));
  const Run run(config, 80_s);
  // The reset takes 1 ms to the controller, the push 1 ms to the slave.
  CHECK(run.times(RecordKind::master_elected) == std::vector<Duration>{60'051_ms});
  CHECK(run.times(RecordKind::no_master).empty());
  CHECK(run.times(RecordKind::role_taken, 1).back() == 60'052_ms);
  CHECK(role(run, 1) == ReplicaRole::master);
}

TEST_CASE("controller: a slave that is elected while it is without power learns it when it registers",
          "[controller]") {
  Config config = controlled();
  config.brokers[1].restart_time = Distribution::constant(2_s);
  config.faults.push_back(restoring(at_host(5050_ms, FaultKind::power_loss, 1), 3_s));
  config.faults.push_back(never(at_process(6050_ms, FaultKind::kill, 0)));
  const Run run(config, 40_s);
  CHECK(run.times(RecordKind::master_elected) == std::vector<Duration>{6051_ms});
  CHECK(run.times(RecordKind::no_master).empty());
  // Up 5 s later, and 1 s until it asks: a connect (2 ms) and a request (2 ms).
  CHECK(run.times(RecordKind::role_taken, 1).back() == 11'054_ms);
  CHECK(role(run, 1) == ReplicaRole::master);
}

}  // namespace brokersim::model
