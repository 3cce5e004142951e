#include "monitor/model.hpp"

#include <cerrno>

namespace ringway::monitor {
namespace {

constexpr std::uint8_t established = 1;
constexpr std::uint8_t syn_sent = 2;
constexpr std::uint8_t syn_received = 3;
constexpr std::uint8_t close_wait = 8;

const char* failure_of(std::uint32_t error) noexcept {
    switch (error) {
        case ECONNREFUSED: return "refused";
        case ETIMEDOUT: return "timed out";
        case EHOSTUNREACH: return "host unreachable";
        case ENETUNREACH: return "network unreachable";
        case ENOPROTOOPT: return "port unreachable";
        case EACCES:
        case EPERM: return "forbidden";
        case 0: return "given up";
        default: return "failed";
    }
}

}  // namespace

const char* name_of(view_id view) noexcept {
    switch (view) {
        case view_id::connections: return "connections";
        case view_id::sources: return "sources";
        case view_id::drops: return "drops";
        case view_id::connects: return "connects";
        case view_id::queues: return "queues";
        case view_id::io_uring: return "io_uring";
        case view_id::programs: return "programs";
    }
    return "";
}

bool has_failed_to_connect(const monitor_end& of) noexcept { return of.state_before == syn_sent; }

const char* end_reason(const monitor_end& of) noexcept {
    if (has_failed_to_connect(of)) {
        return failure_of(of.error);
    }
    if ((of.flags & MONITOR_RESET_RECEIVED) != 0) {
        return "reset by peer";
    }
    const bool aborted =
        of.error == 0 && (of.state_before == established || of.state_before == close_wait);
    if ((of.flags & MONITOR_RESET_SENT) != 0 || aborted) {
        return "reset here";
    }
    if (of.error == ETIMEDOUT) {
        return "timed out";
    }
    if (of.state_before == syn_received) {
        return "handshake given up";
    }
    if ((of.flags & MONITOR_CLOSED_HERE) != 0) {
        return "closed here";
    }
    return (of.flags & MONITOR_CLOSED_THERE) != 0 ? "closed by peer" : "ended";
}

std::uint64_t waited_us(const monitor_socket& listener, const snapshot& now) noexcept {
    const std::uint64_t since = listener.waiting_since_ns;
    // Sockets are listed a moment after the snapshot has its time.
    return since == 0 || since > now.at_ns ? 0 : (now.at_ns - since) / 1000;
}

}  // namespace ringway::monitor
