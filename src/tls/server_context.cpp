#include <ringway/tls/server_context.hpp>

#include <algorithm>
#include <array>
#include <atomic>
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
#include <ringway/tls/certificate_holder.hpp>
#include <ringway/tls/certificates.hpp>

#include "tls/key_log.hpp"
#include "tls/key_schedule.hpp"
#include "tls/priorities.hpp"

namespace ringway::tls {

server_context::server_context(const certificate_holder& holder, server_options options) noexcept
    : holder_{holder}, options_{std::move(options)} {}

server_context::~server_context() {
    gnutls_priority_deinit(priorities_);
    wipe(*options_.key);
}

result<std::unique_ptr<server_context>> server_context::make(const certificate_holder& holder,
                                                             server_options options) {
    if (!are_alpn_names(options.alpn)) {
        return fail(errc::invalid_argument);
    }
    if (!options.key) {
        options.key.emplace();
        const int failed = gnutls_rnd(GNUTLS_RND_KEY, options.key->data(), options.key->size());
        RW_ASSERT(failed == 0);
    }
    protect_key_log();
    std::unique_ptr<server_context> made{new server_context{holder, std::move(options)}};
    made->priorities_ =
        parse_priorities(priority_text(made->options_.ciphers, made->options_.allow_tls_1_2));
    if (made->priorities_ == nullptr) {
        return fail(errc::invalid_argument);
    }
    return made;
}

server_counts server_context::counts() const noexcept {
    const auto get = [](const std::atomic<std::uint64_t>& of) noexcept {
        return of.load(std::memory_order_relaxed);
    };
    return {
        .handshakes_tls_1_2 = get(counters_.tls_1_2),
        .handshakes_tls_1_3 = get(counters_.tls_1_3),
        .handshakes_resumed = get(counters_.resumed),
        .handshakes_failed = get(counters_.failed),
        .handshakes_left = get(counters_.left),
        .alerts_sent = get(counters_.alerts_sent),
        .alerts_received = get(counters_.alerts_received),
        .kernel_sends = get(counters_.kernel_sends),
    };
}

// HKDF-Expand (RFC 5869 2.3); the master key is uniform, so it needs no Extract.
std::array<std::byte, 64> server_context::ticket_secret(const digest& identity) const noexcept {
    constexpr std::string_view purpose = "ringway session tickets";
    std::array<std::byte, purpose.size() + sizeof(digest)> info{};
    std::ranges::copy(identity, std::ranges::copy(as_bytes(purpose), info.begin()).out);
    std::array<std::byte, 64> made{};
    ticket_key master = *options_.key;
    const gnutls_datum_t key{reinterpret_cast<unsigned char*>(master.data()), master.size()};
    const gnutls_datum_t what{reinterpret_cast<unsigned char*>(info.data()), info.size()};
    const int failed = gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &key, &what, made.data(), made.size());
    RW_ASSERT(failed == 0);
    wipe(master);
    return made;
}

}  // namespace ringway::tls
