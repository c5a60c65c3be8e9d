// For each honoured setting two values, and a scenario of the library in which they make a difference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/run/seed_run.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::tests {

/// What the second value does to the count, or to the trace alone.
enum class Moves : std::uint8_t { less, more, trace };

struct Effect {
  std::string scope, name, first, second;
  std::string scenario;  ///< of the library
  std::optional<scenarios::Count> count;
  Moves moves;
  std::vector<scenarios::Override> with = {};  ///< makes the scenario one in which the setting matters
};

const std::vector<Effect>& effects();

}  // namespace brokersim::tests
