// Operations as system calls that do not wait: what the epoll driver tries before it waits.
#pragma once

#include <cstdint>

#include <ringway/ring/buffer_pool.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

/// How one try of an operation went.
struct attempt {
    enum class outcome : std::uint8_t {
        finished,    ///< `result` is what the completion holds. More may follow if multishot.
        progressed,  ///< A part of it is done, or something interfered: try again.
        waits,       ///< Not possible yet; the descriptor becomes ready some time.
        blocks,      ///< Can't be done here without blocking: needs a worker.
    };

    outcome how;
    int result = 0;
    std::uint16_t buffer = completion::no_buffer;
};

/// Tries `op` once without blocking. Keeps its progress in `op.driver_done`, which is 0 at first.
/// Takes a buffer of `pool` for a receive that selects one, and only when data is there.
///
/// For accept, connect, recv, send, sendmsg, recvmsg, poll, read, write, sendfile, openat2 and,
/// once a worker has found it not ready, splice.
[[nodiscard]] attempt try_now(operation& op, listed_buffer_pool& pool) noexcept;

/// The result of `op` when it ends before it is done: the bytes that were sent, or -ECANCELED.
[[nodiscard]] int result_when_canceled(const operation& op) noexcept;

/// Notes which end of the splice `op` is not ready, so that it can wait for that one. If both are
/// ready by now it says the input, which is then found ready.
void note_splice_not_ready(operation& op) noexcept;
/// Which end was noted: the output `other_fd`, or else the input `fd`.
[[nodiscard]] bool splice_waits_for_output(const operation& op) noexcept;

/// The events among `events` (as of poll(2)) that `fd` has now, 0 if none; -errno.
[[nodiscard]] int poll_now(int fd, std::uint32_t events) noexcept;

}  // namespace ringway
