// Reading a file from one place to another, ahead of the consumer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

struct read_ahead {
    unsigned buffers = 4;                     ///< Reads in flight, the one in use included.
    std::uint32_t buffer_bytes = 128 * 1024;  ///< Of each; a multiple of 4096 for O_DIRECT.
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
    stream_reader(const stream_reader&) = delete;
    stream_reader& operator=(const stream_reader&) = delete;
    ~stream_reader();

    /// The next bytes: full buffers and, at the end, what is left; empty when all has been read or
    /// the file has ended. The first call starts the reads.
    /// Fails with the errno of pread(2), from then on. Lifetime of the bytes: until the next call
    /// or `close`. One caller at a time.
    /// Cancel: `canceled`; nothing is lost, the next call yields what comes. Resumes: here.
    [[nodiscard]] task<result<byte_view>> next();

    /// Cancels what is in flight and waits for its end. Not cancellable. Resumes: on this shard.
    [[nodiscard]] task<void> close();

private:
    // One buffer with the read that fills it; the read goes on until it is full or the file ends.
    struct slot : operation {
        stream_reader* owner = nullptr;
        std::uint64_t begin = 0;   // Where in the file its first byte is.
        std::uint32_t wanted = 0;  // Bytes; 0: not in use.
        std::uint32_t filled = 0;
        error failed;
        bool done = false;
    };
    struct freed {
        void operator()(std::byte* memory) const noexcept;
    };

    void start(slot& next) noexcept;
    void go_on(slot& reading) noexcept;
    void completed(slot& reading, completion what) noexcept;

    std::uint64_t next_offset_;  // Of the next read to start.
    std::uint64_t end_;
    std::uint32_t buffer_bytes_;
    std::unique_ptr<std::byte, freed> memory_;
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
