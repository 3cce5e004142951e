#include "lab/bench_load.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(load_arguments, come_back) {
    const load_options options{.service = service_kind::http,
                               .port = 8080,
                               .connections = 64,
                               .message_bytes = 128,
                               .records = 99,
                               .path = "/a b",
                               .rate = 12345.5,
                               .seconds = 0.25,
                               .warm_up = 0.125,
                               .server = 17,
                               .count_syscalls = true,
                               .spin = true};
    const auto back = read_load_options(to_arguments(options));
    ASSERT_TRUE(back);
    EXPECT_EQ(to_arguments(*back), to_arguments(options));
    EXPECT_EQ(back->rate, 12345.5);
    EXPECT_EQ(back->path, "/a b");
    EXPECT_TRUE(back->spin);
}

TEST(load_arguments, nonsense_is_refused) {
    EXPECT_FALSE(read_load_options({}));
    for (const std::size_t wrong : {0U, 1U, 2U, 3U, 5U, 6U, 7U, 8U, 10U}) {
        auto arguments = to_arguments({});
        arguments[wrong] = "x";
        EXPECT_FALSE(read_load_options(arguments)) << wrong;
    }
    auto none = to_arguments({});
    none[2] = "0";
    EXPECT_FALSE(read_load_options(none));
}

TEST(load_arguments, what_a_load_says) {
    measurement one;
    one.operations = 7;
    one.failed = 2;
    one.remark = "r";
    one.set(metric::p99, 12.5);
    const auto back = read_line(to_line(one));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->operations, 7U);
    EXPECT_EQ(back->failed, 2U);
    EXPECT_EQ(back->remark, "r");
    EXPECT_EQ(back->get(metric::p99), 12.5);
    EXPECT_FALSE(back->has(metric::p50));
    const auto problem = read_line(to_line(std::unexpected{std::string{"no answer"}}));
    ASSERT_FALSE(problem);
    EXPECT_EQ(problem.error(), "no answer");
    EXPECT_FALSE(read_line("Segmentation fault"));
}

}  // namespace
}  // namespace ringway::lab
