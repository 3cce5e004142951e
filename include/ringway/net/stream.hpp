// A connected stream socket (TCP or Unix) of one shard.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/news_awaiter.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// Owns a connected socket. Used on the shard it was made on.
///
/// Receiving is one multishot operation that stays armed: bytes arrive in buffers of the shard's
/// pool, so an idle connection holds no buffer. When the consumer lags by more than
/// `unread_buffers_max` buffers the receive is cancelled, and armed again when it has caught up:
/// that is how back-pressure reaches the peer.
/// Must be closed with `close` before it dies.
class stream {
public:
    /// Buffers that may wait to be read before receiving pauses.
    static constexpr unsigned unread_buffers_max = 4;

    /// Adopts the connected socket `fd`.
    explicit stream(int fd) noexcept;
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream();

    using news = result<buffer_lease>;
    /// The next bytes from the peer, in order: a lease of at least one byte; an empty lease at the
    /// end of the stream, and from then on.
    /// Fails with `closed` when the connection was reset, `canceled` when stopped; nothing that has
    /// arrived is lost by a stop, the next receive yields it. A reset that a send has told of is
    /// the end of the stream here: the kernel tells it once. One receive at a time.
    [[nodiscard]] news_awaiter<stream> receive() noexcept { return news_awaiter{*this}; }

    /// Sends all of `bytes`, at most 2 GiB - 1. Yields their number; fewer only if the connection
    /// broke midway. Fails with `closed` (the peer is gone) or `canceled` (stopped before all had
    /// gone). After a failure, or fewer bytes, what the peer has got is unknown: close. `accepted`,
    /// if given, says how many the socket has taken, however it ends. Lifetime: `bytes` and
    /// `accepted` until it resumes. One send at a time.
    [[nodiscard]] auto send(byte_view bytes, std::size_t* accepted = nullptr) noexcept {
        return send_awaiter{*this, send_operation(bytes), accepted};
    }

    /// As `send`, for bytes that others follow at once (MSG_MORE): they may wait for those.
    [[nodiscard]] auto send_more(byte_view bytes, std::size_t* accepted = nullptr) noexcept {
        operation op = send_operation(bytes);
        op.flags = MSG_MORE;
        return send_awaiter{*this, op, accepted};
    }

    /// Sends all of `parts`, in order, as `send`; in one system call if they are no more than
    /// IOV_MAX and no larger than 2 GiB - 4 KiB together. Lifetime: `parts` and what they name.
    [[nodiscard]] task<result<std::size_t>> send_parts(std::span<iovec> parts,
                                                       std::size_t* accepted = nullptr);

    /// Sends up to `length` bytes of the regular file `file` from `offset` with sendfile(2). Yields
    /// the bytes moved, 0 when the file has ended there. Blocks the shard where the page cache has
    /// to read from disk: the caller looks first. Fails as `send`.
    [[nodiscard]] auto send_file(int file, std::uint64_t offset, std::uint32_t length) noexcept {
        return send_awaiter{*this, file_operation(file, offset, length)};
    }

    /// From now on sends go in pieces, without MSG_WAITALL: kernel TLS on the socket refuses that.
    void send_piecewise() noexcept { piecewise_ = true; }

    [[nodiscard]] bool is_piecewise() const noexcept { return piecewise_; }

    /// Says that no more is sent (half-close): the peer reads the end of the stream.
    void shutdown_send() noexcept { driver::current().shutdown_now(fd_, SHUT_WR); }

    /// Cancels what is in flight, waits for its end and closes the socket. Whoever is in `receive`,
    /// `send` or `send_parts` meanwhile fails with `canceled`, and has heard so before this
    /// resumes; a `file_sender` at work on it must have ended. Not cancellable. Resumes: on this
    /// shard. Afterwards only destruction is allowed.
    [[nodiscard]] task<void> close();

    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// Bytes received so far, read by the consumer or not.
    [[nodiscard]] std::uint64_t bytes_received() const noexcept { return bytes_received_; }

private:
    friend news_awaiter<stream>;

    class send_awaiter : public await_operation {
    public:
        send_awaiter(stream& owner, const operation& what,
                     std::size_t* accepted = nullptr) noexcept;

        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
            if (owner_.is_closing_) {
                return false;
            }
            counted_ = true;
            ++owner_.users_;
            const bool suspends = await_operation::await_suspend(self);
            if (in_flight) {
                owner_.sending_ = this;
            }
            return suspends;
        }
        result<std::size_t> await_resume() noexcept;

        /// Asks for its end; `closer` is woken when it has come.
        void stop_for(suspension& closer) noexcept {
            closer_ = &closer;
            stop();
        }

    private:
        stream& owner_;
        std::size_t* accepted_;
        suspension* closer_ = nullptr;
        bool counted_ = false;
    };
    struct receiver : operation {
        stream* owner = nullptr;
    };
    struct pool_waiter : buffer_waiter {
        explicit pool_waiter(stream& owner) noexcept;
        stream& owner_;
    };
    [[nodiscard]] operation send_operation(byte_view bytes) const noexcept;
    [[nodiscard]] operation file_operation(int file, std::uint64_t offset,
                                           std::uint32_t length) const noexcept;
    [[nodiscard]] task<result<std::size_t>> send_each(std::span<iovec> parts,
                                                      std::size_t& accepted);
    void arm() noexcept;
    void received(completion what) noexcept;
    void receiving_ended(int result) noexcept;
    void tell_waiting() noexcept;
    [[nodiscard]] bool has_news() const noexcept;
    [[nodiscard]] bool has_ended() const noexcept;
    [[nodiscard]] result<buffer_lease> take() noexcept;
    void push(buffer_lease lease) noexcept;

    int fd_;
    bool ended_ = false;  // The peer has said that it sends no more.
    bool piecewise_ = false;
    bool pausing_ = false;  // The receive is being cancelled because the consumer lags.
    error failed_;          // What ended receiving, if it was a failure.
    unsigned unread_ = 0;
    std::uint64_t bytes_received_ = 0;
    buffer_lease first_;              // The common case: one unread buffer.
    std::vector<buffer_lease> more_;  // Further ones, oldest first; rarely used.
    receiver receiver_;
    pool_waiter pool_waiter_{*this};
    bool is_closing_ = false;
    unsigned users_ = 0;  // Who is in `receive` or `send`, or woken from there and not yet back.
    send_awaiter* sending_ = nullptr;
    news_awaiter<stream>* waiting_ = nullptr;
    suspension* closing_ = nullptr;
};

}  // namespace ringway
