#include "cli/xdp_metrics.hpp"

#include <array>
#include <cstdint>
#include <fmt/core.h>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ringway/observe/prometheus.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>

#include "cli/xdp_session.hpp"

namespace ringway::cli {
namespace {

using observe::metric_type;
using observe::prometheus_writer;
using xdp::socket_statistics;
using xdp::steering_counts;

constexpr std::array<std::pair<const char*, steering_counts::count steering_counts::*>, 7> verdicts{
    {{"passed", &steering_counts::passed},
     {"dropped", &steering_counts::dropped},
     {"reflected", &steering_counts::reflected},
     {"to_socket", &steering_counts::to_socket},
     {"without_socket", &steering_counts::without_socket},
     {"copied", &steering_counts::copied},
     {"copy_lost", &steering_counts::lost}}};

using statistic = std::uint64_t socket_statistics::*;
constexpr std::array<std::pair<const char*, statistic>, 3> moved{
    {{"received", &socket_statistics::received},
     {"sent", &socket_statistics::transmitted},
     {"completed", &socket_statistics::completed}}};
// XDP_STATISTICS; without a frame the kernel counts a packet under both names (copy mode).
constexpr std::array<std::pair<const char*, statistic>, 6> kernels{
    {{"dropped", &socket_statistics::receive_dropped},
     {"receive_ring_full", &socket_statistics::receive_ring_full},
     {"fill_ring_empty", &socket_statistics::fill_ring_empty},
     {"invalid_receive", &socket_statistics::invalid_receive},
     {"invalid_transmit", &socket_statistics::invalid_transmit},
     {"transmit_ring_empty", &socket_statistics::transmit_ring_empty}}};

struct told_socket {
    std::string interface;
    std::string queue;
    socket_statistics counted;
};

void tell_verdicts(prometheus_writer& to, std::span<const xdp_port* const> ports) {
    std::vector<std::pair<std::string, steering_counts>> counted;
    for (const xdp_port* const port : ports) {
        if (port->program != nullptr) {
            counted.emplace_back(port->where.name, port->program->counts());
        }
    }
    const auto family = [&](const char* name, const char* help,
                            std::uint64_t steering_counts::count::* what) {
        to.family(name, metric_type::counter, help);
        for (const auto& [interface, all] : counted) {
            for (const auto& [verdict, member] : verdicts) {
                to.sample({{"interface", interface}, {"verdict", verdict}}, all.*member.*what);
            }
        }
    };
    family("xdp_packets_total", "Packets that the program in the kernel judged.",
           &steering_counts::count::packets);
    family("xdp_bytes_total", "Bytes of those packets.", &steering_counts::count::bytes);
}

}  // namespace

void append_xdp_metrics(std::string& to, std::span<const xdp_port* const> ports) {
    prometheus_writer out{to};
    tell_verdicts(out, ports);
    std::vector<told_socket> sockets;
    for (const xdp_port* const port : ports) {
        for (const auto& each : port->sockets) {
            sockets.push_back(
                {port->where.name, fmt::format("{}", each->queue()), each->statistics()});
        }
    }
    const auto by_label = [&](const char* label, const auto& rows) {
        for (const auto& each : sockets) {
            for (const auto& [name, member] : rows) {
                out.sample({{"interface", each.interface}, {"queue", each.queue}, {label, name}},
                           each.counted.*member);
            }
        }
    };
    const auto alone = [&](const char* family, const char* help, statistic what) {
        out.family(family, metric_type::counter, help);
        for (const auto& each : sockets) {
            out.sample({{"interface", each.interface}, {"queue", each.queue}}, each.counted.*what);
        }
    };
    out.family("xsk_packets_total", metric_type::counter,
               "Frames that went through an AF_XDP socket.");
    by_label("dir", moved);
    out.family("xsk_events_total", metric_type::counter,
               "What the kernel counted against an AF_XDP socket (XDP_STATISTICS).");
    by_label("what", kernels);
    alone("xsk_wakeups_total", "System calls that told the kernel of work.",
          &socket_statistics::wakeups);
    alone("xsk_waits_total", "Times that a coroutine had to wait for packets.",
          &socket_statistics::waits);
    alone("xsk_pauses_total", "Times that it let packets of a flood gather, of these waits.",
          &socket_statistics::pauses);
}

}  // namespace ringway::cli
