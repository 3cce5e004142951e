#include "cli/get_progress.hpp"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(get_progress, share_rate_and_time_left) {
    EXPECT_EQ(get_progress::line(512 * 1024, 1024 * 1024, 128.0 * 1024),
              " 50% [============            ] 512 KiB of 1.00 MiB  128 KiB/s  0:04 left");
    EXPECT_EQ(get_progress::line(1024, 1024, 1024),
              "100% [========================] 1.00 KiB of 1.00 KiB  1.00 KiB/s  0:00 left");
}

TEST(get_progress, what_is_not_known_is_not_told) {
    EXPECT_EQ(get_progress::line(2048, 0, 1024), "2.00 KiB  1.00 KiB/s");
    EXPECT_TRUE(get_progress::line(10, 2048, 0).ends_with("-:-- left"));
    EXPECT_EQ(get_progress::line(2048, 1024, 1024), "2.00 KiB  1.00 KiB/s");  // More than was told.
}

}  // namespace
}  // namespace ringway::cli
