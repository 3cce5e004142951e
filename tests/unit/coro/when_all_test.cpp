#include <ringway/coro/when_all.hpp>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/result.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

struct when_all_test : test::hand_driven {
    event go;
    std::vector<std::string> log;
};

task<int> number(int value) { co_return value; }

task<std::unique_ptr<std::string>> text_after(event& go, std::string text) {
    const auto waited = co_await go.wait();
    co_return std::make_unique<std::string>(waited ? std::move(text) : "stopped");
}

task<void> note(std::vector<std::string>& log, std::string name) {
    for (int i = 0; i < 2; ++i) {
        log.push_back(name);
        co_await yield();
    }
}

task<result<int>> after(event& go, int value) {
    const auto waited = co_await go.wait();
    if (!waited) {
        co_return std::unexpected{waited.error()};
    }
    co_return value;
}

TEST_F(when_all_test, yields_every_value_in_order) {
    go.set();
    const auto values = finish(when_all(number(7), note(log, "a"), text_after(go, "late")));
    static_assert(
        std::is_same_v<decltype(values),
                       const std::tuple<int, std::monostate, std::unique_ptr<std::string>>>);
    EXPECT_EQ(std::get<0>(values), 7);
    EXPECT_EQ(*std::get<2>(values), "late");
}

TEST_F(when_all_test, the_tasks_run_beside_each_other) {
    finish(when_all(note(log, "a"), note(log, "b"), note(log, "c")));
    EXPECT_EQ(log, (std::vector<std::string>{"a", "b", "c", "a", "b", "c"}));
}

task<void> all_and_note(event& first, event& second, std::vector<std::string>& log) {
    const auto values = co_await when_all(after(first, 1), after(second, 2));
    const auto text = [](const result<int>& value) {
        return value ? std::to_string(*value) : std::string{name_of(value.error().code)};
    };
    log.push_back(text(std::get<0>(values)) + " " + text(std::get<1>(values)));
}

TEST_F(when_all_test, waits_for_the_last) {
    event other;
    spawn(all_and_note(go, other, log));
    run();
    other.set();
    run();
    EXPECT_TRUE(log.empty());
    go.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"1 2"}));
}

TEST_F(when_all_test, a_stop_is_passed_on_to_those_that_still_run) {
    event other;
    spawn(all_and_note(go, other, log));
    run();
    go.set();
    run();
    scope_.request_stop();
    EXPECT_TRUE(log.empty());
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"1 canceled"}));
}

TEST_F(when_all_test, a_stop_before_the_start_reaches_the_tasks) {
    event other;
    scope_.request_stop();
    finish(all_and_note(go, other, log));
    EXPECT_EQ(log, (std::vector<std::string>{"canceled canceled"}));
}

TEST_F(when_all_test, of_nothing) {
    EXPECT_EQ(finish(when_all()), std::tuple<>{});
    EXPECT_TRUE(finish(when_all(std::vector<task<int>>{})).empty());
    finish(when_all(std::vector<task<void>>{}));
}

TEST_F(when_all_test, takes_any_number_of_one_type) {
    std::vector<task<std::unique_ptr<std::string>>> works;
    for (int i = 0; i < 100; ++i) {
        works.push_back(text_after(go, std::to_string(i)));
    }
    go.set();
    const auto values = finish(when_all(std::move(works)));
    ASSERT_EQ(values.size(), 100U);
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(*values[i], std::to_string(i));
    }
}

TEST_F(when_all_test, takes_any_number_without_a_value) {
    std::vector<task<void>> works;
    works.push_back(note(log, "a"));
    works.push_back(note(log, "b"));
    finish(when_all(std::move(works)));
    EXPECT_EQ(log, (std::vector<std::string>{"a", "b", "a", "b"}));
}

task<int> tree(int depth) {
    if (depth == 0) {
        co_await yield();
        co_return 1;
    }
    const auto branches = co_await when_all(tree(depth - 1), tree(depth - 1));
    co_return std::get<0>(branches) + std::get<1>(branches);
}

TEST_F(when_all_test, may_be_nested) { EXPECT_EQ(finish(tree(10)), 1024); }

TEST_F(when_all_test, stays_in_the_task_queue_of_its_awaiter) {
    task_queue& other = scheduler_.make_queue("other", 1000);
    const auto in_other = [](task_queue& queue, std::vector<std::string>& names) -> task<void> {
        co_await in_queue(queue);
        const auto note_queue = [](std::vector<std::string>& into) -> task<void> {
            into.push_back(scheduler::current().running_queue().name());
            co_return;
        };
        co_await when_all(note_queue(names), note_queue(names));
        co_await note_queue(names);
    };
    finish(in_other(other, log));
    EXPECT_EQ(log, (std::vector<std::string>{"other", "other", "other"}));
}

task<int> borrows(std::shared_ptr<int> argument) { co_return *argument; }

TEST_F(when_all_test, never_awaited_gives_its_tasks_back) {
    const auto shared = std::make_shared<int>(1);
    {
        const auto unused = when_all(borrows(shared), borrows(shared));
        EXPECT_EQ(shared.use_count(), 3);
    }
    EXPECT_EQ(shared.use_count(), 1);
    EXPECT_EQ(finish(when_all(borrows(shared), borrows(shared))), std::make_tuple(1, 1));
    EXPECT_EQ(shared.use_count(), 1);
}

}  // namespace
}  // namespace ringway
