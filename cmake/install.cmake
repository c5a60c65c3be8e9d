# `cmake --install`: libraries, headers, the command, the scenario library, and what find_package(brokersim) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/brokersim")

install(TARGETS brokersim_sim brokersim_model brokersim_scenarios
  EXPORT brokersimTargets
  FILE_SET HEADERS DESTINATION include/brokersim)
install(EXPORT brokersimTargets NAMESPACE brokersim:: DESTINATION ${package_folder})
configure_package_config_file(cmake/brokersimConfig.cmake.in
  "${PROJECT_BINARY_DIR}/brokersimConfig.cmake" INSTALL_DESTINATION ${package_folder})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/brokersimConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/brokersimConfig.cmake" "${PROJECT_BINARY_DIR}/brokersimConfigVersion.cmake"
  DESTINATION ${package_folder})

if(TARGET brokersim_command)
  install(TARGETS brokersim_command)
endif()
install(DIRECTORY scenarios/library DESTINATION ${CMAKE_INSTALL_DATADIR}/brokersim FILES_MATCHING PATTERN "*.json")
install(FILES scenarios/schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/brokersim OPTIONAL)
