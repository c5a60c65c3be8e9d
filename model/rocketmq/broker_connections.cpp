// The connections of a broker: those that clients and slaves open to it, and the two that a slave opens to
// its master (DefaultHAClient, and BrokerOuterAPI for SlaveSynchronize; a master that comes back has that
// too, to its slaves), and those of an acting master to other sets.
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/stand_in.hpp"

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
  if (synchronizes_on(site, connection)) return sync_opened(site);
  if (escapes_on(site, connection)) escape_opened(site, connection);
}

void broker_connection_refused(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  Site site(world, broker, context);
  if (is_to_peer(site, connection)) return peer_lost(site, connection);
  if (replicates_on(site, connection)) return ha_refused(site);
  if (synchronizes_on(site, connection)) return sync_lost(site);
  if (escapes_on(site, connection)) escape_lost(site, connection);
}

void broker_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context& context) {
  Site site(world, broker, context);
  if (is_to_peer(site, connection)) return peer_lost(site, connection);
  if (replicates_on(site, connection)) return ha_lost(site);
  if (synchronizes_on(site, connection)) return sync_lost(site);
  if (escapes_on(site, connection)) return escape_lost(site, connection);
  forget_pulls(site, connection);
  client_gone(site, connection);
  ha_peer_gone(site, connection);
}

}  // namespace brokersim::model::rocketmq
