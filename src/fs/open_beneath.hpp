// Opening beneath a directory with plain system calls, which may wait for storage.
#pragma once

#include <cstdint>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string>
#include <string_view>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/fs/root.hpp>

namespace ringway {

/// What is opened for reading. O_NONBLOCK: a FIFO must not make us wait for a writer.
inline constexpr std::uint64_t read_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

/// How openat2(2) is asked for `policy`.
[[nodiscard]] open_how how_to_open(symlink_policy policy, std::uint64_t flags) noexcept;

/// Whether `path` may be opened beneath a root at all: no NUL, not absolute, no "..".
[[nodiscard]] result<void> check_path(std::string_view path) noexcept;

/// openat2(2). `path` must be terminated.
[[nodiscard]] result<unique_fd> open_with(int directory, const char* path, open_how how) noexcept;

/// Opens `path` beneath `directory` as `policy` says, with all detours. May wait.
[[nodiscard]] result<unique_fd> open_waiting(int directory, const char* path, symlink_policy policy,
                                             std::uint64_t flags) noexcept;

/// Opens `path` whose absolute links lead back into `directory`: what RESOLVE_BENEATH refuses with
/// EXDEV. May wait. Fails with EXDEV if it leads out.
[[nodiscard]] result<unique_fd> open_through_links(int directory, const char* path,
                                                   std::uint64_t flags) noexcept;

/// Opens `path` name by name without openat2(2); refuses every symbolic link. May wait.
[[nodiscard]] result<unique_fd> open_by_names(int directory, std::string_view path,
                                              std::uint64_t flags) noexcept;

/// Where the descriptor is, by /proc.
[[nodiscard]] result<std::string> path_of(int fd) noexcept;

}  // namespace ringway
