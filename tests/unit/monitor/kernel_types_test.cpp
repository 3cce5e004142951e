#include "monitor/kernel_types.hpp"

#include <gtest/gtest.h>

namespace ringway::monitor {
namespace {

TEST(kernel_types, knows_tracepoints_and_constants) {
    const auto types = kernel_types::load();
    if (!types) {
        GTEST_SKIP() << types.error().text;
    }
    EXPECT_EQ(types->tracepoint_arguments("inet_sock_set_state"), 3U);
    EXPECT_EQ(types->tracepoint_arguments("no_such_tracepoint"), 0U);
    EXPECT_TRUE(types->has_function("tcp_sendmsg"));
    EXPECT_FALSE(types->has_function("no_such_function"));
    EXPECT_FALSE(types->has_function("tcp_sock"));  // A structure.
    EXPECT_EQ(types->constant("tcp_ca_state", 0, "TCP_CA_"), "Open");
    EXPECT_EQ(types->constant("tcp_ca_state", 99, "TCP_CA_"), "");
    EXPECT_EQ(types->constant("no_such_enum", 0, ""), "");
}

}  // namespace
}  // namespace ringway::monitor
