#include "cli/command_line.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

command parse(std::initializer_list<std::string_view> arguments) {
    const std::vector<std::string_view> all{arguments};
    return parse_command_line(all, {});
}

reply told(std::initializer_list<std::string_view> arguments) {
    const auto parsed = parse(arguments);
    if (std::holds_alternative<serve_options>(parsed)) {
        ADD_FAILURE() << "serves";
        return {};
    }
    return std::get<reply>(parsed);
}

void expect_error(std::initializer_list<std::string_view> arguments, std::string_view line) {
    const auto answer = told(arguments);
    EXPECT_EQ(answer.exit_code, 2);
    EXPECT_EQ(answer.text, std::string{line} + "\n");
}

TEST(command_line, serve) {
    const auto parsed = parse({"serve", "/", "--shards", "2"});
    ASSERT_TRUE(std::holds_alternative<serve_options>(parsed));
    EXPECT_EQ(std::get<serve_options>(parsed).directory, "/");
    EXPECT_EQ(std::get<serve_options>(parsed).shards, 2U);
}

TEST(command_line, nothing_explains_itself) {
    const auto answer = told({});
    EXPECT_EQ(answer.exit_code, 2);
    EXPECT_NE(answer.text.find("usage: ringway COMMAND"), std::string::npos);
}

TEST(command_line, help) {
    for (const auto* const spelling : {"--help", "-h", "help"}) {
        EXPECT_EQ(told({spelling}).exit_code, 0);
        EXPECT_NE(told({spelling}).text.find("usage: ringway COMMAND"), std::string::npos);
    }
    EXPECT_EQ(told({"help", "serve"}).text, told({"serve", "--help"}).text);
    expect_error({"help", "swerve"},
                 "ringway: there is no command swerve; did you mean serve? (ringway --help lists "
                 "them)");
}

TEST(command_line, version) {
    for (const auto* const spelling : {"--version", "-V"}) {
        EXPECT_EQ(told({spelling}).exit_code, 0);
        EXPECT_TRUE(told({spelling}).text.starts_with("ringway "));
    }
}

TEST(command_line, man) {
    EXPECT_TRUE(told({"--man"}).text.contains(".TH RINGWAY 1"));
    EXPECT_TRUE(told({"--man", "serve"}).text.contains(".TH RINGWAY-SERVE 1"));
}

TEST(command_line, unknown_commands_are_told) {
    expect_error({"sevre"},
                 "ringway: there is no command sevre; did you mean serve? (ringway --help lists "
                 "them)");
    expect_error({"quux"}, "ringway: there is no command quux (ringway --help lists them)");
    expect_error({"/usr"},
                 "ringway: there is no command /usr; to serve that directory: ringway serve /usr");
}

TEST(command_line, unknown_options_are_told) {
    expect_error({"--vresion"},
                 "ringway: there is no option --vresion; did you mean --version? (ringway --help "
                 "lists them)");
    expect_error({"--listen", ":80"},
                 "ringway: --listen belongs behind a command: ringway serve --listen");
    expect_error({"-l", ":80"}, "ringway: -l belongs behind a command: ringway serve -l");
}

}  // namespace
}  // namespace ringway::cli
