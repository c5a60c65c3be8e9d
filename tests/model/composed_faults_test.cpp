// Faults made of several: a rack without power, rolling restarts, random campaigns.
#include <algorithm>

#include "model/dispatch.hpp"
#include "model/faults/progress.hpp"
#include "tests/catch.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using Times = std::vector<Duration>;

Config with_campaign(std::uint32_t at_most) {
  Config config = small_cluster();
  config.brokers[0].restart_time = Distribution::constant(100_ms);
  FaultConfig fault = restoring(fault_at(1_s, FaultKind::kill), 200_ms);
  fault.trigger.kind = TriggerKind::process;
  fault.trigger.until = 1_h;
  FaultAction kill = fault.action, pause = fault.action;
  pause.kind = FaultKind::pause;
  pause.process = producer0;
  fault.campaign = {{FaultKind::kill, FaultKind::pause}, {"broker-a", "shop"}, {kill, pause}, at_most};
  config.faults = {fault};
  return config;
}

const faults::FaultState& state(const Run& run) { return run.simulation.world().faults.states[0]; }

}  // namespace

TEST_CASE("hosts of one rack lose their power at one instant, and get it back") {
  Config config = small_cluster();
  config.hosts.resize(3);
  config.faults = {restoring(fault_at(1_s, FaultKind::power_loss), 2_s)};
  config.faults[0].action.hosts = {HostId(0), HostId(1)};
  Run run(config, 1500_ms);
  CHECK(run.times(RecordKind::host_lost_power) == Times{1_s, 1_s});
  CHECK(run.simulation.world().hosts[2].powered);
  run.until(10_s);
  CHECK(run.times(RecordKind::host_powered) == Times{3_s, 3_s});
}

TEST_CASE("of a rack whose power nobody restores no host comes back") {
  Config config = small_cluster();
  config.faults = {fault_at(1_s, FaultKind::power_loss)};
  config.faults[0].action.hosts = {HostId(0), HostId(1)};
  config.faults[0].never_restored = true;
  Run run(config, 2_s);
  heal(run);
  run.until(20_s);
  for (const host::Host& host : run.simulation.world().hosts) CHECK_FALSE(host.powered);
  CHECK(faults::is_whole(run.simulation.world(), run.simulation.config()));
}

TEST_CASE("a rolling restart waits until a process serves, then for its pause") {
  Config config = small_cluster();
  config.faults = {fault_at(1050_ms, FaultKind::rolling_restart)};
  config.faults[0].action.processes = {broker0, producer0};
  config.faults[0].action.duration = Distribution::constant(5_s);
  Run run(config, 60_s);
  // DefaultMessageStore.shutdown sleeps 3 s; the broker starts in 3 s, the producer in 1 s.
  CHECK(run.times(RecordKind::process_died, broker0.value) == Times{4050_ms});
  const Times served = run.times(RecordKind::process_served, broker0.value);
  CHECK(served == Times{7050_ms});
  CHECK(run.times(RecordKind::process_died, producer0.value) == Times{12'050_ms});
  const Times again = run.times(RecordKind::process_served, producer0.value);
  REQUIRE(again.size() == 2);
  CHECK(again[1] == 13'050_ms);
  CHECK(state(run).restores_due == 0);
  CHECK(run.times(RecordKind::copy_lost).empty());
}

TEST_CASE("a rolling restart leaves out what cannot be restarted") {
  Config config = small_cluster();
  config.faults = {fault_at(1050_ms, FaultKind::rolling_restart), fault_at(1_s, FaultKind::pause)};
  config.faults[0].action.processes = {producer0, broker0};
  config.faults[1].action.process = producer0;
  Run run(config, 20_s);
  CHECK(run.times(RecordKind::process_died, broker0.value).size() == 1);
  CHECK(run.times(RecordKind::process_died, producer0.value).empty());
  CHECK(state(run).restores_due == 0);
}

TEST_CASE("while it rolls it does not strike again") {
  Config config = small_cluster();
  config.faults = {fault_at(1100_ms, FaultKind::rolling_restart)};
  config.faults[0].trigger.kind = TriggerKind::process;
  config.faults[0].trigger.until = 12_s;
  config.faults[0].action.processes = {broker0};
  Run run(config, 30_s);
  // Each 1.1 s: the first goes on from 1.1 to 7.1 s, the next from 7.7 to 13.7 s.
  CHECK(run.times(RecordKind::fault_struck) == Times{1100_ms, 7700_ms});
  CHECK(state(run).skipped > 0);
}

TEST_CASE("a campaign draws what it strikes, as the seed says, so often and no oftener") {
  bool killed = false, paused = false;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Run run(with_campaign(4), 20_s, seed), again(with_campaign(4), 20_s, seed);
    CHECK(state(run).struck == 4);
    CHECK(run.times(RecordKind::fault_struck) == Times{1_s, 2_s, 3_s, 4_s});
    CHECK(run.times(RecordKind::fault_restored) == Times{1200_ms, 2200_ms, 3200_ms, 4200_ms});
    CHECK(run.simulation.trace_hash() == again.simulation.trace_hash());
    std::size_t kills = 0;
    for (const auto& r : run.recorder.records()) {
      if (r.record.kind != static_cast<std::uint32_t>(RecordKind::fault_struck)) continue;
      CHECK(r.record.b == (r.record.a == static_cast<std::int64_t>(FaultKind::kill) ? 1 : 2));
      kills += r.record.b == 1 ? 1 : 0;
    }
    CHECK(run.times(RecordKind::process_died).size() == kills);
    CHECK(run.times(RecordKind::process_paused).size() == 4 - kills);
    killed = killed || kills > 0;
    paused = paused || kills < 4;
  }
  CHECK(killed);
  CHECK(paused);
}

TEST_CASE("a campaign without an end goes on until the workload is done") {
  Config config = with_campaign(0);
  config.producers[0].messages = 100;
  Run run(config, 30'500_ms);
  CHECK(state(run).struck > 8);
  CHECK(faults::over(run.simulation.world(), run.simulation.config(), run.simulation.now()));
}

}  // namespace brokersim::model
