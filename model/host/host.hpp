// Hosts and processes. Processes on a host share its disk, page cache and power.
//
// What survives what:         process memory   page cache   disk (synced)
//   kill -9, graceful stop         lost           kept          kept
//   power or OS failure            lost           lost          kept
#pragma once

#include <bit>
#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::host {

struct Host {
  bool powered = true;
  std::uint16_t power_losses = 0;  ///< tells syncs that were under way at a power loss from later ones
  double disk_factor = 1;          ///< syncs take so many times as long
  SimTime disk_busy_until{};       ///< syncs of one disk queue behind each other
  std::uint32_t syncs = 0;         ///< subject of the sync-time draw (no better subject exists)
  Duration wall_clock_jump{};
  std::int64_t disk_filled = 0;  ///< bytes of its disk that files of somebody else take (disk_full)
};

/// The number of power losses only tells void syncs, and that of syncs only keys draws. A disk that was busy
/// once is as free as one that never was.
constexpr auto fields(const Host& host) {
  const auto& [powered, power_losses, disk_factor, disk_busy_until, syncs, wall_clock_jump, disk_filled] =
      host;
  return std::tuple(powered, std::bit_cast<std::uint64_t>(disk_factor), sim::Since<0>{disk_busy_until},
                    wall_clock_jump, disk_filled);
}

enum class Role : std::uint8_t { broker, producer, consumer, push_consumer, name_server, controller };

enum class Life : std::uint8_t {
  dead,
  starting,  ///< booting or recovering: nobody listens yet
  running,
  paused,   ///< SIGSTOP: the kernel still accepts connections and bytes
  stopping  ///< graceful shutdown under way
};

struct Process {
  Role role = Role::broker;
  std::uint16_t index =
      0;  ///< into World::brokers, producers, consumers, push_consumers, name_servers or controllers
  HostId host;
  Life life = Life::dead;
  Incarnation incarnation;
  bool silent = false;        ///< died unseen: peers get no reset, connects time out, until it serves again
  bool start_wanted = false;  ///< asked to start while it was still stopping: it does so when it has stopped
  /// Bytes and overdue timers that wait for a paused process, in order. After it is resumed it
  /// catches up one event at a time; what comes meanwhile queues behind.
  std::vector<model::Event> backlog;
  std::uint32_t backlog_done = 0;  ///< so many of `backlog` have been executed since it was resumed
  std::uint32_t connects = 0;      ///< connections that it has opened: subject of their draws
};

/// The backlog as model/canonical.cpp prepares it: stale events are marked.
constexpr auto fields(const Process& process) {
  const auto& [role, index, host, life, incarnation, silent, start_wanted, backlog, backlog_done, connects] =
      process;
  return std::tuple_cat(std::tuple(role, index, host, life, silent, start_wanted, backlog_done),
                        std::tie(backlog));
}

/// Bytes and records: a position in a commit log.
struct LogPosition {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

constexpr auto fields(const LogPosition& position) {
  const auto& [records, bytes] = position;
  return std::tie(records, bytes);
}

/// The monotonic clock of the process's host: for timers and time-outs.
SimTime monotonic(const Context& context);
/// The wall clock of the process's host (System.currentTimeMillis, but in ns): born and store times.
WallTime wall_clock(const World& world, ProcessId process, const Context& context);

/// Sets the wall clock of a host by so much; its monotonic clock goes on. Who has stored a time of the wall
/// clock as an instant of the other is told.
void set_clock(World& world, HostId host, Duration by, Context& context);

/// How much of its disk is in use: 0.9 is 90 %. 0 if its size is not given.
double disk_used(const World& world, const Config& config, HostId host);
/// Files of somebody else take the disk up to the ratio `used` (0: they are deleted); the brokers look.
void fill_disk(World& world, HostId host, double used, Context& context);

/// Starts an fsync of `process`'s log that covers everything up to `upto`. When the disk is done,
/// sync_done is executed whether or not the process still lives (the kernel finishes the work);
/// a power loss forgets it.
void sync(World& world, ProcessId process, LogPosition upto, Context& context);

/// The pages that were dirty when the sync began reach the disk with what they hold now: also records
/// that were appended to the last of them meanwhile, which nobody was promised.
void pages_written(World& world, ProcessId process, const host::Event& event, Context& context);

/// The disk is done: the records are durable unless the host has lost power since.
void sync_done(World& world, ProcessId process, const host::Event& event, Context& context);

/// Puts an event behind (a new one) or in front of (one just taken from it) the backlog.
void wait_behind(Process& process, const model::Event& event);
void wait_in_front(Process& process, const model::Event& event);
/// The oldest event of a backlog that is not empty.
model::Event take_waiting(Process& process);

/// Schedules an event to the present life of a process.
void schedule(World& world, ProcessId process, Duration delay, model::Event event, Context& context);
model::Event to_process(const World& world, ProcessId process, const model::Event& event);

}  // namespace brokersim::model::host
