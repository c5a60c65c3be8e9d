// The controller (ControllerManager, DefaultBrokerHeartbeatManager, ReplicasInfoManager, DefaultElectPolicy):
// which broker of each replica set is its master, and which replicas are in sync with it. It stands for the
// whole quorum of controllers: that these agree, and which of them leads, takes no time here and never fails.
//
//   BROKER_HEARTBEAT          the broker is alive, with the epoch and the end of its log
//   its channel closes        forgotten at once; if it was a master, another one is elected
//   10 s without a heartbeat  likewise, found by a scan each 5 s
//   elected                   the living member of the SyncStateSet with the latest epoch, then the longest
//                             log, then the lowest brokerElectionPriority; the new set is the master alone.
//                             Nobody there: another replica with enableElectUncleanMaster, else no master
//   told                      by a push to each living replica, and to whoever polls
//
// The replica sets survive (the quorum's log); who is alive does not.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/rocketmq/replicas.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// A connection, and the generation of its slot.
struct BrokerChannel {
  ConnectionId connection;
  std::uint16_t generation = 0;
};

/// BrokerLiveInfo.
struct LiveBroker {
  bool known = false;  ///< in brokerLiveTable
  /// The channel of the first heartbeat. Later ones leave it alone, even on another channel.
  ConnectionId connection;
  std::uint16_t generation = 0;  ///< of the connection's slot
  /// The channel of the last heartbeat, by which the broker is told. (The real push has a channel of its own,
  /// to the broker's address.)
  BrokerChannel present;
  SimTime last{};  ///< its last heartbeat, monotonic
  std::int32_t epoch = -1;
  std::int64_t log_end = -1;  ///< bytes
};

/// All that are not known are alike.
constexpr auto fields(const LiveBroker& broker) {
  const auto& [known, connection, generation, present, last, epoch, log_end] =
      broker.known ? broker : LiveBroker{};
  return std::tuple(known, connection, present.connection, known ? last : SimTime::max(), epoch, log_end);
}

struct Controller {
  ProcessId process;
  struct Disk {
    std::vector<SetView> sets;  ///< SyncStateInfo, per broker: of the set with that number
  } disk;
  struct Memory {
    std::vector<LiveBroker> brokers;
    SimTime scan_grid{}, masters_grid{};
    ServiceTimer scan_timer, masters_timer;
  } memory;
};

constexpr auto fields(const Controller::Disk& disk) {
  const auto& [sets] = disk;
  return std::tie(sets);
}

constexpr auto fields(const Controller::Memory& memory) {
  const auto& [brokers, scan_grid, masters_grid, scan_timer, masters_timer] = memory;
  return std::tuple_cat(std::tie(brokers), std::tuple(scan_grid, masters_grid),
                        std::tie(scan_timer, masters_timer));
}

constexpr auto fields(const Controller& controller) {
  const auto& [process, disk, memory] = controller;
  return std::tie(process, disk, memory);
}

/// Once, before the run: each set has the master that it begins with, and all its replicas are in sync.
void controller_start_world(World& world, Context& context);
void controller_serve(World& world, Context& context);
void controller_killed(World& world, Context& context);
void controller_receive(World& world, ConnectionId connection, const Payload& payload, Context& context);
void controller_connection_lost(World& world, ConnectionId connection, Context& context);
void controller_step(World& world, const ControllerEvent& event, Context& context);
/// A broker that has been alive since long before the run, last at `last`.
void controller_knows(World& world, std::size_t broker, ConnectionId connection, SimTime last,
                      Context& context);

// The broker's side (replicas_manager.cpp) ----------------------------------------------------------
void replicas_receive(World& world, std::size_t broker, ConnectionId connection, const Payload& payload,
                      Context& context);
void replicas_connection_opened(World& world, std::size_t broker, ConnectionId connection, Context& context);
/// Refused, reset or closed.
void replicas_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context& context);
void replicas_step(World& world, std::size_t broker, const ControllerEvent& event, Context& context);

/// The fields by which a replica set travels: in an answer, in NOTIFY_BROKER_ROLE_CHANGED and in
/// CONTROLLER_ALTER_SYNC_STATE_SET.
inline void put_view(Payload& payload, const SetView& view) {
  payload.group = static_cast<std::uint16_t>(view.master + 1);
  payload.sequence = static_cast<std::uint32_t>(view.epoch);
  payload.offset = static_cast<std::int64_t>(view.in_sync);
  payload.record = static_cast<std::uint32_t>(view.sync_epoch);
}

inline SetView view_in(const Payload& payload) {
  return {std::int32_t{payload.group} - 1, static_cast<std::int32_t>(payload.sequence),
          static_cast<BrokerMask>(payload.offset), static_cast<std::int32_t>(payload.record)};
}

}  // namespace brokersim::model::rocketmq
