// From a path through an explored graph to faults that a scenario file can say (docs/architecture.md, rule
// 13): before or after the nth event of a name at an actor, or at a time where no event is near.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/event.hpp"
#include "model/explorable.hpp"
#include "sim/state_graph.hpp"

namespace brokersim::scenarios {

/// One event or fault on a path.
struct PathStep {
  model::SimTime at;
  model::EventName name = model::EventName::count;
  model::ProcessId actor;
  bool is_fault = false;
  std::uint16_t fault = 0;  ///< which of the configuration's
};

std::vector<PathStep> steps_of(const model::Config& config, sim::Seed seed,
                               std::span<const sim::StateGraphEdge> path);

/// The ways in which a run can be made to strike at the place of one fault, the most telling first. The first
/// is the same instant exactly; the others are near, and a run must show whether they lead to the same end.
struct FaultPlaces {
  model::SimTime at;
  model::FaultTrigger place;  ///< for people: beside an event, if there is one
  std::vector<model::FaultTrigger> triggers;
};
std::vector<FaultPlaces> fault_places(const model::Config& config, sim::Seed seed,
                                      std::span<const sim::StateGraphEdge> path);

/// "just after the 2nd broker.op_batch of broker-a (at 3.2s)".
std::string place_text(const model::Config& config, const model::FaultTrigger& trigger, model::SimTime at);

}  // namespace brokersim::scenarios
