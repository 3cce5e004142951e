// One sendfile(2) that never waits for the socket.
#pragma once

#include <ringway/ring/operation.hpp>

namespace ringway {

/// Performs the `sendfile` operation `op` once. Returns the bytes sent, 0 at the end of the file,
/// or -errno; -EAGAIN when the socket has no room. The socket may be in blocking mode: it is made
/// non-blocking for the call only, because io_uring does not wait on sockets that stay so.
[[nodiscard]] int send_file_now(const operation& op) noexcept;

/// Blocks SIGPIPE on the calling thread: sendfile(2) and write(2) have no MSG_NOSIGNAL, and a peer
/// that left is an ordinary error.
void block_broken_pipe_signal() noexcept;

}  // namespace ringway
