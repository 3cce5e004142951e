// A directory that files are opened beneath, and never outside of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/file_status.hpp>

namespace ringway {

/// Which symbolic links are followed.
enum class symlink_policy : std::uint8_t {
    deny,    ///< None: a path with a link in it is refused.
    inside,  ///< Those whose target is inside the root, relative or absolute.
    follow,  ///< All, wherever they lead. Links of /proc that are no real links never.
};

/// A file or directory opened for reading, with what fstat(2) says of it.
struct opened_file {
    unique_fd fd;
    file_status status;
};

/// A name in a directory.
struct directory_entry {
    std::string name;           ///< Any bytes but '/' and NUL.
    bool is_directory = false;  ///< A directory, or a followed link to one.
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
};

struct directory_listing {
    std::vector<directory_entry> entries;  ///< Without "." and "..", in no particular order.
    bool more = false;                     ///< There are more than were asked for.
};

/// Owns a descriptor of a directory. Opening never leaves it (openat2(2), RESOLVE_BENEATH), however
/// its content changes meanwhile. Any shard may use the same root.
///
/// Paths are relative: without '/' in front and without ".." components, both of which are refused;
/// "" is the root itself. A FIFO or a device is opened without waiting for anybody; look at the
/// status before reading.
///
/// Where openat2 is missing (before Linux 5.6, or by a seccomp profile) paths are walked name by
/// name and every symbolic link is refused, whatever the policy; a log line says so once.
class root {
public:
    /// Opens `path`, which may be anything that opendir(3) takes.
    /// Fails with the errno of open(2): `not_found` also for what is no directory.
    [[nodiscard]] static result<root> open(const std::string& path) noexcept;

    /// Opens `path` if the kernel knows all that is needed from its caches, so that nothing waits
    /// for storage: one or two system calls, 1 to 2 us. Fails with `would_block` if it does not
    /// know; `open_beneath` then does. Otherwise fails as `open_beneath`.
    [[nodiscard]] result<opened_file> try_open_now(std::string_view path,
                                                   symlink_policy policy) const noexcept;

    /// Opens `path`.
    ///
    /// Fails with `not_found`, with `not_permitted` (file permissions, a link that the policy
    /// refuses, a way out of the root), with `invalid_argument` for a NUL in the path, with
    /// `system` otherwise: ENAMETOOLONG, EMFILE, EIO.
    /// Lifetime: the root outlives the task, `path` is copied.
    /// Cancel: a file that was opened all the same is yielded. Resumes: on the same shard.
    [[nodiscard]] task<result<opened_file>> open_beneath(std::string path,
                                                         symlink_policy policy) const;

    /// As `try_open_now` and then, where that would block, `open_beneath`; fails with `not_regular`
    /// for directories and everything else that has no bytes to serve.
    [[nodiscard]] task<result<opened_file>> open_regular(std::string path,
                                                         symlink_policy policy) const;

    /// Reads at most `entries_max` entries of the directory `path`, on a worker thread. Entries
    /// that can't be looked at, that are neither regular files nor directories, and links that the
    /// policy refuses, are left out.
    /// Fails as `open_beneath`. Cancel: does not end it. Resumes: on the same shard.
    [[nodiscard]] task<result<directory_listing>> list(std::string path, symlink_policy policy,
                                                       std::size_t entries_max) const;

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Whether openat2(2) works here; see above.
    [[nodiscard]] bool has_openat2() const noexcept { return has_openat2_; }

    /// Where the root is now, as an absolute path without links. Needs /proc.
    [[nodiscard]] result<std::string> real_path() const;

private:
    root(unique_fd fd, bool has_openat2) noexcept : fd_{std::move(fd)}, has_openat2_{has_openat2} {}

    unique_fd fd_;
    bool has_openat2_;
};

}  // namespace ringway
