// The omniscient judge: reads the world after heal and drain, with the evidence, and says what became
// of every intent.
#pragma once

#include <cstdint>
#include <vector>

#include "model/ledger/evidence.hpp"
#include "model/world.hpp"

namespace brokersim::model::ledger {

/// Working memory of the judge, recycled from seed to seed.
struct Inventory {
  std::vector<std::uint8_t> copies;     ///< per intent: copies in all logs (saturates)
  std::vector<std::uint8_t> reachable;  ///< copies in queues of topics that their broker knows
  /// Per group, per intent: a copy lies at or beyond the group's position, or out of its reach.
  std::vector<std::vector<std::uint8_t>> pending;
};

/// Looks through all logs.
void take_inventory(const World& world, const Config& config, Inventory& inventory);

/// One intent for one group; `group` is ignored when the scenario has no consumers (the log is judged).
Outcome judge(const World& world, const Config& config, const Evidence& evidence, const Inventory& inventory,
              std::size_t intent, std::size_t group);

/// How many (intent, group) pairs there are to judge per intent: at least 1.
inline std::size_t judged_groups(const Config& config) {
  return config.groups.empty() ? 1 : config.groups.size();
}

}  // namespace brokersim::model::ledger
