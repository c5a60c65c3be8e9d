// Slave as acting master, as the files of one broker see it.
//
//   acting_master.cpp   BrokerController: who has the lowest brokerId, and the services that move with that;
//                       DataVersion of the offset files
//   pre_online.cpp      BrokerPreOnlineService
//   escape_bridge.cpp   EscapeBridge, TopicRouteInfoManager
//   escape_half.cpp     what a check pass puts there
#pragma once

#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

inline ActingMaster& acting_of(const Site& site) { return site.memory.acting; }
/// The broker's own number, as ActingMaster has numbers.
inline std::int32_t self(const Site& site) { return static_cast<std::int32_t>(site.number); }

// --------------------------------------------------------------------------------- acting_master.cpp

/// `since`: the broker has just started; `never`: it has been up for long.
void begin_stand_in(Site& site, SimTime since);
/// A name server has said who of its set is registered.
void group_told(Site& site, BrokerMask members);
/// The broker of these with the lowest brokerId; -1: there is none.
std::int32_t first_of(const Site& site, BrokerMask members);
/// Its last check pass is over, and with it the change to a slave that does not act.
void acting_over(Site& site);
/// isIsolated = false: startService with this minBrokerId.
void go_online(Site& site, std::int32_t min);
void tell_stand_in(const Site& site, StandIn what);
/// All masters are up that will ever be, and nobody acts for one of them.
bool stand_in_idle(const World& world, const Config& config, std::size_t broker);

/// The last two entries of a table that carries its DataVersion; none if it is too short.
DataVersion version_of(const OffsetTable& table);
/// So many calls of ScheduleMessageService.updateOffset, the last of them just now; `between` lies between
/// two.
void count_delay_changes(Site& site, std::int64_t calls, Duration between);

// --------------------------------------------------------------------------------- pre_online.cpp

/// prepareForBrokerOnline, when it has got the members of the set.
void begin_pre_online(Site& site, BrokerMask members);
void pre_online_tick(Site& site, const BrokerEvent& event);
/// A master's channel to the slave whose turn it is, or a slave's to its master.
void pre_online_connected(Site& site);
void pre_online_failed(Site& site);
/// syncMetadataReverse: an answer of that slave.
void take_back(Site& site, SyncStep step, const OffsetTable& values);
/// EXCHANGE_BROKER_HA_INFO: a master tells its address, or a slave asks for it; or the answer to that.
void on_ha_info(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& info);

// --------------------------------------------------------------------------------- slave_sync.cpp

/// BrokerPreOnlineService: connects to this broker of its set.
void fetch_connect(Site& site, std::size_t other);
void fetch_begin(Site& site);
void fetch_end(Site& site);
/// sendBrokerHaInfo of a master, retrieveBrokerHaInfo of a slave, which waits for the answer.
void ask_ha_info(Site& site);
/// That answer has come.
void ha_info_told(Site& site);
/// putAll, as of a table that has come from another broker.
void take_offsets(Site& site, const OffsetTable& values);

// --------------------------------------------------------------------------------- delay.cpp

/// delayOffset.json as it would be written now.
OffsetTable delay_table(Site& site);
/// The same without a level that was ever delivered: the version of this process alone.
OffsetTable nothing_delivered(const Site& site);
/// The put of the head of this level has come through, or has not.
void escape_over(Site& site, std::size_t level, bool stored);

// --------------------------------------------------------------------------------- escape_bridge.cpp

/// EscapeBridge.asyncPutMessage of an acting master, for the head of a delay level, and putMessage for a half
/// message (half_slot): escape_over() or half_escape_over() says what became of it, at the earliest within
/// this call.
void escape(Site& site, std::size_t slot, const LogRecord& message);
/// Behind the delay levels.
inline std::size_t half_slot(const Site& site) { return site.settings().messageDelayLevel.size(); }
/// Nobody waits for it any more; it may be stored all the same.
void forget_half_escape(Site& site);
bool is_escaping(const Site& site, std::size_t level);
void escapes_end(Site& site);
void escape_timeout(Site& site, const BrokerEvent& event);
/// The answer of a name server.
void escape_route_told(Site& site, TopicId topic, const TopicRoute* route);
bool escapes_on(const Site& site, ConnectionId connection);
void escape_opened(Site& site, ConnectionId connection);
void escape_lost(Site& site, ConnectionId connection);
void on_escape_over(Site& site, const Payload& answer);
/// At the other set: the message of an acting master.
void on_escape(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);

// --------------------------------------------------------------------------------- escape_half.cpp

/// The half message that the check pass has come to is in another set, or is not.
void half_escape_over(Site& site, bool stored);

}  // namespace brokersim::model::rocketmq
