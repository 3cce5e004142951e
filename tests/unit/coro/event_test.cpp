#include <ringway/coro/event.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/coro/stop.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

struct event_test : test::hand_driven {
    event happened;
    std::vector<std::string> log;
};

task<void> wait_and_note(event& happened, std::vector<std::string>& log, std::string name) {
    const auto waited = co_await happened.wait();
    log.push_back(name + " " + std::string{waited ? "set" : name_of(waited.error().code)});
}

task<void> wait_under(event& happened, std::vector<std::string>& log, std::string name,
                      stop_source& stop) {
    co_await wait_and_note(happened, log, std::move(name)).under(stop);
}

TEST_F(event_test, wakes_all_who_wait_in_order) {
    spawn(wait_and_note(happened, log, "a"));
    spawn(wait_and_note(happened, log, "b"));
    run();
    EXPECT_TRUE(log.empty());
    happened.set();
    EXPECT_TRUE(log.empty());  // Nobody resumes inside set.
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a set", "b set"}));
}

TEST_F(event_test, stays_set_until_it_is_reset) {
    happened.set();
    EXPECT_TRUE(happened.is_set());
    spawn(wait_and_note(happened, log, "a"));
    EXPECT_EQ(scheduler_.run_some(1), 1U);  // Without a detour through the scheduler.
    EXPECT_EQ(log, (std::vector<std::string>{"a set"}));

    happened.reset();
    EXPECT_FALSE(happened.is_set());
    spawn(wait_and_note(happened, log, "b"));
    run();
    EXPECT_EQ(log.size(), 1U);
    happened.set();
    run();
    EXPECT_EQ(log.back(), "b set");
}

TEST_F(event_test, may_be_set_from_the_start_and_again) {
    event born_set{true};
    born_set.set();
    finish(wait_and_note(born_set, log, "a"));
    EXPECT_EQ(log, (std::vector<std::string>{"a set"}));
}

TEST_F(event_test, a_reset_does_not_take_back_what_was_seen) {
    spawn(wait_and_note(happened, log, "a"));
    run();
    happened.set();
    happened.reset();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a set"}));
}

TEST_F(event_test, a_stop_while_waiting_cancels) {
    stop_source stop;
    spawn(wait_under(happened, log, "a", stop));
    spawn(wait_and_note(happened, log, "b"));
    run();
    stop.request_stop();
    EXPECT_TRUE(log.empty());
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a canceled"}));
    happened.set();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a canceled", "b set"}));
}

TEST_F(event_test, a_stop_before_the_wait_cancels_at_once) {
    stop_source stop;
    stop.request_stop();
    finish(wait_under(happened, log, "a", stop));
    EXPECT_EQ(log, (std::vector<std::string>{"a canceled"}));
}

TEST_F(event_test, a_stop_does_not_keep_from_seeing_a_set_event) {
    stop_source stop;
    stop.request_stop();
    happened.set();
    finish(wait_under(happened, log, "a", stop));
    EXPECT_EQ(log, (std::vector<std::string>{"a set"}));
}

// Goal: of a stop and a set in the same turn, the first decides.
TEST_F(event_test, the_first_of_stop_and_set_decides) {
    stop_source stop_after;
    stop_source stop_before;
    spawn(wait_under(happened, log, "set first", stop_after));
    spawn(wait_under(happened, log, "stop first", stop_before));
    run();
    stop_before.request_stop();
    happened.set();
    stop_after.request_stop();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"stop first canceled", "set first set"}));
}

TEST_F(event_test, a_stop_after_the_wait_is_nothing_to_it) {
    stop_source stop;
    happened.set();
    finish(wait_under(happened, log, "a", stop));
    stop.request_stop();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a set"}));
}

TEST_F(event_test, may_die_once_it_is_set) {
    auto brief = std::make_unique<event>();
    spawn(wait_and_note(*brief, log, "a"));
    run();
    brief->set();
    brief.reset();
    run();
    EXPECT_EQ(log, (std::vector<std::string>{"a set"}));
}

task<void> ping(event& mine, event& other, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        static_cast<void>(co_await mine.wait());
        mine.reset();
        other.set();
    }
}

TEST_F(event_test, two_coroutines_can_take_turns_for_long) {
    event ping_turn{true};
    event pong_turn;
    spawn(ping(ping_turn, pong_turn, 100'000));
    spawn(ping(pong_turn, ping_turn, 100'000));
    run();
    EXPECT_EQ(scope_.size(), 0U);
}

using event_death_test = event_test;

TEST_F(event_death_test, destroyed_while_somebody_waits) {
    EXPECT_DEATH(
        {
            std::optional<event> brief{std::in_place};
            spawn(wait_and_note(*brief, log, "a"));
            run();
            brief.reset();
        },
        "assertion failed");
}

}  // namespace
}  // namespace ringway
