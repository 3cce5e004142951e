#include "cli/cp_option_table.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

#include "cli/pages.hpp"

namespace ringway::cli {
namespace {

TEST(cp_option_table, names_and_letters_are_unique_and_explained) {
    std::set<std::string> names;
    std::set<char> letters{'h'};
    for (const auto& row : cp_option_table()) {
        EXPECT_TRUE(names.insert(std::string{row.text.name}).second) << row.text.name;
        EXPECT_TRUE(row.text.letter == '\0' || letters.insert(row.text.letter).second)
            << row.text.name;
        EXPECT_TRUE(row.text.help.ends_with('.')) << row.text.name;
        EXPECT_FALSE(row.text.group.empty()) << row.text.name;
    }
}

TEST(cp_option_table, defaults_are_the_defaults) {
    const cp_options before;
    cp_options after;
    for (const auto& row : cp_option_table()) {
        if (!row.text.default_value.empty()) {
            ASSERT_TRUE(row.apply(after, row.text.default_value).has_value()) << row.text.name;
        }
    }
    EXPECT_EQ(after.how.how.method, before.how.how.method);
    EXPECT_EQ(after.how.how.buffer_bytes, before.how.how.buffer_bytes);
    EXPECT_EQ(after.how.how.depth, before.how.how.depth);
    EXPECT_EQ(after.how.jobs, before.how.jobs);
    EXPECT_EQ(after.how.how.sparse, before.how.how.sparse);
    EXPECT_EQ(after.how.how.reflink, before.how.how.reflink);
}

TEST(cp_option_table, the_page_tells_all_of_them) {
    EXPECT_EQ(cp_page().options.size(), cp_option_table().size() + 1);
    EXPECT_EQ(page_of("cp"), &cp_page());
}

}  // namespace
}  // namespace ringway::cli
