// The compiled half of the Python package, `brokersim._core`: one `register_*` per noun.
//
// It is thin on purpose: numbers go out as NumPy columns that own their memory, names as text, and what a
// Python file can do as well (paths, defaults, tables) is done there. What it throws is defined in
// brokersim/_errors.py.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "scenarios/scenario.hpp"

namespace brokersim::bindings {

namespace py = pybind11;

/// pointer, message, suggestion, warning.
using ProblemTuple = std::tuple<std::string, std::string, std::string, bool>;

/// A scenario that was read, and what a report says about where it came from.
struct LoadedScenario {
  scenarios::Scenario scenario;
  std::shared_ptr<const model::Config> config;
  std::vector<scenarios::Problem> warnings;
  std::string overrides;  ///< as `--set` options of the command
};

std::vector<ProblemTuple> as_tuples(const std::vector<scenarios::Problem>& problems);

/// What is judged: the consumer groups, and "" for the log.
std::vector<std::string> judged_names(const model::Config& config);

void register_errors(py::module_& module);
void register_names(py::module_& module);
void register_scenario(py::module_& module);
void register_batch(py::module_& module);
void register_simulation(py::module_& module);

}  // namespace brokersim::bindings
