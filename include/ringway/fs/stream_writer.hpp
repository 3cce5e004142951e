// Writing a file from one place to its end, behind the producer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/aligned_buffer.hpp>
#include <ringway/fs/direct_file.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

struct write_behind {
    unsigned buffers = 4;                     ///< Writes in flight, the one being filled included.
    std::uint32_t buffer_bytes = 128 * 1024;  ///< Of each; rounded up for direct files.
};

/// Writes a file in order, with several writes in flight. Memory is `buffers` times `buffer_bytes`.
///
/// A failure sticks: the first one is what this and every later call fails with, and nothing is
/// written any more. What is behind `written()` is unknown then.
///
/// Used on the shard it was made on, by one caller at a time. Must be closed with `close` or
/// `abandon` before it dies, unless nothing was written.
class stream_writer {
public:
    /// Writes from `offset` on. Lifetime: `to` outlives the writer.
    explicit stream_writer(const file& to, std::uint64_t offset = 0,
                           const write_behind& behind = {});

    /// Of a file past the page cache. `offset` must be aligned. The file ends where the writer
    /// ends: `flush` and `close` write the last block filled up with zeros and cut it off again, so
    /// what was behind is gone. Lifetime: `to` outlives the writer.
    explicit stream_writer(const direct_file& to, std::uint64_t offset = 0,
                           const write_behind& behind = {});

    stream_writer(const stream_writer&) = delete;
    stream_writer& operator=(const stream_writer&) = delete;
    ~stream_writer();

    /// Takes `bytes` over and returns, mostly at once; waits while all buffers are in flight.
    /// Fails with the errno of pwrite(2): of an earlier write, mostly. ENOSPC; ENOMEM too.
    /// Cancel: `canceled`, which does not stick; a part of `bytes` was taken over: `position`.
    /// Lifetime: `bytes` until it resumes.
    [[nodiscard]] task<result<void>> write(byte_view bytes);

    /// Room for at least one byte, for producers that fill memory themselves; say with `filled` how
    /// much of it is used. Waits and fails as `write`.
    /// Lifetime of the room: until the next call.
    [[nodiscard]] task<result<byte_span>> room();
    void filled(std::size_t bytes) noexcept;

    /// Allocates storage for `bytes` bytes from where the writer began (`file::preallocate`).
    /// `close` gives back what was not used. Fails as that does; such a failure does not stick.
    [[nodiscard]] task<result<void>> preallocate(std::uint64_t bytes);

    /// Waits until all that was taken over is in the file. Fails as `write`.
    /// Cancel: `canceled`; the writes go on.
    [[nodiscard]] task<result<void>> flush();

    /// `flush`, and then waits for stable storage (fdatasync(2)). A failure of that sticks: the
    /// kernel may have dropped what it could not write.
    [[nodiscard]] task<result<void>> sync();

    /// `flush`, gives back what was preallocated in vain, and ends the writer. After a failure,
    /// which it yields, waits for what is in flight. The file stays open.
    /// Not cancellable: a stop would lose bytes. Use `abandon` for that.
    [[nodiscard]] task<result<void>> close();

    /// Cancels what is in flight, waits for it and ends the writer; what is in the file is unknown
    /// behind `written()`. Not cancellable.
    [[nodiscard]] task<void> abandon();

    /// Where in the file the next byte goes.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    /// Up to here everything is in the file, as far as reading it is concerned.
    [[nodiscard]] std::uint64_t written() const noexcept;

private:
    // One buffer with the write that empties it.
    struct slot : operation {
        stream_writer* owner = nullptr;
        std::byte* memory = nullptr;
        std::uint64_t begin = 0;     // Where in the file its first byte goes.
        std::uint32_t filled = 0;    // Bytes of the producer's.
        std::uint32_t to_write = 0;  // `filled`, for direct files up to a whole block.
        std::uint32_t done = 0;
        bool busy = false;
    };

    stream_writer(const file& to, const direct_alignment* direct, bool polled, std::uint64_t offset,
                  const write_behind& behind);
    [[nodiscard]] result<void> begin() noexcept;
    [[nodiscard]] task<result<void>> until_current_is_free();
    [[nodiscard]] task<result<void>> until_idle();
    [[nodiscard]] task<result<void>> flush_now();
    [[nodiscard]] task<result<void>> close_now();
    void advance() noexcept;
    void start(slot& full) noexcept;
    void go_on(slot& writing) noexcept;
    void completed(slot& writing, completion what) noexcept;
    void fail_at(std::uint64_t place, error why) noexcept;
    [[nodiscard]] result<void> state() const noexcept;

    const file& file_;
    std::uint64_t begin_;
    std::uint64_t position_;
    std::uint64_t allocated_to_ = 0;
    std::uint32_t block_bytes_;
    std::uint32_t buffer_bytes_;
    bool polled_;
    bool cuts_ = false;  // A padded block may be at the end of the file.
    aligned_buffer memory_;
    std::vector<slot> slots_;
    std::size_t current_ = 0;  // The slot that is being filled, if it is not busy.
    bool ended_ = false;
    bool stopping_ = false;  // No further writes are started.
    error failed_;
    std::uint64_t failed_at_ = ~std::uint64_t{0};
    unsigned in_flight_ = 0;
    event progress_;
};

}  // namespace ringway
