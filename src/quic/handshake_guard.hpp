// What TLS messages may come when in QUIC: TLS itself allows more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>

namespace ringway::quic::detail {

/// Reads the headers of the handshake messages in CRYPTO frames, cut anywhere, before TLS sees
/// them. Keeps no bytes but of headers.
class handshake_guard {
public:
    enum class side : std::uint8_t { server, client };
    enum class verdict : std::uint8_t {
        fine,
        unexpected_message,  ///< An alert: KeyUpdate (RFC 9001 section 6), EndOfEarlyData (8.3),
                             ///< and what the other side does not send at this level.
        protocol_violation,  ///< A message that goes on behind a change of keys (RFC 9001 section
                             ///< 4.1.3), or asks a client for a certificate afterwards (4.4).
        too_long,            ///< Nobody has messages of more than message_bytes_max.
    };

    /// More than any ClientHello has, and than the certificate chains that a client meets.
    static constexpr std::size_t message_bytes_max = std::size_t{48} * 1024;

    explicit handshake_guard(side ours) noexcept : ours_{ours} {}

    /// The next bytes of `level`. After anything but `fine` the connection ends.
    [[nodiscard]] verdict judge(ngtcp2_encryption_level level, byte_view bytes) noexcept;

private:
    static constexpr std::size_t header_bytes = 4;  // Type, length (RFC 8446 section 4).

    [[nodiscard]] verdict judge_type(ngtcp2_encryption_level level, unsigned type) const noexcept;

    side ours_;
    ngtcp2_encryption_level level_ = NGTCP2_ENCRYPTION_LEVEL_INITIAL;
    std::array<std::byte, header_bytes> header_{};
    std::size_t header_filled_ = 0;
    std::size_t body_left_ = 0;
};

}  // namespace ringway::quic::detail
