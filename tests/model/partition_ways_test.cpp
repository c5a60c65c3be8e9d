// Partitions in one direction, and of some hosts only.
#include "model/network/segment.hpp"
#include "tests/catch.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using Times = std::vector<Duration>;

const HostId broker_host{0}, client_host{1};

/// From 1050 ms on, so that the send at 1100 ms is the first that meets it.
Config with_partition(std::vector<HostId> from, std::vector<HostId> to, Duration length) {
  Config config = small_cluster();
  config.producers[0].messages = 60;
  config.faults = {restoring(fault_at(1050_ms, FaultKind::partition), length)};
  config.faults[0].action.from = std::move(from);
  config.faults[0].action.to = std::move(to);
  config.faults[0].action.one_way = true;
  return config;
}

}  // namespace

TEST_CASE("no answers: the request is executed at once, its answer comes with the retransmission") {
  Run run(with_partition({broker_host}, {client_host}, 1_s), 10_s);
  // Message 11 leaves at 1100 ms and waits for its answer, which left at 1101 ms: sent again 0.2, 0.6 and
  // 1.4 s later, of which the last comes after the partition has healed at 2050 ms.
  CHECK(run.times(RecordKind::appended, 11) == Times{1101_ms});
  CHECK(run.times(RecordKind::acknowledged, 11) == Times{1101_ms + 1400_ms + 1_ms});
}

TEST_CASE("no requests: they are executed when they are sent again") {
  Run run(with_partition({client_host}, {broker_host}, 1_s), 10_s);
  CHECK(run.times(RecordKind::appended, 11) == Times{1100_ms + 1400_ms + 1_ms});
  CHECK(run.times(RecordKind::acknowledged, 11) == Times{1100_ms + 1400_ms + 2_ms});
}

TEST_CASE("what is sent before the first time-out arrives, what is sent later waits") {
  Config config = with_partition({broker_host}, {client_host}, 2_s);
  config.producers[0].send = SendMode::oneway;
  Run run(config, 10_s);
  // The first unacknowledged one leaves at 1100 ms; those at 1100 and 1200 ms are before 1300 ms.
  CHECK(run.times(RecordKind::appended, 11) == Times{1101_ms});
  CHECK(run.times(RecordKind::appended, 12) == Times{1201_ms});
  // Healed at 3050 ms: the next try is at 1100 + 0.2 + 0.4 + 0.8 + 1.6 s.
  for (std::uint32_t intent = 13; intent < 41; ++intent)
    CHECK(run.times(RecordKind::appended, intent) == Times{4101_ms});
  CHECK(run.simulation.world().network.requests == 0);
}

TEST_CASE("a short loss of acknowledgements is not noticed") {
  Config config = with_partition({broker_host}, {client_host}, 150_ms);
  config.producers[0].send = SendMode::oneway;
  Run run(config, 10_s);
  for (std::uint32_t intent = 1; intent < 60; ++intent)
    CHECK(run.times(RecordKind::appended, intent) == Times{Duration{intent * 100'000'000LL} + 1_ms});
}

TEST_CASE("nobody has anything to say: the retransmission that gets through carries on") {
  Config config = with_partition({broker_host}, {client_host}, 400_ms);
  config.producers[0].send = SendMode::oneway;
  config.producers[0].rate = 4;  // 1000, 1250, 1500 ms ...
  config.faults[0].trigger.time = Distribution::constant(1200_ms);
  Run run(config, 10_s);
  CHECK(run.times(RecordKind::appended, 5) == Times{1251_ms});
  // 1500 ms is beyond 1250 + 200: held until 1250 + 600, although the path is open from 1600 ms on.
  CHECK(run.times(RecordKind::appended, 6) == Times{1851_ms});
  CHECK(run.times(RecordKind::appended, 7) == Times{1851_ms});
  CHECK(run.times(RecordKind::appended, 8) == Times{2001_ms});
}

TEST_CASE("one side against another leaves all other links alone") {
  Config config = small_cluster();
  config.hosts.resize(4);
  config.faults = {fault_at(1_s, FaultKind::partition)};
  config.faults[0].action.from = {HostId(0), HostId(1)};
  config.faults[0].action.to = {HostId(2)};
  Run run(config, 2_s);
  const World& world = run.simulation.world();
  for (std::uint16_t a = 0; a < 4; ++a) {
    for (std::uint16_t b = 0; b < 4; ++b) {
      const bool cut = (a < 2 && b == 2) || (b < 2 && a == 2);
      CHECK(network::is_cut(world, HostId(a), HostId(b)) == cut);
    }
  }
  heal(run);
  CHECK(run.simulation.world().network.cuts.empty());
}

TEST_CASE("one way to everybody: that host is heard of no more") {
  Config config = small_cluster();
  config.faults = {fault_at(1_s, FaultKind::partition)};
  config.faults[0].action.from = {HostId(0)};
  config.faults[0].action.one_way = true;
  Run run(config, 2_s);
  CHECK(network::is_cut(run.simulation.world(), HostId(0), HostId(1)));
  CHECK_FALSE(network::is_cut(run.simulation.world(), HostId(1), HostId(0)));
}

TEST_CASE("a fork in the middle of a one-way partition goes on like the original") {
  Config config = with_partition({broker_host}, {client_host}, 2_s);
  config.producers[0].send = SendMode::oneway;
  Run run(config, 1800_ms);
  Sim fork = run.simulation.fork();
  run.until(10_s);
  fork.run_until(SimTime{} + 10_s);
  CHECK(fork.trace_hash() == run.simulation.trace_hash());
}

}  // namespace brokersim::model
