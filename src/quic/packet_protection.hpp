// What seals and opens packets: ngtcp2's callbacks, and a batch for the packets of one write pass.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ngtcp2/ngtcp2.h>

struct gnutls_session_int;

namespace ringway::quic::detail {

/// Fills in everything of `into` that is cryptography: the handshake, Initial and Retry secrets,
/// the protection of packets and headers, key updates, path challenges. Server and client. The
/// connection's TLS has to be a `tls_session`.
void set_crypto_callbacks(ngtcp2_callbacks& into) noexcept;

/// The packets of 1-RTT that ngtcp2 has written since the last call on this thread are sealed now,
/// all at once: until then they are plaintext in their buffers, which must not have moved. To be
/// called before any of them is sent, CONNECTION_CLOSE included. A connection that dies or gives a
/// key up seals what needs it by itself, so its buffers have to be there still. Returns how many
/// there were.
std::size_t seal_pending_packets() noexcept;

/// How many packets of this thread are still plaintext.
[[nodiscard]] std::size_t pending_packets_here() noexcept;

/// For gnutls_handshake_set_secret_function: gives the connection its keys.
int install_secrets(gnutls_session_int* handle, int level, const void* receiving,
                    const void* sending, std::size_t size) noexcept;

/// How 1-RTT packets are protected.
enum class packet_sealing : std::uint8_t {
    batched,  ///< By our own ciphers, in `seal_pending_packets`.
    at_once,  ///< By the same, when ngtcp2 writes them.
    by_glue,  ///< By ngtcp2's glue to GnuTLS, when ngtcp2 writes them.
};

/// For the connections that begin from now on, on any thread; `batched` before. For comparisons in
/// tests and benchmarks.
void use_sealing(packet_sealing how) noexcept;
[[nodiscard]] packet_sealing sealing_in_use() noexcept;

}  // namespace ringway::quic::detail
