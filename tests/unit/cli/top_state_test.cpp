#include "cli/top_state.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "support/made_snapshot.hpp"

namespace ringway::cli {
namespace {

using monitor::view_id;

top_state made_state(const top_options& options = {}) {
    auto made = top_state::make(options);
    EXPECT_TRUE(made.has_value());
    return *std::move(made);
}

bool type(top_state& to, std::string_view keys) {
    bool goes_on = true;
    for (const char& each : keys) {
        goes_on = to.press(top_key::character, {&each, 1});
    }
    return goes_on;
}

monitor::snapshot made_connections() {
    auto now = test::made_snapshot(12);
    for (std::uint16_t i = 1; i <= 30; ++i) {
        now.sockets.push_back(test::made_connection(i, i, 0));
        now.sockets.back().whose.name = i % 2 == 0 ? "even" : "odd";
    }
    return now;
}

TEST(top_state, changes_views) {
    auto state = made_state();
    EXPECT_TRUE(type(state, "3"));
    EXPECT_EQ(state.view(), view_id::drops);
    EXPECT_TRUE(state.press(top_key::tab));
    EXPECT_EQ(state.view(), view_id::connects);
    EXPECT_TRUE(type(state, "1"));
    EXPECT_TRUE(state.press(top_key::left));
    EXPECT_EQ(state.view(), view_id::programs);
    EXPECT_TRUE(state.press(top_key::right));
    EXPECT_EQ(state.view(), view_id::connections);
    EXPECT_TRUE(type(state, "89"));
    EXPECT_EQ(state.view(), view_id::connections);
    EXPECT_FALSE(type(state, "q"));
}

TEST(top_state, sorts_by_what_keys_say) {
    auto state = made_state();
    const auto now = made_connections();
    EXPECT_EQ(state.shown(now, nullptr).sorted_by, "total_bytes_s");
    EXPECT_TRUE(type(state, "s"));
    EXPECT_EQ(state.shown(now, nullptr).sorted_by, "in_bytes");
    EXPECT_EQ(state.shown(now, nullptr).rows[0][6].number, 30);
    EXPECT_TRUE(type(state, "r"));
    EXPECT_EQ(state.shown(now, nullptr).rows[0][6].number, 1);
    EXPECT_TRUE(type(state, "SS"));
    EXPECT_EQ(state.shown(now, nullptr).sorted_by, "out_bytes_s");
    EXPECT_TRUE(type(state, "2"));  // Each view has its own order.
    EXPECT_EQ(state.shown(now, nullptr).sorted_by, "bytes_s");
}

TEST(top_state, filters_while_one_types) {
    auto state = made_state();
    const auto now = made_connections();
    EXPECT_TRUE(type(state, "/process=evenq"));
    EXPECT_TRUE(state.is_editing());
    EXPECT_TRUE(state.shown(now, nullptr).rows.empty());
    EXPECT_TRUE(state.press(top_key::backspace));
    EXPECT_EQ(state.shown(now, nullptr).rows.size(), 15U);
    EXPECT_TRUE(type(state, " in>"));
    EXPECT_FALSE(state.filter_error().empty());
    EXPECT_TRUE(state.press(top_key::enter));  // It must make sense first.
    EXPECT_TRUE(state.is_editing());
    EXPECT_TRUE(type(state, "20"));
    EXPECT_TRUE(state.press(top_key::enter));
    EXPECT_FALSE(state.is_editing());
    EXPECT_EQ(state.shown(now, nullptr).rows.size(), 5U);
    EXPECT_EQ(state.shown(now, nullptr).rows_before_filter, 30U);
    EXPECT_TRUE(state.press(top_key::escape));
    EXPECT_EQ(state.shown(now, nullptr).rows.size(), 30U);
}

TEST(top_state, removes_whole_characters) {
    auto state = made_state();
    EXPECT_TRUE(type(state, "/"));
    EXPECT_TRUE(state.press(top_key::character, "\xc3\xb6"));
    EXPECT_TRUE(state.press(top_key::backspace));
    EXPECT_EQ(state.filter_text(), "");
    EXPECT_TRUE(state.press(top_key::backspace));
}

TEST(top_state, scrolls_within_what_there_is) {
    auto state = made_state();
    state.set_room(10, 30);
    EXPECT_TRUE(state.press(top_key::up));
    EXPECT_EQ(state.scrolled(), 0U);
    EXPECT_TRUE(state.press(top_key::down));
    EXPECT_TRUE(state.press(top_key::page_down));
    EXPECT_EQ(state.scrolled(), 11U);
    EXPECT_TRUE(state.press(top_key::page_down));
    EXPECT_EQ(state.scrolled(), 20U);
    state.set_room(10, 12);
    EXPECT_EQ(state.scrolled(), 2U);
    EXPECT_TRUE(state.press(top_key::home));
    EXPECT_EQ(state.scrolled(), 0U);
    EXPECT_TRUE(state.press(top_key::end));
    EXPECT_EQ(state.scrolled(), 2U);
}

TEST(top_state, pauses_and_helps) {
    auto state = made_state();
    EXPECT_TRUE(type(state, "p"));
    EXPECT_TRUE(state.is_paused());
    EXPECT_TRUE(type(state, "?"));
    EXPECT_TRUE(state.wants_help());
    EXPECT_TRUE(state.press(top_key::down));
    EXPECT_FALSE(state.wants_help());
    EXPECT_FALSE(type(state, "?q"));
}

TEST(top_state, says_what_is_wrong_with_options) {
    EXPECT_TRUE(top_state::make({.sort = "speed"}).error().contains("no column \"speed\""));
    EXPECT_TRUE(top_state::make({.filter = "speed>1"}).error().contains("no column \"speed\""));
    EXPECT_TRUE(top_state::make({.filter = "rtt>x"}).error().contains("no number"));
    EXPECT_TRUE(top_state::make({.all_views = false, .sort = "reason"}).error().contains("reason"));
    EXPECT_TRUE(top_state::make({.view = "drops", .all_views = false, .sort = "reason"}));
    EXPECT_EQ(view_of("io_uring"), view_id::io_uring);
}

}  // namespace
}  // namespace ringway::cli
