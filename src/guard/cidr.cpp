#include "guard/cidr.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <fmt/core.h>
#include <optional>

namespace ringway::guard {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned mapped_bits = 96;

// Whether a bit behind `length` is set; if so it is cleared.
bool clear_behind(cidr& range) {
    bool any = false;
    for (unsigned bit = range.length; bit < range.address.size() * 8; ++bit) {
        auto& byte = range.address.at(bit / 8);
        const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
        any = any || (byte & mask) != 0;
        byte = static_cast<std::uint8_t>(byte & ~mask);
    }
    return any;
}

std::optional<unsigned> parse_length(std::string_view digits, unsigned most) {
    unsigned length = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    const bool whole = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
    if (!whole || length > most) {
        return std::nullopt;
    }
    return length;
}

}  // namespace

bool cidr::contains(const cidr& other) const noexcept {
    if (v6 != other.v6 || length > other.length) {
        return false;
    }
    return other.cut_to(length).address == address;
}

cidr cidr::cut_to(std::uint8_t bits) const noexcept {
    cidr cut = *this;
    cut.length = bits;
    clear_behind(cut);
    return cut;
}

told<cidr> parse_cidr(std::string_view text) {
    const auto slash = text.find('/');
    const std::string address{text.substr(0, slash)};
    cidr out;
    if (address.find('\0') != std::string::npos) {  // Where the C function would stop reading.
        return std::unexpected{std::string{"an address with a NUL in it"}};
    }
    if (::inet_pton(AF_INET, address.c_str(), out.address.data()) != 1) {
        out.v6 = true;
        if (::inet_pton(AF_INET6, address.c_str(), out.address.data()) != 1) {
            return std::unexpected{quoted(address) + " is no IP address"};
        }
    }
    const unsigned most = out.v6 ? 128 : 32;
    const auto length = slash == std::string_view::npos
                            ? std::optional{most}
                            : parse_length(text.substr(slash + 1), most);
    if (!length) {
        return std::unexpected{
            fmt::format("{}: the length of the prefix is 0 to {}", quoted(text), most)};
    }
    out.length = static_cast<std::uint8_t>(*length);
    if (out.v6 && *length >= mapped_bits &&
        std::equal(mapped_prefix.begin(), mapped_prefix.end(), out.address.begin())) {
        std::array<std::uint8_t, 16> v4{};
        std::copy_n(out.address.begin() + mapped_prefix.size(), 4, v4.begin());
        out = {.address = v4, .length = static_cast<std::uint8_t>(*length - mapped_bits)};
    }
    if (clear_behind(out)) {
        return std::unexpected{
            fmt::format("{} has bits set behind the length of its prefix: {} was meant?",
                        quoted(text), to_text(out))};
    }
    return out;
}

std::string quoted(std::string_view text) {
    constexpr std::size_t shown = 60;
    std::string out{"\""};
    for (const char each : text.substr(0, shown)) {
        out += each >= ' ' && each <= '~' ? each : '?';
    }
    return out + (text.size() > shown ? "...\"" : "\"");
}

std::string to_text(const cidr& range) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(range.v6 ? AF_INET6 : AF_INET, range.address.data(), text.data(), text.size());
    const bool single = range.length == (range.v6 ? 128 : 32);
    return single ? std::string{text.data()} : fmt::format("{}/{}", text.data(), range.length);
}

}  // namespace ringway::guard
