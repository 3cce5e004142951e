#include "http/h3_settings.hpp"

#include <gtest/gtest.h>
#include <nghttp3/nghttp3.h>

namespace ringway::http::detail {
namespace {

constexpr h3_settings promised{1000, 4096, 100};

TEST(h3_settings, come_back_from_bytes) {
    for (const h3_settings& each : {promised, h3_settings{}, h3_settings{1, UINT64_MAX, 2}}) {
        EXPECT_EQ(read_h3_settings(to_bytes(each)), each);
    }
    auto damaged = to_bytes(promised);
    damaged.pop_back();
    EXPECT_EQ(read_h3_settings(damaged), std::nullopt);
    EXPECT_EQ(read_h3_settings({}), std::nullopt);
}

TEST(h3_settings, a_promise_may_grow) {
    EXPECT_EQ(broken_promise(promised, promised), std::nullopt);
    EXPECT_EQ(broken_promise(promised, {1001, 4096, 101}), std::nullopt);
    EXPECT_EQ(broken_promise({1000, 0, 0}, {1000, 4096, 7}), std::nullopt);
    EXPECT_EQ(broken_promise(promised, {UINT64_MAX, 4096, 100}), std::nullopt);
}

TEST(h3_settings, a_promise_may_not_shrink) {
    EXPECT_EQ(broken_promise(promised, {999, 4096, 100}), NGHTTP3_H3_SETTINGS_ERROR);
    EXPECT_EQ(broken_promise(promised, {1000, 4096, 99}), NGHTTP3_H3_SETTINGS_ERROR);
    EXPECT_EQ(broken_promise(h3_settings{}, {5, 0, 0}), NGHTTP3_H3_SETTINGS_ERROR);
    EXPECT_EQ(broken_promise(promised, {1000, 4095, 100}), NGHTTP3_QPACK_DECODER_STREAM_ERROR);
    EXPECT_EQ(broken_promise(promised, {1000, 8192, 100}), NGHTTP3_QPACK_DECODER_STREAM_ERROR);
}

}  // namespace
}  // namespace ringway::http::detail
