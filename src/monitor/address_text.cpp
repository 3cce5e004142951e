#include "monitor/address_text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/core.h>

namespace ringway::monitor {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4(std::span<const std::uint8_t, 16> address) {
    return std::ranges::equal(address.first<12>(), v4_prefix);
}

bool is_any(std::span<const std::uint8_t, 16> address) {
    const auto tail = is_v4(address) ? address.subspan(12) : std::span<const std::uint8_t>{address};
    return std::ranges::all_of(tail, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::string address_text(std::span<const std::uint8_t, 16> address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool four = is_v4(address);
    ::inet_ntop(four ? AF_INET : AF_INET6, address.data() + (four ? 12 : 0), text.data(),
                text.size());
    return text.data();
}

std::string endpoint_text(std::span<const std::uint8_t, 16> address, std::uint16_t port) {
    const std::string host = is_any(address)  ? "*"
                             : is_v4(address) ? address_text(address)
                                              : fmt::format("[{}]", address_text(address));
    return port == 0 ? host + ":*" : fmt::format("{}:{}", host, port);
}

const char* state_text(std::uint8_t state, bool udp) noexcept {
    static constexpr std::array<const char*, 14> names{
        "?",     "ESTAB",      "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
        "CLOSE", "CLOSE-WAIT", "LAST-ACK", "LISTEN",   "CLOSING",    "SYN-RECV",   "?"};
    if (udp) {
        return state == 1 ? "ESTAB" : "UNCONN";
    }
    return state < names.size() ? names[state] : "?";
}

}  // namespace ringway::monitor
