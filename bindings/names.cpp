// The names of counts and causes, and what a text with a unit means. All from the tables of the program, so
// that a new count or cause is one here as well.
#include <pybind11/stl.h>

#include <tuple>

#include "bindings/register.hpp"
#include "model/ledger/judge.hpp"
#include "scenarios/read/quantities.hpp"
#include "scenarios/report/verdict_text.hpp"
#include "scenarios/run/counts.hpp"

namespace brokersim::bindings {

namespace {

std::vector<std::string> count_list() {
  return {scenarios::count_names.begin(), scenarios::count_names.end()};
}

std::vector<std::tuple<std::string, std::string, std::string>> cause_list() {
  std::vector<std::tuple<std::string, std::string, std::string>> list;
  for (const auto& text : model::ledger::cause_texts)
    list.emplace_back(text.name, text.sentence, text.closes);
  return list;
}

std::int64_t duration_ns(const std::string& text) {
  const auto parsed = scenarios::read::parse_duration(text);
  if (!parsed.value) {
    const std::string instead = parsed.suggestion.empty() ? "" : " (" + parsed.suggestion + ")";
    throw py::value_error(parsed.message + instead);
  }
  return parsed.value->ns;
}

}  // namespace

std::vector<std::string> judged_names(const model::Config& config) {
  std::vector<std::string> names;
  for (std::size_t g = 0; g < model::ledger::judged_groups(config); ++g)
    names.push_back(scenarios::judged_name(config, g));
  return names;
}

void register_names(py::module_& module) {
  module.def("count_names", &count_list, "What is counted, in the order of reports.");
  module.def("cause_texts", &cause_list, "(name, what happened, what closes it) of each cause.");
  module.def("duration_ns", &duration_ns, py::arg("text"),
             "Nanoseconds of a text like \"3.5s\". Raises ValueError.");
}

}  // namespace brokersim::bindings
