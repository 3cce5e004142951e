#include <ringway/coro/suspension.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

struct suspension_test : test::hand_driven {};

struct wait_for {
    suspension& place;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const noexcept { place.hold(self); }
    void await_resume() const noexcept {}
};

task<void> wait_and_note(suspension& place, int& resumed) {
    co_await wait_for{place};
    ++resumed;
}

TEST_F(suspension_test, waking_resumes_in_turn_and_not_at_once) {
    suspension place;
    int resumed = 0;
    EXPECT_FALSE(place.holds());
    spawn(wait_and_note(place, resumed));
    run();
    EXPECT_TRUE(place.holds());

    place.wake();

    EXPECT_FALSE(place.holds());
    EXPECT_EQ(resumed, 0);
    run();
    EXPECT_EQ(resumed, 1);
}

TEST_F(suspension_test, can_be_used_again_once_it_woke) {
    suspension place;
    int resumed = 0;
    for (int round = 1; round <= 3; ++round) {
        spawn(wait_and_note(place, resumed));
        run();
        place.wake();
        run();
        EXPECT_EQ(resumed, round);
    }
}

TEST_F(suspension_test, wake_if_held_wakes_once) {
    suspension place;
    int resumed = 0;
    EXPECT_FALSE(place.wake_if_held());
    spawn(wait_and_note(place, resumed));
    run();
    EXPECT_TRUE(place.wake_if_held());
    EXPECT_FALSE(place.wake_if_held());
    run();
    EXPECT_EQ(resumed, 1);
}

task<void> note_thrice(std::vector<std::string>& log, std::string name) {
    for (int i = 0; i < 3; ++i) {
        log.push_back(name);
        co_await yield();
    }
}

TEST_F(suspension_test, yield_lets_the_others_of_the_queue_run) {
    std::vector<std::string> log;
    spawn(note_thrice(log, "a"));
    spawn(note_thrice(log, "b"));
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a", "b", "a", "b", "a", "b"}));
}

task<void> compute(std::vector<int>& log, int name, std::chrono::nanoseconds step,
                   void (*pass)(std::chrono::nanoseconds) noexcept) {
    for (int i = 0; i < 4; ++i) {
        log.push_back(name);
        pass(step);
        co_await yield_if_due();
    }
}

TEST_F(suspension_test, yield_if_due_goes_on_within_the_slice) {
    std::vector<int> log;
    spawn(compute(log, 1, 10us, pass));
    spawn(compute(log, 2, 10us, pass));
    run();
    EXPECT_EQ(log, (std::vector<int>{1, 1, 1, 1, 2, 2, 2, 2}));
}

TEST_F(suspension_test, yield_if_due_yields_at_the_end_of_the_slice) {
    std::vector<int> log;
    spawn(compute(log, 1, scheduler::slice / 2, pass));
    spawn(compute(log, 2, 1us, pass));
    run();
    EXPECT_EQ((std::vector<int>{log.begin(), log.begin() + 3}), (std::vector<int>{1, 1, 2}));
    EXPECT_EQ(log.size(), 8U);
}

task<void> child_moves(task_queue& other) { co_await in_queue(other); }

task<void> note_queues(task_queue& other, std::vector<std::string>& log) {
    log.push_back(scheduler::current().running_queue().name());
    co_await in_queue(other);
    log.push_back(scheduler::current().running_queue().name());
    co_await yield();
    log.push_back(scheduler::current().running_queue().name());
    co_await child_moves(scheduler::current().default_queue());
    log.push_back(scheduler::current().running_queue().name());
}

// Goal: a coroutine stays in the queue that it went to, and so does the awaiter of one that moved.
TEST_F(suspension_test, in_queue_moves_the_coroutine) {
    task_queue& other = scheduler_.make_queue("other", 100);
    std::vector<std::string> log;
    finish(note_queues(other, log));
    EXPECT_EQ(log, (std::vector<std::string>{"default", "other", "other", "default"}));
}

using suspension_death_test = suspension_test;

TEST_F(suspension_death_test, waking_nobody) {
    suspension place;
    EXPECT_DEATH(place.wake(), "assertion failed");
}

TEST_F(suspension_death_test, waking_twice) {
    EXPECT_DEATH(
        {
            suspension place;
            int resumed = 0;
            spawn(wait_and_note(place, resumed));
            run();
            place.wake();
            place.wake();
        },
        "assertion failed");
}

TEST_F(suspension_death_test, a_second_waiter) {
    EXPECT_DEATH(
        {
            suspension place;
            int resumed = 0;
            spawn(wait_and_note(place, resumed));
            spawn(wait_and_note(place, resumed));
            run();
        },
        "assertion failed");
}

}  // namespace
}  // namespace ringway
