#include <ringway/http/abuse_budget.hpp>

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace ringway::http {
namespace {

using namespace std::chrono_literals;

constexpr budget_limits small{.points_max = 100, .points_per_second = 10};

TEST(abuse_budget, is_spent_once) {
    abuse_budget budget{small};
    EXPECT_TRUE(budget.spend(60, 1s));
    EXPECT_TRUE(budget.spend(40, 1s));
    EXPECT_FALSE(budget.spend(1, 1s));
}

TEST(abuse_budget, comes_back_with_time) {
    abuse_budget budget{small};
    EXPECT_TRUE(budget.spend(100, 1s));
    EXPECT_FALSE(budget.spend(6, 1s + 500ms));
    EXPECT_TRUE(budget.spend(10, 3s));
    EXPECT_TRUE(budget.spend(100, 1h));
    EXPECT_FALSE(budget.spend(101, 2h)) << "more than the most";
}

// Looking often must not keep it from refilling.
TEST(abuse_budget, small_steps_of_time_add_up) {
    abuse_budget budget{small};
    EXPECT_TRUE(budget.spend(100, 0s));
    for (int i = 1; i <= 1000; ++i) {
        EXPECT_TRUE(budget.spend(0, i * 1ms));
    }
    EXPECT_GE(budget.left(), 9U);
    EXPECT_LE(budget.left(), 10U);
}

TEST(abuse_budget, is_earned_by_work) {
    abuse_budget budget{small};
    EXPECT_TRUE(budget.spend(100, 0s));
    budget.earn(30);
    EXPECT_TRUE(budget.spend(30, 0s));
    budget.earn(1'000'000);
    EXPECT_EQ(budget.left(), 100U);
}

TEST(abuse_budget, table_remembers_addresses) {
    budget_table table{small};
    {
        const address_budget_ref mine = table.find("192.0.2.1");
        ASSERT_TRUE(mine);
        EXPECT_TRUE(mine->spend(1000, 0s));
    }
    EXPECT_EQ(table.find("192.0.2.1")->left(), 0U);
    EXPECT_EQ(table.find("192.0.2.2")->left(), 1000U);
    EXPECT_FALSE(table.find(""));
}

TEST(abuse_budget, table_is_bounded_and_forgets_the_honest_first) {
    budget_table table{small, 4};
    EXPECT_TRUE(table.find("bad")->spend(900, 0s));
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(table.find("a" + std::to_string(i)));
        EXPECT_LE(table.size(), 4U);
    }
    EXPECT_EQ(table.find("bad")->left(), 100U);
}

TEST(abuse_budget, table_keeps_what_is_in_use) {
    budget_table table{small, 2};
    const address_budget_ref one = table.find("1");
    const address_budget_ref two = table.find("2");
    EXPECT_FALSE(table.find("3"));
    EXPECT_EQ(table.find("1").get(), one.get());
}

}  // namespace
}  // namespace ringway::http
