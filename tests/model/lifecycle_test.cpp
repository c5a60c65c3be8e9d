// Lives of processes and hosts. The broker takes 3 s to start, the producer 1 s.
#include "tests/catch.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using Times = std::vector<Duration>;
using host::Life;

Life life(const Run& run, ProcessId process) { return run.simulation.world().processes[process.value].life; }

}  // namespace

TEST_CASE("brokers serve from the start, clients from their start_at") {
  Config config = small_cluster();
  config.producers[0].start_at = 2_s;
  Run run(config, 1_s);
  CHECK(life(run, broker0) == Life::running);
  CHECK(life(run, producer0) == Life::starting);
  run.until(3_s);
  CHECK(run.times(RecordKind::process_served) == Times{2_s});
  CHECK(run.times(RecordKind::send_begun).front() == 2_s);
}

TEST_CASE("a killed process serves again after its restart time, in another life") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1050_ms, FaultKind::kill), 2_s)};
  Run run(config, 4_s);
  CHECK(life(run, broker0) == Life::starting);
  run.until(8_s);
  CHECK(run.times(RecordKind::process_died) == Times{1050_ms});
  CHECK(run.times(RecordKind::process_served, broker0.value) == Times{6050_ms});
  CHECK(run.simulation.world().processes[0].incarnation == Incarnation(1));
  // The end of the connection reaches the producer one delay after the kill.
  CHECK(run.times(RecordKind::connection_broken, producer0.value) == Times{1051_ms});
  // Refused at once while it is dead or starting; stored again afterwards.
  CHECK(run.times(RecordKind::appended, 20).empty());
  CHECK(run.times(RecordKind::appended).back() > 7_s);
}

TEST_CASE("a silent death is found out only by time-outs") {
  Config config = small_cluster();
  config.faults = {fault_at(1050_ms, FaultKind::kill)};
  config.faults[0].action.silent = true;
  Run run(config, 4_s);
  CHECK(run.times(RecordKind::connection_broken).empty());
  run.until(6_s);
  CHECK(run.times(RecordKind::told_failed).front() == 4100_ms);  // intent 11 and its 3 s
}

TEST_CASE("starting what runs and resuming what is not paused does nothing") {
  Config config = small_cluster();
  config.faults = {fault_at(1_s, FaultKind::restart), fault_at(2_s, FaultKind::resume)};
  Run run(config, 10_s);
  CHECK(run.times(RecordKind::process_served, broker0.value).empty());
  CHECK(run.times(RecordKind::process_resumed).empty());
  CHECK(run.simulation.world().processes[0].incarnation == Incarnation(0));
}

TEST_CASE("a paused process that is killed dies, and what waited for it is gone") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1050_ms, FaultKind::pause), 3_s), fault_at(2_s, FaultKind::kill)};
  Run run(config, 6_s);
  CHECK(life(run, broker0) == Life::dead);
  CHECK(run.times(RecordKind::appended, 11).empty());
  CHECK(run.times(RecordKind::process_resumed).empty());
  CHECK(run.simulation.world().network.requests == 0);
}

// BrokerController.shutdownBasicService: the remoting server ends first, the store 3 s later.
TEST_CASE("a graceful stop closes its connections at once and ends the process 3 s later") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1050_ms, FaultKind::stop), 20_s)};
  Run run(config, 15_s);
  CHECK(life(run, broker0) == Life::dead);
  CHECK(run.times(RecordKind::connection_broken, producer0.value) == Times{1051_ms});
  CHECK(run.times(RecordKind::process_died) == Times{4050_ms});
  run.until(30_s);
  CHECK(life(run, broker0) == Life::running);
}

TEST_CASE("a send that waits for its flush when the broker is stopped is stored, and nobody is told") {
  Config config = small_cluster();
  config.hosts[0].sync_time = Distribution::constant(30_ms);
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  config.faults = {restoring(fault_at(1010_ms, FaultKind::stop), 20_s)};
  Run run(config, 15_s);
  CHECK(run.times(RecordKind::appended, 10) == Times{1001_ms});
  CHECK(run.times(RecordKind::answered, 10).empty());
  CHECK(run.times(RecordKind::told_failed, 10) == Times{1011_ms});
  CHECK(run.simulation.world().brokers[0].disk.synced.records == 11);
}

TEST_CASE("who is asked to start while it is still stopping does so when it has stopped") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1050_ms, FaultKind::stop), 1_s)};
  Run run(config, 15_s);
  CHECK(run.times(RecordKind::process_died) == Times{4050_ms});
  CHECK(run.times(RecordKind::process_served, broker0.value) == Times{7050_ms});
}

TEST_CASE("a power loss takes everything on the host and tells nobody; with the power everything starts") {
  Config config = small_cluster();
  config.producers.push_back(config.producers[0]);
  config.producers[1].host = HostId(0);
  config.producers[1].messages = 0;
  config.faults = {restoring(fault_at(1050_ms, FaultKind::power_loss), 2_s)};
  Run run(config, 3_s);
  CHECK(run.subjects(RecordKind::process_died) == std::vector<std::uint32_t>{0, 2});
  CHECK(run.times(RecordKind::connection_broken).empty());
  run.until(10_s);
  CHECK(run.times(RecordKind::host_powered) == Times{3050_ms});
  CHECK(run.times(RecordKind::process_served, 0) == Times{6050_ms});
  CHECK(run.times(RecordKind::process_served, 2).back() == 4050_ms);
}

TEST_CASE("a sync that had just begun at a power loss never happened") {
  Config config = small_cluster();
  config.hosts[0].sync_time = Distribution::constant(400_ms);
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  // The first send arrives at 3 ms and waits for its sync, which would end after 403 ms. Its page goes to
  // the disk somewhere in between; 10 us after the beginning it has not.
  config.faults = {restoring(fault_at(3010_us, FaultKind::power_loss), 50_ms)};
  Run run(config, 1_s);
  CHECK(run.simulation.world().brokers[0].disk.synced.records == 0);
  CHECK(run.times(RecordKind::acknowledged).empty());
}

}  // namespace brokersim::model
