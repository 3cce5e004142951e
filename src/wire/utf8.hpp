// Recognising UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace ringway::wire::detail {

/// U+FFFD, which stands for bytes that aren't UTF-8.
inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";

/// The length of the character that `text` starts with, 1 to 4; 0 if it starts with none: the end,
/// a stray or missing continuation byte, an overlong form, a surrogate, beyond U+10FFFF.
[[nodiscard]] constexpr std::size_t utf8_length(std::string_view text) noexcept {
    const auto byte = [text](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xc0U) == 0x80; };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return text.empty() ? 0 : 1;
    }
    // The second byte decides about overlong forms, surrogates and the end of the code space.
    const unsigned lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (lead < 0xc2 || lead > 0xf4 || byte(1) < lowest || byte(1) > highest) {
        return 0;
    }
    if (lead < 0xe0) {
        return 2;
    }
    if (lead < 0xf0) {
        return follows(2) ? 3 : 0;
    }
    return follows(2) && follows(3) ? 4 : 0;
}

}  // namespace ringway::wire::detail
