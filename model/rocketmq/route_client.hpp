// What a client process knows of routes (MQClientInstance.updateTopicRouteInfoFromNameServer): its table of
// topics, the one name server that it asks, and when.
//
//   first use   whoever needs the route of a topic that is not there asks for it, and waits
//   poll        10 ms after the start, then each pollNameServerInterval, topic after topic
//   the answer  a route: it replaces the old one. "No topic route info": the old one stays, if there is one.
//               None (no connection, no answer within 3 s): IllegalStateException, which ends the poll
//   the server  kept while its channel works (NettyRemotingClient.namesrvAddrChoosed); the next in the list
//   when it is
//               gone. A 4.9 client tries all of them within one look-up, one of 5.3 a single one
//
// One look-up at a time (lockNamesrv). Whoever asks for a topic that is being asked for already shares the
// answer; the real ones ask one after another.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/rocketmq/route_data.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// An entry of topicRouteTable.
struct KnownRoute {
  TopicId topic;
  bool is_default = false;  ///< the route of TBW102 in its stead
  TopicRoute route;
};

constexpr auto fields(const KnownRoute& known) {
  const auto& [topic, is_default, route] = known;
  return std::tie(topic, is_default, route);
}

struct LookUp {
  TopicId topic;
  bool is_default = false;  ///< asks for TBW102 in its stead
  bool polls = false;       ///< of the scheduled task, not of somebody who waits
};

constexpr auto fields(const LookUp& look_up) {
  const auto& [topic, is_default, polls] = look_up;
  return std::tie(topic, is_default, polls);
}

struct RouteClient {
  ProcessId process;
  struct Memory {
    bool started = false;
    std::vector<KnownRoute> routes;  ///< in the order in which they were learned
    std::vector<LookUp> look_ups;    ///< the first is under way
    bool asking = false;             ///< it waits for its answer
    std::uint32_t index = 0;         ///< namesrvIndex: which server comes next
    std::uint32_t tried = 0;         ///< servers of the present look-up (4.9)
    std::uint16_t server = 0;        ///< namesrvAddrChoosed
    bool connecting = false, open = false;
    ConnectionId connection;
    std::uint32_t opaque = 0;
    SimTime begun{};  ///< of the look-up
    SimTime grid{};   ///< the first poll
    ServiceTimer poll_timer, connect_timer, call_timer;
  } memory;
};

/// The interval of polls is a setting, so the beginning of their grid counts as an exact instant. An opaque
/// counts while it is waited for.
constexpr auto fields(const RouteClient::Memory& memory) {
  const auto& [started, routes, look_ups, asking, index, tried, server, connecting, open, connection, opaque,
               begun, grid, poll_timer, connect_timer, call_timer] = memory;
  const bool in_use = connecting || open;
  return std::tuple_cat(
      std::tie(started, routes, look_ups, asking, index, tried),
      std::tuple(in_use ? server : std::uint16_t{0}, connecting, open, in_use ? connection : ConnectionId{},
                 asking ? opaque : 0U, look_ups.empty() ? SimTime::max() : begun, grid),
      std::tie(poll_timer, connect_timer, call_timer));
}

constexpr auto fields(const RouteClient& client) {
  const auto& [process, memory] = client;
  return std::tie(process, memory);
}

/// What a look-up came to.
enum class LookedUp : std::uint8_t {
  found,     ///< the table has a route of the topic, the new one
  no_route,  ///< "No topic route info in name server"
  failed     ///< no answer
};

/// False: the file has no name servers, and routes are what they always were (standing_routes.hpp).
bool asks_name_servers(const World& world);
RouteClient& route_client_of(World& world, ProcessId process);
const RouteClient& route_client_of(const World& world, ProcessId process);
/// The route of a topic in the client's table; null: there is none.
const KnownRoute* find_route(const World& world, ProcessId process, TopicId topic);
/// Some route of the table has the broker's address (brokerAddrTable; cleanOfflineBroker).
bool knows_address(const World& world, ProcessId process, std::size_t broker);

/// The broker to which the client sends what is for a set's master: where that never changes the one that is
/// configured; else whom its routes call so, and -1 if nobody (findBrokerAddressInPublish).
std::int32_t master_known_to(const World& world, const Config& config, ProcessId process, std::size_t set);

void route_client_serve(World& world, ProcessId process, Context& context);
void route_client_stopped(World& world, ProcessId process, Context& context);
/// Asks for the route of a topic (`is_default`: of TBW102 in its stead); `route_over` of the client's role
/// says what it came to, at the earliest within this call.
void look_up(World& world, ProcessId process, TopicId topic, bool is_default, Context& context);
/// Nobody in the process waits for a route.
bool looks_nothing_up(const World& world, ProcessId process);
void route_client_receive(World& world, ProcessId process, ConnectionId connection, const Payload& payload,
                          Context& context);
void route_client_connection_opened(World& world, ProcessId process, ConnectionId connection,
                                    Context& context);
/// Refused, reset or closed (`orderly`).
void route_client_connection_lost(World& world, ProcessId process, ConnectionId connection, bool orderly,
                                  Context& context);
void route_client_step(World& world, ProcessId process, const NameEvent& event, Context& context);

}  // namespace brokersim::model::rocketmq
