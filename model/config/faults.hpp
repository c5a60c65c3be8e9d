// What breaks, when, and for how long.
#pragma once

#include <cstdint>

#include "model/ids.hpp"
#include "sim/distribution.hpp"

namespace brokersim::model {

using sim::Distribution;
using namespace sim::literals;

enum class FaultKind : std::uint8_t {
  kill,           ///< process: SIGKILL; page cache survives
  stop,           ///< process: graceful shutdown
  restart,        ///< process: start it (again); takes its restart_time
  pause,          ///< process: SIGSTOP
  resume,         ///< process: SIGCONT
  power_loss,     ///< host: all processes die, everything unsynced is gone
  power_on,       ///< host: boots, and its processes start
  slow_disk,      ///< host: syncs take `factor` times as long
  disk_normal,    ///< host
  delay,          ///< link: extra one-way delay `duration`
  delay_over,     ///< link
  partition,      ///< link: bytes are held until healed
  heal_link,      ///< link
  append_stall,   ///< broker: the append lock is held (page cache busy) until append_go_on
  append_go_on,   ///< broker
  reset,          ///< process: all its connections break now
  response_lost,  ///< process (broker): the connection of the triggering request breaks after execution
  create_topic    ///< process (broker): an operator creates the topic again
};

/// What became of files that were never synced (topics.json) at a power loss.
enum class UnsyncedFiles : std::uint8_t { draw, old_version, new_version, empty };

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
  TopicId topic;  ///< create_topic

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

  bool operator==(const FaultConfig&) const = default;
};

}  // namespace brokersim::model
