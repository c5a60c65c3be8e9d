// BrokerController with enableSlaveActingMaster: a slave asks a name server each second who of its set is
// registered (syncBrokerMemberGroup). While nobody of them has a lower brokerId, it acts: its delay levels
// are delivered and its half messages checked (changeSpecialServiceStatus). All else it does as any slave: it
// takes no message, and answers whoever reads, commits offsets or locks queues there, because the name server
// shows it under brokerId 0.
//
// DataVersion begins with the time of its process's start, unless the file has one. nextVersion comes with
// each consumerOffsetUpdateVersionStep-th commit and each delayOffsetUpdateVersionStep-th change of a level's
// offset, which each poll makes that finds a head not due.
#include "model/rocketmq/registration.hpp"
#include "model/rocketmq/stand_in.hpp"

namespace brokersim::model::rocketmq {

namespace {

std::int32_t set_of(const Site& site) {
  return static_cast<std::int32_t>(master_of(site.all(), site.number));
}

std::int64_t wall_ms(const Site& site) { return site.wall().value / 1'000'000; }

/// changeSpecialServiceStatus. False: acting_over() follows, when the last check pass is over.
bool set_acts(Site& site, bool acts) {
  if (std::exchange(acting_of(site).acts, acts) == acts) return true;
  tell_stand_in(site, acts ? StandIn::acting : StandIn::yielded);
  if (!acts) return stop_delays(site), !end_checks(site);
  start_delays(site, site.now());
  start_checks(site, site.now());
  return true;
}

/// onMasterOffline. The replication connection, if it works, is left alone.
void master_gone(Site& site) {
  site.memory.slave_sync.has_master = false;
  site.memory.ha_client.address_known = SimTime::max();
}

/// onMasterOnline: retrieveBrokerHaInfo, wakeupHAClient.
void master_back(Site& site) {
  HaClient& client = site.memory.ha_client;
  client.address_known = site.now();
  if (client.state == HaState::ready) arm(site, client.timer, site.now(), BrokerOn::ha_client);
}

/// updateMinBroker, onMinBrokerChange.
void update_min(Site& site, BrokerMask members) {
  ActingMaster& acting = acting_of(site);
  const std::int32_t min = first_of(site, members);
  if (!site.config.is_slave() || min < 0 || min == acting.min) return;
  const std::int32_t was = std::exchange(acting.min, min);
  if (!set_acts(site, min == self(site))) return;
  if (was == set_of(site)) master_gone(site);
  if (min == set_of(site)) master_back(site);
}

}  // namespace

bool runs_special_services(const Site& site) {
  const ActingMaster& acting = acting_of(site);
  if (!site.config.has_stand_in()) return !site.is_slave();
  return acting.step == PreOnline::through && (!site.is_slave() || acting.acts);
}

/// The thread that asks for the members of the set has waited for the last pass (ServiceThread.shutdown).
void acting_over(Site& site) {
  escapes_end(site);
  if (acting_of(site).min == set_of(site)) master_back(site);
}

bool is_isolated(const Site& site) { return acting_of(site).step != PreOnline::through; }

void tell_stand_in(const Site& site, StandIn what) {
  site.record(RecordKind::stood_in, site.subject(), static_cast<std::int64_t>(what));
}

namespace {

/// Both files of a broker that has been up for long are there, with a version that is older than all others.
void have_files(Site& site) {
  OffsetTable& offsets = site.memory.offsets;
  offsets[offsets.size() - 2] = offsets.back() = 0;
  site.broker.cache.offsets.written = site.broker.cache.offsets.before = offsets;
  site.broker.cache.delay_offsets.written = site.broker.cache.delay_offsets.before = nothing_delivered(site);
}

/// Of a broker that has been up for long: all of its set are registered.
std::int32_t size_of_set(const Site& site) {
  return static_cast<std::int32_t>(members_of(site.all(), master_of(site.all(), site.number)).size());
}

/// What a process that has just started has in memory of versions.
void load_versions(Site& site) {
  const DataVersion begins{0, wall_ms(site)};
  OffsetTable& offsets = site.memory.offsets;
  if (site.broker.cache.offsets.written.empty()) {
    offsets[offsets.size() - 2] = begins.counter;
    offsets.back() = begins.timestamp;
  }
  const OffsetTable& levels = site.broker.cache.delay_offsets.written;
  acting_of(site).delays_version = levels.empty() ? begins : version_of(levels);
}

}  // namespace

/// minBrokerIdInGroup is 0 until somebody has been heard.
void begin_stand_in(Site& site, SimTime since) {
  if (!site.config.has_stand_in()) return;
  ActingMaster& acting = acting_of(site);
  acting.min = set_of(site);
  if (since == never) {
    acting.alive = size_of_set(site);
    return have_files(site);
  }
  // DefaultMessageStore begins with totalReplicas, until it is told.
  acting.alive = site.settings().totalReplicas;
  load_versions(site);
  const bool late = site.config.comes_online_late();
  if (late) acting.step = PreOnline::asking;
  tell_stand_in(site, late ? StandIn::isolated : StandIn::online);
}

void group_told(Site& site, BrokerMask members) {
  if (site.memory.stopping || is_changing_role(site)) return;
  if (members != 0) acting_of(site).alive = size_of(members | mask_of(site.number));
  if (acting_of(site).step == PreOnline::asking) return begin_pre_online(site, members);
  if (!is_isolated(site)) update_min(site, members);
}

std::int32_t first_of(const Site& site, BrokerMask members) {
  std::int32_t first = -1;
  const auto id = [&](std::int32_t b) {
    return site.all().brokers[static_cast<std::size_t>(b)].settings.brokerId;
  };
  for (std::size_t b = 0; b < site.all().brokers.size(); ++b) {
    const auto number = static_cast<std::int32_t>(b);
    if (has(members, b) && (first < 0 || id(number) < id(first))) first = number;
  }
  return first;
}

void go_online(Site& site, std::int32_t min) {
  ActingMaster& acting = acting_of(site);
  disarm(site, acting.timer);
  acting.step = PreOnline::through;
  acting.min = min;
  acting.members = acting.done = 0;
  acting.turn = -1;
  tell_stand_in(site, StandIn::online);
  if (site.config.is_slave()) {
    set_acts(site, min == self(site));
  } else {
    start_delays(site, site.now());
    start_checks(site, site.now());
  }
  registrar_role_taken(site.world, site.number, site.context);
}

/// Of a set whose master never comes back somebody has to act.
bool stand_in_idle(const World& world, const Config& config, std::size_t broker) {
  if (!config.brokers[broker].has_stand_in()) return true;
  const ActingMaster& acting = world.brokers[broker].memory.acting;
  if (acting.step != PreOnline::through) return false;
  const std::size_t set = master_of(config, broker);
  if (!faults::stays_dead(world, config, broker_process(set))) return !acting.acts;
  for (std::size_t b = 0; b < config.brokers.size(); ++b) {
    if (master_of(config, b) == set && world.brokers[b].memory.acting.acts) return true;
  }
  return false;
}

// --------------------------------------------------------------------------------- versions

std::size_t version_entries(const Site& site) { return site.config.has_stand_in() ? 2 : 0; }

DataVersion version_of(const OffsetTable& table) {
  if (table.size() < 2) return {};
  const std::int64_t counter = table[table.size() - 2], timestamp = table.back();
  return {std::max<std::int64_t>(0, counter), std::max<std::int64_t>(0, timestamp)};
}

/// ConsumerOffsetManager.commitOffset, whether the offset is another one or not.
void count_commit(Site& site) {
  if (!site.config.has_stand_in()) return;
  if (++acting_of(site).offset_changes % site.settings().consumerOffsetUpdateVersionStep != 0) return;
  OffsetTable& table = site.memory.offsets;
  const DataVersion was = version_of(table);
  table[table.size() - 2] = was.counter + 1;
  table.back() = wall_ms(site);
}

void count_delay_changes(Site& site, std::int64_t calls, Duration between) {
  ActingMaster& acting = acting_of(site);
  const std::int64_t step = site.settings().delayOffsetUpdateVersionStep;
  const std::int64_t before = acting.delay_changes / step;
  acting.delay_changes += calls;
  const std::int64_t steps = acting.delay_changes / step - before;
  if (steps == 0) return;
  acting.delays_version.counter += steps;
  const Duration since = between * (acting.delay_changes % step);
  acting.delays_version.timestamp = wall_ms(site) - since.ns / 1'000'000;
}

}  // namespace brokersim::model::rocketmq
