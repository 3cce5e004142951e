// Trials of TCP and of what reduces latency on sockets.
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <ringway/base/unique_fd.hpp>

#include "probe/loopback.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

unique_fd tcp_socket() { return unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}; }

template <int Level, int Name, int Value>
outcome option(argument) {
    const unique_fd made = tcp_socket();
    constexpr int value = Value;
    return ::setsockopt(made.get(), Level, Name, &value, sizeof value) == 0 ? found_yes()
                                                                            : refused(errno);
}

outcome has_bbr(argument) {
    const unique_fd made = tcp_socket();
    if (::setsockopt(made.get(), IPPROTO_TCP, TCP_CONGESTION, "bbr", 3) == 0) {
        return found_yes();
    }
    if (errno == ENOENT) {
        return refused(errno, "sudo modprobe tcp_bbr");
    }
    return refused(errno, "sudo sysctl -w net.ipv4.tcp_allowed_congestion_control='cubic bbr'");
}

// Without fq the connection itself waits between segments, by a timer for each.
outcome paces_by_discipline(argument) {
    const auto control = first_line_of("/proc/sys/net/ipv4/tcp_congestion_control");
    const auto discipline = first_line_of("/proc/sys/net/core/default_qdisc");
    if (control.empty()) {
        return found_nothing("/proc/sys/net/ipv4/tcp_congestion_control can't be read");
    }
    if (!control.starts_with("bbr")) {
        return found_yes(fmt::format("{} needs none", control));
    }
    if (discipline == "fq") {
        return found_yes("bbr over fq");
    }
    return found_partial(
        fmt::format("bbr over {}: a timer for each segment",
                    discipline.empty() ? "an unknown discipline" : discipline),
        "sudo sysctl -w net.core.default_qdisc=fq; sudo tc qdisc replace dev DEVICE root fq");
}

// Port 1023 of loopback, for an instant.
outcome binds_low_ports(argument) {
    const unique_fd made = tcp_socket();
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(1023);
    if (!made) {
        return refused(errno);
    }
    if (::bind(made.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0 ||
        errno == EADDRINUSE) {
        return found_yes();
    }
    return refused(errno, "sudo setcap cap_net_bind_service+ep $(command -v ringway)");
}

outcome queues_connections(argument) {
    const auto text = first_line_of("/proc/sys/net/core/somaxconn");
    if (text.empty()) {
        return found_nothing("/proc/sys/net/core/somaxconn can't be read");
    }
    constexpr unsigned long enough = 1024;
    const unsigned long length = std::strtoul(text.c_str(), nullptr, 10);
    return length >= enough ? found_yes(fmt::format("{} connections", length))
                            : found_partial(fmt::format("{} connections", length),
                                            "sudo sysctl -w net.core.somaxconn=4096");
}

outcome has_busy_poll_choice(argument) {
    const udp_loop loop;
    constexpr int on = 1;
    if (::setsockopt(loop.socket.get(), SOL_SOCKET, SO_PREFER_BUSY_POLL, &on, sizeof on) == 0) {
        return found_yes();
    }
    return refused(errno, errno == EPERM ? "sudo setcap cap_net_admin+ep PROGRAM" : "");
}

constexpr auto about = topic::network;

}  // namespace

std::vector<trial> tcp_trials() {
    return {
        {"network.backlog", about, "waiting connections", "2.4", "net.core.somaxconn",
         "A burst of clients is not refused", "", true, queues_connections},
        {"network.low_ports", about, "ports 80 and 443", "", "binding 127.0.0.1:1023",
         "The ports of HTTP without a proxy", "", false, binds_low_ports},
        {"network.defer_accept", about, "TCP_DEFER_ACCEPT", "2.4", "on a new socket",
         "A connection is told when it has a request", "", false,
         option<IPPROTO_TCP, TCP_DEFER_ACCEPT, 1>},
        {"network.fast_open", about, "TCP Fast Open", "3.7", "TCP_FASTOPEN on a new socket",
         "A request with the first packet; few networks let it through", "", false,
         option<IPPROTO_TCP, TCP_FASTOPEN, 16>},
        {"network.bbr", about, "BBR", "4.9", "TCP_CONGESTION on a new socket",
         "Keeps its rate on lossy and long paths", "", false, has_bbr},
        {"network.pacing", about, "pacing of TCP", "4.13", "default congestion control and qdisc",
         "Large files to many clients cost less with fq under BBR", "", false, paces_by_discipline},
        {"network.incoming_cpu", about, "SO_INCOMING_CPU", "4.4", "on a new socket",
         "Connections stay on the core that their packets come to", "", false,
         option<SOL_SOCKET, SO_INCOMING_CPU, 0>},
        {"network.busy_poll", about, "SO_BUSY_POLL", "3.11", "50 us on a new socket",
         "Spins for packets: lower latency, more power", "sudo sysctl -w net.core.busy_poll=50",
         false, option<SOL_SOCKET, SO_BUSY_POLL, 50>},
        {"network.prefer_busy_poll", about, "SO_PREFER_BUSY_POLL", "5.11", "on a UDP socket",
         "The card does not interrupt while a program spins", "", false, has_busy_poll_choice},
    };
}

}  // namespace ringway::probe
