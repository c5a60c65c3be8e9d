// ReplicasManager.changeToMaster and changeToSlave, with what AutoSwitchHAService does in them.
//
// A slave that becomes the master keeps its whole log, acknowledged or not, and its epoch begins where that
// ends. One that becomes a slave forgets where its master is: the next answer of a name server to a
// registration says it (BrokerController.handleRegisterBrokerResult). It registers at once, like the new
// master; if its registration is the first to arrive, nobody is listed yet, and the slave learns the address
// with its next periodic one only.
#include "model/rocketmq/registration.hpp"
#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_check = 3_s;  ///< schedulingCheckSyncStateSet

/// A master that has not seen its epoch notes a new one where its log ends. (truncateSuffixByEpoch: one that
/// was restarted notes its epoch anew.)
void begin_epoch(Site& site, std::int32_t epoch) {
  Epochs& epochs = site.broker.disk.epochs;
  if (last_epoch(epochs) >= epoch) cut_epochs_since(epochs, epoch);
  append_epoch(epochs, {epoch, site.memory.appended.bytes});
}

void tell(const Site& site, RoleTaken role) {
  site.record(RecordKind::role_taken, site.subject(), static_cast<std::int64_t>(role),
              site.memory.replicas.view.epoch);
}

/// Who waits for replicas waits for its time-out: nobody acknowledges any more.
void leave_slavery(Site& site) {
  drop_peers(site);
  restart_ha_client(site, false);
  cut_partial_record(site);
}

void become_master(Site& site, const SetView& view) {
  Replicas& replicas = site.memory.replicas;
  const bool was_master = replicas.role == ReplicaRole::master;
  replicas.view.epoch = view.epoch;
  take_sync_set(site, view);
  if (!was_master) {
    stop_slave_sync(site);
    leave_slavery(site);
    replicas.role = ReplicaRole::master;
    replicas.view.master = static_cast<std::int32_t>(site.number);
    arm_check(site, site.now() + first_check);
  }
  begin_epoch(site, view.epoch);
  set_confirmed(site, computed_confirm_offset(site));
  tell(site, RoleTaken::master);
  if (!was_master && !replicas.fenced) start_special_services(site);
  check_sync_set(site);
  registrar_role_taken(site.world, site.number, site.context);
}

void tell_slave(Site& site) {
  tell(site, RoleTaken::slave);
  registrar_role_taken(site.world, site.number, site.context);
}

void become_slave(Site& site, const SetView& view) {
  Replicas& replicas = site.memory.replicas;
  const bool same_master = replicas.view.master == view.master;
  replicas.view.epoch = view.epoch;
  if (same_master) return tell_slave(site);
  disarm_check(site);
  replicas.role = ReplicaRole::slave;
  replicas.view.master = view.master;
  end_special_services(site);
}

}  // namespace

void replica_goes_on(Site& site) {
  drop_peers(site);
  restart_ha_client(site, true);
  restart_slave_sync(site);
  tell_slave(site);
}

/// One change at a time. (Here what comes meanwhile is heard of again with the next answer of the controller,
/// which is asked each syncBrokerMetadataPeriod; there it waits for its turn.)
void take_view(Site& site, const SetView& view) {
  if (is_changing_role(site)) return;
  if (view.master < 0 || view.epoch <= site.memory.replicas.view.epoch || site.memory.stopping) return;
  view.master == static_cast<std::int32_t>(site.number) ? become_master(site, view)
                                                        : become_slave(site, view);
}

}  // namespace brokersim::model::rocketmq
