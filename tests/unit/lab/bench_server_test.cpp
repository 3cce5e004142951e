#include "lab/bench_server.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(bench_server, arguments_come_back) {
    for (const auto way :
         {server_way::threads, server_way::epoll, server_way::uring_single, server_way::uring_multi,
          server_way::runtime_uring, server_way::runtime_epoll}) {
        EXPECT_EQ(find_server_way(name_of(way)), way);
        const server_options options{.way = way,
                                     .service = service_kind::http,
                                     .body_bytes = 17,
                                     .sqpoll = true,
                                     .busy_poll = true,
                                     .napi_us = 50,
                                     .shards = 3,
                                     .direct = true,
                                     .file = "/a b"};
        const auto back = read_server_options(to_arguments(options));
        ASSERT_TRUE(back);
        EXPECT_EQ(to_arguments(*back), to_arguments(options));
    }
    EXPECT_EQ(find_server_way("select"), std::nullopt);
}

TEST(bench_server, nonsense_is_refused) {
    EXPECT_FALSE(read_server_options({}));
    for (std::size_t wrong = 0; wrong < 8; ++wrong) {
        auto arguments = to_arguments({});
        arguments[wrong] = "x";
        EXPECT_FALSE(read_server_options(arguments)) << wrong;
    }
}

}  // namespace
}  // namespace ringway::lab
