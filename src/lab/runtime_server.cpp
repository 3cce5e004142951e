#include "lab/runtime_server.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <ringway/net/acceptor.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::lab {
namespace {

constexpr int backlog = 16384;

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
                       .driver_settings = {.busy_poll = options.busy_poll}});
    if (!listeners || !made) {
        fmt::print(stderr, "{}\n", describe(!listeners ? listeners.error() : made.error()));
        return 1;
    }
    if (const int poll_us = static_cast<int>(options.napi_us); poll_us > 0) {
        for (const auto& listener : *listeners) {
            ::setsockopt(listener.get(), SOL_SOCKET, SO_BUSY_POLL, &poll_us, sizeof poll_us);
        }
    }
    tell_port(listeners->front().get());
    const auto ended = (*made)->run([&](shard& here) {
        return serve_all(std::move((*listeners)[here.id()]), here.root(), converse);
    });
    return ended ? 0 : 1;
}

}  // namespace ringway::lab
