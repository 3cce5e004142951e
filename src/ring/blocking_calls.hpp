// Operations as plain system calls that may block: what worker threads run.
#pragma once

#include <ringway/ring/operation.hpp>

namespace ringway {

/// Performs `op` on the calling thread and returns what its completion would hold: >= 0 or -errno.
/// For all kinds but those of sockets, poll and sendfile.
///
/// A splice waits for storage but not for a pipe or a socket: it gives -EAGAIN instead, so that
/// peers can't keep all workers busy. It leaves sockets in non-blocking mode.
[[nodiscard]] int perform_blocking(const operation& op) noexcept;

}  // namespace ringway
