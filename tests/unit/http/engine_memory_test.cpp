#include "http/engine_memory.hpp"

#include <cstring>
#include <limits>

#include <gtest/gtest.h>

namespace ringway::http::detail {
namespace {

class engine_memory_test : public ::testing::Test {
protected:
    void* take(std::size_t size) { return calls_.malloc(size, calls_.mem_user_data); }
    void give(void* memory) { calls_.free(memory, calls_.mem_user_data); }

    engine_memory memory_{100'000};
    nghttp2_mem calls_ = *memory_.for_nghttp2();
};

TEST_F(engine_memory_test, counts_what_is_taken) {
    void* const one = take(1000);
    void* const other = take(0);
    EXPECT_GE(memory_.bytes(), 1000U);
    give(one);
    give(other);
    give(nullptr);
    EXPECT_EQ(memory_.bytes(), 0U);
}

TEST_F(engine_memory_test, takes_it_from_what_can_rest) {
    resting_memory below;
    engine_memory memory{100'000, &below};
    nghttp3_mem calls = *memory.for_nghttp3();
    auto* text = static_cast<char*>(calls.malloc(6, calls.user_data));
    std::memcpy(text, "hello", 6);
    EXPECT_EQ(below.used_bytes() > 0, resting_memory::can_rest());
    below.rest();
    below.wake();
    text = static_cast<char*>(calls.realloc(text, 7000, calls.user_data));
    EXPECT_STREQ(text, "hello");
    calls.free(text, calls.user_data);
    EXPECT_EQ(memory.bytes(), 0U);
    EXPECT_EQ(below.used_bytes(), 0U);
}

TEST_F(engine_memory_test, refuses_over_the_limit) {
    void* const most = take(99'000);
    ASSERT_NE(most, nullptr);
    EXPECT_EQ(take(2000), nullptr);
    EXPECT_EQ(take(std::numeric_limits<std::size_t>::max()), nullptr);
    memory_.allow(10'000);
    void* const more = take(2000);
    EXPECT_NE(more, nullptr);
    give(more);
    give(most);
}

TEST_F(engine_memory_test, zeroes_and_does_not_overflow) {
    auto* const text = static_cast<char*>(calls_.calloc(10, 10, calls_.mem_user_data));
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(text[i], 0);
    }
    give(text);
    EXPECT_EQ(calls_.calloc(std::numeric_limits<std::size_t>::max(), 2, calls_.mem_user_data),
              nullptr);
}

TEST_F(engine_memory_test, keeps_the_content_when_it_grows_or_shrinks) {
    auto* text = static_cast<char*>(calls_.realloc(nullptr, 10, calls_.mem_user_data));
    std::memcpy(text, "0123456789", 10);
    text = static_cast<char*>(calls_.realloc(text, 5000, calls_.mem_user_data));
    EXPECT_EQ(std::string_view(text, 10), "0123456789");
    text = static_cast<char*>(calls_.realloc(text, 5, calls_.mem_user_data));
    EXPECT_EQ(std::string_view(text, 5), "01234");
    give(text);
}

}  // namespace
}  // namespace ringway::http::detail
