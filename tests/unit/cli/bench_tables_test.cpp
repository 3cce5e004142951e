#include "cli/bench_tables.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(bench_tables, names_are_unique) {
    std::set<std::string_view> tables;
    for (const auto& table : bench_tables()) {
        EXPECT_TRUE(tables.insert(table.name).second);
        EXPECT_EQ(find_bench_table(table.name), &table);
        std::set<std::string_view> names;
        EXPECT_NE(table.experiments == nullptr, table.measured == nullptr) << table.name;
        for (const auto& one : table.entries()) {
            EXPECT_TRUE(names.insert(one.name).second) << one.name;
            EXPECT_FALSE(one.summary.empty());
        }
        EXPECT_FALSE(names.empty());
    }
    EXPECT_EQ(find_bench_table("none"), nullptr);
}

}  // namespace
}  // namespace ringway::cli
