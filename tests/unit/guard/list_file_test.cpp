#include "guard/list_file.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace ringway::guard {
namespace {

std::string why(std::string_view text) {
    const auto list = parse_list(text, "block.txt");
    return list ? "" : list.error();
}

TEST(list_file, reads_ranges_lifetimes_and_comments) {
    const auto list = parse_list(
        "# ours\n\n10.0.0.0/8\n  192.0.2.1\tfor 10m  # him\r\n2001:db8::/32 for 7d", "x");
    ASSERT_TRUE(list.has_value()) << list.error();
    ASSERT_EQ(list->size(), 3U);
    EXPECT_EQ(to_text(list->at(0).range), "10.0.0.0/8");
    EXPECT_FALSE(list->at(0).lifetime.has_value());
    EXPECT_EQ(to_text(list->at(1).range), "192.0.2.1");
    EXPECT_EQ(list->at(1).lifetime, seconds{600});
    EXPECT_EQ(list->at(2).lifetime, seconds{7 * 86400});
}

TEST(list_file, names_the_line_and_what_is_wrong) {
    EXPECT_EQ(why("10.0.0.0/8\n\n10.0.0.300\n"), "block.txt:3: \"10.0.0.300\" is no IP address");
    EXPECT_EQ(why("10.0.0.1 until tomorrow"),
              "block.txt:1: \"10.0.0.1 until tomorrow\": behind the range only \"for TIME\" may "
              "stand");
    EXPECT_EQ(why("10.0.0.1 for"),
              "block.txt:1: \"10.0.0.1 for\": behind the range only \"for TIME\" may stand");
    for (const char* const bad : {"0s", "10", "m", "-5m", "1w", "99999999d", "10 m"}) {
        EXPECT_EQ(why(std::string{"::1 for "} + bad),
                  std::string{"block.txt:1: \""} + bad +
                      "\" is no lifetime: 30s, 10m, 12h or 7d, ten years at most");
    }
}

// Goal: lists of strangers write nothing to the operator's terminal but what can be read.
TEST(list_file, names_nonsense_in_a_line_that_does_no_harm) {
    EXPECT_EQ(why("\x1b[2J"), "block.txt:1: \"?[2J\" is no IP address");
    EXPECT_LT(why(std::string(100'000, 'x')).size(), 120U);
}

TEST(list_file, passes_over_a_byte_order_mark) {
    const auto list = parse_list(
        "\xef\xbb\xbf"
        "10.0.0.0/8\n",
        "x");
    ASSERT_TRUE(list.has_value()) << list.error();
    EXPECT_EQ(list->size(), 1U);
}

TEST(list_file, reads_files_and_says_which_it_can_not) {
    const std::string path = testing::TempDir() + "guard_list.txt";
    std::ofstream{path} << "10.0.0.0/8\n";
    ASSERT_TRUE(read_list_file(path).has_value());
    EXPECT_EQ(read_list_file(path)->size(), 1U);
    const auto none = read_list_file("/nowhere/block.txt");
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error(), "/nowhere/block.txt: No such file or directory");
    EXPECT_EQ(read_list_file("/tmp").error(), "/tmp: no file");
}

}  // namespace
}  // namespace ringway::guard
