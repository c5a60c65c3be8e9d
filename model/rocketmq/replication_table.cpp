#include "model/rocketmq/replication_table.hpp"

namespace brokersim::model::rocketmq {

ReplicaMonitor::ReplicaMonitor(const Config& config) : config_(config), states_(config.brokers.size()) {}

void ReplicaMonitor::reset() { states_.assign(states_.size(), Replica::apart); }

/// Processes are numbered brokers first.
bool ReplicaMonitor::is_slave(std::uint32_t process) const {
  if (process >= config_.brokers.size()) return false;
  return config_.brokers[process].is_slave() || config_.brokers[process].is_controlled();
}

void ReplicaMonitor::on(SimTime, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  const std::uint32_t at = record.subject;
  if (kind == RecordKind::replica_connected)
    move(at, ReplicaOn::connected, ReplicaGuard::any, is_garbled(at) ? Replica::garbled : Replica::copying);
  if (kind == RecordKind::replica_parted)
    move(at, ReplicaOn::parted, static_cast<ReplicaGuard>(record.a),
         is_garbled(at) ? Replica::garbled_apart : Replica::apart);
  if (kind == RecordKind::replica_garbled) move(at, ReplicaOn::garbled, ReplicaGuard::any, Replica::garbled);
  if (kind == RecordKind::replicated)
    move(static_cast<std::uint32_t>(record.a >> 16), ReplicaOn::copied, ReplicaGuard::any, Replica::copying);
  if (kind == RecordKind::process_died && is_slave(at))
    move(at, ReplicaOn::died, ReplicaGuard::any, Replica::apart);
}

void ReplicaMonitor::move(std::uint32_t broker, ReplicaOn on, ReplicaGuard guard, Replica next) {
  Replica& state = states_.at(broker);
  const auto profile = static_cast<std::uint32_t>(config_.brokers[broker].profile);
  coverage_.hit(sim::Monitor<replica_table>(profile).expect(state, on, guard, next), profile);
  state = next;
}

}  // namespace brokersim::model::rocketmq
