#include "lab/syscall_counter.hpp"

#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(syscall_counter, counts_every_call_of_every_thread) {
    const auto counter = syscall_counter::attach(::getpid());
    if (!counter) {
        GTEST_SKIP() << counter.error();
    }
    const auto before = counter->count();
    for (int i = 0; i < 1000; ++i) {
        ::syscall(SYS_getppid);
    }
    std::thread{[] {
        for (int i = 0; i < 1000; ++i) {
            ::syscall(SYS_getppid);
        }
    }}.join();
    const auto calls = counter->count() - before;
    EXPECT_GE(calls, 2000U);
    EXPECT_LT(calls, 2100U);  // Reading the counter and making the thread.
}

TEST(syscall_counter, says_why_not) {
    const auto counter = syscall_counter::attach(4'194'303);
    ASSERT_FALSE(counter);
    EXPECT_TRUE(counter.error().starts_with("system calls are not counted: "));
}

}  // namespace
}  // namespace ringway::lab
