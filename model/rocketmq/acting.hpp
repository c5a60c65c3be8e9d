// Slave as acting master (RIP-32, 5.3), as state of one broker.
//
//   isolated --- BrokerPreOnlineService is through ---> online <--- lower brokerId gone, or back ---> acting
//
// It is all process memory. What is durable of it lies in the two JSON files: each carries its DataVersion
// behind its offsets, and by that version a master that comes back decides whose offsets count.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/payload.hpp"
#include "model/rocketmq/replicas.hpp"
#include "model/rocketmq/route_data.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// DataVersion without stateVersion, which is 0 outside controller mode.
struct DataVersion {
  std::int64_t counter = 0;
  std::int64_t timestamp = 0;  ///< wall clock, ms

  friend constexpr auto operator<=>(const DataVersion&, const DataVersion&) = default;
};

constexpr auto fields(const DataVersion& version) {
  const auto& [counter, timestamp] = version;
  return std::tie(counter, timestamp);
}

/// How far BrokerPreOnlineService has come.
enum class PreOnline : std::uint8_t {
  through,     ///< the broker is not isolated
  asking,      ///< waits for the members of its set
  connecting,  ///< a master: to the slave whose turn it is
  handshake,   ///< waits for the replication connection
  fetching     ///< a master: asks the slave for its offsets
};

/// Of an escape that does not know yet where to.
inline constexpr std::uint16_t no_broker = 0xffff;

/// A put of one delay level that has left for another set, or looks for one.
struct Escape {
  bool used = false;
  bool sent = false;
  std::uint16_t broker = no_broker;  ///< to whom
  std::uint32_t tries = 0;           ///< so many in this life of the level
  ServiceTimer timer;
  Payload request;  ///< the message, which retention may take from the log meanwhile, and the queue
};

constexpr auto fields(const Escape& escape) {
  const auto& [used, sent, broker, tries, timer, request] = escape;
  return std::tuple_cat(std::tuple(used, sent, used ? broker : no_broker, tries), std::tie(timer),
                        std::tuple(used ? request : Payload{}));
}

/// A channel of BrokerOuterAPI to another set's master.
struct EscapeLink {
  bool connecting = false, open = false;
  ConnectionId connection;
};

constexpr auto fields(const EscapeLink& link) {
  const auto& [connecting, open, connection] = link;
  return std::tuple(connecting, open, connecting || open ? connection : ConnectionId{});
}

/// TopicRouteInfoManager, of one topic.
struct EscapeRoute {
  TopicId topic;
  SimTime learned{};
  TopicRoute route;
};

constexpr auto fields(const EscapeRoute& known) {
  const auto& [topic, learned, route] = known;
  return std::tie(topic, learned, route);
}

struct EscapeBridge {
  std::vector<Escape> escapes;      ///< per delay level
  std::vector<EscapeLink> links;    ///< per broker
  std::vector<EscapeRoute> routes;  ///< in the order in which they were learned
  std::vector<TopicId> asked;       ///< GET_ROUTEINFO_BY_TOPIC waits for its answer
  std::uint32_t next_queue = 0;     ///< sendWhichQueue
};

constexpr auto fields(const EscapeBridge& bridge) {
  const auto& [escapes, links, routes, asked, next_queue] = bridge;
  return std::tie(escapes, links, routes, asked, next_queue);
}

struct ActingMaster {
  PreOnline step = PreOnline::through;
  bool acts = false;       ///< its special services run though it is a slave
  std::int32_t alive = 1;  ///< aliveReplicaNumInGroup: the registered brokers of the set, itself in any case
  std::int32_t min = -1;   ///< minBrokerIdInGroup, as the number of that broker; -1: not told yet
  // BrokerPreOnlineService of a master:
  BrokerMask members = 0;  ///< who was registered when it asked
  BrokerMask done = 0;     ///< whose offsets it has seen (waitBrokerIndex)
  std::int32_t turn = -1;  ///< whose are next
  SimTime gives_up{};      ///< CONNECTION_ESTABLISH_TIMEOUT
  SimTime next_look{};     ///< HAConnectionStateNotificationService, each 1 s
  ServiceTimer timer;
  DataVersion delays_version;  ///< of the levels; that of consumer offsets lies behind their table
  std::int64_t offset_changes = 0, delay_changes = 0;  ///< versionChangeCounter
  EscapeBridge bridge;
};

/// Of a broker without the setting all of it is as it began. Versions hold the times of steps as they are
/// (only their order counts), so worlds that differ in nothing else are explored apart.
constexpr auto fields(const ActingMaster& acting) {
  const auto& [step, acts, alive, min, members, done, turn, gives_up, next_look, timer, delays_version,
               offset_changes, delay_changes, bridge] = acting;
  const bool waits = step == PreOnline::handshake;
  return std::tuple_cat(std::tuple(step, acts, alive, min, members, done, turn,
                                   waits ? gives_up : SimTime::max(), waits ? next_look : SimTime::max()),
                        std::tie(timer, delays_version, offset_changes, delay_changes, bridge));
}

}  // namespace brokersim::model::rocketmq
