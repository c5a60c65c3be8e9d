// How a broker tells the name servers of itself (BrokerController.registerBrokerAll, BrokerOuterAPI): one
// channel to each of them, and over each
//
// - First: 4.9 as it starts, 5.3 after 10 s. (The first call of 5.3 asks for the *available* name servers
// before
//   scanAvailableNameSrv has found one, and reaches nobody. Measured: a new slave's replication begins 14.6
//   to 14.9 s after its start, with 4.9.7 after 4.8 to 5.0 s.)
// - Then: each registerNameServerPeriod (10 s to 60 s, whatever is set), with all topics.
// - A topic is created: at once; 5.3 that topic alone, which a name server refuses of a broker that it does
// not
//   know; 4.9 all topics, one-way.
// - Controller mode: at once with each new role or epoch, as brokerId 0 or not
//   (ReplicasManager.registerBrokerWhenRoleChange); not before the controller has told the broker what it is.
// - enableSlaveActingMaster: not before BrokerPreOnlineService is through, then at once. A heartbeat each
// second,
//   and with it the question who of the set is registered.
// - Graceful stop: the channels close, which is as good as UNREGISTER_BROKER, sent just before.
//
// Registrations are what keeps a broker listed, so each is an event, also where it changes nothing. A silent
// name server holds up its own registrations alone here; in reality those to all of them, for 24 s (4.9: 6
// s).
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// The channel to one name server, and the call on it.
struct NameLink {
  bool connecting = false, open = false;
  ConnectionId connection;
  bool all_due = false;             ///< a registration with all topics waits for the channel
  bool oneway = false;              ///< ... and nobody for its answer
  std::vector<TopicId> topics_due;  ///< registrations of single topics that wait for it (5.3)
  std::uint32_t waits = 0;          ///< calls that are not answered yet
  ServiceTimer connect_timer, call_timer;
};

constexpr auto fields(const NameLink& link) {
  const auto& [connecting, open, connection, all_due, oneway, topics_due, waits, connect_timer, call_timer] =
      link;
  return std::tuple_cat(std::tuple(connecting, open, connecting || open ? connection : ConnectionId{}),
                        std::tie(all_due, oneway, topics_due, waits, connect_timer, call_timer));
}

struct Registrar {
  ProcessId process;
  struct Memory {
    bool serving = false;  ///< false: not up, or shutting down (BrokerController.shutdown)
    SimTime grid{};        ///< when the periodic registration first comes
    ServiceTimer timer;
    std::vector<NameLink> links;  ///< per name server
    std::uint32_t next_opaque = 1;
    SimTime alive_grid{};  ///< of the heartbeats of a set with a stand-in
    ServiceTimer alive_timer;
  } memory;
};

/// The period is a setting, so the beginning of its grid counts as an exact instant. Opaques key draws.
constexpr auto fields(const Registrar::Memory& memory) {
  const auto& [serving, grid, timer, links, next_opaque, alive_grid, alive_timer] = memory;
  return std::tuple_cat(std::tuple(serving, grid), std::tie(timer, links),
                        std::tuple(alive_timer.armed ? alive_grid : SimTime::max()), std::tie(alive_timer));
}

constexpr auto fields(const Registrar& registrar) {
  const auto& [process, memory] = registrar;
  return std::tie(process, memory);
}

/// Queues per topic as the broker registers them; TBW102, which is there if autoCreateTopicEnable is on, is
/// the last.
std::vector<std::uint8_t> topics_of(const World& world, const Config& config, std::size_t broker);

// All of them do nothing in a world without name servers.
void registrar_start_world(World& world, std::size_t broker, Context& context);
void registrar_serve(World& world, std::size_t broker, Context& context);
/// A kill, or the beginning of a graceful stop.
void registrar_stops(World& world, std::size_t broker, Context& context);
/// A broker in controller mode has another role, or another epoch (registerBrokerWhenRoleChange); a member of
/// a DLedger group is master or slave from now on; one is isolated no longer (startService).
void registrar_role_taken(World& world, std::size_t broker, Context& context);
/// GET_ROUTEINFO_BY_TOPIC on the channel that asks for the members of its set; false: there is none.
bool registrar_asks_route(World& world, std::size_t broker, TopicId topic, Context& context);
void registrar_topic_created(World& world, std::size_t broker, TopicId topic, Context& context);
void registrar_receive(World& world, std::size_t broker, ConnectionId connection, const Payload& payload,
                       Context& context);
void registrar_connection_opened(World& world, std::size_t broker, ConnectionId connection, Context& context);
/// Refused, reset or closed.
void registrar_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context& context);
void registrar_step(World& world, std::size_t broker, const NameEvent& event, Context& context);

}  // namespace brokersim::model::rocketmq
