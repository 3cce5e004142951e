#include "cli/top_terminal.hpp"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(top_terminal, moves_the_cursor_or_is_refused) {
    EXPECT_TRUE(can_be_drawn_on("xterm"));
    EXPECT_TRUE(can_be_drawn_on("linux"));
    EXPECT_FALSE(can_be_drawn_on("dumb"));
    EXPECT_FALSE(can_be_drawn_on("no-such-terminal"));
    EXPECT_FALSE(can_be_drawn_on(""));
}

}  // namespace
}  // namespace ringway::cli
