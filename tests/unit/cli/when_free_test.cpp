#include "cli/when_free.hpp"

#include <gtest/gtest.h>

#include <ringway/base/result.hpp>

namespace ringway::cli {
namespace {

TEST(when_free, waits_for_an_address_that_is_in_use) {
    int calls = 0;
    const auto made = when_free([&]() -> result<int> {
        if (++calls < 4) {
            return fail_errno(EADDRINUSE);
        }
        return 7;
    });
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(*made, 7);
    EXPECT_EQ(calls, 4);
}

TEST(when_free, gives_up_in_the_end_and_at_once_for_other_reasons) {
    const auto taken = when_free([]() -> result<int> { return fail_errno(EADDRINUSE); },
                                 std::chrono::milliseconds{30});
    EXPECT_EQ(taken.error().sys, EADDRINUSE);
    int calls = 0;
    const auto refused = when_free([&]() -> result<int> {
        ++calls;
        return fail_errno(EACCES);
    });
    EXPECT_EQ(refused.error().sys, EACCES);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace ringway::cli
