// Files past the page cache: O_DIRECT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/fs/root.hpp>
#include <ringway/ring/await.hpp>

namespace ringway {

/// What direct I/O on a file asks for; powers of two.
struct direct_alignment {
    std::uint32_t memory = 4096;  ///< Of the first byte in memory.
    std::uint32_t offset = 4096;  ///< Of the offset in the file, and of the length.
    bool told = false;            ///< By the kernel; else assumed, on the safe side.
};

/// What the kernel says of `fd` (statx(2), STATX_DIOALIGN, Linux 6.1). Where it says nothing: the
/// logical block size of the device (BLKSSZGET, sysfs), but at least 4096.
/// Fails with `unsupported` where it says that there is no direct I/O, as ext4 does of encrypted
/// files.
[[nodiscard]] result<direct_alignment> alignment_of(int fd) noexcept;

/// A file that is read and written without the page cache. For large files that are not read again
/// soon, and for programs that cache by themselves: every read waits for the device.
///
/// Every call names its offset, so calls may run beside each other; all must have ended before the
/// file dies. Cancel, for every call: as for `file`. Resumes: on the same shard.
class direct_file {
public:
    /// Of a descriptor that was opened with O_DIRECT.
    direct_file(unique_fd fd, const direct_alignment& alignment) noexcept
        : file_{std::move(fd)}, alignment_{alignment} {}

    [[nodiscard]] int fd() const noexcept { return file_.fd(); }
    [[nodiscard]] const direct_alignment& alignment() const noexcept { return alignment_; }

    /// Reads `into` from `offset` on, both of any alignment, until it is full or the file ends, and
    /// yields how many bytes that were. What is aligned is read in place; the rest goes through an
    /// aligned buffer of 256 KiB at most and is copied.
    /// Fails with the errno of pread(2), ENOMEM included. Lifetime: `into` until it resumes.
    [[nodiscard]] task<result<std::size_t>> read(byte_span into, std::uint64_t offset) const;

    /// One read of memory, length and offset that are aligned: nothing is allocated. Yields the
    /// bytes read: fewer where the file ends, and rarely fewer for no reason; then a multiple of
    /// the alignment.
    /// Fails with the errno of pread(2). Lifetime: `into` until it resumes.
    [[nodiscard]] auto read_aligned(byte_span into, std::uint64_t offset) const noexcept {
        return file::count_awaiter{
            aligned_operation(op_kind::read, into.data(), into.size(), offset)};
    }

    /// Writes `bytes` at `offset`. Offset and length must be aligned: what shares a block with
    /// other bytes would have to be read before, which races with whoever writes those. Memory that
    /// is not aligned is copied.
    /// Fails with `invalid_argument` for what is not aligned, else with the errno of pwrite(2); how
    /// much has been written is unknown then. Lifetime: `bytes` until it resumes.
    [[nodiscard]] task<result<void>> write(byte_view bytes, std::uint64_t offset) const;

    /// Writes the end of a file: as `write`, but of any length. The last block is filled up with
    /// zeros, and the file then cut to end behind `bytes` (ftruncate(2)); in between, others see it
    /// too long.
    [[nodiscard]] task<result<void>> write_end(byte_view bytes, std::uint64_t offset) const;

    /// Waits until content and, with `facts_too`, all facts are on stable storage. O_DIRECT alone
    /// does not do that: the device may have a cache. See `file::sync`.
    [[nodiscard]] task<result<void>> sync(bool facts_too = false) const {
        return file_.sync(facts_too);
    }

    /// Tries to poll for the completions of this file, by one real read of its first block: only
    /// the read says whether file system and device can (EOPNOTSUPP). `polled` is true from then
    /// on, and `read_aligned` and the readers made of this file poll.
    /// Fails with `unsupported` on drivers without polling, else with the errno of
    /// io_uring_setup(2) or of the read. The file goes on as it was, then.
    [[nodiscard]] task<result<void>> try_polling();
    [[nodiscard]] bool polled() const noexcept { return polled_; }

    [[nodiscard]] result<file_status> status() const noexcept { return file_.status(); }
    [[nodiscard]] result<std::uint64_t> size() const noexcept { return file_.size(); }
    /// The same file for what has nothing to do with alignment.
    [[nodiscard]] const file& plain() const noexcept { return file_; }
    [[nodiscard]] task<result<void>> close() { return file_.close(); }

private:
    [[nodiscard]] operation aligned_operation(op_kind kind, std::byte* memory, std::size_t bytes,
                                              std::uint64_t offset) const noexcept;
    [[nodiscard]] task<result<std::size_t>> read_in_place(byte_span into,
                                                          std::uint64_t offset) const;
    [[nodiscard]] task<result<std::size_t>> read_copying(byte_span into,
                                                         std::uint64_t offset) const;
    [[nodiscard]] task<result<void>> write_in_place(byte_view bytes, std::uint64_t offset) const;

    file file_;
    direct_alignment alignment_;
    bool polled_ = false;
};

/// Opens or creates a file as `open_file` does, for direct I/O.
/// Fails as `open_file`, and with `unsupported` on file systems that have no direct I/O (EINVAL of
/// open(2); tmpfs before Linux 6.6). A file that was created is there all the same.
[[nodiscard]] task<result<direct_file>> open_direct(const root& where, std::string path,
                                                    open_mode mode,
                                                    symlink_policy policy = symlink_policy::inside);

}  // namespace ringway
