#include "cli/parse_get.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <ringway/wire/content_decoder.hpp>

#include "cli/get_option_table.hpp"

namespace ringway::cli {
namespace {

std::variant<get_options, reply> parse(std::initializer_list<std::string_view> arguments) {
    return parse_get(std::vector<std::string_view>{arguments});
}

std::string refusal(std::initializer_list<std::string_view> arguments) {
    const auto read = parse(arguments);
    const auto* const wrong = std::get_if<reply>(&read);
    EXPECT_TRUE(wrong != nullptr && wrong->exit_code == 2);
    return wrong == nullptr ? "" : wrong->text;
}

TEST(parse_get, options_and_urls_mix) {
    const auto read = parse({"-o", "-", "http://a/", "-H", "A: 1", "--header=B: 2", "https://b/x",
                             "-r", "0-9", "--limit-rate", "2M", "--http2", "-I"});
    ASSERT_TRUE(std::holds_alternative<get_options>(read));
    const auto& options = std::get<get_options>(read);
    EXPECT_EQ(options.urls.size(), 2U);
    EXPECT_EQ(options.output, "-");
    EXPECT_EQ(options.fields.size(), 2U);
    EXPECT_EQ(options.range->text(), "0-9");
    EXPECT_EQ(options.limit_rate, 2U << 20U);
    EXPECT_EQ(options.version, http::client_version::http_2);
    EXPECT_TRUE(options.head_only);
}

TEST(parse_get, what_makes_no_sense_is_refused) {
    EXPECT_TRUE(refusal({}).contains("get what?"));
    EXPECT_TRUE(refusal({"example.org"}).contains("in front"));
    EXPECT_LT(refusal({"http://a/" + std::string(70'000, 'a')}).size(), 300U);
    EXPECT_TRUE(refusal({""}).contains("\"\""));
    EXPECT_TRUE(refusal({"http://a/", "--contine"}).contains("--continue"));
    EXPECT_TRUE(refusal({"http://a/", "http://b/", "-o", "x"}).contains("several URLs"));
    EXPECT_TRUE(refusal({"http://a/", "-C", "-o", "-"}).contains("--continue"));
    EXPECT_TRUE(refusal({"http://a/", "-C", "--overwrite"}).contains("contradict"));
    EXPECT_TRUE(refusal({"http://a/", "-j", "2", "-r", "0-1"}).contains("--pieces"));
    if (!wire::known_codings().empty()) {
        for (const char* const other : {"-C", "-r0-1", "-j2"}) {
            EXPECT_TRUE(refusal({"http://a/", "--compressed", other}).contains("whole file"));
        }
        EXPECT_TRUE(refusal({"http://a/", "--compressed", "--bench"}).contains("-H"));
    } else {
        EXPECT_TRUE(refusal({"http://a/", "--compressed"}).contains("built without"));
    }
    EXPECT_TRUE(refusal({"http://a/", "--http3"}).contains("needs https"));
    EXPECT_TRUE(refusal({"https://a/", "--http2", "--http3"}).contains("forced"));
    EXPECT_TRUE(refusal({"https://a/", "--http2=x"}).contains("neither yes nor no"));
    EXPECT_TRUE(refusal({"https://a/", "--early-data", "--http2"}).contains("HTTP/3"));
    EXPECT_TRUE(refusal({"https://a/", "--migrate", "127.0.0.1"}).contains("--http3"));
    EXPECT_TRUE(refusal({"https://a/", "--http3", "--migrate", "::1", "-I"}).contains("--head"));
    EXPECT_TRUE(refusal({"http://a/", "-j", "0"}).contains("--pieces"));
    EXPECT_TRUE(refusal({"http://a/", "-o", ""}).contains("--output"));
    EXPECT_TRUE(refusal({"http://a/", "--max-time", "--json"}).contains("needs a value"));
}

TEST(parse_get, help_is_told) {
    const auto read = parse({"--help"});
    ASSERT_TRUE(std::holds_alternative<reply>(read));
    EXPECT_EQ(std::get<reply>(read).exit_code, 0);
    for (const auto& row : get_option_table()) {
        EXPECT_TRUE(std::get<reply>(read).text.contains("--" + std::string{row.text.name}))
            << row.text.name;
    }
}

}  // namespace
}  // namespace ringway::cli
