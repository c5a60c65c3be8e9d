// What an exploration went through, as a graph: states, the ways between them, and the outcomes where runs
// end. Node 0 is no state: what all beginnings come from. A path from there is a plan; sim/follow.hpp goes
// along it.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/check.hpp"

namespace brokersim::sim {

struct StateGraphEdge {
  /// What happens on the way: a beginning, the next event, the end of the run, or (from 0 on) the fault of
  /// this place in what View::faults gave.
  static constexpr std::int32_t start = -3, event = -2, stop = -1;
  std::int32_t what = event;
  bool ends = false;  ///< `to` is an outcome, not a state
  std::uint32_t from = 0, to = 0;
  std::vector<std::uint32_t> answers;  ///< the index of each answer that the step asked for

  bool is_fault() const { return what >= 0; }
};

template <class Outcome>
struct StateGraph {
  std::vector<StateGraphEdge> edges;
  std::map<Outcome, std::uint32_t> outcomes;  ///< numbered as they were met
  std::uint32_t states = 1;                   ///< with node 0

  /// A way from a state; where it leads is said next.
  void add(std::uint32_t from, std::int32_t what, std::vector<std::uint32_t> answers) {
    edges.push_back({what, false, from, 0, std::move(answers)});
  }
  void to_state(std::uint32_t from, std::uint32_t to) {
    check(!edges.empty() && edges.back().from == from, "a way leads on from where it began");
    edges.back().to = to;
    if (to >= states) states = to + 1;
  }
  void to_outcome(std::uint32_t from, Outcome outcome) {
    check(!edges.empty() && edges.back().from == from, "a way leads on from where it began");
    const auto number = static_cast<std::uint32_t>(outcomes.size());
    edges.back().to = outcomes.try_emplace(std::move(outcome), number).first->second;
    edges.back().ends = true;
  }
};

}  // namespace brokersim::sim
