#include "guard/operator_address.hpp"

#include <gtest/gtest.h>

namespace ringway::guard {
namespace {

TEST(operator_address, reads_what_sshd_says) {
    const auto v4 = parse_ssh_connection("198.51.100.7 50022 192.0.2.1 2222");
    ASSERT_TRUE(v4.has_value());
    EXPECT_EQ(to_text(v4->from), "198.51.100.7");
    EXPECT_EQ(v4->port, 2222);
    const auto v6 = parse_ssh_connection("fe80::1%eth0 50022 fe80::2%eth0 22");
    ASSERT_TRUE(v6.has_value());
    EXPECT_EQ(to_text(v6->from), "fe80::1");
}

TEST(operator_address, takes_nothing_else) {
    for (const char* const bad : {"", "198.51.100.7", "198.51.100.7 22", "x 1 y 22",
                                  "10.0.0.0/8 1 10.0.0.1 22", "10.0.0.1 1 10.0.0.2 0"}) {
        EXPECT_FALSE(parse_ssh_connection(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace ringway::guard
