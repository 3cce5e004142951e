#include "lab/fd_passing.hpp"

#include <cerrno>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/run_on_shard.hpp"

namespace ringway::lab {
namespace {

helper_result make_pipe(const void* argument) {
    helper_result made{.step = *static_cast<const int*>(argument), .count = 2};
    return ::pipe(made.fds.data()) == 0 ? made : helper_result{.error = errno};
}

TEST(fd_passing, descriptors_of_a_helper_are_ours) {
    const auto before = test::open_descriptors();
    {
        const int step = 7;
        const auto report = run_helper(make_pipe, &step);
        ASSERT_TRUE(report.has_value());
        EXPECT_EQ(report->step, 7);
        ASSERT_EQ(report->count, 2U);
        ASSERT_EQ(::write(report->fds[1].get(), "x", 1), 1);
        char got = 0;
        ASSERT_EQ(::read(report->fds[0].get(), &got, 1), 1);
        EXPECT_EQ(got, 'x');
        EXPECT_EQ(test::open_descriptors(), before + 2);
    }
    EXPECT_EQ(test::open_descriptors(), before);
}

TEST(fd_passing, failures_and_deaths_are_told) {
    const auto refused =
        run_helper([](const void*) { return helper_result{.step = 2, .error = EPERM}; }, nullptr);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->error, EPERM);
    EXPECT_EQ(refused->count, 0U);
    EXPECT_FALSE(run_helper([](const void*) -> helper_result { ::_exit(1); }, nullptr));
}

}  // namespace
}  // namespace ringway::lab
