// What the servers on Ringway's runtime share: shards, a listener for each, a task per connection.
#pragma once

#include <functional>

#include <ringway/coro/task.hpp>

#include "lab/bench_server.hpp"

namespace ringway::lab {

/// Serves until the process is killed; `converse` owns the descriptor that it is given. Several
/// shards are pinned to a core each; one is not, and runs where the process may. Yields the exit
/// status if it can't.
[[nodiscard]] int run_runtime_server(const server_options& options,
                                     const std::function<task<void>(int fd)>& converse);

}  // namespace ringway::lab
