// What an operator decides about one served directory, as the planner and the handler need it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/fs/root.hpp>
#include <ringway/http/response_plan.hpp>
#include <ringway/wire/accept_encoding.hpp>

namespace ringway::files {

/// What a directory without an index file answers: 404, a page, JSON, or what the client asks for.
enum class listing_mode : std::uint8_t { off, html, json, automatic };

/// What happens to names that begin with a dot.
enum class hidden_policy : std::uint8_t { deny, allow };

using ringway::symlink_policy;

/// A header field that the operator adds to responses.
struct extra_header {
    std::string name;
    std::string value;
};

/// One site. Set up once at start and read-only from then on: plans borrow text from it.
struct site_options {
    static constexpr std::size_t extra_headers_max = 8;  ///< A response has room for these.
    /// Names and values of the extra headers and Cache-Control together.
    static constexpr std::size_t header_bytes_max = 32'768;

    std::vector<std::string> index_names{"index.html"};  ///< Tried in this order.
    listing_mode listing = listing_mode::off;
    /// Path below the root of the file that answers for missing pages; "" = none.
    std::string spa_fallback = {};
    hidden_policy hidden = hidden_policy::deny;
    symlink_policy symlinks = symlink_policy::inside;
    /// Codings whose ready-made files (x.br, x.zst, x.gz) are looked for: set of `coding_bit`.
    std::uint8_t precompressed = 0;
    std::string cache_control = {};  ///< Value of Cache-Control for files; "" = no such field.
    std::vector<extra_header> extra_headers = {};
};

/// Whether the hidden policy refuses `normal_path` (decoded, relative, as `wire::normalize_path`
/// gives it): some segment begins with a dot. Only ".well-known" as the first segment is exempt,
/// the one place that RFC 8615 gives it, and what is hidden below it stays hidden.
[[nodiscard]] bool hidden_denied(std::string_view normal_path, hidden_policy policy) noexcept;

/// Checks a header that an operator wants to add. Fails with `malformed` if the name is no token or
/// the value holds control characters, with `invalid_argument` if the field is one that Ringway
/// computes itself (Content-Length, ETag, Connection and the like).
[[nodiscard]] result<void> check_extra_header(std::string_view name,
                                              std::string_view value) noexcept;

/// Checks what the types can't say. Fails with `limit` for more than `extra_headers_max` headers or
/// `header_bytes_max` bytes of them,
/// with `invalid_argument` for index names that are no plain file names, with what
/// `check_extra_header` says, and with `malformed` for a Cache-Control with control characters.
[[nodiscard]] result<void> check(const site_options& options) noexcept;

/// Adds the site's extra headers to a planned response. A field that the plan holds already is
/// replaced, except for the ones that may occur several times (Vary, Link, Set-Cookie).
/// Lifetime: `plan` borrows text from `options`. Requires options that pass `check`.
void add_extra_headers(const site_options& options, http::response_plan& plan) noexcept;

}  // namespace ringway::files
