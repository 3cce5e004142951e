#include <ringway/wire/etag.hpp>

#include "wire/chars.hpp"
#include "wire/text_writer.hpp"

namespace ringway::wire {
namespace {

constexpr std::string_view weak_mark = "W/";
constexpr std::int64_t second_ns = 1'000'000'000;

// etagc, RFC 9110 section 8.8.3: VCHAR without the double quote, and obs-text.
bool is_etag_char(char c) noexcept {
    const auto code = static_cast<unsigned char>(c);
    return code >= 0x21 && code != 0x7f && c != '"';
}

// The length of the tag that `text` starts with, 0 if it starts with none.
std::size_t etag_length(std::string_view text) noexcept {
    std::size_t at = is_weak(text) ? weak_mark.size() : 0;
    if (at >= text.size() || text[at] != '"') {
        return 0;
    }
    for (++at; at < text.size() && is_etag_char(text[at]); ++at) {
    }
    return at < text.size() && text[at] == '"' ? at + 1 : 0;
}

std::string_view without_weak_mark(std::string_view tag) noexcept {
    return is_weak(tag) ? tag.substr(weak_mark.size()) : tag;
}

void skip_ows(std::string_view& text) noexcept {
    while (!text.empty() && detail::is_ows(text.front())) {
        text.remove_prefix(1);
    }
}

}  // namespace

bool is_etag(std::string_view tag) noexcept {
    return !tag.empty() && etag_length(tag) == tag.size();
}

bool is_weak(std::string_view tag) noexcept { return tag.starts_with(weak_mark); }

bool strong_equal(std::string_view a, std::string_view b) noexcept {
    return a == b && !is_weak(a) && is_etag(a);
}

bool weak_equal(std::string_view a, std::string_view b) noexcept {
    return without_weak_mark(a) == without_weak_mark(b) && is_etag(a);
}

bool etag_list_matches(std::string_view header, std::string_view etag, bool weak,
                       bool* malformed) noexcept {
    bool readable = true;
    bool matched = false;
    while (readable && !matched) {
        skip_ows(header);
        if (header.empty()) {
            break;
        }
        const auto length = etag_length(header);
        const auto tag = header.substr(0, length);
        matched = length > 0 && (weak ? weak_equal(tag, etag) : strong_equal(tag, etag));
        header.remove_prefix(length);
        skip_ows(header);
        readable = header.empty() || header.front() == ',';
        header.remove_prefix(header.empty() || !readable ? 0 : 1);
    }
    if (malformed != nullptr) {
        *malformed = !readable && !matched;
    }
    return matched;
}

bool is_any_etag(std::string_view header) noexcept { return header == "*"; }

std::string_view format_etag(const etag_source& source,
                             std::span<char, etag_bytes_max> out) noexcept {
    RW_ASSERT(source.variant.size() <= 8);
    detail::text_writer text{out};
    text.add("\"");
    text.add_number(source.size, 16);
    if (source.mtime_ns > second_ns) {
        text.add("-");
        text.add_number(static_cast<std::uint64_t>(source.mtime_ns), 16);
    } else {
        text.add("-c");
        text.add_number(static_cast<std::uint64_t>(source.ctime_ns), 16);
        text.add("-");
        text.add_number(source.inode, 16);
    }
    if (!source.variant.empty()) {
        text.add("-");
        text.add(source.variant);
    }
    text.add("\"");
    return text.text();
}

}  // namespace ringway::wire
