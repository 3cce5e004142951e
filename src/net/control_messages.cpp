#include "net/control_messages.hpp"

#include <cstdint>
#include <cstring>
#include <netinet/udp.h>

#include <ringway/base/assert.hpp>
#include <ringway/net/endpoint.hpp>

namespace ringway {
namespace {

template <class Value>
Value value_of(const cmsghdr& message) noexcept {
    Value value{};
    if (message.cmsg_len >= CMSG_LEN(sizeof(value))) {
        std::memcpy(&value, CMSG_DATA(&message), sizeof(value));
    }
    return value;
}

endpoint address_only(const in_addr& address) noexcept {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_addr = address;
    return *endpoint::from(reinterpret_cast<const sockaddr*>(&made), sizeof(made));
}

endpoint address_only(const in6_addr& address) noexcept {
    sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    made.sin6_addr = address;
    return *endpoint::from(reinterpret_cast<const sockaddr*>(&made), sizeof(made));
}

template <class Address>
Address address_as(const endpoint& where) noexcept {
    Address address{};
    RW_ASSERT(where.size() == sizeof(address));
    std::memcpy(&address, where.address(), sizeof(address));
    return address;
}

void read_ip(const cmsghdr& message, received_datagram& into) noexcept {
    if (message.cmsg_type == IP_TOS) {
        into.ecn = value_of<std::uint8_t>(message) & 3;
    } else if (message.cmsg_type == IP_PKTINFO) {
        const auto info = value_of<in_pktinfo>(message);
        into.to = address_only(info.ipi_addr);
        into.interface = static_cast<std::uint32_t>(info.ipi_ifindex);
    }
}

void read_ipv6(const cmsghdr& message, received_datagram& into) noexcept {
    if (message.cmsg_type == IPV6_TCLASS) {
        into.ecn = static_cast<std::uint8_t>(value_of<int>(message) & 3);
    } else if (message.cmsg_type == IPV6_PKTINFO) {
        const auto info = value_of<in6_pktinfo>(message);
        into.to = address_only(info.ipi6_addr);
        into.interface = info.ipi6_ifindex;
    }
}

// An IPv4 address as an IPv6 socket shows it (::ffff:a.b.c.d); the kernel then wants IPv4 options.
bool is_mapped(const endpoint& where) noexcept {
    if (where.family() != AF_INET6) {
        return false;
    }
    const auto address = address_as<sockaddr_in6>(where);
    return IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
}

}  // namespace

void control_messages::attach(msghdr& header) noexcept {
    header.msg_control = bytes_.data();
    header.msg_controllen = bytes_.size();
}

template <class Value>
void control_messages::append(msghdr& header, int level, int type, const Value& value) noexcept {
    const std::size_t used = header.msg_controllen;
    RW_ASSERT(used + CMSG_SPACE(sizeof(value)) <= bytes_.size());
    auto* const message = reinterpret_cast<cmsghdr*>(bytes_.data() + used);
    message->cmsg_level = level;
    message->cmsg_type = type;
    message->cmsg_len = CMSG_LEN(sizeof(value));
    std::memcpy(CMSG_DATA(message), &value, sizeof(value));
    header.msg_control = bytes_.data();
    header.msg_controllen = used + CMSG_SPACE(sizeof(value));
}

void control_messages::write(msghdr& header, const datagram_target& target, int family) noexcept {
    header.msg_controllen = 0;
    const bool ipv4 = family == AF_INET || (target.to != nullptr && is_mapped(*target.to));
    if (target.segment > 0) {
        append(header, IPPROTO_UDP, UDP_SEGMENT, target.segment);
    }
    if (target.ecn != 0) {
        append(header, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TOS : IPV6_TCLASS,
               static_cast<int>(target.ecn));
    }
    if (target.from == nullptr) {
        return;
    }
    if (target.from->family() == AF_INET) {
        in_pktinfo info{};
        info.ipi_spec_dst = address_as<sockaddr_in>(*target.from).sin_addr;
        append(header, IPPROTO_IP, IP_PKTINFO, info);
    } else {
        in6_pktinfo info{};
        info.ipi6_addr = address_as<sockaddr_in6>(*target.from).sin6_addr;
        append(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

void control_messages::read(const msghdr& header, received_datagram& into) noexcept {
    // CMSG_NXTHDR takes a non-const header, and only reads it.
    auto& walked = const_cast<msghdr&>(header);
    for (const cmsghdr* message = CMSG_FIRSTHDR(&walked); message != nullptr;
         message = CMSG_NXTHDR(&walked, const_cast<cmsghdr*>(message))) {
        if (message->cmsg_level == IPPROTO_UDP && message->cmsg_type == UDP_GRO) {
            into.segment = static_cast<std::size_t>(value_of<int>(*message));
        } else if (message->cmsg_level == SOL_SOCKET && message->cmsg_type == SO_RXQ_OVFL) {
            into.drops = value_of<std::uint32_t>(*message);
        } else if (message->cmsg_level == IPPROTO_IP) {
            read_ip(*message, into);
        } else if (message->cmsg_level == IPPROTO_IPV6) {
            read_ipv6(*message, into);
        }
    }
}

}  // namespace ringway
