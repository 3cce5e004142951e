#include "cli/human_text.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;

TEST(human_text, sizes_have_three_digits) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(1023), "1023 B");
    EXPECT_EQ(size_text(1024), "1.00 KiB");
    EXPECT_EQ(size_text(1536 * 1024), "1.50 MiB");
    EXPECT_EQ(size_text(345ULL << 20U), "345 MiB");
    EXPECT_EQ(size_text(1020ULL << 20U), "1.00 GiB");
    EXPECT_EQ(size_text(UINT64_MAX), "16.0 EiB");
}

TEST(human_text, clocks) {
    EXPECT_EQ(clock_text(7), "0:07");
    EXPECT_EQ(clock_text(754), "12:34");
    EXPECT_EQ(clock_text(11'045), "3:04:05");
}

TEST(human_text, spans) {
    EXPECT_EQ(span_text(850us), "850 us");
    EXPECT_EQ(span_text(12'300us), "12.3 ms");
    EXPECT_EQ(span_text(1230ms), "1.23 s");
    EXPECT_EQ(span_text(12'345ms), "12.3 s");
}

}  // namespace
}  // namespace ringway::cli
