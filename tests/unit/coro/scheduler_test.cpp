#include <ringway/coro/scheduler.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/coro/event.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::size_t turn_max = 64;  // As a shard would: the driver has its turn in between.

struct scheduler_test : test::hand_driven {
    /// Turns of the loop until `end`, or until nothing is ready.
    void run_until(nanoseconds end) {
        while (now() < end && scheduler_.ready() > 0) {
            scheduler_.run_some(turn_max);
        }
    }

    /// Coroutines that use `step` of time per resume until they are stopped.
    void saturate(task_queue& queue, nanoseconds step, int coroutines = 4);

    void end_load() {
        scope_.request_stop();
        run();
        EXPECT_EQ(scope_.size(), 0U);
    }
};

task<void> burn(nanoseconds step, void (*pass)(nanoseconds) noexcept) {
    stop_source* const stop = co_await this_stop();
    while (!stop->stop_requested()) {
        pass(step);
        co_await yield();
    }
}

void scheduler_test::saturate(task_queue& queue, nanoseconds step, int coroutines) {
    for (int i = 0; i < coroutines; ++i) {
        scope_.spawn(burn(step, pass), queue);
    }
}

double ratio(nanoseconds part, nanoseconds other) {
    return static_cast<double>(part.count()) / static_cast<double>(other.count());
}

task<void> note(std::vector<int>& log, int name) {
    log.push_back(name);
    co_return;
}

TEST_F(scheduler_test, runs_a_queue_in_order_of_arrival) {
    std::vector<int> log;
    for (int i = 0; i < 5; ++i) {
        spawn(note(log, i));
    }
    EXPECT_EQ(scheduler_.ready(), 5U);
    EXPECT_EQ(scheduler_.default_queue().depth(), 5U);
    EXPECT_EQ(scheduler_.run_some(3), 3U);
    EXPECT_EQ(log, (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(scheduler_.ready(), 2U);
    EXPECT_EQ(scheduler_.run_some(100), 2U);
    EXPECT_EQ(log, (std::vector<int>{0, 1, 2, 3, 4}));
    EXPECT_EQ(scheduler_.run_some(100), 0U);
    EXPECT_EQ(scheduler_.resumed(), 5U);
}

// Goal: work that makes work can't keep the driver from its turn.
TEST_F(scheduler_test, a_turn_is_no_longer_than_what_was_ready) {
    saturate(scheduler_.default_queue(), 0ns, 3);
    EXPECT_EQ(scheduler_.run_some(1000), 3U);
    EXPECT_EQ(scheduler_.run_some(1000), 3U);
    EXPECT_EQ(scheduler_.ready(), 3U);
    end_load();
}

// Goal: where queues compete, the driver has its turn after about a slice: what it brings may be
// more urgent.
TEST_F(scheduler_test, a_turn_with_several_queues_takes_about_a_slice) {
    constexpr auto step = 20us;
    task_queue& other = scheduler_.make_queue("other", 10);
    saturate(scheduler_.default_queue(), step, 1000);
    saturate(other, step, 1000);
    for (int turn = 0; turn < 100; ++turn) {
        const nanoseconds begin = now();
        scheduler_.run_some(10'000);
        EXPECT_LE(now() - begin, scheduler::slice + step);
    }
    end_load();
}

task<void> note_activity(scheduler& own, std::vector<std::uint64_t>& seen) {
    for (int i = 0; i < 2; ++i) {
        seen.push_back(own.activity());
        co_await yield();
    }
}

// Goal: whoever watches can tell a coroutine that holds the shard from many short ones.
TEST_F(scheduler_test, activity_is_another_number_for_each_resume) {
    std::vector<std::uint64_t> seen;
    EXPECT_FALSE(scheduler::is_running(scheduler_.activity()));
    spawn(note_activity(scheduler_, seen));
    spawn(note_activity(scheduler_, seen));
    while (scheduler_.ready() > 0) {
        scheduler_.run_some(turn_max);
        EXPECT_FALSE(scheduler::is_running(scheduler_.activity()));
    }
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), scheduler::is_running));
    EXPECT_EQ(std::set<std::uint64_t>(seen.begin(), seen.end()).size(), 4U);
}

TEST_F(scheduler_test, is_the_threads_own_until_it_dies) {
    EXPECT_EQ(&scheduler::current(), &scheduler_);
    {
        scheduler other{now};
        scheduler::set_current(&other);
        EXPECT_EQ(&scheduler::current(), &other);
    }
    EXPECT_EQ(scheduler::current_or_null(), nullptr);
    scheduler::set_current(&scheduler_);
}

TEST_F(scheduler_test, a_queue_knows_its_name_and_shares) {
    const task_queue& bulk = scheduler_.make_queue("bulk", 250);
    EXPECT_EQ(bulk.name(), "bulk");
    EXPECT_EQ(bulk.shares(), 250U);
    EXPECT_EQ(scheduler_.default_queue().shares(), scheduler::default_shares);
    EXPECT_EQ(scheduler_.queues().size(), 2U);
    EXPECT_EQ(&scheduler_.running_queue(), &scheduler_.default_queue());
}

TEST_F(scheduler_test, equal_shares_get_equal_time) {
    task_queue& other = scheduler_.make_queue("other", scheduler::default_shares);
    saturate(scheduler_.default_queue(), 10us);
    saturate(other, 10us);
    run_until(1s);
    EXPECT_NEAR(ratio(scheduler_.default_queue().run_time(), other.run_time()), 1.0, 0.01);
    end_load();
}

TEST_F(scheduler_test, three_times_the_shares_get_three_times_the_time) {
    task_queue& big = scheduler_.make_queue("big", 300);
    task_queue& small = scheduler_.make_queue("small", 100);
    saturate(big, 10us);
    saturate(small, 10us);
    run_until(1s);
    EXPECT_NEAR(ratio(big.run_time(), small.run_time()), 3.0, 0.03);
    EXPECT_EQ(big.run_time() + small.run_time(), now());
    end_load();
}

// Goal: what counts is time used, not how many coroutines there are or how often they yield.
TEST_F(scheduler_test, many_or_slow_coroutines_do_not_get_more) {
    task_queue& many = scheduler_.make_queue("many", 200);
    task_queue& slow = scheduler_.make_queue("slow", 200);
    saturate(many, 3us, 500);
    saturate(slow, 700us, 1);  // Longer than a slice.
    run_until(2s);
    EXPECT_NEAR(ratio(many.run_time(), slow.run_time()), 1.0, 0.02);
    end_load();
}

TEST_F(scheduler_test, extreme_shares_get_their_part) {
    task_queue& huge = scheduler_.make_queue("huge", 100'000);
    task_queue& tiny = scheduler_.make_queue("tiny", 1);
    saturate(huge, 10us);
    saturate(tiny, 10us);
    run_until(20s);
    EXPECT_GT(tiny.run_time(), 0ns);
    EXPECT_NEAR(ratio(tiny.run_time(), huge.run_time()), 1e-5, 1e-5);
    end_load();
}

// Goal: a minute of idleness buys nothing against a queue that was busy meanwhile.
TEST_F(scheduler_test, an_idle_queue_saves_nothing_up) {
    task_queue& late = scheduler_.make_queue("late", scheduler::default_shares);
    saturate(scheduler_.default_queue(), 100us);
    run_until(60s);
    ASSERT_EQ(late.run_time(), 0ns);
    const auto before = scheduler_.default_queue().run_time();

    saturate(late, 100us);
    run_until(now() + 1s);

    const auto meanwhile = scheduler_.default_queue().run_time() - before;
    EXPECT_NEAR(ratio(late.run_time(), meanwhile), 1.0, 0.01);
    end_load();
}

TEST_F(scheduler_test, a_queue_made_late_starts_level_with_the_others) {
    scheduler_.make_queue("idle", 1);
    saturate(scheduler_.default_queue(), 100us);
    run_until(10s);
    const auto before = scheduler_.default_queue().run_time();
    task_queue& late = scheduler_.make_queue("late", scheduler::default_shares);
    saturate(late, 100us);
    run_until(now() + 1s);
    const auto meanwhile = scheduler_.default_queue().run_time() - before;
    EXPECT_NEAR(ratio(late.run_time(), meanwhile), 1.0, 0.01);
    end_load();
}

task<void> answer(event& asked, std::vector<nanoseconds>& delays, nanoseconds& asked_at,
                  nanoseconds (*now)() noexcept) {
    while (co_await asked.wait()) {
        asked.reset();
        delays.push_back(now() - asked_at);
    }
}

// Goal: while batch work saturates the shard, a coroutine of another queue that becomes ready waits
// for one slice at most, and for the last coroutine of it to yield.
TEST_F(scheduler_test, a_latency_sensitive_queue_waits_for_one_slice_at_most) {
    constexpr auto step = 20us;
    task_queue& batch = scheduler_.make_queue("batch", 100);
    saturate(batch, step, 1000);
    event asked;
    nanoseconds asked_at{0};
    std::vector<nanoseconds> delays;
    scope_.spawn(answer(asked, delays, asked_at, now), scheduler_.default_queue());
    run_until(10ms);
    for (int i = 0; i < 200; ++i) {
        run_until(now() + 3ms + i * 7us);
        asked_at = now();
        asked.set();  // As a completion would, between two turns.
        run_until(now() + 2ms);
    }
    ASSERT_EQ(delays.size(), 200U);
    for (const nanoseconds delay : delays) {
        EXPECT_LE(delay, scheduler::slice + step);
    }
    end_load();
}

task<void> ask_midway(event& asked, nanoseconds& asked_at, nanoseconds (*now)() noexcept) {
    stop_source* const stop = co_await this_stop();
    while (!stop->stop_requested()) {
        asked_at = now();
        asked.set();
        co_await yield();
    }
}

// Goal: the same where one of the batch coroutines makes it ready, in the middle of the slice.
TEST_F(scheduler_test, also_when_woken_in_the_middle_of_a_slice) {
    constexpr auto step = 20us;
    task_queue& batch = scheduler_.make_queue("batch", 100);
    event asked;
    nanoseconds asked_at{0};
    std::vector<nanoseconds> delays;
    scope_.spawn(answer(asked, delays, asked_at, now), scheduler_.default_queue());
    saturate(batch, step, 90);
    scope_.spawn(ask_midway(asked, asked_at, now), batch);
    saturate(batch, step, 90);
    run_until(1s);
    ASSERT_GT(delays.size(), 100U);
    for (const nanoseconds delay : delays) {
        EXPECT_LE(delay, scheduler::slice + step);
    }
    end_load();
}

// Goal: a clock that stands still, as in a simulation, does not let one queue starve the others.
TEST_F(scheduler_test, queues_take_turns_while_the_clock_stands_still) {
    std::vector<task_queue*> queues{&scheduler_.default_queue()};
    queues.push_back(&scheduler_.make_queue("big", 1'000'000));
    queues.push_back(&scheduler_.make_queue("small", 1));
    for (task_queue* queue : queues) {
        saturate(*queue, 0ns, 2);
    }
    std::vector<int> log;
    for (int i = 0; i < 3; ++i) {
        scope_.spawn(note(log, i), *queues[static_cast<std::size_t>(i)]);
    }
    for (int turn = 0; turn < 20; ++turn) {
        scheduler_.run_some(turn_max);
    }
    EXPECT_EQ(log.size(), 3U);
    end_load();
}

TEST_F(scheduler_test, many_queues_share_in_proportion) {
    constexpr std::array<unsigned, 4> shares{100, 200, 400, 800};
    std::vector<task_queue*> queues;
    for (const unsigned each : shares) {
        queues.push_back(&scheduler_.make_queue(std::to_string(each), each));
        saturate(*queues.back(), 50us, 3);
    }
    run_until(3s);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        EXPECT_NEAR(ratio(queues[i]->run_time(), now()), shares[i] / 1500.0, 0.01);
    }
    end_load();
}

using scheduler_death_test = scheduler_test;

TEST_F(scheduler_death_test, no_scheduler_on_this_thread) {
    EXPECT_DEATH(
        {
            scheduler::set_current(nullptr);
            static_cast<void>(scheduler::current());
        },
        "assertion failed.*current_");
}

struct posted_node : ready_node {
    explicit posted_node(scheduler& owner) {
        coroutine = std::noop_coroutine();
        queue = &owner.default_queue();
        owner.post(*this);
    }
};

TEST_F(scheduler_death_test, a_node_posted_twice) {
    EXPECT_DEATH(
        {
            posted_node node{scheduler_};
            scheduler_.post(node);
        },
        "assertion failed.*next");
}

TEST_F(scheduler_death_test, a_node_posted_twice_with_another_behind_it) {
    EXPECT_DEATH(
        {
            posted_node first{scheduler_};
            posted_node second{scheduler_};
            scheduler_.post(first);
        },
        "assertion failed.*next");
}

TEST_F(scheduler_death_test, destroyed_with_work_left) {
    EXPECT_DEATH(
        {
            scheduler other{now};
            posted_node node{other};
        },
        "assertion failed.*ready_");
}

TEST_F(scheduler_death_test, a_queue_without_shares) {
    EXPECT_DEATH(scheduler_.make_queue("none", 0), "assertion failed.*shares");
}

}  // namespace
}  // namespace ringway
