// Goal: reads of a device leave a few at a time, reads of the page cache in one call, and which of
// the two it is gets noticed when it changes.
#include <gtest/gtest.h>

#include "ring/read_batching.hpp"

namespace ringway {
namespace {

// How many of `count` reads are added until they should leave; 0 if they may wait for the turn.
unsigned until_due(read_batching& batching, unsigned count) {
    for (unsigned i = 1; i <= count; ++i) {
        if (batching.add()) {
            return i;
        }
    }
    return 0;
}

// How many turns of 32 reads it takes until some are handed over before the turn is.
int turns_until_a_look(read_batching& batching) {
    int turns = 0;
    for (; until_due(batching, 32) == 0 && turns < 1000; ++turns) {
        batching.all_left();
    }
    return turns;
}

TEST(read_batching, what_a_device_answers_leaves_a_few_at_a_time) {
    read_batching batching;
    EXPECT_EQ(turns_until_a_look(batching), 64) << "a single batch leaves in one call";
    batching.left(0);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(until_due(batching, 32), 4U);
        batching.left(0);
    }
    EXPECT_EQ(until_due(batching, 3), 0U);
    batching.all_left();
    EXPECT_EQ(until_due(batching, 32), 4U) << "those before have left with the turn";
    batching.left(1);
    EXPECT_EQ(until_due(batching, 32), 4U) << "one of four may be in memory by chance";
}

TEST(read_batching, what_the_page_cache_answers_leaves_at_once) {
    read_batching batching;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(turns_until_a_look(batching), 64);
        batching.left(4);
    }
    EXPECT_EQ(turns_until_a_look(batching), 64);
    batching.left(0);
    EXPECT_EQ(until_due(batching, 32), 4U) << "and what has gone cold is noticed";
}

}  // namespace
}  // namespace ringway
