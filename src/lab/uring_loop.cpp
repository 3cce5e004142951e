#include "lab/uring_loop.hpp"

#include <cstdio>
#include <cstring>

namespace ringway::lab {
namespace {

constexpr unsigned submission_entries = 4096;
constexpr unsigned completion_entries = 16384;
constexpr unsigned sqpoll_idle_ms = 1000;

}  // namespace

io_uring* open_uring(io_uring& ring, const server_options& options) {
    io_uring_params wanted{};
    wanted.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
    wanted.flags |= options.sqpoll ? IORING_SETUP_SQPOLL : IORING_SETUP_DEFER_TASKRUN;
    wanted.cq_entries = completion_entries;
    wanted.sq_thread_idle = sqpoll_idle_ms;
    const int outcome = io_uring_queue_init_params(submission_entries, &ring, &wanted);
    if (outcome < 0) {
        std::fprintf(
            stderr, "io_uring: %s%s\n", std::strerror(-outcome),
            outcome == -EINVAL ? " (what this server uses of it came with Linux 6.1)" : "");
        return nullptr;
    }
    io_uring_register_ring_fd(&ring);
    return &ring;
}

io_uring_sqe* next_entry(io_uring& ring) noexcept {
    for (;;) {
        if (auto* const entry = io_uring_get_sqe(&ring); entry != nullptr) {
            return entry;
        }
        io_uring_submit(&ring);
        if ((ring.flags & IORING_SETUP_SQPOLL) != 0) {
            io_uring_sqring_wait(&ring);
        }
    }
}

}  // namespace ringway::lab
