// The alerts that the record layer sends and reads (RFC 8446 6).
#pragma once

#include <cstdint>

namespace ringway::tls {

enum class alert : std::uint8_t {
    close_notify = 0,
    unexpected_message = 10,
    bad_record_mac = 20,
    record_overflow = 22,
    illegal_parameter = 47,
    decode_error = 50,
    internal_error = 80,
    user_canceled = 90,
};

/// The first byte of an alert: in TLS 1.3 only these two are warnings, all others end it.
[[nodiscard]] constexpr std::uint8_t level_of(alert which) noexcept {
    return which == alert::close_notify || which == alert::user_canceled ? 1 : 2;
}

/// The types of records (RFC 8446 B.1).
enum class content : std::uint8_t {
    invalid = 0,
    change_cipher_spec = 20,
    alert = 21,
    handshake = 22,
    application_data = 23,
};

}  // namespace ringway::tls
