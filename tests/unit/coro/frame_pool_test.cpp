#include <ringway/coro/frame_pool.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <malloc.h>
#include <new>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/sanitizers.hpp"

namespace ringway::detail {
namespace {

// Around the ends of the classes, and on both sides of the largest size that is pooled.
constexpr std::array<std::size_t, 14> sizes{1,    8,    63,   64,     65,     128,    1000,
                                            4032, 4033, 4096, 16'320, 16'384, 16'385, 100'000};

TEST(frame_pool, gives_aligned_memory_of_every_size) {
    for (const std::size_t size : sizes) {
        for (int round = 0; round < 2; ++round) {  // New, and used before.
            void* const frame = allocate_frame(size);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(frame) % __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                      0U);
            std::memset(frame, 0x5a, size);
            free_frame(frame, size);
        }
    }
}

// Goal: what a burst took is given back, but for what the next one would begin with.
TEST(frame_pool, keeps_no_more_than_half_a_megabyte_of_a_size) {
    if (under_sanitizer) {
        GTEST_SKIP() << "a sanitizer's allocator does not tell mallinfo2(3)";
    }
    constexpr std::size_t size = 8000;
    constexpr std::size_t count = 2000;
    const auto in_use = [] { return ::mallinfo2().uordblks; };
    std::vector<void*> frames(count);
    const std::size_t before = in_use();
    std::ranges::generate(frames, [] { return allocate_frame(size); });
    EXPECT_GT(in_use(), before + count * size);
    for (void* const each : frames) {
        free_frame(each, size);
    }
    EXPECT_LT(in_use(), before + std::size_t{600} * 1024);
}

// Goal: frames that live at the same time never share memory.
TEST(frame_pool, frames_do_not_overlap) {
    std::vector<std::pair<void*, std::size_t>> frames;
    for (int round = 0; round < 20; ++round) {
        for (const std::size_t size : sizes) {
            frames.emplace_back(allocate_frame(size), size);
            std::memset(frames.back().first, static_cast<int>(frames.size() % 251), size);
        }
        if (round % 3 == 2) {  // Give some back, so that their memory is used again.
            for (int i = 0; i < 7; ++i) {
                free_frame(frames.back().first, frames.back().second);
                frames.pop_back();
            }
        }
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const auto* const bytes = static_cast<const unsigned char*>(frames[i].first);
        const auto mark = static_cast<unsigned char>((i + 1) % 251);
        EXPECT_TRUE(std::all_of(bytes, bytes + frames[i].second,
                                [=](unsigned char byte) { return byte == mark; }));
        free_frame(frames[i].first, frames[i].second);
    }
}

TEST(frame_pool, uses_the_memory_that_was_freed_last) {
    if (under_address_sanitizer) {
        GTEST_SKIP() << "not pooled under the address sanitizer";
    }
    void* const first = allocate_frame(200);
    void* const second = allocate_frame(200);
    free_frame(first, 200);
    free_frame(second, 200);
    void* const other_class = allocate_frame(300);
    EXPECT_EQ(allocate_frame(193), second);  // 193 to 256 bytes are one class.
    EXPECT_EQ(allocate_frame(256), first);
    EXPECT_NE(other_class, first);
    EXPECT_NE(other_class, second);
    free_frame(first, 200);
    free_frame(second, 200);
    free_frame(other_class, 300);
}

}  // namespace
}  // namespace ringway::detail
