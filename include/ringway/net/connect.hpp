// Connecting to a listener.
#pragma once

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/endpoint.hpp>

namespace ringway {

/// Connects a new socket to `where` (connect(2)) and yields its descriptor, which the caller owns:
/// a `stream` adopts it. TCP_NODELAY is set.
///
/// Fails with the errno of socket(2) or connect(2): ECONNREFUSED, ETIMEDOUT, ENETUNREACH and so on.
/// A Unix listener whose backlog is full is waited for, as connect(2) does.
/// Cancel: the attempt is given up and the socket closed, unless it succeeded first. Without a stop
/// the kernel tries for about two minutes; use `with_timeout`. Resumes: on the same shard.
[[nodiscard]] task<result<int>> connect_to(endpoint where);

}  // namespace ringway
