// Before a slave in controller mode gets anything, its master tells it the epochs of its log, and the slave
// cuts its own off behind the last point at which both agree (AutoSwitchHAClient.doTruncate).
//
// It then has nothing new to report (reportSlaveMaxOffset reports growth only), so the master hears where to
// begin when the slave has been silent for haSendHeartbeatInterval: a replica that comes back gets its first
// byte 5 s after it has connected.
//
// It reports the point at which both agree, not the end of its log. That is another one if a power loss has
// left the log shorter than its last epoch's beginning: then there is "no need to truncate" (truncateFiles),
// the master sends from a place that the slave does not have, and the slave closes the connection, again and
// again.
#include <optional>

#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration refused_pause = 7_s;  ///< waitForRunning(2000), then closeMasterAndWait

bool awaits(const Site& site, ConnectionId connection) {
  const HaClient& client = site.memory.ha_client;
  return client.state == HaState::handshake && client.connection == connection;
}

/// The end of the master's log, then its epochs.
Epochs epochs_in(const std::vector<std::int64_t>& values) {
  Epochs epochs;
  for (std::size_t i = 1; i + 1 < values.size(); i += 2)
    epochs.push_back({static_cast<std::int32_t>(values[i]), values[i + 1]});
  return epochs;
}

/// The point up to which both agree, which is reported next. None: nothing agrees, or no record begins there;
/// the real one logs "need manual fix" and tries again for ever.
std::optional<std::int64_t> agree(Site& site, const Epochs& masters, std::int64_t masters_end) {
  Epochs& own = site.broker.disk.epochs;
  if (own.empty()) return site.memory.appended.bytes;
  const auto point = consistent_point(own, site.memory.appended.bytes, masters, masters_end);
  if (!point || !truncate_diverged(site, *point)) return std::nullopt;
  cut_epochs_from(own, *point);
  return point;
}

}  // namespace

void send_handshake(Site& site, const HaPeer& peer) {
  Payload handshake;
  handshake.kind = PayloadKind::ha_handshake;
  handshake.size = site.world.sync_tables.take();
  std::vector<std::int64_t>& values = site.world.sync_tables[handshake.size].values;
  values = {site.memory.appended.bytes};
  for (const EpochEntry& entry : site.broker.disk.epochs)
    values.insert(values.end(), {std::int64_t{entry.epoch}, entry.start});
  const std::uint64_t key = site.world.network.connections[peer.connection.value].key;
  const auto subject = sim::subject(key, static_cast<std::uint64_t>(handshake.kind));
  const auto attempt = static_cast<std::uint64_t>((site.now() - peer.accepted).ns);
  if (!network::send(site.world, peer.connection, false, handshake, subject, attempt, site.context))
    release_payload(site.world, handshake);
}

void on_ha_handshake(Site& site, ConnectionId connection, const Payload& handshake) {
  const std::vector<std::int64_t> values = site.world.sync_tables[handshake.size].values;
  site.world.sync_tables.release(handshake.size);
  if (!awaits(site, connection)) return;
  HaClient& client = site.memory.ha_client;
  client.last_read = site.now();
  const auto point = agree(site, epochs_in(values), values.front());
  if (!point) return part_from_master(site, refused_pause);
  client.state = HaState::transfer;
  client.reported = *point;
  arm_transfer(site);
}

void cut_partial_record(Site& site) {
  const Broker::PageCache& cache = site.broker.cache;
  if (!cache.ends_inside || cache.garbled) return;
  const std::int64_t file_size = site.settings().mappedFileSizeCommitLog;
  const LogPosition whole = end_of_whole_records(site.broker, file_size, site.memory.appended);
  truncate_diverged(site, whole.bytes);
  cut_epochs_from(site.broker.disk.epochs, whole.bytes + 1);
}

}  // namespace brokersim::model::rocketmq
