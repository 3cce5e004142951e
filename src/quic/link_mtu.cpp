#include "quic/link_mtu.hpp"

#include <algorithm>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace ringway::quic::detail {
namespace {

constexpr int headers_v4 = 20 + 8;
constexpr int headers_v6 = 40 + 8;

std::size_t payload_of(int mtu, int family) noexcept {
    const int bytes = mtu - (family == AF_INET6 ? headers_v6 : headers_v4);
    return bytes <= 0 ? payload_bytes_most
                      : std::min(static_cast<std::size_t>(bytes), payload_bytes_most);
}

}  // namespace

std::size_t payload_bytes_of_interface(int socket, std::uint32_t interface, int family) noexcept {
    ifreq request{};
    request.ifr_ifindex = static_cast<int>(interface);
    if (interface == 0 || ::ioctl(socket, SIOCGIFNAME, &request) != 0 ||
        ::ioctl(socket, SIOCGIFMTU, &request) != 0) {
        return payload_bytes_most;
    }
    return payload_of(request.ifr_mtu, family);
}

std::size_t payload_bytes_of_route(int socket, int family) noexcept {
    int mtu = 0;
    socklen_t size = sizeof(mtu);
    const bool v6 = family == AF_INET6;
    if (::getsockopt(socket, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &size) !=
        0) {
        return payload_bytes_most;
    }
    return payload_of(mtu, family);
}

}  // namespace ringway::quic::detail
