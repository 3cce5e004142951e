#include "quic/packet_protection.hpp"

#include <cstddef>
#include <cstdint>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/bytes.hpp>

#include "quic/gnutls_session.hpp"

namespace ringway::quic::detail {
namespace {

int receive_crypto(ngtcp2_conn* connection, ngtcp2_encryption_level level, std::uint64_t,
                   const std::uint8_t* data, std::size_t size, void*) {
    auto* const handle =
        static_cast<gnutls_session_int*>(ngtcp2_conn_get_tls_native_handle(connection));
    return gnutls_session::of(handle).receive(connection, level,
                                              {reinterpret_cast<const std::byte*>(data), size});
}

}  // namespace

void set_crypto_callbacks(ngtcp2_callbacks& into) noexcept {
    into.client_initial = ngtcp2_crypto_client_initial_cb;
    into.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    into.recv_crypto_data = receive_crypto;
    into.recv_retry = ngtcp2_crypto_recv_retry_cb;
    into.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
    into.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
    into.encrypt = ngtcp2_crypto_encrypt_cb;
    into.decrypt = ngtcp2_crypto_decrypt_cb;
    into.hp_mask = ngtcp2_crypto_hp_mask_cb;
    into.update_key = ngtcp2_crypto_update_key_cb;
    into.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
    into.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
}

std::size_t seal_pending_packets() noexcept { return 0; }

}  // namespace ringway::quic::detail
