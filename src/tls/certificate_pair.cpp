#include "tls/certificate_pair.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <fmt/core.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>

#include "tls/pem.hpp"

namespace ringway::tls {
namespace {

constexpr unsigned rsa_bits_min = 2048;

template <class... Values>
std::unexpected<std::string> wrong(std::string_view file, fmt::format_string<Values...> format,
                                   Values&&... values) {
    return std::unexpected{
        fmt::format("{}: {}", file, fmt::format(format, std::forward<Values>(values)...))};
}

gnutls_datum_t datum_of(std::string_view text) noexcept {
    // The library takes no const, and writes to nothing.
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
            static_cast<unsigned>(text.size())};
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    return text;
}

// What can be said about a file without a certificate in it.
std::unexpected<std::string> no_certificate(const certificate_text& text) {
    if (!looks_like_pem(text.chain)) {
        return wrong(text.file, "not PEM (no line begins with \"-----BEGIN\"){}",
                     looks_like_der(text.chain)
                         ? "; it looks like DER: convert it with openssl x509 -inform der"
                         : "; name a certificate chain in PEM");
    }
    if (find_key_block(text.chain)) {
        return wrong(text.file,
                     "a private key and no certificate; write the certificate chain first: "
                     "--tls CERT,KEY");
    }
    return wrong(text.file, "no certificate in it; name the PEM file of the certificate chain");
}

std::expected<std::vector<certificate_handle>, std::string> read_chain(
    const certificate_text& text) {
    const auto blocks = certificate_blocks(text.chain);
    if (blocks.empty()) {
        return no_certificate(text);
    }
    if (blocks.size() > chain_length_max) {
        return wrong(text.file, "{} certificates; a chain has at most {}", blocks.size(),
                     chain_length_max);
    }
    std::vector<certificate_handle> chain;
    for (const std::string_view block : blocks) {
        gnutls_x509_crt_t raw = nullptr;
        ::gnutls_x509_crt_init(&raw);
        certificate_handle certificate{raw};
        const gnutls_datum_t data = datum_of(block);
        if (const int code = ::gnutls_x509_crt_import(raw, &data, GNUTLS_X509_FMT_PEM); code < 0) {
            return wrong(text.file, "certificate {} in it is damaged ({}); get the file anew",
                         chain.size() + 1, ::gnutls_strerror(code));
        }
        chain.push_back(std::move(certificate));
    }
    return chain;
}

std::expected<key_handle, std::string> read_key(const certificate_text& text) {
    const auto block = find_key_block(text.key);
    if (!block) {
        if (text.key_file == text.file) {
            return wrong(text.file,
                         "no private key in it; add it to the file, or name its file too: --tls "
                         "CERT,KEY (in a directory: NAME.key)");
        }
        if (!looks_like_pem(text.key)) {
            return wrong(text.key_file,
                         "not PEM (no line begins with \"-----BEGIN\"); name a private key in PEM");
        }
        return wrong(text.key_file, "no private key in it; name the PEM file of the key of {}",
                     text.file);
    }
    if (is_encrypted(*block)) {
        return wrong(text.key_file,
                     "the private key is encrypted; nobody can type the password at a start: "
                     "decrypt it with openssl pkey -in KEY -out NEW");
    }
    gnutls_x509_privkey_t raw = nullptr;
    ::gnutls_x509_privkey_init(&raw);
    key_handle key{raw};
    const gnutls_datum_t data = datum_of(*block);
    if (const int code = ::gnutls_x509_privkey_import2(raw, &data, GNUTLS_X509_FMT_PEM, nullptr, 0);
        code < 0) {
        return wrong(text.key_file, "the private key can't be read ({}); get the file anew",
                     ::gnutls_strerror(code));
    }
    return key;
}

std::optional<std::string> check_order(const certificate_pair& pair, const certificate_text& text) {
    for (std::size_t i = 1; i < pair.chain.size(); ++i) {
        if (::gnutls_x509_crt_check_issuer(pair.chain[i - 1].get(), pair.chain[i].get()) == 0) {
            return fmt::format(
                "{}: the chain is out of order: certificate {} is not the issuer of certificate "
                "{}; put the server's own first, then its issuer, and so on",
                text.file, i + 1, i);
        }
    }
    return std::nullopt;
}

digest pin_of_key(gnutls_x509_privkey_int* key) noexcept {
    digest pin{};
    std::size_t size = pin.size();
    ::gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256,
                                     reinterpret_cast<unsigned char*>(pin.data()), &size);
    return pin;
}

std::optional<std::string> check_match(const certificate_pair& pair, const certificate_text& text) {
    const digest of_key = pin_of_key(pair.key.get());
    if (of_key == pair.facts.key_pin) {
        return std::nullopt;
    }
    for (const auto& other : pair.chain) {
        if (pin_of(other.get()) == of_key) {
            return fmt::format(
                "{}: the chain is out of order: the key is that of a certificate further down; put "
                "the server's own first, then its issuer, and so on",
                text.file);
        }
    }
    return fmt::format(
        "{}: the private key is not that of the certificate in {}; name two files "
        "that belong together",
        text.key_file, text.file);
}

std::optional<std::string> check_key_type(certificate_pair& pair, const certificate_text& text) {
    certificate_facts& facts = pair.facts;
    const int algorithm =
        ::gnutls_x509_crt_get_pk_algorithm(pair.chain.front().get(), &facts.key_bits);
    if (algorithm == GNUTLS_PK_RSA) {
        facts.key = key_type::rsa;
        if (facts.key_bits < rsa_bits_min) {
            return fmt::format(
                "{}: an RSA key of {} bits is too small to be safe; make one of {} or an ECDSA key",
                text.file, facts.key_bits, rsa_bits_min);
        }
        return std::nullopt;
    }
    if (algorithm == GNUTLS_PK_ECDSA && facts.key_bits >= 256) {
        facts.key = key_type::ecdsa;
        return std::nullopt;
    }
    const char* const name =
        algorithm < 0 ? nullptr
                      : ::gnutls_pk_get_name(static_cast<gnutls_pk_algorithm_t>(algorithm));
    return fmt::format("{}: browsers take no {} certificate{}; use ECDSA (P-256) or RSA", text.file,
                       name == nullptr ? "such" : name,
                       algorithm == GNUTLS_PK_ECDSA ? " of so few bits" : "");
}

std::optional<std::string> check_times(const certificate_facts& facts, std::int64_t now) {
    if (facts.not_after_unix_s < now) {
        return fmt::format("{}: expired on {}; renew it", facts.file,
                           day_text(facts.not_after_unix_s));
    }
    if (facts.not_before_unix_s > now) {
        return fmt::format("{}: not valid before {}; wait, or check the clock of this machine",
                           facts.file, day_text(facts.not_before_unix_s));
    }
    return std::nullopt;
}

std::string address_text(const unsigned char* bytes, std::size_t size) {
    char text[INET6_ADDRSTRLEN] = "";
    if (size == 4 || size == 16) {
        ::inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
    }
    return text;
}

std::vector<std::string> alternative_names(gnutls_x509_crt_int* certificate) {
    std::vector<std::string> names;
    for (unsigned i = 0;; ++i) {
        char name[512];
        std::size_t size = sizeof name;
        const int kind =
            ::gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, nullptr);
        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            break;
        }
        if (kind == GNUTLS_SAN_DNSNAME && size > 0) {
            names.push_back(lower({name, size}));
        } else if (kind == GNUTLS_SAN_IPADDRESS) {
            names.push_back(address_text(reinterpret_cast<const unsigned char*>(name), size));
        } else if (kind < 0 && kind != GNUTLS_E_SHORT_MEMORY_BUFFER) {
            break;
        }
    }
    std::erase(names, "");
    return names;
}

void fill_facts(certificate_facts& facts, gnutls_x509_crt_int* certificate) {
    facts.names = names_in(certificate);
    facts.not_before_unix_s = ::gnutls_x509_crt_get_activation_time(certificate);
    facts.not_after_unix_s = ::gnutls_x509_crt_get_expiration_time(certificate);
    std::size_t size = facts.fingerprint.size();
    ::gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, facts.fingerprint.data(),
                                      &size);
    facts.key_pin = pin_of(certificate);
    if (facts.names.empty()) {
        facts.warning = facts.file + ": it names no host; clients will not trust it";
    } else if (alternative_names(certificate).empty()) {
        facts.warning =
            facts.file + ": its host is in the common name alone; browsers want subjectAltName";
    }
}

}  // namespace

std::expected<certificate_pair, std::string> read_pair(const certificate_text& text,
                                                       std::int64_t now_unix_s) {
    certificate_pair pair;
    auto chain = read_chain(text);
    if (!chain) {
        return std::unexpected{std::move(chain).error()};
    }
    auto key = read_key(text);
    if (!key) {
        return std::unexpected{std::move(key).error()};
    }
    pair.chain = *std::move(chain);
    pair.key = *std::move(key);
    pair.facts.file = text.file;
    fill_facts(pair.facts, pair.chain.front().get());
    auto problem = check_match(pair, text);
    problem = problem ? problem : check_order(pair, text);
    problem = problem ? problem : check_key_type(pair, text);
    problem = problem ? problem : check_times(pair.facts, now_unix_s);
    if (problem) {
        return std::unexpected{*std::move(problem)};
    }
    return pair;
}

std::vector<std::string> names_in(gnutls_x509_crt_int* certificate) {
    auto names = alternative_names(certificate);
    if (names.empty()) {
        char name[256];
        std::size_t size = sizeof name;
        if (::gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
                                            &size) == 0 &&
            size > 0) {
            names.push_back(lower({name, size}));
        }
    }
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
    return names;
}

digest pin_of(gnutls_x509_crt_int* certificate) noexcept {
    digest pin{};
    std::size_t size = pin.size();
    ::gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256,
                                 reinterpret_cast<unsigned char*>(pin.data()), &size);
    return pin;
}

}  // namespace ringway::tls
