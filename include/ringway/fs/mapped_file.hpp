// Files as memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/file.hpp>

namespace ringway {

enum class map_access : std::uint8_t { read, read_write };

/// How a mapping is going to be used: madvise(2).
enum class map_advice : std::uint8_t {
    normal,
    sequential,  ///< Read far ahead.
    random,      ///< Do not read ahead.
    will_need,   ///< Begin to read now.
    huge,        ///< Use huge pages, where the file system has them (tmpfs with huge=, some
                 ///< read-only files).
};

/// A file mapped into memory (mmap(2), MAP_SHARED), read and written by copies that fail instead of
/// killing the process when a page can't be had: when somebody cuts the file, when storage fails,
/// and when it is full while a hole is written to (decision 0020).
///
/// While a mapping exists, this process's SIGBUS is handled; what was there before is asked for
/// everything that is not ours.
/// Lifetime: the file outlives the mapping. Any thread may copy; `resize` only while nobody does.
class mapped_file {
public:
    /// Maps all of `from`, as long as it is now. `from` must be open for what `access` needs.
    /// An empty file makes an empty mapping. Fails with the errno of mmap(2).
    [[nodiscard]] static result<mapped_file> map(const file& from,
                                                 map_access access = map_access::read) noexcept;

    mapped_file(mapped_file&& other) noexcept;
    mapped_file& operator=(mapped_file&& other) noexcept;
    ~mapped_file();

    /// Bytes mapped. The file itself may have become longer or shorter.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Copies from `offset` on until `into` is full or the mapping ends, and yields how many bytes
    /// that were. Waits for storage on the calling thread where pages are not in memory.
    /// Fails with `truncated` when the file has become shorter than what was to be copied, else
    /// with EIO; `into` has any content then.
    [[nodiscard]] result<std::size_t> copy_out(byte_span into, std::uint64_t offset) const noexcept;

    /// As `copy_out`, but never waits on the shard: what is not in memory (mincore(2)) is copied on
    /// a worker thread. Lifetime: `into` until it resumes. Cancel: does not end it.
    [[nodiscard]] task<result<std::size_t>> read(byte_span into, std::uint64_t offset) const;

    /// Copies `bytes` to `offset`; all of them must be within the mapping (`invalid_argument`). It
    /// reaches the file at once, storage later: see `flush`.
    /// Fails with `truncated`, or with EIO, which stands for full storage too where there was a
    /// hole; a part may have been written. Allocate beforehand (`resize`, `file::preallocate`).
    [[nodiscard]] result<void> copy_in(byte_view bytes, std::uint64_t offset) noexcept;

    /// As `copy_in`, on a worker thread if the pages are not in memory.
    [[nodiscard]] task<result<void>> write(byte_view bytes, std::uint64_t offset);

    /// Waits until what was written to a range is on stable storage (msync(2), MS_SYNC), on a
    /// worker thread. Fails with the errno of msync(2). Cancel: does not end it.
    [[nodiscard]] task<result<void>> flush(std::uint64_t offset, std::uint64_t length) const;
    [[nodiscard]] task<result<void>> flush() const { return flush(0, size_); }

    /// Makes file and mapping `bytes` long; what is new is allocated (fallocate(2)), so that
    /// writing to it can't fail for lack of space, or else a hole. Memory may move: `bytes()` is
    /// invalid. Fails with the errno of fallocate(2), ftruncate(2) or mremap(2); the mapping is as
    /// it was.
    [[nodiscard]] task<result<void>> resize(std::uint64_t bytes);

    /// Fails with the errno of madvise(2): EINVAL for `huge` on kernels without it.
    [[nodiscard]] result<void> advise(map_advice how) noexcept;

    /// The memory itself. For system calls: they fail with EFAULT where a page can't be had.
    /// Whoever reads it otherwise gets SIGBUS then. Lifetime: until `resize` or the end.
    [[nodiscard]] byte_span bytes() const noexcept { return {memory_, size_}; }

private:
    mapped_file(const file& of, std::byte* memory, std::size_t size, map_access access) noexcept
        : file_{&of}, memory_{memory}, size_{size}, access_{access} {}

    [[nodiscard]] bool is_resident(std::uint64_t offset, std::size_t length) const noexcept;
    [[nodiscard]] error why_failed(std::uint64_t end) const noexcept;
    void unmap() noexcept;

    const file* file_;
    std::byte* memory_;
    std::size_t size_;
    map_access access_;
};

}  // namespace ringway
