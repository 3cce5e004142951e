#include <ringway/files/listing.hpp>

#include <algorithm>
#include <string>

#include <ringway/base/assert.hpp>
#include <ringway/http/header_list.hpp>
#include <ringway/wire/accept_media.hpp>

namespace ringway::files {

namespace {

// The value of the first parameter `name`; empty if there is none. What the listing looks for is
// plain ASCII that nobody has a reason to percent-encode.
std::string_view query_value(std::string_view query, std::string_view name) noexcept {
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

// What the client wants more; HTML where it says nothing, or wants both as much.
listing_format preferred_format(std::string_view accept) noexcept {
    const auto json = wire::quality_of_media(accept, "application/json");
    const auto html = wire::quality_of_media(accept, "text/html");
    if (json.thousandths != html.thousandths) {
        return json.thousandths > html.thousandths ? listing_format::json : listing_format::html;
    }
    const bool asks_for_json = json.thousandths > 0 && json.is_named && !html.is_named;
    return asks_for_json ? listing_format::json : listing_format::html;
}

}  // namespace

listing_view parse_listing_query(std::string_view query) noexcept {
    listing_view view;
    const auto key = query_value(query, "sort");
    if (key == "size") {
        view.key = listing_key::size;
    } else if (key == "time") {
        view.key = listing_key::time;
    }
    view.descending = query_value(query, "order") == "desc";
    return view;
}

std::optional<listing_format> choose_listing_format(const http::request& asked,
                                                    listing_mode mode) noexcept {
    switch (mode) {
        case listing_mode::off: return std::nullopt;
        case listing_mode::html: return listing_format::html;
        case listing_mode::json: return listing_format::json;
        case listing_mode::automatic: break;
    }
    const auto format = query_value(asked.query, "format");
    if (format == "json") {
        return listing_format::json;
    }
    if (format == "html") {
        return listing_format::html;
    }
    std::string room;
    return preferred_format(http::joined(asked, wire::field::accept, room));
}

void plan_listing(const http::request& asked, listing_mode mode, listing_format format,
                  std::string_view text, http::response_plan& out) noexcept {
    RW_ASSERT(mode != listing_mode::off);
    RW_ASSERT(!text.empty());
    out.start(200);
    out.headers.add_static("Content-Type", format == listing_format::html
                                               ? "text/html; charset=utf-8"
                                               : "application/json");
    out.headers.add_number("Content-Length", text.size());
    out.headers.add_static("Cache-Control", "no-cache");  // A directory has no validator to go by.
    out.headers.add_static("X-Content-Type-Options", "nosniff");
    if (format == listing_format::html) {
        out.headers.add_static(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'");
    }
    if (mode == listing_mode::automatic) {
        out.headers.add_static("Vary", "Accept");
    }
    if (asked.method != wire::method_id::head) {
        out.body = http::text_body{text};
    }
}

}  // namespace ringway::files
