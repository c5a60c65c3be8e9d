// One RocketMQ broker (profiles 5.3 and 4.9), split into what survives what.
//
//   appended >= committed >= synced      positions in the one commit log
//   transient store pool: records beyond `committed` are in process memory (lost by kill -9);
//   otherwise committed == appended: a put writes the mapped page cache (kept by kill -9).
//   Records beyond `synced` are lost when the host loses power.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/host/host.hpp"
#include "model/rocketmq/acting.hpp"
#include "model/rocketmq/client_table.hpp"
#include "model/rocketmq/delay_service.hpp"
#include "model/rocketmq/dledger.hpp"
#include "model/rocketmq/epochs.hpp"
#include "model/rocketmq/ha.hpp"
#include "model/rocketmq/log_record.hpp"
#include "model/rocketmq/offsets.hpp"
#include "model/rocketmq/pop_service.hpp"
#include "model/rocketmq/put_status.hpp"
#include "model/rocketmq/queue_locks.hpp"
#include "model/rocketmq/replicas.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "model/rocketmq/timer_service.hpp"
#include "model/rocketmq/transaction_service.hpp"
#include "sim/fields.hpp"
#include "sim/sealed_log.hpp"

namespace brokersim::model::rocketmq {

using host::LogPosition;

/// A send, a send-back or END_TRANSACTION that waits: for a thread, for the append lock, for its flush or for
/// its replicas.
struct WaitingSend {
  Payload request;
  ConnectionId connection;       ///< of END_TRANSACTION none: nobody reads its answer
  std::uint16_t generation = 0;  ///< of the connection's slot: its next user must not get the answer
  SimTime since{};               ///< monotonic; arrival in the queue, or the append
  LogPosition upto;              ///< end of its record: released once flushed, or acknowledged, so far
  std::int64_t queue_offset = 0;
  PutStatus flush = PutStatus::PUT_OK;     ///< what became of its flush ...
  PutStatus replicas = PutStatus::PUT_OK;  ///< ... or of its replicas, if the other is still awaited
  std::int16_t level = -1;                 ///< no request: the index of the delay level that has put it
  std::uint8_t replicas_needed = 1;        ///< that acknowledge it, the master among them (5.3)
};

// Generations: model/canonical.cpp looks up whether the connection is still the same.
constexpr auto fields(const WaitingSend& send) {
  const auto& [request, connection, generation, since, upto, queue_offset, flush, replicas, level,
               replicas_needed] = send;
  return std::tuple(request, connection, since, upto, queue_offset, flush, replicas, level, replicas_needed);
}

/// A send's answer on its way out of the process (answer_time).
struct PendingAnswer {
  bool used = false;
  Payload response;
  ConnectionId connection;
  std::uint16_t generation = 0;
};

/// All free slots are alike.
constexpr auto fields(const PendingAnswer& answer) {
  const auto& [used, response, connection, generation] = answer.used ? answer : PendingAnswer{};
  return std::tuple(used, response, connection);
}

/// A pull that found nothing and is suspended until a message arrives.
struct SuspendedPull {
  Payload request;
  ConnectionId connection;
  std::uint16_t generation = 0;
  SimTime until = SimTime::max();  ///< then it is answered PULL_NOT_FOUND; a plain reader waits for ever
};

constexpr auto fields(const SuspendedPull& pull) {
  const auto& [request, connection, generation, until] = pull;
  return std::tuple(request, connection, until);
}

/// One queue of one topic on this broker.
struct Queue {
  TopicId topic;
  std::uint16_t number = 0;
  std::int64_t next_offset = 0;        ///< topicQueueTable: given out under the append lock
  sim::SealedLog<std::int64_t> index;  ///< consume queue: record number of each offset, built by dispatch
};

constexpr auto fields(const Queue& queue) {
  const auto& [topic, number, next_offset, index] = queue;
  return std::tie(topic, number, next_offset, index);
}

struct Broker {
  ProcessId process;

  struct Disk {  // survives a power loss
    LogPosition synced;
    std::vector<std::uint8_t> topics;  ///< topics.json as of its last version that is certainly on disk
    bool abort_file = false;           ///< the last shutdown was not clean
    Epochs epochs;                     ///< epochFileCheckpoint: synced at each change (CheckpointFile.write)
    TimerCheckpoint timer;
  } disk;

  struct PageCache {  // survives a kill
    sim::SealedLog<LogRecord> log;
    LogPosition committed;             ///< what a kill leaves: everything but the transient pool's bytes
    std::int64_t indexed = 0;          ///< records whose consume-queue entry has been written
    std::vector<std::uint8_t> topics;  ///< topics.json: per topic its number of queues, 0 if unknown
    std::uint16_t topics_version = 0;  ///< how often topics.json was written
    SimTime topics_durable{};          ///< when the kernel's write-back of the last version is over
    LogPosition writeback;             ///< what a dead process left unsynced ...
    SimTime writeback_durable{};       ///< ... and when the kernel has written that back by itself
    sim::SealedLog<std::int64_t> op_offsets;  ///< bodies of the op records in `log`, one after another
    TopicId half_topic;                       ///< which records of `log` are half messages (canonical.cpp)
    OffsetFile offsets;                       ///< consumerOffset.json
    OffsetFile delay_offsets;                 ///< delayOffset.json, per level
    LogPosition first;  ///< minPhyOffset: the files before it are deleted; their records stay in `log` unread
    TimerLog timer_log;
    // Of a slave:
    bool ends_inside = false;  ///< its last bytes are the first ones of `cut`
    LogRecord cut;
    bool garbled = false;  ///< bytes that are no records follow the last one (ha_append.cpp)
    /// The log was cut here while a sync was under way, which covers nothing behind it.
    std::int64_t sync_limit = std::numeric_limits<std::int64_t>::max();
    DLedgerFiles dledger;
  } cache;

  struct Memory {                            // survives nothing
    LogPosition appended;                    ///< == committed unless the transient pool is on
    LogPosition flushed;                     ///< flushedWhere: what the broker believes durable
    LogPosition committed;                   ///< committedWhere of CommitRealTimeService (transient pool)
    std::int64_t pool_from = 0;              ///< physical offset of the first file that has a pool buffer
    std::vector<std::uint32_t> first_queue;  ///< per topic: its queue 0 in `queues`
    std::vector<Queue> queues;
    std::int64_t dispatched = 0;  ///< records behind reputFromOffset

    // The flush service: FlushRealTimeService (ASYNC_FLUSH) or GroupCommitService (SYNC_FLUSH).
    bool flush_running = false;   ///< a flush call is in the kernel ...
    LogPosition flush_target;     ///< ... and covers this much
    bool flush_notified = false;  ///< hasNotified of the service thread
    bool flush_by_pages = false;  ///< the armed tick is the next one: no put can make it come earlier
    ServiceTimer flush_timer;
    std::int64_t flush_loop = 0;      ///< which loop since flush_grid the armed tick ends
    SimTime flush_grid{};             ///< when the service last began to sleep after work: period and phase
    SimTime flush_last{};             ///< lastFlushTimestamp as it was then
    std::uint32_t group_swapped = 0;  ///< how many of waiting_flush are in requestsRead
    std::int32_t group_tries = 0;     ///< flush calls spent on the first of them in vain
    bool group_trying = false;        ///< sleeping 1 ms at a time until the pool commits
    std::vector<PendingAnswer> answers;      ///< decided, not yet gone; lowest free slot
    std::vector<WaitingSend> waiting_flush;  ///< requestsRead and requestsWrite, in log order
    ServiceTimer deadline_timer;             ///< FlushDiskWatcher, for the first of them

    // CommitRealTimeService (transient store pool).
    ServiceTimer commit_timer;
    SimTime commit_grid{};
    SimTime commit_last{};  ///< lastCommitTimestamp after the loop at commit_grid

    std::vector<WaitingSend> waiting_replicas;  ///< GroupTransferService, in log order
    HaMaster ha;
    HaClient ha_client;
    SlaveSync slave_sync;
    Replicas replicas;  ///< in controller mode
    DLedgerMember dledger;

    std::vector<WaitingSend> waiting_lock;  ///< blocked send threads, then sendThreadPoolQueue
    std::vector<WaitingSend> ends_blocked;  ///< END_TRANSACTION: final messages at the append lock ...
    std::vector<WaitingSend> ends_queued;   ///< ... and endTransactionThreadPoolQueue
    bool append_stalled = false;
    SimTime stall_since{};
    ServiceTimer scan_timer;  ///< BrokerFastFailure
    SimTime scan_grid{};
    bool reput_armed = false;
    SimTime reput_grid{};
    std::vector<SuspendedPull> suspended;
    bool stopping = false;
    SimTime stop_since{};
    bool stop_announced = false;  ///< stop_done is on its way

    OffsetTable offsets;  ///< ConsumerOffsetManager.offsetTable
    SimTime offsets_grid{};
    ServiceTimer offsets_timer;
    ClientTable clients;
    SimTime client_scan_grid{};
    ServiceTimer client_scan_timer;
    SimTime hold_grid{};  ///< PullRequestHoldService, each 5 s
    ServiceTimer hold_timer;
    TransactionService transactions;
    DelayService delays;
    QueueLocks locks;  ///< RebalanceLockManager

    // CleanCommitLogService; the grid is drawn when there is first something to look for.
    bool disk_full = false;  ///< RunningFlags.DISK_FULL_BIT: appends are refused
    SimTime clean_grid = SimTime::max();
    ServiceTimer clean_timer;
    TimerService timer;
    PopService pop;
    ActingMaster acting;
  } memory;
};

constexpr auto fields(const Broker::Disk& disk) {
  const auto& [synced, topics, abort_file, epochs, timer] = disk;
  return std::tie(synced, topics, abort_file, epochs, timer);
}

/// The version of topics.json only keys draws. Of what the kernel writes back by itself only matters when,
/// and once it has, that it has.
constexpr auto fields(const Broker::PageCache& cache) {
  const auto& [log, committed, indexed, topics, topics_version, topics_durable, writeback, writeback_durable,
               op_offsets, half_topic, offsets, delay_offsets, timer_log, first, ends_inside, cut, garbled,
               sync_limit, dledger] = cache;
  return std::tuple_cat(
      std::tie(log, committed, indexed, topics, op_offsets, offsets, delay_offsets, timer_log, first,
               ends_inside, cut, garbled, sync_limit, dledger),
      std::tuple(sim::Since<0>{topics_durable}, writeback, sim::Since<0>{writeback_durable}));
}

/// The last thorough loop of a service before its grid began: as a distance to it, because "never" is no
/// time, and none longer than a year, which is longer than any thorough interval.
constexpr Duration before_grid(SimTime last, SimTime grid) {
  return std::max(last - grid, Duration{-365LL * 24 * 3'600'000'000'000});
}

/// The periods of flush and commit are settings, so their grids count as exact instants; those of reput and
/// scan are constants (reput.cpp, send.cpp), so of theirs only the phase counts. What nobody looks at while
/// its flag is down (a target without a flush, a stall that is over) is as if it had never been.
constexpr auto fields(const Broker::Memory& memory) {
  const auto& [appended, flushed, committed, pool_from, first_queue, queues, dispatched, flush_running,
               flush_target, flush_notified, flush_by_pages, flush_timer, flush_loop, flush_grid, flush_last,
               group_swapped, group_tries, group_trying, answers, waiting_flush, deadline_timer, commit_timer,
               commit_grid, commit_last, waiting_replicas, ha, ha_client, slave_sync, replicas, dledger,
               waiting_lock, ends_blocked, ends_queued, append_stalled, stall_since, scan_timer, scan_grid,
               reput_armed, reput_grid, suspended, stopping, stop_since, stop_announced, offsets,
               offsets_grid, offsets_timer, clients, client_scan_grid, client_scan_timer, hold_grid,
               hold_timer, transactions, delays, locks, disk_full, clean_grid, clean_timer, timer, pop,
               acting] = memory;
  const bool ticks = flush_timer.armed;
  return std::tuple_cat(
      std::tie(appended, flushed, committed, pool_from, first_queue, queues, dispatched, flush_running),
      std::tuple(flush_running ? flush_target : LogPosition{}, flush_notified, ticks && flush_by_pages),
      std::tie(flush_timer),
      std::tuple(ticks ? flush_loop : 0, flush_grid, before_grid(flush_last, flush_grid)),
      std::tie(group_swapped, group_tries, group_trying, answers, waiting_flush, deadline_timer,
               commit_timer),
      std::tuple(commit_grid, before_grid(commit_last, commit_grid)),
      std::tie(waiting_replicas, ha, ha_client, slave_sync, replicas, dledger, waiting_lock, ends_blocked,
               ends_queued, append_stalled),
      std::tuple(append_stalled ? stall_since : SimTime::max()), std::tie(scan_timer),
      std::tuple(sim::Phase<10'000'000>{scan_grid}, reput_armed, sim::Phase<1'000'000>{reput_grid}),
      std::tie(suspended, stopping), std::tuple(stopping ? stop_since : SimTime::max(), stop_announced),
      std::tie(offsets, offsets_grid, offsets_timer, clients),
      std::tuple(sim::Phase<10'000'000'000>{client_scan_grid}), std::tie(client_scan_timer),
      std::tuple(sim::Phase<5'000'000'000>{hold_grid}),
      std::tie(hold_timer, transactions, delays, locks, disk_full, clean_grid, clean_timer, timer, pop,
               acting));
}

constexpr auto fields(const Broker& broker) {
  const auto& [process, disk, cache, memory] = broker;
  return std::tie(process, disk, cache, memory);
}

/// Bytes of a commit-log record (facts: 91 + body + topic + properties, by profile).
std::int64_t record_size(const Config& config, const BrokerConfig& broker, const LogRecord& record);
/// What a send asks to be stored.
LogRecord message_of(const Payload& request);

// Called by dispatch.cpp / lifecycle.cpp -----------------------------------------------------------
/// Once, before the run: an empty log, all topics known, and the services running since long ago (their
/// phases are drawn). A topic with created_at >= 0 is known from the start, but its topics.json is as
/// young as that.
void broker_start_world(World& world, std::size_t broker, Context& context);
void broker_serve(World& world, std::size_t broker,
                  Context& context);  ///< process_started: recovery, then services run
void broker_killed(World& world, std::size_t broker, Context& context);  ///< memory is gone
void broker_power_lost(World& world, std::size_t broker, const PowerLoss& loss, Context& context);
/// The last bytes of the log of a dead broker are cut off.
void broker_log_cut(World& world, std::size_t broker, std::int64_t bytes, Context& context);
/// Its wall clock has been set: times of that clock that it keeps as instants move with it.
void broker_clock_set(World& world, std::size_t broker, Duration by, Context& context);
/// More or less of its disk is in use than before.
void broker_disk_changed(World& world, std::size_t broker, Context& context);
/// Bytes of its files.
std::int64_t broker_disk_bytes(const Broker& broker);
void broker_stop(World& world, std::size_t broker,
                 Context& context);  ///< graceful: flush everything, then broker stop_done
void broker_pages_written(World& world, std::size_t broker, LogPosition upto,
                          Context& context);  ///< within a sync
void broker_synced(World& world, std::size_t broker, LogPosition upto,
                   Context& context);  ///< the disk has it (whoever lives)
void broker_receive(World& world, std::size_t broker, ConnectionId connection, const Payload& payload,
                    Context& context);
void broker_connection_lost(World& world, std::size_t broker, ConnectionId connection, Context& context);
/// Of the connections that a slave opens.
void broker_connection_opened(World& world, std::size_t broker, ConnectionId connection, Context& context);
void broker_connection_refused(World& world, std::size_t broker, ConnectionId connection, Context& context);
void broker_step(World& world, std::size_t broker, const BrokerEvent& event, Context& context);
/// The member of a DLedger group that is its master now; -1: none is.
std::int32_t group_master(const World& world, const Config& config, std::size_t set);
/// Of one that has no master the member whose log would win an election among these.
std::size_t furthest_member(const World& world, const std::vector<std::uint16_t>& members);
void dledger_step(World& world, std::size_t broker, const DLedgerEvent& event, Context& context);
void broker_stall(World& world, std::size_t broker, bool stalled, Context& context);
void broker_create_topic(World& world, std::size_t broker, TopicId topic, Context& context);
/// Offset that consumers may read up to, exclusive (dispatched entries).
std::int64_t visible_end(const Broker& broker, TopicId topic, std::uint16_t queue);
/// The first offset that consumers may still read: what lies before it was deleted with its file.
std::int64_t first_offset(const Broker& broker, TopicId topic, std::uint16_t queue);
/// Whether what this record of rmq_sys_wheel_timer stands for is yet to be delivered.
bool timer_holds(const Broker& broker, const LogRecord& record);
/// Whether a message is out to a group in POP mode, and would come again without an ack.
bool is_out(const Broker& broker, const Config& config, GroupId group, const LogRecord& message);
/// How far a group in POP mode has popped; -1: it has not begun.
std::int64_t pop_position(const Broker& broker, GroupId group, TopicId topic, std::uint16_t queue);
/// Nothing waits, everything is visible, no half message is open and none is delayed.
bool broker_idle(const World& world, const Config& config, std::size_t broker);

}  // namespace brokersim::model::rocketmq
