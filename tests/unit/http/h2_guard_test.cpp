#include "http/h2_guard.hpp"

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/h2_client.hpp"

namespace ringway::http::detail {
namespace {

using namespace std::chrono_literals;
using namespace test;
using observe::abuse_kind;

class h2_guard_test : public ::testing::Test {
protected:
    std::optional<abuse_kind> look(const std::string& text) {
        return guard_.look_at(as_bytes(text), 1s, good_);
    }
    // How often `text` may come.
    int endurance(const std::string& text) {
        int count = 0;
        while (count < 100'000 && !look(text)) {
            ++count;
        }
        return count;
    }

    h2_guard guard_{budget_limits{.points_max = 1000, .points_per_second = 1}, {}, 10'000};
    std::size_t good_ = 0;
    const bool begun_ = !look(std::string{h2::preface});
};

TEST_F(h2_guard_test, requests_cost_nothing) {
    EXPECT_EQ(endurance(h2::request(1, h2::get("/a"))), 100'000);
}

TEST_F(h2_guard_test, pings_have_an_end) {
    EXPECT_EQ(endurance(h2::ping_frame()), 50);
    EXPECT_EQ(look(h2::ping_frame()), abuse_kind::h2_control_flood);
}

TEST_F(h2_guard_test, work_pays_for_them) {
    for (int i = 0; i < 1000; ++i) {
        EXPECT_FALSE(look(h2::ping_frame()));
        guard_.served();
    }
}

// Clients with small windows open them for each frame, for the stream and for the connection.
TEST_F(h2_guard_test, frames_of_data_pay_for_opened_windows) {
    const std::string update = h2::frame(h2::window_update, 0, 1, h2::u32(256));
    for (int i = 0; i < 10'000; ++i) {
        guard_.sent(256);
        ASSERT_FALSE(look(update + update)) << i;
    }
    int count = 0;
    for (; count < 10'000 && !look(update); ++count) {
        guard_.sent(1);
    }
    EXPECT_LE(count, 500);
}

TEST_F(h2_guard_test, heads_of_reset_streams_have_an_end) {
    int count = 0;
    while (count < 1000 && guard_.late_head(1s)) {
        ++count;
    }
    EXPECT_EQ(count, 100);
}

// So that a peer whose every write ends within a frame is seen to get on.
TEST_F(h2_guard_test, knows_which_frame_is_unfinished) {
    EXPECT_FALSE(look(h2::ping_frame().substr(0, 12)));
    const std::uint64_t first = guard_.unfinished();
    EXPECT_FALSE(look(h2::ping_frame().substr(12) + h2::ping_frame().substr(0, 12)));
    EXPECT_NE(guard_.unfinished(), first);
    EXPECT_FALSE(look(h2::ping_frame().substr(12) + h2::frame(h2::headers, 0, 1, "x")));
    const std::uint64_t block = guard_.unfinished();
    EXPECT_FALSE(look(h2::frame(h2::continuation, 0, 1, "x")));
    EXPECT_EQ(guard_.unfinished(), block);
}

TEST_F(h2_guard_test, says_how_much_came_before) {
    const std::string ping = h2::ping_frame();
    std::string text;
    for (int i = 0; i < 60; ++i) {
        text += ping;
    }
    EXPECT_EQ(look(text), abuse_kind::h2_control_flood);
    EXPECT_EQ(good_, 50 * ping.size());
}

TEST_F(h2_guard_test, blocks_have_few_parts_and_few_bytes) {
    EXPECT_FALSE(look(h2::frame(h2::headers, 0, 1, "x")));
    EXPECT_EQ(endurance(h2::frame(h2::continuation, 0, 1, "x")), 8);
    h2_guard other{budget_limits{}, {}, 10'000};
    const std::string large =
        std::string{h2::preface} + h2::frame(h2::headers, 0, 1, std::string(10'001, 'x'));
    EXPECT_EQ(other.look_at(as_bytes(large), 1s, good_), abuse_kind::h2_continuation_flood);
    EXPECT_EQ(good_, h2::preface.size());
}

TEST_F(h2_guard_test, resets_have_an_end) {
    int count = 0;
    while (count < 1000 && guard_.peer_reset(1s)) {
        ++count;
    }
    EXPECT_EQ(count, 20);
    EXPECT_FALSE(guard_.made_reset(1s));
}

TEST_F(h2_guard_test, connections_of_an_address_share_a_budget) {
    budget_table table{budget_limits{.points_max = 100, .points_per_second = 0}};
    int count = 0;
    for (; count < 1000; ++count) {
        h2_guard each{budget_limits{.points_max = 100, .points_per_second = 0},
                      table.find("192.0.2.1"), 10'000};
        if (!each.peer_reset(1s)) {
            break;
        }
    }
    EXPECT_EQ(count, 20);
}

}  // namespace
}  // namespace ringway::http::detail
