// Ways to receive and to answer packets, one per run; bench/xdp compares them.
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <linux/bpf.h>
#include <memory>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include <ringway/coro/stop.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/observe/histogram.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/sleep.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>

#include "packet_sender.hpp"

namespace {

using namespace ringway;
using clock_type = std::chrono::steady_clock;
using std::string_view;

constexpr std::uint16_t port = 7000;
constexpr std::size_t batch_max = 64;
constexpr std::chrono::milliseconds warm_up{300};

[[noreturn]] void die(const std::string& why) {
    std::fprintf(stderr, "packet_ways: %s\n", why.c_str());
    std::exit(1);
}

// Everything there is to receive packets on queue 0.
struct receiver {
    std::unique_ptr<xdp::umem> memory;
    std::unique_ptr<xdp::steering> program;
    std::unique_ptr<xdp::xdp_socket> socket;

    receiver(const char* interface, std::uint32_t busy_poll_us, std::uint32_t receive_frames = 4000,
             bpf::xdp_mode mode = bpf::xdp_mode::automatic) {
        const auto where = bpf::find_interface(interface);
        auto made = xdp::umem::make({.frames = 8192});
        auto loaded = xdp::steering::load({.rules = {{.protocol = 17, .target_port = port}}});
        if (!where || !made || !loaded) {
            die(!where ? where.error().text : !made ? made.error().text : loaded.error().text);
        }
        memory = *std::move(made);
        program = *std::move(loaded);
        auto opened = xdp::xdp_socket::open(
            *memory, *where,
            {.ring_entries = 4096, .receive_frames = receive_frames, .busy_poll_us = busy_poll_us});
        if (!opened) {
            die(opened.error().text);
        }
        socket = *std::move(opened);
        if (const auto added = program->add(*socket); !added) {
            die(added.error().text);
        }
        if (const auto attached = program->attach(*where, {.mode = mode}); !attached) {
            die(attached.error().text);
        }
    }
    ~receiver() { program->detach(); }
    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;
};

// What was received between the end of the warm-up and the end.
class window {
public:
    explicit window(double seconds)
        : begin_{clock_type::now() + warm_up},
          end_{begin_ + std::chrono::duration_cast<clock_type::duration>(
                            std::chrono::duration<double>{seconds})} {}
    [[nodiscard]] bool is_over() const { return clock_type::now() >= end_; }
    [[nodiscard]] std::chrono::nanoseconds left() const { return end_ - clock_type::now(); }
    void count(std::uint64_t packets) {
        if (clock_type::now() >= begin_) {
            packets_ += packets;
        }
    }
    [[nodiscard]] double rate() const {
        return static_cast<double>(packets_) / std::chrono::duration<double>(end_ - begin_).count();
    }

private:
    clock_type::time_point begin_;
    clock_type::time_point end_;
    std::uint64_t packets_ = 0;
};

int print_rate(const window& seen, const xdp::xdp_socket* socket) {
    const auto counted = socket == nullptr ? xdp::socket_statistics{} : socket->statistics();
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds_of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::printf(
        "{\"rate\": %.0f, \"cpu\": %.3f, \"lost\": %llu, \"waits\": %llu, "
        "\"received\": %llu}\n",
        seen.rate(), seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
        static_cast<unsigned long long>(counted.lost()),
        static_cast<unsigned long long>(counted.waits),
        static_cast<unsigned long long>(counted.received));
    return 0;
}

int receive_udp(double seconds) {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const endpoint where = *parse_endpoint("0.0.0.0:7000");
    constexpr int room = 64 << 20;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    // The time limit of recvmmsg(2) itself is only looked at when a datagram comes.
    constexpr timeval patience{.tv_sec = 0, .tv_usec = 50'000};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (::bind(socket.get(), where.address(), where.size()) != 0) {
        die("bind");
    }
    std::vector<std::array<char, 2048>> memory(batch_max);
    std::array<mmsghdr, batch_max> messages{};
    std::array<iovec, batch_max> parts{};
    for (std::size_t i = 0; i < batch_max; ++i) {
        parts[i] = {memory[i].data(), memory[i].size()};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    window seen{seconds};
    while (!seen.is_over()) {
        const int got =
            ::recvmmsg(socket.get(), messages.data(), batch_max, MSG_WAITFORONE, nullptr);
        seen.count(static_cast<std::uint64_t>(got < 0 ? 0 : got));
    }
    return print_rate(seen, nullptr);
}

enum class waiting { before_each_batch, when_empty, never };

// Before each batch: as the loops of the kernel's samples and of xdpsock -p do.
int receive_by_poll(const char* interface, double seconds, waiting how) {
    receiver from{interface, 0};
    xdp::packet_batch batch{*from.memory};
    window seen{seconds};
    std::uint32_t got = 0;
    while (!seen.is_over()) {
        if (how == waiting::before_each_batch || (how == waiting::when_empty && got == 0)) {
            pollfd ready{.fd = from.socket->fd(), .events = POLLIN, .revents = 0};
            ::poll(&ready, 1, 100);
        }
        got = from.socket->receive_now(batch);
        seen.count(got);
    }
    return print_rate(seen, from.socket.get());
}

task<result<void>> count_batches(receiver& from, window& seen) {
    xdp::packet_batch batch{*from.memory};
    for (;;) {
        const auto got = co_await from.socket->rx_batch(batch);
        if (!got) {
            co_return std::unexpected{got.error()};
        }
        seen.count(*got);
    }
}

task<void> receive_all(receiver& from, window& seen) {
    const auto ended = co_await with_timeout(seen.left(), count_batches(from, seen));
    if (ended || ended.error().code != errc::timed_out) {
        die("receiving ended early");
    }
    from.program->detach();
    co_await from.socket->close();
}

int receive_on_runtime(const char* interface, double seconds, std::uint32_t busy_poll_us) {
    receiver from{interface, busy_poll_us};
    auto made = cluster::make({.shards = 1, .pin = false, .driver = driver_kind::io_uring});
    if (!made) {
        die(describe(made.error()));
    }
    window seen{seconds};
    const auto ran = (*made)->run([&](shard&) { return receive_all(from, seen); });
    return ran ? print_rate(seen, from.socket.get()) : 1;
}

// A datagram of 60 bytes from 10.77.0.2 to 10.77.0.1, port 7000, without a checksum of UDP.
std::vector<std::uint8_t> datagram_frame() {
    std::vector<std::uint8_t> frame{2,    0, 0,  0,  0, 1, 2,    0,    0,    0,    0, 2,  8,  0,
                                    0x45, 0, 0,  46, 0, 0, 0x40, 0,    64,   17,   0, 0,  10, 77,
                                    0,    2, 10, 77, 0, 1, 0x1f, 0x40, 0x1b, 0x58, 0, 26, 0,  0};
    frame.resize(60);
    std::uint32_t sum = 0;
    for (std::size_t i = 14; i < 34; i += 2) {
        sum += static_cast<std::uint32_t>(frame[i]) << 8U | frame[i + 1];
    }
    sum = (sum & 0xffffU) + (sum >> 16U);
    frame[24] = static_cast<std::uint8_t>(~sum >> 8U);
    frame[25] = static_cast<std::uint8_t>(~sum & 0xffU);
    return frame;
}

// One packet at a time needs few frames; those stay in the caches.
constexpr std::uint32_t few_frames = 64;

// Looks at the clock now and then only, as that takes longer than to look for a packet.
class deadline {
public:
    explicit deadline(double seconds)
        : end_{clock_type::now() + std::chrono::duration_cast<clock_type::duration>(
                                       std::chrono::duration<double>{seconds})} {}
    [[nodiscard]] bool has_come() { return ++looks_ % 1024 == 0 && clock_type::now() >= end_; }

private:
    clock_type::time_point end_;
    unsigned looks_ = 0;
};

void turn_around(xdp::packet& one) {
    std::byte* const at = one.data;
    std::swap_ranges(at, at + 6, at + 6);
    std::swap_ranges(at + 26, at + 30, at + 30);
    std::swap_ranges(at + 34, at + 36, at + 36);
}

int echo_packets(const char* interface, double seconds, bpf::xdp_mode mode) {
    receiver from{interface, 0, few_frames, mode};
    xdp::packet_batch batch{*from.memory};
    for (deadline end{seconds}; !end.has_come();) {
        if (from.socket->receive_now(batch) == 0) {
            continue;
        }
        for (xdp::packet& each : batch.packets()) {
            turn_around(each);
        }
        from.socket->transmit_now(batch);
    }
    return 0;
}

int echo_datagrams(double seconds) {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const endpoint where = *parse_endpoint("0.0.0.0:7000");
    if (::bind(socket.get(), where.address(), where.size()) != 0) {
        die("bind");
    }
    std::array<char, 2048> room{};
    for (deadline end{seconds}; !end.has_come();) {
        sockaddr_storage peer{};
        socklen_t size = sizeof(peer);
        auto* const to = reinterpret_cast<sockaddr*>(&peer);
        const ssize_t got = ::recvfrom(socket.get(), room.data(), room.size(), 0, to, &size);
        if (got > 0) {
            ::sendto(socket.get(), room.data(), static_cast<std::size_t>(got), 0, to, size);
        }
    }
    return 0;
}

int ping_datagrams(const char* address, std::uint64_t count) {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const endpoint peer = *parse_endpoint(std::string{address} + ":7000");
    if (::connect(socket.get(), peer.address(), peer.size()) != 0) {
        die("connect");
    }
    observe::histogram times;
    std::array<char, 2048> room{};
    for (std::uint64_t sent = 0; sent < count; ++sent) {
        const auto begin = clock_type::now();
        ::send(socket.get(), room.data(), 24, 0);
        while (::recv(socket.get(), room.data(), room.size(), 0) < 0) {
            if (clock_type::now() - begin > std::chrono::seconds{1}) {
                die("no answer");
            }
        }
        times.record(static_cast<std::uint64_t>((clock_type::now() - begin).count()));
    }
    std::printf("{\"p50\": %llu, \"p99\": %llu}\n",
                static_cast<unsigned long long>(times.quantile(0.5)),
                static_cast<unsigned long long>(times.quantile(0.99)));
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4 && count != 5) {
        die("packet_ways WAY INTERFACE|ADDRESS SECONDS|COUNT [PACKETS_OF_A_BURST]");
    }
    const string_view way{arguments[1]};
    const double amount = std::atof(arguments[3]);
    if (way == "recvmmsg") return receive_udp(amount);
    if (way == "poll") return receive_by_poll(arguments[2], amount, waiting::before_each_batch);
    if (way == "poll-empty") return receive_by_poll(arguments[2], amount, waiting::when_empty);
    if (way == "spin") return receive_by_poll(arguments[2], amount, waiting::never);
    if (way == "io_uring") return receive_on_runtime(arguments[2], amount, 0);
    if (way == "busy-poll") return receive_on_runtime(arguments[2], amount, 20);
    if (way == "flood") {
        const int run = count == 5 ? std::atoi(arguments[4]) : 0x7fffffff;
        const auto sent = bench::send_packets(arguments[2], amount, datagram_frame(),
                                              static_cast<std::uint32_t>(run));
        if (!sent) die("flood: " + describe(sent.error()));
        std::printf("{\"sent\": %llu}\n", static_cast<unsigned long long>(*sent));
        return 0;
    }
    if (way == "xsk-echo") return echo_packets(arguments[2], amount, bpf::xdp_mode::driver);
    if (way == "xsk-generic-echo") {
        return echo_packets(arguments[2], amount, bpf::xdp_mode::generic);
    }
    if (way == "udp-echo") return echo_datagrams(amount);
    if (way == "udp-ping") {
        return ping_datagrams(arguments[2], static_cast<std::uint64_t>(amount));
    }
    die("no such way");
}
