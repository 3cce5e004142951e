// Files of one shard, read and written through its driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/file_status.hpp>
#include <ringway/fs/root.hpp>
#include <ringway/ring/await.hpp>

namespace ringway {

/// Owns the descriptor of an opened file. Every call names its offset, so calls on one file may run
/// beside each other. All of them must have ended before the file dies.
///
/// Cancel, for every call: asked for and then waited for. What is done already can't be undone; how
/// much that is, is unknown after `canceled`. Resumes: on the same shard.
class file {
public:
    explicit file(unique_fd fd) noexcept : fd_{std::move(fd)} {}

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Reads up to `into.size()` bytes at `offset` (pread(2)), as result<std::size_t>: fewer where
    /// the file ends, 0 behind its end, and rarely fewer for no reason.
    /// Fails with the errno of pread(2). Lifetime: `into` until it resumes.
    [[nodiscard]] auto read(byte_span into, std::uint64_t offset) const noexcept {
        return count_awaiter{read_operation(into, offset)};
    }

    /// Reads until `into` is full or the file ends, and yields how many bytes that were.
    /// Fails as `read`. Lifetime: `into` and the file until it resumes.
    [[nodiscard]] task<result<std::size_t>> read_full(byte_span into, std::uint64_t offset) const;

    /// The file's content from its begin to its end, as the end is when the call begins; files
    /// without a size, like those of /proc, up to where reading ends.
    /// Fails with `limit` for more than `bytes_max`, else as `read`.
    [[nodiscard]] task<result<std::string>> read_all(std::size_t bytes_max) const;

    /// Writes all of `bytes` at `offset` (pwrite(2)). Fails with the errno of pwrite(2); how much
    /// has been written is unknown then. Lifetime: `bytes` and the file until it resumes.
    [[nodiscard]] task<result<void>> write(byte_view bytes, std::uint64_t offset) const;

    /// Waits until what was written is on stable storage: fdatasync(2), or with `facts_too`
    /// fsync(2). After a failure nothing is known of what was written since the last success.
    [[nodiscard]] task<result<void>> sync(bool facts_too = false) const;

    /// Size, times and kind, now. Fails with the errno of fstat(2).
    [[nodiscard]] result<file_status> status() const noexcept { return status_of(fd()); }
    [[nodiscard]] result<std::uint64_t> size() const noexcept;

    /// Closes the file and says whether that failed, as it may on network file systems after writes
    /// (close(2)); it is closed all the same. The destructor closes too, without saying.
    /// Not cancellable.
    [[nodiscard]] task<result<void>> close();

    /// Makes the file `bytes` long (ftruncate(2)): cut, or with zeros behind its end.
    /// Fails with the errno of ftruncate(2).
    [[nodiscard]] task<result<void>> set_size(std::uint64_t bytes) const;

    /// Allocates storage for `bytes` bytes from `offset` on, without changing the size
    /// (fallocate(2), FALLOC_FL_KEEP_SIZE): writing there can't fail for lack of space then, and
    /// the file is in fewer pieces. What is not used in the end is given back by `set_size`.
    /// Fails with the errno of fallocate(2): ENOSPC; EOPNOTSUPP on file systems that can't.
    [[nodiscard]] task<result<void>> preallocate(std::uint64_t offset, std::uint64_t bytes) const;

    /// Awaits a read or write and yields its count, as result<std::size_t>.
    class count_awaiter : public await_operation {
    public:
        using await_operation::await_operation;
        result<std::size_t> await_resume() noexcept;
    };

private:
    [[nodiscard]] operation read_operation(byte_span into, std::uint64_t offset) const noexcept;

    unique_fd fd_;
};

enum class open_mode : std::uint8_t {
    read,        ///< What exists, for reading.
    write,       ///< What exists, for writing.
    read_write,  ///< What exists, for both.
    create,      ///< New or emptied, for both.
    create_new,  ///< New, for both; fails with EEXIST if there is something.
};

/// Opens or creates a file beneath `where`; see `root::open_beneath` for paths, confinement and
/// failures. New files get the mode 0644, less the umask.
/// Lifetime: `where` outlives the task. Cancel: a file that was opened all the same is yielded.
[[nodiscard]] task<result<file>> open_file(const root& where, std::string path, open_mode mode,
                                           symlink_policy policy = symlink_policy::inside);

struct read_limits {
    std::size_t bytes_max = std::size_t{64} << 20U;  ///< Of each file; more is the error `limit`.
    std::size_t files_at_once = 256;                 ///< Descriptors in use at a time; 1 at least.
};

/// Reads whole files beneath `where`, many at a time. What the kernel's caches have is read at
/// once; of the rest, the opens of up to `files_at_once` go to the kernel in one system call, then
/// the reads in another. Yields the contents, or why not, in the order of `paths`. Only regular
/// files: `not_regular` for others. Lifetime: `where` and `paths` outlive the task. Cancel: passed
/// on to what is in flight; files that were not read say `canceled`.
[[nodiscard]] task<std::vector<result<std::string>>> read_files(const root& where,
                                                                std::span<const std::string> paths,
                                                                read_limits limits = {});

}  // namespace ringway
