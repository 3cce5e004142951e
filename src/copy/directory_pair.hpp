// A directory that is being copied, and the one that becomes its copy.
#pragma once

#include <dirent.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>
#include <ringway/copy/copy_paths.hpp>

#include "copy/one_file.hpp"
#include "fs/walk_batch.hpp"

namespace ringway {

/// Both are open. Children hold their parent, so that it is finished after them.
struct directory_pair {
    std::shared_ptr<directory_pair> parent;
    unique_fd source;
    unique_fd target;
    std::string source_path;  ///< For people.
    std::string target_path;
    struct stat facts{};  ///< Of the source.
    bool made = false;    ///< The target was not there before.
    bool may_share_blocks = true;
    walk_source names;  ///< Of the source, read in portions.

    [[nodiscard]] file_names names_of(const std::string& name) const {
        return {source.get(), target.get(), name, name, may_share_blocks, made};
    }
};

/// A name in a directory, and what it is.
struct directory_item {
    std::string name;
    /// DT_*, readdir(3). DT_FIFO: some special file; DT_UNKNOWN: it is gone.
    unsigned char type = DT_UNKNOWN;
};

/// A part of a directory's names. Empty: there are no more.
using directory_portion = std::vector<directory_item>;

/// Opens the source `source_name` in `source_directory`, makes the target, or opens what is there,
/// and fills `pair` in. A result: it has failed. Blocks.
[[nodiscard]] std::optional<file_outcome> enter_directory(directory_pair& pair,
                                                          const file_names& names,
                                                          bool follow_source, bool follow_target);

/// Whether files in `directory`, which may be O_PATH, might share blocks with others.
[[nodiscard]] bool shares_blocks_in(int directory) noexcept;

/// The next names, as many as one system call tells; `follow`: links are what they lead to. Blocks.
/// Fails with the errno of getdents64(2).
[[nodiscard]] result<directory_portion> read_portion(directory_pair& pair, bool follow);

/// Gives the target what it takes over, after everything in it is there.
[[nodiscard]] result<void> finish_directory(const directory_pair& pair,
                                            const kept_attributes& kept) noexcept;

/// Waits until the names in `directory`, which may be O_PATH, are on stable storage. Blocks.
[[nodiscard]] result<void> sync_directory(int directory) noexcept;

/// Whether the directory `path` is the one that `facts` are of, or beneath it. Blocks.
[[nodiscard]] bool is_within(const std::string& path, const struct stat& facts) noexcept;

}  // namespace ringway
