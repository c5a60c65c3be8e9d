// Slave as acting master: when it stands in, what clients see of it, and what becomes of its offsets. (The
// small cluster: acting_set.hpp. What follows from these in counts: library/rocketmq/acting-master-*.)
#include "model/rocketmq/monitors.hpp"
#include "tests/catch.hpp"
#include "tests/model/acting_set.hpp"
#include "tests/model/purity.hpp"

namespace brokersim::model {
namespace {

/// How the producer's route shows a broker; 0: not at all.
int shown(const Run& run, std::size_t broker) {
  const ProcessId producer = producer_process(run.simulation.config(), 0);
  const rocketmq::KnownRoute* known = rocketmq::find_route(run.simulation.world(), producer, TopicId(0));
  return known == nullptr ? 0 : known->route.addresses[broker];
}

std::int64_t committed(const Run& run, std::size_t broker) {
  const auto& memory = broker_of(run, broker).memory;
  return memory.offsets[memory.first_queue[0]];
}

}  // namespace

TEST_CASE("acting master: the first slave stands in within a second of the master's kill", "[acting]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Config config = standing_in(3);
    config.faults.push_back(for_ever(of_broker(5050_ms, FaultKind::kill, 0)));
    const Run run(config, 8_s, seed);
    // The reset takes 1 ms to the name server; the slave asks each second, which takes 2 ms.
    const auto acting = stood(run, 1, StandIn::acting);
    REQUIRE(acting.size() == 1);
    CHECK(acting[0] > 5051_ms);
    CHECK(acting[0] <= 5051_ms + 1_s + 2_ms);
    CHECK(stood(run, 2, StandIn::acting).empty());
  }
}

TEST_CASE("acting master: a master without power is forgotten after 10 to 15 s", "[acting]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Config config = standing_in();
    config.faults.push_back(for_ever(of_broker(5050_ms, FaultKind::power_loss, 0)));
    const Run run(config, 25_s, seed);
    const auto forgotten = run.times(RecordKind::broker_forgotten);
    REQUIRE(forgotten.size() == 1);
    // Its last heartbeat came up to 1 s before; the name server looks each 5 s.
    CHECK(forgotten[0] > 5051_ms - 1_s + 10_s);
    CHECK(forgotten[0] <= 5051_ms + 15_s);
  }
}

TEST_CASE("acting master: the next slave stands in for one that dies too, and yields to it", "[acting]") {
  Config config = standing_in(3);
  config.faults.push_back(for_ever(of_broker(5050_ms, FaultKind::kill, 0)));
  config.faults.push_back(restoring(of_broker(10'050_ms, FaultKind::kill, 1), 10_s));
  const Run run(config, 30_s);
  CHECK(stood(run, 2, StandIn::acting).size() == 1);
  // Up at 23.05 s, with nobody registered whose slave it is: online at once.
  const auto online = stood(run, 1, StandIn::online), yielded = stood(run, 2, StandIn::yielded);
  REQUIRE(online.size() == 1);
  CHECK(online[0] >= 23'050_ms);
  CHECK(online[0] < 23'100_ms);
  REQUIRE(yielded.size() == 1);
  CHECK(yielded[0] > online[0]);
  CHECK(stood(run, 1, StandIn::acting).size() == 2);
}

TEST_CASE("acting master: its set can be read and not written", "[acting]") {
  Config config = standing_in();
  config.faults.push_back(for_ever(of_broker(5050_ms, FaultKind::kill, 0)));
  const Run run(config, 35_s);
  CHECK(shown(run, 0) == 0);
  CHECK(shown(run, 1) == rocketmq::as_acting);
  // Until its look at 30.01 s the producer asks the dead master; from then on it has no queue to send to.
  const auto& records = run.recorder.records();
  const auto told = [&](SendError error) {
    return std::any_of(records.begin(), records.end(), [&](const auto& r) {
      return r.record.kind == static_cast<std::uint32_t>(RecordKind::told_failed) &&
             r.record.a == static_cast<std::int64_t>(error);
    });
  };
  CHECK(told(SendError::no_route));
  CHECK(run.times(RecordKind::refused).empty());  // nothing has come to the slave
}

TEST_CASE("acting master: a name server without supportActingMaster leaves it a slave", "[acting]") {
  Config config = standing_in();
  config.name_servers[0].settings.supportActingMaster = false;
  config.faults.push_back(for_ever(of_broker(5050_ms, FaultKind::kill, 0)));
  const Run run(config, 35_s);
  CHECK(stood(run, 1, StandIn::acting).size() == 1);  // it does not ask what the routes say
  CHECK(shown(run, 1) == rocketmq::as_slave);
}

TEST_CASE("acting master: a master is registered once its slave has connected to it", "[acting]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Config config = standing_in();
    config.faults.push_back(restoring(of_broker(5050_ms, FaultKind::kill, 0), 20_s));
    const Run run(config, 45_s, seed);
    // Up at 28.05 s. Its slave looks each 5 s whether it has a master; the master looks each second.
    const auto isolated = stood(run, 0, StandIn::isolated), online = stood(run, 0, StandIn::online);
    REQUIRE(isolated == std::vector<Duration>{28'050_ms});
    REQUIRE(online.size() == 1);
    CHECK(online[0] >= 28'050_ms + 1_s);
    CHECK(online[0] <= 28'050_ms + 6_s + 50_ms);
    const auto registered = run.times(RecordKind::broker_registered);
    REQUIRE(registered.size() == 1);
    CHECK(registered[0] == online[0] + 1_ms);
    CHECK(stood(run, 1, StandIn::yielded).size() == 1);
  }
}

namespace {

/// When the name server forgot this broker last.
Duration time_forgotten(const Run& run, std::int64_t broker) {
  Duration last{-1};
  for (const auto& r : run.recorder.records()) {
    const bool is_it = r.record.kind == static_cast<std::uint32_t>(RecordKind::broker_forgotten);
    if (is_it && r.record.a == broker) last = r.at - SimTime{};
  }
  return last;
}

}  // namespace

// prepareForSlaveOnline asks the master itself: refused, it asks the name server again a second later. The
// name server forgets a killed master at once, and one without power 10 to 15 s after its last heartbeat.
TEST_CASE("acting master: a slave that starts is online within seconds after its dead master is forgotten",
          "[acting]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    Config config = standing_in();
    FaultConfig dark = fault_at(20'050_ms, FaultKind::power_loss);
    dark.never_restored = true;
    config.faults.push_back(dark);
    config.faults.push_back(restoring(of_broker(19_s, FaultKind::kill, 1), 1_s));  // up at 23 s
    const Run run(config, 60_s, seed);
    const Duration forgotten = time_forgotten(run, 0);
    const auto online = stood(run, 1, StandIn::online);
    REQUIRE(online.size() == 1);
    CHECK(online[0] > forgotten);
    // A try that has just begun times out after 3 s; the next question comes within a second.
    CHECK(online[0] <= forgotten + 4'100_ms);
  }
}

TEST_CASE("acting master: one without totalReplicas is registered as ever, 10 s after its start",
          "[acting]") {
  Config config = without_pre_online(standing_in());
  config.faults.push_back(restoring(of_broker(5050_ms, FaultKind::kill, 0), 20_s));
  const Run run(config, 45_s);
  CHECK(stood(run, 0, StandIn::online) == std::vector<Duration>{28'050_ms});
  // 28.05 s and 10 s and the way there: its first heartbeat, at 29.05 s, has opened the channel.
  CHECK(run.times(RecordKind::broker_registered) == std::vector<Duration>{38'051_ms});
  CHECK(stood(run, 0, StandIn::offsets_taken).empty());
}

TEST_CASE("acting master: offsets that were committed there come back", "[acting]") {
  Config config = with_consumer(standing_in(), 40_s);
  config.producers[0].messages = 40;
  config.faults.push_back(restoring(of_broker(5050_ms, FaultKind::kill, 0), 60_s));
  const Run run(config, 90_s);
  CHECK(stood(run, 0, StandIn::offsets_taken).size() == 1);
  CHECK(committed(run, 0) == 40);
  CHECK(committed(run, 1) == 40);
}

TEST_CASE("acting master: of two versions the higher one counts, whatever the offsets", "[acting]") {
  // The master steps its version with each commit, the slave never.
  Config config = with_consumer(standing_in());
  config.brokers[0].settings.consumerOffsetUpdateVersionStep = 1;
  config.brokers[1].settings.consumerOffsetUpdateVersionStep = 1'000'000;
  config.brokers[1].up_for = 20_s;  // its first SlaveSynchronize comes at 41 s
  config.producers[0].messages = 250;
  config.producers[0].rate = 10;
  config.push_consumers[0].work.time = Distribution::constant(150_ms);
  config.push_consumers[0].settings.consumeThreadMin = 1;
  config.push_consumers[0].settings.consumeThreadMax = 1;
  config.faults.push_back(restoring(of_broker(30'050_ms, FaultKind::kill, 0), 40_s));
  config.faults.push_back(for_ever(fault_at(65_s, FaultKind::kill)));
  config.faults.back().action.process = push_consumer_process(config, 0);
  const Run run(config, 100_s);
  REQUIRE(stood(run, 0, StandIn::offsets_kept).size() == 1);
  // The slave was told all 250; the master wrote its file for the last time between 25 and 30 s.
  CHECK(committed(run, 1) == 250);
  CHECK(committed(run, 0) < 220);
  CHECK(committed(run, 0) >= 150);
}

TEST_CASE("acting master: an empty offset file is younger than what the slave was told", "[acting]") {
  for (const bool empty : {false, true}) {
    Config config = with_consumer(standing_in(), 40_s);
    config.producers[0].messages = 40;
    config.faults.push_back(restoring(of_broker(5050_ms, FaultKind::power_loss, 0), 60_s));
    config.faults[0].action.files = empty ? UnsyncedFiles::empty : UnsyncedFiles::new_version;
    const Run run(config, 90_s);
    INFO("empty " << empty);
    // The slave took fewer commits than consumerOffsetUpdateVersionStep, so both counters are 0. A
    // DataVersion that no file has given its time begins with the process's start (DataVersion.timestamp).
    CHECK(stood(run, 0, empty ? StandIn::offsets_kept : StandIn::offsets_taken).size() == 1);
    CHECK(committed(run, 1) == 40);
  }
}

TEST_CASE("acting master: a master that is back before it was forgotten waits for itself", "[acting]") {
  for (const bool one_host : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Config config = standing_in();
      FaultConfig loss = of_broker(5050_ms, one_host ? FaultKind::kill : FaultKind::power_loss, 0);
      loss.action.silent = one_host;
      config.faults.push_back(restoring(loss, 1_s));
      if (one_host) config.brokers[1].host = config.brokers[0].host;
      const Run run(config, 45_s, seed);
      INFO("seed " << seed << ", one host " << one_host);
      const auto isolated = stood(run, 0, StandIn::isolated), online = stood(run, 0, StandIn::online);
      REQUIRE(isolated.size() == 1);
      REQUIRE(online.size() == 1);
      const Duration took = online[0] - isolated[0];
      // The name server forgets it 10 to 15 s after its last heartbeat. It asks within 1 s, meets itself
      // first, and waits CONNECTION_ESTABLISH_TIMEOUT, looking each second; asks again; then waits for its
      // slave, which looks each 5 s. A slave on its own host passes for itself at the next look.
      if (one_host) CHECK(took <= 8_s);
      if (!one_host) CHECK(took > 10_s);
      if (!one_host) CHECK(took <= 1_s + 11_s + 1_s + 6_s + 50_ms);
    }
  }
}

TEST_CASE("acting master: an orderly consumer gets its locks there", "[acting]") {
  Config config = with_consumer(standing_in());
  config.push_consumers[0].listener = Listener::orderly;
  config.producers[0].messages = 40;
  config.push_consumers[0].work.time = Distribution::constant(2_s);
  config.faults.push_back(for_ever(of_broker(5050_ms, FaultKind::kill, 0)));
  const Run run(config, 110_s);
  // 40 messages of 2 s; locks are asked for at 1, 21, 41 s: the second one at the slave fails until the look
  // at 30.01 s, and the lock of 1 s is believed in until 31 s.
  CHECK(run.times(RecordKind::processed).size() == 40);
}

TEST_CASE("acting master: steps depend on their arguments alone", "[acting]") {
  Config config = with_consumer(standing_in());
  config.producers[0].rate = 2;
  config.producers[0].messages = 10;
  config.producers[0].delay_level = 2;
  for (BrokerConfig& broker : config.brokers) broker.settings.enableRemoteEscape = true;
  config.faults.push_back(restoring(of_broker(6003_ms, FaultKind::kill, 0), 20_s));
  CHECK(run_on_copies(config, sim::Seed(1), SimTime{} + 50_s) > 500);
}

TEST_CASE("acting master: every row of its table is taken", "[acting]") {
  std::vector<std::uint64_t> hits;
  std::vector<rocketmq::CoveredTable::Row> rows;
  const auto play = [&](const Config& config, Duration until) {
    rocketmq::Monitors monitors(config);
    Sim simulation(config, sim::Seed(1), &monitors);
    simulation.run_until(SimTime{} + until);
    for (const rocketmq::CoveredTable& covered : monitors.tables()) {
      if (covered.name != "acting-masters") continue;
      rows = covered.rows;
      hits.resize(rows.size());
      for (std::size_t row = 0; row < rows.size(); ++row) hits[row] += rows[row].hits();
    }
  };
  // Taken, with a second kill while it is isolated; the slave dies as it acts.
  Config config = with_consumer(standing_in());
  config.faults.push_back(restoring(of_broker(5050_ms, FaultKind::kill, 0), 20_s));
  config.faults.push_back(restoring(of_broker(28'100_ms, FaultKind::kill, 0), 5_s));
  config.faults.push_back(restoring(of_broker(70_s, FaultKind::kill, 0), 60_s));
  config.faults.push_back(restoring(of_broker(75_s, FaultKind::kill, 1), 5_s));
  config.faults.push_back(restoring(of_broker(100_s, FaultKind::kill, 1), 5_s));
  play(config, 180_s);
  play(without_pre_online(config), 60_s);
  // Kept, of both tables: the slave's versions never step.
  config = with_consumer(standing_in());
  config.producers[0].messages = 200;
  config.producers[0].delay_level = 2;
  config.brokers[0].settings.consumerOffsetUpdateVersionStep = 1;
  config.brokers[0].settings.delayOffsetUpdateVersionStep = 1;
  config.brokers[1].up_for = 20_s;
  config.faults.push_back(restoring(of_broker(30'050_ms, FaultKind::kill, 0), 20_s));
  play(config, 80_s);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    INFO(rows[row].cells[0] << " " << rows[row].cells[1] << " " << rows[row].cells[2]);
    CHECK(hits[row] > 0);
  }
}

}  // namespace brokersim::model
