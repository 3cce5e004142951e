// Why a connection of the client ended, in words for people.
#pragma once

#include <string>

#include <ringway/quic/client.hpp>

namespace ringway::http::detail {

[[nodiscard]] std::string words_of(const quic::closing& how);

/// Alerts about certificates, as errors of QUIC (RFC 9001 section 4.8, RFC 8446 section 6.2).
[[nodiscard]] bool is_about_certificate(const quic::closing& how) noexcept;

}  // namespace ringway::http::detail
