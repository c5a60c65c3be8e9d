# One test program per folder of tests/ that mirrors the tree; each of its cases is a test of ctest, run from the root.
find_package(Catch2 REQUIRED)
include(Catch)

if(Catch2_VERSION VERSION_LESS 3)
  # Version 2 is header-only; its main takes long, so it is compiled once for all and never with sanitizers:
  # with them it takes 50 s of one processor instead of 11, and the cache could not share it between builds.
  add_library(catch_main OBJECT tests/main_v2.cpp)
  target_compile_features(catch_main PUBLIC cxx_std_20)
  target_link_libraries(catch_main PUBLIC Catch2::Catch2)
  set(catch_libraries catch_main)
else()
  set(catch_libraries Catch2::Catch2WithMain)
endif()

set(widest_of_sim sim/simulation.hpp)
set(widest_of_model model/world.hpp)
set(widest_of_scenarios model/world.hpp)
foreach(folder IN ITEMS sim model scenarios)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS tests/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/must_not_compile/")  # tests/python/test_must_not_compile.py tries those.
  if(sources)
    brokersim_executable(test_${folder} OVER ${folder} SOURCES ${sources} LINKS ${catch_libraries})
    if(BROKERSIM_SANITIZE)  # Optimised, Catch2's assertions take most of the build, and nothing of the run.
      # Clang asks for more than gcc: signs are part of its -Wconversion, and what only templates name is unneeded.
      target_compile_options(test_${folder} PRIVATE -O0
        $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion$<SEMICOLON>-Wno-unneeded-internal-declaration>)
      # What explores and what draws by the thousand takes minutes without.
      file(GLOB busy CONFIGURE_DEPENDS tests/${folder}/*explore*_test.cpp tests/${folder}/*swarm*_test.cpp)
      set_source_files_properties(${busy} PROPERTIES COMPILE_OPTIONS -O1 SKIP_PRECOMPILE_HEADERS ON)
    endif()
    brokersim_precompile(test_${folder} tests/catch.hpp ${widest_of_${folder}})
    catch_discover_tests(test_${folder} TEST_PREFIX "${folder}/" WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  endif()
endforeach()

# A project of its own that knows only an installed brokersim. A sanitized library would ask its users for the
# sanitizer, so that build does not try.
if(NOT BROKERSIM_SANITIZE)
  add_test(NAME "consumer: an installed brokersim is found, linked and run"
    COMMAND ${CMAKE_COMMAND}
      -D build=${PROJECT_BINARY_DIR} -D compiler=${CMAKE_CXX_COMPILER} -D launcher=${CMAKE_CXX_COMPILER_LAUNCHER}
      -P ${PROJECT_SOURCE_DIR}/tests/consumer/check.cmake)
endif()
