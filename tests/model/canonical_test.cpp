// What the canonical form of the model's world holds, and what it leaves out.
#include "model/canonical.hpp"

#include <iterator>
#include <map>
#include <set>
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/purity.hpp"
#include "tests/model/small_worlds.hpp"

using namespace brokersim;
using namespace brokersim::model;
using ledger::Told;

// -------------------------------------------------------------------------------- what does count

namespace {

using Change = void (*)(World&);

/// Each member that some step reads, changed.
const Change changes[] = {
    [](World& w) { w.hosts[0].powered = false; },
    [](World& w) { w.hosts[0].disk_factor = 2; },
    [](World& w) { w.hosts[0].disk_busy_until += 1_s; },
    [](World& w) { w.hosts[0].wall_clock_jump += 1_s; },
    [](World& w) { w.processes[0].life = host::Life::stopping; },
    [](World& w) { w.processes[0].silent = true; },
    [](World& w) { w.processes[0].start_wanted = true; },
    [](World& w) { w.processes[0].backlog.emplace_back(); },
    [](World& w) { w.network.connections[0].client_end = network::End::lost; },
    [](World& w) { w.network.connections[0].server_end = network::End::lost; },
    [](World& w) { w.network.connections[0].retransmit_armed[1] = true; },
    [](World& w) { w.network.connections[0].last_arrival[0] += 1_s; },
    [](World& w) { w.network.connections[0].held_since[1] += 1_s; },
    [](World& w) { w.network.connections[0].held[0].payload.attempt = 2; },
    [](World& w) { w.network.cuts.push_back({HostId(0), HostId(1)}); },
    [](World& w) { w.network.delays.push_back({HostId(0), HostId(1), 1_ms}); },
    [](World& w) { w.brokers[0].disk.synced.bytes = 1; },
    [](World& w) { w.brokers[0].disk.topics[0] = 9; },
    [](World& w) { w.brokers[0].cache.log.append({}); },
    [](World& w) { w.brokers[0].cache.committed.bytes = 1; },
    [](World& w) { w.brokers[0].cache.indexed = 9; },
    [](World& w) { w.brokers[0].cache.topics[0] = 9; },
    [](World& w) { w.brokers[0].cache.topics_durable += 9_s; },
    [](World& w) { w.brokers[0].cache.writeback.bytes = 1; },
    [](World& w) { w.brokers[0].cache.writeback_durable += 9_s; },
    [](World& w) { w.brokers[0].memory.appended.bytes = 1; },
    [](World& w) { w.brokers[0].memory.flushed.bytes = 1; },
    [](World& w) { w.brokers[0].memory.committed.bytes = 1; },
    [](World& w) { w.brokers[0].memory.pool_from = 1; },
    [](World& w) { w.brokers[0].memory.queues[0].next_offset = 9; },
    [](World& w) { w.brokers[0].memory.queues[0].index.append(9); },
    [](World& w) { w.brokers[0].memory.dispatched = 9; },
    [](World& w) { w.brokers[0].memory.flush_running = false; },
    [](World& w) { w.brokers[0].memory.flush_target.bytes = 1; },
    [](World& w) { w.brokers[0].memory.flush_notified = true; },
    [](World& w) { w.brokers[0].memory.flush_by_pages = true; },
    [](World& w) { w.brokers[0].memory.flush_timer.due += 1_s; },
    [](World& w) { w.brokers[0].memory.flush_loop += 1; },
    [](World& w) { w.brokers[0].memory.flush_grid += 1_s; },
    [](World& w) { w.brokers[0].memory.flush_last += 1_s; },
    [](World& w) { w.brokers[0].memory.group_swapped = 1; },
    [](World& w) { w.brokers[0].memory.group_tries = 1; },
    [](World& w) { w.brokers[0].memory.group_trying = true; },
    [](World& w) { w.brokers[0].memory.answers[0].response.attempt = 2; },
    [](World& w) { w.brokers[0].memory.waiting_flush.emplace_back(); },
    [](World& w) { w.brokers[0].memory.deadline_timer.armed = true; },
    [](World& w) { w.brokers[0].memory.commit_timer.armed = true; },
    [](World& w) { w.brokers[0].memory.commit_grid += 1_ms; },
    [](World& w) { w.brokers[0].memory.commit_last += 1_ms; },
    [](World& w) { w.brokers[0].memory.waiting_lock.emplace_back(); },
    [](World& w) { w.brokers[0].memory.append_stalled = false; },
    [](World& w) { w.brokers[0].memory.stall_since += 1_ms; },
    [](World& w) { w.brokers[0].memory.scan_timer.armed = true; },
    [](World& w) { w.brokers[0].memory.scan_grid += 1_ms; },
    [](World& w) { w.brokers[0].memory.reput_armed = false; },
    [](World& w) { w.brokers[0].memory.reput_grid += 1_us; },
    [](World& w) { w.brokers[0].memory.suspended.emplace_back(); },
    [](World& w) { w.brokers[0].memory.stopping = false; },
    [](World& w) { w.brokers[0].memory.stop_since += 1_ms; },
    [](World& w) { w.brokers[0].memory.stop_announced = true; },
    [](World& w) { w.producers[0].begun = 9; },
    [](World& w) { w.producers[0].next_sequence[0] = 9; },
    [](World& w) { w.producers[0].open_sends = 9; },
    [](World& w) { w.producers[0].memory.started = false; },
    [](World& w) { w.producers[0].memory.arrivals = 9; },
    [](World& w) { w.producers[0].memory.waiting = 9; },
    [](World& w) { w.producers[0].memory.claimed = 9; },
    [](World& w) { w.producers[0].memory.in_flight = 9; },
    [](World& w) { w.producers[0].memory.want_permit = 9; },
    [](World& w) { w.producers[0].memory.callback_queue += 1; },
    [](World& w) { w.producers[0].memory.overdue = 9; },
    [](World& w) { w.producers[0].memory.scan_grid += 1_ms; },
    [](World& w) { w.producers[0].memory.threads[0].busy ^= true; },
    [](World& w) { w.producers[0].memory.threads[0].slots += 1; },
    [](World& w) { w.producers[0].memory.threads[0].next_queue += 1; },
    [](World& w) { w.producers[0].memory.threads[0].next_due += 1_ms; },
    [](World& w) { w.producers[0].memory.channels[0].connecting = true; },
    [](World& w) { w.producers[0].memory.channels[0].open = false; },
    [](World& w) { w.producers[0].memory.channels[0].connection = ConnectionId(9); },
    [](World& w) { w.producers[0].memory.calls[0].open = false; },
    [](World& w) { w.producers[0].memory.calls[0].waits = rocketmq::Waits::permit; },
    [](World& w) { w.producers[0].memory.calls[0].told = true; },
    [](World& w) { w.producers[0].memory.calls[0].overdue = true; },
    [](World& w) { w.producers[0].memory.calls[0].thread = 9; },
    [](World& w) { w.producers[0].memory.calls[0].intent = IntentId(9); },
    [](World& w) { w.producers[0].memory.calls[0].sequence = 9; },
    [](World& w) { w.producers[0].memory.calls[0].size = 9; },
    [](World& w) { w.producers[0].memory.calls[0].broker = 9; },
    [](World& w) { w.producers[0].memory.calls[0].queue = 9; },
    [](World& w) { w.producers[0].memory.calls[0].attempt = 9; },
    [](World& w) { w.producers[0].memory.calls[0].result = Status::FLUSH_DISK_TIMEOUT; },
    [](World& w) { w.producers[0].memory.calls[0].begun += 1_ns; },
    [](World& w) { w.producers[0].memory.calls[0].try_begun += 1_ns; },
    [](World& w) { w.producers[0].memory.calls[0].try_timeout += 1_ns; },
    [](World& w) { w.producers[0].memory.calls[0].left_with_channel += 1_ns; },
    [](World& w) { w.producers[0].memory.calls[0].result_offset = 9; },
    [](World& w) { w.producers[0].memory.calls[0].waking = true; },
    [](World& w) { w.producers[0].memory.calls[0].orphaned = true; },
    [](World& w) { w.batches.slots[0].intents[0] = IntentId(9); },
    [](World& w) { w.faults.states[0].seen = 9; },
    [](World& w) { w.faults.states[0].strikes_due = 9; },
    [](World& w) { w.faults.states[0].restores_due = 9; },
    [](World& w) { w.faults.states[0].has_connection = true; },
    [](World& w) { w.faults.watching = true; },
    [](World& w) { w.faults.healed = true; },
    [](World& w) { w.verdict.tell(IntentId(0), Told::failed); },
    [](World& w) { w.verdict.apply(GroupId(0), IntentId(0)); },
};

/// In the middle of a send, and with more under way than could be at once.
WorldState busy_world(const Config& config) {
  WorldState state = begin(config);
  sim::Choices choices = sim::Choices::draw(phases);
  sim::Agenda<Event>::Entry next;
  while (state.world.brokers[0].memory.answers.empty()) {
    REQUIRE(state.agenda.pop_until(SimTime::max(), next));
    sim::execute<Model>(state, next.at, next.event, config, choices);
  }
  auto& memory = state.world.brokers[0].memory;
  memory.flush_running = memory.flush_timer.armed = memory.append_stalled = memory.stopping = true;
  memory.flush_by_pages = false;
  memory.reput_armed = true;
  state.world.network.connections[0].held.push_back({true, network::On::arrived, {}});
  state.world.producers[0].next_sequence.resize(2);
  state.world.batches.take();
  state.world.verdict.effects.emplace_back(1);
  return state;
}

}  // namespace

TEST_CASE("everything that a step reads is part of the state", "[model][canonical]") {
  const Config config = with_fault(smallest(FlushDiskType::ASYNC_FLUSH, 1), kill_of(broker0));
  const WorldState busy = busy_world(config);
  std::set<sim::Digest> digests{sim::canonical_digest(busy.now, busy.world)};
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    World changed = busy.world;
    changes[i](changed);
    INFO("change " << i);
    CHECK(digests.insert(sim::canonical_digest(busy.now, changed)).second);
  }
}

// ------------------------------------------------------------------------------ what does not count

TEST_CASE("the same situation later is the same state", "[model][canonical]") {
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

TEST_CASE("what a crash leaves in the agenda is stale", "[model][canonical]") {
  const Config config = with_fault(smallest(FlushDiskType::SYNC_FLUSH, 1), power_loss_of(HostId(0)));
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
  // The flush call is in the kernel, and the broker watches its deadline and when the producer's heartbeat,
  // whose answer is on its way, will have been the last for too long.
  const std::map<EventName, bool> living{
      {EventName::host_pages_written, false},        {EventName::host_sync_done, false},
      {EventName::broker_flush_deadline, false},     {EventName::producer_call_timeout, false},
      {EventName::broker_client_scan, false},        {EventName::producer_heartbeat, false},
      {EventName::client_heartbeat_response, false}, {EventName::producer_heartbeat_timeout, false}};
  CHECK(stale() == living);
  Event strike{};
  strike.body = faults::Event{faults::On::strike, 0, 0};
  sim::execute<Model>(state, state.now, strike, config, choices);
  const std::map<EventName, bool> dead{{EventName::host_pages_written, true},
                                       {EventName::host_sync_done, true},
                                       {EventName::broker_flush_deadline, true},
                                       {EventName::producer_call_timeout, false},
                                       {EventName::broker_client_scan, true},
                                       {EventName::producer_heartbeat, false},
                                       {EventName::client_heartbeat_response, false},
                                       {EventName::producer_heartbeat_timeout, false},
                                       {EventName::fault_restore, false}};
  CHECK(stale() == dead);
}

TEST_CASE("whose connection it was no longer counts once it is gone, that it is gone does",
          "[model][canonical]") {
  WorldState state = busy_world(smallest(FlushDiskType::ASYNC_FLUSH, 1));
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

TEST_CASE("a step depends on its arguments alone", "[model][canonical]") {
  // Each step is run on two copies; a third copy must not notice.
  for (const SendMode mode : {SendMode::sync, SendMode::async, SendMode::oneway}) {
    Config config = smallest(FlushDiskType::SYNC_FLUSH, 200);
    config.producers[0].send = mode;
    config.producers[0].rate = 20;
    config.faults.push_back(restoring(fault_at(300_ms, FaultKind::kill), 400_ms));
    config.faults.push_back(restoring(fault_at(5_s, FaultKind::partition), 700_ms));
    config.faults.push_back(restoring(fault_at(8_s, FaultKind::pause), 300_ms));
    config.faults.push_back(restoring(fault_at(10_s, FaultKind::power_loss), 100_ms));
    CHECK(run_on_copies(config, sim::Seed(3)) > 400);  // at the least each send is begun, and most arrive
  }
}
