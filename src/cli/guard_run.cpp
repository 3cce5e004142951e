#include "cli/guard_run.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/core.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/runtime/run_blocking.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/guard_report.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr int status_failed = 1;
constexpr std::string_view own_name = "ringway: ";

int complain(std::string_view why) {
    print_text(stderr, "ringway: {}\n", why);
    return status_failed;
}

driver_options small_driver() {
    driver_options small;
    small.submission_entries = 128;
    small.completion_entries = 512;
    small.buffer_count = 16;
    small.buffer_bytes = 4096;
    return small;
}

}  // namespace

guard::told<event_file> event_file::open(const std::string& name) {
    event_file out;
    if (!name.empty()) {
        auto opened = line_log::open(name);
        if (!opened) {
            return std::unexpected{
                fmt::format("--events {}: {}", name, std::strerror(opened.error().sys))};
        }
        out.name_ = name;
        out.lines_ = *std::move(opened);
    }
    return out;
}

bool event_file::write(const guard_event& event) {
    if (!lines_) {
        return true;
    }
    lines_->add(guard::to_json_line(event));
    const bool written = lines_->flush();
    if (!written && !complained_) {
        print_text(stderr,
                   "ringway: --events {}: {}; events are lost, and counted, until there is room\n",
                   name_, std::strerror(errno));
    }
    complained_ = !written;
    return written;
}

guard_thread::guard_thread(guard::guard_service& service, guard::control_socket socket,
                           event_file events)
    : end_{::eventfd(0, EFD_CLOEXEC)} {
    // Signals are for the threads that wait for them; a new thread has the mask of its maker.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread{
        [&service, end = end_.get(), mine = std::move(socket), told = std::move(events)]() mutable {
            mine.run(service, end, [&told](const guard_event& event) { return told.write(event); });
        }};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

guard_thread::~guard_thread() {
    ::eventfd_write(end_.get(), 1);
    thread_.join();
}

bool guard_process::open_metrics() {
    if (command_.metrics.empty()) {
        return true;
    }
    auto opened = listen_for_metrics("--metrics", command_.metrics);
    if (!opened) {
        complain(opened.error().text);
        return false;
    }
    metrics_ = *std::move(opened);
    return true;
}

int guard_process::run() {
    auto events = event_file::open(command_.events);
    if (!events) {
        return complain(events.error());
    }
    if (!open_metrics()) {
        return status_failed;
    }
    auto signals = signal_set::open({SIGINT, SIGTERM, SIGHUP});
    if (!signals) {
        return complain("signals: " + describe(signals.error()));
    }
    signals_.emplace(*std::move(signals));
    auto made = cluster::make({.shards = 1, .pin = false, .driver_settings = small_driver()});
    if (!made) {
        return complain("the event loop could not start: " + explain_driver_refusal(made.error()));
    }
    const guard_thread thread{service_, *std::move(socket_), *std::move(events)};
    socket_.reset();
    print_start();
    const auto ran = (*made)->run([this](shard&) { return main(); });
    signals_.reset();
    if (!ran) {
        return complain("the event loop could not start: " + describe(ran.error()));
    }
    return service_.is_attached() ? 0 : status_failed;
}

void guard_process::print_start() const {
    const auto& how = service_.options();
    print_text(stderr,
               "ringway: guarding {} ({} mode{}{}): {} allowed, {} blocked; ringway guard "
               "status {} tells more\n",
               how.interface, service_.mode(), service_.place(),
               how.firewall.dry_run ? ", dry run: nothing is dropped" : "",
               service_.entries(guard::list_kind::allow), service_.entries(guard::list_kind::block),
               command_.socket.empty() ? how.interface : "--socket " + command_.socket);
    if (how.admin.empty() && how.firewall.keep.empty()) {
        print_text(stderr,
                   "ringway: no port is kept and no address is the operator's: a block "
                   "list may lock you out\n");
    }
}

task<void> guard_process::main() {
    scope serving;
    if (metrics_) {
        serving.spawn(serve_metrics(std::move(metrics_), *this));
    }
    serving.spawn(follow_link());
    co_await follow_signals();
    serving.request_stop();
    co_await serving.join();
}

// Ends the process when there is nothing left to guard: whoever started it may start it again.
task<void> guard_process::follow_link() {
    while (service_.is_attached()) {
        if (!co_await sleep_for(std::chrono::seconds{1})) {
            co_return;
        }
    }
    ::kill(::getpid(), SIGTERM);
}

task<void> guard_process::follow_signals() {
    for (;;) {
        const auto signal = co_await signals_->next();
        if (!signal || *signal != SIGHUP) {
            co_return;
        }
        const auto answer = co_await run_blocking([this] {
            return service_.answer(R"({"do":"load"})", std::chrono::steady_clock::now());
        });
        const auto report = report_of({.action = guard_action::load}, answer);
        std::string_view text = report.text;
        text.remove_prefix(text.starts_with(own_name) ? own_name.size() : 0);
        log_line(report.ok ? log_level::info : log_level::error,
                 fmt::format("lists: {}", text.substr(0, text.find('\n'))));
    }
}

}  // namespace ringway::cli
