// The three kinds of failure that cross into Python, as the classes of brokersim/_errors.py.
#include <pybind11/stl.h>

#include "bindings/register.hpp"
#include "sim/check.hpp"
#include "sim/simulation.hpp"

namespace brokersim::bindings {

namespace {

py::object error_class(const char* name) { return py::module_::import("brokersim._errors").attr(name); }

void set_error(const char* name, const py::object& error) {
  PyErr_SetObject(error_class(name).ptr(), error.ptr());
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const scenarios::ScenarioError& error) {
    set_error("ScenarioError", error_class("ScenarioError")(error.what(), as_tuples(error.problems)));
  } catch (const sim::BugError& error) {
    set_error("BugError", error_class("BugError")(error.what()));
  } catch (const sim::Cancelled& error) {
    set_error("Cancelled", error_class("Cancelled")(error.what()));
  }
}

}  // namespace

std::vector<ProblemTuple> as_tuples(const std::vector<scenarios::Problem>& problems) {
  std::vector<ProblemTuple> tuples;
  for (const auto& p : problems) tuples.emplace_back(p.pointer, p.message, p.suggestion, p.warning);
  return tuples;
}

void register_errors(py::module_& /*module*/) { py::register_local_exception_translator(translate); }

}  // namespace brokersim::bindings
