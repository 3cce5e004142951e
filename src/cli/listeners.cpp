#include "cli/listeners.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ringway::cli {
namespace {

constexpr std::string_view get_certificate = "--tls self, or --tls CERT,KEY";

// The address as IPv6, where IPv4 has its place too (RFC 4291 section 2.5.5.2).
in6_addr address_of(const endpoint& where) noexcept {
    in6_addr out{};
    if (where.family() == AF_INET6) {
        out = reinterpret_cast<const sockaddr_in6*>(where.address())->sin6_addr;
    } else if (where.family() == AF_INET) {
        out.s6_addr[10] = 0xff;
        out.s6_addr[11] = 0xff;
        out.s6_addr32[3] = reinterpret_cast<const sockaddr_in*>(where.address())->sin_addr.s_addr;
    }
    return out;
}

bool is_unspecified(const endpoint& where) noexcept {
    const in6_addr address = address_of(where);
    return where.is_every_address() || IN6_IS_ADDR_UNSPECIFIED(&address) ||
           (where.family() == AF_INET && address.s6_addr32[3] == 0);
}

// Whether a connection to one of them may be one to the other.
bool overlap(const endpoint& a, const endpoint& b) noexcept {
    if (!a.is_ip() || !b.is_ip()) {
        return a.is_unix() && b.is_unix() && a.path() == b.path();
    }
    const in6_addr one = address_of(a);
    const in6_addr other = address_of(b);
    return a.port() == b.port() && a.port() != 0 &&
           (is_unspecified(a) || is_unspecified(b) || IN6_ARE_ADDR_EQUAL(&one, &other));
}

endpoint parsed_endpoint(std::string_view text) {
    return parse_endpoint(text).value_or(endpoint{});
}

const planned_listener* find_overlap(const std::vector<planned_listener>& listeners,
                                     const std::string& other) {
    const endpoint where = parsed_endpoint(other);
    const auto found = std::ranges::find_if(listeners, [&where](const planned_listener& each) {
        return overlap(parsed_endpoint(each.endpoint), where);
    });
    return found == listeners.end() ? nullptr : &*found;
}

// Two sockets that only this program would have there. The wildcards of IPv4 and IPv6 go together.
std::optional<reply> check_distinct(const std::vector<planned_listener>& listeners) {
    for (auto second = listeners.begin(); second != listeners.end(); ++second) {
        const endpoint where = parsed_endpoint(second->endpoint);
        const auto first = std::find_if(listeners.begin(), second, [&where](const auto& each) {
            const endpoint earlier = parsed_endpoint(each.endpoint);
            return overlap(earlier, where) &&
                   (earlier.family() == where.family() || earlier.is_every_address() ||
                    where.is_every_address());
        });
        if (first != second) {
            return usage_error(
                fmt::format("--listen {} overlaps --listen {}; leave one of them out",
                            second->endpoint, first->endpoint));
        }
    }
    return std::nullopt;
}

std::optional<reply> check_tls(const serve_options& options,
                               const std::vector<planned_listener>& listeners) {
    const auto tls = std::ranges::find_if(listeners, &planned_listener::tls);
    if (!options.tls.wanted()) {
        if (tls != listeners.end()) {
            return usage_error(fmt::format("--listen https://{} needs a certificate: {}",
                                           tls->endpoint, get_certificate));
        }
        if (options.tls.hsts.count() != 0) {
            return usage_error(fmt::format("--hsts needs https: {}", get_certificate));
        }
        if (options.tls.oldest_given) {
            return usage_error(fmt::format("--tls-min needs https: {}", get_certificate));
        }
        return std::nullopt;
    }
    if (tls == listeners.end()) {
        return usage_error(
            "--tls is given, but every --listen address begins with http://; leave that out for "
            "one of them");
    }
    return std::nullopt;
}

std::optional<reply> check_redirect(const serve_options& options,
                                    const std::vector<planned_listener>& listeners) {
    const std::string& redirect = options.tls.http_redirect;
    if (redirect.empty()) {
        return std::nullopt;
    }
    if (!options.tls.wanted()) {
        return usage_error(
            fmt::format("--http-redirect needs https to lead to: {}", get_certificate));
    }
    if (std::ranges::none_of(listeners, [](const planned_listener& each) {
            return each.tls && parsed_endpoint(each.endpoint).is_ip();
        })) {
        return usage_error(
            "--http-redirect needs an address on https to lead to, not a Unix socket: --listen "
            ":443");
    }
    if (const auto* const same = find_overlap(listeners, redirect)) {
        return usage_error(
            fmt::format("--http-redirect {} overlaps --listen {}; give it a port of "
                        "its own",
                        redirect, same->endpoint));
    }
    return std::nullopt;
}

std::optional<reply> check_admin(const serve_options& options,
                                 const std::vector<planned_listener>& listeners) {
    if (options.admin.empty() || options.admin_public) {
        return std::nullopt;
    }
    auto all = listeners;
    if (!options.tls.http_redirect.empty()) {
        all.push_back({options.tls.http_redirect, false});
    }
    if (const auto* const same = find_overlap(all, options.admin)) {
        return usage_error(
            fmt::format("--admin {} overlaps the site's {}; give it a port of its "
                        "own (or --admin-public)",
                        options.admin, same->endpoint));
    }
    if (!is_private(parsed_endpoint(options.admin))) {
        return usage_error(fmt::format(
            "--admin {} lets other machines read metrics; use 127.0.0.1, a Unix socket, or "
            "--admin-public if that is wanted",
            options.admin));
    }
    return std::nullopt;
}

}  // namespace

bool is_private(const endpoint& where) noexcept {
    const in6_addr address = address_of(where);
    return where.is_unix() || (!where.is_every_address() &&
                               (IN6_IS_ADDR_LOOPBACK(&address) ||
                                (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127)));
}

scheme_and_endpoint split_scheme(std::string_view text) noexcept {
    for (const std::string_view scheme : {"https", "http"}) {
        if (text.starts_with(scheme) && text.substr(scheme.size()).starts_with("://")) {
            auto endpoint = text.substr(scheme.size() + 3);
            if (endpoint.ends_with('/') && !endpoint.starts_with("unix:")) {
                endpoint.remove_suffix(1);
            }
            return {scheme, endpoint};
        }
    }
    return {"", text};
}

std::vector<planned_listener> plan_listeners(const serve_options& options) {
    std::vector<planned_listener> out;
    for (const auto& text : options.listen) {
        const auto split = split_scheme(text);
        out.push_back({std::string{split.endpoint},
                       split.scheme.empty() ? options.tls.wanted() : split.scheme == "https"});
    }
    return out;
}

std::optional<reply> check_listeners(const serve_options& options) {
    const auto listeners = plan_listeners(options);
    auto wrong = check_distinct(listeners);
    wrong = wrong ? wrong : check_tls(options, listeners);
    wrong = wrong ? wrong : check_redirect(options, listeners);
    return wrong ? wrong : check_admin(options, listeners);
}

}  // namespace ringway::cli
