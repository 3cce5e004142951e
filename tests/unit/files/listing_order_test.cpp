#include "files/listing_order.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::files {
namespace {

std::string names_of(const listing_selection& selected) {
    std::string names;
    for (const auto& entry : selected.shown) {
        names.append(names.empty() ? "" : " ").append(entry.name);
    }
    return names;
}

std::vector<listing_entry> make_entries() {
    return {{"b", false, 10, 30}, {"z", true, 99, 1},   {"a", false, 30, 10},
            {"y", true, 11, 2},   {"c", false, 20, 20}, {"d", false, 20, 20}};
}

std::string sorted_by(listing_view view) {
    auto entries = make_entries();
    return names_of(select_entries({.entries = entries}, view));
}

TEST(select_entries, sorts_directories_first_whatever_the_order) {
    EXPECT_EQ(sorted_by({listing_key::name, false}), "y z a b c d");
    EXPECT_EQ(sorted_by({listing_key::name, true}), "z y d c b a");
    EXPECT_EQ(sorted_by({listing_key::time, false}), "z y a c d b");
    EXPECT_EQ(sorted_by({listing_key::time, true}), "y z b c d a");
}

TEST(select_entries, directories_have_no_size_to_be_sorted_by) {
    EXPECT_EQ(sorted_by({listing_key::size, false}), "y z b c d a");
    EXPECT_EQ(sorted_by({listing_key::size, true}), "y z a c d b");
}

TEST(select_entries, cuts_after_sorting) {
    auto entries = make_entries();

    const auto selected = select_entries({.entries = entries, .entries_max = 3}, {});

    EXPECT_EQ(names_of(selected), "y z a");
    EXPECT_EQ(selected.total, 6U);
}

TEST(select_entries, drops_what_no_request_can_name) {
    std::vector<listing_entry> entries{{"ok"},   {""},        {"."},   {".."},  {"a\nb"},
                                       {"\x1b"}, {"del\x7f"}, {"a/b"}, {"..."}, {"\xff"}};

    const auto selected = select_entries({.entries = entries}, {});

    EXPECT_EQ(names_of(selected), "... ok \xff");
    EXPECT_EQ(selected.total, 3U);
}

TEST(select_entries, takes_an_empty_directory) {
    EXPECT_TRUE(select_entries({}, {}).shown.empty());
}

TEST(natural_less, counts_like_people_do) {
    const std::vector<std::string> ordered{"",
                                           ".x",
                                           "1",
                                           "01",
                                           "2",
                                           "10",
                                           "10a",
                                           "a",
                                           "A1",
                                           "a2",
                                           "A10",
                                           "a10b2",
                                           "a10b10",
                                           "B",
                                           "file1.x",
                                           "file01.y",
                                           "file2",
                                           "File10",
                                           "file99999999999999999999998",
                                           "file99999999999999999999999",
                                           "file_",
                                           "\xc3\xa4"};
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        for (std::size_t j = 0; j < ordered.size(); ++j) {
            const bool tie = (i == 2 && j == 3) || (i == 3 && j == 2);  // Bytes decide.
            EXPECT_EQ(natural_less(ordered[i], ordered[j]), tie ? i > j : i < j)
                << ordered[i] << " < " << ordered[j];
        }
    }
}

// Property: sorting may rely on it.
TEST(natural_less, is_a_strict_total_order) {
    constexpr std::string_view alphabet = "019aAb./:\xff";
    std::mt19937 random{20260205};
    const auto draw = [&] {
        std::string name;
        for (auto count = random() % 6; count > 0; --count) {
            name += alphabet[random() % alphabet.size()];
        }
        return name;
    };
    for (int round = 0; round < 200'000; ++round) {
        const auto a = draw();
        const auto b = draw();
        const auto c = draw();
        ASSERT_EQ(natural_less(a, b) || natural_less(b, a), a != b) << a << " " << b;
        ASSERT_FALSE(natural_less(a, b) && natural_less(b, a)) << a << " " << b;
        if (natural_less(a, b) && natural_less(b, c)) {
            ASSERT_TRUE(natural_less(a, c)) << a << " " << b << " " << c;
        }
    }
}

}  // namespace
}  // namespace ringway::files
