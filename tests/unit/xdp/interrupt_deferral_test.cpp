#include "xdp/interrupt_deferral.hpp"

#include <gtest/gtest.h>

#include "support/virtual_network.hpp"

namespace ringway::xdp {
namespace {

using test::net_side;

// What sysfs says of "near", seen from its own network namespace.
bool has_settings(const test::virtual_network& network, const char* count, const char* timeout) {
    const std::string folder = "/sys/class/net/near/";
    return network.run(net_side::near,
                       "unshare -m sh -c 'mount --make-rprivate / && mount -t sysfs none /sys && "
                       "[ $(cat " +
                           folder + "napi_defer_hard_irqs) = " + count +
                           " ] && "
                           "[ $(cat " +
                           folder + "gro_flush_timeout) = " + timeout + " ]'") == 0;
}

TEST(interrupt_deferral, ends_with_what_was_there_before) {
    RW_MAKE_NETWORK(network);
    ASSERT_TRUE(has_settings(*network, "0", "0"));
    network->in(net_side::near, [&] {
        const auto near = *bpf::find_interface("near");
        {
            const auto first = interrupt_deferral::begin(near);
            ASSERT_NE(first, nullptr);
            EXPECT_TRUE(has_settings(*network, "2", "200000"));
            EXPECT_EQ(interrupt_deferral::begin(near), nullptr) << "it is deferred already";
            EXPECT_TRUE(has_settings(*network, "2", "200000"));
        }
        EXPECT_TRUE(has_settings(*network, "0", "0"));
    });
}

TEST(interrupt_deferral, bears_an_interface_that_goes_away) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [&] {
        const auto deferred = interrupt_deferral::begin(*bpf::find_interface("near"));
        ASSERT_NE(deferred, nullptr);
        EXPECT_EQ(network->run(net_side::near, "ip link del near"), 0);
    });
}

}  // namespace
}  // namespace ringway::xdp
