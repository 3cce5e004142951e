// Goal: what programs in the two namespaces see of each other is what the path says, and nothing of
// the lab outlives it.
#include "lab/relay.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstring>
#include <fstream>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <set>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "lab/network.hpp"
#include "lab/process.hpp"
#include "support/child_process.hpp"
#include "support/patience.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;
using namespace std::string_literals;

sockaddr_in v4(std::string_view address, int port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, std::string{address}.c_str(), &made.sin_addr);
    return made;
}

sockaddr* any(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

class lab_relay : public ::testing::Test {
protected:
    void SetUp() override {
        auto made = network::make({});
        if (!made) {
            GTEST_SKIP() << made.error();
        }
        net_.emplace(*std::move(made));
    }

    void start(const path_options& options, std::string capture = {}) {
        auto started = relay::start(*net_, {.path = options, .capture = std::move(capture)});
        ASSERT_TRUE(started.has_value()) << started.error();
        relay_ = *std::move(started);
    }

    // A UDP socket at a side, bound to `port`.
    unique_fd udp(side at, int port) const {
        auto made = net_->socket(at, AF_INET, SOCK_DGRAM);
        EXPECT_TRUE(made.has_value());
        auto here = v4(at == side::client ? network::client_v4 : network::server_v4, port);
        EXPECT_EQ(::bind(made->get(), any(here), sizeof here), 0);
        return std::move(*made);
    }

    static void send(int from, std::string_view to, int port, std::string_view text) {
        auto there = v4(to, port);
        ASSERT_EQ(::sendto(from, text.data(), text.size(), 0, any(there), sizeof there),
                  static_cast<ssize_t>(text.size()));
    }

    struct datagram {
        std::string text;
        sockaddr_in from{};
    };
    // The next datagram; an empty one if none comes.
    static datagram receive(int at) {
        datagram got{.text = std::string(65536, '\0')};
        socklen_t length = sizeof got.from;
        if (!test::wait_for(at, POLLIN)) {
            ADD_FAILURE() << "no datagram has come";
            return {};
        }
        const auto size =
            ::recvfrom(at, got.text.data(), got.text.size(), 0, any(got.from), &length);
        got.text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return got;
    }

    std::optional<network> net_;
    std::unique_ptr<relay> relay_;
};

// The kernel fills in the checksums before it hands a packet to the device, and checks what comes.
TEST_F(lab_relay, checksums_are_the_kernels) {
    const auto sender = udp(side::client, 5000);
    const auto receiver = udp(side::server, 6000);
    packet bytes(2000);
    for (const std::size_t size : {0U, 1U, 10U, 1400U}) {
        send(sender.get(), network::server_v4, 6000, std::string(size, 'x'));
        ASSERT_TRUE(test::wait_for(net_->tun(side::client), POLLIN));
        bytes.resize(2000);
        const auto got = ::read(net_->tun(side::client), bytes.data(), bytes.size());
        ASSERT_GT(got, 0);
        bytes.resize(static_cast<std::size_t>(got));
        if (bytes[0] != std::byte{0x45}) {
            continue;  // IPv6 noise.
        }
        EXPECT_TRUE(checksums_are_right(bytes));
        auto own = bytes;
        write_checksums(own);
        EXPECT_EQ(own, bytes);

        const auto facts = *read_packet(bytes);
        write_port(bytes, facts, packet_end::source, 7777);
        write_address(bytes, facts, packet_end::source, network::spare_addresses(1).front());
        ASSERT_EQ(::write(net_->tun(side::server), bytes.data(), bytes.size()), got);
        const auto arrived = receive(receiver.get());
        EXPECT_EQ(arrived.text, std::string(size, 'x'));
        EXPECT_EQ(ntohs(arrived.from.sin_port), 7777);
        EXPECT_EQ(ntohl(arrived.from.sin_addr.s_addr), 0x0a4d0065U);
    }
}

TEST_F(lab_relay, datagrams_come_after_the_delay) {
    start(path_options::symmetric(milliseconds{60}));
    const auto client = udp(side::client, 5000);
    const auto server = udp(side::server, 6000);
    const auto began = std::chrono::steady_clock::now();
    send(client.get(), network::server_v4, 6000, "ping");
    EXPECT_EQ(receive(server.get()).text, "ping");
    send(server.get(), network::client_v4, 5000, "pong");
    EXPECT_EQ(receive(client.get()).text, "pong");
    EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds{60});
    const auto counted = relay_->counters();
    EXPECT_EQ(counted.path.up.packets_out, 1U);
    EXPECT_EQ(counted.path.down.packets_out, 1U);
    EXPECT_EQ(counted.path.up.payload_in, 4U);
    EXPECT_EQ(counted.kernel_drops, 0U);
}

TEST_F(lab_relay, the_list_says_what_is_dropped) {
    auto options = path_options::symmetric(milliseconds{0});
    options.up.drops = {*parse_drop_rule("up:udp:>=5:2,4-5")};
    start(options);
    const auto client = udp(side::client, 5000);
    const auto server = udp(side::server, 6000);
    for (const auto* const text : {"long1", "s", "long2", "long3", "long4", "long5", "long6"}) {
        send(client.get(), network::server_v4, 6000, text);
    }
    for (const auto* const text : {"long1", "s", "long3", "long6"}) {
        EXPECT_EQ(receive(server.get()).text, text);
    }
    EXPECT_EQ(relay_->counters().path.up.dropped_by_list, 3U);
}

TEST_F(lab_relay, the_server_sees_new_ports_and_its_answers_arrive) {
    auto options = path_options::symmetric(milliseconds{0});
    options.nat.port_every = milliseconds{30};
    start(options);
    const auto client = udp(side::client, 5000);
    const auto server = udp(side::server, 6000);
    std::set<int> ports;
    const bool moved = test::eventually([&] {
        send(client.get(), network::server_v4, 6000, "hello");
        auto got = receive(server.get());
        ports.insert(ntohs(got.from.sin_port));
        EXPECT_EQ(::sendto(server.get(), "back", 4, 0, any(got.from), sizeof got.from), 4);
        EXPECT_EQ(receive(client.get()).text, "back");
        return ports.size() >= 4 || HasFailure();
    });
    EXPECT_TRUE(moved);
    EXPECT_TRUE(ports.contains(5000));
    EXPECT_GE(relay_->counters().path.nat.rebindings, 3U);
}

TEST_F(lab_relay, tcp_passes_and_is_seen_packet_by_packet) {
    start(path_options::symmetric(milliseconds{2}, 0, loss_options::independent(0.01)));
    auto listener = net_->socket(side::server, AF_INET, SOCK_STREAM);
    auto caller = net_->socket(side::client, AF_INET, SOCK_STREAM);
    ASSERT_TRUE(listener && caller);
    auto there = v4(network::server_v4, 6000);
    ASSERT_EQ(::bind(listener->get(), any(there), sizeof there), 0);
    ASSERT_EQ(::listen(listener->get(), 1), 0);
    ASSERT_EQ(::connect(caller->get(), any(there), sizeof there), 0);
    const unique_fd accepted{::accept(listener->get(), nullptr, nullptr)};
    ASSERT_TRUE(accepted);

    const auto text = test::pattern(1'000'000);
    const auto child = ::fork();
    if (child == 0) {
        std::size_t sent = 0;
        while (sent < text.size()) {
            const auto more = ::write(caller->get(), text.data() + sent, text.size() - sent);
            if (more <= 0) {
                ::_exit(1);
            }
            sent += static_cast<std::size_t>(more);
        }
        ::_exit(0);
    }
    caller->reset();
    std::string got;
    while (got.size() < text.size() && test::wait_for(accepted.get(), POLLIN)) {
        char piece[65536];
        const auto size = ::read(accepted.get(), piece, sizeof piece);
        if (size <= 0) {
            break;
        }
        got.append(piece, static_cast<std::size_t>(size));
    }
    EXPECT_TRUE(got == text);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    const auto up = relay_->counters().path.up;
    EXPECT_GE(up.packets_in, text.size() / 1460);  // No segment was larger than the MTU.
    EXPECT_GT(up.dropped_by_loss, 0U);
}

TEST_F(lab_relay, tcp_controls_congestion_as_asked) {
    start(path_options::symmetric(milliseconds{0}));
    const auto algorithm_of = [this] {
        auto listener = net_->socket(side::server, AF_INET, SOCK_STREAM);
        auto caller = net_->socket(side::client, AF_INET, SOCK_STREAM);
        auto there = v4(network::server_v4, 6000);
        const int on = 1;
        ::setsockopt(listener->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        EXPECT_EQ(::bind(listener->get(), any(there), sizeof there), 0);
        EXPECT_EQ(::listen(listener->get(), 1), 0);
        EXPECT_EQ(::connect(caller->get(), any(there), sizeof there), 0);
        const unique_fd accepted{::accept(listener->get(), nullptr, nullptr)};
        std::string told;
        for (const int end : {caller->get(), accepted.get()}) {
            char name[16] = {};
            socklen_t length = sizeof name;
            EXPECT_EQ(::getsockopt(end, IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
            told += name + " "s;
        }
        return told;
    };
    EXPECT_EQ(algorithm_of(), "cubic cubic ");
    EXPECT_TRUE(net_->set_congestion_control("reno"));
    EXPECT_EQ(algorithm_of(), "reno reno ");
    EXPECT_FALSE(net_->set_congestion_control("none-such"));
    EXPECT_EQ(algorithm_of(), "reno reno ");
}

TEST_F(lab_relay, captures_both_ends) {
    const test::scratch_directory place;
    const auto path = place.at("trace.pcapng");
    auto options = path_options::symmetric(milliseconds{0});
    options.up.drops = {*parse_drop_rule("up:udp:1")};
    start(options, path);
    const auto client = udp(side::client, 5000);
    const auto server = udp(side::server, 6000);
    send(client.get(), network::server_v4, 6000, "first-and-dropped");
    send(client.get(), network::server_v4, 6000, "second-and-passed");
    EXPECT_EQ(receive(server.get()).text, "second-and-passed");
    relay_.reset();
    std::ifstream file{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    const auto count = [&bytes](std::string_view what) {
        int found = 0;
        for (auto at = bytes.find(what); at != std::string::npos; at = bytes.find(what, at + 1)) {
            ++found;
        }
        return found;
    };
    EXPECT_EQ(count("first-and-dropped"), 1);
    EXPECT_EQ(count("second-and-passed"), 2);
}

TEST_F(lab_relay, recorded_packets_can_be_sent_again) {
    start(path_options::symmetric(milliseconds{0}));
    const auto client = udp(side::client, 5000);
    const auto server = udp(side::server, 6000);
    relay_->record(2);
    for (const auto* const text : {"one", "two", "three"}) {
        send(client.get(), network::server_v4, 6000, text);
        EXPECT_EQ(receive(server.get()).text, text);
    }
    const auto recorded = relay_->take_recording();
    ASSERT_EQ(recorded.size(), 2U);
    for (int i = 0; i < 50; ++i) {
        relay_->inject(recorded[1]);
        EXPECT_EQ(receive(server.get()).text, "two");
    }
}

TEST_F(lab_relay, restarting_begins_anew) {
    start(path_options::symmetric(milliseconds{0}));
    const auto client = udp(side::client, 5000);
    const auto server = udp(side::server, 6000);
    send(client.get(), network::server_v4, 6000, "one");
    EXPECT_EQ(receive(server.get()).text, "one");
    auto options = path_options::symmetric(milliseconds{0});
    options.up.drops = {*parse_drop_rule("up:udp:1")};
    relay_->restart(options);
    EXPECT_EQ(relay_->counters().path.up.packets_in, 0U);
    send(client.get(), network::server_v4, 6000, "two");
    send(client.get(), network::server_v4, 6000, "three");
    EXPECT_EQ(receive(server.get()).text, "three");
}

TEST_F(lab_relay, programs_run_inside) {
    auto told = run_program(*net_, side::server, {"cat", "/proc/self/net/dev"}, test::patience());
    ASSERT_TRUE(told.has_value()) << told.error();
    EXPECT_EQ(told->status, 0);
    EXPECT_TRUE(told->output.contains("path0:"));
    EXPECT_FALSE(told->output.contains("eth0:"));

    told =
        run_program(*net_, side::client, {"sh", "-c", "echo wrong >&2; exit 3"}, test::patience());
    ASSERT_TRUE(told.has_value());
    EXPECT_EQ(told->status, 3);
    EXPECT_EQ(told->errors, "wrong\n");

    const auto missing =
        run_program(*net_, side::client, {"/nonexistent/program"}, test::patience());
    ASSERT_FALSE(missing.has_value());
    EXPECT_TRUE(missing.error().contains("is it installed?"));

    const auto endless = run_program(*net_, side::client, {"sleep", "1000"}, milliseconds{50});
    ASSERT_FALSE(endless.has_value());
    EXPECT_TRUE(endless.error().contains("has not ended within 50 ms"));
}

bool is_alive(pid_t id) {
    std::ifstream status{"/proc/" + std::to_string(id) + "/stat"};
    std::string text;
    return std::getline(status, text) && !text.contains(") Z ");
}

// Even where the one who started it is killed and can clean nothing up.
TEST_F(lab_relay, nothing_outlives_its_maker) {
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    const auto maker = ::fork();
    if (maker == 0) {
        const auto inner = process::start(*net_, side::server, {"sleep", "1000"});
        const pid_t id = inner ? inner->id() : -1;
        static_cast<void>(::write(pipes[1], &id, sizeof id));
        ::pause();
        ::_exit(0);
    }
    pid_t inner = -1;
    ASSERT_EQ(::read(pipes[0], &inner, sizeof inner), static_cast<ssize_t>(sizeof inner));
    ASSERT_GT(inner, 0);
    EXPECT_TRUE(is_alive(inner));
    ::kill(maker, SIGKILL);
    EXPECT_EQ(::waitpid(maker, nullptr, 0), maker);
    EXPECT_TRUE(test::eventually([inner] { return !is_alive(inner); }));
    ::close(pipes[0]);
    ::close(pipes[1]);
}

TEST_F(lab_relay, descriptors_are_given_back) {
    const auto before = test::open_descriptors();
    {
        auto other = network::make({});
        ASSERT_TRUE(other.has_value());
        auto started = relay::start(*other, {});
        ASSERT_TRUE(started.has_value());
        const auto inner = process::start(*other, side::client, {"sleep", "1000"});
        ASSERT_TRUE(inner.has_value());
    }
    EXPECT_EQ(test::open_descriptors(), before);
}

}  // namespace
}  // namespace ringway::lab
