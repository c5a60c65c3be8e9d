// BrokerPreOnlineService (totalReplicas above 1): a broker that starts is not registered before it has found
// the others of its set.
//
//   a master   asks a name server who is registered. To each of them, one after another: its own replication
//              address; waits for a replication connection from that host; takes its offsets back, if their
//              version is not lower than its own (syncMetadataReverse). One that is back before the name
//              server has forgotten it is among them itself, the first, and waits in vain (10 s) if no slave
//              is on its host
//   a slave    with a master registered: asks that for its replication address, and waits until it replicates
//              from it. Without: goes online at once
//
// Whatever fails is tried again a second later, on the grid of the questions to the name server: so a slave
// whose master is dead is online within seconds after that has been forgotten. A slave that is gone meanwhile
// is noticed by its connection here, by a time-out in the real broker.
#include "model/rocketmq/stand_in.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration look_interval = 1_s;       ///< HAConnectionStateNotificationService.run
constexpr Duration establish_timeout = 10_s;  ///< CONNECTION_ESTABLISH_TIMEOUT

void wait_for_handshake(Site& site) {
  ActingMaster& acting = acting_of(site);
  acting.step = PreOnline::handshake;
  acting.gives_up = site.now() + establish_timeout;
  acting.next_look = site.now() + look_interval;
  arm(site, acting.timer, acting.next_look, BrokerOn::pre_online);
}

/// prepareForMasterOnline: on with the next of those that are registered. What it tells and asks itself
/// changes nothing.
void next_member(Site& site) {
  ActingMaster& acting = acting_of(site);
  acting.turn = first_of(site, acting.members & ~acting.done);
  if (acting.turn < 0) return go_online(site, self(site));
  if (acting.turn == self(site)) return wait_for_handshake(site);
  acting.step = PreOnline::connecting;
  fetch_connect(site, static_cast<std::size_t>(acting.turn));
}

/// prepareForSlaveOnline.
void begin_as_slave(Site& site, BrokerMask others) {
  const std::size_t master = master_of(site.all(), site.number);
  if (has(others, master)) {
    acting_of(site).step = PreOnline::connecting;
    return fetch_connect(site, master);
  }
  const std::int32_t min = first_of(site, others);
  go_online(site, min < 0 ? self(site) : min);
}

/// HAConnectionStateNotificationService knows connections by the address that they come from.
bool is_heard_from(const Site& site, HostId host) {
  const auto& peers = site.memory.ha.peers;
  return std::any_of(peers.begin(), peers.end(), [&](const HaPeer& peer) {
    const ProcessId client = site.world.network.connections[peer.connection.value].client;
    return site.world.processes[client.value].host == host;
  });
}

/// The connection is in HAConnectionState.TRANSFER.
bool is_connected(const Site& site) {
  if (site.config.is_slave()) return site.memory.ha_client.state == HaState::transfer;
  return is_heard_from(site, site.all().brokers[static_cast<std::size_t>(acting_of(site).turn)].host);
}

void turn_over(Site& site) {
  ActingMaster& acting = acting_of(site);
  acting.done |= mask_of(static_cast<std::size_t>(acting.turn));
  next_member(site);
}

void connected(Site& site) {
  if (site.config.is_slave())
    return go_online(site, static_cast<std::int32_t>(master_of(site.all(), site.number)));
  if (acting_of(site).turn == self(site)) return turn_over(site);
  acting_of(site).step = PreOnline::fetching;
  fetch_begin(site);
}

/// How far each group is back where the slave's offsets, which are higher, do not count.
void tell_offsets_kept(const Site& site, const OffsetTable& theirs) {
  tell_stand_in(site, StandIn::offsets_kept);
  const OffsetTable& own = site.memory.offsets;
  const std::size_t queues = site.memory.queues.size();
  for (std::size_t group = 0; group < site.all().groups.size(); ++group) {
    std::int64_t back = 0;
    for (std::size_t i = group * queues; i < (group + 1) * queues && i < theirs.size(); ++i)
      back += std::max<std::int64_t>(0, theirs[i] - std::max<std::int64_t>(0, own[i]));
    if (back > 0)
      site.record(RecordKind::offsets_back, site.subject(), static_cast<std::int64_t>(group), back);
  }
}

void take_back_offsets(Site& site, const OffsetTable& theirs) {
  if (version_of(site.memory.offsets) > version_of(theirs)) return tell_offsets_kept(site, theirs);
  tell_stand_in(site, StandIn::offsets_taken);
  take_offsets(site, theirs);
  tell_stepped_over(site);
}

void take_back_delays(Site& site, const OffsetTable& theirs) {
  const bool keeps = acting_of(site).delays_version > version_of(theirs);
  tell_stand_in(site, keeps ? StandIn::delays_kept : StandIn::delays_taken);
  if (keeps) return;
  // ScheduleMessageService.load adds to what is there: a level that the slave has never seen keeps its own.
  OffsetTable table = theirs;
  const OffsetTable& own = site.broker.cache.delay_offsets.written;
  for (std::size_t i = 0; i + 2 < table.size() && i < own.size(); ++i) {
    if (table[i] < 0) table[i] = own[i];
  }
  acting_of(site).delays_version = version_of(theirs);
  write_delay_file(site, table);
}

}  // namespace

void begin_pre_online(Site& site, BrokerMask members) {
  if (site.config.is_slave()) return begin_as_slave(site, members & ~mask_of(site.number));
  acting_of(site).members = members;
  next_member(site);
}

void pre_online_tick(Site& site, const BrokerEvent& event) {
  ActingMaster& acting = acting_of(site);
  if (!fired(acting.timer, event) || acting.step != PreOnline::handshake || site.memory.stopping) return;
  if (is_connected(site)) return connected(site);
  if (site.now() > acting.gives_up) return pre_online_failed(site);
  acting.next_look = site.now() + look_interval;
  arm(site, acting.timer, acting.next_look, BrokerOn::pre_online);
}

void pre_online_connected(Site& site) {
  ask_ha_info(site);
  if (!site.config.is_slave()) wait_for_handshake(site);
}

void pre_online_failed(Site& site) {
  fetch_end(site);
  disarm(site, acting_of(site).timer);
  acting_of(site).step = PreOnline::asking;
}

void take_back(Site& site, SyncStep step, const OffsetTable& values) {
  if (step == SyncStep::consumer_offsets) return take_back_offsets(site, values);
  take_back_delays(site, values);
  fetch_end(site);
  turn_over(site);
}

/// AdminBrokerProcessor.updateBrokerHaInfo: nobody wakes the HAClient, which looks each 5 s.
void on_ha_info(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& info) {
  if (!site.config.is_slave()) {
    reply(site, connection, generation, info);
    return;
  }
  const bool is_answer = !info.oneway;
  if (is_answer && acting_of(site).step != PreOnline::connecting) return;
  site.memory.ha_client.address_known = site.now();
  if (!is_answer) return;
  ha_info_told(site);
  wait_for_handshake(site);
}

}  // namespace brokersim::model::rocketmq
