// Character classes of the HTTP and URI grammars, and comparing without regard to case.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringway::wire::detail {

/// A set of bytes that answers in one load.
class byte_set {
public:
    constexpr explicit byte_set(std::string_view members) noexcept {
        for (const char c : members) {
            has_[static_cast<unsigned char>(c)] = true;
        }
    }
    [[nodiscard]] constexpr bool has(char c) const noexcept {
        return has_[static_cast<unsigned char>(c)];
    }

private:
    std::array<bool, 256> has_{};
};

#define RW_WIRE_ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
/// tchar, RFC 9110 section 5.6.2.
inline constexpr byte_set token_chars{RW_WIRE_ALNUM "!#$%&'*+-.^_`|~"};
/// unreserved and sub-delims, RFC 3986 sections 2.2 and 2.3: a registered name without escapes.
inline constexpr byte_set reg_name_chars{RW_WIRE_ALNUM "-._~!$&'()*+,;="};
/// What stays as it is when a path is percent-encoded: see append_escaped_path.
inline constexpr byte_set plain_path_chars{RW_WIRE_ALNUM "-._~/!$()*+,=@"};
/// What paths and queries consist of, RFC 3986 sections 3.3 and 3.4, escapes included.
inline constexpr byte_set target_chars{RW_WIRE_ALNUM "-._~!$&'()*+,;=:@/?%"};
#undef RW_WIRE_ALNUM

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The C0 controls and DEL.
[[nodiscard]] constexpr bool is_control(char c) noexcept {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7f;
}

/// SP or HTAB, the white space of RFC 9110 section 5.6.3.
[[nodiscard]] constexpr bool is_ows(char c) noexcept { return c == ' ' || c == '\t'; }

/// A visible ASCII character.
[[nodiscard]] constexpr bool is_vchar(char c) noexcept { return c > 0x20 && c < 0x7f; }

/// The value of a hexadecimal digit, -1 for anything else.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

[[nodiscard]] constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Whether `text` is `lower` but for the case of ASCII letters; `lower` has none in upper case.
[[nodiscard]] constexpr bool same_ignoring_case(std::string_view text,
                                                std::string_view lower) noexcept {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (to_lower(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

/// `text` without the white space around it.
[[nodiscard]] constexpr std::string_view trim_ows(std::string_view text) noexcept {
    while (!text.empty() && is_ows(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_ows(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// Whether `text` is a token (RFC 9110 section 5.6.2): not empty, tchar only.
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
    for (const char c : text) {
        if (!token_chars.has(c)) {
            return false;
        }
    }
    return !text.empty();
}

/// Takes the text up to the next comma off the front of `list`, without white space around it.
/// Elements may be empty (RFC 9110 section 5.6.1.2). For lists without quoted strings.
[[nodiscard]] constexpr std::string_view take_element(std::string_view& list) noexcept {
    const auto comma = list.find(',');
    const auto element = trim_ows(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    return element;
}

}  // namespace ringway::wire::detail
