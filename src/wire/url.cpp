#include <ringway/wire/url.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <vector>

#include "wire/authority.hpp"
#include "wire/chars.hpp"

namespace ringway::wire {
namespace {

using detail::hex_value;
using detail::same_ignoring_case;

// What stands in a path or a query as it is (section 3.3), '%' included.
constexpr detail::byte_set target_chars{
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?%[]|"};

std::unexpected<error> refuse(std::string_view* reason, std::string_view why) noexcept {
    if (reason != nullptr) {
        *reason = why;
    }
    return fail(errc::malformed);
}

bool has_control(std::string_view text) noexcept {
    return std::ranges::any_of(text, [](char c) { return detail::is_control(c); });
}

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (target_chars.has(c)) {
            out += c;
        } else {
            const auto code = static_cast<unsigned char>(c);
            out += {'%', digits[code >> 4U], digits[code & 15U]};
        }
    }
    return out;
}

bool is_dots(std::string_view segment, std::string_view dots) noexcept {
    std::string plain;
    while (!segment.empty()) {  // "%2e" is "." (section 6.2.2.2), as every browser knows.
        const bool escaped = segment.size() >= 3 && same_ignoring_case(segment.substr(0, 3), "%2e");
        plain += escaped ? '.' : segment.front();
        segment.remove_prefix(escaped ? 3 : 1);
        if (plain.size() > dots.size()) {
            return false;
        }
    }
    return plain == dots;
}

// Section 5.2.4.
std::string without_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    bool open_end = false;  // What ended in a dot segment ends in a slash.
    for (bool more = true; more;) {
        const auto slash = path.find('/');
        const auto segment = path.substr(0, slash);
        more = slash != std::string_view::npos;
        path.remove_prefix(more ? slash + 1 : path.size());
        open_end = is_dots(segment, ".") || is_dots(segment, "..");
        if (is_dots(segment, "..") && kept.size() > 1) {
            kept.pop_back();
        } else if (!open_end) {
            kept.push_back(segment);
        }
    }
    std::string out;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        out += i == 0 ? "" : "/";
        out += kept[i];
    }
    if (open_end || out.empty()) {
        out += '/';
    }
    return out;
}

std::string target_of(std::string_view path, std::string_view query_with_mark) {
    return encoded(without_dot_segments(path)) + encoded(query_with_mark);
}

std::string_view until(std::string_view text, std::string_view marks) noexcept {
    return text.substr(0, std::min(text.find_first_of(marks), text.size()));
}

// The host and the port, "[::1]:8080".
result<void> read_authority(std::string_view text, url& into, std::string_view* reason) {
    if (text.find('@') != std::string_view::npos) {
        return refuse(reason, "a URL with a user name in it is refused: it often misleads");
    }
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
        return refuse(reason,
                      "the host's name is not ASCII: write it as DNS has it, which begins with "
                      "xn--");
    }
    if (text.find('%') != std::string_view::npos) {
        return refuse(reason, "the host's name has a percent sign in it");
    }
    if (!detail::is_authority(text)) {
        return refuse(reason, "host and port make no sense");
    }
    into.is_ipv6 = text.starts_with('[');
    const auto host_end = into.is_ipv6 ? text.find(']') + 1 : std::min(text.find(':'), text.size());
    const auto host = into.is_ipv6 ? text.substr(1, host_end - 2) : text.substr(0, host_end);
    into.host.clear();
    for (const char c : host) {
        into.host += detail::to_lower(c);
    }
    const auto port = text.substr(std::min(host_end + 1, text.size()));
    into.port = into.default_port();
    if (!port.empty()) {
        std::from_chars(port.data(), port.data() + port.size(), into.port);
        if (into.port == 0) {
            return refuse(reason, "port 0 is no port to connect to");
        }
    }
    return {};
}

// What stands behind "http:", from "//" on.
result<url> read_rest(bool secure, std::string_view text, std::string_view* reason) {
    url made{.secure = secure};
    if (!text.starts_with("//")) {
        return refuse(reason, "two slashes are missing behind the scheme");
    }
    text.remove_prefix(2);
    const auto authority = until(text, "/?");
    if (const auto read = read_authority(authority, made, reason); !read) {
        return std::unexpected{read.error()};
    }
    text.remove_prefix(authority.size());
    const auto path = until(text, "?");
    made.target = target_of(path.empty() ? "/" : path, text.substr(path.size()));
    return made;
}

std::string_view scheme_of(std::string_view text) noexcept {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.find_first_of("/?") < colon) {
        return {};
    }
    return text.substr(0, colon);
}

result<std::string_view> checked(std::string_view text, std::string_view* reason) {
    text = detail::trim_ows(text);
    if (text.size() > url_bytes_max) {
        return refuse(reason, "the URL is too long");
    }
    if (has_control(text)) {
        return refuse(reason, "there is a control character in the URL");
    }
    return until(text, "#");
}

}  // namespace

std::string_view url::path() const noexcept { return until(target, "?"); }

std::string url::authority() const {
    std::string out = is_ipv6 ? "[" + host + "]" : host;
    if (port != default_port()) {
        out += ":" + std::to_string(port);
    }
    return out;
}

std::string url::origin() const { return std::string{scheme()} + "://" + authority(); }

std::string url::text() const { return origin() + target; }

result<url> parse_url(std::string_view text, std::string_view* reason) {
    const auto usable = checked(text, reason);
    if (!usable) {
        return std::unexpected{usable.error()};
    }
    const auto scheme = scheme_of(*usable);
    if (same_ignoring_case(scheme, "http") || same_ignoring_case(scheme, "https")) {
        return read_rest(scheme.size() == 5, usable->substr(scheme.size() + 1), reason);
    }
    if (usable->find("://") != std::string_view::npos) {
        return refuse(reason, "only http:// and https:// are spoken here");
    }
    return refuse(reason, "write http:// or https:// in front");
}

result<url> resolve_url(const url& base, std::string_view reference, std::string_view* reason) {
    const auto usable = checked(reference, reason);
    if (!usable) {
        return std::unexpected{usable.error()};
    }
    std::string_view text = *usable;
    if (!scheme_of(text).empty()) {
        return parse_url(text, reason);
    }
    if (text.starts_with("//")) {
        return read_rest(base.secure, text, reason);
    }
    url made = base;
    if (text.empty()) {
        return made;
    }
    const auto path = until(text, "?");
    const auto query = text.substr(path.size());
    if (path.empty()) {
        made.target = std::string{base.path()} + encoded(query);
    } else if (path.starts_with('/')) {
        made.target = target_of(path, query);
    } else {
        const auto folder = base.path().substr(0, base.path().rfind('/') + 1);
        made.target = target_of(std::string{folder}.append(path), query);
    }
    return made;
}

std::string file_name_of(const url& of) {
    const auto path = of.path();
    const auto segment = path.substr(path.rfind('/') + 1);
    std::string name;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        const int high = i + 2 < segment.size() ? hex_value(segment[i + 1]) : -1;
        const int low = i + 2 < segment.size() ? hex_value(segment[i + 2]) : -1;
        if (segment[i] == '%' && high >= 0 && low >= 0) {
            name += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            name += segment[i];
        }
    }
    const bool usable = name != "." && name != ".." && name.size() <= 255 && !has_control(name) &&
                        name.find('/') == std::string::npos;
    return usable ? name : std::string{};
}

}  // namespace ringway::wire
