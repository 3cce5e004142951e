#include "quic/steering.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <poll.h>
#include <set>
#include <span>
#include <sys/socket.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>
#include <ringway/net/endpoint.hpp>

#include "quic/connection_id.hpp"

namespace ringway::quic::detail {
namespace {

unique_fd udp_socket(const endpoint& where, bool shares) {
    unique_fd made{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const int on = 1;
    if (shares) {
        EXPECT_EQ(::setsockopt(made.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
    }
    EXPECT_EQ(::bind(made.get(), where.address(), where.size()), 0);
    return made;
}

// A group of sockets on one port, in the order of shards.
struct group {
    explicit group(unsigned shards) {
        endpoint where = endpoint::loopback(0);
        for (unsigned i = 0; i < shards; ++i) {
            sockets.push_back(udp_socket(where, true));
            where = *local_endpoint(sockets[0].get());
        }
        at = where;
    }

    // Which one has got a datagram.
    std::optional<std::size_t> take() {
        std::vector<pollfd> polled;
        for (const unique_fd& each : sockets) {
            polled.push_back({each.get(), POLLIN, 0});
        }
        if (::poll(polled.data(), polled.size(), 5000) < 1) {
            return {};
        }
        for (std::size_t i = 0; i < polled.size(); ++i) {
            if ((polled[i].revents & POLLIN) != 0) {
                std::array<char, 2048> bytes;
                EXPECT_GT(::recv(polled[i].fd, bytes.data(), bytes.size(), 0), 0);
                return i;
            }
        }
        return {};
    }

    std::optional<std::size_t> carry(const unique_fd& from,
                                     const std::vector<std::uint8_t>& datagram) {
        EXPECT_EQ(
            ::sendto(from.get(), datagram.data(), datagram.size(), 0, at.address(), at.size()),
            static_cast<ssize_t>(datagram.size()));
        return take();
    }

    std::vector<unique_fd> sockets;
    endpoint at;
};

std::vector<std::uint8_t> short_header(const ngtcp2_cid& id) {
    std::vector<std::uint8_t> made{0x40};
    made.insert(made.end(), std::begin(id.data), std::begin(id.data) + id.datalen);
    made.resize(60, 7);
    return made;
}

std::vector<std::uint8_t> long_header(const ngtcp2_cid& id) {
    std::vector<std::uint8_t> made{0xc0, 0, 0, 0, 1, static_cast<std::uint8_t>(id.datalen)};
    made.insert(made.end(), std::begin(id.data), std::begin(id.data) + id.datalen);
    made.resize(1200, 7);
    return made;
}

TEST(quic_steering, short_headers_reach_their_shard_from_every_port) {
    constexpr unsigned shards = 4;
    group servers{shards};
    const auto steered = steer(servers.sockets[0].get(), shards);
    if (!steered) {
        GTEST_SKIP() << steered.error();
    }
    for (int port = 0; port < 12; ++port) {
        const unique_fd client = udp_socket(endpoint::loopback(0), false);
        for (unsigned shard = 0; shard < shards; ++shard) {
            const ngtcp2_cid id = make_connection_id({.shard = static_cast<std::uint8_t>(shard)});
            EXPECT_EQ(servers.carry(client, short_header(id)), shard);
        }
    }
}

// Nobody knows of the shard in what a client has made up, and a handshake has to stay together.
TEST(quic_steering, what_is_not_ours_goes_by_the_address) {
    constexpr unsigned shards = 4;
    group servers{shards};
    const auto steered = steer(servers.sockets[0].get(), shards);
    if (!steered) {
        GTEST_SKIP() << steered.error();
    }
    std::set<std::size_t> used;
    for (int port = 0; port < 40; ++port) {
        const unique_fd client = udp_socket(endpoint::loopback(0), false);
        const ngtcp2_cid ours = make_connection_id({.shard = 2});
        const auto home = servers.carry(client, long_header(ours));
        ASSERT_TRUE(home.has_value());
        used.insert(*home);
        ngtcp2_cid foreign = ours;
        foreign.data[0] = 0x13;
        const ngtcp2_cid no_shard = make_connection_id({.shard = shards});
        EXPECT_EQ(servers.carry(client, long_header(foreign)), home);
        EXPECT_EQ(servers.carry(client, short_header(foreign)), home);
        EXPECT_EQ(servers.carry(client, short_header(no_shard)), home);
    }
    EXPECT_GT(used.size(), 1U);  // The kernel spreads them.
}

TEST(quic_steering, a_runt_reaches_somebody) {
    group servers{3};
    const auto steered = steer(servers.sockets[0].get(), 3);
    if (!steered) {
        GTEST_SKIP() << steered.error();
    }
    const unique_fd client = udp_socket(endpoint::loopback(0), false);
    EXPECT_TRUE(servers.carry(client, {0x40}).has_value());
    EXPECT_TRUE(servers.carry(client, {0x40, 0x11}).has_value());
}

TEST(quic_steering, says_why_it_can_not) {
    const auto steered = steer(-1, 2);
    ASSERT_FALSE(steered.has_value());
    EXPECT_NE(steered.error().find("Bad file descriptor"), std::string::npos) << steered.error();
}

}  // namespace
}  // namespace ringway::quic::detail
