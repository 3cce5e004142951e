#include "lab/route.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ringway::lab {
namespace {

// A netlink request that is built in place.
struct request {
    nlmsghdr head{};
    rtmsg route{};
    std::array<char, 256> attributes{};

    // Appends an attribute and yields where it begins.
    rtattr* add(std::uint16_t type, const void* data, std::size_t size) noexcept {
        auto* const place =
            reinterpret_cast<rtattr*>(reinterpret_cast<char*>(this) + NLMSG_ALIGN(head.nlmsg_len));
        place->rta_type = type;
        place->rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
        if (size > 0) {
            std::memcpy(RTA_DATA(place), data, size);
        }
        head.nlmsg_len =
            static_cast<std::uint32_t>(NLMSG_ALIGN(head.nlmsg_len) + RTA_ALIGN(RTA_LENGTH(size)));
        return place;
    }
};

struct route_wish {
    const char* destination;
    unsigned char prefix_bits;
    unsigned char table;
    unsigned char protocol;
    unsigned char scope;
    unsigned char type;
    const char* device;
    const char* own_address;
    const char* algorithm;
};

request route_request(const route_wish& wanted) noexcept {
    request made;
    made.head.nlmsg_len = NLMSG_LENGTH(sizeof(rtmsg));
    made.head.nlmsg_type = RTM_NEWROUTE;
    made.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
    made.route.rtm_family = AF_INET;
    made.route.rtm_dst_len = wanted.prefix_bits;
    made.route.rtm_table = wanted.table;
    made.route.rtm_protocol = wanted.protocol;
    made.route.rtm_scope = wanted.scope;
    made.route.rtm_type = wanted.type;
    const auto device = static_cast<int>(::if_nametoindex(wanted.device));
    in_addr own{};
    ::inet_pton(AF_INET, wanted.own_address, &own);
    in_addr subnet{};
    ::inet_pton(AF_INET, wanted.destination, &subnet);
    made.add(RTA_DST, &subnet, sizeof subnet);
    made.add(RTA_OIF, &device, sizeof device);
    made.add(RTA_PREFSRC, &own, sizeof own);
    auto* const metrics = made.add(RTA_METRICS, nullptr, 0);
    const auto* const inner =
        made.add(RTAX_CC_ALGO, wanted.algorithm, std::strlen(wanted.algorithm) + 1);
    metrics->rta_len = static_cast<std::uint16_t>(metrics->rta_len + RTA_ALIGN(inner->rta_len));
    return made;
}

bool replace_route(const route_wish& wish) noexcept {
    if (std::strlen(wish.algorithm) > 64) {
        errno = EINVAL;
        return false;
    }
    const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (socket < 0) {
        return false;
    }
    const auto wanted = route_request(wish);
    struct {
        nlmsghdr head;
        nlmsgerr told;
        std::array<char, 512> rest;
    } answer{};
    int why = EIO;
    if (::send(socket, &wanted, wanted.head.nlmsg_len, 0) < 0 ||
        ::recv(socket, &answer, sizeof answer, 0) < 0) {
        why = errno;
    } else if (answer.head.nlmsg_type == NLMSG_ERROR) {
        why = -answer.told.error;
    }
    ::close(socket);
    errno = why;
    return why == 0;
}

}  // namespace

bool set_route_congestion_control(const char* device, const char* own_address,
                                  const char* algorithm) noexcept {
    return replace_route({.destination = "10.77.0.0",
                          .prefix_bits = 24,
                          .table = RT_TABLE_MAIN,
                          .protocol = RTPROT_BOOT,
                          .scope = RT_SCOPE_LINK,
                          .type = RTN_UNICAST,
                          .device = device,
                          .own_address = own_address,
                          .algorithm = algorithm});
}

bool set_loopback_congestion_control(const char* algorithm) noexcept {
    route_wish wish{.destination = "127.0.0.0",
                    .prefix_bits = 8,
                    .table = RT_TABLE_LOCAL,
                    .protocol = RTPROT_KERNEL,
                    .scope = RT_SCOPE_HOST,
                    .type = RTN_LOCAL,
                    .device = "lo",
                    .own_address = "127.0.0.1",
                    .algorithm = algorithm};
    if (!replace_route(wish)) {
        return false;
    }
    wish.destination = "127.0.0.1";
    wish.prefix_bits = 32;
    return replace_route(wish);
}

}  // namespace ringway::lab
