// HTTP/3 by hand: frames as bytes, so that a test can say what no library would.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/prefixed_integer.hpp"

namespace ringway::test::h3 {

// RFC 9114 section 7.2, RFC 9218 section 7.2.
enum type : std::uint64_t {
    data = 0,
    headers = 1,
    cancel_push = 3,
    settings = 4,
    push_promise = 5,
    goaway = 7,
    max_push_id = 13,
    grease = 0x21,
    priority_update = 0xf0700,
    priority_update_push = 0xf0701,
};
// RFC 9114 section 8.1, RFC 9204 section 6.
enum code : std::uint64_t {
    no_error = 0x100,
    general_protocol_error = 0x101,
    internal_error = 0x102,
    stream_creation_error = 0x103,
    closed_critical_stream = 0x104,
    frame_unexpected = 0x105,
    frame_error = 0x106,
    excessive_load = 0x107,
    id_error = 0x108,
    settings_error = 0x109,
    missing_settings = 0x10a,
    request_rejected = 0x10b,
    request_cancelled = 0x10c,
    request_incomplete = 0x10d,
    message_error = 0x10e,
    qpack_decompression_failed = 0x200,
    qpack_encoder_stream_error = 0x201,
    qpack_decoder_stream_error = 0x202,
};

using fields = std::vector<std::pair<std::string, std::string>>;

/// A number of variable length (RFC 9000 section 16), in the shortest form.
inline std::string number(std::uint64_t value) {
    const unsigned size = value < 64 ? 0U : value < 16384 ? 1U : value < (1U << 30U) ? 2U : 3U;
    std::string out;
    for (unsigned i = 1U << size; i-- > 0;) {
        out += static_cast<char>(value >> (8 * i));
    }
    out[0] = static_cast<char>(static_cast<unsigned char>(out[0]) | size << 6U);
    return out;
}

inline std::string frame(std::uint64_t type, std::string_view payload = {}) {
    return number(type) + number(payload.size()) + std::string{payload};
}

/// Field lines with literal names (RFC 9204 section 4.5.6), not compressed.
inline std::string block(const fields& list) {
    std::string out(2, '\0');
    for (const auto& [name, value] : list) {
        out += prefixed(0x20, 3, name.size()) + name + prefixed(0, 7, value.size()) + value;
    }
    return out;
}

inline fields get(std::string_view path, const fields& more = {}) {
    fields out{{":method", "GET"}, {":scheme", "https"}, {":authority", "h"}};
    out.emplace_back(":path", path);
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

/// A HEADERS frame.
inline std::string head(const fields& list) { return frame(headers, block(list)); }

inline std::string setting(std::uint64_t id, std::uint64_t value) {
    return number(id) + number(value);
}

/// The beginning of a control stream, with these settings.
inline std::string control(std::string_view list = {}) { return number(0) + frame(settings, list); }

inline std::string update_priority(std::uint64_t stream, std::string_view value) {
    return frame(priority_update, number(stream) + std::string{value});
}

}  // namespace ringway::test::h3
