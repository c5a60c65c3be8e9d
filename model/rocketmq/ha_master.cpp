// A master and its slaves: DefaultHAConnection with its WriteSocketService and ReadSocketService (4.9:
// HAConnection).
//
// The write service sends what is readable, piece after piece; when there is nothing it waits 100 ms at a
// time, and only puts that wait for replicas wake it. So behind an ASYNC_MASTER (in 5.3 also behind a
// SYNC_MASTER with inSyncReplicas=1) a slave is up to 100 ms late.
#include <algorithm>
#include <utility>

#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration no_report_sleep = 10_ms;  ///< WriteSocketService.run: Thread.sleep(10)
/// Intervals must be exceeded, and the loops that look take a little longer than they sleep.
constexpr Duration exceeded = 1_ms;

HaPeer* find_peer(Site& site, ConnectionId connection, std::uint16_t generation) {
  for (HaPeer& peer : site.memory.ha.peers) {
    if (peer.connection == connection && peer.generation == generation) return &peer;
  }
  return nullptr;
}

/// DefaultMessageStore.getCommitLogData: what a transient pool holds is not there yet.
bool has_data(const Site& site, const HaPeer& peer) {
  return peer.next >= 0 && peer.next < site.broker.cache.committed.bytes;
}

void arm_transfers(Site& site) {
  HaMaster& master = site.memory.ha;
  SimTime due = SimTime::max();
  for (const HaPeer& peer : master.peers) due = std::min(due, peer.due);
  if (due == SimTime::max()) return disarm(site, master.transfers);
  arm(site, master.transfers, due, BrokerOn::ha_transfer);
}

/// When the watch has something to do for this peer at the earliest, if nothing is read or written meanwhile.
SimTime watched(const Site& site, const HaPeer& peer) {
  const SimTime closes = peer.last_read + site.settings().haHousekeepingInterval + exceeded;
  if (peer.next < 0) return closes;
  return std::min(closes, peer.last_write + site.settings().haSendHeartbeatInterval + exceeded);
}

/// Reads and writes put it off; it looks again when it is due, instead of being armed at each of them.
void arm_watch(Site& site) {
  HaMaster& master = site.memory.ha;
  SimTime due = SimTime::max();
  for (const HaPeer& peer : master.peers) due = std::min(due, watched(site, peer));
  if (due == SimTime::max()) return disarm(site, master.watch);
  if (!master.watch.armed || due < master.watch.due) arm(site, master.watch, due, BrokerOn::ha_watch);
}

std::uint64_t transfer_subject(const Site& site, const HaPeer& peer) {
  const std::uint64_t key = site.world.network.connections[peer.connection.value].key;
  return sim::subject(key, static_cast<std::uint64_t>(PayloadKind::ha_piece));
}

/// Each transfer of a connection begins further on, but for headers, which are told apart by their time.
void write(Site& site, HaPeer& peer, Payload payload, std::uint64_t attempt) {
  peer.last_write = site.now();
  if (!network::send(site.world, peer.connection, false, payload, transfer_subject(site, peer), attempt,
                     site.context))
    release_payload(site.world, payload);
}

void note_records(const Site& site, LogPiece& piece) {
  const auto& log = site.broker.cache.log;
  const std::int64_t last = records_until(log, piece.to);
  piece.first = records_until(log, piece.from);
  for (std::int64_t i = piece.first; i < last; ++i) {
    const LogRecord& record = log[static_cast<std::size_t>(i)];
    piece.records.push_back(record);
    for (std::int64_t op = 0; op < record.op_count; ++op)
      piece.ops.push_back(site.broker.cache.op_offsets[static_cast<std::size_t>(record.first_op + op)]);
  }
}

/// The record with this number has bytes before `position`, and ends behind it.
bool lies_across(const Site& site, std::int64_t number, std::int64_t position) {
  const auto& log = site.broker.cache.log;
  if (number >= static_cast<std::int64_t>(log.size())) return false;
  const LogRecord& record = log[static_cast<std::size_t>(number)];
  return record.end - record_size(site.all(), site.config, record) < position;
}

void note_ends(const Site& site, LogPiece& piece) {
  const std::int64_t behind = piece.first + static_cast<std::int64_t>(piece.records.size());
  piece.begins_inside = lies_across(site, piece.first, piece.from);
  piece.ends_inside = lies_across(site, behind, piece.to);
  if (piece.ends_inside) piece.cut = site.broker.cache.log[static_cast<std::size_t>(behind)];
}

std::int64_t end_of_piece(const Site& site, std::int64_t from) {
  const std::int64_t batch = from + site.settings().haTransferBatchSize;
  return std::min({batch, file_end(site, from), site.broker.cache.committed.bytes});
}

/// AutoSwitchHAConnection.transferToSlave: no piece crosses the end of an epoch, and the one that reaches it
/// already carries the next epoch.
void note_epoch(const Site& site, HaPeer& peer, LogPiece& piece) {
  const Epochs& epochs = site.broker.disk.epochs;
  const auto at = std::find_if(epochs.begin(), epochs.end(),
                               [&](const EpochEntry& entry) { return entry.epoch == peer.epoch; });
  if (at == epochs.end()) return;
  const auto next = at + 1;
  const bool crosses = next != epochs.end() && piece.to > next->start;
  if (crosses) piece.to = std::max(piece.from, next->start);
  const EpochEntry& entry = crosses ? *next : *at;
  peer.epoch = piece.epoch = entry.epoch;
  piece.epoch_start = entry.start;
}

/// CommitLog.getConfirmOffset of a master, as its header tells it.
std::int64_t told_confirm_offset(const Site& site) {
  const bool waits = site.settings().allAckInSyncStateSet && size_of(site.memory.replicas.view.in_sync) != 1;
  return waits || site.is_slave() ? site.memory.replicas.confirmed : site.memory.appended.bytes;
}

void note_header(const Site& site, HaPeer& peer, LogPiece& piece) {
  if (!site.config.is_controlled()) return;
  note_epoch(site, peer, piece);
  piece.confirmed = told_confirm_offset(site);
}

void send_piece(Site& site, HaPeer& peer) {
  Payload transfer;
  transfer.kind = PayloadKind::ha_piece;
  transfer.offset = peer.next;
  transfer.size = site.world.log_pieces.take();
  LogPiece& piece = site.world.log_pieces[transfer.size];
  piece.from = peer.next;
  piece.to = end_of_piece(site, piece.from);
  note_header(site, peer, piece);
  peer.next = piece.to;
  peer.last_master_end = site.memory.appended.bytes;
  note_records(site, piece);
  note_ends(site, piece);
  write(site, peer, transfer, static_cast<std::uint64_t>(piece.from));
}

/// One piece is one effect: a crash may fall between two.
void transfer(Site& site, HaPeer& peer) {
  if (has_data(site, peer)) send_piece(site, peer);
  peer.due = has_data(site, peer) ? site.now() : SimTime::max();
  peer.waits_since = site.now();
}

/// In controller mode the header of an empty piece.
Payload header_of(Site& site, HaPeer& peer) {
  Payload transfer;
  transfer.kind = PayloadKind::ha_piece;
  transfer.offset = peer.next;
  transfer.size = site.world.log_pieces.take();
  LogPiece& piece = site.world.log_pieces[transfer.size];
  piece.from = piece.to = peer.next;
  note_header(site, peer, piece);
  return transfer;
}

void send_header(Site& site, HaPeer& peer) {
  if (site.config.is_controlled())
    return write(site, peer, header_of(site, peer), std::uint64_t{1} << 62 | site.memory.ha.watch.ticket);
  Payload header;
  header.kind = PayloadKind::ha_header;
  header.offset = peer.next;
  write(site, peer, header, std::uint64_t{1} << 62 | site.memory.ha.watch.ticket);
}

/// An empty slave gets the last file only.
std::int64_t first_transfer(const Site& site, std::int64_t requested) {
  if (requested != 0) return requested;
  // syncFromLastFile is off.
  if (site.config.is_controlled()) return site.broker.cache.first.bytes;
  const std::int64_t end = site.broker.cache.committed.bytes;
  return end - end % site.settings().mappedFileSizeCommitLog;
}

/// 4.9: a slave that goes on to report more than its master has is sent away. (Its first report is taken.)
bool is_ahead_in_vain(const Site& site, std::int64_t reported) {
  return site.is_4_9() && reported > site.broker.cache.committed.bytes;
}

void close_peer(Site& site, ConnectionId connection) {
  network::close(site.world, connection, false, site.context);
  ha_peer_gone(site, connection);
}

/// DefaultHAService.notifyTransferSome: 5.3 asks all connections, 4.9 the furthest report alone.
void take_report(Site& site, std::int64_t reported) {
  HaMaster& master = site.memory.ha;
  const bool further = reported > master.pushed;
  master.pushed = std::max(master.pushed, reported);
  if (further || !site.is_4_9()) release_replicated(site);
}

}  // namespace

void on_ha_connect(Site& site, ConnectionId connection, std::uint16_t generation) {
  if (const HaPeer* known = find_peer(site, connection, generation)) return send_handshake(site, *known);
  HaPeer peer;
  const ProcessId slave = site.world.network.connections[connection.value].client;
  if (site.config.is_controlled()) peer.slave = site.world.processes[slave.value].index;
  peer.connection = connection;
  peer.generation = generation;
  peer.accepted = peer.last_read = peer.last_write = site.now();
  site.memory.ha.peers.push_back(peer);
  if (site.config.is_controlled()) send_handshake(site, peer);
  arm_watch(site);
}

void on_ha_report(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& report) {
  HaPeer* peer = find_peer(site, connection, generation);
  if (peer == nullptr) return;
  const bool first = peer->next < 0;
  if (!first && is_ahead_in_vain(site, report.offset)) return close_peer(site, connection);
  peer->last_read = site.now();
  peer->acked = report.offset;
  if (first) {
    peer->next = first_transfer(site, report.offset);
    peer->epoch = epoch_at(site.broker.disk.epochs, peer->next);
    peer->due = next_on_grid(peer->accepted, no_report_sleep, site.now());
    arm_transfers(site);
    arm_watch(site);
  }
  if (site.config.is_controlled()) slave_reported(site, *peer);
  take_report(site, report.offset);
}

void drop_peers(Site& site) {
  for (const HaPeer& peer : site.memory.ha.peers)
    network::close(site.world, peer.connection, false, site.context);
  site.memory.ha.peers.clear();
  arm_transfers(site);
  arm_watch(site);
}

void ha_peer_gone(Site& site, ConnectionId connection) {
  std::vector<HaPeer>& peers = site.memory.ha.peers;
  if (site.config.is_controlled()) {
    const std::vector<HaPeer> before = peers;
    for (const HaPeer& peer : before) {
      if (peer.connection == connection) slave_parted(site, peer);
    }
  }
  const auto gone = std::erase_if(peers, [&](const HaPeer& peer) { return peer.connection == connection; });
  if (gone == 0) return;
  arm_transfers(site);
  arm_watch(site);
}

void ha_transfer(Site& site, const BrokerEvent& event) {
  HaMaster& master = site.memory.ha;
  if (!fired(master.transfers, event)) return;
  const auto due = std::find_if(master.peers.begin(), master.peers.end(),
                                [&](const HaPeer& peer) { return peer.due <= site.now(); });
  if (due != master.peers.end()) transfer(site, *due);
  arm_transfers(site);
}

void ha_appended(Site& site) {
  bool any = false;
  for (HaPeer& peer : site.memory.ha.peers) {
    if (peer.due != SimTime::max() || !has_data(site, peer)) continue;
    peer.due = next_on_grid(peer.waits_since, no_data_wait, site.now());
    any = true;
  }
  if (any) arm_transfers(site);
}

void ha_wake(Site& site) {
  bool any = false;
  for (HaPeer& peer : site.memory.ha.peers) {
    if (!has_data(site, peer)) continue;
    peer.due = site.now();
    any = true;
  }
  if (any) arm_transfers(site);
}

void ha_watch(Site& site, const BrokerEvent& event) {
  HaMaster& master = site.memory.ha;
  if (!fired(master.watch, event)) return;
  std::vector<ConnectionId> silent;
  for (HaPeer& peer : master.peers) {
    const bool closes = site.now() - peer.last_read >= site.settings().haHousekeepingInterval + exceeded;
    if (closes) silent.push_back(peer.connection);
    if (!closes && watched(site, peer) <= site.now()) send_header(site, peer);
  }
  for (const ConnectionId connection : silent) close_peer(site, connection);
  arm_watch(site);
}

void ha_established(Site& site, ConnectionId connection, std::uint16_t generation, Duration waits,
                    Duration silent) {
  on_ha_connect(site, connection, generation);
  HaPeer& peer = site.memory.ha.peers.back();
  peer.acked = peer.next = site.broker.cache.committed.bytes;
  peer.epoch = epoch_at(site.broker.disk.epochs, peer.next);
  peer.waits_since = site.now() - waits;
  peer.last_read = peer.last_write = site.now() - silent;
  arm_watch(site);
}

}  // namespace brokersim::model::rocketmq
