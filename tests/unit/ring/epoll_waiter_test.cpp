#include "ring/epoll_waiter.hpp"

#include <cerrno>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "support/sockets.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

struct epoll_waits : ::testing::Test {
    void SetUp() override { ASSERT_TRUE(waiter.open()); }

    // The bits of the events of `key` in a wait that does not sleep.
    std::uint32_t events_of(std::uint64_t key) {
        waiter.wait(nanoseconds::zero());
        std::uint32_t bits = 0;
        for (const epoll_event& event : waiter.events()) {
            bits |= event.data.u64 == key ? event.events : 0;
        }
        return bits;
    }

    epoll_waiter waiter;
};

TEST(epoll_waiter_state, is_open_once_it_was_opened) {
    epoll_waiter waiter;
    EXPECT_FALSE(waiter.is_open());
    EXPECT_TRUE(waiter.open());
    EXPECT_TRUE(waiter.is_open());
}

TEST_F(epoll_waits, reports_what_was_ready_before_the_registration) {
    const test::fd_pair pair = test::unix_pair();
    test::put(pair.far.get(), "x");
    ASSERT_EQ(waiter.watch(pair.near.get(), 7), 0);
    EXPECT_EQ(events_of(7), EPOLLIN | EPOLLOUT);
    EXPECT_EQ(events_of(7), 0U);  // An edge is reported once.
}

TEST_F(epoll_waits, reports_edges_in_both_directions) {
    test::fd_pair pair = test::unix_pair();
    const std::size_t filled = test::fill(pair.near.get());
    ASSERT_EQ(waiter.watch(pair.near.get(), 7), 0);
    EXPECT_EQ(events_of(7), 0U);
    test::put(pair.far.get(), "x");
    EXPECT_EQ(events_of(7), EPOLLIN);
    EXPECT_EQ(test::get(pair.far.get(), filled).size(), filled);
    EXPECT_NE(events_of(7) & EPOLLOUT, 0U);
    pair.far.reset();
    EXPECT_NE(events_of(7) & EPOLLRDHUP, 0U);
}

TEST_F(epoll_waits, a_second_registration_changes_the_key) {
    const test::fd_pair pair = test::unix_pair();
    ASSERT_EQ(waiter.watch(pair.near.get(), 7), 0);
    ASSERT_EQ(waiter.watch(pair.near.get(), 8), 0);
    EXPECT_EQ(events_of(8), EPOLLOUT);
    EXPECT_EQ(events_of(7), 0U);
}

TEST_F(epoll_waits, says_what_cannot_be_watched) {
    const unique_fd file = test::file_with("text");
    EXPECT_EQ(waiter.watch(file.get(), 7), EPERM);
    EXPECT_EQ(waiter.watch(-1, 7), EBADF);
}

TEST_F(epoll_waits, a_wake_up_is_no_event) {
    waiter.wake();
    EXPECT_EQ(events_of(~std::uint64_t{0}), 0U);
    EXPECT_TRUE(waiter.was_woken());
    EXPECT_TRUE(waiter.events().empty());
    waiter.wait(nanoseconds::zero());
    EXPECT_FALSE(waiter.was_woken());
}

TEST_F(epoll_waits, a_wake_up_ends_a_sleep_without_an_end) {
    for (int i = 0; i < 200; ++i) {
        std::thread other{[&] { waiter.wake(); }};
        do {
            waiter.wait(nanoseconds::max());
        } while (!waiter.was_woken());
        other.join();
    }
}

TEST_F(epoll_waits, sleeps_as_long_as_it_was_told) {
    for (const nanoseconds length : {nanoseconds{100us}, nanoseconds{3ms}}) {
        const auto end = std::chrono::steady_clock::now() + length;
        int waits = 0;  // Few, but more than one if something interrupts.
        for (auto now = end - length; now < end; now = std::chrono::steady_clock::now()) {
            waiter.wait(end - now);
            ++waits;
        }
        EXPECT_LT(waits, 300);
    }
    waiter.wait(-1s);
}

}  // namespace
}  // namespace ringway
