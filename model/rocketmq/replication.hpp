// Replication, as the files of one broker see it.
//
//   ha_master.cpp      DefaultHAConnection: pieces of the log to each slave, and its reports
//   ha_client.cpp      DefaultHAClient: the slave's connection
//   ha_append.cpp      what a slave makes of a piece
//   replica_wait.cpp   GroupTransferService; a put that waits for its flush, its replicas, or both
//   slave_sync.cpp     SlaveSynchronize: topics and offsets
#pragma once

#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

/// WriteSocketService without anything to send: allWaitForRunning(100).
inline constexpr Duration no_data_wait = 100_ms;

// --------------------------------------------------------------------------------- the master's side

void on_ha_connect(Site& site, ConnectionId connection, std::uint16_t generation);
void on_ha_report(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& report);
/// Of any connection: only those of slaves are known here.
void ha_peer_gone(Site& site, ConnectionId connection);
void ha_transfer(Site& site, const BrokerEvent& event);
void ha_watch(Site& site, const BrokerEvent& event);
/// There are new bytes to read: each waiting write service finds them at the end of its 100 ms.
void ha_appended(Site& site);
/// WaitNotifyObject.wakeupAll: they find them now.
void ha_wake(Site& site);
/// Before the run: a slave has been connected for long, and both have the same.
void ha_established(Site& master, ConnectionId connection, std::uint16_t generation, Duration waits,
                    Duration silent);

// --------------------------------------------------------------------------------- the slave's side

/// The service begins, `since` then; `never`: it has been connected for long.
void start_ha_client(Site& site, SimTime since);
/// The slave has been connected for long.
void ha_join(Site& site);
/// A graceful stop: HAService and SlaveSynchronize end, and so do their connections.
void stop_replication(Site& site);
void ha_client_tick(Site& site, const BrokerEvent& event);
void ha_opened(Site& site);
void ha_refused(Site& site);
void ha_lost(Site& site);
void on_ha_piece(Site& site, ConnectionId connection, const Payload& transfer);
void on_ha_header(Site& site, ConnectionId connection);
/// The slave has learnt its master's address, from a name server.
void ha_master_learned(Site& site, std::size_t master);
/// Its next report, or the end of its patience.
void arm_transfer(Site& site);
/// The piece begins where the log ends. (The real slave compares, and closes the connection if not; but a
/// master sends from where its slave has asked, and the slave's end moves with what it gets.)
void append_piece(Site& site, const LogPiece& piece);
/// What recovery leaves of a log whose last bytes are no whole record.
LogPosition end_of_whole_records(const Broker& broker, std::int64_t file_size, LogPosition end);

void start_slave_sync(Site& site, SimTime since);
void stop_slave_sync(Site& site);
/// handleSlaveSynchronize of one that has become a slave where the master is elected. lastSyncTimeMs is no
/// part of the role (ReplicasManager, DLedgerRoleChangeHandler): it stays.
void restart_slave_sync(Site& site);
void slave_sync_tick(Site& site, const BrokerEvent& event);
void sync_opened(Site& site);
void sync_lost(Site& site);
void on_sync_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void on_sync_response(Site& site, const Payload& response);

// --------------------------------------------------------------------------------- puts that wait

/// What stands in front of the answer to a put besides its flush.
enum class ReplicaWait : std::uint8_t { none, wait, unavailable };
ReplicaWait replicas_of_put(const Site& site, const WaitingSend& put);
/// GroupTransferService.putRequest and wakeupAll.
void wait_for_replicas(Site& site, const WaitingSend& put);
void replica_deadline(Site& site, const BrokerEvent& event);
/// Somebody has acknowledged more, or is gone.
void release_replicated(Site& site);
/// Puts of this kind that wait for their flush, their replicas or both, in log order.
std::vector<WaitingSend> puts_that_wait(const Broker::Memory& memory, PayloadKind kind);
/// One of the two that it waits for is over; the put goes on when both are.
void flush_over(Site& site, WaitingSend put, PutStatus status);
void replicas_over(Site& site, WaitingSend put, PutStatus status);
/// After the append: the put waits for its flush, for its replicas (`waits`: WAIT) as its broker is set, or
/// is answered at once.
void settle_put(Site& site, WaitingSend put, bool flush, bool waits);

}  // namespace brokersim::model::rocketmq
