#include "tls/key_schedule.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string_view>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

namespace ringway::tls {
namespace {

gnutls_datum_t datum(byte_view bytes) noexcept {
    auto* const data = const_cast<std::byte*>(bytes.data());  // GnuTLS only reads it.
    return {reinterpret_cast<unsigned char*>(data), static_cast<unsigned>(bytes.size())};
}

}  // namespace

secret::secret(byte_view bytes) noexcept : size_{static_cast<std::uint8_t>(bytes.size())} {
    RW_ASSERT(bytes.size() <= bytes_max);
    std::ranges::copy(bytes, bytes_.begin());
}

secret::~secret() { wipe(bytes_); }

traffic_keys::~traffic_keys() {
    wipe(key);
    wipe(iv);
}

void wipe(byte_span bytes) noexcept { gnutls_memset(bytes.data(), 0, bytes.size()); }

std::size_t key_bytes_of(cipher which) noexcept { return which == cipher::aes_128_gcm ? 16 : 32; }

std::size_t secret_bytes_of(cipher which) noexcept {
    return which == cipher::aes_256_gcm ? 48 : 32;  // SHA-384, else SHA-256.
}

// struct { uint16 length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255>; }
void expand_label(cipher with, byte_view from, std::string_view label, byte_span into) noexcept {
    constexpr std::string_view prefix = "tls13 ";
    std::array<std::byte, 32> info{};
    const std::size_t size = 2 + 1 + prefix.size() + label.size() + 1;
    RW_ASSERT(size <= info.size() && into.size() < 256);
    info[1] = static_cast<std::byte>(into.size());
    info[2] = static_cast<std::byte>(prefix.size() + label.size());
    const auto after = std::ranges::copy(as_bytes(prefix), info.begin() + 3).out;
    std::ranges::copy(as_bytes(label), after);
    const gnutls_datum_t key = datum(from);
    const gnutls_datum_t what = datum({info.data(), size});
    const auto hash = with == cipher::aes_256_gcm ? GNUTLS_MAC_SHA384 : GNUTLS_MAC_SHA256;
    const int failed = gnutls_hkdf_expand(hash, &key, &what, into.data(), into.size());
    RW_ASSERT(failed == 0);  // Only sizes that make no sense fail.
}

traffic_keys keys_of(cipher with, const secret& from) noexcept {
    traffic_keys keys;
    keys.key_bytes = key_bytes_of(with);
    expand_label(with, from.bytes(), "key", {keys.key.data(), keys.key_bytes});
    expand_label(with, from.bytes(), "iv", keys.iv);
    return keys;
}

secret next_secret(cipher with, const secret& from) noexcept {
    std::array<std::byte, secret::bytes_max> next{};
    const byte_span used{next.data(), secret_bytes_of(with)};
    expand_label(with, from.bytes(), "traffic upd", used);
    const secret made{used};
    wipe(next);
    return made;
}

}  // namespace ringway::tls
