// The shortest plan to each outcome of an exploration: fewest faults first, then fewest events. The one place
// of Boost.Graph for explored state graphs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/state_graph.hpp"

namespace brokersim::scenarios {

/// For each outcome (by its number in the graph), the path from node 0, its last edge the one that ends.
std::vector<std::vector<sim::StateGraphEdge>> shortest_paths(std::span<const sim::StateGraphEdge> edges,
                                                             std::uint32_t states, std::uint32_t outcomes);

}  // namespace brokersim::scenarios
