// Which entries a listing shows, and in what order.
#pragma once

#include <span>
#include <string_view>

#include <ringway/files/listing.hpp>

namespace ringway::files {

/// What is left of the entries of a listing.
struct listing_selection {
    std::span<listing_entry> shown;  ///< Sorted, `entries_max` at most.
    std::size_t total = 0;           ///< How many could be shown.
};

/// Drops what can't be requested, sorts directories first and then by `view`, and cuts.
[[nodiscard]] listing_selection select_entries(const listing& from, listing_view view);

/// Whether `a` stands before `b` for a human reader: letter case aside, numbers by value, so that
/// "file2" precedes "File10". A strict total order over different byte strings.
[[nodiscard]] bool natural_less(std::string_view a, std::string_view b) noexcept;

}  // namespace ringway::files
