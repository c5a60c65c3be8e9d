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

/// The member alone, with its clients and the name server: it goes on as what it was.
inline void cut_off_alone(FaultConfig& fault, const Config& config, std::uint16_t member) {
  fault.action.from = {HostId(member)};
  for (std::uint16_t other = 0; other < config.brokers.size(); ++other) {
    if (other != member) fault.action.to.push_back(config.brokers[other].host);
  }
  for (const ControllerConfig& controller : config.controllers) fault.action.to.push_back(controller.host);
}

/// One member is killed, paused or stopped, two of them are cut off from each other, or one of them from all
/// others and the controller, within 50 s, for up to 25 s.
inline FaultConfig random_fault(const Config& config, std::uint64_t seed, std::uint64_t nth) {
  constexpr FaultKind kinds[] = {FaultKind::kill, FaultKind::pause, FaultKind::stop, FaultKind::partition,
                                 FaultKind::partition};
  constexpr std::uint16_t replicas = 3;
  const std::uint64_t at = nth * 10, kind = number(seed, at + 1, 5);
  FaultConfig fault =
      fault_at(Duration{static_cast<std::int64_t>(number(seed, at, 50'000)) * 1'000'000}, kinds[kind]);
  const auto victim = static_cast<std::uint16_t>(number(seed, at + 2, replicas));
  fault.action.process = ProcessId(victim);
  fault.action.host = HostId(victim);
  fault.action.other_host =
      HostId(static_cast<std::uint16_t>((victim + 1 + number(seed, at + 3, 2)) % replicas));
  if (kind == 4) cut_off_alone(fault, config, victim);
  return restoring(fault, Duration{static_cast<std::int64_t>(number(seed, at + 4, 25'000)) * 1'000'000});
}

}  // namespace brokersim::model
