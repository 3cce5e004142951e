// Parts of files in memory, for protocols that must keep what they send until it is acknowledged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/shard_ref.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/semaphore.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/transfer/payload.hpp>

namespace ringway::http {

class file_blocks;

/// A part of a file, filled from its front. Stays where it is as long as anybody refers to it.
class file_block : public shard_counted {
public:
    file_block(file_blocks& owner, std::uint64_t offset, std::size_t capacity);
    ~file_block();

    /// Where in the file it begins.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    /// What of it has been read so far. Later reading adds to it and moves nothing.
    [[nodiscard]] byte_view bytes() const noexcept { return {memory_.get(), size_}; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    friend class file_blocks;

    file_blocks& owner_;
    std::uint64_t offset_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    std::unique_ptr<std::byte[]> memory_;
    bool reading_ = false;  // Through the ring, for somebody; the others wait.
    event read_;
    // In the table:
    std::uint64_t file_ = 0;
    file_block* newer_ = nullptr;
    file_block* older_ = nullptr;
};

using block_ref = shard_ref<file_block>;

/// The blocks of one shard. Those that were used last are kept, so that streams which send the same
/// file share them; what is being sent lives on until it is sent.
class file_blocks {
public:
    static constexpr std::size_t block_bytes = std::size_t{64} * 1024;

    /// Keeps so many bytes beyond what is being sent; must outlive its blocks.
    explicit file_blocks(std::size_t bytes_max) noexcept : bytes_max_{bytes_max} {}
    file_blocks(const file_blocks&) = delete;
    file_blocks& operator=(const file_blocks&) = delete;
    ~file_blocks();

    /// The block of `file` that holds the byte at `offset`; maybe empty yet. Allocates.
    [[nodiscard]] block_ref find(const shared_file& file, std::uint64_t offset);
    /// A block for one stream, which begins at `offset` and is not kept: for files that are too
    /// large to be kept, and where memory is short. Allocates.
    [[nodiscard]] block_ref make_own(std::uint64_t offset, std::size_t capacity);

    /// Whether blocks of a file of `size` bytes are worth keeping.
    [[nodiscard]] bool keeps(std::uint64_t size) const noexcept { return size <= bytes_max_ / 4; }

    enum class filled : std::uint8_t { ready, not_cached, ended, failed };

    /// Sees to it that `into` has `wanted` bytes, at most its capacity, as far as they are in the
    /// page cache (RWF_NOWAIT, Linux 4.14). `ready`: it has more than `have` bytes, though maybe
    /// not all that is wanted; `not_cached`: `fill` can read them; `ended`: the file is shorter.
    [[nodiscard]] static filled fill_now(file_block& into, int file, std::size_t have,
                                         std::size_t wanted) noexcept;

    /// Reads more of `into` through the ring, until it is full or less is there, unless it has more
    /// than `have` bytes; who comes while somebody else does so waits for that. Yields whether it
    /// has more than `have` bytes; not at the end of the file. Fails with the error of reading, or
    /// `canceled`. Lifetime: `file` stays open. Resumes: on this shard.
    [[nodiscard]] task<result<bool>> fill(block_ref into, int file, std::size_t have);

    /// Bytes that are kept.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

private:
    friend class file_block;

    struct key {
        std::uint64_t file = 0;
        std::uint64_t offset = 0;
        friend bool operator==(const key&, const key&) = default;
    };
    struct key_hash {
        std::size_t operator()(const key& of) const noexcept {
            return std::hash<std::uint64_t>{}(of.file * 0x9e3779b97f4a7c15U ^ of.offset);
        }
    };
    static constexpr std::size_t reads_at_once = 32;
    static constexpr std::size_t spare_max = 16;

    [[nodiscard]] std::unique_ptr<std::byte[]> take_memory(std::size_t size);
    void give_memory(std::unique_ptr<std::byte[]> memory, std::size_t size) noexcept;
    void link_newest(file_block& block) noexcept;
    void unlink(file_block& block) noexcept;
    void evict() noexcept;

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::unordered_map<key, block_ref, key_hash> table_;
    file_block* newest_ = nullptr;
    file_block* oldest_ = nullptr;
    std::vector<std::unique_ptr<std::byte[]>> spare_;  // Of `block_bytes` each: warm in the cache.
    semaphore reads_{reads_at_once};
};

}  // namespace ringway::http
