// The compiled half of the Python package: one `register_*` function per noun, called from here.
#include <pybind11/pybind11.h>

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled core of brokersim; use the names that the package itself offers.";
  module.attr("__version__") = BROKERSIM_VERSION;
}
