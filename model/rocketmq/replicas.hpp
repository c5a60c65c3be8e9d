// What a broker in controller mode knows of its replica set, as state (ReplicasManager, and the sets of
// AutoSwitchHAService). A set of brokers is a mask of their numbers in the file.
//
//   fenced --- the controller has answered ---> slave <---- elected, or another one is ----> master
//
// All of it dies with the process; the epochs of its log (epochs.hpp) and its brokerId do not.
#pragma once

#include <bit>
#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// Brokers by their numbers.
using BrokerMask = std::uint64_t;
inline constexpr std::size_t controlled_brokers_max = 63;

constexpr BrokerMask mask_of(std::size_t broker) { return BrokerMask{1} << broker; }
constexpr bool has(BrokerMask mask, std::size_t broker) { return (mask & mask_of(broker)) != 0; }
constexpr std::int32_t size_of(BrokerMask mask) { return std::popcount(mask); }

enum class ReplicaRole : std::uint8_t { none, slave, master };

/// A replica set as the controller tells it.
struct SetView {
  std::int32_t master = -1;  ///< -1: none
  std::int32_t epoch = 0;    ///< masterEpoch
  BrokerMask in_sync = 0;
  std::int32_t sync_epoch = 0;  ///< syncStateSetEpoch
};

constexpr auto fields(const SetView& view) {
  const auto& [master, epoch, in_sync, sync_epoch] = view;
  return std::tie(master, epoch, in_sync, sync_epoch);
}

/// BrokerOuterAPI's channel to the controller.
struct ControllerLink {
  bool connecting = false, open = false;
  ConnectionId connection;
  std::uint32_t waits = 0;  ///< calls that are not answered yet
  ServiceTimer connect_timer, call_timer;
};

constexpr auto fields(const ControllerLink& link) {
  const auto& [connecting, open, connection, waits, connect_timer, call_timer] = link;
  return std::tuple_cat(std::tuple(connecting, open, connecting || open ? connection : ConnectionId{}, waits),
                        std::tie(connect_timer, call_timer));
}

/// How far ReplicasManager.startBasicService has come.
enum class StartStep : std::uint8_t { off, registering, electing, running };

struct Replicas {
  StartStep step = StartStep::off;
  bool fenced = true;  ///< RunningFlags.isFenced, BrokerController.isIsolated: until it is `running`
  ReplicaRole role = ReplicaRole::none;
  SetView view;                      ///< as far as the broker has been told; of a slave without the set
  BrokerMask wanted = 0;             ///< remoteSyncStateSet ...
  bool synchronizing = false;        ///< ... which counts as long as the controller has not confirmed it
  bool altering = false;             ///< alterSyncStateSet waits for its answer
  BrokerMask asked = 0;              ///< ... for this set
  std::vector<BrokerMask> to_ask;    ///< changes that the one thread of AutoSwitchHAService has yet to send
  bool electing = false;             ///< brokerElect waits for its answer
  std::int64_t confirmed = -1;       ///< confirmOffset, bytes
  std::int32_t received_epoch = -1;  ///< AutoSwitchHAClient.currentReceivedEpoch
  std::vector<SimTime> caught_up;    ///< connectionCaughtUpTimeTable, per broker; max: not in it
  SimTime heartbeat_grid{}, metadata_grid{}, check_grid{};
  ServiceTimer start_timer, heartbeat_timer, metadata_timer, check_timer;
  ControllerLink link;
  std::uint32_t next_opaque = 1;
};

/// The periods are settings, so the beginnings of the grids count as exact instants, each while its service
/// runs. When a slave had caught up is compared with a setting too. Opaques key draws.
constexpr auto fields(const Replicas& replicas) {
  const auto& [step, fenced, role, view, wanted, synchronizing, altering, asked, to_ask, electing, confirmed,
               received_epoch, caught_up, heartbeat_grid, metadata_grid, check_grid, start_timer,
               heartbeat_timer, metadata_timer, check_timer, link, next_opaque] = replicas;
  const auto grid = [](const ServiceTimer& timer, SimTime begin) {
    return timer.armed ? begin : SimTime::max();
  };
  return std::tuple_cat(std::tuple(step, fenced, role), std::tie(view),
                        std::tuple(synchronizing ? wanted : BrokerMask{0}, synchronizing, altering,
                                   altering ? asked : BrokerMask{0}, electing, confirmed, received_epoch),
                        std::tie(to_ask, caught_up),
                        std::tuple(grid(heartbeat_timer, heartbeat_grid), grid(metadata_timer, metadata_grid),
                                   grid(check_timer, check_grid)),
                        std::tie(start_timer, heartbeat_timer, metadata_timer, check_timer, link));
}

}  // namespace brokersim::model::rocketmq
