#include "quic/tls_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <memory>
#include <string_view>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/tls/certificates.hpp>
#include <ringway/tls/server_context.hpp>

#include "quic/early_data_guard.hpp"
#include "tls/priorities.hpp"

namespace ringway::quic::detail {

std::int64_t unix_now() noexcept {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

server_crypto::server_crypto(tls::server_context& context, server_crypto_options options) noexcept
    : context_{context}, options_{std::move(options)} {}

server_crypto::~server_crypto() { gnutls_priority_deinit(priorities_); }

result<std::unique_ptr<server_crypto>> server_crypto::make(tls::server_context& context,
                                                           server_crypto_options options) {
    if (options.alpn.empty() || !tls::are_alpn_names(options.alpn)) {
        return fail(errc::invalid_argument);
    }
    std::unique_ptr<server_crypto> made{new server_crypto{context, std::move(options)}};
    made->priorities_ = tls::parse_priorities(tls::quic_priority_text(context.options().ciphers));
    if (made->priorities_ == nullptr) {
        return fail(errc::invalid_argument);
    }
    if (const server_crypto_options& given = made->options_; given.early_data != nullptr) {
        made->guard_ = std::make_unique<early_data_guard>(*given.early_data, given.unix_clock());
    }
    return made;
}

gnutls_anti_replay_st* server_crypto::anti_replay() noexcept {
    return guard_ == nullptr ? nullptr : guard_->current(options_.unix_clock());
}

// GnuTLS knows nothing of what a client remembers beside its ticket, so that goes into the key:
// early data under other limits would end the connection.
std::array<std::byte, 64> server_crypto::ticket_secret(const tls::digest& identity) const noexcept {
    constexpr std::string_view purpose = "ringway quic tickets";
    std::array<std::byte, purpose.size() + 2 * sizeof(tls::digest)> bound{};
    const auto after = std::ranges::copy(as_bytes(purpose), bound.begin()).out;
    std::ranges::copy(options_.remembered, std::ranges::copy(identity, after).out);
    tls::digest both{};
    const int failed = gnutls_hash_fast(GNUTLS_DIG_SHA256, bound.data(), bound.size(), both.data());
    RW_ASSERT(failed == 0);
    return context_.ticket_secret(both);
}

}  // namespace ringway::quic::detail
