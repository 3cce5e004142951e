#include <ringway/http/plan_error.hpp>

#include <string>

#include <ringway/base/assert.hpp>
#include <ringway/wire/accept_media.hpp>
#include <ringway/wire/h1_response.hpp>

#include "http/text_writer.hpp"

namespace ringway::http {

namespace {

constexpr std::string_view page_head =
    "<!doctype html><html lang=en><meta charset=utf-8>"
    "<meta name=viewport content=\"width=device-width\"><style>:root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem}"
    "h1{font-size:1.5rem;font-weight:600}p{opacity:.75}</style><title>";

// The page has no scripts, images or frames; the policy holds it to that.
constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

void write_escaped(text_writer& out, std::string_view text) noexcept {
    for (const char& c : text) {
        switch (c) {
            case '<': out.text("&lt;"); break;
            case '>': out.text("&gt;"); break;
            case '&': out.text("&amp;"); break;
            case '"': out.text("&quot;"); break;
            case '\'': out.text("&#39;"); break;
            default: out.text(c >= ' ' && c <= '~' ? std::string_view{&c, 1} : "?");
        }
    }
}

void write_status(text_writer& out, int status) noexcept {
    out.number(static_cast<std::uint64_t>(status));
    if (const auto phrase = wire::reason_phrase(status); !phrase.empty()) {
        out.text(" ").text(phrase);
    }
}

void write_page(text_writer& out, int status, std::string_view detail) noexcept {
    out.text(page_head);
    write_status(out, status);
    out.text("</title><h1>");
    write_status(out, status);
    out.text("</h1>");
    if (!detail.empty()) {
        out.text("<p>");
        write_escaped(out, detail);
    }
    out.text("\n");
}

void write_plain(text_writer& out, int status, std::string_view detail) noexcept {
    write_status(out, status);
    out.text("\n");
    for (const char& c : detail) {
        out.text(c >= ' ' && c <= '~' ? std::string_view{&c, 1} : "?");
    }
    out.text(detail.empty() ? "" : "\n");
}

void plan(int status, std::string_view detail, bool html, response_plan& out) noexcept {
    RW_ASSERT(status >= 400);
    out.start(status);
    detail = detail.substr(0, error_detail_bytes_max);
    text_writer text{out.headers.free_text()};
    html ? write_page(text, status, detail) : write_plain(text, status, detail);
    RW_ASSERT(text.fits());
    out.body = text_body{out.headers.keep(text.size())};

    out.headers.add_static("Content-Type",
                           html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8");
    out.headers.add_number("Content-Length", text.size());
    out.headers.add_static("X-Content-Type-Options", "nosniff");
    if (html) {
        out.headers.add_static("Content-Security-Policy", page_policy);
    }
}

}  // namespace

void plan_error(const request& asked, int status, std::string_view detail,
                response_plan& out) noexcept {
    plan(status, detail, wants_html(asked), out);
    out.headers.add_static("Vary", "Accept");  // Caches keep a 404 on their own account.
    if (asked.method == wire::method_id::head) {
        out.drop_body();
    }
}

void plan_error(int status, std::string_view detail, response_plan& out) noexcept {
    plan(status, detail, false, out);
}

bool wants_html(const request& asked) noexcept {
    std::string room;
    const auto html = wire::quality_of_media(joined(asked, wire::field::accept, room), "text/html");
    return html.is_named && html.thousandths > 0;
}

void plan_misdirected(response_plan& plan) {
    plan_error(421, "This name has a certificate of its own: ask on a connection for it.", plan);
}

}  // namespace ringway::http
