// What a protocol session reads from and writes to: a socket as it is, or TLS on one.
#pragma once

#include <cstddef>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/buffer_pool.hpp>

namespace ringway {

/// A connection with its output collected in memory and sent in few writes. Used on the shard it
/// was made on.
///
/// Output goes into one contiguous piece of memory that the transport takes from its shard when
/// there is something to send and gives back when it is sent, so an idle connection holds none. TLS
/// seals it there: bytes are copied once, from where they lie into the record.
/// Must be closed with `close` before it dies.
class transport {
public:
    transport() = default;
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;
    virtual ~transport() = default;

    /// The next bytes from the peer, decrypted, in order: a lease of at least one byte; an empty
    /// lease at the end of the stream, and from then on. Fails as `stream::receive`, and with
    /// `malformed` when the peer breaks the rules of the layer below. One receive at a time, beside
    /// at most one flush. Cancel: nothing that has arrived is lost. Resumes: on this shard.
    [[nodiscard]] virtual task<result<buffer_lease>> receive() = 0;

    /// Bytes that `put`, or `room` and `commit`, take before a flush is needed; 0 while flushing.
    [[nodiscard]] virtual std::size_t free_bytes() const noexcept = 0;

    /// Adds all of `bytes` to the output. Requires bytes.size() <= free_bytes().
    virtual void put(byte_view bytes) noexcept = 0;

    /// Memory for further output, to be filled in place, as from a file: at least one byte, at
    /// most `wanted`, fewer where a TLS record ends. Requires free_bytes() > 0, wanted > 0.
    /// Lifetime: until the next call that adds output.
    [[nodiscard]] virtual byte_span room(std::size_t wanted) noexcept = 0;

    /// Makes the first `count` bytes of the latest `room` output. None need be.
    virtual void commit(std::size_t count) noexcept = 0;

    /// Bytes of output that wait for a flush, as the peer's application will see them.
    [[nodiscard]] virtual std::size_t pending() const noexcept = 0;

    /// Sends all pending output. Nothing may be added meanwhile. After a failure, what the peer has
    /// got is unknown: close. Fails with `closed` or `canceled`. Resumes: on this shard.
    [[nodiscard]] virtual task<result<void>> flush() = 0;

    /// Says, after what was flushed, that no more is sent: close_notify and half-close. Sends what
    /// it can without waiting. No flush may be in flight.
    virtual void shutdown_send() noexcept = 0;

    /// Cancels what is in flight, waits for its end and closes the socket; unsent output is
    /// dropped. Not cancellable. Resumes: on this shard. Afterwards only destruction is allowed.
    [[nodiscard]] virtual task<void> close() = 0;

    /// The socket, for what is asked of the kernel about it.
    [[nodiscard]] virtual int fd() const noexcept = 0;
};

}  // namespace ringway
