#include "cli/get_option_table.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(get_option_table, names_and_letters_are_there_once) {
    std::set<std::string_view> names{"help"};
    std::set<char> letters{'h'};
    for (const auto& row : get_option_table()) {
        EXPECT_TRUE(names.insert(row.text.name).second) << row.text.name;
        EXPECT_TRUE(row.text.letter == '\0' || letters.insert(row.text.letter).second)
            << row.text.letter;
        EXPECT_FALSE(row.text.help.empty() || row.text.group.empty()) << row.text.name;
        EXPECT_EQ(row.text.form == option_form::flag, row.text.value.empty()) << row.text.name;
    }
}

TEST(get_option_table, defaults_are_what_the_options_say) {
    for (const auto& row : get_option_table()) {
        if (row.text.default_value.empty()) {
            continue;
        }
        get_options told;
        EXPECT_TRUE(row.apply(told, row.text.default_value)) << row.text.name;
        const get_options plain;
        EXPECT_EQ(told.pieces, plain.pieces) << row.text.name;
        EXPECT_EQ(told.parallel, plain.parallel) << row.text.name;
        EXPECT_EQ(told.max_time, plain.max_time) << row.text.name;
        EXPECT_EQ(told.connect_timeout, plain.connect_timeout) << row.text.name;
        EXPECT_EQ(told.idle_timeout, plain.idle_timeout) << row.text.name;
        EXPECT_EQ(told.retries, plain.retries) << row.text.name;
        EXPECT_EQ(told.limit_rate, plain.limit_rate) << row.text.name;
        EXPECT_EQ(told.bench_connections, plain.bench_connections) << row.text.name;
        EXPECT_EQ(told.bench_streams, plain.bench_streams) << row.text.name;
        EXPECT_EQ(told.bench_duration, plain.bench_duration) << row.text.name;
        EXPECT_EQ(told.bench_pause, plain.bench_pause) << row.text.name;
    }
}

}  // namespace
}  // namespace ringway::cli
