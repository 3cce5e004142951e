#include "quic/conn_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>

namespace ringway::quic::detail {
namespace {

TEST(quic_conn_memory, does_what_ngtcp2_asks_for) {
    conn_memory memory;
    const ngtcp2_mem& calls = *memory.calls();
    auto* text = static_cast<char*>(calls.malloc(6, calls.user_data));
    std::memcpy(text, "hello", 6);
    text = static_cast<char*>(calls.realloc(text, 5000, calls.user_data));
    EXPECT_STREQ(text, "hello");
    text = static_cast<char*>(calls.realloc(text, 6, calls.user_data));
    EXPECT_STREQ(text, "hello");
    auto* const zeros = static_cast<char*>(calls.calloc(7, 11, calls.user_data));
    EXPECT_EQ(zeros[0], 0);
    EXPECT_EQ(zeros[76], 0);
    EXPECT_EQ(calls.calloc(SIZE_MAX / 2, 3, calls.user_data), nullptr);
    EXPECT_EQ(calls.malloc(SIZE_MAX - 3, calls.user_data), nullptr);
    calls.free(nullptr, calls.user_data);
    calls.free(zeros, calls.user_data);
    calls.free(text, calls.user_data);
    auto* const fresh = calls.realloc(nullptr, 10, calls.user_data);
    EXPECT_NE(fresh, nullptr);
    calls.free(fresh, calls.user_data);
    EXPECT_EQ(memory.resting().used_bytes(), 0U);
}

}  // namespace
}  // namespace ringway::quic::detail
