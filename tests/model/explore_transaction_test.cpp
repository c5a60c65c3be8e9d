// Exploration of one transaction message: against brute force, and against what must be in it by reasoning.
// The broker has been up for 10 s when the run begins, so that its services wake at known times: the op batch
// at -10 s + 3 s k (2 s, 5 s, 8 s ...), the check service at -10 s + interval * k.
#include <set>

#include "sim/explore.hpp"
#include "sim/random.hpp"
#include "tests/catch.hpp"
#include "tests/model/brute_force.hpp"
#include "tests/model/small_worlds.hpp"

using namespace brokersim;
using namespace brokersim::model;
using brute::outcomes;
using brute::Plans;
using ledger::Local;
using ledger::Told;
using Outcome = ExplorableModel::Outcome;

namespace {

/// One message, checked each 2.2 s once it is 6 s old: passes at 1 s, 3.2 s, 5.4 s, 7.6 s, 9.8 s, 12 s ...
Config one_transaction(Profile broker, Profile client) {
  Config config = smallest(FlushDiskType::ASYNC_FLUSH, 1);
  config.producer_groups = {"shop"};
  config.brokers[0].profile = broker;
  config.brokers[0].up_for = 10_s;
  config.brokers[0].settings.transactionCheckInterval = 2200_ms;
  config.producers[0].profile = client;
  TransactionConfig transaction;
  transaction.local_time = Distribution::constant(2_ms);
  transaction.check_time = Distribution::constant(1_ms);
  config.producers[0].transaction = transaction;
  return config;
}

Outcome what(Told told, Local local, std::uint8_t copies, std::uint8_t discarded = 0) {
  return {{told, copies, {}, local, {}, discarded}};
}

auto explored_transaction(const Config& config, sim::ExploreOptions options = {}) {
  options.start_seed = phases;
  options.depth_max = 2000;
  return sim::explore<Model, ExplorableModel>(config, options);
}

std::set<Outcome> found_in(const Config& config, int faults_max) {
  return outcomes(explored_transaction(config, {.faults_max = faults_max}).plans);
}

FaultAction pause_of(ProcessId process) {
  FaultAction action = kill_of(process);
  action.kind = FaultKind::pause;
  return action;
}

const Outcome good = what(Told::acknowledged, Local::committed, 1);

}  // namespace

TEST_CASE("exploring one transaction equals brute force, with and without merging", "[model][explore]") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    for (const FaultAction& action :
         {kill_of(broker0), kill_of(producer0), power_loss_of(HostId(0)), pause_of(producer0)}) {
      Config config = with_fault(one_transaction(profile, Profile::v4_9), action);
      // Where in a sync the pages reach the disk would make three runs of each, per flush, for every plan.
      config.hosts[0].sync_time = Distribution::constant({});
      config.brokers[0].settings.transactionCheckMax = 3;
      const auto merged = explored_transaction(config, {.merge = true});
      const auto plain = explored_transaction(config, {.merge = false});
      INFO("profile " << static_cast<int>(profile) << ", fault " << to_string(action.kind) << " of "
                      << action.process.value << ", states " << plain.states << " -> " << merged.states);
      const Plans expected = brute::every_run(config, phases);
      CHECK(expected.size() > 1);
      CHECK(plain.plans == expected);
      CHECK(merged.plans == expected);
      CHECK(merged.livelocks == 0);
      CHECK(merged.states < plain.states);
    }
  }
}

TEST_CASE("two crashes: exploring one transaction is the same with and without merging", "[model][explore]") {
  Config config = with_fault(one_transaction(Profile::v5_3, Profile::v4_9), kill_of(broker0));
  offer(config, kill_of(producer0), 4_s);
  config.hosts[0].sync_time = Distribution::constant({});
  config.brokers[0].settings.transactionCheckMax = 1;
  const auto merged = explored_transaction(config, {.faults_max = 2, .merge = true});
  const auto plain = explored_transaction(config, {.faults_max = 2, .merge = false});
  INFO("states " << plain.states << " -> " << merged.states);
  CHECK(merged.plans == plain.plans);
  CHECK(merged.merged > 0);
}

TEST_CASE("a run is not over while a commit is on its way, but heartbeats do not keep it",
          "[model][explore]") {
  const Config config = one_transaction(Profile::v5_3, Profile::v5_3);
  WorldState over = begin(config);
  sim::Agenda<Event>::Entry next;
  sim::Choices choices = sim::Choices::draw(phases);
  while (!ExplorableModel::is_over(over, config)) {
    REQUIRE(over.agenda.pop_until(SimTime::max(), next));
    sim::execute<Model>(over, next.at, next.event, config, choices);
  }
  CHECK(over.agenda.size() > 0);  // the background goes on
  const auto with_request = [&](PayloadKind kind) {
    WorldState state = over;
    Event event{broker0, over.world.processes[broker0.value].incarnation, {}};
    network::Event arrives{};
    arrives.to_server = true;
    arrives.connection = over.world.producers[0].memory.channels[0].connection;
    arrives.generation = over.world.network.connections[arrives.connection.value].generation;
    arrives.payload.kind = kind;
    event.body = arrives;
    state.agenda.at(state.now + 1_ms, event);
    return ExplorableModel::is_over(state, config);
  };
  CHECK_FALSE(with_request(PayloadKind::end_transaction));
  CHECK(with_request(PayloadKind::heartbeat));
}

TEST_CASE("what a run calls over and what an exploration calls over agree", "[model][explore]") {
  // At every instant of small worlds drawn from a seed: one kill that is undone, slow transactions, slow
  // checks.
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto drawn = [&](std::uint64_t what, std::uint64_t n) {
      return static_cast<std::int64_t>(sim::below(sim::keyed_bits(seed, {what, 0, 0}), n));
    };
    const auto profile = [&](std::uint64_t what) {
      return drawn(what, 2) == 0 ? Profile::v4_9 : Profile::v5_3;
    };
    Config config = one_transaction(profile(1), profile(2));
    config.producers[0].messages = 1 + drawn(3, 3);
    config.producers[0].transaction->local_time = Distribution::constant(1_s * drawn(4, 12));
    config.producers[0].transaction->check_time = Distribution::constant(1_s * drawn(5, 3));
    config.brokers[0].settings.transactionCheckMax = static_cast<std::int32_t>(1 + drawn(6, 4));
    if (drawn(7, 3) > 0) {
      const ProcessId victim = drawn(8, 2) == 0 ? broker0 : producer0;
      config.faults = {restoring(fault_at(100_ms * drawn(9, 120), FaultKind::kill), 2_s)};
      config.faults[0].action.process = victim;
    }
    WorldState state = begin(config);
    sim::Agenda<Event>::Entry next;
    sim::Choices choices = sim::Choices::draw(sim::Seed(seed));
    bool over = false;
    for (int event = 0; event < 5000 && !over; ++event) {
      REQUIRE(state.agenda.pop_until(SimTime::max(), next));
      sim::execute<Model>(state, next.at, next.event, config, choices);
      const bool faults_over = faults::over(state.world, config, state.now);
      const bool run_over = workload_done(state.world, config) && faults_over && drained(state.world, config);
      over = ExplorableModel::is_over(state, config) && faults_over;
      INFO("seed " << seed << ", event " << event << " at " << state.now.ns);
      REQUIRE(run_over == over);
    }
    CHECK(over);
  }
}

TEST_CASE("exploring two transactions equals brute force", "[model][explore]") {
  Config config = with_fault(one_transaction(Profile::v5_3, Profile::v5_3), kill_of(producer0));
  config.producers[0].messages = 2;
  config.hosts[0].sync_time = Distribution::constant({});
  config.brokers[0].settings.transactionCheckMax = 2;
  const auto merged = explored_transaction(config);
  CHECK(merged.plans == brute::every_run(config, phases));
  // A producer killed with the first message in work is back with the second, so that it can be asked about
  // both.
  bool asked = false;
  for (const auto& [outcome, plans] : merged.plans)
    asked = asked || (outcome[0].told == Told::nothing && outcome[0].local == Local::committed &&
                      outcome[0].copies > 0 && outcome[1].copies > 0);
  CHECK(asked);
}

TEST_CASE("without a fault one transaction message is committed once", "[model][explore]") {
  // Ops are written at 5 s or (4.9) at once, and the first pass that finds it older than 6 s is at 7.6 s.
  for (const Profile profile : {Profile::v5_3, Profile::v4_9})
    CHECK(found_in(one_transaction(profile, profile), 0) == std::set<Outcome>{good});
}

TEST_CASE("checks that come faster than op batches double a message without any fault", "[model][explore]") {
  // A time-out of half a second and passes at 1.0, 2.1, 3.2 and 4.3 s, while the op of the first COMMIT waits
  // for the batch at 5 s (that of 2 s is within 3 s of the first op of the process's life): four checks, four
  // more COMMITs, none of them refused. The pass at 5.4 s finds them all.
  Config config = one_transaction(Profile::v5_3, Profile::v5_3);
  config.brokers[0].settings.transactionTimeOut = 500_ms;
  config.brokers[0].settings.transactionCheckInterval = 1100_ms;
  CHECK(found_in(config, 0) == std::set<Outcome>{what(Told::acknowledged, Local::committed, 5)});
  // 4.9 has no batch.
  config.brokers[0].profile = Profile::v4_9;
  CHECK(found_in(config, 0) == std::set<Outcome>{good});
}

TEST_CASE("a commit that comes when a copy is already at the tail doubles the message", "[model][explore]") {
  // The local transaction takes until 9 s. The pass at 7.6 s copies the half message, and the check is
  // answered UNKNOW. COMMIT at 9 s is delivered, but its op lies below H: the pass at 9.8 s checks the copy,
  // which is answered COMMIT: a second final message. Its op counts, so the pass at 12 s goes past it.
  Config config = one_transaction(Profile::v4_9, Profile::v4_9);
  config.producers[0].transaction->local_time = Distribution::constant(9_s);
  CHECK(found_in(config, 0) == std::set<Outcome>{what(Told::acknowledged, Local::committed, 2)});
  // With 5.3 the op of that second COMMIT waits for a batch: the one at 14 s, as that at 11 s is within 3 s
  // of the first op (9 s). So the pass at 12 s checks once more.
  config.brokers[0].profile = Profile::v5_3;
  CHECK(found_in(config, 0) == std::set<Outcome>{what(Told::acknowledged, Local::committed, 3)});
}

TEST_CASE("exploration finds the late commit by itself", "[model][explore]") {
  // The producer is paused for 8 s between its local commit and END_TRANSACTION: the pass at 7.6 s copies the
  // half message, and when the producer goes on it answers the check as well.
  Config config = one_transaction(Profile::v4_9, Profile::v4_9);
  offer(config, pause_of(producer0), 8_s);
  const auto found = found_in(config, 1);
  CHECK(found.count(good) == 1);
  CHECK(found.count(what(Told::acknowledged, Local::committed, 2)) == 1);
}

TEST_CASE("exploration finds the op in memory by itself", "[model][explore]") {
  // The producer dies between its local commit and END_TRANSACTION and is back after 5 s; its client of 4.9
  // knows the broker by the route of TBW102. The first check, at 7.6 s, is answered COMMIT, and its op waits
  // for the batch at 11 s: the pass at 9.8 s checks again. That is the measured pair of copies (20 messages,
  // 40 copies).
  const Config config = with_fault(one_transaction(Profile::v5_3, Profile::v4_9), kill_of(producer0));
  const auto found = found_in(config, 1);
  CHECK(found.count(what(Told::nothing, Local::committed, 2)) == 1);
  CHECK(found.count(good) == 1);
  // Killed before its half message was sent, or in its local transaction: nothing is committed, nothing
  // delivered.
  for (const Outcome& outcome : found) {
    if (outcome[0].local != Local::committed) CHECK(outcome[0].copies == 0);
  }
}

TEST_CASE("a 5.3 producer that comes back and sends nothing is never asked", "[model][explore]") {
  // It knows no route, so that no broker knows it: fifteen checks ask nobody, and the message is discarded
  // although its local transaction committed.
  Config config = with_fault(one_transaction(Profile::v5_3, Profile::v5_3), kill_of(producer0));
  config.brokers[0].settings.transactionCheckMax = 3;
  const auto found = found_in(config, 1);
  CHECK(found.count(what(Told::nothing, Local::committed, 0, 1)) == 1);
}

TEST_CASE("a broker killed with the op in memory commits a second time", "[model][explore]") {
  // The op is lost between its COMMIT (some 6 ms) and the batch at 5 s; the half message is still there, the
  // check service finds it too old, and the producer says COMMIT again.
  Config config = with_fault(one_transaction(Profile::v5_3, Profile::v5_3), kill_of(broker0));
  const auto found = found_in(config, 1);
  bool doubled = false;
  for (const Outcome& outcome : found)
    doubled = doubled || (outcome[0].told == Told::acknowledged && outcome[0].copies >= 2);
  CHECK(doubled);
  // A kill leaves the page cache, so nothing committed is lost.
  for (const Outcome& outcome : found) {
    if (outcome[0].local == Local::committed) CHECK(outcome[0].copies + outcome[0].discarded >= 1);
  }
}
