// What strikes the members of a set of three in the swarms that keep every page cache.
#pragma once

#include <cstdint>

#include "sim/random.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {

/// The nth number below `limit` of this seed.
inline std::uint64_t number(std::uint64_t seed, std::uint64_t nth, std::uint64_t limit) {
  return sim::subject(seed, nth) % limit;
}

/// One member is killed, paused or stopped, or two of them are cut off from each other, within 50 s, for up
/// to 25 s.
inline FaultConfig random_fault(std::uint64_t seed, std::uint64_t nth) {
  constexpr FaultKind kinds[] = {FaultKind::kill, FaultKind::pause, FaultKind::stop, FaultKind::partition};
  constexpr std::uint16_t replicas = 3;
  const std::uint64_t at = nth * 10;
  FaultConfig fault = fault_at(Duration{static_cast<std::int64_t>(number(seed, at, 50'000)) * 1'000'000},
                               kinds[number(seed, at + 1, 4)]);
  const auto victim = static_cast<std::uint16_t>(number(seed, at + 2, replicas));
  fault.action.process = ProcessId(victim);
  fault.action.host = HostId(victim);
  fault.action.other_host =
      HostId(static_cast<std::uint16_t>((victim + 1 + number(seed, at + 3, 2)) % replicas));
  return restoring(fault, Duration{static_cast<std::int64_t>(number(seed, at + 4, 25'000)) * 1'000'000});
}

}  // namespace brokersim::model
