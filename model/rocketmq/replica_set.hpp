// Controller mode, as the files of one broker see it.
//
//   replicas_manager.cpp   ReplicasManager: its start, its requests to the controller, what it is told
//   role_change.cpp        changeToMaster, changeToSlave
//   sync_state_set.cpp     AutoSwitchHAService: who is in sync, and the confirm offset
//   ha_handshake.cpp       AutoSwitchHAClient: the comparison of epochs, and the truncation
#pragma once

#include "model/rocketmq/controller.hpp"
#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

// --------------------------------------------------------------------------------- replicas_manager.cpp

/// With the process: fenced, until the controller has answered.
void start_replicas(Site& site);
/// The broker has been up for long: it is what the controller says.
void join_replicas(Site& site);
/// A kill, or the beginning of a graceful stop.
void stop_replicas(Site& site);
/// It is what the controller says, and a slave has what its master has. (Not asked of a set whose controller,
/// or whose whole SyncStateSet, never comes back.)
bool replicas_idle(const World& world, const Config& config, std::size_t broker);
/// alterSyncStateSet, unless one is under way.
void ask_to_alter(Site& site, BrokerMask wanted);
/// notifySyncStateSetChanged: behind the one that is under way.
void queue_to_alter(Site& site, BrokerMask wanted);
void arm_check(Site& site, SimTime first);
void disarm_check(Site& site);

/// The timer, of Replicas that may be const, whose wake-up such an event is; null: it is none of a broker's.
template <class Owner>
auto timer_of(Owner& replicas, ControllerOn on) -> decltype(&replicas.start_timer) {
  switch (on) {
    case ControllerOn::start_try: return &replicas.start_timer;
    case ControllerOn::heartbeat_due: return &replicas.heartbeat_timer;
    case ControllerOn::metadata_due: return &replicas.metadata_timer;
    case ControllerOn::check_due: return &replicas.check_timer;
    case ControllerOn::connect_timeout: return &replicas.link.connect_timer;
    case ControllerOn::call_timeout: return &replicas.link.call_timer;
    case ControllerOn::scan_brokers:
    case ControllerOn::scan_masters: break;
  }
  return nullptr;
}

// --------------------------------------------------------------------------------- role_change.cpp

/// changeBrokerRole: nothing, unless the epoch is a newer one.
void take_view(Site& site, const SetView& view);
/// The special services have ended: the rest of changeToSlave.
void replica_goes_on(Site& site);

// --------------------------------------------------------------------------------- sync_state_set.cpp

/// changeSyncStateSet: nothing, unless the set's epoch is a newer one.
void take_sync_set(Site& site, const SetView& view);
/// The set that an acknowledgement of all has to come from: with what the controller has not confirmed yet.
BrokerMask acknowledging_set(const Site& site);
/// inSyncReplicasNums.
std::int32_t in_sync_count(const Site& site);
/// maybeExpandInSyncStateSet and updateConfirmOffsetWhenSlaveAck.
void slave_reported(Site& site, const HaPeer& peer);
/// removeConnection: the slave leaves the set.
void slave_parted(Site& site, const HaPeer& peer);
/// checkSyncStateSetAndDoReport.
void check_sync_set(Site& site);
std::int64_t computed_confirm_offset(const Site& site);
void set_confirmed(Site& site, std::int64_t bytes);

// --------------------------------------------------------------------------------- ha_handshake.cpp

/// The master's answer to a slave that has connected.
void send_handshake(Site& site, const HaPeer& peer);
void on_ha_handshake(Site& site, ConnectionId connection, const Payload& handshake);
/// truncateInvalidMsg: what came of a record that is not whole.
void cut_partial_record(Site& site);

// --------------------------------------------------------------------------------- in ha_client.cpp

/// destroyConnections, and AutoSwitchHAClient from anew (`master`: whose slave this is; -1: it is none).
void restart_ha_client(Site& site, bool is_slave);
void report_to_master(Site& site);
/// closeMasterAndWait.
void part_from_master(Site& site, Duration pause);
/// destroyConnections of the accepted ones.
void drop_peers(Site& site);

// --------------------------------------------------------------------------------- in recovery.cpp

/// DefaultMessageStore.truncateFiles of a broker that lives. False: no record begins there.
bool truncate_diverged(Site& site, std::int64_t bytes);

}  // namespace brokersim::model::rocketmq
