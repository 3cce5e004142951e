// How the bytes of one file get into another: what can be asked for, and what was done.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ringway {

/// Ways to copy between two files. What each is good for: docs/decisions/0017-copying-files.md.
enum class copy_method : std::uint8_t {
    automatic,        ///< The one that suits both files; another where that is refused.
    reflink,          ///< FICLONE (ioctl_ficlone(2)): the same blocks, copied when one changes.
    copy_file_range,  ///< copy_file_range(2): in the kernel, or by a file server.
    sendfile,         ///< sendfile(2), one caller at a time: it writes at the file's position.
    splice,           ///< splice(2) through a pipe.
    read_write,       ///< pread(2) into memory that stays in the processor's cache, pwrite(2).
    mapped,           ///< mmap(2) of the source, pwrite(2) from there: one copy less.
    ring,             ///< Reads and writes of the shard's driver, many in flight.
    ring_direct,      ///< The same with O_DIRECT: past the page cache.
};

/// The name of `method` as the command line has it ("copy_file_range").
[[nodiscard]] std::string_view name_of(copy_method method) noexcept;
/// All methods, `automatic` first.
[[nodiscard]] std::span<const copy_method> copy_methods() noexcept;

/// Whether blocks may be shared between source and copy.
enum class reflink_mode : std::uint8_t {
    automatic,  ///< Where the file system can; else they are copied.
    always,     ///< Or fail.
    never,
};

/// What becomes of holes.
enum class sparse_mode : std::uint8_t {
    automatic,  ///< A hole of the source is one of the copy.
    always,     ///< Blocks of zeros become holes too.
    never,      ///< The copy has none.
};

struct copy_settings {
    copy_method method = copy_method::automatic;
    reflink_mode reflink = reflink_mode::automatic;
    sparse_mode sparse = sparse_mode::automatic;
    bool preallocate = true;  ///< Reserve the blocks first, on file systems where that pays.
    bool sync = false;        ///< Wait until the copy is on stable storage (fsync(2)).
    unsigned lanes = 2;       ///< Blocking calls on a large file at a time; 1 to 16.
    unsigned depth = 8;       ///< Buffers in flight of the `ring` methods; 1 to 256.
    std::uint32_t buffer_bytes = 256 * 1024;  ///< Of each; a multiple of 4096, 64 MiB at most.
};

/// How far a copy is. Lives with the caller, who may read it at any time from any thread.
struct copy_meter {
    std::atomic<std::uint64_t> bytes{0};  ///< Of the source: copied, shared or found to be a hole.
    std::atomic<bool> stop{false};        ///< Set: end soon, with `canceled`.
};

/// What was done for one file.
struct copy_report {
    copy_method method = copy_method::automatic;  ///< The one that moved the bytes.
    std::uint64_t bytes = 0;                      ///< Size of the copy.
    std::uint64_t moved = 0;                      ///< Bytes that were read and written for it.
    bool grew = false;  ///< The source grew meanwhile; the copy is what was there at the begin.
};

/// What is known of both files before the first byte moves.
struct copy_facts {
    std::uint64_t size = 0;          ///< Of the source; 0 also for files that do not say.
    std::uint64_t stored_bytes = 0;  ///< Blocks that the source takes up, in bytes.
    bool is_regular = true;          ///< The source is a regular file.
    bool resident = true;            ///< The source is in the page cache, as far as is known.
    bool same_device = false;        ///< Both are on the same file system.
    std::uint64_t file_system = 0;   ///< Of the destination: statfs(2), `f_type`.
};

/// From this size on a second lane reads while the first writes, and blocks are reserved.
inline constexpr std::uint64_t large_file_bytes = std::uint64_t{4} << 20U;

/// Whether a reflink on a file system of this kind (statfs(2), `f_type`) may succeed.
[[nodiscard]] bool may_share_blocks(std::uint64_t file_system) noexcept;

/// How one file will be copied.
struct copy_plan {
    bool try_reflink = false;
    bool stream = false;                           ///< Read until it ends: no size, no offsets.
    copy_method method = copy_method::read_write;  ///< Where a reflink is not made.
    bool find_holes = false;
    bool preallocate = false;
    unsigned lanes = 1;
};

/// The one place that decides. Pure.
[[nodiscard]] copy_plan plan_copy(const copy_settings& settings, const copy_facts& facts) noexcept;

}  // namespace ringway
