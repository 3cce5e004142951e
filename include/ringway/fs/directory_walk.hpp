// All that is in a directory and below it, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/file_status.hpp>
#include <ringway/fs/root.hpp>

namespace ringway {

struct walk_options {
    /// Which symbolic links to directories are walked into. `inside` and `follow` find loops;
    /// `deny` tells of links as links.
    symlink_policy policy = symlink_policy::deny;
    unsigned depth_max = 64;       ///< Directories deeper than this are told of, not walked into.
    bool with_status = false;      ///< Fill in `walk_entry::status`: a system call for each.
    bool one_file_system = false;  ///< Tell of directories on others, do not walk into them.
};

/// One step of a walk.
struct walk_entry {
    enum class kind : std::uint8_t {
        file,       ///< A regular file.
        directory,  ///< Told before what is in it.
        leaving,    ///< The end of a directory that was told and walked into.
        symlink,    ///< Which is not followed, or leads nowhere.
        other,      ///< A FIFO, a socket or a device.
        failed,     ///< It can't be looked at or read: `why`. The walk goes on. A directory that
                    ///< can't be walked into is told of twice: as one, then as failed.
    };

    std::string path;  ///< Relative to where the walk began; any bytes but NUL. "" is that itself.
    kind what = kind::file;
    unsigned depth = 0;  ///< 1 for what is in the directory where the walk began.
    error why;           ///< Of `failed`: the errno of openat2(2), getdents64(2) or fstat(2); ELOOP
                         ///< for a directory that is in itself; `limit` for one that is too deep.
    std::optional<file_status> status;  ///< If asked for; that of what a link leads to if it is
                                        ///< followed.
};

/// Walks a directory depth first, in the order in which the file system names things.
///
/// Memory: for each of at most `depth_max` levels a descriptor and one batch of at most 512 names,
/// whatever the size of the directories. What changes meanwhile may be told of or not, as with
/// readdir(3). Used on one shard, by one caller at a time; may be dropped between two calls.
class directory_walk {
public:
    /// Of `path` beneath `where`; see `root` for paths and policies.
    /// Lifetime: `where` outlives the walk.
    directory_walk(const root& where, std::string path, walk_options options = {});
    ~directory_walk();
    directory_walk(directory_walk&&) noexcept;
    directory_walk& operator=(directory_walk&&) = delete;

    /// The next entry; none when there are no more. Reading is done on a worker thread, a batch of
    /// names at a time.
    /// Fails only when the directory where the walk begins can't be opened: as
    /// `root::open_beneath`, and with ENOTDIR. All other failures are entries.
    /// Lifetime: the walk outlives it. Cancel: `canceled` between two batches; the next call goes
    /// on. Resumes: on the same shard.
    [[nodiscard]] task<result<std::optional<walk_entry>>> next();

    /// Leaves out what is in the directory that `next` has just told of.
    void skip() noexcept { due_.reset(); }

private:
    struct level;

    [[nodiscard]] task<result<void>> begin();
    [[nodiscard]] task<void> enter(walk_entry& told);
    [[nodiscard]] walk_entry leave();

    const root* where_;
    std::string path_;
    walk_options options_;
    bool started_ = false;
    std::deque<level> levels_;       // The directories that are open, outermost first.
    std::optional<walk_entry> due_;  // A directory that was told and is entered next.
};

}  // namespace ringway
