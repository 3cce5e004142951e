// The page of metrics that xdp, guard and top serve beside their work.
#pragma once

#include <string>
#include <string_view>

#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/coro/task.hpp>

#include "cli/admin_handler.hpp"

namespace ringway::cli {

/// A socket that listens, and where, with the port that it has got.
struct metrics_listener {
    unique_fd socket;
    std::string address;

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(socket); }
};

/// Listens at `address`, as `option` has it, and says on standard error where. Waits a second at
/// most for a port of a process that has just ended: for the start of a program.
///
/// Fails with `malformed` for what is no address, and as `open_listener`; with a line for the
/// operator.
[[nodiscard]] bpf::outcome<metrics_listener> listen_for_metrics(std::string_view option,
                                                                const std::string& address);

/// Answers GET /metrics and GET /healthz on `listener`.
///
/// Lifetime: `about` outlives the task. Cancel: it accepts no more, and what is being answered may
/// still end, within a second. Resumes: on this shard.
[[nodiscard]] task<void> serve_metrics(metrics_listener listener, admin_handler::source& about);

}  // namespace ringway::cli
