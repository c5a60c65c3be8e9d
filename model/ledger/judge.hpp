// The omniscient judge: reads the world after heal and drain, with the evidence, and says what became
// of every intent.
//
// Each consumer group is judged on the intents of the topics that it reads. Behind the groups stands the
// log, if anything was sent to a topic that no group reads (without consumers: everything).
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
  /// Per judged group, per producer: the producer's intents concern it.
  std::vector<std::vector<std::uint8_t>> judged;
};

/// Looks through all logs.
void take_inventory(const World& world, const Config& config, Inventory& inventory);

/// How many groups are judged: all consumer groups and, where it is needed, the log. At least 1.
std::size_t judged_groups(const Config& config);

/// Whether this judged group is the log.
inline bool is_log(const Config& config, std::size_t group) { return group >= config.groups.size(); }

/// Whether the intent concerns this judged group.
bool is_judged(const Evidence& evidence, const Inventory& inventory, std::size_t intent, std::size_t group);

/// One intent for one judged group that it concerns.
Outcome judge(const World& world, const Config& config, const Evidence& evidence, const Inventory& inventory,
              std::size_t intent, std::size_t group);

}  // namespace brokersim::model::ledger
