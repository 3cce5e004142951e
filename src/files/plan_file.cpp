#include <ringway/files/plan_file.hpp>

#include <array>
#include <optional>

#include <ringway/base/assert.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/wire/conditional.hpp>
#include <ringway/wire/etag.hpp>
#include <ringway/wire/range.hpp>

#include "http/text_writer.hpp"

namespace ringway::files {

namespace {

using http::request;
using http::response_plan;
using wire::field;

bool is_get_or_head(const request& asked) noexcept {
    return asked.method == wire::method_id::get || asked.method == wire::method_id::head;
}

// The line of an entity tag list that decides: the first that matches, else any, so the first.
std::optional<std::string_view> tag_list(const request& asked, field name, std::string_view etag,
                                         bool weak) noexcept {
    if (!asked.has(name)) {
        return std::nullopt;
    }
    if (asked.is_repeated(name)) {
        for (const auto& line : asked.fields) {
            if (wire::classify_field(line.name) == name &&
                (wire::is_any_etag(line.value) ||
                 wire::etag_list_matches(line.value, etag, weak))) {
                return line.value;
            }
        }
    }
    return asked.find(name);
}

std::optional<std::string_view> single(const request& asked, field name) noexcept {
    if (!asked.has(name) || asked.is_repeated(name)) {
        return std::nullopt;
    }
    return asked.find(name);
}

wire::conditions conditions_of(const request& asked, std::string_view etag) noexcept {
    return {
        .if_match = tag_list(asked, field::if_match, etag, false),
        .if_none_match = tag_list(asked, field::if_none_match, etag, true),
        .if_modified_since = single(asked, field::if_modified_since),
        .if_unmodified_since = single(asked, field::if_unmodified_since),
        .if_range = single(asked, field::if_range),
        .range = single(asked, field::range),
        .get_or_head = is_get_or_head(asked),
    };
}

wire::range_set ranges_of(const request& asked, const wire::conditions& conditions,
                          const file_facts& facts, std::int64_t now_s) noexcept {
    const bool may_apply =
        asked.method == wire::method_id::get && !asked.is_repeated(field::if_range);
    if (!may_apply || !wire::range_applies(conditions, facts.etag, facts.mtime_s, now_s)) {
        return {};
    }
    auto ranges = wire::parse_range(*conditions.range, facts.size);
    if (ranges.count > 1 && !facts.content_encoding.empty()) {
        return {};
    }
    return ranges;
}

void add_if_any(http::header_list& headers, std::string_view name,
                std::string_view value) noexcept {
    if (!value.empty()) {
        headers.add_static(name, value);
    }
}

// What caches go by: the same on every response that is about this representation.
void add_cache_fields(const file_facts& facts, http::header_list& headers) noexcept {
    if (!facts.etag.empty()) {
        headers.add("ETag", facts.etag);
    }
    add_if_any(headers, "Cache-Control", facts.cache_control);
    if (facts.vary_encoding) {
        headers.add_static("Vary", "Accept-Encoding");
    }
}

void add_last_modified(const file_facts& facts, http::header_list& headers) noexcept {
    if (!facts.last_modified.empty()) {
        headers.add("Last-Modified", facts.last_modified);
    }
}

// `length` is that of the body; `content_type` that of the message, not always that of the file.
void add_content_fields(const file_facts& facts, std::uint64_t length,
                        http::header_list& headers) noexcept {
    headers.add_number("Content-Length", length);
    add_if_any(headers, "Content-Encoding", facts.content_encoding);
    headers.add_static("Accept-Ranges", "bytes");
    headers.add_static("X-Content-Type-Options", "nosniff");
    add_last_modified(facts, headers);
    add_cache_fields(facts, headers);
}

void plan_whole(const file_facts& facts, response_plan& out) noexcept {
    out.start(200);
    add_if_any(out.headers, "Content-Type", facts.content_type);
    add_content_fields(facts, facts.size, out.headers);
    if (facts.size > 0) {
        out.body = http::slice_body{{.offset = 0, .length = facts.size}};
    }
}

void plan_part(const file_facts& facts, wire::byte_range part, response_plan& out) noexcept {
    RW_ASSERT(part.length > 0);
    RW_ASSERT(part.length <= facts.size && part.first <= facts.size - part.length);
    std::array<char, wire::content_range_bytes_max> range;
    out.start(206);
    add_if_any(out.headers, "Content-Type", facts.content_type);
    out.headers.add("Content-Range", wire::format_content_range(part, facts.size, range));
    add_content_fields(facts, part.length, out.headers);
    out.body = http::slice_body{{.offset = part.first, .length = part.length}};
}

void plan_parts(const file_facts& facts, const wire::range_set& ranges,
                response_plan& out) noexcept {
    RW_ASSERT(facts.content_encoding.empty());
    const auto boundary = http::make_boundary(facts.etag, facts.boundary_seed);
    out.start(206);
    auto& body = out.body.emplace<http::multipart_body>(
        ranges, facts.size, facts.content_type, std::string_view{boundary.data(), boundary.size()});

    http::text_writer type{out.headers.free_text()};
    type.text("multipart/byteranges; boundary=").text(body.boundary());
    RW_ASSERT(type.fits());
    out.headers.add_static("Content-Type", out.headers.keep(type.size()));
    add_content_fields(facts, body.length(), out.headers);
}

void plan_unsatisfiable(const request& asked, const file_facts& facts,
                        response_plan& out) noexcept {
    std::array<char, wire::content_range_bytes_max> range;
    http::plan_error(asked, 416, "The file has no such bytes.", out);
    out.headers.add("Content-Range", wire::format_unsatisfied_range(facts.size, range));
}

void plan_not_modified(const file_facts& facts, response_plan& out) noexcept {
    out.start(304);
    add_cache_fields(facts, out.headers);
    if (facts.etag.empty()) {  // Otherwise redundant (RFC 9110 section 15.4.5).
        add_last_modified(facts, out.headers);
    }
}

}  // namespace

void plan_file(const request& asked, const file_facts& facts, std::int64_t now_s,
               response_plan& out) noexcept {
    RW_ASSERT(is_get_or_head(asked));
    if (plan_is_plain(asked)) {
        plan_whole(facts, out);
        return;
    }
    const auto conditions = conditions_of(asked, facts.etag);
    switch (wire::evaluate(conditions, facts.etag, facts.mtime_s, now_s)) {
        case wire::precondition::failed:
            http::plan_error(asked, 412, "The file is not the one that was expected.", out);
            return;
        case wire::precondition::not_modified: plan_not_modified(facts, out); return;
        case wire::precondition::proceed: break;
    }

    const auto ranges = ranges_of(asked, conditions, facts, now_s);
    switch (ranges.verdict) {
        case wire::range_verdict::unsatisfiable: plan_unsatisfiable(asked, facts, out); return;
        case wire::range_verdict::satisfiable:
            ranges.count == 1 ? plan_part(facts, ranges.items[0], out)
                              : plan_parts(facts, ranges, out);
            break;
        case wire::range_verdict::ignore: plan_whole(facts, out); break;
    }
    if (asked.method == wire::method_id::head) {
        out.drop_body();
    }
}

bool plan_is_plain(const request& asked) noexcept {
    constexpr auto special = wire::field_bit(field::range) | wire::field_bit(field::if_match) |
                             wire::field_bit(field::if_none_match) |
                             wire::field_bit(field::if_modified_since) |
                             wire::field_bit(field::if_unmodified_since);
    // If-Range without Range means nothing (RFC 9110 section 13.1.5).
    return asked.method == wire::method_id::get && (asked.present & special) == 0;
}

}  // namespace ringway::files
