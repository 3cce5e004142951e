#include <ringway/probe/finding.hpp>

#include <gtest/gtest.h>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace ringway::probe {
namespace {

finding row(const char* id, state has, bool for_serve, topic about = topic::io_uring) {
    return {.id = id, .about = about, .name = id, .has = has, .for_serve = for_serve};
}

std::vector<std::string> missing(const std::vector<finding>& rows) {
    std::vector<std::string> ids;
    for (const finding* const each : judge(rows).missing) {
        ids.push_back(each->id);
    }
    return ids;
}

TEST(finding, topics_have_names_of_their_own) {
    std::set<std::string_view> names;
    for (unsigned i = 0; i < static_cast<unsigned>(topic::count_); ++i) {
        names.insert(name_of(static_cast<topic>(i)));
        EXPECT_FALSE(title_of(static_cast<topic>(i)).empty());
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(topic::count_));
}

TEST(finding, rows_are_found_by_id) {
    const std::vector<finding> rows{row("a", state::partial, false)};
    EXPECT_EQ(find(rows, "a"), rows.data());
    EXPECT_EQ(find(rows, "b"), nullptr);
    EXPECT_EQ(state_of(rows, "a"), state::partial);
    EXPECT_EQ(state_of(rows, "b"), state::unknown);
}

// Goal: whatever is not a yes is weaker, and what serve does not use does not count.
TEST(finding, strength_is_what_serve_needs) {
    EXPECT_TRUE(judge({}).full_strength());
    EXPECT_TRUE(judge(std::vector{row("a", state::no, false)}).full_strength());
    for (const state each : {state::no, state::partial, state::unknown}) {
        EXPECT_EQ(missing({row("a", state::yes, true), row("b", each, true)}),
                  std::vector<std::string>{"b"});
    }
}

TEST(finding, what_could_not_be_tried_comes_last) {
    const std::vector<finding> rows{row("a", state::unknown, true), row("b", state::no, true),
                                    row("c", state::unknown, true), row("d", state::partial, true)};
    const auto verdict = judge(rows);
    EXPECT_EQ(missing(rows), (std::vector<std::string>{"b", "d", "a", "c"}));
    EXPECT_EQ(verdict.untried, 2U);
    EXPECT_EQ(judge(std::span{rows}.first(2)).untried, 1U);
}

TEST(finding, what_follows_from_no_rings_is_not_told) {
    EXPECT_EQ(
        missing({row("io_uring.rings", state::no, true), row("io_uring.read", state::no, true),
                 row("tls.send", state::no, true, topic::tls)}),
        (std::vector<std::string>{"io_uring.rings", "tls.send"}));
}

}  // namespace
}  // namespace ringway::probe
