#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "cli/command_page.hpp"
#include "cli/pages.hpp"
#include "cli/version.hpp"

namespace ringway::cli {
namespace {

TEST(man_page, is_laid_out) {
    const command_page page{
        .name = "ringway test",
        .summary = "test",
        .synopsis = "ringway test [OPTION]...",
        .description = {".dots, back\\slashes and it's -5"},
        .options = {{.group = "One",
                     .name = "a-flag",
                     .letter = 'f',
                     .form = option_form::flag,
                     .help = "A flag."},
                    {.group = "One",
                     .name = "value",
                     .value = "N",
                     .default_value = "5",
                     .help = "A value."},
                    {.group = "Two",
                     .name = "path",
                     .form = option_form::optional_value,
                     .value = "PATH",
                     .help = "A path."}},
        .sections = {{"EXAMPLES", {"One:", "$ ringway test"}}},
        .help_ending = "",
    };
    EXPECT_EQ(render_man(page, "1.2.3"),
              ".\\\" Generated from the option tables by ringway --man; do not edit.\n"
              ".TH RINGWAY-TEST 1 \"\" \"ringway 1.2.3\" \"User Commands\"\n"
              ".SH NAME\nringway\\-test \\- test\n"
              ".SH SYNOPSIS\nringway test [OPTION]...\n"
              ".SH DESCRIPTION\n.PP\n\\&.dots, back\\eslashes and it\\(aqs \\-5\n"
              ".SH OPTIONS\n"
              ".SS One\n"
              ".TP\n\\fB\\-f\\fR, \\fB\\-\\-a\\-flag\\fR\nA flag.\n"
              ".TP\n\\fB\\-\\-value\\fR \\fIN\\fR\nA value.\nDefault: 5.\n"
              ".SS Two\n"
              ".TP\n\\fB\\-\\-path\\fR[=\\fIPATH\\fR]\nA path.\n"
              ".SH EXAMPLES\n.PP\nOne:\n.PP\n.RS 4\n.EX\nringway test\n.EE\n.RE\n");
}

// Goal: the committed pages are those of this program.
TEST(man_page, committed_pages_are_up_to_date) {
    const std::filesystem::path folder{RINGWAY_SOURCE_DIR "/docs/man"};
    const auto expect_same = [&folder](const char* name, const command_page& page) {
        std::ifstream in{folder / name};
        const std::string committed{std::istreambuf_iterator<char>{in}, {}};
        EXPECT_EQ(committed, render_man(page, version_number()))
            << "write it anew: ringway --man [COMMAND] > docs/man/" << name;
    };
    expect_same("ringway.1", main_page());
    expect_same("ringway-serve.1", serve_page());
    expect_same("ringway-bench.1", bench_page());
    expect_same("ringway-get.1", get_page());
    expect_same("ringway-cp.1", cp_page());
    expect_same("ringway-doctor.1", doctor_page());
    expect_same("ringway-top.1", top_page());
    expect_same("ringway-xdp.1", xdp_page());
}

}  // namespace
}  // namespace ringway::cli
