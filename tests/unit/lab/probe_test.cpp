#include "lab/probe.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(probe, arguments_come_back) {
    const probe_options options{.version = http::client_version::http_2,
                                .trust_file = "/tmp/cert.pem",
                                .bulk_url = "https://h/big",
                                .probe_url = "https://h/1k",
                                .warm_up = std::chrono::milliseconds{7},
                                .interval = std::chrono::milliseconds{25},
                                .count = 60,
                                .bulk_rate = 5};
    const auto read = from_arguments(to_arguments(options));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->version, options.version);
    EXPECT_EQ(read->trust_file, options.trust_file);
    EXPECT_EQ(read->bulk_url, options.bulk_url);
    EXPECT_EQ(read->probe_url, options.probe_url);
    EXPECT_EQ(read->warm_up, options.warm_up);
    EXPECT_EQ(read->interval, options.interval);
    EXPECT_EQ(read->count, options.count);
    EXPECT_EQ(read->bulk_rate, options.bulk_rate);
}

TEST(probe, nonsense_is_refused) {
    auto arguments = to_arguments({});
    EXPECT_TRUE(from_arguments(arguments).has_value());
    arguments[5] = "0";
    EXPECT_FALSE(from_arguments(arguments).has_value());
    arguments[5] = "soon";
    EXPECT_FALSE(from_arguments(arguments).has_value());
    arguments = to_arguments({});
    arguments[0] = "1";
    EXPECT_FALSE(from_arguments(arguments).has_value());
    arguments.pop_back();
    EXPECT_FALSE(from_arguments(arguments).has_value());
}

}  // namespace
}  // namespace ringway::lab
