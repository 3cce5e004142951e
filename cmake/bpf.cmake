# Whether this build can have BPF programs, and how they become skeletons.
#
# RINGWAY_XDP=AUTO builds them where clang knows the bpf target and bpftool and libbpf are there,
# says in one line what is missing where they are not, and goes on without; ON makes that an error.
# RINGWAY_HAVE_BPF says what came of it.
set(RINGWAY_HAVE_BPF OFF)
if(NOT RINGWAY_XDP STREQUAL "OFF")
    find_program(RINGWAY_BPFTOOL bpftool HINTS /usr/sbin /sbin)
    find_program(RINGWAY_BPF_STRIP NAMES llvm-strip-19 llvm-strip)
    find_path(RINGWAY_bpf_INCLUDE bpf/libbpf.h)
    find_library(RINGWAY_bpf_LIBRARY NAMES libbpf.a)
    find_library(RINGWAY_elf_LIBRARY NAMES elf)
    find_library(RINGWAY_ncursesw_LIBRARY NAMES ncursesw)  # The screen of `ringway top`.
    mark_as_advanced(RINGWAY_BPFTOOL RINGWAY_BPF_STRIP RINGWAY_bpf_INCLUDE RINGWAY_bpf_LIBRARY
        RINGWAY_elf_LIBRARY RINGWAY_ncursesw_LIBRARY)
    execute_process(COMMAND "${CMAKE_CXX_COMPILER}" -print-targets
        OUTPUT_VARIABLE targets ERROR_QUIET)
    set(missing "")
    foreach(need RINGWAY_BPFTOOL RINGWAY_BPF_STRIP RINGWAY_bpf_INCLUDE RINGWAY_bpf_LIBRARY
            RINGWAY_elf_LIBRARY RINGWAY_ncursesw_LIBRARY)
        if(NOT ${need})
            list(APPEND missing ${need})
        endif()
    endforeach()
    if(NOT targets MATCHES "bpf")
        list(APPEND missing "a clang with the bpf target")
    endif()
    if(RINGWAY_bpf_INCLUDE)
        file(STRINGS "${RINGWAY_bpf_INCLUDE}/bpf/libbpf_version.h" version
            REGEX "LIBBPF_M(AJOR|INOR)_VERSION ")
        string(REGEX REPLACE "[^0-9]+" " " version "${version}")
        if(version MATCHES " 1 ([0-9]+)" AND CMAKE_MATCH_1 LESS 4)
            list(APPEND missing "libbpf 1.4 or newer")
        endif()
    endif()
    if(NOT missing)
        set(RINGWAY_HAVE_BPF ON)
    elseif(RINGWAY_XDP STREQUAL "ON")
        message(FATAL_ERROR "RINGWAY_XDP=ON needs ${missing}; ./dev setup installs it")
    else()
        message(STATUS "Without xdp, guard and top: missing ${missing}; ./dev setup installs it")
    endif()
endif()

# Static, because the pinned version is not the one that a stock system has at run time.
if(RINGWAY_HAVE_BPF AND NOT TARGET ringway::bpf)
    find_dependency(ZLIB)
    add_library(ringway::bpf STATIC IMPORTED GLOBAL)
    set_target_properties(ringway::bpf PROPERTIES
        IMPORTED_LOCATION "${RINGWAY_bpf_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${RINGWAY_bpf_INCLUDE}"
        INTERFACE_LINK_LIBRARIES "${RINGWAY_elf_LIBRARY};ZLIB::ZLIB")
endif()

# libxdp, where it is there, to join the programs that its dispatcher runs. Static, as it passes
# objects of libbpf on.
if(RINGWAY_HAVE_BPF)
    find_path(RINGWAY_libxdp_INCLUDE xdp/libxdp.h)
    find_library(RINGWAY_libxdp_LIBRARY NAMES libxdp.a)
    mark_as_advanced(RINGWAY_libxdp_INCLUDE RINGWAY_libxdp_LIBRARY)
    set(RINGWAY_LIBXDP "")
    if(RINGWAY_libxdp_INCLUDE AND RINGWAY_libxdp_LIBRARY)
        set(RINGWAY_LIBXDP ringway::libxdp)
        if(NOT TARGET ringway::libxdp)
            add_library(ringway::libxdp STATIC IMPORTED GLOBAL)
            set_target_properties(ringway::libxdp PROPERTIES
                IMPORTED_LOCATION "${RINGWAY_libxdp_LIBRARY}"
                INTERFACE_INCLUDE_DIRECTORIES "${RINGWAY_libxdp_INCLUDE}"
                INTERFACE_LINK_LIBRARIES ringway::bpf)
        endif()
    else()
        message(STATUS "Without libxdp's dispatcher: missing libxdp-dev; ./dev setup installs it")
    endif()
endif()

# ringway_bpf_skeletons(LAYER NAME...): compiles bpf/NAME.bpf.c and makes NAME.skel.h of it, which
# the sources of the layer include by that name. Headers in bpf/ are shared with user space. BTF
# stays in the object, since CO-RE and maps need it; DWARF does not.
function(ringway_bpf_skeletons layer)
    set(folder "${PROJECT_BINARY_DIR}/bpf")
    file(MAKE_DIRECTORY "${folder}")
    file(GLOB shared CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bpf/*.h")
    list(APPEND shared "${PROJECT_SOURCE_DIR}/bpf/xdp_steer.bpf.c")  # Included by xdp_steer_hints.
    set(skeletons "")
    foreach(name IN LISTS ARGN)
        set(source "${PROJECT_SOURCE_DIR}/bpf/${name}.bpf.c")
        set(object "${folder}/${name}.bpf.o")
        set(skeleton "${folder}/${name}.skel.h")
        add_custom_command(OUTPUT "${skeleton}"
            COMMAND "${CMAKE_CXX_COMPILER}" -x c -std=gnu11 -target bpf -mcpu=v3 -O2 -g
                -Wall -Wextra -Werror -Wno-missing-declarations
                "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/="
                -isystem "${RINGWAY_bpf_INCLUDE}"
                -isystem "/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}"
                -I "${PROJECT_SOURCE_DIR}/bpf" -c "${source}" -o "${object}"
            COMMAND "${RINGWAY_BPF_STRIP}" -g "${object}"
            COMMAND "${RINGWAY_BPFTOOL}" gen skeleton "${object}" name ${name}_bpf
                > "${skeleton}.new"
            COMMAND "${CMAKE_COMMAND}" -E rename "${skeleton}.new" "${skeleton}"
            DEPENDS "${source}" ${shared} COMMENT "BPF ${name}" VERBATIM)
        list(APPEND skeletons "${skeleton}")
    endforeach()
    target_sources(ringway_${layer} PRIVATE ${skeletons})
    target_include_directories(ringway_${layer} SYSTEM PRIVATE "${folder}")
    target_include_directories(ringway_${layer} PRIVATE "${PROJECT_SOURCE_DIR}/bpf")
endfunction()
