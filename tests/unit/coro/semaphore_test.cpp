#include <ringway/coro/semaphore.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

struct semaphore_test : test::hand_driven {
    std::vector<int> log;  // The names of those who acquired; negative: cancelled.
};

task<void> acquire(semaphore& units, std::size_t count, std::vector<int>& log, int name) {
    const auto acquired = co_await units.acquire(count);
    EXPECT_TRUE(acquired || acquired.error().code == errc::canceled);
    log.push_back(acquired ? name : -name);
}

task<void> acquire_under(semaphore& units, std::size_t count, std::vector<int>& log, int name,
                         stop_source& stop) {
    co_await acquire(units, count, log, name).under(stop);
}

TEST_F(semaphore_test, gives_what_it_has) {
    semaphore units{3};
    finish(acquire(units, 1, log, 1));
    finish(acquire(units, 2, log, 2));
    EXPECT_EQ(units.available(), 0U);
    EXPECT_FALSE(units.try_acquire());
    units.release(2);
    EXPECT_FALSE(units.try_acquire(3));
    EXPECT_TRUE(units.try_acquire(2));
    EXPECT_EQ(log, (std::vector<int>{1, 2}));
}

TEST_F(semaphore_test, serves_in_order_of_arrival) {
    semaphore units{0};
    for (int i = 1; i <= 4; ++i) {
        spawn(acquire(units, 1, log, i));
    }
    run();
    units.release();
    run();
    EXPECT_EQ(log, (std::vector<int>{1}));
    units.release(2);
    EXPECT_EQ(log.size(), 1U);  // Nobody resumes inside release.
    run();
    EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
    units.release(2);
    run();
    EXPECT_EQ(log, (std::vector<int>{1, 2, 3, 4}));
    EXPECT_EQ(units.available(), 1U);
}

// Goal: one who wants much is not starved by those who want little.
TEST_F(semaphore_test, nobody_overtakes) {
    semaphore units{2};
    spawn(acquire(units, 3, log, 1));
    spawn(acquire(units, 1, log, 2));
    run();
    EXPECT_TRUE(log.empty());
    EXPECT_EQ(units.available(), 2U);
    EXPECT_FALSE(units.try_acquire());
    units.release();
    run();
    EXPECT_EQ(log, (std::vector<int>{1}));
    units.release();
    run();
    EXPECT_EQ(log, (std::vector<int>{1, 2}));
}

// Goal: a unit that was granted is gone at once, before the one who gets it runs.
TEST_F(semaphore_test, nobody_takes_what_was_granted) {
    semaphore units{0};
    spawn(acquire(units, 1, log, 1));
    run();
    units.release();
    EXPECT_EQ(units.available(), 0U);
    EXPECT_FALSE(units.try_acquire());
    run();
    EXPECT_EQ(log, (std::vector<int>{1}));
}

TEST_F(semaphore_test, a_stop_ends_the_wait_and_takes_nothing) {
    semaphore units{1};
    stop_source stop;
    spawn(acquire_under(units, 2, log, 1, stop));
    run();
    stop.request_stop();
    run();
    EXPECT_EQ(log, (std::vector<int>{-1}));
    EXPECT_EQ(units.available(), 1U);
}

// Goal: those behind one who gives up go on if what is there suffices for them.
TEST_F(semaphore_test, giving_up_makes_way_for_those_behind) {
    semaphore units{2};
    stop_source stop;
    spawn(acquire_under(units, 3, log, 1, stop));
    spawn(acquire(units, 1, log, 2));
    spawn(acquire(units, 1, log, 3));
    spawn(acquire(units, 1, log, 4));
    run();
    stop.request_stop();
    run();
    EXPECT_EQ(log, (std::vector<int>{-1, 2, 3}));
    units.release();
    run();
    EXPECT_EQ(log.back(), 4);
}

TEST_F(semaphore_test, a_stop_after_the_grant_comes_too_late) {
    semaphore units{0};
    stop_source stop;
    spawn(acquire_under(units, 1, log, 1, stop));
    run();
    units.release();
    stop.request_stop();
    run();
    EXPECT_EQ(log, (std::vector<int>{1}));
    EXPECT_EQ(units.available(), 0U);
}

TEST_F(semaphore_test, a_stop_before_the_wait) {
    semaphore units{1};
    stop_source stop;
    stop.request_stop();
    finish(acquire_under(units, 1, log, 1, stop));  // No need to wait: done.
    finish(acquire_under(units, 1, log, 2, stop));
    EXPECT_EQ(log, (std::vector<int>{1, -2}));
}

TEST_F(semaphore_test, one_stop_for_all_who_wait) {
    semaphore units{0};
    stop_source stop;
    for (int i = 1; i <= 3; ++i) {
        spawn(acquire_under(units, 1, log, i, stop));
    }
    run();
    stop.request_stop();
    run();
    EXPECT_EQ(log.size(), 3U);
    EXPECT_EQ(units.available(), 0U);
    units.release();
    EXPECT_EQ(units.available(), 1U);
}

task<result<semaphore::permit>> hold(semaphore& units, std::size_t count) {
    co_return co_await units.acquire_permit(count);
}

TEST_F(semaphore_test, a_permit_gives_back_when_it_dies) {
    semaphore units{3};
    {
        const auto held = finish(hold(units, 2));
        ASSERT_TRUE(held.has_value());
        EXPECT_TRUE(*held);
        EXPECT_EQ(held->count(), 2U);
        EXPECT_EQ(units.available(), 1U);
    }
    EXPECT_EQ(units.available(), 3U);
}

TEST_F(semaphore_test, a_permit_can_be_moved_and_gives_back_once) {
    semaphore units{2};
    ASSERT_TRUE(units.try_acquire(2));
    semaphore::permit first{units};
    semaphore::permit second{units};
    EXPECT_FALSE(semaphore::permit{});
    semaphore::permit third{std::move(first)};
    EXPECT_EQ(units.available(), 0U);
    third = std::move(second);  // Gives back what it held.
    EXPECT_EQ(units.available(), 1U);
    third.reset();
    third.reset();
    EXPECT_EQ(units.available(), 2U);
}

TEST_F(semaphore_test, a_permit_that_was_cancelled_holds_nothing) {
    semaphore units{0};
    spawn([](semaphore& from) -> task<void> {
        const auto held = co_await from.acquire_permit();
        EXPECT_FALSE(held.has_value());
        EXPECT_EQ(held.error().code, errc::canceled);
    }(units));
    run();
    scope_.request_stop();
    run();
    EXPECT_EQ(units.available(), 0U);
}

task<void> work(semaphore& units, int& inside, int& inside_max) {
    for (int i = 0; i < 10; ++i) {
        const auto held = co_await units.acquire_permit();
        inside_max = std::max(inside_max, ++inside);
        co_await yield();
        co_await yield();
        --inside;
    }
}

TEST_F(semaphore_test, limits_how_many_are_inside) {
    semaphore units{3};
    int inside = 0;
    int inside_max = 0;
    for (int i = 0; i < 20; ++i) {
        spawn(work(units, inside, inside_max));
    }
    run();
    EXPECT_EQ(scope_.size(), 0U);
    EXPECT_EQ(inside, 0);
    EXPECT_EQ(inside_max, 3);
    EXPECT_EQ(units.available(), 3U);
}

// What a fair semaphore does, said in the simplest way.
struct model {
    struct waiting {
        int name;
        std::size_t count;
    };
    std::size_t units;
    std::deque<waiting> line;
    std::vector<int> log;

    void grant() {
        while (!line.empty() && line.front().count <= units) {
            units -= line.front().count;
            log.push_back(line.front().name);
            line.pop_front();
        }
    }
    void cancel(int name) {
        for (auto each = line.begin(); each != line.end(); ++each) {
            if (each->name == name) {
                line.erase(each);
                log.push_back(-name);
                break;
            }
        }
        grant();
    }
};

// Goal: random acquires, releases and stops do what the model does, in the same order.
TEST_F(semaphore_test, behaves_like_the_model) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        const auto below = [&](std::size_t limit) { return std::size_t{random() % limit}; };
        log.clear();
        semaphore units{2};
        model expected{.units = 2, .line = {}, .log = {}};
        std::deque<stop_source> stops;
        for (int step = 0; step < 400; ++step) {
            const std::size_t what = below(10);
            const std::size_t count = 1 + below(4);
            if (what < 4) {
                stops.emplace_back();
                const int name = static_cast<int>(stops.size());
                spawn(acquire_under(units, count, log, name, stops.back()));
                expected.line.push_back({name, count});
                expected.grant();
            } else if (what < 8) {
                units.release(count);
                expected.units += count;
                expected.grant();
            } else if (!stops.empty()) {
                const std::size_t chosen = below(stops.size());
                stops[chosen].request_stop();
                expected.cancel(static_cast<int>(chosen) + 1);
            }
            run();
            ASSERT_EQ(units.available(), expected.units);
            ASSERT_EQ(log, expected.log);
        }
        for (stop_source& stop : stops) {
            stop.request_stop();
        }
        run();
        EXPECT_EQ(scope_.size(), 0U);
    }
}

using semaphore_death_test = semaphore_test;

TEST_F(semaphore_death_test, acquiring_nothing) {
    semaphore units{1};
    EXPECT_DEATH(static_cast<void>(units.try_acquire(0)), "assertion failed.*count");
    EXPECT_DEATH(static_cast<void>(units.acquire(0)), "assertion failed.*count");
}

TEST_F(semaphore_death_test, destroyed_while_somebody_waits) {
    EXPECT_DEATH(
        {
            auto units = std::make_unique<semaphore>(0U);
            spawn(acquire(*units, 1, log, 1));
            run();
            units.reset();
        },
        "assertion failed");
}

}  // namespace
}  // namespace ringway
