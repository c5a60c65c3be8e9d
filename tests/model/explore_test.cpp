// Exploration of the model's smallest worlds: against brute force, against reasoning, and against the promise
// that equal canonical forms have equal futures.
#include "sim/explore.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/purity.hpp"
#include "tests/model/small_worlds.hpp"

using namespace brokersim;
using namespace brokersim::model;
using ledger::Told;
using Outcome = ExplorableModel::Outcome;
using Plans = std::map<Outcome, std::uint64_t>;
using WorldState = sim::State<Model>;

namespace {

constexpr FlushDiskType async_flush = FlushDiskType::ASYNC_FLUSH, sync_flush = FlushDiskType::SYNC_FLUSH;
constexpr sim::Seed phases{1};  ///< where the broker's services are in their periods when the run begins

auto explored(const Config& config, sim::ExploreOptions options = {}) {
  options.start_seed = phases;
  return sim::explore<Model, ExplorableModel>(config, options);
}

WorldState begin(const Config& config, sim::Seed seed = phases) {
  sim::Choices drawn = sim::Choices::draw(seed);
  return sim::initial_state<Model>(config, drawn);
}

// -------------------------------------------------------------------------------------- brute force

/// Which events are places for a fault: all of them, or only those that are not stale.
enum class Places { all, living };

bool pop(WorldState& state, sim::Agenda<Event>::Entry& next, const Config& config, Places places) {
  if (places == Places::all) return state.agenda.pop_until(SimTime::max(), next);
  return sim::pop_living<Model, ExplorableModel>(state, next, config);
}

/// One run from the start, with this fault before the event of this number (one more than there are: after
/// the last; negative: never). False if the run is shorter still.
bool run_once(const Config& config, sim::Choices& choices, int place, std::uint16_t fault, Places places,
              Plans& plans) {
  WorldState state = begin(config);
  Event strike{};
  strike.body = faults::Event{faults::On::strike, fault, 0};
  sim::Agenda<Event>::Entry next;
  bool struck = place < 0;
  for (int event = 0;; ++event) {
    if (event == place) {
      sim::execute<Model>(state, state.now, strike, config, choices);
      struck = true;
    }
    if (!pop(state, next, config, places)) break;
    sim::execute<Model>(state, next.at, next.event, config, choices);
  }
  if (struck) ++plans[ExplorableModel::outcome(state.world)];
  return struck;
}

Plans brute_force(const Config& config, Places places) {
  Plans plans;
  const auto run_all = [&](int place, std::uint16_t fault) {
    sim::Choices choices = sim::Choices::enumerate();
    bool long_enough = false;
    do long_enough = run_once(config, choices.rewind(), place, fault, places, plans) || long_enough;
    while (choices.advance());
    return long_enough;
  };
  run_all(-1, 0);
  for (std::uint16_t fault = 0; fault < config.faults.size(); ++fault) {
    for (int place = 0; run_all(place, fault); ++place) {
    }
  }
  return plans;
}

std::set<Outcome> outcomes(const Plans& plans) {
  std::set<Outcome> set;
  for (const auto& [outcome, count] : plans) set.insert(outcome);
  return set;
}

Outcome one(Told told, std::uint8_t copies) { return {{told, copies, {}}}; }

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
        const Plans expected = brute_force(config, Places::living);
        CHECK(plain.plans == expected);
        CHECK(merged.plans == expected);
        CHECK(merged.livelocks == 0);
        CHECK(merged.states < plain.states);
        // Stale events are no places for faults; who tries them too finds nothing else.
        CHECK(outcomes(brute_force(config, Places::all)) == outcomes(expected));
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
    if (sim::pop_living<Model, ExplorableModel>(rest, entry, config_)) {
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

// ------------------------------------------------------------------------------ what does not count

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

TEST_CASE("the same situation later is the same state", "[model][explore]") {
  // An idle broker that was killed, at two times: once it serves again nothing tells them apart.
  Config config = small_cluster();
  config.producers.clear();
  offer(config, kill_of(broker0), 4_s);
  const auto killed_at = [&](Duration time) {
    WorldState state = begin(config);
    sim::Choices choices = sim::Choices::draw(phases);
    Event strike{};
    strike.body = faults::Event{faults::On::strike, 0, 0};
    sim::execute<Model>(state, SimTime{} + time, strike, config, choices);
    std::vector<sim::Digest> digests{sim::canonical_digest<Model, ExplorableModel>(state)};
    sim::Agenda<Event>::Entry next;
    while (sim::pop_living<Model, ExplorableModel>(state, next, config)) {
      sim::execute<Model>(state, next.at, next.event, config, choices);
      digests.push_back(sim::canonical_digest<Model, ExplorableModel>(state));
    }
    return digests;
  };
  const auto early = killed_at(1_s), late = killed_at(77_s);
  REQUIRE(early.size() == 3);  // killed, starting, serving
  CHECK(early[2] == late[2]);
  CHECK(early[0] != early[1]);
  CHECK(early[1] != early[2]);
}

TEST_CASE("what a crash leaves in the agenda is stale", "[model][explore]") {
  const Config config = with_fault(smallest(sync_flush, 1), power_loss_of(HostId(0)));
  WorldState state = begin(config);
  sim::Choices choices = sim::Choices::draw(phases);
  sim::Agenda<Event>::Entry next;
  do {
    REQUIRE(state.agenda.pop_until(SimTime::max(), next));
    sim::execute<Model>(state, next.at, next.event, config, choices);
  } while (name_of(next.event) != EventName::broker_group_commit_tick);
  const auto stale = [&] {
    std::map<EventName, bool> is;
    state.agenda.for_each_live([&](SimTime, const Event& e) { is[name_of(e)] = is_stale(state.world, e); });
    return is;
  };
  // The flush call is in the kernel, and the broker watches its deadline.
  const std::map<EventName, bool> living{{EventName::host_pages_written, false},
                                         {EventName::host_sync_done, false},
                                         {EventName::broker_flush_deadline, false},
                                         {EventName::producer_call_timeout, false}};
  CHECK(stale() == living);
  Event strike{};
  strike.body = faults::Event{faults::On::strike, 0, 0};
  sim::execute<Model>(state, state.now, strike, config, choices);
  const std::map<EventName, bool> dead{{EventName::host_pages_written, true},
                                       {EventName::host_sync_done, true},
                                       {EventName::broker_flush_deadline, true},
                                       {EventName::producer_call_timeout, false},
                                       {EventName::fault_restore, false}};
  CHECK(stale() == dead);
}

TEST_CASE("whose connection it was no longer counts once it is gone, that it is gone does",
          "[model][explore]") {
  const Config config = smallest(async_flush, 1);
  WorldState state = begin(config);
  sim::Choices choices = sim::Choices::draw(phases);
  sim::Agenda<Event>::Entry next;
  while (state.world.brokers[0].memory.answers.empty()) {
    REQUIRE(state.agenda.pop_until(SimTime::max(), next));
    sim::execute<Model>(state, next.at, next.event, config, choices);
  }
  const auto of_generation = [&](std::uint16_t connection, std::uint16_t answer) {
    state.world.network.connections[0].generation = connection;
    state.world.brokers[0].memory.answers[0].generation = answer;
    return sim::canonical_digest(state.now, state.world);
  };
  CHECK(of_generation(5, 5) == of_generation(1, 1));
  CHECK(of_generation(5, 4) != of_generation(5, 5));
  CHECK(of_generation(5, 4) == of_generation(5, 3));
}

// ------------------------------------------------------------------------------------------- purity

TEST_CASE("a step depends on its arguments alone", "[model][explore]") {
  // Each step is run on two copies; a third copy must not notice.
  for (const SendMode mode : {SendMode::sync, SendMode::async, SendMode::oneway}) {
    Config config = smallest(sync_flush, 200);
    config.producers[0].send = mode;
    config.producers[0].rate = 20;
    config.faults.push_back(restoring(fault_at(300_ms, FaultKind::kill), 400_ms));
    config.faults.push_back(restoring(fault_at(5_s, FaultKind::partition), 700_ms));
    config.faults.push_back(restoring(fault_at(8_s, FaultKind::pause), 300_ms));
    config.faults.push_back(restoring(fault_at(10_s, FaultKind::power_loss), 100_ms));
    CHECK(run_on_copies(config, sim::Seed(3)) > 400);  // at the least each send is begun, and most arrive
  }
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
  CHECK(count(async_flush, kill_of(broker0)) == Counts{234, 12, 81});
  CHECK(count(async_flush, power_loss_of(HostId(0))) == Counts{136, 12, 81});
  CHECK(count(sync_flush, kill_of(broker0)) == Counts{274, 12, 105});
  CHECK(count(sync_flush, power_loss_of(HostId(0))) == Counts{141, 14, 105});
}
