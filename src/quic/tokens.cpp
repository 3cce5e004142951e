#include "quic/tokens.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <optional>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/driver.hpp>

#include "tls/key_schedule.hpp"

namespace ringway::quic::detail {
namespace {

std::uint8_t* raw(std::byte* bytes) noexcept { return reinterpret_cast<std::uint8_t*>(bytes); }
const std::uint8_t* raw(const std::byte* bytes) noexcept {
    return reinterpret_cast<const std::uint8_t*>(bytes);
}

std::uint64_t count_of(nanoseconds time) noexcept {
    return static_cast<std::uint64_t>(time.count());
}

master_secret derive(const master_secret& master, std::string_view purpose) noexcept {
    master_secret made{};
    master_secret from = master;
    const gnutls_datum_t key{raw(from.data()), from.size()};
    auto* const text = const_cast<char*>(purpose.data());  // Only read.
    const gnutls_datum_t info{reinterpret_cast<unsigned char*>(text),
                              static_cast<unsigned>(purpose.size())};
    const int failed = gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &key, &info, made.data(), made.size());
    RW_ASSERT(failed == 0);
    tls::wipe(from);
    return made;
}

}  // namespace

token_keys::token_keys(const master_secret& master) noexcept
    : retry_{derive(master, "ringway quic retry")},
      address_{derive(master, "ringway quic address")},
      reset_{derive(master, "ringway quic reset")} {}

token_keys::~token_keys() {
    tls::wipe(retry_);
    tls::wipe(address_);
    tls::wipe(reset_);
}

std::vector<std::byte> token_keys::make_retry(std::uint32_t version, const endpoint& client,
                                              const ngtcp2_cid& ours, const ngtcp2_cid& original,
                                              nanoseconds now) const {
    std::vector<std::byte> made(NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2);
    const ngtcp2_ssize size = ngtcp2_crypto_generate_retry_token2(
        raw(made.data()), raw(retry_.data()), retry_.size(), version, client.address(),
        client.size(), &ours, &original, count_of(now));
    RW_ASSERT(size > 0);  // Fails only for want of memory or of randomness.
    made.resize(static_cast<std::size_t>(size));
    return made;
}

std::optional<ngtcp2_cid> token_keys::open_retry(byte_view token, std::uint32_t version,
                                                 const endpoint& client, const ngtcp2_cid& ours,
                                                 nanoseconds now) const noexcept {
    ngtcp2_cid original{};
    const int failed = ngtcp2_crypto_verify_retry_token2(
        &original, raw(token.data()), token.size(), raw(retry_.data()), retry_.size(), version,
        client.address(), client.size(), &ours, count_of(retry_lifetime), count_of(now));
    return failed == 0 ? std::optional{original} : std::nullopt;
}

std::vector<std::byte> token_keys::make_address(const endpoint& client, nanoseconds now) const {
    std::vector<std::byte> made(NGTCP2_CRYPTO_MAX_REGULAR_TOKENLEN);
    const ngtcp2_ssize size = ngtcp2_crypto_generate_regular_token(
        raw(made.data()), raw(address_.data()), address_.size(), client.address(), client.size(),
        count_of(now));
    RW_ASSERT(size > 0);
    made.resize(static_cast<std::size_t>(size));
    return made;
}

bool token_keys::opens_address(byte_view token, const endpoint& client,
                               nanoseconds now) const noexcept {
    return ngtcp2_crypto_verify_regular_token(raw(token.data()), token.size(), raw(address_.data()),
                                              address_.size(), client.address(), client.size(),
                                              count_of(address_lifetime), count_of(now)) == 0;
}

bool token_keys::is_retry(byte_view token) noexcept {
    return !token.empty() && (token[0] == std::byte{NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY} ||
                              token[0] == std::byte{NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2});
}

reset_token token_keys::make_reset(const ngtcp2_cid& id) const noexcept {
    std::array<std::uint8_t, 32> whole{};
    const int failed = gnutls_hmac_fast(GNUTLS_MAC_SHA256, reset_.data(), reset_.size(), id.data,
                                        id.datalen, whole.data());
    RW_ASSERT(failed == 0);
    reset_token made{};
    std::ranges::copy_n(whole.begin(), made.size(), made.begin());
    return made;
}

master_secret random_master_secret() noexcept {
    master_secret made{};
    const int failed = gnutls_rnd(GNUTLS_RND_KEY, made.data(), made.size());
    RW_ASSERT(failed == 0);
    return made;
}

}  // namespace ringway::quic::detail
