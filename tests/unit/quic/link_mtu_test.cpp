#include "quic/link_mtu.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/net/endpoint.hpp>

namespace ringway::quic::detail {
namespace {

// What the kernel says of the loopback device: not the same everywhere.
std::size_t loopback_mtu(int socket) {
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    EXPECT_EQ(::ioctl(socket, SIOCGIFMTU, &request), 0);
    return static_cast<std::size_t>(request.ifr_mtu);
}

TEST(link_mtu, an_interface_carries_its_mtu_less_the_headers) {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const std::size_t mtu = loopback_mtu(socket.get());
    const std::uint32_t loopback = ::if_nametoindex("lo");
    EXPECT_EQ(payload_bytes_of_interface(socket.get(), loopback, AF_INET),
              std::min(mtu - 28, payload_bytes_most));
    EXPECT_EQ(payload_bytes_of_interface(socket.get(), loopback, AF_INET6),
              std::min(mtu - 48, payload_bytes_most));
}

TEST(link_mtu, a_route_carries_that_of_its_interface) {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(payload_bytes_of_route(socket.get(), AF_INET), payload_bytes_most);
    const endpoint there = endpoint::loopback(9);
    ASSERT_EQ(::connect(socket.get(), there.address(), there.size()), 0);
    EXPECT_EQ(payload_bytes_of_route(socket.get(), AF_INET),
              std::min(loopback_mtu(socket.get()) - 28, payload_bytes_most));
}

TEST(link_mtu, what_cannot_be_told_is_no_limit) {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(payload_bytes_of_interface(socket.get(), 0, AF_INET), payload_bytes_most);
    EXPECT_EQ(payload_bytes_of_interface(socket.get(), 1U << 30U, AF_INET), payload_bytes_most);
    EXPECT_EQ(payload_bytes_of_route(-1, AF_INET), payload_bytes_most);
}

}  // namespace
}  // namespace ringway::quic::detail
