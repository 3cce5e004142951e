// Addresses as ngtcp2 has them, and what came with a datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/net/endpoint.hpp>

namespace ringway::quic::detail {

class udp_port;

/// Lifetime: that of `where`.
[[nodiscard]] inline ngtcp2_addr to_ngtcp2(const endpoint& where) noexcept {
    return {const_cast<sockaddr*>(where.address()), where.size()};
}

[[nodiscard]] inline endpoint from_ngtcp2(const ngtcp2_addr& where) noexcept {
    const auto read = endpoint::from(where.addr, where.addrlen);
    RW_ASSERT(read.has_value());  // It was one of ours.
    return *read;
}

/// What is known of a datagram besides its bytes.
struct arrival {
    udp_port* port = nullptr;  ///< Where it came in.
    endpoint local;            ///< With port.
    endpoint remote;
    std::uint8_t ecn = 0;
    std::uint32_t interface = 0;  ///< Its index; 0: not known.
    ngtcp2_tstamp time = 0;

    /// Lifetime: that of the arrival.
    [[nodiscard]] ngtcp2_path path() const noexcept {
        return {to_ngtcp2(local), to_ngtcp2(remote), port};
    }
};

[[nodiscard]] inline const std::uint8_t* octets(byte_view bytes) noexcept {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
[[nodiscard]] inline const std::uint8_t* octets(std::string_view text) noexcept {
    return octets(as_bytes(text));
}
[[nodiscard]] inline std::uint8_t* octets(byte_span bytes) noexcept {
    return reinterpret_cast<std::uint8_t*>(bytes.data());
}

}  // namespace ringway::quic::detail
