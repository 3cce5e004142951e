# Each case of tests/peers is a test of its own: peers.PEER.CASE. They run when asked for by
# ./dev test --peers, which installs the peers; otherwise, and without its peer, a case is skipped
# with the reason. What passes for a change must not hang on programs of other people.
set(peers_run "${CMAKE_CURRENT_LIST_DIR}/run")
file(GLOB_RECURSE peers_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.py")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${peers_sources} "${peers_run}")
execute_process(COMMAND python3 -B "${peers_run}" --list OUTPUT_VARIABLE peers_cases
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" peers_cases "${peers_cases}")
foreach(peers_case ${peers_cases})
    add_test(NAME peers.${peers_case}
        COMMAND python3 -B "${peers_run}" --binary $<TARGET_FILE:ringway_command> --if-asked
            ${peers_case})
    set_tests_properties(peers.${peers_case} PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS peers)
endforeach()
