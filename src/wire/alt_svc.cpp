#include <ringway/wire/alt_svc.hpp>

#include <charconv>
#include <optional>

#include "wire/authority.hpp"
#include "wire/chars.hpp"

namespace ringway::wire {
namespace {

using detail::hex_value;

void skip_space(std::string_view& text) noexcept {
    while (!text.empty() && detail::is_ows(text.front())) {
        text.remove_prefix(1);
    }
}

bool take(std::string_view& text, char wanted) noexcept {
    if (!text.starts_with(wanted)) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::string_view take_token(std::string_view& text) noexcept {
    std::size_t size = 0;
    while (size < text.size() && detail::token_chars.has(text[size])) {
        ++size;
    }
    const auto token = text.substr(0, size);
    text.remove_prefix(size);
    return token;
}

// A quoted string without its quotes and backslashes (RFC 9110 section 5.6.4).
std::optional<std::string> take_quoted(std::string_view& text) {
    if (!take(text, '"')) {
        return std::nullopt;
    }
    std::string out;
    while (!text.empty()) {
        char c = text.front();
        text.remove_prefix(1);
        if (c == '"') {
            return out;
        }
        if (c == '\\') {
            if (text.empty()) {
                return std::nullopt;
            }
            c = text.front();
            text.remove_prefix(1);
        }
        out += c;
    }
    return std::nullopt;
}

std::string decoded(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool escaped = token[i] == '%' && i + 2 < token.size() &&
                             hex_value(token[i + 1]) >= 0 && hex_value(token[i + 2]) >= 0;
        out += escaped ? static_cast<char>(hex_value(token[i + 1]) * 16 + hex_value(token[i + 2]))
                       : token[i];
        i += escaped ? 2 : 0;
    }
    return out;
}

// [ uri-host ] ":" port
bool read_place(std::string_view text, alternative& into) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return false;
    }
    const auto host = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), into.port);
    if (read.ec != std::errc{} || read.ptr != port.data() + port.size() || into.port == 0 ||
        (!host.empty() && !detail::is_authority(host))) {
        return false;
    }
    into.host = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
    return true;
}

// *( OWS ";" OWS parameter ); only "ma" is of interest.
bool take_parameters(std::string_view& text, alternative& into) {
    for (;;) {
        auto rest = text;
        skip_space(rest);
        if (!take(rest, ';')) {
            return true;
        }
        skip_space(rest);
        const auto name = take_token(rest);
        if (name.empty() || !take(rest, '=')) {
            return false;
        }
        std::string value;
        if (rest.starts_with('"')) {
            auto quoted = take_quoted(rest);
            if (!quoted) {
                return false;
            }
            value = *std::move(quoted);
        } else {
            value = take_token(rest);
        }
        if (name == "ma") {
            const auto read =
                std::from_chars(value.data(), value.data() + value.size(), into.max_age_s);
            if (read.ec == std::errc::result_out_of_range) {
                into.max_age_s = UINT32_MAX;
            } else if (read.ec != std::errc{} || read.ptr != value.data() + value.size()) {
                return false;
            }
        }
        text = rest;
    }
}

bool take_alternative(std::string_view& text, alternative& into) {
    into.protocol = decoded(take_token(text));
    if (into.protocol.empty() || !take(text, '=')) {
        return false;
    }
    const auto place = take_quoted(text);
    return place && read_place(*place, into) && take_parameters(text, into);
}

}  // namespace

alt_svc parse_alt_svc(std::string_view value) {
    alt_svc out;
    std::string_view text = detail::trim_ows(value);
    if (text == "clear") {
        out.clear = true;
        return out;
    }
    while (!text.empty() && out.alternatives.size() < alternatives_max) {
        alternative next;
        if (!take_alternative(text, next)) {
            break;
        }
        out.alternatives.push_back(std::move(next));
        skip_space(text);
        if (!take(text, ',')) {
            break;
        }
        skip_space(text);
    }
    return out;
}

}  // namespace ringway::wire
