// The decision what to answer for a file that has been opened.
#pragma once

#include <cstdint>
#include <string_view>

#include <ringway/http/request.hpp>
#include <ringway/http/response_plan.hpp>

namespace ringway::files {

/// What a plan needs to know of an opened file.
/// Lifetime: `content_type`, `content_encoding` and `cache_control` must outlive the plan, they are
/// borrowed; the other texts are copied.
struct file_facts {
    std::uint64_t size = 0;               ///< Bytes of the representation, that is, as encoded.
    std::int64_t mtime_s = 0;             ///< Seconds since 1970.
    std::string_view etag = {};           ///< Quoted entity tag; "" = none.
    std::string_view last_modified = {};  ///< `mtime_s` as HTTP date, not in the future; "" = none.
    std::string_view content_type = {};   ///< "" = none; at most 256 bytes.
    std::string_view content_encoding = {};  ///< "br", "zstd", "gzip"; "" for the file as it is.
    bool vary_encoding = false;              ///< Another Accept-Encoding could get another variant.
    std::string_view cache_control = {};     ///< "" = none.
    /// Unpredictable and different for each response: makes multipart boundaries that cannot be
    /// put into a file on purpose.
    std::uint64_t boundary_seed = 0;
};

/// Plans the response to a GET or HEAD for a file with these `facts`: 200, 206 with one part or as
/// multipart/byteranges, 304, 412 or 416.
///
/// Pure: no I/O, no clock, no allocation, no failure. `now_s`, seconds since 1970, decides whether
/// a date is old enough to be a strong validator.
///
/// - Preconditions in the order of RFC 9110 section 13.2.2. Several lines of If-Match or
///   If-None-Match are one list; several lines of a field that can have one value only are no
///   valid value, hence ignored (sections 5.3 and 13.1.3).
/// - Range counts for GET only (section 14.2). Several parts of an encoded variant are answered
///   with the whole of it, because a Content-Encoding would be taken to be that of the multipart.
/// - Vary, Cache-Control and ETag are the same on 200, 206 and 304 (section 15.4.5).
///
/// Requires another method to have been answered before (`plan_method`).
void plan_file(const http::request& asked, const file_facts& facts, std::int64_t now_s,
               http::response_plan& out) noexcept;

/// Whether the answer can only be the whole file with 200, whatever the file: a GET without Range
/// and without conditions. Such a response may be kept ready-made.
[[nodiscard]] bool plan_is_plain(const http::request& asked) noexcept;

}  // namespace ringway::files
