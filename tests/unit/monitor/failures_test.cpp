#include "monitor/failures.hpp"

#include <cerrno>
#include <gtest/gtest.h>

#include "support/made_snapshot.hpp"

namespace ringway::monitor {
namespace {

flow_record refused(std::uint16_t port, std::uint32_t process, std::uint64_t took_us) {
    flow_record made;
    made.seen.state_before = 2;
    made.seen.error = ECONNREFUSED;
    made.seen.ends = test::made_ends(4000, port);
    made.seen.opened_ns = 5 * test::one_second;
    made.seen.ended_ns = 5 * test::one_second + took_us * 1000;
    made.whose.process = process;
    return made;
}

TEST(failure_table, adds_up_what_is_the_same) {
    failure_table table{10};
    table.add(refused(80, 1, 10));
    table.add(refused(80, 1, 30));
    table.add(refused(80, 2, 5));
    table.add(refused(81, 1, 5));
    ASSERT_EQ(table.all().size(), 3U);
    EXPECT_EQ(table.all()[0].count, 2U);
    EXPECT_EQ(table.all()[0].took_us_sum, 40U);
    EXPECT_EQ(table.all()[0].took_us_max, 30U);
    EXPECT_EQ(table.all()[0].reason, "refused");
    EXPECT_EQ(table.left_out(), 0U);
}

TEST(failure_table, counts_what_has_no_room) {
    failure_table table{1};
    table.add(refused(80, 1, 10));
    table.add(refused(81, 1, 10));
    table.add(refused(82, 1, 10));
    table.add(refused(80, 1, 10));
    EXPECT_EQ(table.all().size(), 1U);
    EXPECT_EQ(table.all()[0].count, 2U);
    EXPECT_EQ(table.left_out(), 2U);
}

}  // namespace
}  // namespace ringway::monitor
