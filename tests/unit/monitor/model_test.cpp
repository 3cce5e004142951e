#include "monitor/model.hpp"

#include <cerrno>
#include <gtest/gtest.h>

namespace ringway::monitor {
namespace {

monitor_end ended(std::uint8_t before, std::uint8_t flags, std::uint32_t error = 0) {
    monitor_end made{};
    made.state_before = before;
    made.flags = flags;
    made.error = error;
    return made;
}

TEST(monitor_model, tells_why_a_connection_ended) {
    EXPECT_STREQ(end_reason(ended(2, 0, ECONNREFUSED)), "refused");
    EXPECT_STREQ(end_reason(ended(2, MONITOR_RESET_RECEIVED, ECONNREFUSED)), "refused");
    EXPECT_STREQ(end_reason(ended(2, 0, ETIMEDOUT)), "timed out");
    EXPECT_STREQ(end_reason(ended(2, 0, 0)), "given up");
    EXPECT_STREQ(end_reason(ended(2, 0, EIO)), "failed");
    EXPECT_STREQ(end_reason(ended(3, MONITOR_PASSIVE)), "handshake given up");
    EXPECT_STREQ(end_reason(ended(1, MONITOR_RESET_RECEIVED)), "reset by peer");
    EXPECT_STREQ(end_reason(ended(1, MONITOR_RESET_SENT)), "reset here");
    EXPECT_STREQ(end_reason(ended(1, 0, ETIMEDOUT)), "timed out");
    EXPECT_STREQ(end_reason(ended(5, MONITOR_CLOSED_HERE)), "closed here");
    EXPECT_STREQ(end_reason(ended(9, MONITOR_CLOSED_THERE)), "closed by peer");
    EXPECT_STREQ(end_reason(ended(1, 0)), "reset here");
    EXPECT_STREQ(end_reason(ended(8, MONITOR_CLOSED_THERE)), "reset here");
    EXPECT_STREQ(end_reason(ended(4, 0)), "ended");
}

TEST(monitor_model, knows_failed_connects) {
    EXPECT_TRUE(has_failed_to_connect(ended(2, 0)));
    EXPECT_FALSE(has_failed_to_connect(ended(1, 0)));
}

TEST(monitor_model, names_every_view) {
    for (std::size_t i = 0; i < view_count; ++i) {
        EXPECT_STRNE(name_of(static_cast<view_id>(i)), "");
    }
}

}  // namespace
}  // namespace ringway::monitor
