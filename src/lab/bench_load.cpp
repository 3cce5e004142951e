#include "lab/bench_load.hpp"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <fmt/core.h>
#include <memory>
#include <random>
#include <span>
#include <sys/prctl.h>
#include <unistd.h>

#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/sleep.hpp>

#include "lab/answer_reader.hpp"
#include "lab/bench_parts.hpp"
#include "lab/exact_sleep.hpp"
#include "lab/load_sockets.hpp"
#include "lab/lookup.hpp"
#include "lab/open_loop.hpp"
#include "lab/spin_meter.hpp"
#include "lab/usage_meter.hpp"
#include "observe/print_text.hpp"

namespace ringway::lab {
namespace {

nanoseconds now() { return driver::current().now(); }

nanoseconds of_seconds(double seconds) {
    return nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
}

// What all connections of a run share.
struct load_run {
    const load_options& options;
    std::string request;
    observe::histogram latency;
    // Of requests whose connection was free when they were due.
    observe::histogram lateness = observe::histogram{};
    nanoseconds begins{0};  // The load; the measurement follows the warm-up.
    nanoseconds ends{0};    // The measurement.
    bool measuring = false;
    bool over = false;
    std::uint64_t answered = 0;
    std::uint64_t bytes = 0;
    std::uint64_t failed = 0;
    unsigned open = 0;
};

std::string request_of(const load_options& options) {
    if (options.service == service_kind::http) {
        return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", options.path,
                           options.port);
    }
    std::string message(options.message_bytes, '\0');
    for (std::size_t i = 0; i < message.size(); ++i) {
        message[i] = static_cast<char>(i * 131 + i / 251);
    }
    return message;
}

task<bool> read_answer(stream& from, answer_reader& reader) {
    for (;;) {
        const auto received = co_await from.receive();
        if (!received || !*received) {
            co_return false;
        }
        const auto state = reader.take(received->bytes());
        if (state != answer_reader::state::more) {
            co_return state == answer_reader::state::complete;
        }
    }
}

void note_answer(load_run& run, const answer_reader& reader, nanoseconds began) {
    if (run.measuring) {
        ++run.answered;
        run.bytes += reader.content_bytes();
        run.latency.record(static_cast<std::uint64_t>((now() - began).count()));
    }
}

// Of one connection: what it asks next, and what must come back.
class asker {
public:
    asker(const load_run& run, unsigned number)
        : run_{run},
          random_{number + 1},
          reader_{run.options.service == service_kind::echo
                      ? answer_reader::of_echo(as_bytes(run.request))
                  : run.options.service == service_kind::http ? answer_reader::of_http()
                                                              : answer_reader::of_echo(record_)} {}
    asker(const asker&) = delete;
    asker& operator=(const asker&) = delete;

    byte_view next_request() {
        if (run_.options.service != service_kind::lookup) {
            return as_bytes(run_.request);
        }
        key_ = random_() % run_.options.records;
        fill_record(record_, key_);
        return std::as_bytes(std::span{&key_, 1});
    }
    answer_reader& reader() noexcept { return reader_; }

private:
    const load_run& run_;
    std::mt19937_64 random_;
    std::uint64_t key_ = 0;
    record record_{};
    answer_reader reader_;
};

task<void> keep_asking(load_run& run, unsigned number, int fd) {
    stream peer{fd};
    const auto questions = std::make_unique<asker>(run, number);
    auto& reader = questions->reader();
    const bool open_loop_load = run.options.rate > 0;
    const open_loop schedule{open_loop_load ? run.options.rate : 1,
                             static_cast<unsigned>(run.options.connections), run.begins};
    for (std::uint64_t i = 0; !run.over; ++i) {
        nanoseconds began = now();
        if (open_loop_load) {
            began = schedule.start_of(number, i);
            const bool free = now() < began;
            co_await exact_sleep{std::min(began, run.ends)};
            if (run.over || began >= run.ends) {
                break;
            }
            if (free && run.measuring) {
                run.lateness.record(static_cast<std::uint64_t>((now() - began).count()));
            }
        }
        if (!co_await peer.send(questions->next_request()) || !co_await read_answer(peer, reader)) {
            run.failed += run.over ? 0 : 1;  // In the end they are cut off.
            break;
        }
        note_answer(run, reader, began);
    }
    co_await peer.close();
    --run.open;
}

// Ends what waits for an answer or, in an open loop, for its next turn.
task<void> end_all(load_run& run, scope& connections) {
    run.over = true;
    constexpr nanoseconds patience{200'000'000};
    const auto deadline = now() + patience;
    while (run.open > 0 && now() < deadline) {
        co_await sleep_for(nanoseconds{1'000'000});
    }
    connections.request_stop();
    co_await connections.join();
}

task<void> measure(load_run& run, std::vector<unique_fd>& sockets, measurement& into) {
    const auto& options = run.options;
    scope connections;
    auto spinning = co_await spin_meter::make();
    run.begins = now();
    run.ends = run.begins + of_seconds(options.warm_up + options.seconds);
    run.open = static_cast<unsigned>(sockets.size());
    for (unsigned i = 0; i < sockets.size(); ++i) {
        connections.spawn(keep_asking(run, i, sockets[i].release()));
    }
    co_await exact_sleep{run.begins + of_seconds(options.warm_up)};
    const auto own_before = processor_time_of(::getpid());
    usage_meter server{options.server, options.count_syscalls};
    const auto begin = now();
    spinning.start();
    run.measuring = true;
    co_await exact_sleep{run.ends};
    run.measuring = false;
    const auto took = std::chrono::duration<double>{now() - begin}.count();
    server.finish(into, run.answered, run.bytes, took);
    if (options.rate > 0) {
        into.set(metric::offered, options.rate);
        if (run.lateness.count() > 0) {
            into.set(metric::late, static_cast<double>(run.lateness.quantile(0.99)) / 1e3);
        }
    } else if (options.spin) {
        into.set(metric::load, spinning.busy_percent());
    } else {
        const std::chrono::duration<double> own = processor_time_of(::getpid()) - own_before;
        into.set(metric::load, own.count() / took * 100);
    }
    co_await end_all(run, connections);
}

}  // namespace

outcome<measurement> run_load(const load_options& options) {
    auto sockets = open_load_sockets(options.port, static_cast<unsigned>(options.connections));
    if (!sockets) {
        return std::unexpected{sockets.error()};
    }
    // Each connection may hold a buffer or two.
    auto made = cluster::make(
        {.shards = 1,
         .pin = false,
         .driver_settings = {.buffer_count = 4096, .busy_poll = options.rate > 0 || options.spin}});
    if (!made) {
        return std::unexpected{"no event loop: " + explain_driver_refusal(made.error())};
    }
    if ((*made)->at(0).io().socket_flags() != 0) {
        for (const auto& socket : *sockets) {
            ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
        }
    }
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    load_run run{
        .options = options, .request = request_of(options), .latency = observe::histogram{}};
    measurement found;
    const auto ended = (*made)->run([&](shard&) { return measure(run, *sockets, found); });
    if (!ended) {
        return std::unexpected{fmt::format("no event loop: {}", describe(ended.error()))};
    }
    if (run.answered == 0) {
        return std::unexpected{fmt::format("no answer came on {} connections, {} failed",
                                           options.connections, run.failed)};
    }
    found.failed = run.failed;
    found.set_latency(run.latency);
    return found;
}

int run_bench_load(std::span<const std::string> arguments) {
    const auto options = read_load_options(arguments);
    if (!options) {
        return 2;
    }
    print_text("{}\n", to_line(run_load(*options)));
    return 0;
}

}  // namespace ringway::lab
