#include <gtest/gtest.h>
#include <string>

#include "lab/files_ways.hpp"

namespace ringway::lab {
namespace {

// Of fio 3.33, shortened.
constexpr const char* printed = R"(fio: some note about a kernel
{
  "fio version" : "fio-3.33",
  "jobs" : [ { "jobname" : "ringway", "error" : 0, "usr_cpu" : 5.0, "sys_cpu" : 25.0,
      "total_err" : 0,
      "read" : { "io_bytes" : 409600000, "total_ios" : 100000, "runtime" : 2000,
        "lat_ns" : { "percentile" : { "50.000000" : 37120, "99.000000" : 201000,
                                      "99.900000" : 1020000 } } } } ]
})";

TEST(files_fio, what_it_prints_is_understood) {
    const auto found = from_fio_json(printed);
    ASSERT_TRUE(found.has_value()) << found.error();
    EXPECT_EQ(found->operations, 100'000U);
    EXPECT_DOUBLE_EQ(found->get(metric::rate), 50'000);
    EXPECT_DOUBLE_EQ(found->get(metric::bytes), 204'800'000);
    EXPECT_DOUBLE_EQ(found->get(metric::p50), 37.12);
    EXPECT_DOUBLE_EQ(found->get(metric::p99), 201);
    EXPECT_DOUBLE_EQ(found->get(metric::p999), 1020);
    EXPECT_DOUBLE_EQ(found->get(metric::busy), 30);
    EXPECT_DOUBLE_EQ(found->get(metric::cpu), 6);  // 0.3 of 2 s, for 100,000 reads.
}

TEST(files_fio, what_is_something_else_is_refused) {
    for (const std::string text : {"", "fio: bad option", "{", "{}", "{\"jobs\": []}"}) {
        EXPECT_FALSE(from_fio_json(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace ringway::lab
