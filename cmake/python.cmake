# What a wheel carries beside the Python files: the compiled module, the command and the scenario library.
# scikit-build-core runs this (pyproject.toml); wheel.packages adds bindings/brokersim.
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
find_package(pybind11 3.0 CONFIG REQUIRED)

file(GLOB module_sources CONFIGURE_DEPENDS bindings/*.cpp)
pybind11_add_module(_core ${module_sources})
brokersim_options(_core)
target_compile_definitions(_core PRIVATE BROKERSIM_VERSION="${PROJECT_VERSION}")
target_link_libraries(_core PRIVATE brokersim_scenarios)

install(TARGETS _core LIBRARY DESTINATION brokersim COMPONENT python)
if(TARGET brokersim_command)
  install(TARGETS brokersim_command RUNTIME DESTINATION "${SKBUILD_SCRIPTS_DIR}" COMPONENT python)
endif()
install(DIRECTORY scenarios/library DESTINATION brokersim COMPONENT python FILES_MATCHING PATTERN "*.json")
install(FILES scenarios/schema.json DESTINATION brokersim COMPONENT python OPTIONAL)
