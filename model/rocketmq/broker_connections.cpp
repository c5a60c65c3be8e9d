// The connections of a broker: those that clients and slaves open to it, and the two that a slave opens to
// its master (DefaultHAClient, and BrokerOuterAPI for SlaveSynchronize).
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

namespace {

bool replicates_on(const Site& site, ConnectionId connection) {
  const HaClient& client = site.memory.ha_client;
  const bool has_one = client.state >= HaState::connecting;
  return has_one && client.connection == connection;
}

bool synchronizes_on(const Site& site, ConnectionId connection) {
  const SlaveSync& sync = site.memory.slave_sync;
  return (sync.open || sync.step == SyncStep::connecting) && sync.connection == connection;
}

}  // namespace

void broker_connection_opened(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  Site site(world, broker, context);
  if (is_to_peer(site, connection)) return peer_opened(site, connection);
  if (replicates_on(site, connection)) return ha_opened(site);
  if (synchronizes_on(site, connection)) sync_opened(site);
}

void broker_connection_refused(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  Site site(world, broker, context);
  if (is_to_peer(site, connection)) return peer_lost(site, connection);
  if (replicates_on(site, connection)) return ha_refused(site);
  if (synchronizes_on(site, connection)) sync_lost(site);
}

void broker_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  Site site(world, broker, context);
  if (is_to_peer(site, connection)) return peer_lost(site, connection);
  if (replicates_on(site, connection)) return ha_lost(site);
  if (synchronizes_on(site, connection)) return sync_lost(site);
  forget_pulls(site, connection);
  client_gone(site, connection);
  ha_peer_gone(site, connection);
}

}  // namespace brokersim::model::rocketmq
