#include <ringway/xdp/steering.hpp>

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include <ringway/net/endpoint.hpp>

#include "support/need_bpf.hpp"
#include "support/patience.hpp"
#include "support/virtual_network.hpp"
#include "support/xdp_site.hpp"

namespace ringway::xdp {
namespace {

using test::net_side;

std::unique_ptr<steering> attached(const test::virtual_network& network, verdict what,
                                   bpf::xdp_mode mode) {
    std::unique_ptr<steering> made;
    network.in(net_side::near, [&] {
        auto loaded = steering::load({.matched = what, .rules = test::steer_udp_7000().rules});
        ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
        made = *std::move(loaded);
        const auto done = made->attach(*bpf::find_interface("near"), {.mode = mode});
        ASSERT_TRUE(done.has_value()) << done.error().text;
        EXPECT_EQ(made->mode(), mode);
    });
    return made;
}

// veth hands frames of XDP_TX on at once only to a side that has a program itself (as of
// Linux 6.18).
std::unique_ptr<steering> able_to_receive(const test::virtual_network& network) {
    std::unique_ptr<steering> made;
    network.in(net_side::far, [&made] {
        auto loaded = steering::load({.matched = verdict::pass, .rules = {}});
        ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
        made = *std::move(loaded);
        EXPECT_TRUE(made->attach(*bpf::find_interface("far")).has_value());
    });
    return made;
}

// Whether an echo request from "far" is answered, by whomever.
bool answers(const test::virtual_network& network, const std::string& address) {
    const bool v6 = address.find(':') != std::string::npos;
    bool answered = false;
    network.in(net_side::far, [&] {
        const endpoint to = *parse_endpoint(v6 ? "[" + address + "]:0" : address + ":0");
        const unique_fd raw{::socket(to.family(), SOCK_RAW | SOCK_CLOEXEC,
                                     v6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP})};
        // The kernel writes the checksum of IPv6 itself.
        const std::array<std::uint8_t, 8> request{
            static_cast<std::uint8_t>(v6 ? 128 : 8), 0, 0xf7, 0xfd, 0, 1, 0, 1};
        ASSERT_EQ(::sendto(raw.get(), request.data(), request.size(), 0, to.address(), to.size()),
                  8);
        std::array<std::uint8_t, 200> room{};
        pollfd ready{.fd = raw.get(), .events = POLLIN, .revents = 0};
        while (!answered && ::poll(&ready, 1, 2000) == 1) {
            const ssize_t length = ::recv(raw.get(), room.data(), room.size(), 0);
            answered = length >= (v6 ? 8 : 28) && room[v6 ? 0 : 20] == (v6 ? 129 : 0);
        }
    });
    return answered;
}

class steering_modes : public ::testing::TestWithParam<bpf::xdp_mode> {};

TEST_P(steering_modes, drops_what_matches_and_passes_the_rest) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const auto program = attached(*network, verdict::drop, GetParam());
    const test::udp_end far{*network};
    far.send("dropped");
    EXPECT_TRUE(test::eventually([&] { return program->counts().dropped.packets == 1; }));
    EXPECT_EQ(program->counts().dropped.bytes, 14U + 20 + 8 + 7);
    EXPECT_TRUE(answers(*network, "10.77.0.1"));
    EXPECT_TRUE(answers(*network, "fd77::1"));
    EXPECT_GE(program->counts().passed.packets, 2U);
    EXPECT_EQ(program->counts().dropped.packets, 1U);
}

TEST_P(steering_modes, reflects_datagrams_with_right_checksums) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const auto receiving = able_to_receive(*network);
    const auto program = attached(*network, verdict::reflect, GetParam());
    const test::udp_end far{*network};
    for (const char* const text : {"one", "the second", "3"}) {
        far.send(text);
        EXPECT_EQ(far.receive(), text);
    }
    EXPECT_EQ(program->counts().reflected.packets, 3U);
}

TEST_P(steering_modes, passes_what_is_meant_for_a_queue_without_a_socket) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const auto program = attached(*network, verdict::to_socket, GetParam());
    const test::udp_end far{*network};
    far.send("nobody is there");
    EXPECT_TRUE(test::eventually([&] { return program->counts().without_socket.packets == 1; }));
    EXPECT_EQ(program->counts().to_socket.packets, 0U);
}

// Goal: who answers from one frame leaves the network stack what is in several.
TEST_P(steering_modes, passes_what_is_not_whole) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    std::unique_ptr<steering> program;
    unique_fd stack;  // Who takes what is passed, or the sender would hear that nobody does.
    network->in(net_side::near, [&] {
        auto loaded = steering::load({.matched = verdict::to_socket,
                                      .rules = test::steer_udp_7000().rules,
                                      .whole_bytes_max = 200});
        ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
        program = *std::move(loaded);
        ASSERT_TRUE(
            program->attach(*bpf::find_interface("near"), {.mode = GetParam()}).has_value());
        const endpoint where = *parse_endpoint("10.77.0.1:7000");
        stack = unique_fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        ASSERT_EQ(::bind(stack.get(), where.address(), where.size()), 0);
    });
    const test::udp_end far{*network};
    far.send("whole");
    EXPECT_TRUE(test::eventually([&] { return program->counts().without_socket.packets == 1; }));
    far.send(std::string(300, 'x'));   // Too large.
    far.send(std::string(3000, 'x'));  // In fragments, the last of which has 48 bytes.
    EXPECT_TRUE(test::eventually([&] { return program->counts().passed.packets >= 4; }));
    EXPECT_EQ(program->counts().without_socket.packets, 1U);
}

TEST_P(steering_modes, leaves_nothing_behind) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    {
        const auto program = attached(*network, verdict::drop, GetParam());
    }
    network->in(net_side::near,
                [] { EXPECT_EQ(bpf::query_xdp(bpf::find_interface("near")->index)->program, 0U); });
}

INSTANTIATE_TEST_SUITE_P(, steering_modes,
                         ::testing::Values(bpf::xdp_mode::driver, bpf::xdp_mode::generic),
                         [](const auto& info) { return bpf::name_of(info.param); });

TEST(steering, reflects_echo_requests) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [&] {
        auto loaded = steering::load(
            {.matched = verdict::reflect, .rules = {{.protocol = 1}, {.protocol = 58}}});
        ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
        ASSERT_TRUE((*loaded)->attach(*bpf::find_interface("near")).has_value());
        const auto receiving = able_to_receive(*network);
        for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(answers(*network, "10.77.0.1"));
            EXPECT_TRUE(answers(*network, "fd77::1"));
        }
        EXPECT_EQ((*loaded)->counts().reflected.packets, 6U);
    });
}

TEST(steering, copies_what_matches_and_lets_it_pass) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network, .mtu = 9000);
    network->in(net_side::near, [&] {
        auto loaded = steering::load({.matched = verdict::copy,
                                      .rules = test::steer_udp_7000().rules,
                                      .copied_bytes_max = 4096});
        ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
        steering& program = **loaded;
        ASSERT_TRUE(program.attach(*bpf::find_interface("near")).has_value());
        const unique_fd receiver{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        const endpoint here = *parse_endpoint("10.77.0.1:7000");
        ASSERT_EQ(::bind(receiver.get(), here.address(), here.size()), 0);
        const test::udp_end far{*network};
        const std::vector<std::size_t> sizes{1, 100, 400, 1500, 8000};
        for (const std::size_t size : sizes) {
            far.send(std::string(size, 'x'));
            std::string room(9000, '?');
            EXPECT_EQ(::recv(receiver.get(), room.data(), room.size(), 0),
                      static_cast<ssize_t>(size));
        }
        std::vector<std::size_t> seen;
        const auto taken = program.take_copies(
            [&seen](const packet_copy& copied) {
                seen.push_back(copied.length - 42);
                EXPECT_EQ(copied.bytes.size(), std::min<std::size_t>(copied.length, 4096));
                EXPECT_EQ(copied.bytes.back(), std::byte{'x'});
                EXPECT_GT(copied.time.count(), 0);
            },
            100);
        EXPECT_EQ(taken, sizes.size());
        EXPECT_EQ(seen, sizes);
        EXPECT_EQ(program.counts().copied.packets, sizes.size());
        EXPECT_EQ(program.counts().lost.packets, 0U);
    });
}

// Goal: every shape of the program gets past the verifier, of older kernels too.
TEST(steering, loads_with_every_verdict_and_any_number_of_rules) {
    RW_NEED_BPF();
    const auto rule = test::steer_udp_7000().rules.front();
    for (const verdict matched :
         {verdict::pass, verdict::drop, verdict::reflect, verdict::copy, verdict::to_socket}) {
        for (const std::size_t rules : {std::size_t{0}, std::size_t{16}}) {
            const auto loaded =
                steering::load({.matched = matched, .rules = std::vector<match_rule>(rules, rule)});
            EXPECT_TRUE(loaded.has_value()) << static_cast<int>(matched) << " with " << rules
                                            << " rules: " << loaded.error().text;
        }
    }
    for (const std::uint32_t copied : {1U, 65536U}) {
        const auto loaded = steering::load({.matched = verdict::copy, .copied_bytes_max = copied});
        EXPECT_TRUE(loaded.has_value()) << copied << " bytes: " << loaded.error().text;
    }
}

TEST(steering, refuses_too_many_rules) {
    const auto loaded = steering::load({.rules = std::vector<match_rule>(17)});
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().why.code, errc::limit);
}

}  // namespace
}  // namespace ringway::xdp
