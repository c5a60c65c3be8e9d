// Machines and the network between them.
#pragma once

#include <string>
#include <vector>

#include "model/ids.hpp"
#include "sim/distribution.hpp"

namespace brokersim::model {

using sim::Distribution;
using namespace sim::literals;

/// A machine: its processes share page cache, disk and power. Its wall clock counts from midnight of its own
/// time zone (deleteWhen is an hour of the day).
struct HostConfig {
  std::string name;
  /// How long one fsync/msync takes on an idle disk. Syncs of one disk queue behind each other. The dirty
  /// pages reach the disk at an instant drawn uniformly within the call, with what they hold then.
  Distribution sync_time = Distribution::lognormal(2_ms, 0.5);
  /// How long the kernel leaves a dirty page of a file that nobody syncs (dirty_expire_centisecs 30 s
  /// plus the 5 s period of the write-back thread).
  Distribution page_writeback = Distribution::uniform(30_s, 35_s);
  /// How long after its time a sleeping thread runs again (timer slack, a busy processor): sends that are
  /// due, and time-outs of synchronous calls.
  Distribution wakeup_latency = Distribution::exponential(100_us);
  /// Offset of the wall clock against simulation time.
  Duration wall_clock_offset{};
  std::string rack = {};  ///< hosts that one power supply feeds; empty: none
  /// Size of the disk, bytes; 0: it never fills.
  std::int64_t disk_size = 0;
  std::int64_t disk_used = 0;  ///< of it by other files than the logs of this run, bytes

  bool operator==(const HostConfig&) const = default;
};

/// One-way delays. `hosts` empty: the default for all pairs; processes of one host use `loopback`.
struct LinkConfig {
  HostId a, b;
  Distribution delay = Distribution::uniform(100_us, 300_us);

  bool operator==(const LinkConfig&) const = default;
};

struct NetworkConfig {
  Distribution delay = Distribution::uniform(100_us, 300_us);
  Distribution loopback = Distribution::uniform(20_us, 60_us);
  std::vector<LinkConfig> links;  ///< exceptions to `delay`
  /// First retransmission after this; then doubling (Linux TCP_RTO_MIN).
  Duration retransmission_timeout = 200_ms;

  bool operator==(const NetworkConfig&) const = default;
};

}  // namespace brokersim::model
