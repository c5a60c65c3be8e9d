#include "bindings/register.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled core of brokersim; use the names that the package itself offers.";
  module.attr("__version__") = BROKERSIM_VERSION;
  brokersim::bindings::register_errors(module);
  brokersim::bindings::register_names(module);
  brokersim::bindings::register_scenario(module);
  brokersim::bindings::register_batch(module);
  brokersim::bindings::register_simulation(module);
}
