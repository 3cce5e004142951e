// Running the request parser over a text in every way of cutting it, for the tests.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/wire/h1_request.hpp>

namespace ringway::wire {

/// What became of one message, without borrowed memory.
struct read_message {
    h1_request_parser::status what = h1_request_parser::status::need_more;
    std::size_t consumed = 0;  // Head and body.
    int reject_status = 0;
    std::string reason;
    bool in_body = false;  // It was the body that ended, broke or remained open.

    method_id method = method_id::unknown;
    std::string method_text;
    std::string target;
    std::string host;
    unsigned version_minor = 0;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = false;
    bool expect_continue = false;
    std::uint32_t present = 0;
    std::uint32_t repeated = 0;
    std::vector<std::pair<std::string, std::string>> fields;

    friend bool operator==(const read_message&, const read_message&) = default;
};

inline void copy_head(const request_head& head, read_message& out) {
    out.method = head.method;
    out.method_text = head.method_text;
    out.target = head.target;
    out.host = head.host;
    out.version_minor = head.version_minor;
    out.content_length = head.content_length;
    out.chunked = head.chunked;
    out.keep_alive = head.keep_alive;
    out.expect_continue = head.expect_continue;
    out.present = head.present;
    out.repeated = head.repeated;
    for (const auto& [name, value] : head.fields) {
        out.fields.emplace_back(name, value);
    }
}

inline void copy_outcome(const h1_request_parser::outcome& outcome, read_message& out) {
    out.what = outcome.what;
    out.reject_status = outcome.reject_status;
    out.reason = outcome.reason;
}

/// Feeds `text` to `parser` so that `next_size()` more bytes are there at each call, in memory of
/// its own that ends where the bytes end. Reads one message, with its body.
template <class NextSize>
read_message read_in_pieces(h1_request_parser& parser, std::string_view text, NextSize next_size) {
    using status = h1_request_parser::status;
    read_message result;
    std::size_t size = 0;
    h1_request_parser::outcome outcome;
    do {
        size += std::min<std::size_t>(next_size(), text.size() - size);
        const auto moved = std::make_unique<char[]>(size);
        text.copy(moved.get(), size);
        outcome = parser.parse({moved.get(), size});
        if (outcome.what == status::complete) {
            copy_head(parser.head(), result);
        }
    } while (outcome.what == status::need_more && size < text.size());
    copy_outcome(outcome, result);
    result.consumed = outcome.consumed;
    if (outcome.what != status::complete || !parser.has_body()) {
        return result;
    }
    result.in_body = true;
    std::size_t at = result.consumed;
    do {
        size = std::min<std::size_t>(next_size(), text.size() - at);
        const auto moved = std::make_unique<char[]>(size);
        text.copy(moved.get(), size, at);
        outcome = parser.skip_body({moved.get(), size});
        at += outcome.consumed;
    } while (outcome.what == status::need_more && at < text.size());
    copy_outcome(outcome, result);
    result.consumed = outcome.what == status::bad ? 0 : at;
    return result;
}

/// The whole text at once.
inline read_message read_whole(std::string_view text, const head_limits& limits = {}) {
    h1_request_parser parser{limits};
    return read_in_pieces(parser, text, [&text] { return text.size(); });
}

/// Byte by byte.
inline read_message read_bytewise(std::string_view text, const head_limits& limits = {}) {
    h1_request_parser parser{limits};
    return read_in_pieces(parser, text, [] { return std::size_t{1}; });
}

}  // namespace ringway::wire
