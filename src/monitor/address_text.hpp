// Addresses as people and other programs write them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace ringway::monitor {

/// "192.0.2.1" for IPv4 mapped into IPv6, else as RFC 5952 writes it.
[[nodiscard]] std::string address_text(std::span<const std::uint8_t, 16> address);

/// "192.0.2.1:80", "[2001:db8::1]:80"; "*:80" for the address that stands for all. Port 0 is "*".
[[nodiscard]] std::string endpoint_text(std::span<const std::uint8_t, 16> address,
                                        std::uint16_t port);

/// Name of a state of TCP as ss(8) has it, "ESTAB"; of UDP's sockets "UNCONN" for those without a
/// peer.
[[nodiscard]] const char* state_text(std::uint8_t state, bool udp) noexcept;

}  // namespace ringway::monitor
