#include "cli/parse_xdp.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/options_of_xdp.hpp"
#include "support/parsed_options.hpp"

namespace ringway::cli {
namespace {

using words = std::vector<std::string_view>;

xdp_options options_of_words(const words& given) { return test::accepted(parse_xdp(given)); }

std::string refusal_of(const words& given) { return test::refused(parse_xdp(given)); }

TEST(parse_xdp, takes_the_words_behind_the_interface_as_an_expression) {
    const auto read =
        options_of_words({"drop", "eth0", "udp", "and", "port", "53", "-d", "10m", "--json"});
    EXPECT_EQ(read.verb, xdp_verb::drop);
    EXPECT_EQ(read.interface, "eth0");
    EXPECT_EQ(read.expression, "udp and port 53");
    EXPECT_EQ(read.duration, std::chrono::minutes{10});
    EXPECT_TRUE(read.json);
    EXPECT_EQ(options_of_words({"drop", "eth0", "udp and port 53"}).expression, "udp and port 53");
}

TEST(parse_xdp, has_defaults_for_each_command) {
    EXPECT_EQ(options_of_words({"status"}).interface, "");
    const auto ping = options_of_words({"ping", "eth0", "--to", "10.0.0.1"});
    EXPECT_EQ(ping.count, 10'000U);
    EXPECT_EQ(ping.interval.count(), 0);
    const auto forward = options_of_words({"forward", "eth0", "eth1", "tcp"});
    EXPECT_EQ(forward.second, "eth1");
    EXPECT_EQ(forward.expression, "tcp");
    EXPECT_EQ(forward.queue, -1);
    EXPECT_EQ(options_of_words({"gen", "eth0", "--to", "::1", "--rate", "2M"}).rate, 2'000'000U);
    EXPECT_EQ(options_of_words({"gen", "eth0", "--to", "::1", "--rate", "15k"}).rate, 15'000U);
    EXPECT_EQ(options_of_words({"respond", "eth0", "-a", "::1", "-a", "::2"}).addresses.size(), 2U);
    EXPECT_EQ(options_of_words({"respond", "eth0", "--queue", "3"}).queue, 3);
    EXPECT_EQ(options_of_words({"respond", "eth0"}).moderation_us, 50U);
    EXPECT_EQ(options_of_words({"respond", "eth0", "--moderation", "0"}).moderation_us, 0U);
}

TEST(parse_xdp, says_what_is_wrong) {
    const std::vector<std::pair<words, const char*>> wrong{
        {{}, "do what?"},
        {{"drip", "eth0"}, "\"drip\" is none of"},
        {{"drop"}, "on which interface?"},
        {{"forward", "eth0"}, "INTERFACE INTERFACE"},
        {{"forward", "eth0", "eth0"}, "two different interfaces"},
        {{"gen", "eth0"}, "where to?"},
        {{"ping", "eth0", "--to", "::1", "udp"}, "takes no expression"},
        {{"drop", "eth0", "--rate", "5"}, "--rate means nothing to ringway xdp drop"},
        {{"status", "--mode", "generic"}, "means nothing"},
        {{"drop", "eth0", "--mode", "native"}, "is none of"},
        {{"respond", "eth0", "--frame-bytes", "3000"}, "2048 or 4096"},
        {{"respond", "eth0", "--moderation", "10001"}, "10000"},
        {{"respond", "eth0", "--copy", "--zero-copy"}, "exclude each other"},
        {{"drop", "eth0", "--moderation", "5"}, "means nothing"},
        {{"drop", "eth0", "--interval", "0"}, "time between"},
        {{"drop", "eth0", "--moed", "auto"}, "has no option"},
    };
    for (const auto& [given, why] : wrong) {
        EXPECT_NE(refusal_of(given).find(why), std::string::npos) << refusal_of(given);
    }
}

TEST(parse_xdp, knows_each_command_by_its_word) {
    for (const auto verb :
         {xdp_verb::drop, xdp_verb::pass, xdp_verb::reflect, xdp_verb::respond, xdp_verb::forward,
          xdp_verb::gen, xdp_verb::ping, xdp_verb::capture, xdp_verb::status}) {
        EXPECT_EQ(*parse_xdp_verb(name_of(verb)), verb);
    }
}

}  // namespace
}  // namespace ringway::cli
