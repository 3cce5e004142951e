#include "xdp/filter.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "xdp/build.hpp"

namespace ringway::xdp {
namespace {

std::vector<std::byte> frame_of(const udp_recipe& how) {
    std::vector<std::byte> frame(200);
    frame.resize(build_udp(frame, how, 20));
    return frame;
}

bool matches(const std::string& text, const udp_recipe& how) {
    const auto made = filter::parse(text);
    EXPECT_TRUE(made.has_value()) << text << ": " << made.error();
    const auto frame = frame_of(how);
    return made && made->matches(*parse_frame(frame), frame.size());
}

const udp_recipe dns{.source = parse_prefix("10.1.2.3")->address,
                     .target = parse_prefix("192.0.2.1")->address,
                     .source_port = 4000,
                     .target_port = 53,
                     .vlan = 7};
const udp_recipe quic6{.is_v6 = true,
                       .source = parse_prefix("2001:db8::1")->address,
                       .target = parse_prefix("fd77::2")->address,
                       .source_port = 443,
                       .target_port = 50000};

TEST(filter, means_what_it_says) {
    for (const char* const yes : {"",
                                  "udp",
                                  "ip",
                                  "port 53",
                                  "dst port 53",
                                  "src port 4000",
                                  "udp and port 53",
                                  "udp and port 53 and src 10.0.0.0/8",
                                  "not tcp",
                                  "! tcp",
                                  "tcp or udp",
                                  "10.0.0.0/8",
                                  "host 192.0.2.1",
                                  "dst net 192.0.2.0/24",
                                  "vlan",
                                  "vlan 7",
                                  "proto 17",
                                  "less 100",
                                  "greater 50",
                                  "port 50-60",
                                  "tcp and ip6 or udp",
                                  "tcp or (udp and not (port 54 or ip6))",
                                  "tcp || udp && port 53"}) {
        EXPECT_TRUE(matches(yes, dns)) << yes;
    }
    for (const char* const no :
         {"tcp", "ip6", "arp", "icmp", "port 54", "src port 53", "dst port 4000", "dst 10.0.0.0/8",
          "not udp", "vlan 8", "::/0", "proto 6", "less 40", "greater 90", "udp and not port 53",
          "(tcp or udp) and ip6", "port 54-60"}) {
        EXPECT_FALSE(matches(no, dns)) << no;
    }
    EXPECT_TRUE(matches("ip6 and src 2001:db8::/32 and dst port 50000", quic6));
    EXPECT_FALSE(matches("0.0.0.0/0", quic6));
    EXPECT_FALSE(matches("vlan", quic6));
}

TEST(filter, says_what_is_wrong_and_where) {
    const std::vector<std::pair<const char*, const char*>> wrong{
        {"ucp", "column 1: \"ucp\" is nothing to filter by"},
        {"udp and", "missing at the end"},
        {"udp port", "column 5: \"port\" is not expected here"},
        {"port x", "column 6: \"x\" is no port"},
        {"port 70000", "is no port"},
        {"port 9-3", "is no port"},
        {"src 10.0.0.0/40", "from 0 to 32"},
        {"src 10.0.0", "is no address"},
        {"(udp", "a \")\" is missing"},
        {"udp)", "is not expected here"},
        {"less", "is no number"},
        {"proto 300", "is no number from 0 to 255"},
        {"src", "missing at the end"},
    };
    for (const auto& [text, why] : wrong) {
        const auto made = filter::parse(text);
        ASSERT_FALSE(made.has_value()) << text;
        EXPECT_NE(made.error().find(why), std::string::npos) << made.error();
    }
    EXPECT_FALSE(filter::parse(std::string(100, '(')).has_value());
    std::string endless = "udp";
    for (int i = 0; i < 300; ++i) {
        endless += " or udp";
    }
    EXPECT_FALSE(filter::parse(endless).has_value());
}

TEST(filter, says_what_the_kernel_can_not_tell) {
    for (const char* const text : {"not udp", "vlan", "less 60", "port 1-9", "tcp and udp"}) {
        EXPECT_FALSE(filter::parse(text)->rules(16).has_value()) << text;
    }
    EXPECT_FALSE(filter::parse("(port 1 or port 2 or port 3) and (src port 9 or src port 8)")
                     ->rules(4)
                     .has_value());
    EXPECT_EQ(filter::parse("")->rules(16)->size(), 0U);
    EXPECT_EQ(filter::parse("udp and dst port 53")->rules(16)->size(), 1U);
    EXPECT_EQ(filter::parse("udp and port 53")->rules(16)->size(), 2U);
    EXPECT_EQ(filter::parse("src 10.0.0.0/8 and src 10.1.0.0/16")->rules(16)->front().source.bits,
              16);
}

// The comparison that the program in the kernel makes.
bool fits(const std::vector<match_rule>& rules, const frame_headers& it) {
    std::array<std::uint64_t, match_rule::words> key{};
    std::memcpy(&key[0], it.source.data(), 16);
    std::memcpy(&key[2], it.target.data(), 16);
    key[4] = std::uint64_t{it.ether_type} << 48U |
             static_cast<std::uint64_t>(std::max(it.source_port, 0)) << 32U |
             static_cast<std::uint64_t>(std::max(it.target_port, 0)) << 16U |
             std::uint64_t{it.protocol} << 8U | it.ip_version;
    return rules.empty() || std::ranges::any_of(rules, [&](const match_rule& rule) {
               const auto made = rule.compile();
               std::uint64_t differs = 0;
               for (std::size_t i = 0; i < key.size(); ++i) {
                   differs |= (key[i] ^ made.value[i]) & made.mask[i];
               }
               return differs == 0;
           });
}

std::string random_expression(std::mt19937& random, int depth) {
    static const std::vector<std::string> leaves{"udp",
                                                 "tcp",
                                                 "ip",
                                                 "ip6",
                                                 "port 53",
                                                 "dst port 53",
                                                 "src port 443",
                                                 "10.0.0.0/8",
                                                 "src 10.1.0.0/16",
                                                 "dst 192.0.2.1",
                                                 "fd77::/16",
                                                 "proto 17",
                                                 "dst fd77::2",
                                                 "src 10.2.0.0/16"};
    if (depth == 0 || random() % 3 == 0) {
        return leaves[random() % leaves.size()];
    }
    return "(" + random_expression(random, depth - 1) + (random() % 2 == 0 ? " and " : " or ") +
           random_expression(random, depth - 1) + ")";
}

// Goal: the rules in the kernel and the expression in user space mean the same packets.
TEST(filter, has_rules_that_mean_the_same) {
    std::mt19937 random{31};
    int compared = 0;
    for (int round = 0; round < 3000; ++round) {
        const std::string text = random_expression(random, 3);
        const auto made = filter::parse(text);
        ASSERT_TRUE(made.has_value()) << text;
        const auto rules = made->rules(64);
        if (!rules) {
            continue;
        }
        for (const udp_recipe& how : {dns, quic6}) {
            const auto frame = frame_of(how);
            const auto it = *parse_frame(frame);
            ASSERT_EQ(fits(*rules, it), made->matches(it, frame.size())) << text;
            ++compared;
        }
    }
    EXPECT_GT(compared, 1000);
}

}  // namespace
}  // namespace ringway::xdp
