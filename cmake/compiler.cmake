# The compiler, the linker and the flags that every target of ours gets.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
    message(FATAL_ERROR
        "Ringway needs clang 19 or newer, not ${CMAKE_CXX_COMPILER_ID} "
        "${CMAKE_CXX_COMPILER_VERSION} (GCC 12 miscompiles coroutines: "
        "docs/decisions/0002-compiler.md). Use `cmake --preset dev`, or CXX=clang++-19.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=lld RINGWAY_HAVE_LLD)
if(RINGWAY_HAVE_LLD)
    add_link_options(-fuse-ld=lld)
endif()

find_program(RINGWAY_CCACHE ccache)
if(RINGWAY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${RINGWAY_CCACHE}")
endif()

if(RINGWAY_SANITIZE)
    add_compile_options(
        -fsanitize=${RINGWAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if(RINGWAY_SANITIZE MATCHES "undefined")
        # It opens a pipe to look at memory, and reports nonsense when a test has used up all
        # descriptors.
        add_compile_options(-fno-sanitize=vptr)
    endif()
    add_link_options(-fsanitize=${RINGWAY_SANITIZE})
endif()
if(RINGWAY_LTO)
    # Fat objects hold machine code too, so that the installed archive links without LTO.
    add_compile_options(-flto=thin -ffat-lto-objects)
    add_link_options(-flto=thin -ffat-lto-objects)
    if(RINGWAY_HAVE_LLD)  # Many executables share most of their code.
        add_link_options("-Wl,--thinlto-cache-dir=${PROJECT_BINARY_DIR}/lto-cache")
    endif()
endif()

# Linked PRIVATE by every target of ours, so that a user of the package gets none of it.
add_library(ringway_flags INTERFACE)
target_compile_options(ringway_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    -Wno-missing-designated-field-initializers)  # {.a = 1} leaves out the rest on purpose.
if(RINGWAY_WERROR)
    target_compile_options(ringway_flags INTERFACE -Werror)
endif()
# Private headers are written "layer/name.hpp".
target_include_directories(ringway_flags INTERFACE "${PROJECT_SOURCE_DIR}/src")
# Kernel headers that the system's liburing expects and an older system lacks.
target_compile_options(ringway_flags INTERFACE
    "SHELL:-idirafter ${PROJECT_SOURCE_DIR}/cmake/compat")
