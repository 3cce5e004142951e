#include "probe/interfaces.hpp"

#include <cstddef>
#include <cstring>
#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <span>

#include "probe/netlink.hpp"

namespace ringway::probe {
namespace {

TEST(interfaces, features_are_told_by_name) {
    interface_facts one{.name = "eth0",
                        .index = 2,
                        .driver = "virtio_net",
                        .queues = 2,
                        .mtu = 1500,
                        .xdp = xdp_basic | xdp_redirect | xdp_zero_copy};
    EXPECT_EQ(text_of(one),
              "driver virtio_net, 2 queues, MTU 1500; native XDP, redirect, zero copy");
    one.xdp = 0;
    one.driver = "";
    one.queues = 1;
    EXPECT_EQ(text_of(one), "1 queue, MTU 1500; generic XDP only");
    one.xdp.reset();
    EXPECT_NE(text_of(one).find("does not tell"), std::string::npos);
}

TEST(interfaces, answers_of_the_kernel_are_read) {
    netlink_request request{99, 0};
    request.append(genlmsghdr{1, 1, 0});
    request.number(1, 7);
    constexpr std::uint64_t features = 0x2b;
    request.attribute(3, std::as_bytes(std::span{&features, 1}));
    constexpr std::uint64_t hints = 5;
    request.attribute(5, std::as_bytes(std::span{&hints, 1}));
    const auto content = request.finish().subspan(sizeof(nlmsghdr));
    const auto read = read_netdev_answer(content);
    EXPECT_EQ(read.index, 7U);
    EXPECT_EQ(read.xdp, features);
    EXPECT_EQ(read.receive_hints, hints);
    for (std::size_t size = 0; size < content.size(); ++size) {
        static_cast<void>(read_netdev_answer(content.first(size)));
    }
    EXPECT_EQ(read_netdev_answer(content.first(8)).index, 0U);
}

TEST(interfaces, loopback_is_none_of_them) {
    for (const auto& each : look_at_interfaces()) {
        EXPECT_NE(each.name, "lo");
        EXPECT_NE(each.index, 0U);
    }
}

}  // namespace
}  // namespace ringway::probe
