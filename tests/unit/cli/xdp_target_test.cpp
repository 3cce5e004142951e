#include "cli/xdp_target.hpp"

#include <string>

#include <gtest/gtest.h>

#include "support/virtual_network.hpp"

namespace ringway::cli {
namespace {

using test::net_side;

TEST(parse_mac, reads_six_pairs_and_nothing_else) {
    EXPECT_EQ(*parse_mac("02:00:00:00:00:Ff"), (xdp::mac_address{2, 0, 0, 0, 0, 255}));
    for (const char* const bad :
         {"", "02", "02:00:00:00:00", "02:00:00:00:00:0", "02:00:00:00:00:01:02",
          "02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00:011"}) {
        EXPECT_FALSE(parse_mac(bad).has_value()) << bad;
    }
}

TEST(xdp_target, finds_out_what_was_not_said) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto near = *bpf::find_interface("near");
        for (const char* const to : {"10.77.0.2", "10.77.0.2:7", "fd77::2", "[fd77::2]:7"}) {
            const auto made = xdp_target_of({.to = to}, near);
            ASSERT_TRUE(made.has_value()) << to << ": " << made.error().text;
            EXPECT_EQ(made->recipe.target_mac, (xdp::mac_address{2, 0, 0, 0, 0, 2}));
            EXPECT_EQ(made->recipe.source_mac, (xdp::mac_address{2, 0, 0, 0, 0, 1}));
            EXPECT_EQ(made->recipe.target_port, 7);
            EXPECT_EQ(made->recipe.source[15], 1);
            EXPECT_EQ(made->recipe.target[15], 2);
            EXPECT_EQ(made->recipe.is_v6, std::string{to}.find("fd77") != std::string::npos);
            EXPECT_EQ(made->sources.bits, 0);
        }
    });
}

TEST(xdp_target, says_what_is_missing) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto near = *bpf::find_interface("near");
        const auto refusal = [&near](const xdp_options& options) {
            const auto made = xdp_target_of(options, near);
            return made ? "" : made.error().text;
        };
        EXPECT_NE(refusal({.to = "example.org"}).find("is no address"), std::string::npos);
        EXPECT_NE(refusal({.to = "10.77.0.9"}).find("--mac"), std::string::npos);
        EXPECT_NE(refusal({.to = "10.77.0.2", .from = "fd77::1"}).find("different families"),
                  std::string::npos);
        EXPECT_NE(refusal({.to = "10.77.0.2", .mac = "x"}).find("--mac is written"),
                  std::string::npos);
        EXPECT_EQ(refusal({.to = "10.77.0.9", .from = "10.0.0.0/8", .mac = "02:00:00:00:00:09"}),
                  "");
    });
}

}  // namespace
}  // namespace ringway::cli
