// The shortest plan to each outcome of an exploration: fewest faults first, then fewest events. The one place
// of Boost.Graph for explored state graphs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/state_graph.hpp"

namespace brokersim::scenarios {

using Plan = std::vector<sim::StateGraphEdge>;  ///< a path from node 0; its last edge is the one that ends

/// For each outcome, by its number in the graph.
std::vector<Plan> shortest_paths(std::span<const sim::StateGraphEdge> edges, std::uint32_t states,
                                 std::uint32_t outcomes);

/// The same of plans whose first fault is this one (a place in what View::faults gives when nothing is
/// broken); empty for an outcome that none of them reaches.
std::vector<Plan> shortest_paths_with(std::int32_t fault, std::span<const sim::StateGraphEdge> edges,
                                      std::uint32_t states, std::uint32_t outcomes);

}  // namespace brokersim::scenarios
