// A second reading of RFC 9112, written to be checked by eye: whole messages, no state, no limits
// but those of the text. The fuzz target holds the parser against it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringway::wire::model {

struct head {
    std::string_view method;
    std::string_view target;
    int minor = 0;
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    std::size_t size = 0;  // Up to the end of the empty line.
};

inline bool consists_of(std::string_view text, std::string_view members) {
    return text.find_first_not_of(members) == std::string_view::npos;
}

inline constexpr std::string_view digits = "0123456789";
inline constexpr std::string_view token_members =
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

inline bool is_token(std::string_view text) {
    return !text.empty() && consists_of(text, token_members);
}

inline std::string lower(std::string_view text) {
    std::string result{text};
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return result;
}

inline std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

inline bool is_request_line(std::string_view line, head& out) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return false;
    }
    out.method = line.substr(0, first);
    out.target = line.substr(first + 1, last - first - 1);
    const auto version = line.substr(last + 1);
    const bool visible =
        std::ranges::all_of(out.target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
    if (!is_token(out.method) || out.target.empty() || !visible || version.size() != 8 ||
        !version.starts_with("HTTP/1.") || !consists_of(version.substr(7), digits)) {
        return false;
    }
    out.minor = version[7] == '0' ? 0 : 1;
    return true;
}

inline bool is_field_line(std::string_view line, head& out) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return false;
    }
    const auto value = line.substr(colon + 1);
    const bool clean = std::ranges::all_of(value, [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    });
    out.fields.emplace_back(line.substr(0, colon), trim(value));
    return clean;
}

inline std::vector<std::string_view> values_of(const head& from, std::string_view name) {
    std::vector<std::string_view> values;
    for (const auto& [field, value] : from.fields) {
        if (lower(field) == name) {
            values.push_back(value);
        }
    }
    return values;
}

inline bool is_framed(const head& from) {
    const auto lengths = values_of(from, "content-length");
    const auto codings = values_of(from, "transfer-encoding");
    const auto hosts = values_of(from, "host");
    if (lengths.size() + codings.size() > 1 || hosts.size() > 1) {
        return false;
    }
    if (from.minor == 1 && hosts.empty()) {
        return false;
    }
    if (!lengths.empty() &&
        (lengths[0].empty() || lengths[0].size() > 19 || !consists_of(lengths[0], digits))) {
        return false;
    }
    return codings.empty() || (from.minor == 1 && lower(codings[0]) == "chunked");
}

/// The head that `text` starts with, if all of it is there and it is well-formed. What Host and
/// targets consist of isn't judged.
inline std::optional<head> read(std::string_view text) {
    const std::size_t skipped = text.starts_with("\r\n") ? 2 : 0;
    auto rest = text.substr(skipped);
    const auto end = rest.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    head result;
    result.size = skipped + end + 4;
    rest = rest.substr(0, end + 2);
    bool first = true;
    while (!rest.empty()) {
        const auto line_end = rest.find("\r\n");
        const auto line = rest.substr(0, line_end);
        if (line.find_first_of("\r\n") != std::string_view::npos ||
            !(first ? is_request_line(line, result) : is_field_line(line, result))) {
            return std::nullopt;
        }
        first = false;
        rest.remove_prefix(line_end + 2);
    }
    return is_framed(result) ? std::optional{result} : std::nullopt;
}

}  // namespace ringway::wire::model
