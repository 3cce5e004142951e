#include <ringway/wire/conditional.hpp>

#include <ringway/wire/date.hpp>
#include <ringway/wire/etag.hpp>

namespace ringway::wire {
namespace {

enum class answer : std::uint8_t { absent, no, yes };

answer etag_matches(std::optional<std::string_view> header, std::string_view etag,
                    bool weak) noexcept {
    if (!header) {
        return answer::absent;
    }
    const bool found = is_any_etag(*header) || etag_list_matches(*header, etag, weak);
    return found ? answer::yes : answer::no;
}

// Whether there was a change after the date in `header`.
answer modified_since(std::optional<std::string_view> header, std::int64_t modified_s,
                      std::int64_t now_s) noexcept {
    const auto date = header ? parse_http_date(*header, now_s) : std::nullopt;
    if (!date) {
        return answer::absent;
    }
    return modified_s > *date ? answer::yes : answer::no;
}

}  // namespace

precondition evaluate(const conditions& asked, std::string_view etag, std::int64_t mtime_s,
                      std::int64_t now_s) noexcept {
    const auto modified_s = last_modified_at(mtime_s, now_s);
    const auto match = etag_matches(asked.if_match, etag, false);
    if (match == answer::no) {
        return precondition::failed;
    }
    if (match == answer::absent &&
        modified_since(asked.if_unmodified_since, modified_s, now_s) == answer::yes) {
        return precondition::failed;
    }
    const auto none_match = etag_matches(asked.if_none_match, etag, true);
    if (none_match == answer::yes) {
        return asked.get_or_head ? precondition::not_modified : precondition::failed;
    }
    if (none_match == answer::absent && asked.get_or_head &&
        modified_since(asked.if_modified_since, modified_s, now_s) == answer::no) {
        return precondition::not_modified;
    }
    return precondition::proceed;
}

bool range_applies(const conditions& asked, std::string_view etag, std::int64_t mtime_s,
                   std::int64_t now_s) noexcept {
    if (!asked.range || !asked.get_or_head) {
        return false;
    }
    if (!asked.if_range) {
        return true;
    }
    if (is_etag(*asked.if_range)) {
        return strong_equal(*asked.if_range, etag);
    }
    // The date is a strong validator only once the second it names is over.
    return parse_http_date(*asked.if_range, now_s) == mtime_s && mtime_s < now_s - 1;
}

}  // namespace ringway::wire
