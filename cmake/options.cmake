# What a build can choose. The presets set these; a plain build gets the defaults.
option(RINGWAY_WERROR "Treat warnings as errors" OFF)
option(RINGWAY_LTO "Link with ThinLTO" OFF)
option(RINGWAY_NO_EXCEPTIONS "Build the library with -fno-exceptions" OFF)
option(RINGWAY_FUZZ "Build the fuzz targets with libFuzzer, and no other tests" OFF)
option(RINGWAY_TESTS "Build tests and examples" ${PROJECT_IS_TOP_LEVEL})
set(RINGWAY_SANITIZE "" CACHE STRING "Sanitizers for everything, as in -fsanitize=")
set(RINGWAY_XDP AUTO CACHE STRING "BPF programs, for xdp, guard and top: AUTO, ON or OFF")
