// A name server (RouteInfoManager): which brokers are alive, and which topics each replica set has. All of it
// is process memory, and name servers know nothing of each other: one that has been restarted knows nobody
// until the brokers register again.
//
// - REGISTER_BROKER: the broker is listed with its topics, and with the channel that it came on.
// - Its channel closes: forgotten at once (onChannelDestroy): a kill, a graceful stop, a reset.
// - 120 s without a word: the channel is idle and closed (NettyRemotingServer, IdleStateHandler: 120 s since
// the
//   last registration was answered), and with it the broker is forgotten. scanNotActiveBroker, each 5 s (4.9:
//   10 s), would find it later.
// - Brokers with enableSlaveActingMaster send a heartbeat each second, and are forgotten by the scan that
// finds
//   none for brokerNotActiveTimeoutMillis (10 s). With the heartbeat goes their question who of their set is
//   registered (GET_BROKER_MEMBER_GROUP).
// - GET_ROUTEINFO_BY_TOPIC: the sets that have the topic, and the addresses of their brokers.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/rocketmq/route_data.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// A broker in brokerAddrTable and brokerLiveTable.
struct RegisteredBroker {
  bool registered = false;
  ConnectionId connection;
  std::uint16_t generation = 0;  ///< of the connection's slot
  SimTime last{};                ///< its last registration, monotonic
  bool is_master = false;        ///< it has registered with brokerId 0
  std::int32_t epoch = 0;        ///< DataVersion.stateVersion: in controller mode its masterEpoch
};

/// All that are not registered are alike.
constexpr auto fields(const RegisteredBroker& broker) {
  const auto& [registered, connection, generation, last, is_master, epoch] =
      broker.registered ? broker : RegisteredBroker{};
  return std::tuple(registered, connection, registered ? last : SimTime::max(), is_master, epoch);
}

struct NameServer {
  ProcessId process;
  struct Memory {
    std::vector<RegisteredBroker> brokers;          ///< per broker
    std::vector<std::vector<std::uint8_t>> topics;  ///< topicQueueTable: per set and topic, how many queues
    ServiceTimer idle_timer;                        ///< for the first channel that may become idle
    SimTime scan_grid{};                            ///< scanNotActiveBroker, if any broker has a stand-in
  } memory;
};

constexpr auto fields(const NameServer::Memory& memory) {
  const auto& [brokers, topics, idle_timer, scan_grid] = memory;
  return std::tie(brokers, topics, idle_timer, scan_grid);
}

constexpr auto fields(const NameServer& server) {
  const auto& [process, memory] = server;
  return std::tie(process, memory);
}

/// Once, before the run. The brokers that it knows follow.
void name_server_start_world(World& world, std::size_t server, Context& context);
void name_server_serve(World& world, std::size_t server, Context& context);
void name_server_killed(World& world, std::size_t server, Context& context);
void name_server_receive(World& world, std::size_t server, ConnectionId connection, const Payload& payload,
                         Context& context);
void name_server_connection_lost(World& world, std::size_t server, ConnectionId connection, Context& context);
void name_server_step(World& world, std::size_t server, const NameEvent& event, Context& context);
/// A broker that has registered before the run, last at `last`.
void name_server_knows(World& world, std::size_t server, std::size_t broker, ConnectionId connection,
                       SimTime last, Context& context);

}  // namespace brokersim::model::rocketmq
