#include <ringway/coro/when_any.hpp>

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/result.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

task<result<int>> after(event& go, int value) {
    const auto waited = co_await go.wait();
    if (!waited) {
        co_return std::unexpected{waited.error()};
    }
    co_return value;
}

task<result<std::string>> text_after(event& go, std::string text) {
    co_await or_return(co_await go.wait());
    co_return text;
}

task<result<void>> just_after(event& go) { co_return co_await go.wait(); }

// Ignores the stop until `end`, and achieves its aim all the same.
task<result<int>> stubborn(event& end, int value) {
    stop_source never;
    co_return co_await after(end, value).under(never);
}

struct when_any_test : test::hand_driven {
    event a;
    event b;
    event c;
    std::optional<race_results<int, std::string, void>> ended;

    void start();
};

task<void> race_three(event& a, event& b, event& c,
                      std::optional<race_results<int, std::string, void>>& ended) {
    ended.emplace(co_await when_any(after(a, 1), text_after(b, "two"), just_after(c)));
}

void when_any_test::start() {
    spawn(race_three(a, b, c, ended));
    run();
    ASSERT_FALSE(ended.has_value());
}

TEST_F(when_any_test, the_first_to_end_stops_the_others) {
    start();
    b.set();
    run();
    ASSERT_TRUE(ended.has_value());
    EXPECT_EQ(ended->first, 1U);
    EXPECT_EQ(std::get<0>(ended->results).error().code, errc::canceled);
    EXPECT_EQ(std::get<1>(ended->results).value(), "two");
    EXPECT_EQ(std::get<2>(ended->results).error().code, errc::canceled);
}

TEST_F(when_any_test, each_may_be_the_first) {
    start();
    a.set();
    run();
    EXPECT_EQ(ended.value().first, 0U);
    EXPECT_EQ(std::get<0>(ended->results).value(), 1);
    a.reset();
    ended.reset();
    start();
    c.set();
    run();
    EXPECT_EQ(ended.value().first, 2U);
    EXPECT_TRUE(std::get<2>(ended->results).has_value());
}

TEST_F(when_any_test, a_loser_that_made_it_all_the_same_is_not_lost) {
    start();
    c.set();
    a.set();  // Before the stop gets there.
    run();
    ASSERT_TRUE(ended.has_value());
    EXPECT_EQ(ended->first, 2U);
    EXPECT_EQ(std::get<0>(ended->results).value(), 1);
    EXPECT_EQ(std::get<1>(ended->results).error().code, errc::canceled);
}

task<result<int>> fails() { co_return fail(errc::malformed); }

// Goal: to end badly is to end: the others are stopped.
TEST_F(when_any_test, a_failure_ends_the_race_too) {
    const auto race = finish(when_any(after(a, 1), fails()));
    EXPECT_EQ(race.first, 1U);
    EXPECT_EQ(std::get<1>(race.results).error().code, errc::malformed);
    EXPECT_EQ(std::get<0>(race.results).error().code, errc::canceled);
}

task<void> race_stubborn(event& quick, event& slow, std::optional<race_results<int, int>>& ended) {
    ended.emplace(co_await when_any(after(quick, 1), stubborn(slow, 2)));
}

TEST_F(when_any_test, waits_for_losers_that_take_their_time) {
    std::optional<race_results<int, int>> both;
    spawn(race_stubborn(a, b, both));
    run();
    a.set();
    run();
    EXPECT_FALSE(both.has_value());
    b.set();
    run();
    EXPECT_EQ(both.value().first, 0U);
    EXPECT_EQ(both->results, std::make_tuple(result<int>{1}, result<int>{2}));
}

TEST_F(when_any_test, a_stop_is_passed_on_to_all) {
    start();
    scope_.request_stop();
    EXPECT_FALSE(ended.has_value());
    run();
    ASSERT_TRUE(ended.has_value());
    EXPECT_EQ(std::get<0>(ended->results).error().code, errc::canceled);
    EXPECT_EQ(std::get<1>(ended->results).error().code, errc::canceled);
    EXPECT_EQ(std::get<2>(ended->results).error().code, errc::canceled);
}

task<bool> is_stopped_after_a_race(event& a, event& b) {
    co_await when_any(after(a, 1), after(b, 2));
    stop_source* const own = co_await this_stop();
    co_return own->stop_requested();
}

TEST_F(when_any_test, the_end_of_the_race_does_not_stop_the_awaiter) {
    a.set();
    EXPECT_FALSE(finish(is_stopped_after_a_race(a, b)));
}

// Goal: a task whose turn had not come when the race was over runs, and hears of it.
TEST_F(when_any_test, one_that_has_not_started_is_stopped_too) {
    const auto race = finish(when_any(fails(), after(a, 1),
                                      stubborn(
                                          [](event& set) -> event& {
                                              set.set();
                                              return set;
                                          }(b),
                                          3)));
    EXPECT_EQ(race.first, 0U);
    EXPECT_EQ(std::get<1>(race.results).error().code, errc::canceled);
    EXPECT_EQ(std::get<2>(race.results).value(), 3);
}

TEST_F(when_any_test, of_one) {
    a.set();
    const auto race = finish(when_any(after(a, 5)));
    EXPECT_EQ(race.first, 0U);
    EXPECT_EQ(std::get<0>(race.results).value(), 5);
}

TEST_F(when_any_test, takes_any_number_of_one_type) {
    std::vector<task<result<int>>> works;
    for (int i = 0; i < 10; ++i) {
        works.push_back(after(i == 6 ? b : a, i));
    }
    b.set();
    const auto race = finish(when_any(std::move(works)));
    EXPECT_EQ(race.first, 6U);
    ASSERT_EQ(race.results.size(), 10U);
    for (std::size_t i = 0; i < race.results.size(); ++i) {
        EXPECT_EQ(race.results[i].has_value(), i == 6);
    }
    EXPECT_EQ(race.results[6].value(), 6);
}

task<result<int>> inner_race(event& a, event& b) {
    const auto race = co_await when_any(after(a, 1), after(b, 2));
    co_return race.first == 0 ? std::get<0>(race.results) : std::get<1>(race.results);
}

task<void> outer_race(event& a, event& b, event& c, std::optional<race_results<int, int>>& ended) {
    ended.emplace(co_await when_any(inner_race(a, b), after(c, 3)));
}

TEST_F(when_any_test, may_be_nested) {
    for (event* const quickest : {&a, &b, &c}) {
        std::optional<race_results<int, int>> both;
        spawn(outer_race(a, b, c, both));
        run();
        quickest->set();
        run();
        ASSERT_TRUE(both.has_value());
        EXPECT_EQ(both->first, quickest == &c ? 1U : 0U);
        quickest->reset();
    }
}

using when_any_death_test = when_any_test;

TEST_F(when_any_death_test, of_nothing) {
    EXPECT_DEATH(finish(when_any(std::vector<task<result<int>>>{})), "assertion failed.*works");
}

}  // namespace
}  // namespace ringway
