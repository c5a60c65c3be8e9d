// Reading scenario files.
#include <pybind11/stl.h>

#include "bindings/register.hpp"
#include "scenarios/report/format.hpp"

namespace brokersim::bindings {

namespace {

using Overrides = std::vector<std::pair<std::string, std::string>>;

std::vector<scenarios::Override> override_list(const Overrides& pairs) {
  std::vector<scenarios::Override> list;
  for (const auto& [path, value] : pairs) list.push_back({path, value});
  return list;
}

/// As one would type them after `brokersim run`.
std::string as_options(const Overrides& pairs) {
  std::string text;
  for (const auto& [path, value] : pairs)
    text += (text.empty() ? "--set " : " --set ") + scenarios::shell_word(path + '=' + value);
  return text;
}

template <class Read>
LoadedScenario loaded(const Overrides& pairs, Read read) {
  LoadedScenario result;
  result.scenario = read(override_list(pairs), &result.warnings);
  result.config = std::make_shared<const model::Config>(result.scenario.config);
  result.overrides = as_options(pairs);
  return result;
}

LoadedScenario load(const std::string& path, const Overrides& pairs) {
  return loaded(pairs, [&](const auto& list, auto* warnings) {
    return scenarios::load_scenario(path, list, warnings);
  });
}

LoadedScenario loads(const std::string& text, const std::string& path, const Overrides& pairs) {
  return loaded(pairs, [&](const auto& list, auto* warnings) {
    return scenarios::read_scenario(text, path, list, warnings);
  });
}

template <class Text>
auto text_of(Text scenarios::Scenario::* member) {
  return [member](const LoadedScenario& loaded) { return loaded.scenario.*member; };
}

}  // namespace

void register_scenario(py::module_& module) {
  using scenarios::Scenario;
  py::class_<LoadedScenario>(module, "Scenario")
      .def_property_readonly("path", text_of(&Scenario::path))
      .def_property_readonly("title", text_of(&Scenario::title))
      .def_property_readonly("question", text_of(&Scenario::question))
      .def_property_readonly("source", text_of(&Scenario::source))
      .def_property_readonly("description", text_of(&Scenario::description))
      .def_property_readonly("seeds", text_of(&Scenario::seeds))
      .def_readonly("overrides", &LoadedScenario::overrides)
      .def_property_readonly("judged", [](const LoadedScenario& self) { return judged_names(*self.config); })
      .def_property_readonly("warnings", [](const LoadedScenario& self) { return as_tuples(self.warnings); })
      .def("effective_json", [](const LoadedScenario& self) { return effective_json(self.scenario); });
  module.def("load", &load, py::arg("path"), py::arg("overrides"), "Reads a file.");
  module.def("loads", &loads, py::arg("text"), py::arg("path"), py::arg("overrides"), "Reads a text.");
}

}  // namespace brokersim::bindings
