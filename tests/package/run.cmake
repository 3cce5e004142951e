# Installs the build BUILD_DIR into a folder of its own, then builds and runs the project next to
# this file against it. cmake -D BUILD_DIR=... -D COMPILER=... [-D FLAGS=...] -P run.cmake
set(work "${BUILD_DIR}/package")
file(REMOVE_RECURSE "${work}")

function(run)
    execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${work}/prefix")
run("${CMAKE_COMMAND}" -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}" -B "${work}/build"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
    "-DCMAKE_PREFIX_PATH=${work}/prefix")
run("${CMAKE_COMMAND}" --build "${work}/build")
run("${work}/build/package_user")
if(EXISTS "${BUILD_DIR}/ringway")
    run("${work}/prefix/bin/ringway" --version)
endif()
