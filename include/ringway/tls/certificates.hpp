// The certificates that a server shows, found by the name that a client asks for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct gnutls_certificate_credentials_st;

namespace ringway::tls {

/// What the key of a certificate is. Others are refused: no browser takes them.
enum class key_type : std::uint8_t { ecdsa, rsa };

/// "ECDSA", "RSA". Static text.
[[nodiscard]] std::string_view name_of(key_type key) noexcept;

/// A SHA-256.
using digest = std::array<std::byte, 32>;

/// A certificate chain and its private key as PEM, and what to call them in messages.
struct certificate_text {
    std::string file;
    std::string chain;     ///< The server's own first, then each issuer.
    std::string key_file;  ///< The same as `file` where one file holds both.
    std::string key;

    friend bool operator==(const certificate_text&, const certificate_text&) = default;
};

/// What there is to tell about one certificate.
struct certificate_facts {
    std::string file;
    std::vector<std::string> names;  ///< Lower case, sorted; IP addresses as text.
    key_type key = key_type::ecdsa;
    unsigned key_bits = 0;
    std::int64_t not_before_unix_s = 0;
    std::int64_t not_after_unix_s = 0;
    digest fingerprint{};  ///< SHA-256 of the certificate (DER).
    digest key_pin{};      ///< SHA-256 of its SubjectPublicKeyInfo (RFC 7469 section 2.4).
    std::string warning;   ///< What is odd about it, with its file; "" for nothing.
};

/// Whether `pattern`, in lower case, is `host` in any case, or its wildcard: "*" as the whole first
/// label, for exactly one label (RFC 6125 section 6.4.3). Neither ends in a dot.
[[nodiscard]] bool name_matches(std::string_view pattern, std::string_view host) noexcept;

/// The certificates for one set of names, one per type of key; a handshake takes what its client
/// understands. Immutable; used by any thread.
class policy {
public:
    /// DNS names, maybe "*.example.org", and IP addresses; lower case, sorted. May be empty.
    [[nodiscard]] std::span<const std::string> names() const noexcept { return names_; }

    /// Whether these certificates are valid for `host`: a DNS name or an IP address (in brackets or
    /// not), without port, in any case; a dot at its end is left out.
    [[nodiscard]] bool covers(std::string_view host) const noexcept;

    /// What GnuTLS needs for a handshake. Lifetime: that of the policy.
    [[nodiscard]] gnutls_certificate_credentials_st* credentials() const noexcept {
        return credentials_.get();
    }

    /// SHA-256 of the names: the same for each reload, whatever the keys.
    [[nodiscard]] const digest& identity() const noexcept { return identity_; }

private:
    friend class certificate_set;
    struct release {
        void operator()(gnutls_certificate_credentials_st* credentials) const noexcept;
    };

    std::vector<std::string> names_;
    std::unique_ptr<gnutls_certificate_credentials_st, release> credentials_;
    digest identity_{};
};

/// "2027-03-31": the day in UTC.
[[nodiscard]] std::string day_text(std::int64_t unix_s);

/// A digest as people compare it: "AB:CD:...".
[[nodiscard]] std::string hex_text(const digest& bytes);

/// A digest as browsers take it: base64 (RFC 4648 section 4).
[[nodiscard]] std::string base64_text(const digest& bytes);

class certificate_set;

/// A set, or one line for the operator: which file, what is wrong, what to do.
using certificates_or_reason = std::expected<std::shared_ptr<const certificate_set>, std::string>;

/// All certificates of a server. Immutable; shared by all shards.
class certificate_set {
public:
    /// More certificates than this are refused.
    static constexpr std::size_t certificates_max = 4096;

    /// Checks each pair and puts those for the same names into one policy. `now_unix_s` decides
    /// what has expired. The first pair is for clients that ask for no name or an unknown one.
    ///
    /// Fails with a line for the operator when there is no pair, and for the first pair that is no
    /// use: text that is no PEM, no certificate or key in it, a chain out of order, a key that is
    /// encrypted or of another certificate, RSA below 2048 bits, other types of keys, expired or
    /// not yet valid, a second one of the same type for the same names.
    /// Computes for about 0.3 ms per pair: not for a shard that serves. Any thread.
    [[nodiscard]] static certificates_or_reason make(std::span<const certificate_text> pairs,
                                                     std::int64_t now_unix_s);

    /// What to show to a client that asks for `server_name` (RFC 6066 section 3): the policy with
    /// exactly that name, else with its wildcard, else the first.
    [[nodiscard]] const policy& find(std::string_view server_name) const noexcept;

    /// In the order they were given.
    [[nodiscard]] std::span<const certificate_facts> certificates() const noexcept {
        return facts_;
    }
    [[nodiscard]] std::span<const policy> policies() const noexcept { return policies_; }

    /// When the first of them expires, in seconds since 1970.
    [[nodiscard]] std::int64_t earliest_expiry_unix_s() const noexcept;

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    using index_by_name = std::unordered_map<std::string, std::size_t, text_hash, std::equal_to<>>;

    certificate_set() = default;
    [[nodiscard]] std::expected<void, std::string> add(const certificate_text& pair,
                                                       std::int64_t now_unix_s);
    [[nodiscard]] policy& policy_of(std::span<const std::string> names);
    void index_names();

    std::vector<certificate_facts> facts_;
    std::vector<std::size_t> policy_of_facts_;  // Index into policies_ for each of facts_.
    std::vector<policy> policies_;
    index_by_name by_name_;  // Names as they stand; for a wildcard "*.example.org".
};

}  // namespace ringway::tls
