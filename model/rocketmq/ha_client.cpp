// A slave's connection to its master: DefaultHAClient (4.9: HAService.HAClient).
//
//                    5.3                                         4.9
//   first try        each 5 s from the start, once the address   likewise
//                    is known: 10 s after the start, so at 15 s  right after the start, so at 5 s
//   connected        reports at once, if its last report is      reports after 5 s, and nothing comes before
//                    older than 5 s
//   connection lost  tries again after 5 s                       tries again at once, then each 5 s
//   silence          closes after 20 s without a read            never: it is its own reports that count
//
// In controller mode (AutoSwitchHAClient) as in 5.3, but: the address is the one that the last registration
// brought, and wakes it; between the connect and the first report stands the handshake (ha_handshake.cpp);
// after a silence it connects again at once.
#include <algorithm>

#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration retry_pause = 5_s;      ///< waitForRunning(1000 * 5)
constexpr Duration connect_timeout = 5_s;  ///< RemotingHelper.connect
/// Intervals must be exceeded, and the loop that looks takes a little longer than its select(1000).
constexpr Duration exceeded = 1_ms;
/// BrokerController: the first registration that reaches a name server brings the master's address. In 5.3
/// that of the start finds no name server in its list yet (getAvailableNameSrvList), so it is the timer's.
constexpr Duration first_registration_5_3 = 10_s;

HaClient& client_of(const Site& site) { return site.memory.ha_client; }

void arm_client(Site& site, SimTime due) { arm(site, client_of(site).timer, due, BrokerOn::ha_client); }

SimTime report_due(const Site& site) {
  return client_of(site).last_write + site.settings().haSendHeartbeatInterval + exceeded;
}

/// 4.9 measures its own writes, which its reports renew.
SimTime gives_up(const Site& site) {
  if (site.is_4_9()) return SimTime::max();
  return client_of(site).last_read + site.settings().haHousekeepingInterval + exceeded;
}

void sleep(Site& site, Duration pause) {
  client_of(site).state = HaState::ready;
  arm_client(site, site.now() + pause);
}

std::size_t master_number(const Site& site) {
  if (!site.config.is_controlled()) return master_of(site.all(), site.number);
  return static_cast<std::size_t>(client_of(site).master);
}

void connect(Site& site) {
  HaClient& client = client_of(site);
  if (site.config.is_controlled()) cut_partial_record(site);
  const ProcessId master = broker_process(master_number(site));
  client.connection = network::connect(site.world, site.broker.process, master, site.context);
  client.state = HaState::connecting;
  arm_client(site, site.now() + connect_timeout);
}

std::uint64_t subject_of(const Site& site, PayloadKind kind) {
  const std::uint64_t key = site.world.network.connections[client_of(site).connection.value].key;
  return sim::subject(key, static_cast<std::uint64_t>(kind));
}

void send(Site& site, PayloadKind kind, std::int64_t offset, std::uint64_t attempt) {
  Payload payload;
  payload.kind = kind;
  payload.offset = offset;
  network::send(site.world, client_of(site).connection, true, payload, subject_of(site, kind), attempt,
                site.context);
}

std::int64_t end_of_log(const Site& site) { return site.memory.appended.bytes; }

/// reportSlaveMaxOffset: growth alone moves it, and in controller mode it may lie behind the end of the log
/// (ha_handshake.cpp). Reports of one position are told apart by the timer's count.
void report(Site& site) {
  HaClient& client = client_of(site);
  client.last_write = site.now();
  client.reported = std::max(client.reported, end_of_log(site));
  send(site, PayloadKind::ha_report, client.reported, client.timer.ticket);
  arm_transfer(site);
}

/// closeMaster; 5.3: closeMasterAndWait.
void part(Site& site, ReplicaEnd why) {
  site.record(RecordKind::replica_parted, site.subject(), static_cast<std::int64_t>(why));
  const bool at_once = site.is_4_9() || (site.config.is_controlled() && why == ReplicaEnd::silence);
  sleep(site, at_once ? Duration{} : retry_pause);
}

void give_up(Site& site) {
  network::close(site.world, client_of(site).connection, true, site.context);
  part(site, ReplicaEnd::silence);
}

void tell_connected(const Site& site) {
  site.record(RecordKind::replica_connected, site.subject(), static_cast<std::int64_t>(master_number(site)));
}

bool is_mine(const Site& site, ConnectionId connection) {
  const HaClient& client = client_of(site);
  return client.state == HaState::transfer && client.connection == connection;
}

/// The slave's part of the handshake. (It stands for the accept of the connection, too, of which the master's
/// kernel does not tell.)
void say_hello(Site& site) { send(site, PayloadKind::ha_connect, 0, client_of(site).timer.ticket); }

void shake_hands(Site& site) {
  client_of(site).state = HaState::handshake;
  client_of(site).last_write = site.now();
  say_hello(site);
  arm_client(site, site.now() + retry_pause);  // select(5000)
}

/// doDispatch of a transfer whose epoch is another one than the last.
void note_epoch(Site& site, const LogPiece& piece) {
  Replicas& replicas = site.memory.replicas;
  if (piece.epoch == replicas.received_epoch) return;
  replicas.received_epoch = piece.epoch;
  append_epoch(site.broker.disk.epochs, {piece.epoch, piece.epoch_start});
}

/// It compares where the piece begins with its own end. An empty log takes any; if it has reported more than
/// it has, the real one appends that at a wrong place, and parts at the next: here it parts at the first.
bool fits_behind(const Site& site, const LogPiece& piece) {
  const bool is_new = end_of_log(site) == 0 && client_of(site).reported == 0;
  return is_new || piece.from == end_of_log(site);
}

/// AutoSwitchHAClient: it reports growth only.
void take_controlled_piece(Site& site, const LogPiece& piece) {
  if (!fits_behind(site, piece)) return part_from_master(site, retry_pause);
  note_epoch(site, piece);
  if (piece.to > piece.from) append_piece(site, piece);
  client_of(site).last_read = site.now();
  set_confirmed(site, std::min(piece.confirmed, end_of_log(site)));
  end_of_log(site) > client_of(site).reported ? report(site) : arm_transfer(site);
}

/// Nothing is tried before somebody has said whose slave it is.
bool may_connect(const Site& site) { return client_of(site).address_known <= site.now(); }

}  // namespace

void arm_transfer(Site& site) { arm_client(site, std::min(report_due(site), gives_up(site))); }

void part_from_master(Site& site, Duration pause) {
  network::close(site.world, client_of(site).connection, true, site.context);
  site.record(RecordKind::replica_parted, site.subject(), static_cast<std::int64_t>(ReplicaEnd::lost));
  sleep(site, pause);
}

void restart_ha_client(Site& site, bool is_slave) {
  HaClient& client = client_of(site);
  const bool connected = client.state >= HaState::handshake;
  if (client.state >= HaState::connecting) network::close(site.world, client.connection, true, site.context);
  if (connected)
    site.record(RecordKind::replica_parted, site.subject(), static_cast<std::int64_t>(ReplicaEnd::lost));
  disarm(site, client.timer);
  const std::uint32_t ticket = client.timer.ticket;
  client = {};
  client.timer.ticket = ticket;
  client.state = is_slave ? HaState::ready : HaState::none;
  client.address_known = SimTime::max();
  site.memory.replicas.received_epoch = -1;
}

void start_ha_client(Site& site, SimTime since) {
  if (site.config.is_controlled() || !site.config.is_slave()) return;
  HaClient& client = client_of(site);
  client.state = HaState::ready;
  client.last_read = client.last_write = since;
  client.address_known = since + (site.is_4_9() ? 1_ns : first_registration_5_3 + 1_ns);
  // Name servers of the file's own tell it themselves.
  if (!site.all().name_servers.empty()) client.address_known = SimTime::max();
  arm_client(site, next_on_grid(since, retry_pause, site.now()));
}

void ha_join(Site& site) {
  HaClient& client = client_of(site);
  const std::size_t set = master_of(site.all(), site.number);
  if (site.config.is_controlled()) client.master = static_cast<std::int32_t>(set);
  client.connection = network::establish(site.world, site.broker.process, broker_process(set), site.context);
  client.state = HaState::transfer;
  client.address_known = site.now();
  client.reported = end_of_log(site);
  const Duration silent = service_phase(site, Service::ha_silence, site.settings().haSendHeartbeatInterval);
  client.last_read = client.last_write = site.now() - silent;
  arm_transfer(site);
  tell_connected(site);
  Site master(site.world, set, site.context);
  ha_established(master, client.connection,
                 site.world.network.connections[client.connection.value].generation,
                 service_phase(site, Service::ha_transfer, no_data_wait), silent);
}

void stop_replication(Site& site) {
  disarm(site, client_of(site).timer);
  disarm(site, site.memory.slave_sync.timer);
  stop_replicas(site);
  drop_peers(site);
  client_of(site).state = HaState::none;
  site.memory.slave_sync = {};
}

/// updateHaMasterAddress wakes the client in controller mode if the address is another one; a connection that
/// it has stays, to whomever.
void ha_master_learned(Site& site, std::size_t master) {
  HaClient& client = client_of(site);
  client.address_known = site.now();
  if (!site.config.is_controlled() || client.state == HaState::none) return;
  const bool is_new = client.master != static_cast<std::int32_t>(master);
  client.master = static_cast<std::int32_t>(master);
  if (is_new && client.state == HaState::ready) arm_client(site, site.now());
}

void ha_client_tick(Site& site, const BrokerEvent& event) {
  HaClient& client = client_of(site);
  if (!fired(client.timer, event)) return;
  switch (client.state) {
    case HaState::none: return;
    case HaState::ready: return may_connect(site) ? connect(site) : sleep(site, retry_pause);
    case HaState::handshake: return say_hello(site), arm_client(site, site.now() + retry_pause);
    case HaState::connecting:
      network::close(site.world, client.connection, true, site.context);
      return sleep(site, retry_pause);
    case HaState::transfer:
      if (gives_up(site) <= site.now()) return give_up(site);
      return report_due(site) <= site.now() ? report(site) : arm_transfer(site);
  }
}

void ha_opened(Site& site) {
  HaClient& client = client_of(site);
  client.state = HaState::transfer;
  client.reported = end_of_log(site);
  client.last_read = site.now();
  tell_connected(site);
  if (site.config.is_controlled()) return shake_hands(site);
  if (site.is_4_9()) client.last_write = site.now();
  send(site, PayloadKind::ha_connect, 0, 0);
  arm_transfer(site);
}

void ha_refused(Site& site) { sleep(site, retry_pause); }

/// Before it was open too: then nothing had come of it.
void ha_lost(Site& site) {
  if (client_of(site).state == HaState::connecting) return ha_refused(site);
  part(site, ReplicaEnd::lost);
}

/// dispatchReadRequest, then reportSlaveMaxOffsetPlus.
void on_ha_piece(Site& site, ConnectionId connection, const Payload& transfer) {
  const LogPiece piece = site.world.log_pieces[transfer.size];
  site.world.log_pieces.release(transfer.size);
  if (!is_mine(site, connection)) return;
  if (site.config.is_controlled()) return take_controlled_piece(site, piece);
  append_piece(site, piece);
  client_of(site).last_read = site.now();
  report(site);
}

/// A transfer without a body.
void on_ha_header(Site& site, ConnectionId connection) {
  if (!is_mine(site, connection)) return;
  client_of(site).last_read = site.now();
  arm_transfer(site);
}

}  // namespace brokersim::model::rocketmq
