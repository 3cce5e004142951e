#include "probe/netlink.hpp"

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>
#include <vector>

namespace ringway::probe {
namespace {

TEST(netlink, attributes_nest) {
    netlink_request request{5, 0};
    request.text(1, "abc");
    const auto outer = request.begin(2);
    request.number(3, 9);
    request.end(outer);
    request.number(4, 1);
    const auto content = request.finish().subspan(sizeof(nlmsghdr));

    std::vector<std::uint16_t> types;
    std::uint64_t inner = 0;
    for_each_attribute(content, [&](std::uint16_t type, std::span<const std::byte> value) {
        types.push_back(type);
        if (type == 1) {
            EXPECT_EQ(value.size(), 4U);
        }
        if (type == 2) {
            for_each_attribute(value, [&](std::uint16_t, std::span<const std::byte> number) {
                inner = number_in(number);
            });
        }
    });
    EXPECT_EQ(types, (std::vector<std::uint16_t>{1, 2, 4}));
    EXPECT_EQ(inner, 9U);
}

TEST(netlink, damaged_attributes_end_the_list) {
    const std::vector<std::byte> zeros(16);
    unsigned count = 0;
    for_each_attribute(zeros, [&count](auto, auto) { ++count; });
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(number_in(std::vector<std::byte>(9)), 0U);
}

TEST(netlink, the_kernel_answers) {
    netlink_socket socket{NETLINK_ROUTE};
    ASSERT_EQ(socket.error(), 0);
    netlink_request request{RTM_GETLINK, NLM_F_DUMP};
    request.append(ifinfomsg{});
    std::vector<std::vector<std::byte>> answers;
    EXPECT_EQ(socket.ask(request, &answers), 0);
    EXPECT_GE(answers.size(), 1U);  // Loopback is everywhere.
}

TEST(netlink, refusals_are_told) {
    netlink_socket socket{NETLINK_ROUTE};
    netlink_request request{RTM_GETLINK, NLM_F_ACK};
    ifinfomsg which{};
    which.ifi_index = 0x7ffffff0;
    request.append(which);
    EXPECT_NE(socket.ask(request), 0);
}

}  // namespace
}  // namespace ringway::probe
