// Shows a TCP server: each shard accepts connections of its own and sends back what it receives.
// usage: echo --port N [--shards N]     prints the port when ready; ends with SIGINT or SIGTERM
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <ringway/net/acceptor.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/runtime/sleep.hpp>

using namespace ringway;

static task<void> serve(int fd) {
    stream peer{fd};
    for (;;) {
        const auto received = co_await peer.receive();
        if (!received || !*received || !co_await peer.send(received->bytes())) {
            break;  // Broken, or the peer has sent everything.
        }
    }
    co_await peer.close();
}

static task<void> serve_all(unique_fd listener, scope& connections) {
    acceptor arrivals{std::move(listener)};
    while (!connections.stop_requested()) {
        if (const auto fd = co_await arrivals.accept()) {
            connections.spawn(serve(*fd));
        } else {
            co_await sleep_for(nanoseconds{10'000'000});  // Out of descriptors, or stopped.
        }
    }
    co_await arrivals.close();
}

static task<void> stop_at_signal(cluster& shards) {
    auto signals = signal_set::open({SIGINT, SIGTERM});
    if (signals && co_await signals->next()) {
        shards.request_stop();
    }
}

int main(int count, char** words) {
    const auto port = static_cast<std::uint16_t>(count > 2 ? std::atoi(words[2]) : 0);
    const auto shards = static_cast<unsigned>(count > 4 ? std::atoi(words[4]) : 1);
    auto listeners = open_listeners(endpoint::loopback(port), shards);
    auto made = cluster::make({.shards = shards});
    if (!listeners || !made) {
        return 1;
    }
    std::printf("port %u\n", local_endpoint(listeners->front().get())->port());
    std::fflush(stdout);
    (*made)->run([&](shard& here) {
        here.root().spawn(stop_at_signal(**made));  // Whichever shard takes it.
        return serve_all(std::move((*listeners)[here.id()]), here.root());
    });
}
