#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "runtime/thread_times.hpp"
#include "support/patience.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

TEST(thread_times, count_what_runs_and_not_what_sleeps) {
    const auto before = times_of(::gettid());
    if (!before) {
        GTEST_SKIP() << "skipped: this kernel tells no scheduling times";
    }
    EXPECT_TRUE(before->runnable);
    const auto ran = [&] { return times_of(::gettid())->ran - before->ran; };
    EXPECT_TRUE(test::eventually([&] { return ran() > 5ms; }, 60s));  // Asking takes time too.
    const auto asked = times_of(::gettid());
    ::poll(nullptr, 0, 30);
    const auto slept = times_of(::gettid());
    EXPECT_LT(slept->ran - asked->ran, 30ms);
    EXPECT_GE(slept->queued, asked->queued);
}

TEST(thread_times, tells_who_sleeps) {
    int sleeper = 0;
    std::atomic<bool> named = false;
    std::atomic<bool> end = false;
    std::thread other{[&] {
        sleeper = ::gettid();
        named = true;
        end.wait(false);
    }};
    EXPECT_TRUE(test::eventually([&] { return named.load(); }));
    EXPECT_TRUE(test::eventually([&] {
        const auto times = times_of(sleeper);
        return !times || !times->runnable;
    }));
    end = true;
    end.notify_one();
    other.join();
}

TEST(thread_times, nobody_has_none) { EXPECT_FALSE(times_of(0).has_value()); }

}  // namespace
}  // namespace ringway
