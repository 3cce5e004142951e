# cmake --install: the command, the library, its headers and the CMake package "ringway".
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ringway")

if(TARGET ringway_command)
    install(TARGETS ringway_command RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(TARGETS ringway EXPORT ringway_targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT ringway_targets NAMESPACE ringway:: FILE ringway-targets.cmake
    DESTINATION "${package_dir}")

configure_package_config_file(cmake/ringway-config.cmake.in
    "${PROJECT_BINARY_DIR}/ringway-config.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ringway-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/ringway-config.cmake"
    "${PROJECT_BINARY_DIR}/ringway-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/dependencies.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/bpf.cmake"
    DESTINATION "${package_dir}")
