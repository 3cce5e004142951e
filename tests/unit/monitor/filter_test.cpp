#include "monitor/filter.hpp"

#include <gtest/gtest.h>
#include <string>

namespace ringway::monitor {
namespace {

table made_table() {
    table made;
    made.columns = {{"process", "PROCESS", cell_kind::text, 4},
                    {"rtt_us", "RTT", cell_kind::microseconds, 4},
                    {"in_bytes", "IN", cell_kind::bytes, 4}};
    made.rows = {{cell::of(std::string{"nginx"}), cell::of(100.0), cell::of(2048.0)},
                 {cell::of(std::string{"sshd: you"}), cell::of(30'000.0), cell::of(10.0)},
                 {cell::of(std::string{"Postgres"}), cell::nothing(), cell::of(0.0)}};
    return made;
}

// The first letters of what passes.
std::string passing(std::string_view filter) {
    const auto read = row_filter::parse(filter);
    if (!read) {
        return "error: " + read.error();
    }
    table made = made_table();
    read->apply(made);
    std::string out;
    for (const row& each : made.rows) {
        out += each[0].text.front();
    }
    return out;
}

TEST(row_filter, finds_words) {
    EXPECT_EQ(passing(""), "nsP");
    EXPECT_EQ(passing("NGINX"), "n");
    EXPECT_EQ(passing("!nginx"), "sP");
    EXPECT_EQ(passing("\"sshd: y\""), "s");
    EXPECT_EQ(passing("g n"), "n");
}

TEST(row_filter, compares_columns) {
    EXPECT_EQ(passing("process=postgres"), "P");
    EXPECT_EQ(passing("process!=postgres"), "ns");
    EXPECT_EQ(passing("process~S"), "sP");
    EXPECT_EQ(passing("process!~s"), "n");
    EXPECT_EQ(passing("rtt>20000"), "s");
    EXPECT_EQ(passing("rtt_us<=30000"), "ns");
    EXPECT_EQ(passing("in_bytes>=2k"), "n");
    EXPECT_EQ(passing("in<2K and in>0"), "s");
    EXPECT_EQ(passing("in=0"), "P");
    EXPECT_EQ(passing("rtt!=100"), "sP");
    EXPECT_EQ(passing("nonsense=1"), "");
}

TEST(row_filter, says_what_is_wrong) {
    EXPECT_EQ(passing("rtt>fast"), "error: \"fast\" is no number, in \"rtt>fast\"");
    EXPECT_EQ(passing("rtt>1x"), "error: \"1x\" is no number, in \"rtt>1x\"");
    EXPECT_EQ(passing(">5"), "error: \">5\" names no column to compare");
    EXPECT_EQ(passing("!"), "error: \"!\" stands in front of a word");
    EXPECT_EQ(passing("rtt!5"), "error: \"rtt!5\" compares by none of = != ~ !~ < <= > >=");
}

TEST(row_filter, names_columns_that_are_not_there) {
    EXPECT_EQ(row_filter::parse("speed>1")->unknown_column(made_table()), "speed");
    EXPECT_EQ(row_filter::parse("rtt>1 word")->unknown_column(made_table()), "");
    EXPECT_TRUE(row_filter::parse("")->is_empty());
}

}  // namespace
}  // namespace ringway::monitor
