#include <ringway/coro/wait_queue.hpp>

#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway::detail {
namespace {

struct wait_queue_test : test::hand_driven {
    wait_queue line;
    std::vector<int> log;
};

struct in_line : waiter {
    explicit in_line(wait_queue& queue) : queue_{queue} {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return line_up(queue_, self);
    }
    [[nodiscard]] result<void> await_resume() const noexcept { return outcome_; }

private:
    wait_queue& queue_;
};

task<void> wait(wait_queue& queue, std::vector<int>& log, int name) {
    const auto waited = co_await in_line{queue};
    log.push_back(waited ? name : -name);
}

task<void> wait_under(wait_queue& queue, std::vector<int>& log, int name, stop_source& stop) {
    co_await wait(queue, log, name).under(stop);
}

TEST_F(wait_queue_test, serves_in_order_of_arrival) {
    EXPECT_TRUE(line.empty());
    for (int i = 1; i <= 4; ++i) {
        spawn(wait(line, log, i));
    }
    run();
    line.front().finish({});
    line.front().finish(fail(errc::closed));
    run();
    EXPECT_EQ(log, (std::vector<int>{1, -2}));
    line.finish_all({});
    EXPECT_TRUE(line.empty());
    EXPECT_EQ(log.size(), 2U);  // Nobody resumes inside.
    run();
    EXPECT_EQ(log, (std::vector<int>{1, -2, 3, 4}));
}

// Goal: whoever leaves, first, last or in between, leaves the others in order.
TEST_F(wait_queue_test, those_who_stop_leave_the_line) {
    constexpr int count = 5;
    for (int leaver = 0; leaver < count; ++leaver) {
        std::array<stop_source, count> stops;
        log.clear();
        for (int i = 0; i < count; ++i) {
            spawn(wait_under(line, log, i + 1, stops[static_cast<std::size_t>(i)]));
        }
        run();
        stops[static_cast<std::size_t>(leaver)].request_stop();
        run();
        std::vector<int> expected{-(leaver + 1)};
        EXPECT_EQ(log, expected);
        line.finish_all({});
        run();
        for (int i = 0; i < count; ++i) {
            if (i != leaver) {
                expected.push_back(i + 1);
            }
        }
        EXPECT_EQ(log, expected);
    }
}

TEST_F(wait_queue_test, an_outcome_is_not_taken_back_by_a_later_stop) {
    stop_source stop;
    spawn(wait_under(line, log, 1, stop));
    run();
    line.front().finish({});
    stop.request_stop();
    run();
    EXPECT_EQ(log, (std::vector<int>{1}));
}

TEST_F(wait_queue_test, whoever_is_stopped_already_does_not_wait) {
    stop_source stop;
    stop.request_stop();
    spawn(wait_under(line, log, 1, stop));
    EXPECT_EQ(scheduler_.run_some(1), 1U);
    EXPECT_EQ(log, (std::vector<int>{-1}));
    EXPECT_TRUE(line.empty());
}

using wait_queue_death_test = wait_queue_test;

TEST_F(wait_queue_death_test, dies_while_somebody_waits) {
    EXPECT_DEATH(
        {
            std::optional<wait_queue> queue{std::in_place};
            spawn(wait(*queue, log, 1));
            run();
            queue.reset();
        },
        "assertion failed");
}

TEST_F(wait_queue_death_test, front_of_nobody) {
    EXPECT_DEATH(static_cast<void>(line.front()), "assertion failed");
}

}  // namespace
}  // namespace ringway::detail
