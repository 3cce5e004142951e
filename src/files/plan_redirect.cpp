#include <ringway/files/plan_redirect.hpp>

#include <optional>

#include <ringway/base/assert.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/wire/escape.hpp>

#include "http/text_writer.hpp"

namespace ringway::files {

namespace {

// RFC 3986 section 3.4. '%' stays as it is: the query was not decoded.
bool is_query_byte(char c) noexcept {
    constexpr std::string_view others = "-._~!$&'()*+,;=:@/?%";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
}

void write_query(http::text_writer& out, std::string_view query) noexcept {
    constexpr std::string_view hex = "0123456789ABCDEF";
    for (const char& c : query) {
        if (is_query_byte(c)) {
            out.text({&c, 1});
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        const char encoded[] = {'%', hex[byte >> 4U], hex[byte & 15U]};
        out.text({encoded, sizeof encoded});
    }
}

// The Location in the list's own storage; nothing if it does not fit.
std::optional<std::string_view> compose_location(const http::request& asked,
                                                 std::string_view normal_path,
                                                 http::header_list& headers) noexcept {
    const auto room = headers.free_text().first(http::header_list::text_bytes_max -
                                                http::header_list::text_bytes_reserved);
    const auto path = wire::escape_path(normal_path, room.subspan(1));
    if (!path) {
        return std::nullopt;
    }
    room[0] = '/';
    http::text_writer rest{room.subspan(1 + path->size())};
    rest.text("/");
    if (!asked.query.empty()) {
        rest.text("?");
        write_query(rest, asked.query);
    }
    if (!rest.fits()) {
        return std::nullopt;
    }
    return headers.keep(1 + path->size() + rest.size());
}

}  // namespace

void plan_redirect(const http::request& asked, std::string_view normal_path,
                   http::response_plan& out) noexcept {
    RW_ASSERT(!normal_path.empty() && normal_path.front() != '/' && normal_path.back() != '/');
    out.start(301);
    const auto location = compose_location(asked, normal_path, out.headers);
    if (!location) {
        http::plan_error(asked, 414, "The path is too long to be redirected.", out);
        return;
    }
    out.headers.add_static("Location", *location);
    out.headers.add_static("Content-Length", "0");
}

}  // namespace ringway::files
