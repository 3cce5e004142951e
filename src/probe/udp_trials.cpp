// Trials of what QUIC takes of UDP: datagrams are sent over loopback and looked at.
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "probe/loopback.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

// As much as src/quic/udp_port.cpp asks for.
constexpr int buffer_bytes_wanted = 4 * 1024 * 1024;

outcome no_loopback(int why) {
    return found_nothing("no datagrams over loopback: " + error_text(why),
                         "sudo ip link set lo up");
}

template <int Level, int Name>
outcome option(argument) {
    const udp_loop loop;
    constexpr int on = 1;
    return ::setsockopt(loop.socket.get(), Level, Name, &on, sizeof on) == 0 ? found_yes()
                                                                             : refused(errno);
}

// Three segments by one call; without UDP_GRO they arrive one by one, with it as one.
struct three_segments {
    bool sent = false;
    ssize_t first = -1;
    int merged = 0;  // The segments' size that the kernel told; 0: nothing.
};

three_segments send_three(const udp_loop& loop) {
    constexpr int segment = 100;
    const std::array<char, 300> bytes{};
    three_segments seen;
    if (::setsockopt(loop.socket.get(), IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0) {
        return seen;
    }
    seen.sent = ::send(loop.socket.get(), bytes.data(), bytes.size(), 0) == std::ssize(bytes);
    std::array<char, 1000> taken{};
    alignas(cmsghdr) std::array<char, 256> control{};
    iovec into{taken.data(), taken.size()};
    msghdr message{};
    message.msg_iov = &into;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    seen.first = seen.sent ? ::recvmsg(loop.socket.get(), &message, 0) : -1;
    for (cmsghdr* each = seen.first < 0 ? nullptr : CMSG_FIRSTHDR(&message); each != nullptr;
         each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level == IPPROTO_UDP && each->cmsg_type == UDP_GRO) {
            std::memcpy(&seen.merged, CMSG_DATA(each), sizeof seen.merged);
        }
    }
    return seen;
}

outcome segments(argument) {
    const udp_loop loop;
    if (loop.error != 0) {
        return no_loopback(loop.error);
    }
    const auto seen = send_three(loop);
    if (!seen.sent) {
        return refused(errno);
    }
    return seen.first == 100 ? found_yes() : found_no("the segments did not arrive apart");
}

outcome merges(argument) {
    const udp_loop loop;
    if (loop.error != 0) {
        return no_loopback(loop.error);
    }
    constexpr int on = 1;
    if (::setsockopt(loop.socket.get(), IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0) {
        return refused(errno);
    }
    const auto seen = send_three(loop);
    if (!seen.sent) {
        return found_partial("taken; without UDP_SEGMENT it can't be tried over loopback");
    }
    // Loopback of older kernels cuts them before they arrive; the option is there all the same.
    return seen.first == 300 && seen.merged == 100
               ? found_yes()
               : found_yes("the option is taken; loopback of this kernel merges nothing");
}

// ECT(0) is sent, and must be seen by the receiver (RFC 3168; RFC 9000, 13.4).
outcome marks(argument) {
    const udp_loop loop;
    if (loop.error != 0) {
        return no_loopback(loop.error);
    }
    constexpr int on = 1;
    constexpr int capable = 2;
    if (::setsockopt(loop.socket.get(), IPPROTO_IP, IP_RECVTOS, &on, sizeof on) != 0 ||
        ::setsockopt(loop.socket.get(), IPPROTO_IP, IP_TOS, &capable, sizeof capable) != 0 ||
        ::send(loop.socket.get(), "a", 1, 0) != 1) {
        return refused(errno);
    }
    char byte = 0;
    alignas(cmsghdr) std::array<char, 256> control{};
    iovec into{&byte, 1};
    msghdr message{};
    message.msg_iov = &into;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(loop.socket.get(), &message, 0) != 1) {
        return refused(errno);
    }
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr;
         each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_TOS &&
            (*CMSG_DATA(each) & 3U) == capable) {
            return found_yes();
        }
    }
    return found_no("the mark did not arrive");
}

outcome probes_paths(argument) {
    const udp_loop loop;
    constexpr int mode = IP_PMTUDISC_PROBE;
    return ::setsockopt(loop.socket.get(), IPPROTO_IP, IP_MTU_DISCOVER, &mode, sizeof mode) == 0
               ? found_yes()
               : refused(errno);
}

// As serve does it: what CAP_NET_ADMIN may have first, then what the limit allows.
outcome has_buffer(int forced, int limited, std::string_view sysctl) {
    const udp_loop loop;
    constexpr int wanted = buffer_bytes_wanted;
    const int fd = loop.socket.get();
    const bool is_forced = ::setsockopt(fd, SOL_SOCKET, forced, &wanted, sizeof wanted) == 0;
    if (!is_forced && ::setsockopt(fd, SOL_SOCKET, limited, &wanted, sizeof wanted) != 0) {
        return refused(errno);
    }
    int granted = 0;
    socklen_t size = sizeof granted;
    ::getsockopt(fd, SOL_SOCKET, limited, &granted, &size);
    granted /= 2;  // The kernel counts its own overhead too, socket(7).
    const auto text = fmt::format("{} KiB of {} KiB{}", granted / 1024, wanted / 1024,
                                  is_forced ? " (by CAP_NET_ADMIN)" : "");
    return granted >= wanted
               ? found_yes(text)
               : found_partial(text, fmt::format("sudo sysctl -w {}={}", sysctl, wanted));
}

outcome has_receive_buffer(argument) {
    return has_buffer(SO_RCVBUFFORCE, SO_RCVBUF, "net.core.rmem_max");
}
outcome has_send_buffer(argument) {
    return has_buffer(SO_SNDBUFFORCE, SO_SNDBUF, "net.core.wmem_max");
}

// Two sockets of one port, and a program that chooses the second one for everything.
outcome steers(argument) {
    constexpr int on = 1;
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&name);
    socklen_t size = sizeof name;
    std::array<unique_fd, 2> group;
    for (auto& each : group) {
        each = unique_fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        if (!each || ::setsockopt(each.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
            ::bind(each.get(), generic, sizeof name) != 0 ||
            ::getsockname(each.get(), generic, &size) != 0) {
            return refused(errno);
        }
    }
    std::array<sock_filter, 1> program{sock_filter{BPF_RET | BPF_K, 0, 0, 1}};
    const sock_fprog given{program.size(), program.data()};
    if (::setsockopt(group[0].get(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &given, sizeof given) !=
        0) {
        return refused(errno);
    }
    const udp_loop from;
    if (from.error != 0) {
        return no_loopback(from.error);
    }
    for (int i = 0; i < 8; ++i) {
        char byte = 0;
        if (::sendto(from.socket.get(), "a", 1, 0, generic, sizeof name) != 1 ||
            ::recv(group[1].get(), &byte, 1, MSG_DONTWAIT) != 1) {
            return found_no("a datagram went to the other socket");
        }
    }
    return found_yes();
}

outcome receives_batches(argument) {
    const udp_loop loop;
    if (loop.error != 0) {
        return no_loopback(loop.error);
    }
    std::array<std::array<char, 4>, 2> bytes{};
    std::array<iovec, 2> pieces{};
    std::array<mmsghdr, 2> messages{};
    for (std::size_t i = 0; i < 2; ++i) {
        pieces[i] = {bytes[i].data(), bytes[i].size()};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    if (::sendmmsg(loop.socket.get(), messages.data(), 2, 0) != 2) {
        return refused(errno);
    }
    return ::recvmmsg(loop.socket.get(), messages.data(), 2, 0, nullptr) == 2 ? found_yes()
                                                                              : refused(errno);
}

outcome sends_later(argument) {
    const udp_loop loop;
    constexpr int clock_monotonic = 1;
    const sock_txtime how{.clockid = clock_monotonic, .flags = 0};
    if (::setsockopt(loop.socket.get(), SOL_SOCKET, SO_TXTIME, &how, sizeof how) != 0) {
        return refused(errno);
    }
    return found_partial("the option is taken; the queueing discipline must keep to it",
                         "sudo tc qdisc replace dev DEVICE root fq");
}

outcome has_ipv6(argument) {
    const unique_fd made{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    if (made && ::bind(made.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) {
        return found_yes();
    }
    const int why = errno;
    const bool is_off = first_line_of("/proc/sys/net/ipv6/conf/all/disable_ipv6") == "1";
    return refused(why, is_off                 ? "sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0"
                        : why == EADDRNOTAVAIL ? "sudo ip link set lo up"
                                               : "");
}

constexpr auto about = topic::network;
constexpr std::string_view newer = fix_by_kernel;

}  // namespace

std::vector<trial> udp_trials() {
    return {
        {"network.udp_gso", about, "UDP GSO", "4.18", "three segments by one send",
         "QUIC sends dozens of packets by one call", newer, true, segments},
        {"network.udp_gro", about, "UDP GRO", "5.0", "three segments received as one",
         "QUIC receives dozens of packets by one call", newer, true, merges},
        {"network.ecn", about, "ECN", "2.6", "ECT(0) sent and received",
         "QUIC slows down before packets are lost", "", true, marks},
        {"network.mtu_probes", about, "path MTU probes", "2.6.22", "IP_PMTUDISC_PROBE",
         "QUIC finds larger packets by itself", newer, true, probes_paths},
        {"network.udp_receive_buffer", about, "UDP receive buffer", "2.6.14",
         "SO_RCVBUFFORCE, SO_RCVBUF", "Bursts of QUIC packets are not dropped", "", true,
         has_receive_buffer},
        {"network.udp_send_buffer", about, "UDP send buffer", "2.6.14", "SO_SNDBUFFORCE, SO_SNDBUF",
         "QUIC need not wait after each burst", "", true, has_send_buffer},
        {"network.steering", about, "steering by connection ID", "4.5", "SO_ATTACH_REUSEPORT_CBPF",
         "A QUIC client that moves stays with its shard", newer, true, steers},
        {"network.packet_info", about, "addresses of datagrams", "2.2", "IP_PKTINFO",
         "Answers leave from the address that was asked", "", true, option<IPPROTO_IP, IP_PKTINFO>},
        {"network.drops", about, "counting drops", "2.6.33", "SO_RXQ_OVFL",
         "The metrics tell that a buffer was too small", "", false,
         option<SOL_SOCKET, SO_RXQ_OVFL>},
        {"network.batches", about, "recvmmsg, sendmmsg", "3.0", "two datagrams by one call",
         "Batches for programs without io_uring", "", false, receives_batches},
        {"network.txtime", about, "sending at a time", "4.19", "SO_TXTIME",
         "The kernel paces, not the program", newer, false, sends_later},
        {"network.ipv6", about, "IPv6", "2.2", "a socket on ::1", "Half of the clients", "", true,
         has_ipv6},
    };
}

}  // namespace ringway::probe
