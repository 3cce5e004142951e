#include <ringway/files/site_options.hpp>

#include <algorithm>
#include <array>
#include <span>

#include <ringway/http/header_list.hpp>

#include "wire/chars.hpp"

namespace ringway::files {

namespace {

// Computed by the planner or the protocol session; a second, different one would break framing,
// caching or connections.
constexpr std::array<std::string_view, 22> own_fields{
    "Accept-Ranges",  "Allow",
    "Alt-Svc",        "Cache-Control",
    "Connection",     "Content-Encoding",
    "Content-Length", "Content-Location",
    "Content-Range",  "Content-Type",
    "Date",           "ETag",
    "Keep-Alive",     "Last-Modified",
    "Location",       "Proxy-Connection",
    "Server",         "TE",
    "Trailer",        "Transfer-Encoding",
    "Upgrade",        "Age",
};

// Lists that may be spread over lines, and the one field that may be repeated without being a list.
constexpr std::array<std::string_view, 3> additive_fields{"Vary", "Link", "Set-Cookie"};

bool contains(std::span<const std::string_view> names, std::string_view name) noexcept {
    return std::ranges::any_of(
        names, [name](auto known) { return http::equal_ignoring_case(known, name); });
}

// Printable, tab or beyond ASCII; RFC 9110 section 5.5.
bool is_printable(std::string_view text) noexcept {
    return std::ranges::all_of(text,
                               [](char c) { return c == '\t' || !wire::detail::is_control(c); });
}

bool is_file_name(std::string_view name) noexcept {
    return !name.empty() && name != "." && name != ".." && !name.contains('/') &&
           !name.contains('\0');
}

}  // namespace

bool hidden_denied(std::string_view normal_path, hidden_policy policy) noexcept {
    if (policy == hidden_policy::allow) {
        return false;
    }
    constexpr std::string_view well_known = ".well-known";
    auto rest = normal_path;
    if (rest == well_known || (rest.starts_with(well_known) && rest[well_known.size()] == '/')) {
        rest.remove_prefix(well_known.size());
    }
    return rest.starts_with('.') || rest.contains("/.");
}

result<void> check_extra_header(std::string_view name, std::string_view value) noexcept {
    if (!wire::detail::is_token(name) || !is_printable(value)) {
        return fail(errc::malformed);
    }
    if (contains(own_fields, name)) {
        return fail(errc::invalid_argument);
    }
    return {};
}

result<void> check(const site_options& options) noexcept {
    if (options.extra_headers.size() > site_options::extra_headers_max) {
        return fail(errc::limit);
    }
    if (!std::ranges::all_of(options.index_names, is_file_name)) {
        return fail(errc::invalid_argument);
    }
    if (!is_printable(options.cache_control)) {
        return fail(errc::malformed);
    }
    std::size_t bytes = options.cache_control.size();
    for (const auto& header : options.extra_headers) {
        if (auto checked = check_extra_header(header.name, header.value); !checked) {
            return checked;
        }
        bytes += header.name.size() + header.value.size();
    }
    if (bytes > site_options::header_bytes_max) {
        return fail(errc::limit);
    }
    return {};
}

void add_extra_headers(const site_options& options, http::response_plan& plan) noexcept {
    for (const auto& header : options.extra_headers) {
        if (contains(additive_fields, header.name)) {
            plan.headers.add_static(header.name, header.value);
        } else {
            plan.headers.set_static(header.name, header.value);
        }
    }
}

}  // namespace ringway::files
