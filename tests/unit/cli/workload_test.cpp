#include "cli/workload.hpp"

#include <gtest/gtest.h>
#include <string>

namespace ringway::cli {
namespace {

workload described(std::string_view text) {
    const auto read = describe({}, text);
    EXPECT_TRUE(read) << read.error();
    return read.value_or(workload{});
}

std::string refusal(std::string_view text) {
    const auto read = describe({}, text);
    EXPECT_FALSE(read) << text;
    return read ? "" : read.error();
}

TEST(workload, uses_have_typical_numbers_within_the_ranges) {
    for (const auto name : use_names()) {
        const auto typical = workload_of(name);
        ASSERT_TRUE(typical) << name;
        EXPECT_EQ(name_of(typical->use), name);
        for (const auto& each : workload_numbers()) {
            EXPECT_GE((*typical).*(each.value), each.least) << name;
            EXPECT_LE((*typical).*(each.value), each.most) << name;
        }
    }
    EXPECT_FALSE(workload_of("web"));
    EXPECT_NE(workload_of("web-ap").error().find("web-api"), std::string::npos);
}

TEST(workload, numbers_are_read_with_their_units) {
    const auto all = described("size=4K, rate=20K/s,latency=5ms,loss=1%,clients=1M");
    EXPECT_EQ(all.bytes, 4096);
    EXPECT_EQ(all.rate, 20'000);
    EXPECT_EQ(all.latency_us, 5000);
    EXPECT_EQ(all.loss_percent, 1);
    EXPECT_EQ(all.clients, 1e6);
    EXPECT_EQ(described("latency=50us").latency_us, 50);
    EXPECT_EQ(described("size=1.5M").bytes, 1.5 * 1024 * 1024);
    EXPECT_EQ(described("loss=0").loss_percent, 0);
    EXPECT_EQ(described("size=1,size=2").bytes, 2);
    EXPECT_EQ(described("rate=5").clients, workload{}.clients);
}

// Goal: nonsense is refused, and the refusal says what would not be.
TEST(workload, nonsense_is_refused_with_the_range) {
    EXPECT_NE(refusal("size=0").find("1 to 1000G"), std::string::npos);
    EXPECT_NE(refusal("loss=101%").find("0% to 50%"), std::string::npos);
    EXPECT_NE(refusal("latency=5").find("1us to 60s"), std::string::npos);
    EXPECT_NE(refusal("latency=5 parsecs").find("1us to 60s"), std::string::npos);
    EXPECT_NE(refusal("clients=-1").find("1 to 100M"), std::string::npos);
    EXPECT_NE(refusal("clients=many").find("1 to 100M"), std::string::npos);
    EXPECT_NE(refusal("rate=inf").find("0.001 to 1G"), std::string::npos);
    EXPECT_NE(refusal("rate=nan").find("0.001 to 1G"), std::string::npos);
    EXPECT_NE(refusal("rate=1e300").find("0.001 to 1G"), std::string::npos);
    EXPECT_NE(refusal("rate=").find("0.001 to 1G"), std::string::npos);
    EXPECT_NE(refusal("rate").find("0.001 to 1G"), std::string::npos);
    EXPECT_NE(refusal("speed=5").find("size"), std::string::npos);
    EXPECT_NE(refusal("").find("size=4K"), std::string::npos);
    EXPECT_NE(refusal(",,").find("size=4K"), std::string::npos);
}

TEST(workload, text) {
    EXPECT_EQ(text_of(*workload_of("file-server")),
              "1.00 MiB each, 1000 a second, 200 ms at the 99th percentile, 0.2 % loss, 1000 "
              "clients");
}

}  // namespace
}  // namespace ringway::cli
