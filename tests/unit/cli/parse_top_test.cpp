#include "cli/parse_top.hpp"

#include <gtest/gtest.h>
#include <string>
#include <variant>
#include <vector>

#include "cli/pages.hpp"
#include "support/parsed_options.hpp"

namespace ringway::cli {
namespace {

using words = std::vector<std::string_view>;

top_options options_from(const words& arguments) { return test::accepted(parse_top(arguments)); }

std::string refusal_of(const words& arguments) { return test::refused(parse_top(arguments)); }

TEST(parse_top, has_defaults) {
    const auto options = options_from({});
    EXPECT_EQ(options.view, "connections");
    EXPECT_TRUE(options.all_views);
    EXPECT_EQ(options.interval, std::chrono::seconds{2});
    EXPECT_TRUE(options.watched.empty());
}

TEST(parse_top, reads_every_option) {
    const auto options = options_from({"--view=drops",
                                       "-s",
                                       "packets",
                                       "-r",
                                       "--filter",
                                       "a b",
                                       "-n",
                                       "5",
                                       "--json",
                                       "--flows",
                                       "f",
                                       "-i",
                                       "500ms",
                                       "-c",
                                       "3",
                                       "--watch",
                                       "drops,queues",
                                       "--ring-size",
                                       "64K",
                                       "--table-size",
                                       "7"});
    EXPECT_EQ(options.view, "drops");
    EXPECT_FALSE(options.all_views);
    EXPECT_EQ(options.sort, "packets");
    EXPECT_TRUE(options.reverse);
    EXPECT_EQ(options.filter, "a b");
    EXPECT_EQ(options.rows, 5U);
    EXPECT_TRUE(options.json);
    EXPECT_EQ(options.flows, "f");
    EXPECT_EQ(options.interval, std::chrono::milliseconds{500});
    EXPECT_EQ(options.count, 3U);
    EXPECT_EQ(options.watched, (std::vector<std::string>{"drops", "queues"}));
    EXPECT_EQ(options.ring_bytes, 65536U);
    EXPECT_EQ(options.table_entries, 7U);
    EXPECT_TRUE(options_from({"--once"}).once);
    EXPECT_EQ(options_from({"--prometheus", ":9"}).prometheus, ":9");
    EXPECT_EQ(options_from({"--interval=5"}).interval, std::chrono::seconds{5});
}

TEST(parse_top, shows_what_it_watches) {
    EXPECT_EQ(options_from({"--watch", "queues"}).view, "queues");
}

TEST(parse_top, refuses_what_makes_no_sense) {
    EXPECT_TRUE(refusal_of({"--view", "conections"}).contains("connections"));
    EXPECT_TRUE(refusal_of({"--interval", "10ms"}).contains("shorter than 100ms"));
    EXPECT_TRUE(refusal_of({"--ring-size", "5000"}).contains("power of two"));
    EXPECT_TRUE(refusal_of({"--table-size", "0"}).contains("--table-size"));
    EXPECT_TRUE(refusal_of({"eth0"}).contains("no operands"));
    EXPECT_TRUE(refusal_of({"--prometheus", ":1", "--once"}).contains("--prometheus"));
    EXPECT_TRUE(refusal_of({"--json", "--flows", "-"}).contains("--flows"));
    EXPECT_TRUE(refusal_of({"--once", "-c", "3"}).contains("contradict"));
    EXPECT_TRUE(refusal_of({"--watch", "drops", "--view", "queues"}).contains("--watch"));
}

TEST(parse_top, prints_help) {
    const words asked{"--help"};
    const auto read = parse_top(asked);
    EXPECT_EQ(std::get<reply>(read).exit_code, 0);
    EXPECT_EQ(std::get<reply>(read).text, render_help(top_page()));
}

}  // namespace
}  // namespace ringway::cli
