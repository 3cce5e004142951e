#include <ringway/base/assert.hpp>

#include <gtest/gtest.h>

namespace ringway {
namespace {

TEST(assert_death_test, violated_condition_aborts_and_says_where) {
    const int answer = 41;
    EXPECT_DEATH(RW_ASSERT(answer == 42), "assertion failed: answer == 42 .*assert_test.cpp:");
}

TEST(assert, met_condition_is_evaluated_once) {
    int evaluations = 0;
    RW_ASSERT(++evaluations == 1);
    EXPECT_EQ(evaluations, 1);
}

// Goal: it can stand wherever an expression can, as in a conditional without braces.
TEST(assert, is_an_expression) {
    const bool asked = true;
    asked ? RW_ASSERT(asked) : static_cast<void>(0);
}

}  // namespace
}  // namespace ringway
