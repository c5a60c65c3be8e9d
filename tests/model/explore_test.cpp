// Exploration of the model's smallest worlds: against brute force, against reasoning, and against the promise
// that equal canonical forms have equal futures.
#include "sim/explore.hpp"

#include <map>
#include <set>
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/brute_force.hpp"
#include "tests/model/small_worlds.hpp"

using namespace brokersim;
using namespace brokersim::model;
using ledger::Told;
using Outcome = ExplorableModel::Outcome;
using brute::outcomes;
using brute::Plans;

namespace {

constexpr FlushDiskType async_flush = FlushDiskType::ASYNC_FLUSH, sync_flush = FlushDiskType::SYNC_FLUSH;

auto explored(const Config& config, sim::ExploreOptions options = {}) {
  options.start_seed = phases;
  return sim::explore<Model, ExplorableModel>(config, options);
}

Outcome one(Told told, std::uint8_t copies) { return {{told, copies, {}, ledger::Local::absent}}; }

/// What can become of the only message, whatever the services' phases (81 combinations).
std::set<Outcome> reachable(const Config& config, int faults_max = 1) {
  return outcomes(sim::explore<Model, ExplorableModel>(config, {.faults_max = faults_max}).plans);
}

}  // namespace

TEST_CASE("the model's exploration equals brute force, with and without merging", "[model][explore]") {
  for (const FlushDiskType flush : {async_flush, sync_flush}) {
    for (const FaultAction& action : {kill_of(broker0), power_loss_of(HostId(0))}) {
      for (const std::int64_t messages : {1, 2}) {
        const Config config = with_fault(smallest(flush, messages), action);
        const auto merged = explored(config, {.merge = true});
        const auto plain = explored(config, {.merge = false});
        INFO("flush " << static_cast<int>(flush) << ", fault " << to_string(action.kind) << ", messages "
                      << messages << ", states " << plain.states << " -> " << merged.states);
        const Plans expected = brute::every_run(config, phases);
        CHECK(plain.plans == expected);
        CHECK(merged.plans == expected);
        CHECK(merged.livelocks == 0);
        CHECK(merged.states < plain.states);
        // Stale events are no places for faults; who tries them too finds nothing else.
        CHECK(outcomes(brute::every_run(config, phases, brute::Places::all)) == outcomes(expected));
      }
    }
  }
}

TEST_CASE("what ASYNC_FLUSH can do to a message", "[model][explore]") {
  const Config world = smallest(async_flush, 1);
  // No fault: acknowledged and stored.
  CHECK(reachable(world, 0) == std::set<Outcome>{one(Told::acknowledged, 1)});

  // A kill leaves the page cache, so whatever was appended stays; before its answer it stays unanswered.
  const std::set<Outcome> killed{one(Told::acknowledged, 1), one(Told::failed, 0), one(Told::failed, 1)};
  CHECK(reachable(with_fault(world, kill_of(broker0))) == killed);

  // A power loss between the answer and the flush takes an acknowledged message. The answer leaves 100 us
  // after the append and a flush takes 2 ms, so what has been flushed has been answered: never failed and
  // stored.
  const std::set<Outcome> powerless{one(Told::acknowledged, 1), one(Told::acknowledged, 0),
                                    one(Told::failed, 0)};
  CHECK(reachable(with_fault(world, power_loss_of(HostId(0)))) == powerless);
}

TEST_CASE("what SYNC_FLUSH can do to a message", "[model][explore]") {
  const Config world = smallest(sync_flush, 1);
  CHECK(reachable(world, 0) == std::set<Outcome>{one(Told::acknowledged, 1)});
  // Acknowledged means synced. A crash between the sync and the answer leaves a copy that nobody knows of.
  const std::set<Outcome> safe{one(Told::acknowledged, 1), one(Told::failed, 0), one(Told::failed, 1)};
  CHECK(reachable(with_fault(world, kill_of(broker0))) == safe);
  CHECK(reachable(with_fault(world, power_loss_of(HostId(0)))) == safe);
}

TEST_CASE("a second copy needs a broker that answers the retry", "[model][explore]") {
  for (const FlushDiskType flush : {async_flush, sync_flush}) {
    const Config world = smallest(flush, 1);
    const Outcome doubled = one(Told::acknowledged, 2);
    // A reset loses the answer of a broker that lives: the retry is stored again, and nobody is told
    // 'failed'.
    CHECK(reachable(with_fault(world, reset_of(broker0))) ==
          std::set<Outcome>{one(Told::acknowledged, 1), doubled});
    CHECK(reachable(with_swift_restart(world, kill_of(broker0))).count(doubled) == 1);
    // Without retries there is nothing to double.
    Config patient = world;
    patient.producers[0].settings.retryTimesWhenSendFailed = 0;
    CHECK(reachable(with_fault(patient, reset_of(broker0))).count(doubled) == 0);
  }
}

TEST_CASE("with SYNC_FLUSH two faults cannot take an acknowledged message either", "[model][explore]") {
  // After a kill the broker believes flushed what it finds in the page cache (setFlushedWhere), but the flush
  // that an answer waits for covers the whole file.
  Config config = with_swift_restart(smallest(sync_flush, 1), kill_of(broker0));
  offer(config, power_loss_of(HostId(0)), 4_s);
  const std::set<Outcome> found = reachable(config, 2);
  CHECK(found.count(one(Told::acknowledged, 0)) == 0);
  CHECK(found.count(one(Told::acknowledged, 2)) == 1);
  // What the kill left dirty is gone with the power, and the producer was told 'failed' in between.
  CHECK(found.count(one(Told::failed, 0)) == 1);
}

// -------------------------------------------------------------------------- equal states, equal futures

namespace {

/// Walks every run without merging and notes the successors of each digest.
class Futures {
 public:
  explicit Futures(const Config& config) : config_(config) {}

  void walk(const WorldState& state, int faults_left) {
    std::vector<sim::Digest> next;
    WorldState rest = state;
    sim::Agenda<Event>::Entry entry;
    if (!ExplorableModel::is_over(state, config_) &&
        sim::pop_living<Model, ExplorableModel>(rest, entry, config_)) {
      branch(rest, entry.at, entry.event, faults_left, next);
    }
    for (const Event& fault : ExplorableModel::faults(state.world)) {
      if (faults_left > 0) branch(state, state.now, fault, faults_left - 1, next);
    }
    const auto [known, is_new] = futures_.try_emplace(digest(state, faults_left), next);
    met_again += is_new ? 0 : 1;
    differing += known->second == next ? 0 : 1;
  }

  std::uint64_t met_again = 0, differing = 0;

 private:
  static sim::Digest digest(const WorldState& state, int faults_left) {
    return sim::canonical_digest<Model, ExplorableModel>(state, static_cast<std::uint64_t>(faults_left));
  }

  void branch(const WorldState& before, SimTime at, const Event& event, int faults_left,
              std::vector<sim::Digest>& next) {
    sim::Choices choices = sim::Choices::enumerate();
    do {
      WorldState after = before;
      sim::execute<Model>(after, at, event, config_, choices.rewind());
      next.push_back(digest(after, faults_left));
      walk(after, faults_left);
    } while (choices.advance());
  }

  const Config& config_;
  std::map<sim::Digest, std::vector<sim::Digest>> futures_;
};

}  // namespace

TEST_CASE("equal canonical forms have equal successors", "[model][explore]") {
  for (const FlushDiskType flush : {async_flush, sync_flush}) {
    Config config = with_swift_restart(smallest(flush, 2), kill_of(broker0));
    offer(config, power_loss_of(HostId(0)), 4_s);
    offer(config, reset_of(broker0), {});
    Futures futures(config);
    futures.walk(begin(config), 1);
    CHECK(futures.met_again > 0);
    CHECK(futures.differing == 0);
  }
}

TEST_CASE("equal successors, whatever the clients do and whatever breaks", "[model][explore]") {
  // Delays that branch make paths part and meet again; each kind of fault leaves another part of the world
  // in use (backlogs, held segments, waiting sends). Its contrary follows after half a second.
  const FaultKind kinds[] = {FaultKind::kill,         FaultKind::stop,      FaultKind::pause,
                             FaultKind::power_loss,   FaultKind::delay,     FaultKind::partition,
                             FaultKind::append_stall, FaultKind::slow_disk, FaultKind::reset};
  for (const SendMode mode : {SendMode::sync, SendMode::async, SendMode::oneway}) {
    for (const FaultKind kind : kinds) {
      for (const bool pool : {false, true}) {
        Config config = smallest(async_flush, 2);
        config.brokers[0].settings.transientStorePoolEnable = pool;
        config.brokers[0].restart_time = Distribution::constant(200_ms);
        config.brokers[0].answer_time = Distribution::uniform(100_us, 3_ms);
        config.hosts[0].sync_time = Distribution::constant({});
        config.producers[0].send = mode;
        config.producers[0].rate = 400;
        FaultAction action = kill_of(broker0);
        action.kind = kind;
        action.other_host = HostId(1);
        action.factor = 10;
        action.duration = Distribution::constant(5_ms);
        offer(config, action, 500_ms);
        Futures futures(config);
        futures.walk(begin(config), 1);
        INFO("mode " << static_cast<int>(mode) << ", fault " << to_string(kind) << ", pool " << pool);
        CHECK(futures.met_again > 0);
        CHECK(futures.differing == 0);
      }
    }
  }
}

TEST_CASE("counters that key draws or tell lives apart are no part of a state", "[model][explore]") {
  const Config config = with_swift_restart(smallest(sync_flush, 2), kill_of(broker0));
  const WorldState plain = begin(config);
  WorldState later = plain;  // as if much had happened before
  later.world.hosts[0].syncs = 7;
  later.world.hosts[0].power_losses = 3;
  later.world.processes[0].incarnation = Incarnation(5);
  later.world.processes[1].connects = 9;
  later.world.brokers[0].cache.topics_version = 2;
  later.world.brokers[0].memory.flush_timer.ticket = 4;
  later.world.network.connections.resize(2);
  for (network::Connection& free : later.world.network.connections) {
    free.generation = 8;
    free.key = 77;
  }
  const auto digest = [](const WorldState& state) {
    return sim::canonical_digest<Model, ExplorableModel>(state);
  };
  CHECK(digest(plain) == digest(later));
  Futures both(config);
  both.walk(plain, 1);
  both.walk(later, 1);
  CHECK(both.differing == 0);
}

// ------------------------------------------------------------------------------------ change detector

TEST_CASE("how many states the smallest worlds have", "[model][explore]") {
  // No truths: these numbers were counted. Whoever changes them has changed what the model does, what its
  // canonical form holds, or which events are stale, and should know which.
  const auto count = [](FlushDiskType flush, const FaultAction& action) {
    const auto report = explored(with_fault(smallest(flush, 2), action));
    return std::vector<std::uint64_t>{report.states, report.merged, report.plan_count()};
  };
  using Counts = std::vector<std::uint64_t>;
  CHECK(count(async_flush, kill_of(broker0)) == Counts{225, 9, 42});
  CHECK(count(async_flush, power_loss_of(HostId(0))) == Counts{154, 9, 42});
  CHECK(count(sync_flush, kill_of(broker0)) == Counts{307, 15, 110});
  CHECK(count(sync_flush, power_loss_of(HostId(0))) == Counts{190, 17, 110});
}
