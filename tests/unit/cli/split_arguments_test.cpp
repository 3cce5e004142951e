#include "cli/split_arguments.hpp"

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

constexpr std::array<option_text, 3> table{
    {{.name = "flag", .letter = 'f', .form = option_form::flag},
     {.name = "value", .letter = 'v', .value = "X"},
     {.name = "maybe", .form = option_form::optional_value, .value = "X", .implied = "yes"}}};

std::variant<split_arguments, reply> split(std::initializer_list<std::string_view> arguments) {
    return split_by("test", table, std::vector<std::string_view>{arguments});
}

TEST(split_arguments, values_by_the_row_of_the_table) {
    const auto read = split({"a", "-f", "--value=1", "-v", "2", "--maybe", "b", "--", "--c"});
    ASSERT_TRUE(std::holds_alternative<split_arguments>(read));
    const auto& given = std::get<split_arguments>(read);
    EXPECT_EQ(given.values[0], std::vector<std::string>{"true"});
    EXPECT_EQ(given.values[1], (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(given.values[2], std::vector<std::string>{"yes"});
    EXPECT_EQ(given.operands, (std::vector<std::string>{"a", "b", "--c"}));
    EXPECT_FALSE(given.help);
}

TEST(split_arguments, mistakes_are_named) {
    EXPECT_TRUE(std::get<reply>(split({"--valeu", "1"})).text.contains("--value"));
    EXPECT_TRUE(std::get<reply>(split({"--value"})).text.contains("needs a value"));
    EXPECT_TRUE(std::get<reply>(split({"--value="})).text.contains("needs a value"));
    EXPECT_TRUE(std::get<reply>(split({"--value", ""})).text.contains("needs a value"));
    EXPECT_TRUE(std::get<reply>(split({"-v", ""})).text.contains("needs a value"));
    EXPECT_TRUE(std::get<reply>(split({"--value", "--flag"})).text.contains("needs a value"));
}

}  // namespace
}  // namespace ringway::cli
