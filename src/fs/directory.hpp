// Reading a directory with plain system calls, which may wait for storage.
#pragma once

#include <cstddef>
#include <string_view>

#include <ringway/base/result.hpp>
#include <ringway/fs/root.hpp>

namespace ringway {

struct directory_to_read {
    int directory;          ///< Opened for reading.
    int root;               ///< What links are resolved beneath.
    std::string_view path;  ///< Of `directory` below `root`.
    symlink_policy policy;
    std::size_t entries_max;
};

/// See `root::list`. Fails with the errno of getdents64(2).
[[nodiscard]] result<directory_listing> read_directory(const directory_to_read& what) noexcept;

}  // namespace ringway
