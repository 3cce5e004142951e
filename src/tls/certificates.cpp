#include <ringway/tls/certificates.hpp>

#include <algorithm>
#include <ctime>
#include <fmt/core.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <utility>

#include <ringway/base/assert.hpp>

#include "tls/certificate_pair.hpp"

namespace ringway::tls {
namespace {

constexpr std::size_t host_bytes_max = 255;  // RFC 1035 section 2.3.4.

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals_lower(std::string_view pattern, std::string_view host) noexcept {
    return std::ranges::equal(pattern, host, {}, {}, lower);
}

std::string_view bare(std::string_view host) noexcept {
    if (host.size() > 2 && host.starts_with('[') && host.ends_with(']')) {
        return host.substr(1, host.size() - 2);
    }
    return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

digest identity_of(std::span<const std::string> names) {
    std::string all;
    for (const auto& name : names) {
        all += name + '\n';
    }
    digest out{};
    const int code = ::gnutls_hash_fast(GNUTLS_DIG_SHA256, all.data(), all.size(), out.data());
    RW_ASSERT(code == 0);  // SHA-256 is always there.
    return out;
}

}  // namespace

std::string_view name_of(key_type key) noexcept { return key == key_type::rsa ? "RSA" : "ECDSA"; }

bool name_matches(std::string_view pattern, std::string_view host) noexcept {
    if (!pattern.starts_with("*.")) {
        return equals_lower(pattern, host);
    }
    const auto dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 &&
           equals_lower(pattern.substr(1), host.substr(dot));
}

std::string day_text(std::int64_t unix_s) {
    const std::time_t when = unix_s;
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::string hex_text(const digest& bytes) {
    std::string out;
    for (const std::byte each : bytes) {
        out += fmt::format("{}{:02X}", out.empty() ? "" : ":", std::to_integer<unsigned>(each));
    }
    return out;
}

std::string base64_text(const digest& bytes) {
    digest copy = bytes;
    const gnutls_datum_t raw{reinterpret_cast<unsigned char*>(copy.data()),
                             static_cast<unsigned>(copy.size())};
    gnutls_datum_t text{};
    const int code = ::gnutls_base64_encode2(&raw, &text);
    RW_ASSERT(code == 0);  // Nothing but memory can be missing.
    std::string out{reinterpret_cast<const char*>(text.data), text.size};
    ::gnutls_free(text.data);
    return out;
}

void policy::release::operator()(gnutls_certificate_credentials_st* credentials) const noexcept {
    ::gnutls_certificate_free_credentials(credentials);
}

bool policy::covers(std::string_view host) const noexcept {
    const auto wanted = bare(host);
    return std::ranges::any_of(
        names_, [wanted](const std::string& name) { return name_matches(name, wanted); });
}

certificates_or_reason certificate_set::make(std::span<const certificate_text> pairs,
                                             std::int64_t now_unix_s) {
    if (pairs.empty()) {
        return std::unexpected{"no certificate: give --tls self, or --tls CERT,KEY"};
    }
    if (pairs.size() > certificates_max) {
        return std::unexpected{
            fmt::format("{} certificates; at most {} are served", pairs.size(), certificates_max)};
    }
    std::shared_ptr<certificate_set> made{new certificate_set};
    for (const auto& pair : pairs) {
        if (auto added = made->add(pair, now_unix_s); !added) {
            return std::unexpected{std::move(added).error()};
        }
    }
    made->index_names();
    return made;
}

const policy& certificate_set::find(std::string_view server_name) const noexcept {
    RW_ASSERT(!policies_.empty());
    const auto wanted = bare(server_name);
    std::array<char, host_bytes_max> lowered;
    if (wanted.empty() || wanted.size() > lowered.size()) {
        return policies_.front();
    }
    std::ranges::transform(wanted, lowered.begin(), lower);
    const std::string_view name{lowered.data(), wanted.size()};
    if (const auto exact = by_name_.find(name); exact != by_name_.end()) {
        return policies_[exact->second];
    }
    const auto dot = name.find('.');
    if (dot == std::string_view::npos || dot == 0) {
        return policies_.front();
    }
    lowered[dot - 1] = '*';  // "*.example.org" lies where "www.example.org" did.
    const auto wildcard = by_name_.find(name.substr(dot - 1));
    return policies_[wildcard == by_name_.end() ? 0 : wildcard->second];
}

std::int64_t certificate_set::earliest_expiry_unix_s() const noexcept {
    return std::ranges::min(facts_, {}, &certificate_facts::not_after_unix_s).not_after_unix_s;
}

std::expected<void, std::string> certificate_set::add(const certificate_text& text,
                                                      std::int64_t now_unix_s) {
    auto pair = read_pair(text, now_unix_s);
    if (!pair) {
        return std::unexpected{std::move(pair).error()};
    }
    policy& into = policy_of(pair->facts.names);
    const auto index = static_cast<std::size_t>(&into - policies_.data());
    for (std::size_t i = 0; i < facts_.size(); ++i) {
        if (policy_of_facts_[i] == index && facts_[i].key == pair->facts.key) {
            return std::unexpected{
                fmt::format("{}: {} has an {} certificate for the same names; keep one of them",
                            text.file, facts_[i].file, name_of(facts_[i].key))};
        }
    }
    std::vector<gnutls_x509_crt_t> chain;
    for (const auto& certificate : pair->chain) {
        chain.push_back(certificate.get());
    }
    const int code = ::gnutls_certificate_set_x509_key(
        into.credentials(), chain.data(), static_cast<int>(chain.size()), pair->key.get());
    if (code < 0) {
        return std::unexpected{
            fmt::format("{}: GnuTLS refuses it: {}", text.file, ::gnutls_strerror(code))};
    }
    facts_.push_back(std::move(pair->facts));
    policy_of_facts_.push_back(index);
    return {};
}

// The policy for exactly these names; a new one if there is none.
policy& certificate_set::policy_of(std::span<const std::string> names) {
    const auto found = std::ranges::find_if(
        policies_, [names](const policy& each) { return std::ranges::equal(each.names_, names); });
    if (found != policies_.end()) {
        return *found;
    }
    policy& made = policies_.emplace_back();
    made.names_.assign(names.begin(), names.end());
    made.identity_ = identity_of(names);
    gnutls_certificate_credentials_t raw = nullptr;
    const int code = ::gnutls_certificate_allocate_credentials(&raw);
    RW_ASSERT(code == 0);  // Nothing but memory can be missing.
    made.credentials_.reset(raw);
    return made;
}

// Of policies that share a name the first has it.
void certificate_set::index_names() {
    for (std::size_t i = 0; i < policies_.size(); ++i) {
        for (const auto& name : policies_[i].names_) {
            by_name_.try_emplace(name, i);
        }
    }
}

}  // namespace ringway::tls
