// Conditional requests: RFC 9110 section 13.2.2 as a table.
#include <cstdint>
#include <optional>
#include <string_view>

#include <gtest/gtest.h>

#include <ringway/wire/conditional.hpp>

namespace ringway::wire {
namespace {

using opt = std::optional<std::string_view>;

constexpr std::string_view tag = R"("v1")";
constexpr std::int64_t modified_s = 784'111'777;
constexpr std::string_view same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view same_850 = "Sunday, 06-Nov-94 08:49:37 GMT";
constexpr std::string_view same_asctime = "Sun Nov  6 08:49:37 1994";
constexpr std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view after = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr std::string_view hit = R"("v0", "v1")";
constexpr std::string_view weak_hit = R"(W/"v1")";
constexpr std::string_view miss = R"("v0", "v2")";
constexpr opt none;

struct conditional_case {
    opt if_match;
    opt if_unmodified_since;
    opt if_none_match;
    opt if_modified_since;
    int get;    // The status for GET and HEAD; 200 is proceed.
    int other;  // The same for other methods.
};

constexpr conditional_case cases[] = {
    // Step 1: If-Match, compared strongly.
    {"*", none, none, none, 200, 200},
    {tag, none, none, none, 200, 200},
    {hit, none, none, none, 200, 200},
    {miss, none, none, none, 412, 412},
    {weak_hit, none, none, none, 412, 412},
    {"junk", none, none, none, 412, 412},
    {"", none, none, none, 412, 412},
    // Step 2: If-Unmodified-Since, only without If-Match.
    {none, same, none, none, 200, 200},
    {none, after, none, none, 200, 200},
    {none, before, none, none, 412, 412},
    {none, "junk", none, none, 200, 200},
    {tag, before, none, none, 200, 200},
    {miss, after, none, none, 412, 412},
    // Step 3: If-None-Match, compared weakly.
    {none, none, "*", none, 304, 412},
    {none, none, tag, none, 304, 412},
    {none, none, hit, none, 304, 412},
    {none, none, weak_hit, none, 304, 412},
    {none, none, miss, none, 200, 200},
    {none, none, "junk", none, 200, 200},
    {none, none, "", none, 200, 200},
    // Step 4: If-Modified-Since, only without If-None-Match and for GET and HEAD.
    {none, none, none, same, 304, 200},
    {none, none, none, same_850, 304, 200},
    {none, none, none, same_asctime, 304, 200},
    {none, none, none, after, 304, 200},
    {none, none, none, before, 200, 200},
    {none, none, none, "junk", 200, 200},
    {none, none, none, "", 200, 200},
    {none, none, miss, same, 200, 200},
    {none, none, "junk", same, 200, 200},
    {none, none, tag, before, 304, 412},
    // Combined: what fails first decides.
    {miss, none, tag, none, 412, 412},
    {tag, none, tag, none, 304, 412},
    {tag, none, miss, none, 200, 200},
    {none, before, tag, none, 412, 412},
    {none, same, tag, none, 304, 412},
    {none, same, none, same, 304, 200},
    {tag, before, miss, same, 200, 200},
};

int status_of(precondition outcome) {
    switch (outcome) {
        case precondition::proceed: return 200;
        case precondition::not_modified: return 304;
        case precondition::failed: return 412;
    }
    return 0;
}

TEST(conditional_table, every_combination_has_the_status_written_down) {
    for (const auto& row : cases) {
        conditions asked{.if_match = row.if_match,
                         .if_none_match = row.if_none_match,
                         .if_modified_since = row.if_modified_since,
                         .if_unmodified_since = row.if_unmodified_since};
        const auto line = &row - cases;
        const auto now_s = modified_s + 1'000'000;
        EXPECT_EQ(status_of(evaluate(asked, tag, modified_s, now_s)), row.get) << "row " << line;
        asked.get_or_head = false;
        EXPECT_EQ(status_of(evaluate(asked, tag, modified_s, now_s)), row.other) << "row " << line;
    }
}

}  // namespace
}  // namespace ringway::wire
