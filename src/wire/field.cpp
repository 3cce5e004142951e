#include <ringway/wire/field.hpp>

#include <array>
#include <cstddef>

namespace ringway::wire {
namespace {

// A name in lower case with, for each byte, the bits that may differ: the case bit of letters.
// Comparing is one pass without branches, which the compiler turns into a few wide operations.
template <std::size_t N>
struct known_name {
    std::array<unsigned char, N> text{};
    std::array<unsigned char, N> care{};

    consteval known_name(const char (&lower)[N + 1]) {
        for (std::size_t i = 0; i < N; ++i) {
            const bool letter = lower[i] >= 'a' && lower[i] <= 'z';
            text[i] = static_cast<unsigned char>(lower[i]);
            care[i] = letter ? 0xdf : 0xff;
        }
    }
};
template <std::size_t N>
known_name(const char (&)[N]) -> known_name<N - 1>;

template <known_name Name>
bool is(std::string_view name) noexcept {
    unsigned differing = 0;
    for (std::size_t i = 0; i < Name.text.size(); ++i) {
        const auto bits = static_cast<unsigned char>(name[i]) ^ Name.text[i];
        differing |= static_cast<unsigned>(bits) & Name.care[i];
    }
    return differing == 0;
}

}  // namespace

field classify_field(std::string_view name) noexcept {
    switch (name.size()) {
        case 2: return is<"te">(name) ? field::te : field::other;
        case 4: return is<"host">(name) ? field::host : field::other;
        case 5: return is<"range">(name) ? field::range : field::other;
        case 6:
            return is<"accept">(name)   ? field::accept
                   : is<"expect">(name) ? field::expect
                                        : field::other;
        case 7:
            return is<"referer">(name)   ? field::referer
                   : is<"upgrade">(name) ? field::upgrade
                                         : field::other;
        case 8:
            return is<"if-match">(name)   ? field::if_match
                   : is<"if-range">(name) ? field::if_range
                                          : field::other;
        case 10:
            return is<"user-agent">(name)   ? field::user_agent
                   : is<"connection">(name) ? field::connection
                                            : field::other;
        case 13: return is<"if-none-match">(name) ? field::if_none_match : field::other;
        case 14: return is<"content-length">(name) ? field::content_length : field::other;
        case 15: return is<"accept-encoding">(name) ? field::accept_encoding : field::other;
        case 17:
            return is<"if-modified-since">(name)   ? field::if_modified_since
                   : is<"transfer-encoding">(name) ? field::transfer_encoding
                                                   : field::other;
        case 19: return is<"if-unmodified-since">(name) ? field::if_unmodified_since : field::other;
        default: return field::other;
    }
}

std::string_view name_of(field name) noexcept {
    static constexpr std::array<std::string_view, field_count> names{"accept",
                                                                     "accept-encoding",
                                                                     "connection",
                                                                     "content-length",
                                                                     "expect",
                                                                     "host",
                                                                     "if-match",
                                                                     "if-modified-since",
                                                                     "if-none-match",
                                                                     "if-range",
                                                                     "if-unmodified-since",
                                                                     "range",
                                                                     "referer",
                                                                     "te",
                                                                     "transfer-encoding",
                                                                     "upgrade",
                                                                     "user-agent"};
    const auto index = static_cast<std::size_t>(name);
    return index < names.size() ? names[index] : "other";
}

}  // namespace ringway::wire
