// What is known of an opened file.
#pragma once

#include <cstdint>

#include <ringway/base/result.hpp>

namespace ringway {

/// Facts of fstat(2).
struct file_status {
    std::uint64_t size = 0;     ///< Bytes.
    std::int64_t mtime_ns = 0;  ///< Last change of the content, since 1970; below zero before that.
    std::int64_t ctime_ns = 0;  ///< Last change of content or facts.
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    std::uint32_t mode = 0;  ///< Permissions and kind, as `st_mode` has them.
    bool is_regular = false;
    bool is_directory = false;

    friend bool operator==(const file_status&, const file_status&) = default;
};

/// The facts of `fd`, by one system call that never waits for local storage (0.2 us). On a network
/// file system it may ask the server. Fails with the errno of fstat(2).
[[nodiscard]] result<file_status> status_of(int fd) noexcept;

}  // namespace ringway
