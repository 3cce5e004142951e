#include "xdp/received_hints.hpp"

#include <arpa/inet.h>  // NOLINT(misc-include-cleaner): ntohs comes by it.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace ringway::xdp {
namespace {

// enum xdp_rss_hash_type of the kernel (include/net/xdp.h).
constexpr std::array<std::pair<std::uint32_t, const char*>, 7> hash_of{{{1U << 0U, "ipv4"},
                                                                        {1U << 1U, "ipv6"},
                                                                        {1U << 4U, "tcp"},
                                                                        {1U << 5U, "udp"},
                                                                        {1U << 6U, "sctp"},
                                                                        {1U << 7U, "ipsec"},
                                                                        {1U << 8U, "icmp"}}};
constexpr std::uint32_t hash_of_ports = 1U << 3U;

}  // namespace

received_hints to_hints(const steer_hints& told) noexcept {
    received_hints hints;
    if ((told.valid & STEER_HINT_TIME) != 0) {
        hints.time = std::chrono::nanoseconds{static_cast<std::int64_t>(told.time_ns)};
    }
    if ((told.valid & STEER_HINT_HASH) != 0) {
        hints.hash = told.hash;
        hints.hash_kind = told.hash_kind;
    }
    if ((told.valid & STEER_HINT_VLAN) != 0) {
        hints.vlan = {.protocol = ntohs(told.vlan_protocol), .control = told.vlan_control};
    }
    return hints;
}

void clear_hints(std::byte* data) noexcept {
    constexpr std::size_t behind = sizeof(steer_hints) - offsetof(steer_hints, magic);
    std::memset(data - behind, 0, sizeof(steer_hints::magic));
}

received_hints read_hints(const std::byte* data) noexcept {
    steer_hints told{};
    std::memcpy(&told, data - sizeof(told), sizeof(told));
    return told.magic == STEER_HINTS_MAGIC ? to_hints(told) : received_hints{};
}

std::string to_text_of_hash_kind(std::uint32_t kind) {
    std::string text;
    for (const auto& [bit, name] : hash_of) {
        if ((kind & bit) != 0) {
            text += (text.empty() ? "" : " ") + std::string{name};
        }
    }
    return text.empty() && (kind & hash_of_ports) != 0 ? "l4" : text;
}

}  // namespace ringway::xdp
