#include "wire/h1_chunks.hpp"

#include <algorithm>
#include <cstring>

#include "wire/chars.hpp"

namespace ringway::wire::detail {
namespace {

constexpr unsigned size_digits_max = 16;

constexpr h1_reject bad_chunk(std::string_view reason) noexcept { return {400, reason}; }

}  // namespace

void chunk_skipper::reset() noexcept {
    step_ = step::size_start;
    extension_bytes_ = 0;
    remaining_ = 0;
    digits_ = 0;
    trailers_.reset();
}

chunk_skipper::outcome chunk_skipper::feed(std::string_view bytes,
                                           const head_limits& limits) noexcept {
    std::size_t ignored = 0;
    return advance(bytes, limits, nullptr, ignored);
}

chunk_skipper::outcome chunk_skipper::feed(std::span<char> bytes, const head_limits& limits,
                                           std::size_t& kept) noexcept {
    kept = 0;
    return advance({bytes.data(), bytes.size()}, limits, bytes.data(), kept);
}

chunk_skipper::outcome chunk_skipper::advance(std::string_view bytes, const head_limits& limits,
                                              char* content, std::size_t& kept) noexcept {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (step_ == step::trailers) {
            auto done = trailers_.feed(bytes.substr(at), limits, nullptr);
            done.consumed += at;
            return done;
        }
        if (step_ == step::data) {
            const auto taken = std::min<std::uint64_t>(remaining_, bytes.size() - at);
            if (content != nullptr && taken > 0) {
                std::memmove(content + kept, bytes.data() + at, static_cast<std::size_t>(taken));
                kept += static_cast<std::size_t>(taken);
            }
            at += static_cast<std::size_t>(taken);
            remaining_ -= taken;
            step_ = remaining_ == 0 ? step::data_cr : step::data;
            continue;
        }
        const char c = bytes[at++];
        h1_reject refused;
        if (step_ == step::size_start || step_ == step::size) {
            refused = read_size(c);
        } else if (in_extension()) {
            refused = read_extension(c);
        } else {
            refused = read_line_end(c);
        }
        if (refused) {
            return {.refused = refused};
        }
    }
    return {.refused = {}, .complete = false, .consumed = at};
}

bool chunk_skipper::in_extension() const noexcept {
    return step_ >= step::extension_name_start && step_ <= step::extension_value_end;
}

h1_reject chunk_skipper::read_size(char c) noexcept {
    const int digit = hex_value(c);
    if (digit >= 0) {
        if (++digits_ > size_digits_max) {
            return bad_chunk("chunk size too long");
        }
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
        step_ = step::size;
        return {};
    }
    if (step_ == step::size && (c == '\r' || c == ';')) {
        return end_extension(c);
    }
    return bad_chunk("bad chunk size");
}

// What may follow a chunk size or a complete extension.
h1_reject chunk_skipper::end_extension(char c) noexcept {
    switch (c) {
        case '\r': step_ = step::size_lf; return {};
        case ';': step_ = step::extension_name_start; return {};
        default: return bad_chunk("bad chunk extension");
    }
}

// chunk-ext, RFC 9112 section 7.1.1. White space, which the grammar tolerates around the marks, is
// refused before the first ';' (read_size does), where parsers are known to differ.
h1_reject chunk_skipper::read_extension(char c) noexcept {
    if (++extension_bytes_ > chunk_extension_bytes_max) {
        return bad_chunk("chunk extensions too long");
    }
    const bool space = is_ows(c);
    const bool token = token_chars.has(c);
    switch (step_) {
        case step::extension_name_start:
            step_ = token ? step::extension_name : step_;
            return token || space ? h1_reject{} : bad_chunk("bad chunk extension");
        case step::extension_name:
            if (token) {
                return {};
            }
            [[fallthrough]];
        case step::extension_name_end:
            if (space) {
                step_ = step::extension_name_end;
                return {};
            }
            if (c == '=') {
                step_ = step::extension_value_start;
                return {};
            }
            return end_extension(c);
        case step::extension_value_start:
            step_ = c == '"' ? step::extension_quoted : token ? step::extension_value : step_;
            return c == '"' || token || space ? h1_reject{} : bad_chunk("bad chunk extension");
        case step::extension_value:
            if (token) {
                return {};
            }
            [[fallthrough]];
        case step::extension_value_end:
            step_ = step::extension_value_end;
            return space ? h1_reject{} : end_extension(c);
        case step::extension_quoted:
            step_ = c == '"'    ? step::extension_value_end
                    : c == '\\' ? step::extension_escape
                                : step_;
            return is_control(c) && !space ? bad_chunk("bad chunk extension") : h1_reject{};
        case step::extension_escape:
            step_ = step::extension_quoted;
            return is_control(c) && !space ? bad_chunk("bad chunk extension") : h1_reject{};
        default: return bad_chunk("bad chunk extension");
    }
}

// The line ends after the size and after the data: CRLF and nothing else.
h1_reject chunk_skipper::read_line_end(char c) noexcept {
    const char wanted = step_ == step::data_cr ? '\r' : '\n';
    if (c != wanted) {
        return bad_chunk("bad line end in a chunk");
    }
    switch (step_) {
        case step::size_lf: step_ = remaining_ == 0 ? step::trailers : step::data; break;
        case step::data_cr: step_ = step::data_lf; break;
        default:
            step_ = step::size_start;
            digits_ = 0;
            break;
    }
    return {};
}

}  // namespace ringway::wire::detail
