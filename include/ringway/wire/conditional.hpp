// Conditional requests: whether to answer with the representation at all (RFC 9110 section 13).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ringway::wire {

/// The fields of a request that make it conditional; nothing where the field is absent.
/// Lifetime: the views borrow from the request.
struct conditions {
    std::optional<std::string_view> if_match = {};
    std::optional<std::string_view> if_none_match = {};
    std::optional<std::string_view> if_modified_since = {};
    std::optional<std::string_view> if_unmodified_since = {};
    std::optional<std::string_view> if_range = {};
    std::optional<std::string_view> range = {};
    bool get_or_head = true;
};

enum class precondition : std::uint8_t {
    proceed,       ///< Answer as if there were no condition: 200 or 206.
    not_modified,  ///< 304.
    failed,        ///< 412.
};

/// The date that a Last-Modified field may carry: not after now (RFC 9110 section 8.8.2.1).
[[nodiscard]] constexpr std::int64_t last_modified_at(std::int64_t mtime_s,
                                                      std::int64_t now_s) noexcept {
    return mtime_s < now_s ? mtime_s : now_s;
}

/// Evaluates the conditions in the order of RFC 9110 section 13.2.2, for a representation that
/// exists, with the entity tag `etag` ("" for none), last modified at `mtime_s` (seconds since
/// 1970).
///
/// Dates that can't be read count as absent (sections 13.1.3 and 13.1.4). An entity tag list that
/// can't be read matches nothing: If-Match fails then, If-None-Match lets the request proceed.
/// Where If-Match or If-None-Match is there, the date of its family isn't looked at.
[[nodiscard]] precondition evaluate(const conditions& asked, std::string_view etag,
                                    std::int64_t mtime_s, std::int64_t now_s) noexcept;

/// Whether the Range field is to be looked at (RFC 9110 sections 13.1.5 and 14.2): there is one,
/// and If-Range, where present, names this very representation. The entity tag is compared
/// strongly; a date has to be equal and its second to be over, because a file that is being written
/// may change twice within the second. False unless `get_or_head`; Range has no meaning for HEAD,
/// for which the caller doesn't ask.
[[nodiscard]] bool range_applies(const conditions& asked, std::string_view etag,
                                 std::int64_t mtime_s, std::int64_t now_s) noexcept;

}  // namespace ringway::wire
