#include "probe/small_ring.hpp"

#include <array>
#include <sys/socket.h>

namespace ringway::probe {

small_ring::small_ring(unsigned flags) noexcept
    : error_{-::io_uring_queue_init(8, &ring_, flags)} {}

small_ring::~small_ring() {
    if (error_ == 0) {
        ::io_uring_queue_exit(&ring_);
    }
}

small_ring::answer small_ring::submit_and_wait() noexcept {
    if (const int submitted = ::io_uring_submit(&ring_); submitted < 0) {
        return {.result = submitted};
    }
    return wait();
}

small_ring::answer small_ring::wait() noexcept {
    __kernel_timespec most{.tv_sec = 0, .tv_nsec = 250'000'000};
    io_uring_cqe* done = nullptr;
    if (::io_uring_wait_cqe_timeout(&ring_, &done, &most) < 0) {
        return {};
    }
    const answer found{.result = done->res, .flags = done->flags};
    ::io_uring_cqe_seen(&ring_, done);
    return found;
}

socket_pair::socket_pair() noexcept {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0) {
        one = unique_fd{ends[0]};
        other = unique_fd{ends[1]};
    }
}

small_buffers::small_buffers(small_ring& of, unsigned flags) noexcept : ring_{of} {
    int failure = 0;
    buffers_ = ::io_uring_setup_buf_ring(&of.get(), count, 0, flags, &failure);
    if (buffers_ == nullptr) {
        error_ = -failure;
        return;
    }
    for (unsigned i = 0; i < count; ++i) {
        ::io_uring_buf_ring_add(buffers_, memory_.data() + std::size_t{i} * bytes, bytes,
                                static_cast<unsigned short>(i), ::io_uring_buf_ring_mask(count),
                                static_cast<int>(i));
    }
    ::io_uring_buf_ring_advance(buffers_, count);
}

small_buffers::~small_buffers() {
    if (buffers_ != nullptr) {
        ::io_uring_free_buf_ring(&ring_.get(), buffers_, count, 0);
    }
}

}  // namespace ringway::probe
