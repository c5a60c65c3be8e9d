// Classic replication, as state: what a master keeps of its slaves, and a slave of its master
// (DefaultHAService, DefaultHAConnection, DefaultHAClient; 4.9: HAService, HAConnection).
//
//   master (HaPeer)                                   slave (HaClient)
//   nothing to send before the first report           ready: tries to connect each 5 s
//   log pieces, back to back            ------------>  appends what begins at its own end, else closes
//   a header when silent for 5 s                       reports its end after each piece, and when silent for
//   5 s acknowledged: the last report       <------------ closes what was silent for 20
//   s                    5.3: likewise
//
// A report says what a slave has *appended*: neither side asks whether it is flushed.
#pragma once

#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// DefaultHAConnection: one slave, as its master sees it.
struct HaPeer {
  ConnectionId connection;
  std::uint16_t generation = 0;  ///< of the connection's slot
  SimTime accepted{};            ///< the write service sleeps 10 ms at a time until the first report
  std::int64_t acked = -1;       ///< slaveAckOffset, bytes
  std::int64_t next = -1;        ///< nextTransferFromWhere, bytes; -1: no report yet
  SimTime waits_since{};         ///< since when the write service waits 100 ms at a time for new bytes
  SimTime due = SimTime::max();  ///< of its next transfer
  SimTime last_read{}, last_write{};
  // Of controller mode (AutoSwitchHAConnection):
  std::int32_t slave = -1;            ///< slaveId: its number among the brokers
  std::int64_t last_master_end = -1;  ///< lastMasterMaxOffset: the log's end at the last transfer, bytes
  std::int32_t epoch = -1;            ///< currentTransferEpoch
};

/// The 100 ms and the 10 ms are constants: of their grids only the phases count.
constexpr auto fields(const HaPeer& peer) {
  const auto& [connection, generation, accepted, acked, next, waits_since, due, last_read, last_write, slave,
               last_master_end, epoch] = peer;
  return std::tuple(connection, sim::Phase<10'000'000>{accepted}, acked, next,
                    sim::Phase<100'000'000>{waits_since}, due, last_read, last_write, slave, last_master_end,
                    epoch);
}

struct HaMaster {
  std::vector<HaPeer> peers;  ///< in the order of their connections
  std::int64_t pushed = 0;    ///< push2SlaveMaxOffset: the furthest report of anybody, bytes
  ServiceTimer transfers;     ///< the next peer's
  ServiceTimer watch;         ///< headers to silent peers, and housekeeping
  SimTime head_waits{};  ///< 4.9: since when GroupTransferService waits, 1 s at a time, for its first request
  ServiceTimer deadline;  ///< of its first request
};

constexpr auto fields(const HaMaster& master) {
  const auto& [peers, pushed, transfers, watch, head_waits, deadline] = master;
  return std::tuple_cat(std::tie(peers, pushed, transfers, watch),
                        std::tuple(deadline.armed ? head_waits : SimTime::max()), std::tie(deadline));
}

enum class HaState : std::uint8_t {
  none,   ///< a master
  ready,  ///< sleeps until the next try
  connecting,
  handshake,  ///< in controller mode: waits for its master's epochs
  transfer
};

/// DefaultHAClient: the slave's side.
struct HaClient {
  HaState state = HaState::none;
  ConnectionId connection;
  /// When the slave learns its master's address: from a name server, with the answer to its own registration.
  SimTime address_known{};
  std::int32_t master = -1;   ///< in controller mode: whose address that is
  std::int64_t reported = 0;  ///< currentReportedOffset, bytes
  SimTime last_read{}, last_write{};
  ServiceTimer timer;
};

constexpr auto fields(const HaClient& client) {
  const auto& [state, connection, address_known, master, reported, last_read, last_write, timer] = client;
  const bool has_connection = state >= HaState::connecting;
  const bool on = state != HaState::none;
  return std::tuple_cat(
      std::tuple(state, has_connection ? connection : ConnectionId{}, sim::Since<0>{address_known}, master,
                 reported, on ? last_read : SimTime::max(), on ? last_write : SimTime::max()),
      std::tie(timer));
}

enum class SyncStep : std::uint8_t { off, idle, connecting, topics, consumer_offsets, delay_offsets };

/// SlaveSynchronize: what does not lie in the log is asked for now and then.
struct SlaveSync {
  SyncStep step = SyncStep::off;
  bool open = false;  ///< its own connection to the master, which stays open between two rounds
  ConnectionId connection;
  SimTime last{};           ///< lastSyncTimeMs (5.3), or the last round (4.9); 0: long ago
  SimTime grid{};           ///< first tick of its timer
  bool has_master = true;   ///< the last name server that answered a registration knew one
  std::uint32_t asked = 0;  ///< requests so far: an overdue time-out of an earlier one is stale
  ServiceTimer timer;
};

/// Where the master is elected it matters of that, too, whether its last round was more than 10 s ago: once
/// it is deposed it begins with that.
constexpr auto fields(const SlaveSync& sync) {
  const auto& [step, open, connection, last, grid, has_master, asked, timer] = sync;
  const bool on = step != SyncStep::off;
  const bool has_connection = open || step == SyncStep::connecting;
  const bool is_long_ago = on || last == SimTime{};
  return std::tuple_cat(
      std::tuple(step, open, has_connection ? connection : ConnectionId{}, on ? last : SimTime::max(),
                 sim::Since<10'001'000'000>{is_long_ago ? SimTime::max() : last}, on ? grid : SimTime::max(),
                 on && has_master),
      std::tie(timer));
}

/// An answer to SlaveSynchronize on its way: queues per topic, or a table of offsets.
struct SyncTable {
  bool used = false;
  std::vector<std::int64_t> values;
};

constexpr auto fields(const SyncTable& table) {
  const auto& [used, values] = table;
  return std::tie(used, values);
}

}  // namespace brokersim::model::rocketmq
