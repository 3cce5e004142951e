# tests/fuzz/NAME_fuzz.cpp defines LLVMFuzzerTestOneInput; its seeds are tests/fuzz/corpus/NAME/*.
# The fuzz preset links libFuzzer. Every other preset links a driver that replays the corpus, so
# that each input that ever failed is an ordinary test: fuzz.NAME.
file(GLOB fuzz_sources CONFIGURE_DEPENDS fuzz/*_fuzz.cpp)
foreach(source IN LISTS fuzz_sources)
    get_filename_component(target "${source}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name "${target}")
    add_executable(${target} ${source})
    target_link_libraries(${target} PRIVATE ringway_flags ringway::ringway)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
    if(name STREQUAL "h3_session")  # Its peer is a fake connection.
        target_sources(${target} PRIVATE support/fake_quic.cpp)
        target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
    set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name}")
    if(RINGWAY_FUZZ)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        add_test(NAME fuzz.${name} COMMAND ${target} -runs=0 "${corpus}")
    else()
        target_sources(${target} PRIVATE fuzz/replay_main.cpp)
        add_test(NAME fuzz.${name} COMMAND ${target} "${corpus}")
    endif()
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
endforeach()
