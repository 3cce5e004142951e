// Directory listings: a page for people, JSON for programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <ringway/files/site_options.hpp>
#include <ringway/http/request.hpp>
#include <ringway/http/response_plan.hpp>

namespace ringway::files {

/// More entries than this are not listed, so that one request can't take any amount of memory; the
/// page says that it was cut.
inline constexpr std::size_t listing_entries_max = 10'000;

/// One name in a directory.
struct listing_entry {
    std::string name = {};     ///< As the file system has it: any bytes but '/' and NUL.
    bool is_dir = false;       ///< A directory, or a followed symbolic link to one.
    std::uint64_t size = 0;    ///< Bytes; not shown for directories.
    std::int64_t mtime_s = 0;  ///< Seconds since 1970.
};

enum class listing_key : std::uint8_t { name, size, time };

/// How the client wants to see it.
struct listing_view {
    listing_key key = listing_key::name;
    bool descending = false;

    friend bool operator==(const listing_view&, const listing_view&) = default;
};

enum class listing_format : std::uint8_t { html, json };

/// A directory to be shown. The entries are reordered in place.
struct listing {
    /// Decoded and relative, as `wire::normalize_path` has it.
    std::string_view normal_path = {};
    /// What policy allows to be seen.
    std::span<listing_entry> entries = {};
    bool more = false;        ///< The reader stopped before the end of the directory.
    bool offer_json = false;  ///< The page links to its JSON twin.
    std::size_t entries_max = listing_entries_max;
};

/// Reads "sort=name|size|time" and "order=asc|desc" from a query; the first of each counts, what
/// is unknown is ignored.
[[nodiscard]] listing_view parse_listing_query(std::string_view query) noexcept;

/// Which listing, if any, `mode` gives this request: in mode `automatic` what "format=html" or
/// "format=json" in the query says, else JSON for those whose Accept names application/json but not
/// text/html.
[[nodiscard]] std::optional<listing_format> choose_listing_format(const http::request& asked,
                                                                  listing_mode mode) noexcept;

/// Appends the listing as a page: sorted links, sizes for people, times in UTC. Needs no script;
/// light or dark as the reader's system is; one column less than wide on narrow screens.
///
/// Names are escaped; bytes that aren't UTF-8 show as U+FFFD and are linked as they are. Names with
/// control characters are left out: no request can name them. All links are relative: the page's
/// own URL must end in a slash. Allocates.
void append_listing_html(listing shown, listing_view view, std::string& out);

/// Appends the listing as JSON:
/// {"path": "/a/", "total": 1, "truncated": false, "entries": [{"name": "x", "href": "x",
/// "type": "file", "size": 5, "modified": "2026-01-31T12:00:00Z"}]}
///
/// "total" counts the entries that were read, "truncated" says that not all are here; directories
/// have the type "directory", an href that ends in a slash, and no size. Where a name isn't UTF-8
/// "href", percent-encoded, is exact and "name" is not. Names are left out as in the page.
/// Allocates.
void append_listing_json(listing shown, listing_view view, std::string& out);

/// Plans the response with a listing that has been written to `text`.
/// Lifetime: `text` must outlive the plan.
void plan_listing(const http::request& asked, listing_mode mode, listing_format format,
                  std::string_view text, http::response_plan& out) noexcept;

}  // namespace ringway::files
