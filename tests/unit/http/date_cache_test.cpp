#include <ringway/http/date_cache.hpp>

#include <ctime>
#include <gtest/gtest.h>

#include <ringway/wire/date.hpp>

namespace ringway::http {
namespace {

TEST(date_cache, is_the_wall_clock_as_an_http_date) {
    date_cache cache;
    const std::int64_t before = std::time(nullptr);

    cache.update();

    EXPECT_GE(cache.seconds(), before - 1);  // The coarse clock may be a tick behind.
    EXPECT_LE(cache.seconds(), std::time(nullptr));
    EXPECT_EQ(wire::parse_http_date(cache.text()), cache.seconds());
}

}  // namespace
}  // namespace ringway::http
