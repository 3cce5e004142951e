#include "base/resting_memory.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <vector>

#include "base/sanitizers.hpp"

namespace ringway {
namespace {

class resting_memory_test : public ::testing::Test {
protected:
    void SetUp() override {
        if (!resting_memory::can_rest()) {
            GTEST_SKIP() << "under AddressSanitizer nothing rests";
        }
        resting_memory::guard_what_rests(true);
    }
    void TearDown() override { resting_memory::guard_what_rests(false); }
};

// What a connection would do, with all sizes, resting again and again.
TEST_F(resting_memory_test, everything_is_as_it_was_after_each_rest) {
    resting_memory memory;
    std::mt19937 random{3};
    std::map<unsigned char*, std::pair<std::size_t, unsigned char>> held;
    const auto drop = [&](auto place) {
        const auto [at, what] = *place;
        EXPECT_TRUE(std::all_of(at, at + what.first, [&](auto c) { return c == what.second; }));
        memory.release(at, what.first);
        held.erase(place);
    };
    for (int round = 0; round < 3000; ++round) {
        const std::size_t size = random() % 8 == 0 ? random() % 40'000 : random() % 700;
        auto* const at = static_cast<unsigned char*>(memory.allocate(size));
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(at) % alignof(std::max_align_t), 0U);
        const auto mark = static_cast<unsigned char>(random());
        std::memset(at, mark, size);
        ASSERT_TRUE(held.try_emplace(at, size, mark).second);
        while (held.size() > 200) {
            drop(std::next(held.begin(), static_cast<long>(random() % held.size())));
        }
        if (round % 10 == 0) {
            memory.rest();
            EXPECT_TRUE(memory.rests());
            EXPECT_GT(memory.packed_bytes(), 0U);
            memory.rest();
            memory.wake();
            EXPECT_FALSE(memory.rests());
            EXPECT_EQ(memory.packed_bytes(), 0U);
        }
    }
    while (!held.empty()) {
        drop(held.begin());
    }
    EXPECT_EQ(memory.used_bytes(), 0U);
}

// Goal: what is given back is used again, so that a long life takes no more than a short one.
TEST_F(resting_memory_test, does_not_grow_by_coming_and_going) {
    resting_memory memory;
    void* const first = memory.allocate(100);
    for (int round = 0; round < 100'000; ++round) {
        memory.release(memory.allocate(static_cast<std::size_t>(round % 5000)),
                       static_cast<std::size_t>(round % 5000));
    }
    EXPECT_LT(memory.used_bytes(), resting_memory::region_bytes);
    memory.release(first, 100);
}

TEST_F(resting_memory_test, packs_what_structures_are_made_of) {
    resting_memory memory;
    constexpr std::size_t size = 9344;
    auto* const at = static_cast<std::uint64_t*>(memory.allocate(size));
    std::memset(at, 0, size);
    for (std::size_t i = 0; i < size / 8; i += 4) {
        at[i] = i;
    }
    memory.rest();
    EXPECT_LT(memory.packed_bytes(), size / 5);
    memory.wake();
    EXPECT_EQ(at[64], 64U);
    EXPECT_EQ(at[65], 0U);
    memory.release(at, size);
}

TEST_F(resting_memory_test, without_allocations_does_not_rest) {
    resting_memory memory;
    memory.rest();
    EXPECT_FALSE(memory.rests());
    memory.wake();
}

// Goal: the guard that other tests rely on works: a forgotten `wake` does not go unnoticed.
TEST_F(resting_memory_test, who_touches_what_rests_dies) {
    const auto touch = [] {
        resting_memory memory;
        auto* const at = static_cast<char*>(memory.allocate(10));
        memory.rest();
        *at = 1;
        std::atomic_signal_fence(std::memory_order_seq_cst);  // So that it is not left out.
    };
    const auto is_killed = [](int status) {  // A sanitizer reports and exits.
        return WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV : under_thread_sanitizer;
    };
    EXPECT_EXIT(touch(), is_killed, "");
    const auto allocate = [] {
        resting_memory memory;
        static_cast<void>(memory.allocate(10));
        memory.rest();
        static_cast<void>(memory.allocate(10));
    };
    EXPECT_DEATH(allocate(), "rests");
}

// More than address space that is kept ready; and what a thread had goes with it.
TEST_F(resting_memory_test, many_at_a_time_and_on_another_thread) {
    std::thread{[] {
        std::vector<std::unique_ptr<resting_memory>> all;
        std::vector<char*> held;
        for (int i = 0; i < 100; ++i) {
            all.push_back(std::make_unique<resting_memory>());
            held.push_back(static_cast<char*>(all.back()->allocate(5000)));
            std::memset(held.back(), i, 5000);
            all.back()->rest();
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i]->wake();
            EXPECT_EQ(held[i][4999], static_cast<char>(i));
            all[i]->release(held[i], 5000);
        }
    }}.join();
}

}  // namespace
}  // namespace ringway
