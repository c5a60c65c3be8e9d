// How long things took in one run: evidence, which no step has read (docs/architecture.md, rule 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/ledger/judge.hpp"

namespace brokersim::scenarios {

/// Of one consumer group, in ns, of the messages that had a business effect in it; -1: none had.
struct GroupTimes {
  /// From the first attempt to send to the first effect: nearest ranks, so each is the time of some message.
  std::int64_t median = -1, p99 = -1, longest = -1;
  /// The longest time without an effect in which a message was due: one of these, or one that is still to
  /// come at the end. What never will (lost, a dead letter ...) stops nothing here.
  std::int64_t stall = -1;

  bool operator==(const GroupTimes&) const = default;
};

struct RunTimes {
  std::vector<GroupTimes> groups;  ///< per consumer group
  /// Per producer, in ns: the longest time without an acknowledged send, from its first attempt until the
  /// last of its sends was over. -1: it has sent nothing, or one-way, which nobody acknowledges.
  std::vector<std::int64_t> producers;

  bool operator==(const RunTimes&) const = default;
};

/// `ended`: when the run was over, of which this is the inventory.
RunTimes times_of(const model::Config& config, const model::ledger::Evidence& evidence,
                  const model::ledger::Inventory& inventory, model::SimTime ended);

/// Of n sorted numbers, the first that at least `percent` of them do not exceed: its place from 0. Both above
/// 0.
constexpr std::size_t nearest_rank(std::size_t n, std::size_t percent) {
  return (n * percent + 99) / 100 - 1;
}

}  // namespace brokersim::scenarios
