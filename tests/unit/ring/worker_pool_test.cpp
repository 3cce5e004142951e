#include <ringway/ring/worker_pool.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <latch>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/ring/work_inbox.hpp>

namespace ringway {
namespace {

// An item that calls `action` on the worker and counts its end down.
struct counted_item : work_item {
    counted_item(std::latch& end, void (*action)(counted_item&) noexcept)
        : ended{end}, act{action} {
        run = [](work_item& self) noexcept {
            auto& item = static_cast<counted_item&>(self);
            item.act(item);
        };
        finished = [](work_item& self) noexcept {
            static_cast<counted_item&>(self).ended.count_down();
        };
    }

    std::latch& ended;
    void (*act)(counted_item&) noexcept;
    void* argument = nullptr;
    pthread_t thread{};
};

void remember_thread(counted_item& item) noexcept { item.thread = ::pthread_self(); }

TEST(worker_pool, starts_no_thread_before_there_is_work) {
    worker_pool pool{4};
    EXPECT_EQ(pool.threads(), 0U);
    EXPECT_EQ(pool.threads_max(), 4U);
    std::latch end{1};
    counted_item item{end, remember_thread};
    pool.submit(item);
    end.wait();
    EXPECT_EQ(pool.threads(), 1U);
    EXPECT_EQ(::pthread_equal(item.thread, ::pthread_self()), 0);
}

TEST(worker_pool, has_at_least_one_thread) {
    worker_pool pool{0};
    std::latch end{1};
    counted_item item{end, remember_thread};
    pool.submit(item);
    end.wait();
    EXPECT_EQ(pool.threads(), 1U);
}

// Two items that wait for each other can only end on two threads.
TEST(worker_pool, starts_another_thread_while_the_others_are_busy) {
    worker_pool pool{2};
    std::latch both{2};
    std::latch end{2};
    const auto meet = [](counted_item& item) noexcept {
        static_cast<std::latch*>(item.argument)->arrive_and_wait();
    };
    counted_item one{end, meet};
    counted_item two{end, meet};
    one.argument = two.argument = &both;
    pool.submit(one);
    pool.submit(two);
    end.wait();
    EXPECT_EQ(pool.threads(), 2U);
}

TEST(worker_pool, one_thread_keeps_the_order) {
    std::vector<int> order;
    {
        worker_pool pool{1};
        struct numbered : work_item {
            std::vector<int>* order = nullptr;
            int number = 0;
        };
        static std::array<numbered, 500> items;
        for (int i = 0; i < 500; ++i) {
            numbered& item = items[static_cast<std::size_t>(i)];
            item.order = &order;
            item.number = i;
            item.run = [](work_item& self) noexcept {
                auto& mine = static_cast<numbered&>(self);
                mine.order->push_back(mine.number);
            };
            item.finished = [](work_item&) noexcept {};
            pool.submit(item);
        }
        EXPECT_EQ(pool.threads(), 1U);
    }  // Finishes everything first.
    ASSERT_EQ(order.size(), 500U);
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
    }
}

TEST(worker_pool, workers_take_no_signals) {
    worker_pool pool{1};
    std::latch end{1};
    static std::atomic<bool> all_blocked{false};
    counted_item item{end, [](counted_item&) noexcept {
                          sigset_t mask;
                          ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
                          all_blocked = ::sigismember(&mask, SIGINT) == 1 &&
                                        ::sigismember(&mask, SIGTERM) == 1 &&
                                        ::sigismember(&mask, SIGPIPE) == 1;
                      }};
    pool.submit(item);
    end.wait();
    EXPECT_TRUE(all_blocked);
    sigset_t own;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &own);
    EXPECT_EQ(::sigismember(&own, SIGINT), 0);  // The submitter's mask is as it was.
}

// An item comes back through an inbox and goes out again, many at the same time.
TEST(worker_pool, items_go_around_many_times) {
    struct rounds : work_item {
        work_inbox<work_item>* inbox = nullptr;
        std::atomic<int>* arrivals = nullptr;
        int count = 0;
    };
    constexpr int items_total = 16;
    constexpr int rounds_each = 300;
    work_inbox<work_item> inbox;
    std::atomic<int> arrivals{0};
    std::array<rounds, items_total> items;
    worker_pool pool{3};
    for (rounds& item : items) {
        item.inbox = &inbox;
        item.arrivals = &arrivals;
        item.run = [](work_item& self) noexcept { ++static_cast<rounds&>(self).count; };
        item.finished = [](work_item& self) noexcept {
            auto& mine = static_cast<rounds&>(self);
            std::atomic<int>& bell = *mine.arrivals;
            mine.inbox->push(self);
            bell.fetch_add(1);
            bell.notify_one();
        };
        pool.submit(item);
    }
    for (int done = 0; done < items_total;) {
        const int seen = arrivals.load();
        work_item* taken = inbox.take_all();
        if (taken == nullptr) {
            arrivals.wait(seen);
            continue;
        }
        while (taken != nullptr) {
            auto& item = static_cast<rounds&>(*taken);
            taken = taken->next;
            if (item.count == rounds_each) {
                ++done;
            } else {
                pool.submit(item);
            }
        }
    }
    EXPECT_LE(pool.threads(), 3U);
    for (const rounds& item : items) {
        EXPECT_EQ(item.count, rounds_each);
    }
}

}  // namespace
}  // namespace ringway
