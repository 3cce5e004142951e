#include "cli/xdp_target.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <expected>
#include <fmt/core.h>
#include <ifaddrs.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/xdp/match.hpp>

#include "cli/xdp_options.hpp"
#include "xdp/headers.hpp"

namespace ringway::cli {
namespace {

constexpr std::uint16_t port_default = 7;
constexpr unsigned own_port_first = 40000;
constexpr unsigned own_ports = 20000;
constexpr unsigned ethernet_bytes = 14;  // Its header, which no MTU counts.

xdp::ip_address address_in(const sockaddr* from) {
    xdp::ip_address address{};
    if (from->sa_family == AF_INET) {
        std::memcpy(&address[12], &reinterpret_cast<const sockaddr_in*>(from)->sin_addr, 4);
    } else {
        std::memcpy(address.data(), &reinterpret_cast<const sockaddr_in6*>(from)->sin6_addr, 16);
    }
    return address;
}

bool is_link_local(const xdp::ip_address& address) {
    return address[0] == 0xfe && (address[1] & 0xc0U) == 0x80;
}

std::optional<xdp::ip_address> own_address(const std::string& interface, bool is_v6) {
    ifaddrs* list = nullptr;
    std::optional<xdp::ip_address> found;
    if (::getifaddrs(&list) != 0) {
        return found;
    }
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr != nullptr && interface == each->ifa_name &&
            each->ifa_addr->sa_family == (is_v6 ? AF_INET6 : AF_INET)) {
            const auto address = address_in(each->ifa_addr);
            if (!found || is_link_local(*found)) {
                found = address;
            }
        }
    }
    ::freeifaddrs(list);
    return found;
}

// "192.0.2.1", "192.0.2.1:9", "2001:db8::1", "[2001:db8::1]:9".
std::optional<endpoint> parse_target(const std::string& text) {
    if (const auto alone = xdp::parse_prefix(text); alone && text.find('/') == std::string::npos) {
        const auto made = parse_endpoint(alone->is_v6 ? fmt::format("[{}]:{}", text, port_default)
                                                      : fmt::format("{}:{}", text, port_default));
        return made ? std::optional{*made} : std::nullopt;
    }
    const auto made =
        parse_endpoint(text.ends_with(']') ? fmt::format("{}:{}", text, port_default) : text);
    return made && made->is_ip() && made->port() != 0 ? std::optional{*made} : std::nullopt;
}

// One message of a dump of neighbours (rtnetlink(7)).
std::optional<xdp::mac_address> mac_in(const nlmsghdr& message, unsigned interface,
                                       const endpoint& of) {
    const auto* const about = static_cast<const ndmsg*>(NLMSG_DATA(&message));
    if (message.nlmsg_type != RTM_NEWNEIGH ||
        static_cast<unsigned>(about->ndm_ifindex) != interface) {
        return std::nullopt;
    }
    const bool is_v6 = of.family() == AF_INET6;
    const auto wanted = address_in(of.address());
    const std::size_t bytes = is_v6 ? 16 : 4;
    bool is_it = false;
    std::optional<xdp::mac_address> mac;
    auto left = static_cast<unsigned>(message.nlmsg_len - NLMSG_LENGTH(sizeof(ndmsg)));
    for (const auto* each = reinterpret_cast<const rtattr*>(reinterpret_cast<const char*>(about) +
                                                            NLMSG_ALIGN(sizeof(ndmsg)));
         RTA_OK(each, left); each = RTA_NEXT(each, left)) {
        if (each->rta_type == NDA_DST && RTA_PAYLOAD(each) == bytes) {
            is_it = std::memcmp(RTA_DATA(each), &wanted[is_v6 ? 0 : 12], bytes) == 0;
        } else if (each->rta_type == NDA_LLADDR && RTA_PAYLOAD(each) == 6) {
            std::memcpy(mac.emplace().data(), RTA_DATA(each), 6);
        }
    }
    return is_it ? mac : std::nullopt;
}

std::optional<xdp::mac_address> neighbour(const bpf::network_interface& where, const endpoint& of) {
    const unique_fd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
    struct {
        nlmsghdr head{.nlmsg_len = sizeof(nlmsghdr) + sizeof(ndmsg),
                      .nlmsg_type = RTM_GETNEIGH,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
        ndmsg about{};
    } request;
    request.about.ndm_family = static_cast<std::uint8_t>(of.family());
    if (::send(socket.get(), &request, sizeof(request), 0) < 0) {
        return std::nullopt;
    }
    std::optional<xdp::mac_address> found;
    for (;;) {
        alignas(nlmsghdr) std::array<char, 32768> room{};
        const ssize_t length = ::recv(socket.get(), room.data(), room.size(), 0);
        auto left = static_cast<unsigned>(length < 0 ? 0 : length);
        const auto* each = reinterpret_cast<const nlmsghdr*>(room.data());
        if (left == 0) {
            return found;
        }
        for (; NLMSG_OK(each, left); each = NLMSG_NEXT(each, left)) {
            if (each->nlmsg_type == NLMSG_DONE || each->nlmsg_type == NLMSG_ERROR) {
                return found;
            }
            if (const auto mac = mac_in(*each, where.index, of)) {
                found = mac;
            }
        }
    }
}

bpf::outcome<void> read_source(const xdp_options& options, const bpf::network_interface& where,
                               xdp_target& into) {
    if (options.from.empty()) {
        const auto own = own_address(where.name, into.recipe.is_v6);
        if (!own) {
            return bpf::refuse({errc::invalid_argument, 0},
                               fmt::format("{} has no address of that family: --from says from "
                                           "which to send",
                                           where.name));
        }
        into.recipe.source = *own;
        return {};
    }
    const auto read = xdp::parse_prefix(options.from);
    if (!read || read->is_v6 != into.recipe.is_v6) {
        return bpf::refuse({errc::malformed, 0}, read ? "--from and --to are of different families"
                                                      : fmt::format("--from: {}", read.error()));
    }
    into.recipe.source = read->address;
    const unsigned free_bits = (read->is_v6 ? 128U : 32U) - read->bits;
    if (free_bits == 0) {
        return {};
    }
    if (free_bits < 32 && options.sources > std::uint64_t{1} << free_bits) {
        return bpf::refuse({errc::malformed, 0},
                           fmt::format("--sources {}: {} has {} addresses", options.sources,
                                       options.from, std::uint64_t{1} << free_bits));
    }
    into.sources = *read;
    return {};
}

// What the kernel would take, and drop unseen.
bpf::outcome<void> check_sendable(const xdp_options& options, const bpf::network_interface& where) {
    if (!where.is_up) {
        return bpf::refuse({errc::not_permitted, 0},
                           fmt::format("{0} is down; ip link set {0} up", where.name));
    }
    if (const auto most = where.mtu + ethernet_bytes; options.size > most) {
        return bpf::refuse({errc::malformed, 0},
                           fmt::format("--size {}: a frame on {} has {} bytes at most (MTU {})",
                                       options.size, where.name, most, where.mtu));
    }
    if (options.size > options.frame_bytes) {
        return bpf::refuse({errc::malformed, 0},
                           fmt::format("--size {} is more than --frame-bytes {}", options.size,
                                       options.frame_bytes));
    }
    return {};
}

}  // namespace

bpf::outcome<xdp::mac_address> parse_mac(std::string_view text) {
    xdp::mac_address mac{};
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const auto part = text.substr(0, 2);
        const auto read = std::from_chars(part.begin(), part.end(), mac[i], 16);
        const bool ends = i + 1 == mac.size();
        const bool follows = ends ? text.size() == 2 : text.size() > 2 && text[2] == ':';
        if (part.size() != 2 || read.ec != std::errc{} || read.ptr != part.end() || !follows) {
            return bpf::refuse({errc::malformed, 0},
                               "--mac is written as 02:00:00:00:00:01, six pairs of digits");
        }
        text.remove_prefix(ends ? 2 : 3);
    }
    return mac;
}

bpf::outcome<xdp_target> xdp_target_of(const xdp_options& options,
                                       const bpf::network_interface& where) {
    if (const auto sendable = check_sendable(options, where); !sendable) {
        return std::unexpected{sendable.error()};
    }
    const auto to = parse_target(options.to);
    if (!to) {
        return bpf::refuse(
            {errc::malformed, 0},
            fmt::format("--to: \"{}\" is no address: 192.0.2.1:9, [2001:db8::1]:9", options.to));
    }
    xdp_target made;
    made.recipe.is_v6 = to->family() == AF_INET6;
    made.recipe.target = address_in(to->address());
    made.recipe.target_port = to->port();
    made.recipe.source_port =
        static_cast<std::uint16_t>(own_port_first + static_cast<unsigned>(::getpid()) % own_ports);
    made.recipe.source_mac = where.mac;
    if (const auto read = read_source(options, where, made); !read) {
        return std::unexpected{read.error()};
    }
    if (!options.mac.empty()) {
        const auto mac = parse_mac(options.mac);
        if (!mac) {
            return std::unexpected{mac.error()};
        }
        made.recipe.target_mac = *mac;
        return made;
    }
    const auto known = neighbour(where, *to);
    if (!known) {
        return bpf::refuse({errc::not_found, 0},
                           fmt::format("the system knows no hardware address for {} on {}: --mac "
                                       "gives that of the next hop (ip neigh shows those known)",
                                       options.to, where.name));
    }
    made.recipe.target_mac = *known;
    return made;
}

}  // namespace ringway::cli
