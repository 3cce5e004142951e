// `ringway get --bench`: the same requests again and again, and how long each took.
#pragma once

#include <vector>

#include <ringway/coro/task.hpp>
#include <ringway/http/client.hpp>

#include "cli/get_exit.hpp"
#include "cli/get_options.hpp"

namespace ringway::cli {

/// Loads the server of `options.urls` and prints what came of it. Adds one status: `failed` when no
/// request has succeeded. Cancel: ends the measuring early; what was measured is printed.
[[nodiscard]] task<void> run_bench(const get_options& options, http::client& client,
                                   std::vector<get_exit>& statuses);

}  // namespace ringway::cli
