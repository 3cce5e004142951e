// What all TLS connections of a client share: whom it trusts, and what it offers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/tls/types.hpp>

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;

namespace ringway::tls {

struct client_options {
    /// A PEM file of certificates to trust. Empty: those of the system.
    std::string trust_file;
    /// False: takes any certificate. For tests and for people who know.
    bool verify = true;
    std::vector<std::string> alpn;  ///< By preference (RFC 7301).
    bool allow_tls_1_2 = false;
    std::vector<cipher> ciphers;  ///< By preference; empty: as the server's default.
};

/// Any thread; immutable.
class client_context {
public:
    /// Fails with `not_found` when there is nothing to trust, `invalid_argument` for options that
    /// can't be followed. Reads files: blocks.
    [[nodiscard]] static result<std::unique_ptr<client_context>> make(client_options options);

    client_context(const client_context&) = delete;
    client_context& operator=(const client_context&) = delete;
    ~client_context();

    [[nodiscard]] const client_options& options() const noexcept { return options_; }
    [[nodiscard]] gnutls_certificate_credentials_st* credentials() const noexcept {
        return credentials_;
    }
    [[nodiscard]] gnutls_priority_st* priorities() const noexcept { return priorities_; }
    /// The same for QUIC (RFC 9001 section 4.2, 8.4): TLS 1.3 only, without its compatibility mode.
    [[nodiscard]] gnutls_priority_st* quic_priorities() const noexcept { return quic_priorities_; }

private:
    explicit client_context(client_options options) noexcept;

    client_options options_;
    gnutls_certificate_credentials_st* credentials_ = nullptr;
    gnutls_priority_st* priorities_ = nullptr;
    gnutls_priority_st* quic_priorities_ = nullptr;
};

}  // namespace ringway::tls
