#include <ringway/coro/task.hpp>

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/result.hpp>
#include <ringway/coro/suspension.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

struct task_test : test::hand_driven {};

task<int> number(int value) { co_return value; }

task<int> sum(int first, int second) {
    const int left = co_await number(first);
    const int right = co_await number(second);
    co_return left + right;
}

TEST_F(task_test, yields_what_it_returns) { EXPECT_EQ(finish(sum(20, 22)), 42); }

task<std::unique_ptr<int>> owned(int value) { co_return std::make_unique<int>(value); }

TEST_F(task_test, yields_values_that_only_move) { EXPECT_EQ(*finish(owned(7)), 7); }

task<void> note(std::vector<std::string>& log, std::string what) {
    log.push_back(std::move(what));
    co_return;
}

task<void> note_in_order(std::vector<std::string>& log) {
    task<void> lazy = note(log, "child");
    log.emplace_back("before");
    co_await std::move(lazy);
    log.emplace_back("after");
}

TEST_F(task_test, starts_when_awaited_and_not_before) {
    std::vector<std::string> log;
    finish(note_in_order(log));
    EXPECT_EQ(log, (std::vector<std::string>{"before", "child", "after"}));
}

struct noting {
    std::vector<std::string>& log;
    std::string name;
    ~noting() { log.push_back(name); }
};

task<void> holds_two(std::vector<std::string>& log) {
    const noting first{log, "first"};
    const noting second{log, "second"};
    co_await yield();
}

task<void> awaits_one(std::vector<std::string>& log) {
    co_await holds_two(log);
    log.emplace_back("awaiter");
}

// Goal: a task's locals die in reverse order, and before its awaiter goes on.
TEST_F(task_test, locals_die_before_the_awaiter_goes_on) {
    std::vector<std::string> log;
    finish(awaits_one(log));
    EXPECT_EQ(log, (std::vector<std::string>{"second", "first", "awaiter"}));
}

task<int> takes(std::shared_ptr<int> argument) { co_return *argument; }

TEST_F(task_test, destroyed_before_its_start_gives_its_arguments_back) {
    const auto shared = std::make_shared<int>(1);
    {
        const auto unused = takes(shared);
        EXPECT_EQ(shared.use_count(), 2);
    }
    EXPECT_EQ(shared.use_count(), 1);
}

task<int> takes_over(std::shared_ptr<int> argument) {
    task<int> first = takes(argument);
    task<int> second = number(1);
    second = std::move(first);
    co_return co_await std::move(second);
}

TEST_F(task_test, can_be_moved_and_assigned_before_its_start) {
    const auto shared = std::make_shared<int>(5);
    EXPECT_EQ(finish(takes_over(shared)), 5);
    EXPECT_EQ(shared.use_count(), 1);
}

struct stack_use {
    std::uintptr_t lowest = UINTPTR_MAX;
    std::uintptr_t highest = 0;

    void measure() noexcept {
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        lowest = std::min(lowest, here);
        highest = std::max(highest, here);
    }
    [[nodiscard]] std::uintptr_t bytes() const noexcept { return highest - lowest; }
};

constexpr int many = 1'000'000;
constexpr std::uintptr_t stack_bytes_max = 4096;

task<int> measured(stack_use& stack, int value) {
    stack.measure();
    co_return value;
}

task<std::int64_t> await_many(stack_use& stack) {
    std::int64_t total = 0;
    for (int i = 0; i < many; ++i) {
        total += co_await measured(stack, i);
    }
    co_return total;
}

TEST_F(task_test, a_million_awaits_need_no_stack) {
    stack_use stack;
    EXPECT_EQ(finish(await_many(stack)), std::int64_t{many} * (many - 1) / 2);
    EXPECT_LT(stack.bytes(), stack_bytes_max);
}

task<int> nested(stack_use& stack, int depth) {
    stack.measure();
    if (depth == 0) {
        co_return 0;
    }
    const int below = co_await nested(stack, depth - 1);
    stack.measure();
    co_return below + 1;
}

TEST_F(task_test, a_deep_chain_needs_no_stack) {
    constexpr int depth = 100'000;
    stack_use stack;
    EXPECT_EQ(finish(nested(stack, depth)), depth);
    EXPECT_LT(stack.bytes(), stack_bytes_max);
}

task<result<int>> failing(stack_use& stack, int depth) {
    if (depth == 0) {
        co_return fail(errc::limit);
    }
    // Measured where frames are destroyed, as well.
    struct at_end {
        stack_use& stack;
        ~at_end() { stack.measure(); }
    };
    const at_end mark{stack};
    co_return 1 + co_await or_return(co_await failing(stack, depth - 1));
}

TEST_F(task_test, a_deep_chain_of_failures_needs_no_stack) {
    stack_use stack;
    EXPECT_EQ(finish(failing(stack, 100'000)).error().code, errc::limit);
    EXPECT_LT(stack.bytes(), stack_bytes_max);
}

task<result<int>> parse(bool good) {
    if (!good) {
        co_return fail(errc::malformed);
    }
    co_return 21;
}

task<result<std::string>> twice(bool good, std::vector<std::string>& log) {
    const noting local{log, "local"};
    const int once = co_await or_return(co_await parse(good));
    log.emplace_back("went on");
    co_return std::to_string(2 * once);
}

TEST_F(task_test, or_return_yields_the_value) {
    std::vector<std::string> log;
    const auto text = finish(twice(true, log));
    ASSERT_TRUE(text.has_value());
    EXPECT_EQ(*text, "42");
    EXPECT_EQ(log, (std::vector<std::string>{"went on", "local"}));
}

TEST_F(task_test, or_return_ends_the_coroutine_with_the_error) {
    std::vector<std::string> log;
    const auto text = finish(twice(false, log));
    ASSERT_FALSE(text.has_value());
    EXPECT_EQ(text.error().code, errc::malformed);
    EXPECT_EQ(log, (std::vector<std::string>{"local"}));
}

task<result<void>> checked(bool good) {
    if (!good) {
        co_return fail(errc::limit);
    }
    co_return {};
}

task<result<void>> checked_twice(bool good) {
    co_await or_return(co_await checked(true));
    co_await or_return(co_await checked(good));
    co_return {};
}

TEST_F(task_test, or_return_takes_results_without_a_value) {
    EXPECT_TRUE(finish(checked_twice(true)).has_value());
    EXPECT_EQ(finish(checked_twice(false)).error().code, errc::limit);
}

task<stop_source*> stop_below() { co_return co_await this_stop(); }

task<void> look_at_stops(stop_source& other, std::vector<stop_source*>& seen) {
    seen.push_back(co_await this_stop());
    seen.push_back(co_await stop_below());
    seen.push_back(co_await stop_below().under(other));
    seen.push_back(co_await stop_below());
}

// Goal: the awaiter's stop source is the awaited task's, unless another was given for it.
TEST_F(task_test, the_stop_source_is_handed_down) {
    stop_source other;
    std::vector<stop_source*> seen;
    finish(look_at_stops(other, seen));
    stop_source* const own = &scope_.stop();
    EXPECT_EQ(seen, (std::vector<stop_source*>{own, own, &other, own}));
}

task<void> await_twice() {
    task<int> once = number(1);
    co_await std::move(once);
    co_await std::move(once);  // NOLINT(bugprone-use-after-move)
}

using task_death_test = task_test;

TEST_F(task_death_test, a_second_await) {
    EXPECT_DEATH(finish(await_twice()), "assertion failed.*continuation");
}

task<int> after(suspension& waiting) {
    struct hold {
        suspension& of;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> self) const noexcept { of.hold(self); }
        void await_resume() const noexcept {}
    };
    co_await hold{waiting};
    co_return 7;
}

task<void> await_in(std::optional<task<int>>& place, int& value) {
    value = co_await *std::move(place);
}

// Goal: a frame that an operation may still point at does not depend on the task object.
TEST_F(task_test, once_awaited_it_outlives_its_object) {
    suspension waiting;
    int value = 0;
    std::optional<task<int>> place{after(waiting)};
    spawn(await_in(place, value));
    run();
    place.reset();
    waiting.wake();
    run();
    EXPECT_EQ(value, 7);
}

}  // namespace
}  // namespace ringway
