// What a response will be, decided before a byte of it moves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include <ringway/http/header_list.hpp>
#include <ringway/transfer/payload.hpp>
#include <ringway/wire/range.hpp>

namespace ringway::http {

/// The head alone: HEAD, 204, 304, and bodies of length 0.
struct no_body {};

/// Bytes in memory. Lifetime: `text` is static, kept in the plan's own header list, or owned by
/// whoever produced the plan until the response is done. Never empty.
struct text_body {
    std::string_view text;
};

/// A part of the file that the plan was made for. Never empty.
struct slice_body {
    file_slice slice;
};

/// Several parts of a file as multipart/byteranges (RFC 9110 section 14.6).
///
/// On the wire it is, for each part, what `write_part_head` writes and the bytes of `part`, and
/// then what `write_tail` writes: `length()` bytes in all.
class multipart_body {
public:
    static constexpr std::size_t boundary_bytes = 32;
    static constexpr std::size_t content_type_bytes_max = 256;
    /// Room that is enough for each part head and for the tail.
    static constexpr std::size_t part_head_bytes_max = 512;

    /// `ranges` is satisfiable, with two parts or more, inside a file of `file_size` bytes;
    /// `boundary` has `boundary_bytes` characters; `content_type` is that of the file, "" for none,
    /// and outlives the plan.
    multipart_body(const wire::range_set& ranges, std::uint64_t file_size,
                   std::string_view content_type, std::string_view boundary) noexcept;

    /// Bytes of the whole body: the Content-Length.
    [[nodiscard]] std::uint64_t length() const noexcept { return length_; }

    [[nodiscard]] std::size_t part_count() const noexcept { return ranges_.count; }

    /// The bytes of the file that belong to part `index`.
    [[nodiscard]] file_slice part(std::size_t index) const noexcept;

    /// Writes what stands before part `index`: boundary, Content-Type, Content-Range. Returns the
    /// bytes written, 0 if `out` is too small, which `part_head_bytes_max` bytes never are.
    [[nodiscard]] std::size_t write_part_head(std::size_t index,
                                              std::span<char> out) const noexcept;

    /// Writes what stands behind the last part. Returns as `write_part_head`.
    [[nodiscard]] std::size_t write_tail(std::span<char> out) const noexcept;

    [[nodiscard]] std::string_view boundary() const noexcept {
        return {boundary_.data(), boundary_.size()};
    }

private:
    wire::range_set ranges_;
    std::array<char, boundary_bytes> boundary_;
    std::string_view content_type_;
    std::uint64_t file_size_;
    std::uint64_t length_ = 0;
};

/// A boundary that nobody can have put into a file: it depends on `seed`, which must be
/// unpredictable and different for each response, and on the file's entity tag.
[[nodiscard]] std::array<char, multipart_body::boundary_bytes> make_boundary(
    std::string_view etag, std::uint64_t seed) noexcept;

/// What follows the head. Content-Length is among the headers already.
using payload = std::variant<no_body, text_body, slice_body, multipart_body>;

/// Bytes of the body.
[[nodiscard]] std::uint64_t length_of(const payload& body) noexcept;

/// A response: all that the protocol session adds is Date, Connection and the like. Filled in
/// place and never moved, because the header list is.
struct response_plan {
    int status = 200;
    bool close = false;  ///< The connection ends after this response.
    header_list headers;
    payload body;

    /// Makes this an empty response with `new_status`, whatever it was before.
    void start(int new_status) noexcept;

    /// Turns the response to GET into the one to HEAD: the headers stay (RFC 9110 section 9.3.2).
    void drop_body() noexcept { body = no_body{}; }
};

}  // namespace ringway::http
