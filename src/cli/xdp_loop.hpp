// What runs beside the work of `ringway xdp`, and ends it: signals, time, reports, metrics.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ringway/bpf/refusal.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/runtime/signals.hpp>

#include "cli/metrics_server.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"

namespace ringway::cli {

/// Made before anything is attached: a signal that comes from then on waits for `run`, which ends
/// in order and tells the totals.
class xdp_loop {
public:
    /// Takes SIGINT, SIGTERM and SIGHUP, and listens where --metrics says.
    [[nodiscard]] static bpf::outcome<std::unique_ptr<xdp_loop>> open(const xdp_options& options);

    /// Has the metrics tell of `port` too, which outlives `run`; when its interface goes away,
    /// `run` ends within half a second, says so and yields 1.
    void show(const xdp_port& port) { ports_.push_back(&port); }

    /// Runs `work` on a shard until it ends, --duration is over or a signal comes, and `tick` each
    /// --interval. Yields the exit status, 0 or 1. Once.
    [[nodiscard]] int run(const xdp_options& options, const std::function<task<void>()>& work,
                          const std::function<void(double seconds)>& tick);

    /// For who found `port` dead before `run` did: yields the status to exit with, and says why it
    /// is 1, unless `status` is that already.
    [[nodiscard]] static int end_without(const xdp_port& port, int status);

private:
    xdp_loop(signal_set signals, metrics_listener listener)
        : signals_{std::move(signals)}, listener_{std::move(listener)} {}
    struct state;

    signal_set signals_;
    metrics_listener listener_;
    std::vector<const xdp_port*> ports_;
    const xdp_port* gone_ = nullptr;  // Its interface went away, or its program was detached.
    bool is_detached_ = false;
};

}  // namespace ringway::cli
