#include <ringway/http/response_plan.hpp>

#include <algorithm>
#include <limits>

#include <ringway/base/assert.hpp>

#include "http/text_writer.hpp"

namespace ringway::http {

namespace {

// The finaliser of SplitMix64: every bit of the input reaches every bit of the result.
std::uint64_t mix(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

void write_hex(std::uint64_t value, std::span<char, 16> out) noexcept {
    for (std::size_t i = out.size(); i-- > 0; value >>= 4U) {
        out[i] = "0123456789abcdef"[value & 15U];
    }
}

}  // namespace

multipart_body::multipart_body(const wire::range_set& ranges, std::uint64_t file_size,
                               std::string_view content_type, std::string_view boundary) noexcept
    : ranges_{ranges}, content_type_{content_type}, file_size_{file_size} {
    RW_ASSERT(ranges.count >= 2);
    RW_ASSERT(boundary.size() == boundary_bytes);
    RW_ASSERT(content_type.size() <= content_type_bytes_max);
    std::ranges::copy(boundary, boundary_.begin());

    // Measured by what writes it later, so that the two can't disagree.
    std::array<char, part_head_bytes_max> scratch;
    for (std::size_t i = 0; i < part_count(); ++i) {
        const auto slice = part(i);
        RW_ASSERT(slice.length <= file_size && slice.offset <= file_size - slice.length);
        const auto bytes = write_part_head(i, scratch) + slice.length;
        RW_ASSERT(bytes <= std::numeric_limits<std::int64_t>::max() - length_);
        length_ += bytes;
    }
    length_ += write_tail(scratch);
}

file_slice multipart_body::part(std::size_t index) const noexcept {
    RW_ASSERT(index < part_count());
    const auto& range = ranges_.items[index];
    return {.offset = range.first, .length = range.length};
}

std::size_t multipart_body::write_part_head(std::size_t index, std::span<char> out) const noexcept {
    RW_ASSERT(index < part_count());
    std::array<char, wire::content_range_bytes_max> range;
    text_writer head{out};
    // The line break in front of a boundary belongs to the boundary (RFC 2046 section 5.1.1); the
    // first one has nothing to be set off from.
    head.text(index == 0 ? "--" : "\r\n--").text(boundary());
    if (!content_type_.empty()) {
        head.text("\r\nContent-Type: ").text(content_type_);
    }
    head.text("\r\nContent-Range: ")
        .text(wire::format_content_range(ranges_.items[index], file_size_, range))
        .text("\r\n\r\n");
    return head.fits() ? head.size() : 0;
}

std::size_t multipart_body::write_tail(std::span<char> out) const noexcept {
    text_writer tail{out};
    tail.text("\r\n--").text(boundary()).text("--\r\n");
    return tail.fits() ? tail.size() : 0;
}

std::array<char, multipart_body::boundary_bytes> make_boundary(std::string_view etag,
                                                               std::uint64_t seed) noexcept {
    std::uint64_t high = mix(seed);
    for (const char c : etag) {
        high = mix(high ^ static_cast<unsigned char>(c));
    }
    std::array<char, multipart_body::boundary_bytes> text;
    write_hex(high, std::span{text}.first<16>());
    write_hex(mix(high ^ seed), std::span{text}.last<16>());
    return text;
}

std::uint64_t length_of(const payload& body) noexcept {
    struct measure {
        std::uint64_t operator()(const no_body&) const noexcept { return 0; }
        std::uint64_t operator()(const text_body& b) const noexcept { return b.text.size(); }
        std::uint64_t operator()(const slice_body& b) const noexcept { return b.slice.length; }
        std::uint64_t operator()(const multipart_body& b) const noexcept { return b.length(); }
    };
    return std::visit(measure{}, body);
}

void response_plan::start(int new_status) noexcept {
    RW_ASSERT(new_status >= 100 && new_status <= 599);
    status = new_status;
    close = false;
    headers.clear();
    body = no_body{};
}

}  // namespace ringway::http
