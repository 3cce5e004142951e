// From a traffic secret to what protects packets (RFC 9001 section 5.1, RFC 9369 section 3.3.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/key_schedule.hpp"

namespace ringway::quic::detail {

/// Overwritten when it dies.
struct packet_keys {
    std::array<std::byte, 32> key{};
    std::array<std::byte, 12> iv{};
    std::array<std::byte, 32> header_key{};
    std::size_t key_bytes = 0;

    packet_keys() = default;
    packet_keys(const packet_keys&) = delete;
    packet_keys& operator=(const packet_keys&) = delete;
    ~packet_keys();

    [[nodiscard]] byte_view key_view() const noexcept { return byte_view{key}.first(key_bytes); }
    [[nodiscard]] byte_view header_key_view() const noexcept {
        return byte_view{header_key}.first(key_bytes);
    }
};

/// `version`: of QUIC; what is not version 2 is taken for version 1.
void derive_keys(packet_keys& into, std::uint32_t version, tls::cipher with,
                 byte_view secret) noexcept;

/// The secret that follows `secret` in a key update (RFC 9001 section 6.1).
[[nodiscard]] tls::secret updated_secret(std::uint32_t version, tls::cipher with,
                                         byte_view secret) noexcept;

}  // namespace ringway::quic::detail
