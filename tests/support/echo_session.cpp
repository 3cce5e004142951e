#include "support/echo_session.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <utility>

namespace ringway::test {
namespace {

operation made(op_kind kind, int fd, void* address = nullptr, std::size_t length = 0) {
    operation op;
    op.kind = kind;
    op.fd = fd;
    op.address = address;
    op.length = static_cast<std::uint32_t>(length);
    return op;
}

bool is_passing(int result) noexcept { return result == -EINTR || result == -ENOMEM; }

// Sends all of `bytes`, over interruptions; false if that can't be done.
task<bool> send_all(int fd, byte_view bytes) {
    while (!bytes.empty()) {
        void* const from = const_cast<std::byte*>(bytes.data());
        const completion done =
            co_await await_operation{made(op_kind::send, fd, from, bytes.size())};
        if (done.result < 0 && !is_passing(done.result)) {
            co_return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(std::max(done.result, 0)));
    }
    co_return true;
}

// Sends all of `bytes` from a file, over interruptions.
task<bool> send_all_of_file(int fd, int file, std::size_t size) {
    std::size_t sent = 0;
    while (sent < size) {
        operation op = made(op_kind::sendfile, fd, nullptr, size - sent);
        op.other_fd = file;
        op.offset = sent;
        const completion done = co_await await_operation{op};
        if (done.result == 0 || (done.result < 0 && !is_passing(done.result))) {
            co_return false;
        }
        sent += static_cast<std::size_t>(std::max(done.result, 0));
    }
    co_return true;
}

// One connection of the server. Receives into a pooled buffer, or its own when there is none.
task<void> echo(int fd, bool pooled) {
    std::array<std::byte, 512> own;
    bool going = true;
    while (going) {
        operation op = made(op_kind::recv, fd, own.data(), own.size());
        op.select_buffer = pooled;
        op.length = pooled ? 0 : op.length;
        const completion got = co_await await_operation{op};
        const auto size = static_cast<std::uint32_t>(std::max(got.result, 0));
        buffer_lease lease;
        byte_view bytes = byte_view{own}.first(std::min<std::size_t>(size, own.size()));
        if (got.buffer != completion::no_buffer) {
            lease = driver::current().buffers().lease(got.buffer, size);
            bytes = lease.bytes();
        }
        if (got.result > 0) {
            going = co_await send_all(fd, bytes);
        } else {
            going = is_passing(got.result) || got.result == -ENOBUFS;
        }
        pooled = got.result != -ENOBUFS && pooled;
    }
    driver::current().close_now(fd);
}

// Accepts until cancelled: multishot, told to a list that the server reads.
struct acceptor : operation {
    std::vector<int> accepted;
    suspension waiting;
    bool waits = false;

    void tell() noexcept {
        if (std::exchange(waits, false)) {
            waiting.wake();
        }
    }

    struct news : stop_callback {
        explicit news(acceptor& from) noexcept
            : stop_callback{[](stop_callback& self) noexcept {
                  auto& me = static_cast<news&>(self);
                  if (me.from.in_flight) {
                      driver::current().cancel(me.from);
                  }
              }},
              from{from} {}
        bool await_ready() const noexcept { return !from.accepted.empty() || !from.in_flight; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> self) noexcept {
            from.waiting.hold(self);
            from.waits = true;
            link(self.promise().stop);
        }
        void await_resume() noexcept { unlink(); }
        acceptor& from;
    };
};

task<bool> exchange_bytes(int fd, byte_view sent, std::vector<std::byte>& received) {
    std::array<std::byte, 777> buffer;
    for (;;) {
        const completion got =
            co_await await_operation{made(op_kind::recv, fd, buffer.data(), buffer.size())};
        if (got.result <= 0 && !is_passing(got.result)) {
            co_return got.result == 0;
        }
        const auto size = static_cast<std::ptrdiff_t>(std::max(got.result, 0));
        received.insert(received.end(), buffer.begin(), buffer.begin() + size);
        RW_ASSERT(received.size() <= sent.size());
    }
}

task<void> send_and_finish(int fd, byte_view bytes, int file, bool& sent_all) {
    sent_all = file >= 0 ? co_await send_all_of_file(fd, file, bytes.size())
                         : co_await send_all(fd, bytes);
    driver::current().shutdown_now(fd, SHUT_WR);
}

task<int> connect_to(simulated_driver& io, std::uint16_t port) {
    const int fd = io.make_socket();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    const completion done =
        co_await await_operation{made(op_kind::connect, fd, &address, sizeof address)};
    if (done.result < 0) {
        io.close_now(fd);
        co_return done.result;
    }
    co_return fd;
}

std::vector<std::byte> bytes_of(std::uint64_t seed, std::size_t size) {
    detail::simulated_random random{seed};
    std::vector<std::byte> bytes(size);
    for (std::byte& one : bytes) {
        one = static_cast<std::byte>(random.below(256));
    }
    return bytes;
}

// Writes `bytes` to a file through the ring, over interruptions; -1 if that can't be done.
task<int> spill(std::span<std::byte> bytes) {
    const int file = ::memfd_create("echo", MFD_CLOEXEC);
    std::size_t written = 0;
    while (written < bytes.size()) {
        operation op = made(op_kind::write, file, bytes.data() + written, bytes.size() - written);
        op.offset = written;
        const completion done = co_await await_operation{op};
        if (done.result < 0 && !is_passing(done.result)) {
            driver::current().close_now(file);
            co_return -1;
        }
        written += static_cast<std::size_t>(std::max(done.result, 0));
    }
    co_return file;
}

}  // namespace

task<void> serve_echo(int listener, std::uint64_t seed) {
    stop_source* const stop = co_await this_stop{};
    detail::simulated_random random{seed};
    scope connections;
    acceptor accepting;
    accepting.kind = op_kind::accept;
    accepting.fd = listener;
    accepting.multishot = true;
    accepting.complete = [](operation& self, completion what) noexcept {
        auto& me = static_cast<acceptor&>(self);
        if (what.result >= 0) {
            me.accepted.push_back(what.result);
        }
        me.tell();
    };
    while (stop == nullptr || !stop->stop_requested() || accepting.in_flight) {
        if (!accepting.in_flight) {
            driver::current().submit(accepting);
        }
        co_await acceptor::news{accepting};
        for (const int fd : std::exchange(accepting.accepted, {})) {
            connections.spawn(echo(fd, random.below(3) > 0));
        }
    }
    connections.request_stop();
    co_await connections.join();
    driver::current().close_now(listener);
}

task<void> talk_to_echo(simulated_driver& io, std::uint16_t port, std::uint64_t seed,
                        std::size_t size, echo_outcome& outcome) {
    std::vector<std::byte> sent = bytes_of(seed, size);
    outcome.expected = size;
    const int file = seed % 4 == 0 ? co_await spill(sent) : -1;
    const int fd = co_await connect_to(io, port);
    if (fd >= 0) {
        outcome.connected = true;
        std::vector<std::byte> received;
        scope sender;
        sender.spawn(send_and_finish(fd, sent, file, outcome.sent_all));
        outcome.reached_end = co_await exchange_bytes(fd, sent, received);
        co_await sender.join();
        io.close_now(fd);
        outcome.received = received.size();
        outcome.is_prefix = std::equal(received.begin(), received.end(), sent.begin());
    }
    if (file >= 0) {
        io.close_now(file);
    }
}

echo_session run_echo(const simulation_options& options, std::size_t clients) {
    simulation sim{options};
    detail::simulated_random random{options.seed};
    echo_session session;
    session.outcomes.resize(clients);
    const int listener = sim.io.make_listener(7);
    scope server;
    scope talkers;
    server.spawn(serve_echo(listener, options.seed));
    for (echo_outcome& outcome : session.outcomes) {
        const std::size_t size = random.below(3) == 0 ? 0 : random.below(20'000);
        talkers.spawn(talk_to_echo(sim.io, 7, random.next(), size, outcome));
    }
    session.ended = sim.run_until_joined(talkers);
    server.request_stop();
    session.ended = sim.run_until_joined(server) && session.ended;
    session.faults = sim.io.faults();
    session.leaks = sim.io.leaks();
    session.history = sim.io.history();
    session.description = sim.io.describe();
    return session;
}

}  // namespace ringway::test
