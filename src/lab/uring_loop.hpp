// What both servers on bare liburing share: the ring, and the turn of its loop.
#pragma once

#include <liburing.h>

#include "lab/bench_server.hpp"

namespace ringway::lab {

/// A ring for one thread: DEFER_TASKRUN, or SQPOLL if that is wanted. Null after a line on standard
/// error where the kernel refuses.
[[nodiscard]] io_uring* open_uring(io_uring& ring, const server_options& options);

/// A free entry, after submitting when all are taken.
[[nodiscard]] io_uring_sqe* next_entry(io_uring& ring) noexcept;

/// Submits, waits for a completion (or only looks, for busy polling) and hands every completion to
/// `handle`. False when the ring is broken.
template <class Handler>
bool turn(io_uring& ring, bool busy_poll, Handler&& handle) {
    const int outcome =
        busy_poll ? io_uring_submit_and_get_events(&ring) : io_uring_submit_and_wait(&ring, 1);
    if (outcome < 0 && outcome != -EINTR && outcome != -EBUSY && outcome != -EAGAIN) {
        return false;
    }
    io_uring_cqe* done = nullptr;
    unsigned head = 0;
    unsigned count = 0;
    io_uring_for_each_cqe(&ring, head, done) {
        handle(*done);
        ++count;
    }
    io_uring_cq_advance(&ring, count);
    return true;
}

}  // namespace ringway::lab
