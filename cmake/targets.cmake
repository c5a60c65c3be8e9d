# How a target of this project is made. Flags sit on targets, never on the directory or the cache.

find_program(BROKERSIM_CCACHE ccache)
if(PROJECT_IS_TOP_LEVEL AND BROKERSIM_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${BROKERSIM_CCACHE}")
endif()

function(brokersim_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum
    $<$<BOOL:${BROKERSIM_WERROR}>:-Werror>
    # gcc 12 sees copies that overlap, or are too long, in std::string's operator+ where there are none (its bug 105651),
    # and says so wherever a precompiled header makes it forget that the operator is the system's.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict$<SEMICOLON>-Wno-stringop-overflow$<SEMICOLON>-Wno-array-bounds>
    # Messages of checks name files relative to the root, on every machine alike.
    "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
  if(BROKERSIM_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${BROKERSIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
      # Instrumented code confuses these two of gcc's warnings; the plain builds have them.
      $<$<CXX_COMPILER_ID:GNU>:-Wno-conversion$<SEMICOLON>-Wno-maybe-uninitialized>)
    target_link_options(${target} PRIVATE -fsanitize=${BROKERSIM_SANITIZE})
  endif()
  # The same objects serve programs and the Python module; hidden names keep position independence free of charge.
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# Headers that nearly every source of a target includes, parsed once. Off where the target shall show that each source
# includes what it needs.
function(brokersim_precompile target)
  if(BROKERSIM_PRECOMPILE)
    list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/")
    target_precompile_headers(${target} PRIVATE ${ARGN})
    # What ccache asks for before it stores what was compiled beside such a header.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
endfunction()

# The static library brokersim::<folder> of all sources below a folder, apart from its subfolder EXCLUDE.
# Its headers are included from the root of the project: "sim/types.hpp".
function(brokersim_library folder)
  cmake_parse_arguments(arg "" "EXCLUDE" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${folder}/*.cpp")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${folder}/*.hpp")
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "/${folder}/${arg_EXCLUDE}/")
    list(FILTER headers EXCLUDE REGEX "/${folder}/${arg_EXCLUDE}/")
  endif()
  if(NOT sources)  # A folder of headers alone is a library too.
    set(sources "${PROJECT_BINARY_DIR}/${folder}_headers_only.cpp")
    file(CONFIGURE OUTPUT "${sources}" CONTENT "")
  endif()
  set(target brokersim_${folder})
  add_library(${target} STATIC ${sources})
  add_library(brokersim::${folder} ALIAS ${target})
  brokersim_options(${target})
  target_sources(${target} PUBLIC
    FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>" "$<INSTALL_INTERFACE:include/brokersim>")
  target_link_libraries(${target} PUBLIC ${arg_LINKS})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder})
endfunction()

# A program over one of the libraries, OVER, and what stands to its left; over the whole of brokersim if not said.
function(brokersim_executable target)
  cmake_parse_arguments(arg "" "OVER" "SOURCES;LINKS" ${ARGN})
  if(NOT arg_OVER)
    set(arg_OVER scenarios)
  endif()
  add_executable(${target} ${arg_SOURCES})
  brokersim_options(${target})
  target_compile_definitions(${target} PRIVATE BROKERSIM_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${target} PRIVATE brokersim_${arg_OVER} ${arg_LINKS})
endfunction()

# One program per source of a folder, built together by the target of the folder's name, over the library OVER.
function(brokersim_programs folder)
  cmake_parse_arguments(arg "" "OVER" "" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cpp")
  add_custom_target(${folder})
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    brokersim_executable(${folder}_${name} OVER ${arg_OVER} SOURCES "${source}")
    set_target_properties(${folder}_${name} PROPERTIES
      OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${folder}")
    add_dependencies(${folder} ${folder}_${name})
  endforeach()
endfunction()
