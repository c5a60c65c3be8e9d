// What breaks, when, and for how long.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "sim/distribution.hpp"

namespace brokersim::model {

using sim::Distribution;
using namespace sim::literals;

enum class FaultKind : std::uint8_t {
  kill,            ///< process: SIGKILL; page cache survives
  stop,            ///< process: graceful shutdown
  restart,         ///< process: start it (again); takes its restart_time
  pause,           ///< process: SIGSTOP
  resume,          ///< process: SIGCONT
  power_loss,      ///< host: all processes die, everything unsynced is gone
  power_on,        ///< host: boots, and its processes start
  slow_disk,       ///< host: syncs take `factor` times as long
  disk_normal,     ///< host
  delay,           ///< link: extra one-way delay `duration`
  delay_over,      ///< link
  partition,       ///< links: bytes are held until healed
  heal_link,       ///< link
  append_stall,    ///< broker: the append lock is held (page cache busy) until append_go_on
  append_go_on,    ///< broker
  reset,           ///< process: all its connections break now
  response_lost,   ///< process (broker): the connection of the triggering request breaks after execution
  create_topic,    ///< process (broker): an operator creates the topic again
  disk_full,       ///< host: files of somebody else fill its disk up to the ratio `used`
  disk_free,       ///< host: they are deleted
  disk_lost,       ///< host: power_loss, and its disk is empty when it is back
  truncate_log,    ///< broker: its process dies, and the last `bytes` of its commit log are cut off
  clock_jump,      ///< host: its wall clock is set by `jump`
  clock_right,     ///< host: its wall clock is set right
  rolling_restart  ///< processes: one after the other is stopped and started
};

/// What became of files that were never synced (topics.json) at a power loss.
enum class UnsyncedFiles : std::uint8_t { draw, old_version, new_version, empty };

/// What a power loss leaves of what was never synced in the commit log.
enum class Tail : std::uint8_t {
  gone,  ///< nothing
  torn   ///< pages that the kernel had written by then, in any order: recovery ends at the first hole
};

/// What becomes of a host that loses its power.
struct PowerLoss {
  UnsyncedFiles files = UnsyncedFiles::draw;
  Tail tail = Tail::gone;
  bool disk_lost = false;  ///< and of its disk: nothing is left
};

struct FaultAction {
  FaultKind kind = FaultKind::kill;
  ProcessId process;       ///< the kinds above that name a process or broker
  HostId host;             ///< power_loss, power_on, slow_disk, disk_normal; first end of a link
  HostId other_host;       ///< second end of a link
  bool all_links = false;  ///< link faults: host against everybody else
  bool silent = false;     ///< kill: peers see no reset, connects time out until the restart
  double factor = 1;       ///< slow_disk
  Distribution duration = Distribution::constant({0});  ///< delay
  UnsyncedFiles files = UnsyncedFiles::draw;
  TopicId topic;                     ///< create_topic
  Tail tail = Tail::gone;            ///< power_loss
  std::vector<HostId> hosts;         ///< power_loss, power_on: all of these, not `host`
  std::string hosts_name = {};       ///< ... which the file calls so: a rack, or "all"
  std::vector<HostId> from, to;      ///< partition: every link between these, not host and other_host;
                                     ///< one side may be empty: every host
  bool one_way = false;              ///< partition: only bytes in the direction from `from` to `to`
  double used = 0.95;                ///< disk_full: ratio of the disk
  std::int64_t bytes = 0;            ///< truncate_log
  Duration jump{};                   ///< clock_jump; may be negative
  std::vector<ProcessId> processes;  ///< rolling_restart, in this order; `duration` lies between two

  bool operator==(const FaultAction&) const = default;
};

enum class TriggerKind : std::uint8_t {
  at_time,   ///< once, at a time drawn from `time`
  on_event,  ///< at the nth event named `event` of `actor`
  process    ///< again and again, gaps drawn from `time`, between `from` and `until`
};

struct FaultTrigger {
  TriggerKind kind = TriggerKind::at_time;
  Distribution time = Distribution::constant({0});
  std::uint16_t event = 0;  ///< an EventName (model/event.hpp)
  bool any_actor = true;
  ProcessId actor;
  std::int64_t nth = 1;
  bool before = false;  ///< just before the event instead of just after it
  Duration from{};
  Duration until = Duration::max();

  bool operator==(const FaultTrigger&) const = default;
};

/// A random campaign: each strike of its trigger, a process, draws one of the actions.
struct Campaign {
  std::vector<FaultKind> kinds;      ///< as the file names them ...
  std::vector<std::string> on;       ///< ... and what they may strike
  std::vector<FaultAction> actions;  ///< what both come to; empty: the fault is no campaign
  std::uint32_t at_most = 0;         ///< strikes; 0: any number

  bool operator==(const Campaign&) const = default;
};

struct FaultConfig {
  FaultTrigger trigger;
  /// Drawn delay between the trigger and the action ("kill 20 ms after the 6000th send").
  Distribution delay = Distribution::constant({0});
  FaultAction action;
  /// The contrary action (restart, resume, power_on, heal ...) follows after this; none: only at heal.
  bool restores = false;
  Distribution restore_after = Distribution::constant({0});
  /// Not even the operator who heals everything at the end repairs it: a team that is gone, a machine that is
  /// scrapped. Excludes `restores`.
  bool never_restored = false;
  Campaign campaign = {};

  bool operator==(const FaultConfig&) const = default;
};

/// What the fault does; of a campaign the one that was drawn.
inline const FaultAction& action_of(const FaultConfig& fault, std::size_t choice) {
  return fault.campaign.actions.empty() ? fault.action : fault.campaign.actions[choice];
}

}  // namespace brokersim::model
