#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <pthread.h>
#include <set>
#include <thread>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/run_on.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

cluster_options many(unsigned shards) { return {.shards = shards, .pin = false}; }

TEST(cluster, runs_main_on_a_thread_per_shard) {
    std::array<std::thread::id, 3> threads;
    test::run_cluster(many(3), [&](shard& here) -> task<void> {
        threads[here.id()] = std::this_thread::get_id();
        const auto check = [](shard& self) -> task<void> {
            EXPECT_EQ(&shard::current(), &self);
            EXPECT_EQ(&driver::current(), &self.io());
            EXPECT_EQ(&scheduler::current(), &self.run_queues());
            co_await yield{};
        };
        return check(here);
    });
    EXPECT_EQ(std::set(threads.begin(), threads.end()).size(), 3U);
    EXPECT_EQ(threads[0], std::this_thread::get_id());
    EXPECT_EQ(shard::current_or_null(), nullptr);
    EXPECT_GE(cluster::usable_cores(), 1U);
}

task<void> until_stopped(std::atomic<int>& stopped) {
    const auto slept = co_await sleep_for(std::chrono::hours{1});
    EXPECT_EQ(slept.error().code, errc::canceled);
    ++stopped;
}

// Goal: a stop from a thread that is no shard ends every main, and asking twice does no harm.
TEST(cluster, a_stop_from_outside_reaches_every_shard) {
    std::atomic<int> stopped{0};
    std::atomic<int> started{0};
    auto made = cluster::make(many(3));
    ASSERT_TRUE(made.has_value());
    std::thread outside{[&] {
        while (started.load() < 3) {
            std::this_thread::yield();
        }
        (*made)->request_stop();
        (*made)->request_stop();
    }};
    const auto outcome = (*made)->run([&](shard&) {
        ++started;
        return until_stopped(stopped);
    });
    outside.join();
    EXPECT_TRUE(outcome.has_value());
    EXPECT_EQ(stopped.load(), 3);
}

TEST(cluster, a_shard_can_stop_all) {
    std::atomic<int> stopped{0};
    auto made = cluster::make(many(2));
    ASSERT_TRUE(made.has_value());
    const auto stop_all = [](cluster& all) -> task<void> {
        co_await yield{};
        all.request_stop();
    };
    EXPECT_TRUE((*made)
                    ->run([&](shard& here) {
                        return here.id() == 1 ? stop_all(**made) : until_stopped(stopped);
                    })
                    .has_value());
    EXPECT_EQ(stopped.load(), 1);
}

// Goal: what a main has spawned into the root scope is joined too.
TEST(cluster, ends_only_after_all_that_was_spawned) {
    std::atomic<int> done{0};
    test::run_cluster(many(2), [&](shard& here) -> task<void> {
        const auto later = [](std::atomic<int>& count) -> task<void> {
            static_cast<void>(co_await sleep_for(3ms));
            ++count;
        };
        here.root().spawn(later(done));
        here.root().spawn(later(done));
        return later(done);
    });
    EXPECT_EQ(done.load(), 6);
}

// Goal: what the root scopes run is awaited, and others serve it until then; then that may begin
// something in another root scope, and so on.
TEST(cluster, serves_what_outlives_the_mains) {
    auto made = cluster::make(many(3));
    ASSERT_TRUE(made.has_value());
    cluster& all = **made;
    std::atomic<int> hops{0};
    struct hopping {
        static task<void> hop(cluster& all, std::atomic<int>& hops, int left) {
            co_await sleep_for(2ms);
            ++hops;
            const auto next = [&all, &hops, left]() -> task<void> {
                if (left > 0) {
                    shard::current().root().spawn(hop(all, hops, left - 1));
                }
                co_return;
            };
            co_await run_on{all.at((shard::current().id() + 1) % all.size()), next};
        }
    };
    const auto begin = [&](shard& here) -> task<void> {
        if (here.id() == 1) {
            here.root().spawn(hopping::hop(all, hops, 20));
        }
        co_return;
    };
    EXPECT_TRUE(all.run([&](shard& here) { return begin(here); }).has_value());
    EXPECT_EQ(hops.load(), 21);
    EXPECT_EQ(all.run([&](shard& here) { return begin(here); }).error().code,
              errc::invalid_argument);
}

// Goal: pinning is for as long as it runs.
TEST(cluster, gives_the_caller_its_cores_back) {
    const unsigned before = cluster::usable_cores();
    auto made = cluster::make({.shards = 2, .pin = true});
    ASSERT_TRUE(made.has_value());
    const auto look = []() -> task<void> {
        EXPECT_EQ(cluster::usable_cores(), 1U);
        co_return;
    };
    EXPECT_TRUE((*made)->run([&](shard& /*here*/) { return look(); }).has_value());
    EXPECT_EQ(cluster::usable_cores(), before);
}

// Goal: a shard whose main has ended still serves messages of the others.
TEST(cluster, a_finished_shard_serves_until_all_are) {
    auto made = cluster::make(many(2));
    ASSERT_TRUE(made.has_value());
    int answer = 0;
    const auto ask = [](cluster& all, int& into) -> task<void> {
        co_await sleep_for(3ms);
        const auto work = []() -> task<int> {
            co_return 40 + static_cast<int>(shard::current().id());
        };
        into = co_await run_on{all.at(1), work};
    };
    const auto nothing = []() -> task<void> { co_return; };
    EXPECT_TRUE(
        (*made)
            ->run([&](shard& here) { return here.id() == 0 ? ask(**made, answer) : nothing(); })
            .has_value());
    EXPECT_EQ(answer, 41);
}

TEST(cluster, its_threads_take_no_signals_and_the_caller_keeps_its_mask) {
    sigset_t before;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
    test::run_cluster(many(2), [&](shard& here) -> task<void> {
        const auto check = [](unsigned id, sigset_t caller) -> task<void> {
            sigset_t mask;
            ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
            const int wanted = id == 0 ? ::sigismember(&caller, SIGTERM) : 1;
            EXPECT_EQ(::sigismember(&mask, SIGTERM), wanted);
            co_return;
        };
        return check(here.id(), before);
    });
}

TEST(cluster, names_its_driver_and_why) {
    const auto made = cluster::make(many(1));
    ASSERT_TRUE(made.has_value());
    const bool epoll = (*made)->driver_choice().kind == driver_kind::epoll;
    EXPECT_EQ((*made)->at(0).io().name(), epoll ? "epoll" : "io_uring");
    EXPECT_FALSE((*made)->driver_choice().reason.empty());
}

}  // namespace
}  // namespace ringway
