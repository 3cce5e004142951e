#include "wire/authority.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

#include "wire/chars.hpp"

namespace ringway::wire::detail {
namespace {

bool is_ipv6(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
        return false;
    }
    std::ranges::copy(text, terminated.begin());
    in6_addr ignored{};
    return ::inet_pton(AF_INET6, terminated.data(), &ignored) == 1;
}

// reg-name, which IPv4 addresses are as well.
bool is_registered_name(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (reg_name_chars.has(text[i])) {
            continue;
        }
        if (text[i] != '%' || text.size() - i < 3 || hex_value(text[i + 1]) < 0 ||
            hex_value(text[i + 2]) < 0) {
            return false;
        }
        i += 2;
    }
    return !text.empty();
}

bool is_port(std::string_view text) noexcept {
    unsigned number = 0;
    for (const char c : text) {
        if (!is_digit(c)) {
            return false;
        }
        number = std::min(number * 10 + static_cast<unsigned>(c - '0'), 65536U);
    }
    return number <= 65535;
}

// Takes the host off the front of `text`; what remains is the port with its colon, or nothing.
// IPvFuture, which nobody has ever used, is refused.
bool take_host(std::string_view& text) noexcept {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        const bool valid = end != std::string_view::npos && is_ipv6(text.substr(1, end - 1));
        text.remove_prefix(valid ? end + 1 : 0);
        return valid;
    }
    const auto end = std::min(text.find(':'), text.size());
    const bool valid = is_registered_name(text.substr(0, end));
    text.remove_prefix(end);
    return valid;
}

}  // namespace

bool is_authority(std::string_view text) noexcept {
    return take_host(text) && (text.empty() || (text.front() == ':' && is_port(text.substr(1))));
}

bool is_authority_with_port(std::string_view text) noexcept {
    return take_host(text) && text.size() > 1 && text.front() == ':' && is_port(text.substr(1));
}

}  // namespace ringway::wire::detail
