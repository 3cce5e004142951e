// A ring for trials: a few entries, one operation at a time.
#pragma once

#include <array>
#include <cstddef>
#include <liburing.h>
#include <utility>

#include <ringway/base/unique_fd.hpp>

namespace ringway::probe {

class small_ring {
public:
    /// A negative result of `run` when no completion came in time.
    static constexpr int no_answer = -1'000'000;

    explicit small_ring(unsigned flags = 0) noexcept;
    small_ring(const small_ring&) = delete;
    small_ring& operator=(const small_ring&) = delete;
    ~small_ring();

    /// 0, or the errno of io_uring_setup(2).
    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] unsigned features() const noexcept { return ring_.features; }
    [[nodiscard]] io_uring& get() noexcept { return ring_; }

    /// An entry to be filled by an io_uring_prep_ function. Never null: there is one at a time.
    [[nodiscard]] io_uring_sqe* entry() noexcept { return ::io_uring_get_sqe(&ring_); }

    /// One completion, waiting for it 250 ms at most.
    struct answer {
        int result = no_answer;
        unsigned flags = 0;
    };
    [[nodiscard]] answer submit_and_wait() noexcept;
    /// A further one, of a multishot operation.
    [[nodiscard]] answer wait() noexcept;

    /// Prepares by `prepare(sqe)`, submits, and yields the result: negative is an errno.
    template <class Prepare>
    [[nodiscard]] int run(Prepare&& prepare) noexcept {
        std::forward<Prepare>(prepare)(entry());
        return submit_and_wait().result;
    }

private:
    io_uring ring_{};
    int error_ = 0;
};

/// Two connected stream sockets; both empty if there are none.
struct socket_pair {
    socket_pair() noexcept;
    unique_fd one;
    unique_fd other;
};

/// A ring of four buffers of 64 bytes (IORING_REGISTER_PBUF_RING), group 0.
class small_buffers {
public:
    explicit small_buffers(small_ring& of, unsigned flags = 0) noexcept;
    small_buffers(const small_buffers&) = delete;
    small_buffers& operator=(const small_buffers&) = delete;
    ~small_buffers();
    [[nodiscard]] int error() const noexcept { return error_; }

private:
    static constexpr unsigned count = 4;
    static constexpr unsigned bytes = 64;
    small_ring& ring_;
    io_uring_buf_ring* buffers_ = nullptr;
    std::array<std::byte, std::size_t{count} * bytes> memory_{};
    int error_ = 0;
};

}  // namespace ringway::probe
