#include "ring/simulated_state.hpp"

#include <cerrno>
#include <chrono>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "support/driver_contract.hpp"

namespace ringway::detail {
namespace {

using test::tracked_operation;
using namespace std::chrono_literals;
using event_kind = simulated_state::event_kind;

TEST(simulated_agenda, what_is_earlier_comes_first) {
    simulated_random random{1};
    simulated_agenda agenda{random};
    agenda.add(30ns, event_kind::attempt, 3, 0);
    agenda.add(10ns, event_kind::cancel, 1, 0);
    agenda.add(20ns, event_kind::show, 2, 0);
    EXPECT_EQ(agenda.next_time(), 10ns);
    EXPECT_FALSE(agenda.take_due(9ns).has_value());
    EXPECT_EQ(agenda.take_due(20ns)->index, 1U);
    EXPECT_EQ(agenda.take_due(20ns)->kind, event_kind::show);
    EXPECT_FALSE(agenda.take_due(20ns).has_value());
    EXPECT_EQ(agenda.take_due(40ns)->index, 3U);
    EXPECT_TRUE(agenda.empty());
}

TEST(simulated_agenda, the_seed_orders_what_is_due_together) {
    std::set<std::vector<std::uint32_t>> orders;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        simulated_random random{seed};
        simulated_agenda agenda{random};
        for (std::uint32_t index = 0; index < 3; ++index) {
            agenda.add(5ns, event_kind::attempt, index, 0);
        }
        std::vector<std::uint32_t> order;
        while (const auto event = agenda.take_due(5ns)) {
            order.push_back(event->index);
        }
        orders.insert(order);
    }
    EXPECT_EQ(orders.size(), 6U);
}

class simulated_state_test : public ::testing::Test {
protected:
    std::uint32_t add(tracked_operation& op) {
        op.in_flight = true;
        return state_.add(op);
    }
    void end(tracked_operation& op, std::uint32_t index) {
        state_.release(index);
        op.in_flight = false;
    }

    driver_counters counters_;
    simulated_state state_{simulation_options{}, counters_};
};

TEST_F(simulated_state_test, results_become_visible_one_by_one) {
    tracked_operation op{operation{.kind = op_kind::accept}};
    const std::uint32_t index = add(op);
    state_.post(index, {.result = 1, .more = true});
    state_.post(index, {.result = 2});
    EXPECT_TRUE(state_.flights[index].ended);
    EXPECT_TRUE(state_.tellable.empty());
    state_.show(index);
    state_.show(index);
    state_.show(index);
    EXPECT_EQ(state_.flights[index].visible, 2U);
    EXPECT_EQ(state_.tellable.size(), 1U);
    end(op, index);
}

TEST_F(simulated_state_test, a_cancelled_operation_says_what_it_achieved) {
    tracked_operation idle{operation{.kind = op_kind::send}};
    tracked_operation begun{operation{.kind = op_kind::send}};
    const std::uint32_t first = add(idle);
    const std::uint32_t second = add(begun);
    state_.flights[second].done = 7;
    state_.cancel_now(first);
    state_.cancel_now(first);
    state_.cancel_now(second);
    ASSERT_EQ(state_.flights[first].results.size(), 1U);
    EXPECT_EQ(state_.flights[first].results[0].result, -ECANCELED);
    EXPECT_EQ(state_.flights[second].results[0].result, 7);
    end(idle, first);
    end(begun, second);
}

TEST_F(simulated_state_test, a_change_wakes_who_waits_for_it) {
    const auto [one, other] = state_.network.make_connection();
    tracked_operation here{operation{.kind = op_kind::recv, .fd = other}};
    tracked_operation elsewhere{operation{.kind = op_kind::recv, .fd = one}};
    const std::uint32_t first = add(here);
    const std::uint32_t second = add(elsewhere);
    state_.flights[first].blocked = state_.flights[second].blocked = true;
    EXPECT_EQ(state_.network.send(one, as_bytes("x")), 1);
    state_.wake_blocked();
    EXPECT_FALSE(state_.flights[first].blocked);
    EXPECT_TRUE(state_.flights[second].blocked);
    EXPECT_EQ(state_.agenda.take_due(state_.now)->index, first);
    EXPECT_TRUE(state_.agenda.empty());
    end(here, first);
    end(elsewhere, second);
}

using simulated_state_death_test = simulated_state_test;

TEST_F(simulated_state_death_test, an_operation_that_moved_is_found_out) {
    tracked_operation op{operation{.kind = op_kind::recv}};
    const std::uint32_t index = add(op);
    tracked_operation other{operation{.kind = op_kind::recv}};
    other.in_flight = true;
    other.driver_state = op.driver_state;
    EXPECT_DEATH(static_cast<void>(state_.flight_of(other)), "assertion failed");
    other.in_flight = false;
    end(op, index);
}

TEST_F(simulated_state_death_test, an_operation_that_changed_is_found_out) {
    tracked_operation op{operation{.kind = op_kind::recv, .fd = 5}};
    const std::uint32_t index = add(op);
    op.fd = 6;
    EXPECT_DEATH(static_cast<void>(state_.flight_of(op)), "assertion failed");
    end(op, index);
}

}  // namespace
}  // namespace ringway::detail
