#include <ringway/coro/scope.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/coro/event.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

struct scope_test : test::hand_driven {
    event go;
    std::vector<std::string> log;
};

task<void> note(std::vector<std::string>& log, std::string what) {
    log.push_back(std::move(what));
    co_return;
}

task<void> wait_and_note(event& go, std::vector<std::string>& log, std::string name) {
    const auto waited = co_await go.wait();
    log.push_back(name + (waited ? " done" : " stopped"));
}

task<void> join_and_note(scope& children, std::vector<std::string>& log) {
    co_await children.join();
    log.emplace_back("joined");
}

TEST_F(scope_test, spawned_tasks_start_in_order_and_in_their_turn) {
    scope children;
    children.spawn(note(log, "a"));
    children.spawn(note(log, "b"));
    EXPECT_TRUE(log.empty());
    EXPECT_EQ(children.size(), 2U);
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(children.size(), 0U);
}

task<void> note_queue(std::vector<std::string>& log) {
    log.push_back(scheduler::current().running_queue().name());
    co_return;
}

task<void> spawn_notes(scope& children, std::vector<std::string>& log) {
    children.spawn(note_queue(log));
    children.spawn(note_queue(log), scheduler::current().default_queue());
    co_return;
}

// Goal: a task runs in its parent's queue unless another is named.
TEST_F(scope_test, spawned_tasks_run_in_the_queue_of_whoever_spawned_them) {
    task_queue& other = scheduler_.make_queue("other", 1000);
    scope children;
    children.spawn(spawn_notes(children, log), other);
    run();
    std::sort(log.begin(), log.end());
    EXPECT_EQ(log, (std::vector<std::string>{"default", "other"}));
}

TEST_F(scope_test, join_of_an_empty_scope_does_not_wait) {
    scope children;
    finish(join_and_note(children, log));
    EXPECT_EQ(log, (std::vector<std::string>{"joined"}));
}

TEST_F(scope_test, join_waits_for_all) {
    scope children;
    event other;
    children.spawn(wait_and_note(go, log, "a"));
    children.spawn(wait_and_note(other, log, "b"));
    spawn(join_and_note(children, log));
    run();
    EXPECT_TRUE(log.empty());
    other.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"b done"}));
    go.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"b done", "a done", "joined"}));
}

TEST_F(scope_test, can_be_joined_again) {
    scope children;
    children.spawn(note(log, "a"));
    finish(join_and_note(children, log));
    children.spawn(note(log, "b"));
    finish(join_and_note(children, log));
    EXPECT_EQ(log, (std::vector<std::string>{"a", "joined", "b", "joined"}));
}

task<void> spawn_more(scope& children, event& go, std::vector<std::string>& log) {
    log.emplace_back("spawns");
    children.spawn(wait_and_note(go, log, "late"));
    co_return;
}

TEST_F(scope_test, join_waits_for_what_its_tasks_spawn) {
    scope children;
    children.spawn(spawn_more(children, go, log));
    spawn(join_and_note(children, log));
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"spawns"}));
    go.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"spawns", "late done", "joined"}));
}

// Goal: the joiner is ready, but has not run, when somebody else spawns: it must not go on.
TEST_F(scope_test, join_waits_for_what_is_spawned_after_it_was_woken) {
    scope children;
    event first;
    children.spawn(wait_and_note(first, log, "first"));
    spawn(join_and_note(children, log));
    run();
    first.set();
    ASSERT_EQ(scheduler_.run_some(1), 1U);
    ASSERT_EQ(children.size(), 0U);
    children.spawn(wait_and_note(go, log, "late"));
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"first done"}));
    go.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"first done", "late done", "joined"}));
}

TEST_F(scope_test, a_stop_reaches_its_tasks) {
    scope children;
    children.spawn(wait_and_note(go, log, "a"));
    run();
    EXPECT_FALSE(children.stop_requested());
    children.request_stop();
    EXPECT_TRUE(children.stop_requested());
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a stopped"}));
}

TEST_F(scope_test, a_stop_reaches_tasks_that_have_not_started_or_are_not_spawned_yet) {
    scope children;
    children.spawn(wait_and_note(go, log, "a"));
    children.request_stop();
    children.spawn(wait_and_note(go, log, "b"));
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a stopped", "b stopped"}));
}

TEST_F(scope_test, a_stop_of_the_joining_parent_is_passed_on) {
    scope parents;
    scope children;
    children.spawn(wait_and_note(go, log, "a"));
    parents.spawn(join_and_note(children, log));
    run();
    parents.request_stop();
    EXPECT_TRUE(children.stop_requested());
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a stopped", "joined"}));
}

TEST_F(scope_test, a_parent_that_was_stopped_before_it_joins_passes_that_on) {
    scope parents;
    scope children;
    children.spawn(wait_and_note(go, log, "a"));
    run();
    parents.request_stop();
    parents.spawn(join_and_note(children, log));
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a stopped", "joined"}));
}

TEST_F(scope_test, a_stop_after_the_join_is_not_passed_on) {
    scope parents;
    scope children;
    parents.spawn(join_and_note(children, log));
    run();
    parents.request_stop();
    EXPECT_FALSE(children.stop_requested());
}

struct noting {
    std::vector<std::string>& log;
    std::string name;
    ~noting() { log.push_back(name); }
};

task<void> holds(std::vector<std::string>& log, event& go) {
    const noting local{log, "local"};
    static_cast<void>(co_await go.wait());
}

// Goal: when join returns, the frames of the tasks are gone: what they borrowed may die.
TEST_F(scope_test, frames_are_gone_when_join_returns) {
    scope children;
    children.spawn(holds(log, go));
    spawn(join_and_note(children, log));
    run();
    go.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"local", "joined"}));
}

task<void> owns_a_scope(event& go, std::vector<std::string>& log) {
    scope children;
    for (int i = 0; i < 3; ++i) {
        children.spawn(wait_and_note(go, log, std::to_string(i)));
    }
    co_await children.join();
}

TEST_F(scope_test, may_live_in_a_coroutine) {
    spawn(owns_a_scope(go, log));
    run();
    go.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"0 done", "1 done", "2 done"}));
}

task<void> yield_once() { co_await yield(); }

TEST_F(scope_test, joins_very_many) {
    scope children;
    for (int i = 0; i < 10'000; ++i) {
        children.spawn(yield_once());
    }
    finish(join_and_note(children, log));
    EXPECT_EQ(children.size(), 0U);
}

using scope_death_test = scope_test;

TEST_F(scope_death_test, destroyed_while_a_task_runs) {
    EXPECT_DEATH(
        {
            std::optional<scope> children{std::in_place};
            children->spawn(wait_and_note(go, log, "a"));
            run();
            children.reset();
        },
        "assertion failed.*running_");
}

TEST_F(scope_death_test, joined_by_two) {
    EXPECT_DEATH(
        {
            scope children;
            children.spawn(wait_and_note(go, log, "a"));
            spawn(join_and_note(children, log));
            spawn(join_and_note(children, log));
            run();
        },
        "assertion failed.*joining_");
}

}  // namespace
}  // namespace ringway
