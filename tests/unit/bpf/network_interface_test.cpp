#include <ringway/bpf/network_interface.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include "support/need_kernel.hpp"
#include "support/virtual_network.hpp"

namespace ringway::bpf {
namespace {

using test::net_side;

TEST(network_interface, names_those_that_there_are) {
    const auto found = find_interface("surely-not-0");
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().why.code, errc::not_found);
    EXPECT_NE(found.error().text.find("there are: "), std::string::npos) << found.error().text;
    EXPECT_FALSE(find_interface("a-name-that-is-longer-than-any").has_value());
}

TEST(network_interface, knows_the_loopback) {
    const auto all = all_interfaces();
    const auto lo = std::ranges::find(all, "lo", &network_interface::name);
    ASSERT_NE(lo, all.end());
    EXPECT_TRUE(lo->is_loopback);
    EXPECT_FALSE(carries_default_route("lo"));
}

TEST(network_interface, tells_driver_queues_address_and_mtu) {
    RW_MAKE_NETWORK(network, .queues = 2, .mtu = 2000);
    network->in(net_side::far, [] {
        const auto far = find_interface("far");
        ASSERT_TRUE(far.has_value()) << far.error().text;
        EXPECT_EQ(far->driver, "veth");
        if (test::kernel_is_at_least(5, 13)) {  // Before, veth does not tell how many it has.
            EXPECT_EQ(far->receive_queues, 2U);
        }
        EXPECT_EQ(far->mtu, 2000U);
        EXPECT_EQ(far->mac, (std::array<std::uint8_t, 6>{2, 0, 0, 0, 0, 2}));
        EXPECT_TRUE(far->is_up);
        EXPECT_FALSE(far->is_loopback);
    });
}

TEST(network_interface, sees_default_routes_of_its_namespace) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [&] {
        EXPECT_FALSE(carries_default_route("near"));
        ASSERT_EQ(network->run(net_side::near, "ip route add default via 10.77.0.2"), 0);
        EXPECT_TRUE(carries_default_route("near"));
        EXPECT_FALSE(carries_default_route("lo"));
        ASSERT_EQ(network->run(net_side::near, "ip route del default"), 0);
        EXPECT_FALSE(carries_default_route("near"));
        ASSERT_EQ(network->run(net_side::near, "ip -6 route add default via fd77::2"), 0);
        EXPECT_TRUE(carries_default_route("near"));
    });
}

}  // namespace
}  // namespace ringway::bpf
