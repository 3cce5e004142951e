#include "monitor/table.hpp"

#include <gtest/gtest.h>
#include <string>

namespace ringway::monitor {
namespace {

table made_table() {
    table made;
    made.columns = {{"name", "NAME", cell_kind::text, 4},
                    {"rate", "R/s", cell_kind::per_second, 4}};
    made.rows = {{cell::of(std::string{"b"}), cell::of(1.0)},
                 {cell::of(std::string{"a"}), cell::nothing()},
                 {cell::of(std::string{""}), cell::of(3.0)},
                 {cell::of(std::string{"c"}), cell::of(3.0)}};
    return made;
}

std::string order_of(const table& what) {
    std::string out;
    for (const row& each : what.rows) {
        out += each[0].text.empty() ? "-" : each[0].text;
    }
    return out;
}

TEST(monitor_table, sorts_numbers_down_and_texts_up) {
    table made = made_table();
    EXPECT_TRUE(sort_rows(made, "rate", false));
    EXPECT_EQ(order_of(made), "-cba");
    EXPECT_EQ(made.sorted_by, "rate");
    EXPECT_TRUE(sort_rows(made, "rate", true));
    EXPECT_EQ(order_of(made), "b-ca");
    EXPECT_TRUE(sort_rows(made, "name", false));
    EXPECT_EQ(order_of(made), "abc-");
    EXPECT_TRUE(sort_rows(made, "name", true));
    EXPECT_EQ(order_of(made), "cba-");
}

TEST(monitor_table, knows_columns_by_key_and_title_in_any_case) {
    table made = made_table();
    EXPECT_EQ(made.find("RATE"), 1U);
    EXPECT_EQ(made.find("r/s"), 1U);
    EXPECT_FALSE(sort_rows(made, "speed", false));
}

TEST(monitor_table, writes_numbers_for_people) {
    const auto text = [](double value, cell_kind kind) { return cell_text(cell::of(value), kind); };
    EXPECT_EQ(text(0, cell_kind::count), "0");
    EXPECT_EQ(text(99'999, cell_kind::count), "99999");
    EXPECT_EQ(text(1'234'567, cell_kind::count), "1.2M");
    EXPECT_EQ(text(1536, cell_kind::bytes), "1.5K");
    EXPECT_EQ(text(1023.9, cell_kind::bytes_per_second), "1.0K");
    EXPECT_EQ(text(5.25e9, cell_kind::bytes), "4.9G");
    EXPECT_EQ(text(0.5, cell_kind::per_second), "0.5");
    EXPECT_EQ(text(250, cell_kind::microseconds), "250us");
    EXPECT_EQ(text(12'340, cell_kind::microseconds), "12.3ms");
    EXPECT_EQ(text(2'500'000, cell_kind::microseconds), "2.5s");
    EXPECT_EQ(text(830, cell_kind::nanoseconds), "830ns");
    EXPECT_EQ(text(8.25, cell_kind::seconds), "8.2s");
    EXPECT_EQ(text(75, cell_kind::seconds), "1m15s");
    EXPECT_EQ(text(3 * 3600 + 120, cell_kind::seconds), "3h02m");
    EXPECT_EQ(text(90000, cell_kind::seconds), "1d01h");
    EXPECT_EQ(text(12.345, cell_kind::percent), "12.35%");
    EXPECT_EQ(cell_text(cell::nothing(), cell_kind::bytes), "-");
    EXPECT_EQ(cell_text(cell::of(std::string{}), cell_kind::text), "-");
    EXPECT_EQ(cell_text(cell::of(4026531833.0), cell_kind::id), "4026531833");
}

// Goal: names of programs can do nothing to a terminal.
TEST(monitor_table, makes_text_printable) {
    EXPECT_EQ(printable("nginx: w\xc3\xb6rker"), "nginx: w\xc3\xb6rker");
    EXPECT_EQ(printable("\x1b[2Jx\n\x7f"), "?[2Jx??");
    EXPECT_EQ(printable("\xc2\x9b\x31m"), "??1m");  // CSI of ISO 6429 as one character.
    EXPECT_EQ(printable("\xff\xc3"), "??");
    EXPECT_EQ(printable("\xe2\x82"), "??");
}

}  // namespace
}  // namespace ringway::monitor
