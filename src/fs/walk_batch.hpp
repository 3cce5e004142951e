// The part of a walk that blocks: opening a directory and reading some of its names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/fs/directory_walk.hpp>
#include <ringway/fs/file_status.hpp>

namespace ringway {

/// A directory of which names are read.
struct walk_source {
    unique_fd fd;
    file_status status;
    std::vector<walk_entry> batch;  ///< Their paths are single names.
    std::size_t next = 0;           ///< Of `batch`.
    bool ended = false;             ///< There are no more names behind the batch.
    error failed;                   ///< Why reading ended.
};

/// Replaces the batch by the next names; an empty one means the end or a failure.
void read_batch(walk_source& from, const walk_options& options, int root_fd,
                const std::string& path) noexcept;

/// Opens the directory `name` in `parent`, which must not be a link, or, if `follows`, `path`
/// beneath `root_fd`; then reads the first batch.
[[nodiscard]] result<walk_source> open_source(int parent, const std::string& name, int root_fd,
                                              const std::string& path, bool follows,
                                              const walk_options& options) noexcept;

}  // namespace ringway
