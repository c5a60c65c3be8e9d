// One whole cluster with its clients and what strikes it, drawn from a seed: what the cluster swarm runs.
#pragma once

#include <cstdint>

#include "model/config.hpp"

namespace brokersim::swarm {

/// Replica sets of both versions, name servers or none, delayed, transactional and plain producers,
/// consumer groups of every kind, and up to four faults or campaigns.
model::Config drawn_cluster(std::uint64_t seed);

}  // namespace brokersim::swarm
