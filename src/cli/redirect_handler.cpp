#include "cli/redirect_handler.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <ringway/http/plan_error.hpp>
#include <ringway/wire/escape.hpp>

namespace ringway::cli {
namespace {

constexpr std::string_view challenges = "/.well-known/acme-challenge/";

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A token is in the alphabet of base64url, so it can lead nowhere else (RFC 8555 section 8.3).
bool is_challenge(std::string_view path) noexcept {
    if (!path.starts_with(challenges)) {
        return false;
    }
    const auto token = path.substr(challenges.size());
    return !token.empty() &&
           std::ranges::all_of(token, [](char c) { return is_word(c) || c == '-' || c == '_'; });
}

// The host of "host:port", brackets included.
std::string_view host_of(std::string_view authority) noexcept {
    const auto colon = authority.rfind(':');
    const auto bracket = authority.rfind(']');
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool has_port = colon != std::string_view::npos &&
                          (bracket == std::string_view::npos || colon > bracket) &&
                          std::ranges::all_of(authority.substr(colon + 1), is_digit);
    return has_port ? authority.substr(0, colon) : authority;
}

std::string location_of(const http::request& asked, std::string_view host, std::uint16_t port) {
    std::string out = "https://";
    out += host;
    if (port != 443) {
        out += ':';
        out += std::to_string(port);
    }
    wire::append_escaped_target(out, asked.path);
    if (!asked.query.empty()) {
        out += '?';
        wire::append_escaped_target(out, asked.query);
    }
    return out;
}

}  // namespace

task<void> redirect_handler::respond(const http::request& asked, http::response& out) {
    if (is_challenge(asked.path)) {
        co_await site_.respond(asked, out);
        co_return;
    }
    const auto host = host_of(asked.authority);
    const auto certificates = certificates_.current();
    if (host.empty() || !asked.path.starts_with('/')) {
        http::plan_error(asked, 400, "This address only leads to https: send a Host and a path.",
                         out.plan);
    } else if (!certificates->find(host).covers(host)) {
        http::plan_error(asked, 421, "There is no certificate for this host here.", out.plan);
    } else {
        out.plan.start(308);
        out.text = location_of(asked, host, port_);
        out.plan.headers.add_static("Location", out.text);
        out.plan.headers.add_static("Content-Length", "0");
    }
}

}  // namespace ringway::cli
