// What is known about a file that has come in part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/http/client_types.hpp>

namespace ringway::cli {

/// Bytes `first` up to but not including `end` of a file; up to `done` they are here.
struct get_range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;  ///< UINT64_MAX: as far as it goes.
    std::uint64_t done = 0;

    [[nodiscard]] bool is_complete() const noexcept { return done >= end; }
    friend bool operator==(const get_range&, const get_range&) = default;
};

/// Which version of a file it is, so that two are never mixed.
struct get_state {
    static constexpr std::uint64_t unknown = UINT64_MAX;

    std::string url;
    /// What If-Range takes: a strong entity tag, or a date of modification that is strong
    /// (RFC 9110 section 8.8.2.2). Empty: there is none, and it can't be gone on with.
    std::string validator;
    std::uint64_t total = unknown;
    std::vector<get_range> ranges;

    [[nodiscard]] std::uint64_t bytes_done() const noexcept;
    [[nodiscard]] bool is_complete() const noexcept;

    friend bool operator==(const get_state&, const get_state&) = default;
};

/// As JSON, for a file.
[[nodiscard]] std::string to_text(const get_state& state);

/// Nothing for what is not such a text, or makes no sense.
[[nodiscard]] std::optional<get_state> read_state(std::string_view text);

/// The validator that `fields` offer, see `get_state`.
[[nodiscard]] std::string strong_validator(const std::vector<http::client_field>& fields);

/// Cuts the bytes from `first` to `total` into at most `pieces` of at least `bytes_min` each.
[[nodiscard]] std::vector<get_range> cut(std::uint64_t first, std::uint64_t total,
                                         std::uint64_t pieces, std::uint64_t bytes_min);

/// Of a Content-Range field: "bytes 0-99/1000"; the total is `unknown` for a '*'.
struct content_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t total = 0;
};
[[nodiscard]] std::optional<content_range> read_content_range(std::string_view value);

}  // namespace ringway::cli
