#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/command_page.hpp"
#include "cli/pages.hpp"

namespace ringway::cli {
namespace {

TEST(help_text, is_laid_out) {
    const command_page page{
        .name = "ringway test",
        .summary = "test",
        .synopsis = "ringway test [OPTION]...",
        .description = {"A description."},
        .options = {{.group = "One",
                     .name = "flag",
                     .letter = 'f',
                     .form = option_form::flag,
                     .help = "A flag."},
                    {.group = "One",
                     .name = "value",
                     .value = "N",
                     .default_value = "5",
                     .help = "A value."},
                    {.group = "Two",
                     .name = "an-option-with-a-long-name",
                     .form = option_form::optional_value,
                     .value = "PATH",
                     .help = "Words that are many enough to fill more than a line of the "
                             "terminal."}},
        .sections = {},
        .help_ending = "The end.",
    };
    EXPECT_EQ(render_help(page),
              "ringway test - test\n"
              "\n"
              "usage: ringway test [OPTION]...\n"
              "\n"
              "A description.\n"
              "\n"
              "One:\n"
              "  -f, --flag                  A flag.\n"
              "      --value N               A value. [5]\n"
              "\n"
              "Two:\n"
              "      --an-option-with-a-long-name[=PATH]\n"
              "                              Words that are many enough to fill more than a\n"
              "                              line of the terminal.\n"
              "\n"
              "The end.\n");
}

TEST(help_text, fits_a_terminal) {
    for (const auto* const page : {&main_page(), &serve_page()}) {
        std::istringstream lines{render_help(*page)};
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80U) << line;
            EXPECT_FALSE(line.ends_with(' ')) << line;
        }
    }
}

}  // namespace
}  // namespace ringway::cli
