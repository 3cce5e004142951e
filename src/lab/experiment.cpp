#include "lab/experiment.hpp"

#include <array>

namespace ringway::lab {
namespace {

constexpr std::array<experiment, 9> experiments{{
    {"relay", "how exactly the relay keeps its delays: the error of everything below",
     measure_relay},
    {"handshake", "time to the first byte at 50 ms RTT: HTTP/2, HTTP/3, resumed, 0-RTT, Retry",
     measure_handshakes},
    {"replay", "a recorded 0-RTT first flight sent again: how often the request is executed",
     measure_replay},
    {"rebind", "a long download while the client's port or address is rewritten every second",
     measure_rebinding},
    {"migration", "a long download while the client moves between two of its addresses",
     measure_migration},
    {"hol", "small requests beside a large one on a lossy path: head-of-line blocking",
     measure_blocking},
    {"goodput", "rate, RTT and loss against congestion control, TCP and QUIC", measure_goodput},
    {"fairness", "an HTTP/3 download beside an HTTP/2 one through the same bottleneck",
     measure_fairness},
    {"amplification", "bytes sent to an address that has not been proved, for bytes received",
     measure_amplification},
}};

}  // namespace

std::span<const experiment> quic_experiments() { return experiments; }

}  // namespace ringway::lab
