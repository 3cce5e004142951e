#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using body = task<void>;

struct counting_mail : message {
    counting_mail() {
        deliver = [](message& self) noexcept {
            auto& me = static_cast<counting_mail&>(self);
            ++*me.count;
            if (*me.count == me.wake_at) {
                me.waiting->wake();
            }
        };
    }
    int* count = nullptr;
    int wake_at = 0;
    suspension* waiting = nullptr;
};

struct hold {
    suspension& waiting;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept { waiting.hold(self); }
    void await_resume() const noexcept {}
};

// Goal: a shard that sleeps in its driver is woken by messages of threads that are no shards.
TEST(shard, messages_from_any_thread_wake_it) {
    const auto run = []() -> body {
        int count = 0;
        suspension waiting;
        std::vector<counting_mail> mails(100);
        for (auto& mail : mails) {
            mail.count = &count;
            mail.wake_at = static_cast<int>(mails.size());
            mail.waiting = &waiting;
        }
        shard& here = shard::current();
        std::vector<std::thread> senders;
        for (std::size_t s = 0; s < 2; ++s) {
            senders.emplace_back([&, s] {
                for (std::size_t i = s; i < mails.size(); i += 2) {
                    here.post(mails[i]);
                    if (i % 10 == 0) {
                        std::this_thread::yield();
                    }
                }
            });
        }
        co_await hold{waiting};
        for (auto& sender : senders) {
            sender.join();
        }
        EXPECT_EQ(count, 100);
    };
    test::run_on_shard(run());
}

TEST(shard, counts_what_it_does) {
    const auto run = []() -> body {
        shard& here = shard::current();
        const auto turns = here.counters().turns.get();
        const auto resumed = here.counters().resumed.get();
        for (int i = 0; i < 10; ++i) {
            co_await yield{};
        }
        EXPECT_GE(here.counters().turns.get(), turns + 9);
        EXPECT_GE(here.counters().resumed.get(), resumed + 9);
        EXPECT_GT(here.counters().busy_ns.get(), 0U);
        EXPECT_LE(here.now(), here.io().now());
    };
    test::run_on_shard(run());
}

// Goal: what a stop of the root scope leaves in flight is waited for, and nothing leaks.
TEST(shard, operations_in_flight_end_with_the_root) {
    const auto run = []() -> body {
        const auto pair = test::unix_pair();
        const auto wait = [](int fd) -> task<void> {
            char byte = 0;
            operation op;
            op.kind = op_kind::recv;
            op.fd = fd;
            op.address = &byte;
            op.length = 1;
            const completion done = co_await await_operation{op};
            EXPECT_EQ(done.result, -ECANCELED);
        };
        scope waiting;
        for (int i = 0; i < 5; ++i) {
            waiting.spawn(wait(pair.near.get()));
        }
        co_await yield{};
        co_await yield{};
        shard::current().root().request_stop();
        co_await waiting.join();  // Passed on to the children.
    };
    test::run_on_shard(run());
}

// Goal: a queue with a large share answers at once while a batch saturates the shard. Judged by
// counting: between two turns of the urgent queue the batch gets few slices.
TEST(shard, an_urgent_queue_stays_responsive_under_load) {
    const auto run = []() -> body {
        scheduler& queues = shard::current().run_queues();
        task_queue& batch = queues.make_queue("batch", 100);
        bool ended = false;
        std::uint64_t slices = 0;
        const auto saturate = [](bool& end, std::uint64_t& count) -> task<void> {
            while (!end) {
                const auto until = std::chrono::steady_clock::now() + 100us;
                while (std::chrono::steady_clock::now() < until) {
                }
                ++count;
                co_await yield{};
            }
        };
        scope work;
        for (int i = 0; i < 20; ++i) {
            work.spawn(saturate(ended, slices), batch);
        }
        std::uint64_t worst = 0;
        std::uint64_t total = 0;
        for (int i = 0; i < 200; ++i) {
            const std::uint64_t before = slices;
            co_await yield{};
            worst = std::max(worst, slices - before);
            total += slices - before;
        }
        ended = true;
        co_await work.join();
        // A slice is 500 us: about 5 of these pieces, and never the whole queue of 20.
        EXPECT_LE(worst, 12U);
        EXPECT_GT(total, 0U) << "the batch starved";
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway
