#include "lab/runtime_server.hpp"

#include <chrono>
#include <cstdio>
#include <unistd.h>

#include <ringway/net/acceptor.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/sleep.hpp>

#include "observe/print_text.hpp"

namespace ringway::lab {
namespace {

constexpr int backlog = 16384;
constexpr std::chrono::milliseconds sqpoll_idle{1000};  // As the servers on bare liburing.

driver_options settings_of(const server_options& options) {
    return {.busy_poll = options.busy_poll,
            .sqpoll_idle = options.sqpoll ? sqpoll_idle : std::chrono::milliseconds{0},
            .napi_poll = std::chrono::microseconds{options.napi_us}};
}

// Tells the port when the driver is as it was asked to be: a row must not be that of another.
void begin(shard& here, const unique_fd& listener) {
    if (const auto lacks = here.io().shortfall(); !lacks.empty()) {
        print_text(stderr, "{}\n", lacks);
        std::fflush(stderr);
        ::_exit(1);
    }
    tell_port(listener.get());
}

task<void> serve_all(unique_fd listener, scope& connections,
                     const std::function<task<void>(int fd)>& converse) {
    constexpr nanoseconds pause{10'000'000};
    acceptor arrivals{std::move(listener)};
    while (!connections.stop_requested()) {
        if (const auto fd = co_await arrivals.accept()) {
            connections.spawn(converse(*fd));
        } else {
            co_await sleep_for(pause);  // Out of descriptors, or stopped.
        }
    }
    co_await arrivals.close();
}

}  // namespace

int run_runtime_server(const server_options& options,
                       const std::function<task<void>(int fd)>& converse) {
    const auto shards = static_cast<unsigned>(options.shards);
    auto listeners = open_listeners(endpoint::loopback(0), shards, {.backlog = backlog});
    auto made =
        cluster::make({.shards = shards,
                       .pin = shards > 1,
                       .driver = options.way == server_way::runtime_epoll ? driver_kind::epoll
                                                                          : driver_kind::io_uring,
                       .driver_settings = settings_of(options)});
    if (!listeners || !made) {
        print_text(stderr, "{}\n",
                   listeners ? explain_driver_refusal(made.error()) : describe(listeners.error()));
        return 1;
    }
    const auto ended = (*made)->run([&](shard& here) {
        if (here.id() == 0) {
            begin(here, listeners->front());
        }
        return serve_all(std::move((*listeners)[here.id()]), here.root(), converse);
    });
    return ended ? 0 : 1;
}

}  // namespace ringway::lab
