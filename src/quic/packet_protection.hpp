// What seals and opens packets: ngtcp2's callbacks, and a batch for the packets of one write pass.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ngtcp2/ngtcp2.h>

namespace ringway::quic::detail {

/// Fills in everything of `into` that is cryptography: the handshake, Initial and Retry secrets,
/// the protection of packets and headers, key updates, path challenges. Server and client.
void set_crypto_callbacks(ngtcp2_callbacks& into) noexcept;

/// The packets of 1-RTT that ngtcp2 has written since the last call on this thread are sealed now,
/// all at once: until then they are plaintext in their buffers, which must not have moved. To be
/// called before any of them is sent, and before a connection with such packets dies or updates its
/// keys. Returns how many there were.
std::size_t seal_pending_packets() noexcept;

}  // namespace ringway::quic::detail
