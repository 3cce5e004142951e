#include "quic/packet_protection.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <gnutls/gnutls.h>
#include <memory>
#include <span>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "quic/gnutls_session.hpp"
#include "quic/packet_keys.hpp"
#include "quic/pending_packets.hpp"
#include "tls/aead.hpp"
#include "tls/block_cipher.hpp"
#include "tls/key_schedule.hpp"

namespace ringway::quic::detail {
namespace {

std::atomic<packet_sealing> sealing{packet_sealing::batched};

pending_packets& pending_here() noexcept {
    thread_local pending_packets pending;
    return pending;
}

gnutls_session& session_of(ngtcp2_conn* connection) noexcept {
    return gnutls_session::behind(ngtcp2_conn_get_tls_native_handle(connection));
}

// What ngtcp2 keeps for us as native handles. Those of the glue are pointers of GnuTLS, which are
// even; the lowest bit marks ours.
// The keys of the next phase are there as soon as those of this one (RFC 9001 section 6.3), mostly
// in vain: a kilobyte is filled in when the first packet wants it.
struct packet_cipher {
    packet_cipher(tls::cipher kind, const packet_keys& keys, bool waits) noexcept
        : key_bytes{keys.key_bytes}, with{kind}, defers{waits} {
        std::ranges::copy(keys.key, key.begin());
    }
    packet_cipher(const packet_cipher&) = delete;
    packet_cipher& operator=(const packet_cipher&) = delete;
    ~packet_cipher() { tls::wipe(key); }

    tls::aead& cipher() {
        if (made == nullptr) {
            made = tls::make_aead(with, byte_view{key}.first(key_bytes));
            tls::wipe(key);
        }
        return *made;
    }

    std::unique_ptr<tls::aead> made;
    std::array<std::byte, 32> key{};
    std::size_t key_bytes;
    tls::cipher with;
    bool defers;
};
struct header_cipher {
    std::unique_ptr<tls::block_cipher> cipher;
    bool sends = false;
};

constexpr std::uintptr_t ours = 1;

template <class T>
void* to_handle(std::unique_ptr<T> made) noexcept {
    static_assert(alignof(T) > ours);
    return reinterpret_cast<char*>(made.release()) + ours;
}

template <class T>
T* from_handle(void* handle) noexcept {
    const bool is_ours = (reinterpret_cast<std::uintptr_t>(handle) & ours) != 0;
    return is_ours ? reinterpret_cast<T*>(static_cast<char*>(handle) - ours) : nullptr;
}

tls::aead::nonce nonce_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    tls::aead::nonce made{};
    RW_ASSERT(size == made.size());
    std::ranges::copy(std::as_bytes(std::span{bytes, size}), made.begin());
    return made;
}

// ngtcp2 encrypts in place, in a buffer that we gave it: so the header may be written later, too.
std::byte* writable(const std::uint8_t* bytes) noexcept {
    return reinterpret_cast<std::byte*>(const_cast<std::uint8_t*>(bytes));
}

int encrypt(std::uint8_t* into, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* with,
            const std::uint8_t* plain, std::size_t plain_bytes, const std::uint8_t* nonce,
            std::size_t nonce_bytes, const std::uint8_t* header,
            std::size_t header_bytes) noexcept {
    auto* const key = from_handle<packet_cipher>(with->native_handle);
    if (key == nullptr) {
        return ngtcp2_crypto_encrypt_cb(into, aead, with, plain, plain_bytes, nonce, nonce_bytes,
                                        header, header_bytes);
    }
    const tls::aead::nonce number = nonce_of(nonce, nonce_bytes);
    if (key->defers && into == plain && header + header_bytes == plain) {
        pending_here().add(key->cipher(), number, {writable(header), header_bytes},
                           {writable(plain), plain_bytes});
        return 0;
    }
    if (into != plain) {
        std::copy_n(plain, plain_bytes, into);
    }
    key->cipher().seal_in_place(number, std::as_bytes(std::span{header, header_bytes}),
                                {writable(into), plain_bytes + tls::aead::tag_bytes});
    return 0;
}

int decrypt(std::uint8_t* into, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* with,
            const std::uint8_t* sealed, std::size_t sealed_bytes, const std::uint8_t* nonce,
            std::size_t nonce_bytes, const std::uint8_t* header,
            std::size_t header_bytes) noexcept {
    auto* const key = from_handle<packet_cipher>(with->native_handle);
    if (key == nullptr) {
        return ngtcp2_crypto_decrypt_cb(into, aead, with, sealed, sealed_bytes, nonce, nonce_bytes,
                                        header, header_bytes);
    }
    const bool opens =
        sealed_bytes >= tls::aead::tag_bytes &&
        key->cipher().open_to(nonce_of(nonce, nonce_bytes),
                              std::as_bytes(std::span{header, header_bytes}),
                              std::as_bytes(std::span{sealed, sealed_bytes}), writable(into));
    return opens ? 0 : NGTCP2_ERR_DECRYPT;
}

int mask_header(std::uint8_t* into, const ngtcp2_crypto_cipher* cipher,
                const ngtcp2_crypto_cipher_ctx* with, const std::uint8_t* sample) noexcept {
    auto* const key = from_handle<header_cipher>(with->native_handle);
    if (key == nullptr) {
        return ngtcp2_crypto_hp_mask_cb(into, cipher, with, sample);
    }
    if (key->sends && pending_here().mask_last(*key->cipher, sample)) {
        std::fill_n(into, tls::block_cipher::mask_bytes, std::uint8_t{0});  // Changes nothing yet.
        return 0;
    }
    tls::block_cipher::mask made{};
    key->cipher->masks({&sample, 1}, {&made, 1});
    std::ranges::copy(made, into);
    return 0;
}

// Before a key goes, what needs it is sealed.
void release(ngtcp2_conn* connection, ngtcp2_crypto_aead_ctx* with, void* user) noexcept {
    const std::unique_ptr<packet_cipher> key{from_handle<packet_cipher>(with->native_handle)};
    if (key == nullptr) {
        ngtcp2_crypto_delete_crypto_aead_ctx_cb(connection, with, user);
    } else if (key->made != nullptr && pending_here().uses(key->made.get())) {
        pending_here().seal();
    }
}

void release_header(ngtcp2_conn* connection, ngtcp2_crypto_cipher_ctx* with, void* user) noexcept {
    const std::unique_ptr<header_cipher> key{from_handle<header_cipher>(with->native_handle)};
    if (key == nullptr) {
        ngtcp2_crypto_delete_crypto_cipher_ctx_cb(connection, with, user);
    } else if (pending_here().uses(key->cipher.get())) {
        pending_here().seal();
    }
}

tls::cipher cipher_of(const ngtcp2_crypto_ctx& agreed) noexcept {
    switch (reinterpret_cast<std::uintptr_t>(agreed.aead.native_handle)) {
        case GNUTLS_CIPHER_AES_128_GCM: return tls::cipher::aes_128_gcm;
        case GNUTLS_CIPHER_AES_256_GCM: return tls::cipher::aes_256_gcm;
        default: return tls::cipher::chacha20_poly1305;  // We offer no other.
    }
}

ngtcp2_crypto_aead_ctx packet_context(const packet_keys& keys, tls::cipher with, bool defers) {
    return {to_handle(std::make_unique<packet_cipher>(with, keys, defers))};
}

std::uint8_t* raw(std::byte* bytes) noexcept { return reinterpret_cast<std::uint8_t*>(bytes); }
const std::uint8_t* raw(const std::byte* bytes) noexcept {
    return reinterpret_cast<const std::uint8_t*>(bytes);
}

// One direction's keys of 1-RTT.
int install(ngtcp2_conn* connection, packet_sealing how, bool sends, byte_view secret) {
    const tls::cipher with = cipher_of(*ngtcp2_conn_get_crypto_ctx(connection));
    packet_keys keys;
    derive_keys(keys, ngtcp2_conn_get_negotiated_version(connection), with, secret);
    const bool defers = sends && how == packet_sealing::batched;
    ngtcp2_crypto_aead_ctx packets = packet_context(keys, with, defers);
    ngtcp2_crypto_cipher_ctx headers{to_handle(std::make_unique<header_cipher>(
        header_cipher{tls::make_block_cipher(with, keys.header_key_view()), sends}))};
    const auto give = sends ? ngtcp2_conn_install_tx_key : ngtcp2_conn_install_rx_key;
    const int failed = give(connection, raw(secret.data()), secret.size(), &packets,
                            raw(keys.iv.data()), keys.iv.size(), &headers);
    if (failed != 0) {
        release(connection, &packets, nullptr);
        release_header(connection, &headers, nullptr);
    }
    return failed == 0 ? 0 : -1;
}

// The keys of the next phase. Those of headers stay (RFC 9001 section 6.1).
int update_keys(ngtcp2_conn* connection, std::uint8_t* next_receiving, std::uint8_t* next_sending,
                ngtcp2_crypto_aead_ctx* receiving, std::uint8_t* receiving_iv,
                ngtcp2_crypto_aead_ctx* sending, std::uint8_t* sending_iv,
                const std::uint8_t* receiving_now, const std::uint8_t* sending_now,
                std::size_t size, void* user) {
    const packet_sealing how = session_of(connection).sealing();
    if (how == packet_sealing::by_glue) {
        return ngtcp2_crypto_update_key_cb(connection, next_receiving, next_sending, receiving,
                                           receiving_iv, sending, sending_iv, receiving_now,
                                           sending_now, size, user);
    }
    const tls::cipher with = cipher_of(*ngtcp2_conn_get_crypto_ctx(connection));
    const std::uint32_t version = ngtcp2_conn_get_negotiated_version(connection);
    const auto update = [&](const std::uint8_t* now, std::uint8_t* next, std::uint8_t* iv,
                            bool defers) {
        const tls::secret secret =
            updated_secret(version, with, std::as_bytes(std::span{now, size}));
        std::ranges::copy(secret.bytes(), writable(next));
        packet_keys keys;
        derive_keys(keys, version, with, secret.bytes());
        std::ranges::copy(keys.iv, writable(iv));
        return packet_context(keys, with, defers);
    };
    *receiving = update(receiving_now, next_receiving, receiving_iv, false);
    *sending = update(sending_now, next_sending, sending_iv, how == packet_sealing::batched);
    return 0;
}

int receive_crypto(ngtcp2_conn* connection, ngtcp2_encryption_level level, std::uint64_t,
                   const std::uint8_t* data, std::size_t size, void*) {
    return session_of(connection).receive(connection, level, std::as_bytes(std::span{data, size}));
}

}  // namespace

int install_secrets(gnutls_session_int* handle, int level, const void* receiving,
                    const void* sending, std::size_t size) noexcept {
    auto* const ref = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(handle));
    ngtcp2_conn* const connection = ref->get_conn(ref);
    const auto at = static_cast<gnutls_record_encryption_level_t>(level);
    const packet_sealing how = gnutls_session::of(handle).sealing();
    const bool by_us = at == GNUTLS_ENCRYPTION_LEVEL_APPLICATION && how != packet_sealing::by_glue;
    const auto quic_level = ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(at);
    const auto give = [&](bool sends, const void* secret) {
        if (secret == nullptr) {
            return 0;
        }
        const auto* const bytes = static_cast<const std::uint8_t*>(secret);
        if (by_us) {
            return install(connection, how, sends, std::as_bytes(std::span{bytes, size}));
        }
        const auto derive = sends ? ngtcp2_crypto_derive_and_install_tx_key
                                  : ngtcp2_crypto_derive_and_install_rx_key;
        return derive(connection, nullptr, nullptr, nullptr, quic_level, bytes, size);
    };
    return give(false, receiving) == 0 && give(true, sending) == 0 ? 0 : -1;
}

void set_crypto_callbacks(ngtcp2_callbacks& into) noexcept {
    into.client_initial = ngtcp2_crypto_client_initial_cb;
    into.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    into.recv_crypto_data = receive_crypto;
    into.recv_retry = ngtcp2_crypto_recv_retry_cb;
    into.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
    into.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
    into.encrypt = encrypt;
    into.decrypt = decrypt;
    into.hp_mask = mask_header;
    into.update_key = update_keys;
    into.delete_crypto_aead_ctx = release;
    into.delete_crypto_cipher_ctx = release_header;
}

std::size_t seal_pending_packets() noexcept { return pending_here().seal(); }

std::size_t pending_packets_here() noexcept { return pending_here().size(); }

packet_sealing sealing_in_use() noexcept { return sealing.load(std::memory_order_relaxed); }

void use_sealing(packet_sealing how) noexcept { sealing.store(how, std::memory_order_relaxed); }

}  // namespace ringway::quic::detail
