#include "cli/parse_guard.hpp"

#include <gtest/gtest.h>

#include "support/parsed_options.hpp"

namespace ringway::cli {
namespace {

guard_command read(std::vector<std::string_view> arguments) {
    return test::accepted(parse_guard(arguments));
}

std::string refusal(std::vector<std::string_view> arguments) {
    return test::refused(parse_guard(arguments));
}

TEST(parse_guard, what_is_to_be_done) {
    EXPECT_EQ(read({"eth0"}).action, guard_action::run);
    EXPECT_EQ(read({"eth0"}).interface, "eth0");
    EXPECT_EQ(read({"run", "status"}).interface, "status");
    EXPECT_EQ(read({"status"}).action, guard_action::status);
    EXPECT_EQ(read({"stats", "eth0", "--top", "3"}).top, 3U);
    const auto add = read({"add", "allow", "10.0.0.0/8", "::1", "--for", "10m", "-i", "eth1"});
    EXPECT_EQ(add.action, guard_action::add);
    EXPECT_EQ(add.list, "allow");
    EXPECT_EQ(add.ranges, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
    EXPECT_EQ(add.lifetime, "10m");
    EXPECT_EQ(add.interface, "eth1");
    EXPECT_EQ(read({"del", "10.0.0.1"}).list, "block");
    EXPECT_EQ(read({"list", "allow"}).list, "allow");
    EXPECT_EQ(read({"load", "--block", "x"}).block_files, std::vector<std::string>{"x"});
}

TEST(parse_guard, says_what_is_missing) {
    EXPECT_NE(refusal({}).find("guard what?"), std::string::npos);
    EXPECT_NE(refusal({"eth0", "eth1"}).find("guard what?"), std::string::npos);
    EXPECT_NE(refusal({"add", "block"}).find("add what?"), std::string::npos);
    EXPECT_NE(refusal({"list", "pass"}).find("list what?"), std::string::npos);
    EXPECT_NE(refusal({"status", "a", "b"}).find("one interface"), std::string::npos);
    EXPECT_NE(refusal({"add", "foo", "1.2.3.4"}).find("\"foo\" is no list"), std::string::npos);
    EXPECT_NE(refusal({"add", "block", "x"}).find("\"x\" is no"), std::string::npos);
    EXPECT_NE(refusal({"add", "block", "10.0.0.0/33"}).find("10.0.0.0/33"), std::string::npos);
    EXPECT_NE(refusal({"add", "block", "1.2.3.4", "--for", "1x"}).find("--for: "),
              std::string::npos);
    EXPECT_NE(refusal({"eth0", "--metrics", "x"}).find("--metrics x: "), std::string::npos);
    EXPECT_NE(refusal({"eth0", "--admin", "x"}).find("--admin: "), std::string::npos);
}

// Goal: nobody believes that he has changed how a guard runs when he has only asked it.
TEST(parse_guard, refuses_options_that_mean_nothing_to_the_command) {
    for (const auto& words : std::vector<std::vector<std::string_view>>{
             {"eth0", "--for", "10m"},
             {"eth0", "--top", "3"},
             {"status", "--rate", "10"},
             {"status", "--dry-run"},
             {"stats", "--block", "file"},
             {"add", "block", "1.2.3.4", "--block", "file"}}) {
        EXPECT_NE(refusal(words).find("means nothing to ringway guard "), std::string::npos);
    }
}

TEST(parse_guard, ssh_is_kept_unless_said_otherwise) {
    const guard::port_range ssh{.udp = false, .first = 22, .last = 22};
    EXPECT_EQ(read({"eth0"}).firewall.keep, std::vector{ssh});
    EXPECT_TRUE(read({"eth0", "--keep-port", "none"}).firewall.keep.empty());
    EXPECT_EQ(read({"eth0", "--keep-port", "udp/51820"}).firewall.keep,
              (std::vector{guard::port_range{.udp = true, .first = 51820, .last = 51820}}));
}

TEST(parse_guard, a_port_that_is_kept_is_not_blocked) {
    EXPECT_EQ(
        refusal({"eth0", "--block-port", "tcp/22"}),
        "ringway: --block-port tcp/22 blocks nothing: --keep-port tcp/22 comes first, which is "
        "the default (--keep-port none)\n");
    EXPECT_EQ(refusal({"eth0", "--block-port", "udp/5-6", "--keep-port", "udp/1-9"}),
              "ringway: --block-port udp/5-6 blocks nothing: --keep-port udp/1-9 comes first\n");
    for (const char* const more : {"udp/22", "tcp/22-23", "tcp/1-1024"}) {
        EXPECT_EQ(read({"eth0", "--block-port", more}).firewall.block.size(), 1U) << more;
    }
}

TEST(parse_guard, rates) {
    EXPECT_EQ(*parse_rate("1000/50"), (guard::rate{.per_second = 1000, .burst = 50}));
    EXPECT_EQ(*parse_rate("1000"), (guard::rate{.per_second = 1000, .burst = 100}));
    EXPECT_EQ(*parse_rate("5"), (guard::rate{.per_second = 5, .burst = 20}));
    EXPECT_EQ(*parse_rate("off"), guard::rate{});
    for (const char* const bad : {"", "0", "x", "10/", "10/0", "/5", "-1", "999999999999"}) {
        EXPECT_FALSE(parse_rate(bad).has_value()) << bad;
    }
    EXPECT_EQ(read({"eth0", "--syn-rate", "7/9"}).firewall.syn_per_source,
              (guard::rate{.per_second = 7, .burst = 9}));
    EXPECT_NE(refusal({"eth0", "--rate", "fast"}).find("--rate: "), std::string::npos);
}

TEST(parse_guard, ports) {
    EXPECT_EQ(*parse_ports("tcp/23, udp/5000-5100"),
              (std::vector{guard::port_range{.udp = false, .first = 23, .last = 23},
                           guard::port_range{.udp = true, .first = 5000, .last = 5100}}));
    for (const char* const bad : {"23", "icmp/1", "tcp/", "tcp/70000", "tcp/9-8", "tcp/1-x"}) {
        EXPECT_FALSE(parse_ports(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace ringway::cli
