#include "http/client_redirect.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/chars.hpp"

namespace ringway::http::detail {
namespace {

bool is_redirect(int status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::unexpected<client_failure> refuse(errc code, std::string text) {
    return std::unexpected{
        client_failure{.stage = client_stage::response, .what = {code}, .text = std::move(text)}};
}

bool is_secret(std::string_view name) noexcept {
    using wire::detail::same_ignoring_case;
    return same_ignoring_case(name, "authorization") || same_ignoring_case(name, "cookie") ||
           same_ignoring_case(name, "host");
}

bool becomes_get(int status, std::string_view method) noexcept {
    return (status == 303 && method != "HEAD") ||
           ((status == 301 || status == 302) && method == "POST");
}

}  // namespace

client_result<std::optional<client_request>> plan_redirect(const client_request& asked,
                                                           const client_head& answer,
                                                           unsigned so_far,
                                                           const client_options& options) {
    const auto* const location = find_field(answer.fields, "location");
    if (!is_redirect(answer.status) || location == nullptr || options.redirects_max == 0) {
        return std::nullopt;
    }
    if (so_far == options.redirects_max) {
        return refuse(errc::limit, "more than " + std::to_string(options.redirects_max) +
                                       " redirects; the last led to " + *location);
    }
    std::string_view reason;
    auto to = wire::resolve_url(asked.target, *location, &reason);
    if (!to) {
        return refuse(errc::malformed, "redirected to " + *location + ": " + std::string{reason});
    }
    if (asked.target.secure && !to->secure && !options.allow_downgrade) {
        return refuse(errc::not_permitted, "redirected from https to " + to->text() +
                                               ", where anybody could read along");
    }
    client_request next = asked;
    if (becomes_get(answer.status, asked.method)) {
        next.method = "GET";
        next.body.clear();
        std::erase_if(next.fields, [](const client_field& each) {
            return wire::detail::same_ignoring_case(each.name, "content-type");
        });
    }
    if (to->origin() != asked.target.origin()) {
        std::erase_if(next.fields, [](const client_field& each) { return is_secret(each.name); });
    }
    next.target = *std::move(to);
    return next;
}

}  // namespace ringway::http::detail
