# Installs `build` into a fresh prefix, then configures, builds and runs the consumer against that alone.
set(place "${build}/consumer")
file(REMOVE_RECURSE "${place}")
set(quiet COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)

execute_process(COMMAND ${CMAKE_COMMAND} --install "${build}" --prefix "${place}/prefix" ${quiet})
execute_process(COMMAND ${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${place}/build" -G Ninja
  -D CMAKE_PREFIX_PATH=${place}/prefix -D CMAKE_FIND_PACKAGE_NO_PACKAGE_REGISTRY=ON
  -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_COMPILER_LAUNCHER=${launcher} ${quiet})
execute_process(COMMAND ${CMAKE_COMMAND} --build "${place}/build" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${place}/build/consumer" COMMAND_ERROR_IS_FATAL ANY)
