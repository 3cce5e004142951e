#include "http/client_head_text.hpp"

#include <algorithm>
#include <array>

#include "wire/chars.hpp"

namespace ringway::http::detail {
namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), wire::detail::to_lower);
    return out;
}

bool is_of_connection(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 8> names{
        "connection", "content-length",    "keep-alive", "proxy-connection",
        "te",         "transfer-encoding", "upgrade",    "http2-settings"};
    return std::ranges::any_of(
        names, [name](auto each) { return wire::detail::same_ignoring_case(name, each); });
}

bool is_host(std::string_view name) noexcept {
    return wire::detail::same_ignoring_case(name, "host");
}

// A body is announced, and so is the lack of one where a body is usual (RFC 9110 section 8.6).
bool announces_length(const client_request& asked) noexcept {
    return !asked.body.empty() || asked.method == "POST" || asked.method == "PUT" ||
           asked.method == "PATCH";
}

}  // namespace

std::string_view fault_of(const client_request& asked) noexcept {
    if (!wire::detail::is_token(asked.method) || asked.method == "CONNECT") {
        return "the method can't be asked for";
    }
    for (const client_field& each : asked.fields) {
        if (!wire::detail::is_token(each.name)) {
            return "the name of a field has characters that are not allowed";
        }
        if (is_of_connection(each.name)) {
            return "Connection, Content-Length, Transfer-Encoding and their like are not for the "
                   "asker to set";
        }
        if (std::ranges::any_of(each.value,
                                [](char c) { return wire::detail::is_control(c) && c != '\t'; })) {
            return "the value of a field has control characters";
        }
    }
    return {};
}

std::string authority_of(const client_request& asked) {
    const auto* const given = find_field(asked.fields, "host");
    return given == nullptr ? asked.target.authority() : *given;
}

std::string head_text(const client_request& asked) {
    std::string out;
    out.reserve(256);
    out.append(asked.method).append(" ").append(asked.target.target).append(" HTTP/1.1\r\nHost: ");
    out.append(authority_of(asked)).append("\r\n");
    for (const client_field& each : asked.fields) {
        if (!is_host(each.name)) {
            out.append(each.name).append(": ").append(each.value).append("\r\n");
        }
    }
    if (announces_length(asked)) {
        out.append("Content-Length: ").append(std::to_string(asked.body.size())).append("\r\n");
    }
    return out.append("\r\n");
}

std::vector<client_field> head_fields(const client_request& asked) {
    std::vector<client_field> out;
    out.reserve(asked.fields.size() + 5);
    out.push_back({":method", asked.method});
    out.push_back({":scheme", std::string{asked.target.scheme()}});
    out.push_back({":authority", authority_of(asked)});
    out.push_back({":path", asked.target.target});
    for (const client_field& each : asked.fields) {
        if (!is_host(each.name)) {
            out.push_back({lower(each.name), each.value});
        }
    }
    if (announces_length(asked)) {
        out.push_back({"content-length", std::to_string(asked.body.size())});
    }
    return out;
}

}  // namespace ringway::http::detail
