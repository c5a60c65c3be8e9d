// One whole cluster with its clients and what strikes it, drawn from a seed: what the cluster swarm runs.
#pragma once

#include <cstdint>

#include "model/config.hpp"
#include "tests/scenarios/swarm.hpp"

namespace brokersim::swarm {

/// Replica sets of both versions, classic, with acting masters, in controller mode or a DLedger group; name
/// servers or none; delayed, transactional and plain producers, consumer groups of every kind, and up to four
/// faults or campaigns.
model::Config drawn_cluster(std::uint64_t seed);

/// Of a cluster with all that can be struck (drawn_faults.cpp).
void add_faults(Dice& dice, model::Config& config);

}  // namespace brokersim::swarm
