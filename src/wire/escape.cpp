#include <ringway/wire/escape.hpp>

#include "wire/chars.hpp"
#include "wire/utf8.hpp"

namespace ringway::wire {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

// "%2F" for a '/' that is not among `plain`.
void append_encoded(std::string& out, std::string_view text, const detail::byte_set& plain) {
    for (const char c : text) {
        if (plain.has(c)) {
            out += c;
            continue;
        }
        const auto code = static_cast<unsigned char>(c);
        out += '%';
        out += hex_digits[code >> 4U];
        out += hex_digits[code & 15U];
    }
}

// Without all but one of the slashes in front.
std::string_view with_one_leading_slash(std::string_view path) noexcept {
    while (path.starts_with("//")) {
        path.remove_prefix(1);
    }
    return path;
}

// Takes one character off the front of `text`, which isn't empty; U+FFFD where there is none.
std::string_view take_utf8(std::string_view& text) noexcept {
    const auto length = detail::utf8_length(text);
    const auto character = length > 0 ? text.substr(0, length) : detail::replacement_character;
    text.remove_prefix(length > 0 ? length : 1);
    return character;
}

// The named or numbered reference for a character, "" where it needs none.
std::string_view html_reference(char c) noexcept {
    switch (c) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '"': return "&quot;";
        case '\'': return "&#39;";
        default: break;
    }
    // HTML has no way to write most control characters.
    const bool space = c == '\t' || c == '\n' || c == '\r';
    return detail::is_control(c) && !space ? detail::replacement_character : std::string_view{};
}

void append_json_unicode(std::string& out, unsigned code) {
    out += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) {
        out += hex_digits[(code >> shift) & 15];
    }
}

}  // namespace

void append_escaped_path(std::string& out, std::string_view path) {
    append_encoded(out, with_one_leading_slash(path), detail::plain_path_chars);
}

void append_escaped_target(std::string& out, std::string_view part) {
    append_encoded(out, part, detail::target_chars);
}

void append_html_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto character = take_utf8(text);
        const auto reference = html_reference(character.front());
        out += reference.empty() ? character : reference;
    }
}

void append_json_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto character = take_utf8(text);
        const char c = character.front();
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (detail::is_control(c) || c == '<' || c == '>' || c == '&') {
            append_json_unicode(out, static_cast<unsigned char>(c));
        } else if (character == "\u2028") {  // Line ends in JavaScript, though not in JSON.
            append_json_unicode(out, 0x2028);
        } else if (character == "\u2029") {
            append_json_unicode(out, 0x2029);
        } else {
            out += character;
        }
    }
}

}  // namespace ringway::wire
