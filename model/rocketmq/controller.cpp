#include "model/rocketmq/controller.hpp"

#include <algorithm>
#include <array>

#include "model/host/host.hpp"
#include "model/network/fabric.hpp"
#include "model/world.hpp"
#include "sim/check.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_scan = 2_s;     ///< DefaultBrokerHeartbeatManager.start
constexpr std::int32_t elect_tries = 3;  ///< electMasterMaxRetryCount: each that fails makes a new epoch

/// The arguments of a step in one hand.
struct Control {
  World& world;
  Context& context;
  Controller& self;
  Controller::Memory& memory;

  Control(World& w, Context& c) : world(w), context(c), self(w.controllers[0]), memory(self.memory) {}

  const Config& all() const { return context.config(); }
  const ControllerSettings& settings() const { return all().controllers[0].settings; }
  SimTime now() const { return host::monotonic(context); }
  std::size_t brokers() const { return all().brokers.size(); }
  SetView& set(std::size_t number) const { return self.disk.sets[number]; }
  bool is_member(std::size_t broker, std::size_t set) const {
    return all().brokers[broker].is_controlled() && master_of(all(), broker) == set;
  }
  void arm(ServiceTimer& timer, SimTime due, ControllerOn on) const {
    rocketmq::arm(context, timer, now(), due, [&](std::uint32_t ticket) {
      Event event{};
      event.body = ControllerEvent{on, ticket};
      return host::to_process(world, self.process, event);
    });
  }
  void record(RecordKind kind, std::int64_t a, std::int64_t b) const {
    context.record(make_record(kind, self.process.value, a, b));
  }
};

std::uint16_t generation_of(const Control& control, ConnectionId connection) {
  return control.world.network.connections[connection.value].generation;
}

Duration timeout_of(const Control& control, std::size_t broker) {
  return control.all().brokers[broker].settings.controllerHeartBeatTimeoutMills;
}

/// isBrokerActive.
bool is_alive(const Control& control, std::size_t broker) {
  const LiveBroker& live = control.memory.brokers[broker];
  return live.known && live.last + timeout_of(control, broker) >= control.now();
}

// --------------------------------------------------------------------------------- scans

/// scanNeedReelectBrokerSets.
bool needs_master(const Control& control, std::size_t set) {
  const std::int32_t master = control.set(set).master;
  if (master < 0 || is_alive(control, static_cast<std::size_t>(master))) return false;
  for (std::size_t b = 0; b < control.brokers(); ++b) {
    if (control.is_member(b, set) && is_alive(control, b)) return true;
  }
  return false;
}

/// Heartbeats put the scan off; it looks again when it is due, instead of being armed at each of them.
void arm_scan(const Control& control) {
  SimTime silent = SimTime::max();
  for (std::size_t b = 0; b < control.brokers(); ++b) {
    const LiveBroker& live = control.memory.brokers[b];
    if (live.known) silent = std::min(silent, live.last + timeout_of(control, b));
  }
  if (silent == SimTime::max()) return disarm(control.context, control.memory.scan_timer);
  const Duration period = control.settings().scanNotActiveBrokerInterval;
  const SimTime due = next_on_grid(control.memory.scan_grid, period, std::max(silent, control.now()));
  if (!control.memory.scan_timer.armed || due < control.memory.scan_timer.due)
    control.arm(control.memory.scan_timer, due, ControllerOn::scan_brokers);
}

void arm_masters(const Control& control) {
  bool any = false;
  for (std::size_t set = 0; set < control.self.disk.sets.size(); ++set)
    any = any || needs_master(control, set);
  if (!any) return disarm(control.context, control.memory.masters_timer);
  const Duration period = control.settings().scanInactiveMasterInterval;
  control.arm(control.memory.masters_timer, next_on_grid(control.memory.masters_grid, period, control.now()),
              ControllerOn::scan_masters);
}

void arm_scans(const Control& control) {
  arm_scan(control);
  arm_masters(control);
}

// --------------------------------------------------------------------------------- elections

/// BrokerLiveInfo by epoch, then by the end of the log, then by election priority; of equals the first.
bool comes_before(const Control& control, std::size_t a, std::size_t b) {
  const LiveBroker &x = control.memory.brokers[a], &y = control.memory.brokers[b];
  if (x.epoch != y.epoch) return x.epoch > y.epoch;
  if (x.log_end != y.log_end) return x.log_end > y.log_end;
  return control.all().brokers[a].settings.brokerElectionPriority <
         control.all().brokers[b].settings.brokerElectionPriority;
}

/// DefaultElectPolicy.tryElect: a master that lives stays; -1: nobody of these lives.
std::int32_t best_of(const Control& control, std::size_t set, BrokerMask candidates) {
  const std::int32_t master = control.set(set).master;
  std::int32_t best = -1;
  for (std::size_t b = 0; b < control.brokers(); ++b) {
    if (!control.is_member(b, set) || !has(candidates, b) || !is_alive(control, b)) continue;
    if (static_cast<std::int32_t>(b) == master) return master;
    if (best < 0 || comes_before(control, b, static_cast<std::size_t>(best)))
      best = static_cast<std::int32_t>(b);
  }
  return best;
}

/// A push goes to the broker's address: to whoever serves there now. It does not touch the channel of a life
/// that is over, whose reset would end what onBrokerChannelClose watches.
bool is_reached(const Control& control, const BrokerChannel& channel) {
  const network::Connection& connection = control.world.network.connections[channel.connection.value];
  if (connection.generation != channel.generation) return false;
  const host::Process& broker = control.world.processes[connection.client.value];
  const bool lives = broker.life == host::Life::running || broker.life == host::Life::paused;
  return lives && broker.incarnation == connection.client_life;
}

void push(const Control& control, std::size_t broker, Payload payload, std::uint64_t attempt) {
  const BrokerChannel& channel = control.memory.brokers[broker].present;
  if (!is_reached(control, channel)) return;
  const std::uint64_t key = control.world.network.connections[channel.connection.value].key;
  network::send(control.world, channel.connection, false, payload,
                sim::subject(key, static_cast<std::uint64_t>(payload.kind)), attempt, control.context);
}

/// notifyBrokerRoleChanged: to all that live. Whoever starts just now is told when it registers.
void tell_everybody(const Control& control, std::size_t set) {
  if (!control.settings().notifyBrokerRoleChanged) return;
  Payload change;
  change.kind = PayloadKind::role_changed;
  change.oneway = true;
  put_view(change, control.set(set));
  for (std::size_t b = 0; b < control.brokers(); ++b) {
    if (control.is_member(b, set) && is_alive(control, b))
      push(control, b, change, static_cast<std::uint64_t>(control.set(set).epoch));
  }
}

void crown(const Control& control, std::size_t set, std::size_t master, Election how) {
  SetView& view = control.set(set);
  view = {static_cast<std::int32_t>(master), view.epoch + 1, mask_of(master), view.sync_epoch + 1};
  control.record(RecordKind::master_elected, static_cast<std::int64_t>(master),
                 view.epoch | static_cast<std::int64_t>(how) << 32);
  tell_everybody(control, set);
}

/// ReplicasInfoManager.electMaster; false: nobody can be.
bool elect(const Control& control, std::size_t set) {
  const SetView& view = control.set(set);
  std::int32_t best = best_of(control, set, view.in_sync);
  Election how = Election::clean;
  if (best < 0 && control.settings().enableElectUncleanMaster) {
    best = best_of(control, set, ~BrokerMask{0});
    how = Election::unclean;
  }
  if (best < 0) return false;
  if (best != view.master) crown(control, set, static_cast<std::size_t>(best), how);
  return true;
}

/// triggerElectMaster: the set stays as it is, so that its members may be elected when they are back.
void reelect(const Control& control, std::size_t set) {
  if (elect(control, set)) return;
  SetView& view = control.set(set);
  view.master = -1;
  view.epoch += elect_tries;
  control.record(RecordKind::no_master, static_cast<std::int64_t>(set), view.epoch);
}

/// onBrokerInactive.
void forget(const Control& control, std::size_t broker) {
  control.memory.brokers[broker] = LiveBroker{};
  const std::size_t set = master_of(control.all(), broker);
  if (control.set(set).master == static_cast<std::int32_t>(broker)) reelect(control, set);
}

// --------------------------------------------------------------------------------- requests

void on_heartbeat(const Control& control, std::size_t broker, ConnectionId connection,
                  const Payload& heartbeat) {
  LiveBroker& live = control.memory.brokers[broker];
  const auto epoch = static_cast<std::int32_t>(heartbeat.sequence);
  const BrokerChannel channel{connection, generation_of(control, connection)};
  if (!live.known) live = {true, connection, channel.generation, channel, {}, -1, -1};
  live.present = channel;
  live.last = control.now();
  if (epoch < live.epoch || (epoch == live.epoch && heartbeat.offset <= live.log_end)) return;
  live.epoch = epoch;
  live.log_end = heartbeat.offset;
}

/// registerBroker: a master that does not live is not told.
SetView view_for_registration(const Control& control, std::size_t set) {
  SetView view = control.set(set);
  if (view.master >= 0 && !is_alive(control, static_cast<std::size_t>(view.master))) view.master = -1;
  return view;
}

Status on_elect(const Control& control, std::size_t set) {
  return elect(control, set) ? Status::SEND_OK : Status::SYSTEM_ERROR;
}

bool all_alive(const Control& control, BrokerMask set) {
  for (std::size_t b = 0; b < control.brokers(); ++b) {
    if (has(set, b) && !is_alive(control, b)) return false;
  }
  return true;
}

/// ReplicasInfoManager.alterSyncStateSet.
Status on_alter(const Control& control, std::size_t set, std::size_t broker, const SetView& wanted) {
  SetView& view = control.set(set);
  const bool is_master = view.master == static_cast<std::int32_t>(broker);
  const bool is_new = wanted.epoch == view.epoch && wanted.sync_epoch == view.sync_epoch;
  if (!is_master || !is_new || wanted.in_sync == view.in_sync) return Status::SYSTEM_ERROR;
  if (!all_alive(control, wanted.in_sync) || !has(wanted.in_sync, broker)) return Status::SYSTEM_ERROR;
  const SetChange change =
      size_of(wanted.in_sync) < size_of(view.in_sync) ? SetChange::shrunk : SetChange::expanded;
  view.in_sync = wanted.in_sync;
  ++view.sync_epoch;
  control.record(RecordKind::sync_set_changed,
                 static_cast<std::int64_t>(set) | static_cast<std::int64_t>(change) << 16,
                 size_of(view.in_sync));
  return Status::SEND_OK;
}

void answer(const Control& control, ConnectionId connection, const Payload& request, Status status,
            const SetView& view) {
  Payload response;
  response.kind = PayloadKind::controller_response;
  response.queue = static_cast<std::uint16_t>(request.kind);
  response.opaque = request.opaque;
  response.status = status;
  put_view(response, view);
  const std::uint64_t key = control.world.network.connections[connection.value].key;
  network::send(control.world, connection, false, response,
                sim::subject(key, static_cast<std::uint64_t>(response.kind)), request.opaque,
                control.context);
}

std::size_t broker_behind(const Control& control, ConnectionId connection) {
  const ProcessId client = control.world.network.connections[connection.value].client;
  return control.world.processes[client.value].index;
}

void execute(const Control& control, std::size_t broker, ConnectionId connection, const Payload& request) {
  const std::size_t set = master_of(control.all(), broker);
  if (request.kind == PayloadKind::controller_heartbeat)
    return on_heartbeat(control, broker, connection, request);
  if (request.kind == PayloadKind::controller_register)
    return answer(control, connection, request, Status::SEND_OK, view_for_registration(control, set));
  Status status = Status::SEND_OK;
  if (request.kind == PayloadKind::controller_elect) status = on_elect(control, set);
  if (request.kind == PayloadKind::controller_alter)
    status = on_alter(control, set, broker, view_in(request));
  answer(control, connection, request, status, control.set(set));
}

// --------------------------------------------------------------------------------- ticks

void on_scan(const Control& control) {
  std::vector<std::size_t> silent;
  for (std::size_t b = 0; b < control.brokers(); ++b) {
    const LiveBroker live = control.memory.brokers[b];
    if (!live.known || is_alive(control, b)) continue;
    silent.push_back(b);
    control.memory.brokers[b] = LiveBroker{};
    if (generation_of(control, live.connection) == live.generation)
      network::close(control.world, live.connection, false, control.context);
  }
  for (const std::size_t broker : silent) forget(control, broker);
}

void on_masters(const Control& control) {
  for (std::size_t set = 0; set < control.self.disk.sets.size(); ++set) {
    if (needs_master(control, set)) reelect(control, set);
  }
}

void forget_everybody(const Control& control) {
  disarm(control.context, control.memory.scan_timer);
  disarm(control.context, control.memory.masters_timer);
  control.memory = {};
  control.memory.brokers.resize(control.brokers());
}

Duration phase(const Control& control, std::uint64_t service, Duration period) {
  const auto key = sim::DrawKey::of(Purpose::service_phase, control.self.process.value, service);
  return control.context.choices().duration(key, Distribution::uniform({}, period - Duration(1_ns)));
}

}  // namespace

void controller_start_world(World& world, Context& context) {
  const Control control(world, context);
  control.self.process = controller_process(context.config());
  forget_everybody(control);
  control.self.disk.sets.assign(control.brokers(), SetView{});
  for (std::size_t b = 0; b < control.brokers(); ++b) {
    if (!control.all().brokers[b].is_controlled()) continue;
    const std::size_t set = master_of(control.all(), b);
    SetView& view = control.set(set);
    view = {static_cast<std::int32_t>(set), 1, view.in_sync | mask_of(b), 1};
  }
  const ControllerSettings& settings = control.settings();
  control.memory.scan_grid = control.now() - phase(control, 0, settings.scanNotActiveBrokerInterval);
  control.memory.masters_grid = control.now() - phase(control, 1, settings.scanInactiveMasterInterval);
}

void controller_serve(World& world, Context& context) {
  const Control control(world, context);
  forget_everybody(control);
  control.memory.scan_grid = control.now() + first_scan;
  control.memory.masters_grid = control.now() + control.settings().scanInactiveMasterInterval;
}

void controller_killed(World& world, Context& context) { forget_everybody(Control(world, context)); }

void controller_knows(World& world, std::size_t broker, ConnectionId connection, SimTime last,
                      Context& context) {
  const Control control(world, context);
  const BrokerChannel channel{connection, generation_of(control, connection)};
  control.memory.brokers[broker] = {true,    connection, channel.generation,
                                    channel, last,       control.set(master_of(control.all(), broker)).epoch,
                                    0};
  arm_scans(control);
}

void controller_receive(World& world, ConnectionId connection, const Payload& payload, Context& context) {
  const Control control(world, context);
  execute(control, broker_behind(control, connection), connection, payload);
  arm_scans(control);
}

/// onBrokerChannelClose: of the channel that the broker is known by.
void controller_connection_lost(World& world, ConnectionId connection, Context& context) {
  const Control control(world, context);
  const std::size_t broker = broker_behind(control, connection);
  const LiveBroker& live = control.memory.brokers[broker];
  const bool is_its =
      live.known && live.connection == connection && live.generation == generation_of(control, connection);
  if (!is_its) return;
  forget(control, broker);
  arm_scans(control);
}

void controller_step(World& world, const ControllerEvent& event, Context& context) {
  const Control control(world, context);
  const bool scans = event.on == ControllerOn::scan_brokers;
  ServiceTimer& timer = scans ? control.memory.scan_timer : control.memory.masters_timer;
  if (!fired(timer, event.ticket)) return;
  scans ? on_scan(control) : on_masters(control);
  arm_scans(control);
}

}  // namespace brokersim::model::rocketmq
