#include "cli/xdp_loop.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <expected>
#include <fmt/core.h>
#include <functional>
#include <memory>
#include <net/if.h>
#include <string>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/base/result.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/admin_handler.hpp"
#include "cli/metrics_server.hpp"
#include "cli/xdp_metrics.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr std::chrono::milliseconds between_looks{400};

int cannot_start(const std::string& why) {
    print_text(stderr, "ringway: the event loop could not start: {}\n", why);
    return 1;
}

}  // namespace

struct xdp_loop::state final : admin_handler::source {
    state(xdp_loop& from, const xdp_options& how, const std::function<task<void>()>& what,
          const std::function<void(double)>& told)
        : loop{from}, options{how}, work{what}, tick{told} {}

    xdp_loop& loop;
    const xdp_options& options;
    const std::function<task<void>()>& work;
    const std::function<void(double)>& tick;
    scope working{};
    scope beside{};

    task<void> main();
    task<void> follow_signals();
    task<void> end_in_time();
    task<void> report();
    task<void> watch_interfaces();
    [[nodiscard]] bool is_one_gone();
    [[nodiscard]] bool is_one_detached();
    void write_metrics(std::string& out) override { append_xdp_metrics(out, loop.ports_); }
    [[nodiscard]] bool healthy() override { return true; }
};

task<void> xdp_loop::state::main() {
    beside.spawn(follow_signals());
    if (options.duration.count() > 0) {
        beside.spawn(end_in_time());
    }
    if (!options.quiet && options.interval.count() > 0) {
        beside.spawn(report());
    }
    beside.spawn(watch_interfaces());
    if (loop.listener_) {
        beside.spawn(serve_metrics(std::move(loop.listener_), *this));
    }
    working.spawn(work());
    co_await working.join();
    beside.request_stop();
    co_await beside.join();
    static_cast<void>(is_one_gone());
}

task<void> xdp_loop::state::follow_signals() {
    if (co_await loop.signals_.next()) {
        working.request_stop();
    }
}

task<void> xdp_loop::state::end_in_time() {
    if (co_await sleep_for(options.duration)) {
        working.request_stop();
    }
}

task<void> xdp_loop::state::report() {
    interval ticks{options.interval};
    nanoseconds last = driver::current().now();
    while (co_await ticks.next()) {
        const nanoseconds now = driver::current().now();
        tick(std::chrono::duration<double>(now - last).count());
        last = now;
    }
}

bool xdp_loop::state::is_one_gone() {
    std::array<char, IF_NAMESIZE> name{};
    for (const xdp_port* const port : loop.ports_) {
        if (::if_indextoname(port->where.index, name.data()) == nullptr) {
            loop.gone_ = port;
            return true;
        }
    }
    return false;
}

bool xdp_loop::state::is_one_detached() {
    for (const xdp_port* const port : loop.ports_) {
        const bool has_link = port->program && port->program->link();
        if (has_link && !port->program->link()->is_attached()) {
            loop.gone_ = port;
            loop.is_detached_ = true;
            return true;
        }
    }
    return false;
}

// The kernel ends links and sockets of an interface without a word.
task<void> xdp_loop::state::watch_interfaces() {
    interval looks{between_looks};
    while (co_await looks.next()) {
        if (is_one_gone() || is_one_detached()) {
            working.request_stop();
        }
    }
}

bpf::outcome<std::unique_ptr<xdp_loop>> xdp_loop::open(const xdp_options& options) {
    set_log_level(log_level::error);
    ::signal(SIGPIPE, SIG_IGN);
    metrics_listener listener;
    if (!options.metrics.empty()) {
        auto opened = listen_for_metrics("--metrics", options.metrics);
        if (!opened) {
            return std::unexpected{std::move(opened.error())};
        }
        listener = *std::move(opened);
    }
    auto signals = signal_set::open({SIGINT, SIGTERM, SIGHUP});
    if (!signals) {
        return bpf::refuse(signals.error(), fmt::format("signals: {}", describe(signals.error())));
    }
    return std::unique_ptr<xdp_loop>{new xdp_loop{*std::move(signals), std::move(listener)}};
}

int xdp_loop::run(const xdp_options& options, const std::function<task<void>()>& work,
                  const std::function<void(double seconds)>& tick) {
    driver_options small;  // Packets go past the driver; metrics need few buffers.
    small.submission_entries = 256;
    small.completion_entries = 1024;
    small.buffer_count = listener_ ? 16 : 2;
    small.buffer_bytes = 4096;
    auto made = cluster::make(
        {.shards = 1, .pin = false, .driver = options.driver, .driver_settings = small});
    if (!made) {
        return cannot_start(explain_driver_refusal(made.error()));
    }
    state running{*this, options, work, tick};
    const auto ran = (*made)->run([&running](shard&) { return running.main(); });
    signals_.close();
    if (gone_ != nullptr && is_detached_) {
        print_text(stderr, "ringway: somebody has detached the program from {}\n",
                   gone_->where.name);
        return 1;
    }
    if (gone_ != nullptr) {
        return end_without(*gone_, 0);
    }
    return ran ? 0 : cannot_start(describe(ran.error()));
}

int xdp_loop::end_without(const xdp_port& port, int status) {
    if (status == 0) {
        print_text(stderr, "ringway: {} went away\n", port.where.name);
    }
    return 1;
}

}  // namespace ringway::cli
