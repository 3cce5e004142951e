#include "cli/nearest.hpp"

#include <array>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

constexpr std::array<std::string_view, 5> names{"--listen", "--listing", "--log", "--log-format",
                                                "--idle-timeout"};

TEST(nearest, finds_slips_of_the_finger) {
    EXPECT_EQ(nearest("--lisen", names), "--listen");
    EXPECT_EQ(nearest("--lsiten", names), "--listen");
    EXPECT_EQ(nearest("--listenn", names), "--listen");
    EXPECT_EQ(nearest("--lissing", names), "--listing");
    EXPECT_EQ(nearest("--logs", names), "--log");
    EXPECT_EQ(nearest("--idel-timeout", names), "--idle-timeout");
}

TEST(nearest, finds_what_is_unfinished) {
    EXPECT_EQ(nearest("--idle", names), "--idle-timeout");
    EXPECT_EQ(nearest("--log-f", names), "--log-format");
}

TEST(nearest, what_is_far_stays_unknown) {
    EXPECT_EQ(nearest("--quux", names), "");
    EXPECT_EQ(nearest("", names), "");
    EXPECT_EQ(nearest("x", names), "");
    EXPECT_EQ(nearest(std::string(1000, '-'), names), "");
    EXPECT_EQ(nearest("--log", {}), "");
}

TEST(nearest, becomes_a_question) {
    EXPECT_EQ(suggestion("--lisen", names), "; did you mean --listen?");
    EXPECT_EQ(suggestion("--quux", names), "");
}

}  // namespace
}  // namespace ringway::cli
