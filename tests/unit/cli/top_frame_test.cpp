#include "cli/top_frame.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "monitor/text_table.hpp"
#include "support/made_snapshot.hpp"

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;

monitor::snapshot made_connections(unsigned count) {
    auto now = test::made_snapshot(12);
    for (unsigned i = 1; i <= count; ++i) {
        now.sockets.push_back(test::made_connection(static_cast<std::uint16_t>(i), i, 0));
    }
    return now;
}

std::string text_of(const std::vector<styled_line>& lines) {
    std::string all;
    for (const auto& each : lines) {
        all += each.text + "\n";
    }
    return all;
}

TEST(top_frame, fills_every_size_of_screen) {
    auto state = top_state::make({}).value();
    const auto now = made_connections(50);
    for (int view = 0; view < static_cast<int>(monitor::view_count); ++view) {
        for (const auto& [width, height] :
             {std::pair{80U, 24U}, {120U, 40U}, {300U, 100U}, {20U, 5U}, {1U, 1U}, {40U, 3U}}) {
            const auto lines =
                make_frame(state, &now, nullptr,
                           {.width = width, .height = height, .host = "host", .interval = 2s});
            EXPECT_EQ(lines.size(), height);
            for (const auto& each : lines) {
                EXPECT_LE(monitor::characters(each.text), width);
            }
        }
        EXPECT_TRUE(state.press(top_key::tab));
    }
}

TEST(top_frame, has_title_tabs_facts_head_rows_and_losses) {
    auto state = top_state::make({}).value();
    auto now = made_connections(2);
    const auto lines = make_frame(state, &now, nullptr, {.host = "host", .interval = 2s});
    EXPECT_TRUE(lines[0].text.starts_with("ringway top  connections  host  "));
    EXPECT_EQ(lines[0].style, line_style::title);
    EXPECT_EQ(lines[1].text,
              "1 connections 2 sources 3 drops 4 connects 5 queues 6 io_uring 7 programs");
    EXPECT_EQ(lines[1].text.substr(lines[1].marked_at, lines[1].marked_size), "1 connections");
    EXPECT_TRUE(lines[2].text.starts_with("established 2  "));
    const auto head = std::ranges::find(lines, line_style::head, &styled_line::style);
    ASSERT_NE(head, lines.end());
    EXPECT_TRUE(head->text.starts_with("LOCAL "));
    EXPECT_TRUE(head->text.contains(" RTT ") && head->text.contains(" AGE "));
    EXPECT_TRUE((head + 1)->text.contains("192.0.2.2:80"));
    EXPECT_EQ(lines[22].text, "lost: nothing");
    EXPECT_TRUE(lines[23].text.contains("q quit"));
}

TEST(top_frame, shows_what_was_lost) {
    auto state = top_state::make({}).value();
    auto now = made_connections(2);
    now.losses = {{"nothing", 0, "x"}, {"drops", 12, "--table-size"}, {"samples", 1, "y"}};
    const auto lines = make_frame(state, &now, nullptr, {});
    EXPECT_EQ(lines[22].text, "LOST: 12 drops (--table-size), 1 samples (y)");
    EXPECT_EQ(lines[22].style, line_style::alert);
}

TEST(top_frame, scrolls) {
    auto state = top_state::make({.sort = "in_bytes"}).value();
    const auto now = made_connections(50);
    EXPECT_TRUE(text_of(make_frame(state, &now, nullptr, {})).contains("192.0.2.1:50 "));
    EXPECT_TRUE(state.press(top_key::end));
    const auto text = text_of(make_frame(state, &now, nullptr, {}));
    EXPECT_FALSE(text.contains("192.0.2.1:50 "));
    EXPECT_TRUE(text.contains("192.0.2.1:1 "));
}

TEST(top_frame, says_why_there_is_nothing) {
    auto state = top_state::make({}).value();
    auto now = made_connections(0);
    EXPECT_TRUE(text_of(make_frame(state, nullptr, nullptr, {})).contains("looking ..."));
    EXPECT_TRUE(text_of(make_frame(state, &now, nullptr, {})).contains("nothing so far"));
    now.missing[0] = "this kernel has no tracepoint x";
    EXPECT_TRUE(text_of(make_frame(state, &now, nullptr, {}))
                    .contains("not here: this kernel has no tracepoint x"));
    now = made_connections(3);
    EXPECT_TRUE(state.press(top_key::character, "/"));
    EXPECT_TRUE(state.press(top_key::character, "xyz"));
    const auto text = text_of(make_frame(state, &now, nullptr, {}));
    EXPECT_TRUE(text.contains("filter: xyz_"));
    EXPECT_TRUE(text.contains("nothing passes the filter"));
}

TEST(top_frame, helps_within_24_lines) {
    auto state = top_state::make({}).value();
    const auto now = made_connections(1);
    EXPECT_TRUE(state.press(top_key::character, "?"));
    const auto text = text_of(make_frame(state, &now, nullptr, {}));
    EXPECT_TRUE(text.contains("Any key leads back."));
    EXPECT_TRUE(text.contains("q quit"));
}

}  // namespace
}  // namespace ringway::cli
