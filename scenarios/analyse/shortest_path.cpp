#include "scenarios/analyse/shortest_path.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>

#include "sim/check.hpp"

namespace brokersim::scenarios {

namespace {

using sim::StateGraphEdge;

struct Way {
  std::uint64_t cost = 0;
  std::uint32_t edge = 0;  ///< index into the explored edges
};

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Way>;

/// No run has so many events that they would outweigh a fault.
constexpr std::uint64_t fault_cost = std::uint64_t{1} << 40;

std::uint64_t cost_of(const StateGraphEdge& edge) { return edge.is_fault() ? fault_cost : 1; }

/// Remembers by which way each node was reached best: the visitor sees parallel ways apart, where a map of
/// predecessors would not.
struct BestWays : boost::dijkstra_visitor<> {
  std::vector<std::int64_t>* ways;
  explicit BestWays(std::vector<std::int64_t>& w) : ways(&w) {}
  void edge_relaxed(Graph::edge_descriptor edge, const Graph& graph) const {
    (*ways)[boost::target(edge, graph)] = graph[edge].edge;
  }
};

/// Empty if there is none.
Plan path_to(std::uint32_t node, const std::vector<std::int64_t>& ways,
             std::span<const StateGraphEdge> edges) {
  Plan path;
  while (node != 0) {
    if (ways[node] < 0) return {};
    path.push_back(edges[static_cast<std::size_t>(ways[node])]);
    node = path.back().from;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

/// Outcomes are nodes behind the states.
template <class Taken>
std::vector<Plan> find_paths(std::span<const StateGraphEdge> edges, std::uint32_t states,
                             std::uint32_t outcomes, Taken taken) {
  Graph graph(std::size_t{states} + outcomes);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (!taken(edges[i])) continue;
    const std::uint32_t target = edges[i].ends ? states + edges[i].to : edges[i].to;
    boost::add_edge(edges[i].from, target, Way{cost_of(edges[i]), static_cast<std::uint32_t>(i)}, graph);
  }
  std::vector<std::int64_t> ways(std::size_t{states} + outcomes, -1);
  std::vector<std::uint64_t> costs(ways.size());
  boost::dijkstra_shortest_paths(
      graph, 0,
      boost::weight_map(boost::get(&Way::cost, graph)).distance_map(costs.data()).visitor(BestWays(ways)));
  std::vector<Plan> paths;
  for (std::uint32_t outcome = 0; outcome < outcomes; ++outcome)
    paths.push_back(path_to(states + outcome, ways, edges));
  return paths;
}

/// The states before any fault. A state knows how many faults are left, so that it is either behind one or
/// not; and the way by which it was met first comes before its own ways.
std::vector<bool> unharmed_states(std::span<const StateGraphEdge> edges, std::uint32_t states) {
  std::vector<bool> unharmed(states);
  unharmed[0] = true;
  for (const StateGraphEdge& edge : edges) {
    if (!edge.ends && !edge.is_fault() && unharmed[edge.from]) unharmed[edge.to] = true;
  }
  return unharmed;
}

}  // namespace

std::vector<Plan> shortest_paths(std::span<const StateGraphEdge> edges, std::uint32_t states,
                                 std::uint32_t outcomes) {
  auto paths = find_paths(edges, states, outcomes, [](const StateGraphEdge&) { return true; });
  for (const Plan& path : paths) sim::check(!path.empty(), "an outcome that no plan reaches");
  return paths;
}

std::vector<Plan> shortest_paths_with(std::int32_t fault, std::span<const StateGraphEdge> edges,
                                      std::uint32_t states, std::uint32_t outcomes) {
  const auto unharmed = unharmed_states(edges, states);
  return find_paths(edges, states, outcomes, [&](const StateGraphEdge& edge) {
    if (!unharmed[edge.from]) return true;
    return edge.is_fault() ? edge.what == fault : !edge.ends;
  });
}

}  // namespace brokersim::scenarios
