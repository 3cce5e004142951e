#include "files/listing_text.hpp"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace ringway::files {
namespace {

TEST(human_size, keeps_two_or_three_digits) {
    EXPECT_EQ(human_size(0), "0 B");
    EXPECT_EQ(human_size(1023), "1023 B");
    EXPECT_EQ(human_size(1024), "1.0 KiB");
    EXPECT_EQ(human_size(1536), "1.5 KiB");
    EXPECT_EQ(human_size(10239), "9.9 KiB");
    EXPECT_EQ(human_size(10240), "10 KiB");
    EXPECT_EQ(human_size(1024 * 1024 - 1), "1023 KiB");
    EXPECT_EQ(human_size(1024 * 1024), "1.0 MiB");
    EXPECT_EQ(human_size(UINT64_C(5) << 30U), "5.0 GiB");
    EXPECT_EQ(human_size(UINT64_C(1) << 40U), "1.0 TiB");
    EXPECT_EQ(human_size(UINT64_C(1) << 50U), "1.0 PiB");
    EXPECT_EQ(human_size(std::numeric_limits<std::uint64_t>::max()), "15 EiB");
}

TEST(iso_time, is_utc) {
    EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(iso_time(784'111'777), "1994-11-06T08:49:37Z");
    EXPECT_EQ(iso_time(951'782'400), "2000-02-29T00:00:00Z");
    EXPECT_EQ(iso_time(-1), "1969-12-31T23:59:59Z");
}

TEST(iso_time, stays_inside_the_years_that_have_four_digits) {
    EXPECT_EQ(iso_time(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00Z");
    EXPECT_EQ(iso_time(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59Z");
    EXPECT_EQ(iso_time(253'402'300'800), "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace ringway::files
