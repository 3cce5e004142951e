#include "cli/top_flows.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

#include "support/temporary_site.hpp"

namespace ringway::cli {
namespace {

TEST(flow_log, appends_a_line_for_each_connection) {
    const test::temporary_site site;
    site.add("flows", "before\n");
    const std::string path = site.path() + "/flows";
    {
        auto log = flow_log::open(path);
        ASSERT_TRUE(log.has_value());
        log->write({});
        log->write({});
        log->flush();
        EXPECT_EQ(log->lost(), 0U);
    }
    std::ifstream in{path};
    const std::string all{std::istreambuf_iterator<char>{in}, {}};
    EXPECT_TRUE(all.starts_with("before\n{"));
    EXPECT_EQ(std::ranges::count(all, '\n'), 3);
}

TEST(flow_log, counts_what_can_not_be_written) {
    auto log = flow_log::open("/dev/full");
    if (!log) {
        GTEST_SKIP() << "there is no /dev/full";
    }
    log->write({});
    log->write({});
    log->flush();
    EXPECT_EQ(log->lost(), 2U);
    log->write({});
    log->flush();
    EXPECT_EQ(log->lost(), 3U);
}

TEST(flow_log, says_why_it_can_not_open) {
    const auto log = flow_log::open("/nonexistent/flows");
    ASSERT_FALSE(log.has_value());
    EXPECT_EQ(log.error().code, errc::not_found);
}

}  // namespace
}  // namespace ringway::cli
