#include "monitor/text_table.hpp"

#include <gtest/gtest.h>
#include <string>

namespace ringway::monitor {
namespace {

table made_table() {
    table made;
    made.columns = {{"local", "LOCAL", cell_kind::text, 6, 1, true},
                    {"remote", "REMOTE", cell_kind::text, 6, 0, true},
                    {"in", "IN", cell_kind::bytes, 5, 0},
                    {"user", "UID", cell_kind::count, 5, 9}};
    made.rows = {{cell::of(std::string{"10.0.0.1:80"}), cell::of(std::string{"h\xc3\xb6st"}),
                  cell::of(2048.0), cell::of(0.0)},
                 {cell::of(std::string{"a"}), cell::of(std::string{"192.0.2.123:45678"}),
                  cell::nothing(), cell::of(1000.0)}};
    return made;
}

TEST(text_table, shows_all_where_there_is_room) {
    const auto lines = lay_out(made_table(), 80, 10);
    EXPECT_EQ(lines.head, "LOCAL       REMOTE               IN   UID");
    ASSERT_EQ(lines.rows.size(), 2U);
    EXPECT_EQ(lines.rows[0], "10.0.0.1:80 h\xc3\xb6st               2.0K     0");
    EXPECT_EQ(lines.rows[1], "a           192.0.2.123:45678     -  1000");
}

TEST(text_table, leaves_out_the_most_expendable_first) {
    EXPECT_EQ(lay_out(made_table(), 20, 10).head, "LOCAL   REMOTE    IN");
    EXPECT_EQ(lay_out(made_table(), 14, 10).head, "REMOTE      IN");
    EXPECT_EQ(lay_out(made_table(), 20, 10).rows[1], "a       192.0~     -");
}

TEST(text_table, keeps_to_its_width_and_height) {
    for (unsigned width = 1; width < 90; ++width) {
        const auto lines = lay_out(made_table(), width, 1);
        EXPECT_LE(characters(lines.head), width);
        ASSERT_EQ(lines.rows.size(), 1U);
        EXPECT_LE(characters(lines.rows[0]), width);
    }
    EXPECT_TRUE(lay_out(made_table(), 80, 0).rows.empty());
}

TEST(text_table, breaks_facts_into_lines) {
    table made;
    made.facts = {{"a", "established", cell_kind::count, 12},
                  {"b", "in", cell_kind::bytes_per_second, 2048},
                  {"c", "ended", cell_kind::per_second, 3}};
    EXPECT_EQ(fact_lines(made, 80),
              std::vector<std::string>{"established 12  in 2.0K/s  ended 3/s"});
    EXPECT_EQ(fact_lines(made, 26),
              (std::vector<std::string>{"established 12  in 2.0K/s", "ended 3/s"}));
}

TEST(text_table, shortens_by_characters) {
    EXPECT_EQ(shortened("w\xc3\xb6rd", 4), "w\xc3\xb6rd");
    EXPECT_EQ(shortened("w\xc3\xb6rds", 3), "w\xc3\xb6~");
    EXPECT_EQ(shortened("abc", 0), "");
}

}  // namespace
}  // namespace ringway::monitor
