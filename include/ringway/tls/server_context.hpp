// What all TLS connections of a server share: certificates, options, ticket key, counters.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/tls/certificate_holder.hpp>
#include <ringway/tls/types.hpp>

struct gnutls_priority_st;

namespace ringway::tls {

using ticket_key = std::array<std::byte, 32>;

struct server_options {
    /// Protocols by preference (RFC 7301): a client that offers others is refused, one that offers
    /// none is served. Empty: none are agreed on.
    std::vector<std::string> alpn;
    bool allow_tls_1_2 = false;
    /// By preference. Empty: AES-128-GCM, AES-256-GCM, CHACHA20-POLY1305.
    std::vector<cipher> ciphers;
    /// Clients may resume a session without a signature of ours.
    bool session_tickets = true;
    /// Tickets are sealed with keys that come from this one: processes that share it accept each
    /// other's. Random when not given.
    std::optional<ticket_key> key;
};

/// What happened so far; the figures of one moment, but not of exactly the same one.
struct server_counts {
    std::uint64_t handshakes_tls_1_2 = 0;
    std::uint64_t handshakes_tls_1_3 = 0;
    std::uint64_t handshakes_resumed = 0;  ///< Of all versions.
    std::uint64_t handshakes_failed = 0;   ///< Refused by either side.
    std::uint64_t handshakes_left = 0;     ///< The peer went away, or a stop came.
    std::uint64_t alerts_sent = 0;
    std::uint64_t alerts_received = 0;  ///< close_notify is counted in neither.
    std::uint64_t kernel_sends = 0;     ///< Connections whose sending the kernel has taken over.
};

/// One per process; any thread.
class server_context {
public:
    struct counters {
        std::atomic<std::uint64_t> tls_1_2{0};
        std::atomic<std::uint64_t> tls_1_3{0};
        std::atomic<std::uint64_t> resumed{0};
        std::atomic<std::uint64_t> failed{0};
        std::atomic<std::uint64_t> left{0};
        std::atomic<std::uint64_t> alerts_sent{0};
        std::atomic<std::uint64_t> alerts_received{0};
        std::atomic<std::uint64_t> kernel_sends{0};
    };

    /// Certificates come from `holder`, for each handshake anew: replacing them there changes new
    /// connections only. Fails with `invalid_argument` for an ALPN name that is empty or longer
    /// than 255 bytes, or options that GnuTLS can't follow. Lifetime: `holder` and the context
    /// outlive its connections.
    [[nodiscard]] static result<std::unique_ptr<server_context>> make(
        const certificate_holder& holder, server_options options);

    server_context(const server_context&) = delete;
    server_context& operator=(const server_context&) = delete;
    ~server_context();

    [[nodiscard]] server_counts counts() const noexcept;

    [[nodiscard]] const certificate_holder& certificates() const noexcept { return holder_; }
    [[nodiscard]] const server_options& options() const noexcept { return options_; }
    [[nodiscard]] gnutls_priority_st* priorities() const noexcept { return priorities_; }
    [[nodiscard]] counters& count() noexcept { return counters_; }

    /// The 64 bytes that GnuTLS seals tickets of `identity` with. Bound to the policy: a ticket
    /// that was given out under one name is no use under another.
    [[nodiscard]] std::array<std::byte, 64> ticket_secret(const digest& identity) const noexcept;

private:
    server_context(const certificate_holder& holder, server_options options) noexcept;

    const certificate_holder& holder_;
    server_options options_;
    gnutls_priority_st* priorities_ = nullptr;
    counters counters_;
};

}  // namespace ringway::tls
