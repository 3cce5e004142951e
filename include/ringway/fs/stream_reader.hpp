// Reading a file from one place to another, ahead of the consumer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/aligned_buffer.hpp>
#include <ringway/fs/direct_file.hpp>
#include <ringway/ring/enrolled.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

struct read_ahead {
    unsigned buffers = 4;  ///< Reads in flight, the one in use included; 1 at least.
    std::uint32_t buffer_bytes = 128 * 1024;  ///< Of each; rounded up for direct files.
    bool enrolls = false;  ///< Enrolls memory and file with the driver while the reader lives
                           ///< (`enrolled_buffer`), where that works.
};

/// Reads `length` bytes of a file from `offset`, in order, with several reads in flight. Memory is
/// `buffers` times `buffer_bytes`, page-aligned, whatever the file's size.
///
/// Used on the shard it was made on. Must be closed with `close` before it dies, unless `next` was
/// never called.
class stream_reader {
public:
    static constexpr std::uint64_t to_the_end = ~std::uint64_t{0};

    /// Lifetime: `file`, a descriptor opened for reading, stays open until `close` has ended.
    stream_reader(int file, std::uint64_t offset, std::uint64_t length,
                  const read_ahead& ahead = {});

    /// Of a file past the page cache: whole blocks are read whatever `offset` and `length` are, and
    /// what was asked for is yielded. Lifetime: `from` until `close` has ended.
    stream_reader(const direct_file& from, std::uint64_t offset, std::uint64_t length,
                  const read_ahead& ahead = {});

    stream_reader(const stream_reader&) = delete;
    stream_reader& operator=(const stream_reader&) = delete;
    ~stream_reader();

    /// The next bytes: full buffers and, at the end, what is left; empty when all has been read or
    /// the file has ended. The first call starts the reads.
    /// Fails with the errno of pread(2) once all bytes in front of the failure were yielded, and
    /// from then on; `position` is where it was. Also with ENOMEM when there is no memory.
    /// Lifetime of the bytes: until the next call or `close`. One caller at a time.
    /// Cancel: `canceled`; nothing is lost, the next call yields what comes. Resumes: here.
    [[nodiscard]] task<result<byte_view>> next();

    /// Where in the file the bytes begin that `next` yields next.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

    /// Why memory or file are not enrolled although that was asked for; none if they are.
    [[nodiscard]] error why_not_enrolled() const noexcept;

    /// Cancels what is in flight and waits for its end. Not cancellable. Resumes: on this shard.
    [[nodiscard]] task<void> close();

private:
    // One buffer with the read that fills it; the read goes on until it is full or the file ends.
    struct slot : operation {
        stream_reader* owner = nullptr;
        std::byte* memory = nullptr;
        std::uint64_t begin = 0;   // Where in the file its first byte is.
        std::uint32_t wanted = 0;  // Bytes; 0: not in use.
        std::uint32_t filled = 0;
        error failed;
        bool done = false;
    };

    stream_reader(int file, const direct_alignment* direct, bool polled, std::uint64_t offset,
                  std::uint64_t length, const read_ahead& ahead);
    [[nodiscard]] result<void> begin() noexcept;
    void start(slot& next) noexcept;
    void go_on(slot& reading) noexcept;
    void completed(slot& reading, completion what) noexcept;
    [[nodiscard]] byte_view take(slot& from) noexcept;

    int fd_;
    std::uint64_t position_;
    std::uint64_t end_;          // Of what was asked for.
    std::uint64_t next_offset_;  // Of the next read to start.
    std::uint64_t end_offset_;   // Of the last one.
    std::uint32_t block_bytes_;  // Offsets and lengths of reads are multiples of it.
    std::uint32_t buffer_bytes_;
    bool enrolls_;
    bool polled_;
    aligned_buffer memory_;
    std::optional<enrolled_buffer> enrolled_memory_;
    std::optional<enrolled_file> enrolled_file_;
    std::vector<slot> slots_;  // In the order of the file from `first_` on, round and round.
    std::size_t first_ = 0;
    bool started_ = false;
    bool handed_out_ = false;  // The first slot's bytes are with the consumer.
    bool ended_ = false;       // The file has; later reads are of no interest.
    bool closing_ = false;
    unsigned in_flight_ = 0;
    event progress_;
};

}  // namespace ringway
