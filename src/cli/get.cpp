#include "cli/get.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <unistd.h>
#include <vector>

#include <ringway/base/log.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/semaphore.hpp>
#include <ringway/http/client.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/get_bench.hpp"
#include "cli/get_exit.hpp"
#include "cli/get_job.hpp"
#include "cli/version.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

// As the XDG base directory specification has it; empty without a place to keep anything.
std::string cache_directory() {
    const char* const given = std::getenv("XDG_CACHE_HOME");
    if (given != nullptr && given[0] == '/') {
        return std::string{given} + "/ringway/sessions";
    }
    const char* const home = std::getenv("HOME");
    return home != nullptr && home[0] == '/' ? std::string{home} + "/.cache/ringway/sessions"
                                             : std::string{};
}

http::client_options client_options_of(const get_options& from) {
    http::client_options out{
        .version = from.version,
        .trust_file = from.trust_file,
        .verify = !from.insecure,
        .allow_downgrade = from.allow_downgrade,
        .connect_timeout = from.connect_timeout,
        .first_byte_timeout = from.idle_timeout,
        .idle_timeout = from.idle_timeout,
        .fields = {{"User-Agent", "ringway/" + std::string{version_number()}}, {"Accept", "*/*"}},
        .addresses = from.addresses,
        .decode = from.compressed};
    if (!from.bench) {
        out.early_data = from.early_data;
        out.cache_directory = cache_directory();
    } else {
        out.connections_max = from.bench_connections;
    }
    return out;
}

// One command: everything that runs beside each other on its shard.
struct get_command {
    explicit get_command(const get_options& given)
        : options{given},
          client{client_options_of(given)},
          shared{given, client, get_progress{!given.quiet && !given.bench},
                 rate_limit{given.limit_rate}} {}

    task<void> main();
    task<void> fetch_all();
    task<void> fetch_one(std::size_t index, semaphore::permit turn);
    task<void> follow_signals();
    task<void> watch_time();
    void print(const get_report& report) const;

    const get_options& options;
    http::client client;
    get_shared shared;
    std::vector<get_exit> statuses;
    std::vector<const get_job*> running;  // By URL; null before and after.
    std::optional<signal_set> signals;
    scope work;
    bool interrupted = false;
};

task<void> get_command::main() {
    scope beside;
    beside.spawn(follow_signals());
    beside.spawn(watch_time());
    beside.spawn(shared.progress.run());
    work.spawn(options.bench ? run_bench(options, client, statuses) : fetch_all());
    co_await work.join();
    beside.request_stop();
    co_await beside.join();
    co_await client.close();
}

task<void> get_command::fetch_all() {
    statuses.assign(options.urls.size(), get_exit::interrupted);
    running.assign(options.urls.size(), nullptr);
    // To standard output one after the other: their bytes must not mix.
    const bool in_turn = options.output == "-" || options.head_only;
    semaphore turns{in_turn ? 1 : options.parallel};
    scope fetching;
    for (std::size_t i = 0; i < options.urls.size(); ++i) {
        auto turn = co_await turns.acquire_permit();
        if (!turn) {
            break;
        }
        fetching.spawn(fetch_one(i, *std::move(turn)));
    }
    co_await fetching.join();
}

task<void> get_command::fetch_one(std::size_t index, semaphore::permit turn) {
    get_job job{shared, options.urls[index]};
    running[index] = &job;
    const get_report report = co_await job.run();
    running[index] = nullptr;
    statuses[index] = report.status;
    print(report);
    turn.reset();
}

void get_command::print(const get_report& report) const {
    if (options.json) {
        std::FILE* const to = options.output == "-" || options.head_only ? stderr : stdout;
        std::fputs(to_json(report).c_str(), to);
        std::fflush(to);
    }
}

task<void> get_command::follow_signals() {
    for (;;) {
        const auto signal = co_await signals->next();
        if (!signal) {
            co_return;
        }
        if (interrupted) {
            ::_exit(static_cast<int>(get_exit::interrupted));
        }
        interrupted = true;
        work.request_stop();
    }
}

// A look-up of a name can't be interrupted, nor a write to who does not read: then the process ends
// without waiting for it, and tells how far it came.
task<void> get_command::watch_time() {
    if (options.max_time.count() == 0) {
        co_return;
    }
    const auto slept = co_await sleep_for(options.max_time);
    if (!slept) {
        co_return;
    }
    shared.out_of_time = true;
    work.request_stop();
    const auto again = co_await sleep_for(std::chrono::seconds{2});
    if (again) {
        for (const get_job* const each : running) {
            if (each != nullptr) {
                print(each->given_up(get_exit::timed_out, out_of_time_text));
            }
        }
        ::_exit(static_cast<int>(get_exit::timed_out));
    }
}

int exit_status(const std::vector<get_exit>& statuses) noexcept {
    const auto failed =
        std::ranges::find_if(statuses, [](get_exit each) { return each != get_exit::ok; });
    return static_cast<int>(failed == statuses.end() ? get_exit::ok : *failed);
}

}  // namespace

int run_get(const get_options& options) {
    set_log_level(log_level::error);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);  // The write fails instead.
    if (options.insecure) {
        std::fputs(
            "ringway: warning: certificates are not verified (-k): anybody on the way can "
            "read and change what is fetched\n",
            stderr);
    }
    auto made = cluster::make({.shards = 1, .pin = false, .driver = options.driver});
    if (!made) {
        print_text(stderr, "ringway: the event loop could not start: {}\n",
                   explain_driver_refusal(made.error()));
        return static_cast<int>(get_exit::failed);
    }
    get_command command{options};
    auto signals = signal_set::open({SIGINT, SIGTERM});
    if (!signals) {
        print_text(stderr, "ringway: signals: {}\n", describe(signals.error()));
        return static_cast<int>(get_exit::failed);
    }
    command.signals.emplace(*std::move(signals));
    const auto ran = (*made)->run([&command](shard&) { return command.main(); });
    command.signals.reset();
    if (!ran) {
        print_text(stderr, "ringway: the event loop could not start: {}\n", describe(ran.error()));
        return static_cast<int>(get_exit::failed);
    }
    return exit_status(command.statuses);
}

}  // namespace ringway::cli
