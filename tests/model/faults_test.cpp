// When faults strike and what they do.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {
namespace {

using Times = std::vector<Duration>;

const faults::FaultState& state(const Run& run, std::size_t fault = 0) {
  return run.simulation.world().faults.states[fault];
}

bool is_over(const Run& run) {
  return faults::over(run.simulation.world(), run.simulation.config(), run.simulation.now());
}

FaultConfig every(Duration gap, Duration from, Duration until, FaultKind kind) {
  FaultConfig fault = fault_at(gap, kind);
  fault.trigger.kind = TriggerKind::process;
  fault.trigger.from = from;
  fault.trigger.until = until;
  return fault;
}

/// Everything recorded that is not about the fault `fault`.
std::vector<sim::StampedRecord> without(const Run& run, std::uint32_t fault) {
  std::vector<sim::StampedRecord> rest;
  for (const auto& r : run.recorder.records()) {
    const auto kind = static_cast<RecordKind>(r.record.kind);
    const bool about_faults = kind == RecordKind::fault_struck || kind == RecordKind::fault_restored;
    if (!about_faults || r.record.subject != fault) rest.push_back(r);
  }
  return rest;
}

}  // namespace

TEST_CASE("a time is drawn once per seed, and restored after its span") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at({}, FaultKind::pause), 10_ms)};
  config.faults[0].trigger.time = Distribution::uniform(1_s, 2_s);
  std::vector<Duration> struck;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Run run(config, 3_s, seed), again(config, 3_s, seed);
    const auto times = run.times(RecordKind::fault_struck);
    REQUIRE(times.size() == 1);
    CHECK((times[0] >= 1_s && times[0] <= 2_s));
    CHECK(again.times(RecordKind::fault_struck) == times);
    CHECK(run.times(RecordKind::fault_restored) == Times{times[0] + 10_ms});
    struck.push_back(times[0]);
  }
  std::sort(struck.begin(), struck.end());
  CHECK(std::unique(struck.begin(), struck.end()) == struck.end());
}

TEST_CASE("just before the third send two are stored, just after it three") {
  for (const bool before : {true, false}) {
    Config config = small_cluster();
    config.faults = {fault_on(EventName::broker_send_request, 3, before, FaultKind::kill)};
    Run run(config, 2_s);
    CHECK(run.times(RecordKind::appended).size() == (before ? 2 : 3));
    CHECK(run.times(RecordKind::process_died) == Times{201_ms});
    CHECK(state(run).struck == 1);
    CHECK(run.simulation.world().network.requests == 0);
  }
}

TEST_CASE("a pause just before an event makes that event the first of the backlog") {
  Config config = small_cluster();
  config.faults = {restoring(fault_on(EventName::broker_send_request, 3, true, FaultKind::pause), 1_s)};
  Run run(config, 3_s);
  CHECK(run.times(RecordKind::process_paused) == Times{201_ms});
  CHECK(run.times(RecordKind::appended, 2) == Times{1201_ms});
}

TEST_CASE("an action may follow its trigger after a delay") {
  Config config = small_cluster();
  config.faults = {fault_on(EventName::broker_send_request, 3, false, FaultKind::kill)};
  config.faults[0].delay = Distribution::constant(20_ms);
  Run run(config, 2_s);
  CHECK(run.times(RecordKind::process_died) == Times{221_ms});
}

TEST_CASE("an actor narrows a trigger down") {
  Config config = small_cluster();
  config.faults = {fault_on(EventName::broker_send_request, 1, false, FaultKind::kill)};
  config.faults[0].trigger.any_actor = false;
  config.faults[0].trigger.actor = producer0;
  Run run(config, 2_s);
  CHECK(state(run).struck == 0);
}

TEST_CASE("a lost response: the request is executed, and its sender sees the connection break") {
  for (const FlushDiskType flush : {FlushDiskType::ASYNC_FLUSH, FlushDiskType::SYNC_FLUSH}) {
    Config config = small_cluster();
    config.brokers[0].settings.flushDiskType = flush;
    const bool before = flush == FlushDiskType::SYNC_FLUSH;  // either side is the same
    config.faults = {fault_on(EventName::broker_send_request, 2, before, FaultKind::response_lost)};
    Run run(config, 3_s);
    CHECK(run.times(RecordKind::appended, 1) == Times{101_ms});
    CHECK(run.times(RecordKind::acknowledged, 1).empty());
    CHECK(run.times(RecordKind::told_failed, 1) == Times{101_ms});
    CHECK(run.times(RecordKind::acknowledged, 2).size() == 1);
  }
}

TEST_CASE("a fault whose event never happens has not struck, and is over when the workload is") {
  Config config = small_cluster();
  config.producers[0].messages = 5;
  config.faults = {fault_on(EventName::broker_send_request, 6, false, FaultKind::kill)};
  Run run(config, 350_ms);
  CHECK_FALSE(is_over(run));
  run.until(10_s);
  CHECK(is_over(run));
  CHECK(state(run).struck == 0);
  CHECK(state(run).seen == 5);
}

TEST_CASE("a fault whose event may still come of a process that is starting is not over") {
  for (const bool restarts : {true, false}) {
    Config config = small_cluster();
    config.producers[0].messages = 5;
    FaultConfig killed = fault_at(600_ms, FaultKind::kill);
    if (restarts) killed = restoring(killed, 10_ms);
    config.faults = {killed,
                     restoring(fault_on(EventName::process_started, 1, false, FaultKind::pause), 1_s)};
    Run run(config, 1_s);
    // Without a restart nobody but the operator brings the broker back.
    CHECK(is_over(run) == !restarts);
    run.until(10_s);
    CHECK(state(run, 1).struck == (restarts ? 1 : 0));
    CHECK(is_over(run));
  }
}

TEST_CASE("a fault process strikes again and again between from and until") {
  Config config = small_cluster();
  config.brokers[0].restart_time = Distribution::constant(100_ms);
  config.faults = {restoring(every(1_s, 500_ms, 5_s, FaultKind::kill), 100_ms)};
  Run run(config, 1600_ms);
  CHECK_FALSE(is_over(run));
  run.until(10_s);
  CHECK(run.times(RecordKind::process_died) == Times{1500_ms, 2500_ms, 3500_ms, 4500_ms});
  CHECK(state(run).restored == 4);
  CHECK(is_over(run));
}

TEST_CASE("a strike at what is still broken is skipped and counted, and does not restore") {
  Config config = small_cluster();
  config.brokers[0].restart_time = Distribution::constant(100_ms);
  config.faults = {restoring(every(1_s, 0_s, 4500_ms, FaultKind::kill), 1500_ms)};
  Run run(config, 10_s);
  CHECK(run.times(RecordKind::process_died) == Times{1_s, 3_s});
  CHECK(state(run).struck == 2);
  CHECK(state(run).skipped == 2);
  CHECK(run.times(RecordKind::fault_restored) == Times{2500_ms, 4500_ms});
}

TEST_CASE("a fault at a time is over when it is restored") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1_s, FaultKind::partition), 2_s)};
  Run run(config, 500_ms);
  CHECK_FALSE(is_over(run));
  run.until(2_s);
  CHECK_FALSE(is_over(run));
  CHECK(run.simulation.world().network.cuts.size() == 1);
  run.until(3_s);
  CHECK(is_over(run));
  CHECK(run.simulation.world().network.cuts.empty());
}

TEST_CASE("disks, links and stalls are broken and repaired") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1_s, FaultKind::slow_disk), 1_s),
                   restoring(fault_at(1_s, FaultKind::delay), 1_s),
                   restoring(fault_at(1_s, FaultKind::append_stall), 1_s)};
  config.faults[0].action.factor = 8;
  config.faults[1].action.duration = Distribution::constant(70_ms);
  config.faults[1].action.all_links = true;
  Run run(config, 1500_ms);
  CHECK(run.simulation.world().hosts[0].disk_factor == 8);
  REQUIRE(run.simulation.world().network.delays.size() == 1);
  CHECK(run.simulation.world().network.delays[0].delay == 70_ms);
  CHECK(run.simulation.world().network.delays[0].b == network::any_host);
  CHECK(run.simulation.world().brokers[0].memory.append_stalled);
  run.until(2500_ms);
  CHECK(run.simulation.world().hosts[0].disk_factor == 1);
  CHECK(run.simulation.world().network.delays.empty());
  CHECK_FALSE(run.simulation.world().brokers[0].memory.append_stalled);
}

TEST_CASE("a reset breaks all connections of its process now") {
  Config config = small_cluster();
  config.faults = {fault_at(1050_ms, FaultKind::reset)};
  Run run(config, 2_s);
  CHECK(run.times(RecordKind::connection_broken) == Times{1050_ms, 1050_ms});
  CHECK(run.times(RecordKind::acknowledged, 11).size() == 1);  // on a new connection
}

TEST_CASE("healing repairs everything, and nothing strikes afterwards") {
  Config config = small_cluster();
  config.faults = {fault_at(1_s, FaultKind::power_loss),
                   fault_at(1_s, FaultKind::slow_disk),
                   fault_at(1_s, FaultKind::partition),
                   fault_at(1_s, FaultKind::delay),
                   fault_at(1_s, FaultKind::pause),
                   fault_at(20_s, FaultKind::kill),
                   restoring(every(30_s, 0_s, 1_h, FaultKind::power_loss), 1_s)};
  config.faults[4].action.process = producer0;
  Run run(config, 2_s);
  heal(run);
  run.until(100_s);
  const World& world = run.simulation.world();
  CHECK(world.faults.healed);
  CHECK(run.times(RecordKind::healed) == Times{2_s});
  CHECK(world.hosts[0].powered);
  CHECK(world.hosts[0].disk_factor == 1);
  CHECK(world.network.cuts.empty());
  CHECK(world.network.delays.empty());
  for (const host::Process& process : world.processes) CHECK(process.life == host::Life::running);
  CHECK(run.times(RecordKind::process_served, broker0.value) == Times{5_s});
  CHECK(run.times(RecordKind::process_died).size() == 1);
}

namespace {

/// What lasts until somebody undoes it, and how one sees it.
struct Lasting {
  FaultKind kind;
  bool (*is_broken)(const World&);
};

bool is_dead(const World& world) { return world.processes[0].life == host::Life::dead; }

constexpr Lasting lasting[] = {
    {FaultKind::kill, is_dead},
    {FaultKind::stop, is_dead},
    {FaultKind::pause, [](const World& world) { return world.processes[0].life == host::Life::paused; }},
    {FaultKind::power_loss, [](const World& world) { return !world.hosts[0].powered && is_dead(world); }},
    {FaultKind::slow_disk, [](const World& world) { return world.hosts[0].disk_factor == 4; }},
    {FaultKind::partition, [](const World& world) { return world.network.cuts.size() == 1; }},
    {FaultKind::delay, [](const World& world) { return world.network.delays.size() == 1; }},
    {FaultKind::append_stall, [](const World& world) { return world.brokers[0].memory.append_stalled; }},
};

Config with_one(FaultKind kind, bool never_restored) {
  Config config = small_cluster();
  config.faults = {fault_at(1050_ms, kind)};
  config.faults[0].action.factor = 4;
  config.faults[0].never_restored = never_restored;
  return config;
}

/// Long enough for a broker that stops or restarts.
struct Healed : Run {
  Healed(FaultKind kind, bool never_restored) : Run(with_one(kind, never_restored), 60_s) {
    heal(*this);
    until(70_s);
  }
};

}  // namespace

TEST_CASE("what nobody ever restores stays broken, and the drain waits for the rest only") {
  for (const Lasting& fault : lasting) {
    INFO(to_string(fault.kind));
    const Healed repaired(fault.kind, false), left(fault.kind, true);
    CHECK_FALSE(fault.is_broken(repaired.simulation.world()));
    CHECK(fault.is_broken(left.simulation.world()));
    CHECK(faults::is_whole(repaired.simulation.world(), repaired.simulation.config()));
    CHECK(faults::is_whole(left.simulation.world(), left.simulation.config()));
  }
}

TEST_CASE("a fault that has not struck leaves nothing broken for good") {
  Config config = small_cluster();
  config.faults = {fault_at(1_s, FaultKind::kill), fault_at(1_h, FaultKind::kill)};
  config.faults[1].never_restored = true;
  Run run(config, 2_s);
  heal(run);
  run.until(30_s);
  CHECK(run.simulation.world().processes[0].life == host::Life::running);
}

TEST_CASE("what is stopping when everything is repaired starts again afterwards") {
  Config config = small_cluster();
  config.hosts[0].sync_time = Distribution::constant(200_ms);
  config.faults = {fault_at(1050_ms, FaultKind::stop)};
  Run run(config, 1051_ms);
  heal(run);
  run.until(30_s);
  CHECK(run.simulation.world().processes[0].life == host::Life::running);
}

TEST_CASE("common random numbers: one more fault, on a host of its own, moves nothing else") {
  Config config = small_cluster();
  config.hosts.resize(3);
  config.network.delay = Distribution::uniform(100_us, 9_ms);
  config.hosts[0].sync_time = Distribution::lognormal(2_ms, 0.5);
  config.producers[0].threads = 3;
  config.faults = {restoring(fault_at({}, FaultKind::kill), 1_s)};
  config.faults[0].trigger.time = Distribution::uniform(1_s, 2_s);
  Config more = config;
  more.faults.push_back(restoring(fault_at({}, FaultKind::slow_disk), 1_s));
  more.faults[1].action.host = HostId(2);
  more.faults[1].trigger.time = Distribution::exponential(1_s);
  more.faults.push_back(fault_on(EventName::broker_send_request, 1'000'000, true, FaultKind::kill));
  Run plain(config, 10_s, 7), crowded(more, 10_s, 7);
  CHECK(state(crowded, 1).struck == 1);
  CHECK(plain.recorder.records().size() > 100);
  CHECK(without(plain, 1) == without(crowded, 1));
}

TEST_CASE("a fork in the middle of a fault goes on like the original") {
  Config config = small_cluster();
  config.faults = {restoring(fault_at(1_s, FaultKind::partition), 2_s),
                   restoring(fault_on(EventName::broker_send_request, 12, true, FaultKind::pause), 1_s)};
  Run run(config, 1500_ms);
  Sim fork = run.simulation.fork();
  run.until(20_s);
  fork.run_until(SimTime{} + 20_s);
  CHECK(fork.trace_hash() == run.simulation.trace_hash());
  CHECK(fork.events() == run.simulation.events());
}

}  // namespace brokersim::model
