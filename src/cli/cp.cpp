#include "cli/cp.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

#include <ringway/base/log.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/progress.hpp>
#include <ringway/runtime/run_blocking.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/cp_report.hpp"
#include "cli/cp_scan.hpp"
#include "cli/get_progress.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr int status_failed = 1;
constexpr int status_interrupted = 130;
constexpr std::chrono::milliseconds interval_between_drawings{200};
constexpr std::chrono::seconds patience{3};

// Directories stay open while what is below them is copied.
void allow_many_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// A blocked signal comes to a signalfd(2) even so.
bool is_ignored(int signal) {
    struct sigaction now{};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

// One command: everything that runs beside each other on its shard.
struct cp_command {
    explicit cp_command(const cp_options& given)
        : options{given},
          draws{!given.quiet && ::isatty(STDERR_FILENO) == 1},
          listener{[this](const copy_event& event) { hear(event); }} {}

    task<void> main();
    task<void> copy();
    task<void> follow_signals();
    task<void> show_progress();
    task<void> count_beforehand();
    task<void> leave_soon();
    void hear(const copy_event& event);
    void draw(const progress_event& event);
    void clear_line();
    [[nodiscard]] int exit_status() const;

    const cp_options& options;
    bool draws;
    bool drawn = false;
    copy_listener listener;
    copy_meter meter;
    std::atomic<bool> stop_counting{false};
    std::uint64_t total = 0;
    copy_totals totals;
    nanoseconds elapsed{0};
    std::optional<signal_set> signals;
    scope work;
    scope waiting;  // For the end of `work`, once it was interrupted.
    bool interrupted = false;
};

task<void> cp_command::main() {
    const nanoseconds begin = driver::current().now();
    scope beside;
    beside.spawn(follow_signals());
    if (draws) {
        beside.spawn(show_progress());
        beside.spawn(count_beforehand());
    }
    work.spawn(copy());
    co_await work.join();
    stop_counting.store(true, std::memory_order_relaxed);
    beside.request_stop();
    co_await beside.join();
    waiting.request_stop();
    co_await waiting.join();
    elapsed = driver::current().now() - begin;
}

task<void> cp_command::copy() {
    copy_options how = options.how;
    how.how.lanes = std::min(how.jobs, 16U);
    how.tell_each = options.verbose || options.json;
    totals = co_await copy_paths(options.sources, options.destination, how, meter, listener);
}

task<void> cp_command::follow_signals() {
    for (;;) {
        const auto signal = co_await signals->next();
        if (!signal) {
            co_return;
        }
        if (is_ignored(*signal)) {  // By nohup(1), or a shell in which this runs behind.
            continue;
        }
        if (interrupted) {
            ::_exit(status_interrupted);
        }
        interrupted = true;
        work.request_stop();
        waiting.spawn(leave_soon());
    }
}

// Reading from a terminal or a FIFO can't be interrupted: the process ends without that.
task<void> cp_command::leave_soon() {
    if (co_await sleep_for(patience)) {
        std::fputs("ringway: interrupted\n", stderr);
        ::_exit(status_interrupted);
    }
}

task<void> cp_command::show_progress() {
    co_await watch_progress(
        interval_between_drawings,
        [this] { return progress_count{meter.bytes.load(std::memory_order_relaxed), total}; },
        [this](const progress_event& event) { draw(event); });
}

task<void> cp_command::count_beforehand() {
    const auto bytes = co_await run_blocking([this] {
        return count_bytes(options.sources, options.how.recursive, options.how.follow,
                           stop_counting);
    });
    total = bytes.value_or(0);
}

void cp_command::draw(const progress_event& event) {
    if (event.last) {
        clear_line();
        return;
    }
    print_text(stderr, "\r{}\x1b[K",
               get_progress::line(event.count.done, event.count.total, event.bytes_per_second));
    std::fflush(stderr);
    drawn = true;
}

void cp_command::clear_line() {
    if (drawn) {
        std::fputs("\r\x1b[K", stderr);
        drawn = false;
    }
}

void cp_command::hear(const copy_event& event) {
    const auto asked = options.how.how.method;
    const bool bad = event.what == copy_what::failed || event.what == copy_what::warned;
    if (event.failure.code == errc::canceled) {
        return;  // By a signal, which the last line tells.
    }
    if (bad) {
        clear_line();
        print_text(stderr, "ringway: {}\n", failure_text(event, asked));
    }
    if (options.json) {
        std::fputs(to_json(event, asked).c_str(), stdout);
    } else if (options.verbose && !bad) {
        clear_line();
        print_text("{}\n", success_text(event));
    }
}

int cp_command::exit_status() const {
    if (interrupted) {
        return status_interrupted;
    }
    return totals.failures + totals.warnings > 0 ? status_failed : 0;
}

int cannot_start(const char* what, const std::string& why) {
    print_text(stderr, "ringway: {}: {}\n", what, why);
    return status_failed;
}

}  // namespace

int run_cp(const cp_options& options) {
    set_log_level(log_level::error);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);  // The write fails instead.
    allow_many_descriptors();
    const copy_method method = options.how.how.method;
    const bool by_driver = method == copy_method::ring || method == copy_method::ring_direct;
    const bool chosen =
        options.driver != driver_kind::automatic || std::getenv("RINGWAY_DRIVER") != nullptr;
    driver_options small;  // It receives nothing.
    small.submission_entries = 512;
    small.completion_entries = 2048;
    small.buffer_count = 2;
    small.buffer_bytes = 4096;
    auto made = cluster::make({.shards = 1,
                               .pin = false,
                               // What no lane uses need not be set up.
                               .driver = by_driver || chosen ? options.driver : driver_kind::epoll,
                               .driver_settings = small});
    if (!made) {
        return cannot_start("the event loop could not start", explain_driver_refusal(made.error()));
    }
    cp_command command{options};
    auto signals = signal_set::open({SIGINT, SIGTERM, SIGHUP});
    if (!signals) {
        return cannot_start("signals", describe(signals.error()));
    }
    command.signals.emplace(*std::move(signals));
    const auto ran = (*made)->run([&command](shard&) { return command.main(); });
    command.signals.reset();
    if (!ran) {
        return cannot_start("the event loop could not start", describe(ran.error()));
    }
    const int status = command.exit_status();
    if (options.json) {
        std::fputs(to_json(command.totals, command.elapsed, status).c_str(), stdout);
    }
    if (command.interrupted) {
        std::fputs("ringway: interrupted; what was complete is there\n", stderr);
    }
    return status;
}

}  // namespace ringway::cli
